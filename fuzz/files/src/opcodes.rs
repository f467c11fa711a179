//! A pickle as a list of opcodes.

/// An opcode and its argument.
pub type Opcode = Vec<u8>;

/// Takes a pickle apart; what is no opcode becomes one of a byte.
pub fn split(pickle: &[u8]) -> Vec<Opcode> {
    let mut rest = pickle;
    let mut opcodes = vec![];
    while !rest.is_empty() {
        let len = length(rest).clamp(1, rest.len());
        let (opcode, after) = rest.split_at(len);
        opcodes.push(opcode.to_vec());
        rest = after;
    }
    opcodes
}

fn length(rest: &[u8]) -> usize {
    let number = |at: usize| {
        rest.get(at..at + 4).map_or(0, |it| u32::from_le_bytes(it.try_into().unwrap_or_default()))
    };
    let line =
        |from: usize| rest[from..].iter().position(|&it| it == b'\n').map_or(rest.len(), |it| from + it + 1);
    match rest[0] {
        0x80 | b'K' | b'q' | b'h' => 2,
        b'M' => 3,
        b'J' | b'r' | b'j' => 5,
        b'G' => 9,
        0x8a => 10,
        b'X' => 5 + number(1) as usize,
        b'c' => {
            let module = line(1);
            if module < rest.len() { line(module) } else { module }
        }
        _ => 1,
    }
}

/// The opcode of an integer.
pub fn int(value: i64) -> Opcode {
    [&[0x8a, 8][..], &value.to_le_bytes()].concat()
}

/// Whether it is the opcode of an integer.
pub fn is_int(opcode: &[u8]) -> bool {
    matches!(opcode[0], b'K' | b'M' | b'J' | 0x8a)
}

/// The opcode of a text.
pub fn text(value: &[u8]) -> Opcode {
    let len = u32::try_from(value.len()).unwrap_or(u32::MAX);
    [&b"X"[..], &len.to_le_bytes(), value].concat()
}
