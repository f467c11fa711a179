//! Changes of archives, at random: of their bytes, of their files, of pickles and of code. The check sums of all but the
//! first are right, so that what lies behind them is reached.

use anyhow::Result;
use rand::Rng;
use rand::seq::SliceRandom;

use crate::archive::{Archive, File};
use crate::opcodes;

/// Numbers that sizes, strides, offsets and indices are replaced by.
const NUMBERS: [i64; 16] =
    [0, 1, 2, 3, 7, 255, 256, 65_536, -1, -2, 1 << 31, -(1 << 31), 1 << 40, 1 << 62, i64::MAX, i64::MIN];

/// Opcodes without arguments that libtorch knows, and some that it does not.
const OPCODES: &[u8] = b"(N\x88\x89)]}tlesudR\x81bQ.\x85\x86\x87a0I";

/// Names that libtorch's reader knows.
const GLOBALS: [&str; 16] = [
    "torch\nFloatStorage",
    "torch\nDoubleStorage",
    "torch\nComplexDoubleStorage",
    "torch\nQInt8Storage",
    "torch\nper_tensor_affine",
    "torch\nper_channel_affine",
    "torch\ndevice",
    "torch._utils\n_rebuild_tensor_v2",
    "torch._utils\n_rebuild_qtensor",
    "torch._utils\n_rebuild_sparse_tensor",
    "torch._tensor\n_rebuild_from_type_v2",
    "torch.jit._pickle\nrestore_type_tag",
    "torch.jit._pickle\nbuild_intlist",
    "torch.jit._pickle\nbuild_tensor_from_id",
    "collections\nOrderedDict",
    "os\nsystem",
];

const TYPES: [&str; 10] = [
    "Tensor",
    "int",
    "Tuple[int, int]",
    "Tuple[Tuple[int, int], str]",
    "List[Tuple[int, int]]",
    "Dict[str, Tensor]",
    "Optional[Tensor]",
    "Any",
    "List[str]",
    "Union[int, Tuple[int, int]]",
];

/// A changed archive; `others` lend their parts.
///
/// # Errors
///
/// Where the format of archives has no place for what came out.
pub fn mutate(random: &mut impl Rng, archive: &[u8], others: &[Vec<u8>]) -> Result<Vec<u8>> {
    if random.gen_bool(0.1) {
        return Ok(bytes(random, archive.to_vec()));
    }
    let mut parts = Archive::read(archive)?;
    for _ in 0..*[1, 1, 1, 2, 3, 8].choose(random).unwrap_or(&1) {
        match random.gen_range(0..10) {
            0 => files(random, &mut parts, others)?,
            1..=4 => each(random, &mut parts, ".pkl", pickle),
            5 => each(random, &mut parts, ".debug_pkl", pickle),
            6..=8 => each(random, &mut parts, ".py", code),
            _ => each(random, &mut parts, "", bytes),
        }
    }
    let mut written = parts.write()?;
    if random.gen_bool(0.05) {
        written = bytes(random, written);
    }
    Ok(written)
}

/// Changes one of the files whose names end so.
fn each<R: Rng>(
    random: &mut R,
    archive: &mut Archive,
    end: &str,
    change: impl FnOnce(&mut R, Vec<u8>) -> Vec<u8>,
) {
    let mut these: Vec<&mut File> = archive.files.iter_mut().filter(|it| it.name.ends_with(end)).collect();
    if let Some(file) = these.choose_mut(random) {
        file.contents = change(random, std::mem::take(&mut file.contents));
    }
}

fn bytes<R: Rng>(random: &mut R, mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.is_empty() {
        return vec![random.r#gen()];
    }
    for _ in 0..*[1, 1, 2, 4, 16].choose(random).unwrap_or(&1) {
        let at = random.gen_range(0..bytes.len());
        match random.gen_range(0..5) {
            0 => bytes.truncate(at.max(1)),
            1 => bytes[at] ^= 1 << random.gen_range(0..8),
            2 => bytes[at] = random.r#gen(),
            3 => bytes.insert(at, random.r#gen()),
            _ => {
                let end = (at + random.gen_range(1..64)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                let to = random.gen_range(0..=bytes.len());
                bytes.splice(to..to, part);
            }
        }
    }
    bytes
}

fn files<R: Rng>(random: &mut R, archive: &mut Archive, others: &[Vec<u8>]) -> Result<()> {
    if archive.files.is_empty() {
        return Ok(());
    }
    let at = random.gen_range(0..archive.files.len());
    match random.gen_range(0..8) {
        0 => drop(archive.files.remove(at)),
        1 => {
            let file = archive.files[at].clone();
            archive.files.push(file);
        }
        2 => {
            let other = random.gen_range(0..archive.files.len());
            let contents = archive.files[other].contents.clone();
            archive.files[at].contents = contents;
        }
        3 => {
            let len = archive.files[at].contents.len();
            archive.files[at].contents.truncate(random.gen_range(0..=len));
        }
        4 => archive.files[at].contents.extend(std::iter::repeat_n(0, random.gen_range(1..5000))),
        5 => archive.files[at].is_compressed ^= true,
        6 => {
            let names = [
                "archive/../data/0",
                "/data/0",
                "archive/DATA.pkl",
                "other/data.pkl",
                "data.pkl",
                "archive/model.json",
            ];
            archive.files[at].name = (*names.choose(random).unwrap_or(&"x")).to_owned();
        }
        _ => {
            let Some(other) = others.choose(random) else { return Ok(()) };
            let other = Archive::read(other)?;
            let name = &archive.files[at].name;
            let same = other
                .files
                .iter()
                .find(|it| it.name.split_once('/').map(|it| it.1) == name.split_once('/').map(|it| it.1));
            if let Some(same) = same {
                archive.files[at].contents.clone_from(&same.contents);
            }
        }
    }
    Ok(())
}

fn pickle<R: Rng>(random: &mut R, pickle: Vec<u8>) -> Vec<u8> {
    let mut all = opcodes::split(&pickle);
    for _ in 0..*[1, 1, 2, 4].choose(random).unwrap_or(&1) {
        if all.is_empty() {
            break;
        }
        let at = random.gen_range(0..all.len());
        match random.gen_range(0..9) {
            0 => drop(all.remove(at)),
            1 => {
                let opcode = all[at].clone();
                all.insert(at, opcode);
            }
            2 => {
                let other = random.gen_range(0..all.len());
                all.swap(at, other);
            }
            3 => all.insert(at, vec![*OPCODES.choose(random).unwrap_or(&b'N')]),
            4 | 5 => {
                // Sizes, strides, offsets: the next number from here.
                if let Some(int) = all[at..].iter_mut().find(|it| opcodes::is_int(it)) {
                    *int = opcodes::int(*NUMBERS.choose(random).unwrap_or(&0));
                }
            }
            6 => {
                if let Some(global) = all[at..].iter_mut().find(|it| it[0] == b'c') {
                    *global = format!("c{}\n", GLOBALS.choose(random).unwrap_or(&"os\nsystem")).into_bytes();
                }
            }
            7 => {
                if let Some(text) = all[at..].iter_mut().find(|it| it[0] == b'X') {
                    *text = opcodes::text(TYPES.choose(random).unwrap_or(&"int").as_bytes());
                }
            }
            _ => {
                let memo = [b'q', b'h'].choose(random).copied().unwrap_or(b'h');
                all.insert(at, vec![memo, random.gen_range(0..32)]);
            }
        }
    }
    all.concat()
}

fn code<R: Rng>(random: &mut R, code: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&code).into_owned();
    let mut tokens = tokens(&text);
    for _ in 0..*[1, 1, 2, 5].choose(random).unwrap_or(&1) {
        if tokens.is_empty() {
            break;
        }
        let at = random.gen_range(0..tokens.len());
        let other = random.gen_range(0..tokens.len());
        match random.gen_range(0..8) {
            0 => drop(tokens.remove(at)),
            1 => {
                let token = tokens[at].clone();
                tokens.insert(other, token);
            }
            2 => tokens.swap(at, other),
            3 => {
                if let Some(number) =
                    tokens[at..].iter_mut().find(|it| it.starts_with(|c: char| c.is_ascii_digit()))
                {
                    *number = NUMBERS.choose(random).unwrap_or(&0).to_string();
                }
            }
            4 | 5 => {
                if let Some(ty) = tokens[at..]
                    .iter_mut()
                    .find(|it| matches!(it.as_str(), "Tensor" | "int" | "str" | "float"))
                {
                    *ty = (*TYPES.choose(random).unwrap_or(&"int")).to_owned();
                }
            }
            6 => {
                let depth = *[10, 1_000, 30_000].choose(random).unwrap_or(&10);
                let each = *["(", "[", "-", "not ", "a.", "List[", "x + "].choose(random).unwrap_or(&"(");
                tokens.insert(at, each.repeat(depth));
            }
            _ => {
                let end = (at + random.gen_range(1..40)).min(tokens.len());
                let part = tokens[at..end].to_vec();
                tokens.splice(other..other, part);
            }
        }
    }
    tokens.concat().into_bytes()
}

/// Words, and the rest character by character.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = vec![];
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    for character in text.chars() {
        match tokens.last_mut() {
            Some(last) if is_word(character) && last.ends_with(is_word) => last.push(character),
            _ => tokens.push(character.to_string()),
        }
    }
    tokens
}
