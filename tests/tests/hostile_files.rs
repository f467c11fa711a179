//! Files that are damaged, or made to harm: each is refused with a message that says why, in a process of its own that
//! lives on.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use fuzz_files::archive::{Archive, File};
use fuzz_files::opcodes;
use tch_jit::{Error, LoadOptions, ScriptModule};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden");

fn golden(name: &str) -> Archive {
    Archive::read(&fs::read(format!("{GOLDEN}/{name}.pt")).unwrap()).unwrap()
}

/// Files, with what has to come of each: that it is loaded, or refused with a message that holds a text.
#[derive(Default)]
struct Cases(Vec<(Vec<u8>, Option<String>)>);

impl Cases {
    fn refused(&mut self, bytes: &[u8], why: &str) {
        self.0.push((bytes.to_vec(), Some(why.to_owned())));
    }

    fn refused_archive(&mut self, archive: &Archive, why: &str) {
        self.refused(&archive.write().unwrap(), why);
    }

    fn loaded(&mut self, archive: &Archive) {
        self.0.push((archive.write().unwrap(), None));
    }

    /// Loads all in one process, and looks at all that they hold.
    #[track_caller]
    fn run(self) {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_try_file"));
        for (i, (bytes, _)) in self.0.iter().enumerate() {
            let path = folder.path().join(i.to_string());
            fs::write(&path, bytes).unwrap();
            command.arg(path);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let outcomes: Vec<String> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut faults = vec![];
        for (i, (_, why)) in self.0.iter().enumerate() {
            let Some(outcome) = outcomes.get(i) else {
                faults.push(format!("case {i} ends the process, {}: {why:?}", output.status));
                break;
            };
            let is_right = match why {
                Some(why) => outcome.starts_with("refused: ") && outcome.contains(why),
                None => outcome == "loaded",
            };
            if !is_right {
                faults.push(format!("case {i}: {why:?} is wanted, and there is: {outcome}"));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert!(output.status.success(), "{}", output.status);
    }
}

/// Changes a file of an archive.
fn with(name: &str, file: &str, change: impl FnOnce(&mut Vec<u8>)) -> Archive {
    let mut archive = golden(name);
    change(archive.contents(file).unwrap());
    archive
}

/// Replaces the data of an archive by a pickle of these opcodes.
fn with_data(opcodes: &[&[u8]]) -> Archive {
    with("tch-jit/cell", "data.pkl", |data| *data = [&[&[0x80, 2][..]], opcodes].concat().concat())
}

#[test]
fn what_is_whole_is_loaded() {
    let mut cases = Cases::default();
    for name in ["tch-jit/cell", "pytorch/attributes", "pytorch/sparse"] {
        let mut archive = golden(name);
        cases.loaded(&archive);
        // Another program compressed it.
        for file in &mut archive.files {
            file.is_compressed = true;
        }
        cases.loaded(&archive);
    }
    cases.run();
}

#[test]
fn records_shorter_than_their_tensors() {
    let mut cases = Cases::default();
    for len in [0, 1, 35] {
        let short = with("tch-jit/cell", "data/0", |data| data.truncate(len));
        cases.refused_archive(&short, &format!("the record `data/0` holds {len} bytes, and 36 are needed"));
    }
    let mut missing = golden("tch-jit/cell");
    missing.files.retain(|it| !it.name.ends_with("/data/1"));
    cases.refused_archive(&missing, "the record `data/1`, which is missing");
    let longer = with("tch-jit/cell", "data/0", |data| data.extend([0; 100]));
    cases.loaded(&longer);
    cases.run();
}

#[test]
fn contents_that_changed_on_the_disk() {
    let mut cases = Cases::default();
    let bytes = fs::read(format!("{GOLDEN}/tch-jit/cell.pt")).unwrap();
    let mut archive = golden("tch-jit/cell");
    let weights = archive.contents("data/0").unwrap().clone();
    let at = bytes.windows(weights.len()).position(|it| it == weights).unwrap();
    let mut changed = bytes.clone();
    changed[at + 3] ^= 1;
    cases.refused(&changed, "the contents of `data/0` are not those that were written");
    for len in (0..bytes.len()).step_by(97) {
        cases.refused(&bytes[..len], "");
    }
    cases.run();
}

/// Each number in the pickle of a module is replaced by others; each result is an error, or a module whose tensors can
/// be read.
#[test]
fn sizes_strides_and_offsets() {
    for name in ["tch-jit/cell", "pytorch/views"] {
        let data = golden(name).contents("data.pkl").unwrap().clone();
        let all = opcodes::split(&data);
        let folder = tempfile::tempdir().unwrap();
        let mut outcomes = vec![];
        for at in (0..all.len()).filter(|&at| opcodes::is_int(&all[at])) {
            for number in [-1, 0, 5, 1 << 40, i64::MAX] {
                let mut changed = all.clone();
                changed[at] = opcodes::int(number);
                let archive = with(name, "data.pkl", |it| *it = changed.concat());
                fs::write(folder.path().join("file.pt"), archive.write().unwrap()).unwrap();
                let loaded = ScriptModule::load(folder.path().join("file.pt"));
                outcomes.push(loaded.map(|module| {
                    for (_, tensor) in module.named_parameters().iter().chain(&module.named_buffers()) {
                        // What is expanded has many elements, and few that are stored.
                        if tensor.numel() < 1 << 20 {
                            let _ = tensor.copy();
                        }
                    }
                }));
            }
        }
        let errors: Vec<String> =
            outcomes.iter().filter_map(|it| Some(it.as_ref().err()?.to_string())).collect();
        assert!(errors.len() > outcomes.len() / 2, "{errors:?}");
        for why in ["reaches beyond its storage", "negative size", "are needed for"] {
            assert!(errors.iter().any(|it| it.contains(why)), "no error says `{why}`: {errors:?}");
        }
    }
}

#[test]
fn numbers_of_other_machines() {
    let mut cases = Cases::default();
    for order in ["big", "", "middle"] {
        let archive = with("tch-jit/cell", "byteorder", |it| *it = order.as_bytes().to_vec());
        cases.refused_archive(&archive, "in another order of bytes");
    }
    let on = |device: &str| {
        with("tch-jit/cell", "data.pkl", |data| {
            let mut all = opcodes::split(data);
            for text in all.iter_mut().filter(|it| **it == opcodes::text(b"cpu")) {
                *text = opcodes::text(device.as_bytes());
            }
            *data = all.concat();
        })
    };
    cases.loaded(&on("meta"));
    cases.refused_archive(
        &on("mps"),
        "help: tensors in it were on mps; say where they go: `LoadOptions::device`",
    );
    for device in ["", "tpu", "cpu:-1", "cuda:99999999999"] {
        cases.refused_archive(&on(device), "`LoadOptions::device`");
    }
    cases.run();
    let bytes = on("cuda:0").write().unwrap();
    LoadOptions::new().device(tch::Device::Cpu).load_from_reader(&bytes[..]).unwrap();
}

#[test]
fn bombs() {
    let mut cases = Cases::default();
    let file = |contents: Vec<u8>| File { name: "archive/extra/bomb".into(), contents, is_compressed: true };
    let mut bomb = golden("tch-jit/cell");
    bomb.files.push(file(vec![0; 200 << 20]));
    cases.refused_archive(&bomb, "unpacked, it takes more than 67108864 bytes\nhelp: if you trust it");
    // An archive in an archive is bytes.
    let inner = bomb.write().unwrap();
    let mut outer = golden("tch-jit/cell");
    outer.files.push(file(inner));
    cases.loaded(&outer);
    // Sizes that a directory states, of what is not there.
    let bytes = golden("tch-jit/cell").write().unwrap();
    let entry = bytes.windows(4).rposition(|it| it == b"PK\x01\x02").unwrap();
    for size in [1 << 20, u32::MAX - 1] {
        let mut large = bytes.clone();
        large[entry + 24..entry + 28].copy_from_slice(&u32::to_le_bytes(size));
        cases.refused(&large, "");
    }
    // One record that is read for each of many tensors.
    let mut many = with("tch-jit/cell", "data/0", |data| *data = vec![0; 8 << 20]);
    let storage = [
        &b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpu"[..],
        &opcodes::int(2 << 20),
        b"tQ",
    ];
    let pickle = [&[0x80, 2, b'('][..], &storage.concat().repeat(100), b"t."].concat();
    *many.contents("data.pkl").unwrap() = pickle;
    cases.refused_archive(&many, "its tensors take more than");
    cases.run();
}

#[test]
fn names_of_records() {
    let mut cases = Cases::default();
    let named = |name: &str| {
        let mut archive = golden("tch-jit/cell");
        archive.files.push(File { name: name.into(), contents: vec![1], is_compressed: false });
        archive
    };
    cases.refused_archive(&named("archive/data.pkl"), "it holds `archive/data.pkl` twice");
    cases.refused_archive(&named("archive/DATA.pkl"), "it holds `archive/DATA.pkl` twice");
    cases.refused_archive(
        &named("archive/../../etc/passwd"),
        "a file with the name \"archive/../../etc/passwd\"",
    );
    cases.refused_archive(&named("/archive/x"), "a file with the name \"/archive/x\"");
    cases.refused_archive(&named("archive\\x"), "a file with the name");
    cases.refused_archive(&named("archive/a\0b"), "a file with the name");
    cases.refused_archive(&named(&format!("archive/{}", "x".repeat(600))), "a file with the name");
    cases.refused_archive(&named("other/x"), "`other/x` is in another folder");
    cases.refused_archive(&named("x"), "`x` is in no folder");
    cases.run();
}

#[test]
fn pickles_of_another_kind() {
    let mut cases = Cases::default();
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let command = format!("touch {}", trace.display());
    for name in ["os\nsystem", "posix\nsystem", "builtins\neval", "subprocess\ncheck_output", "torch\nload"] {
        let call = format!("c{name}\n");
        let data = with_data(&[call.as_bytes(), &opcodes::text(command.as_bytes()), b"\x85R."]);
        cases.refused_archive(
            &data,
            &format!("it names `{}`, which is no part of TorchScript", name.replace('\n', ".")),
        );
        let mut constants = golden("tch-jit/cell");
        *constants.contents("constants.pkl").unwrap() = [&[0x80, 2][..], call.as_bytes(), b")R."].concat();
        cases.refused_archive(&constants, "`constants.pkl`, at byte");
    }
    cases.run();
    assert!(!trace.exists());
}

#[test]
fn pickles_that_no_program_writes() {
    let mut cases = Cases::default();
    let deep = b"(".repeat(100_000);
    let deep_end = b"t".repeat(100_000);
    let shared: Vec<u8> = (0..60u8).flat_map(|i| [b'h', i, b'h', i, 0x86, b'q', i + 1]).collect();
    let large = [&b"X"[..], &u32::MAX.to_le_bytes()].concat();
    let memo = [&b"Nr"[..], &u32::MAX.to_le_bytes()].concat();
    let pickles: [(&[&[u8]], &str); 20] = [
        (&[b""], "it ends too early"),
        (&[b"."], "it ends with 0 values"),
        (&[b"NN."], "it ends with 2 values"),
        (&[b"t."], "there is no mark"),
        (&[b"N\x86."], "the stack is empty"),
        (&[b"N(\x86."], "the stack is empty"),
        (&[b"}(Nu."], "a key has no value"),
        (&[b"(Nd."], "a key has no value"),
        (&[b"N(NNu."], "entries are put into none"),
        (&[b"}(Ne."], "values are appended to a dictionary"),
        (&[b"K\x00NR."], "an integer is called"),
        (&[b"NNb."], "none is given a state"),
        (&[b"h\x07."], "the memo holds nothing at 7"),
        (&[&memo, b"."], "the memo has no place 4294967295"),
        (&[&large, b"."], "it ends too early"),
        (&[b"c__torch__\nNet"], "a name does not end"),
        (&[&[0x8a, 1, 0], b"."], "an integer has not 8 bytes"),
        (&[b"]q\x00(h\x00e."], "a value holds itself"),
        (&[&deep, &deep_end, b"."], "nested more than 256 levels deep"),
        (&[b"I1\n."], "the opcode 0x49 is unknown"),
    ];
    for (opcodes, why) in pickles {
        cases.refused_archive(&with_data(opcodes), why);
    }
    // Sixty tuples, each twice in the next, are 2^60 values.
    let laughs = [&b"("[..], b"Nq\x00", &shared, b"t."].concat();
    cases.refused_archive(&with_data(&[&laughs]), "more than 50000000 values");
    cases.refused_archive(&with("tch-jit/cell", "data.pkl", |it| it[1] = 4), "protocol 2");
    cases.run();
}

/// The interpreter takes the types for granted that the code declares.
#[test]
fn values_of_other_types_than_declared() {
    let declared = |name: &str, from: &str, to: &str| {
        with(name, "code/__torch__.py", |code| {
            let text = String::from_utf8(code.clone()).unwrap();
            assert!(text.contains(from), "{text}");
            *code = text.replace(from, to).into_bytes();
        })
    };
    let mut cases = Cases::default();
    for (from, to, at) in [
        ("numbers : List[int]", "numbers : Tuple[int, int]", "numbers"),
        ("numbers : List[int]", "numbers : List[Tuple[int, int]]", "numbers"),
        ("names : Dict[str, float]", "names : Dict[str, Tuple[int, int]]", "names"),
        (
            "nested : List[Tuple[int, Optional[Tensor]]]",
            "nested : List[Tuple[int, Optional[Tensor], int]]",
            "nested",
        ),
        ("text : str", "text : Tensor", "text"),
        ("text : str", "text : Union[Tensor, List[str]]", "text"),
        ("flags : List[bool]", "flags : List[Optional[Tensor]]", "flags"),
    ] {
        // Where the code uses the attribute, it does not compile.
        cases.refused_archive(&declared("pytorch/attributes", from, to), at);
    }
    let unused = declared(
        "pytorch/attributes",
        "  flags : List[bool]\n",
        "  flags : List[bool]\n  extra : Tuple[int, int]\n",
    );
    cases.refused_archive(&unused, "");
    // What `__setstate__` gets: a pair in a pair instead of three.
    let state = with("pytorch/state", "data.pkl", |data| {
        let mut all = opcodes::split(data);
        let end = all.iter().rposition(|it| it[0] == 0x87).unwrap();
        all.splice(end..=end, [vec![0x86], vec![0x86]]);
        *data = all.concat();
    });
    cases.refused_archive(&state, "do not have the types that its code declares");
    cases.run();
}

#[test]
fn versions() {
    let mut cases = Cases::default();
    for version in ["999999", "-1", "", "x", "100000000000000000000000000000", "0"] {
        let archive = with("tch-jit/cell", "version", |it| *it = version.as_bytes().to_vec());
        cases.refused_archive(&archive, "");
    }
    let mut metas = golden("tch-jit/cell");
    *metas.contents("extra/tch_jit.json").unwrap() = b"{\"modules\": 3}".to_vec();
    cases.refused_archive(&metas, "help: load it with the tch-jit that wrote it");
    cases.run();
}

#[test]
fn hostile_code() {
    let mut cases = Cases::default();
    let code = "code/__torch__/write_golden.py";
    let with_line = |line: &str| {
        with("tch-jit/cell", code, |it| {
            let text = String::from_utf8(it.clone()).unwrap();
            *it = text.replacen("-> Tensor:\n", &format!("-> Tensor:\n    {line}\n"), 1).into_bytes();
        })
    };
    for each in ["(", "[", "not ", "-", "x + ", "f(", "List[", "x if True else "] {
        cases.refused_archive(
            &with_line(&format!("y = {}", each.repeat(100_000))),
            "levels deep, more than 1000",
        );
        cases.refused_archive(&with_line(&format!("y = {}", each.repeat(300))), "");
    }
    for line in
        ["y = 9".to_owned() + &"9".repeat(400), "y = \"\\x\"".into(), "y = \u{0}".into(), "y = 'a\nb'".into()]
    {
        cases.refused_archive(&with_line(&line), "");
    }
    for line in ["y : Optional[] = None", "y = x[]", "y = annotate(List[], [])"] {
        cases.refused_archive(&with_line(line), "there is nothing between `[` and `]`");
    }
    for garbage in [
        &b""[..],
        b"\xff\xfe",
        b"class",
        b"class Cell(Module):",
        b"import os\nos.system('true')\n",
        b"def f(",
    ] {
        let archive = with("tch-jit/cell", code, |it| *it = garbage.to_vec());
        cases.refused_archive(&archive, "");
    }
    let methods: String = (0..2000)
        .map(|i| {
            format!("  def m{i}(self: __torch__.write_golden.Cell) -> int:\n    return self.m{}()\n", i + 1)
        })
        .collect();
    let last = "  def m2000(self: __torch__.write_golden.Cell) -> int:\n    return 1\n";
    let methods = with("tch-jit/cell", code, |it| {
        let text = String::from_utf8(it.clone()).unwrap();
        *it = text.replacen("  def forward", &format!("{methods}{last}  def forward"), 1).into_bytes();
    });
    cases.refused_archive(&methods, "call each other more than 256 levels deep");
    cases.run();
}

/// libtorch's operators can write and read files, also while a module is loaded.
#[test]
fn code_that_reaches_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("written");
    let write = format!("ops.aten.save(1, \"{}\")", path.display());
    let mut cases = Cases::default();
    for (name, file, after) in [
        ("tch-jit/cell", "code/__torch__/write_golden.py", "-> Tensor:\n"),
        ("pytorch/state", "code/__torch__.py", "-> NoneType:\n"),
    ] {
        for (line, operator) in [
            (write.as_str(), "aten::save"),
            (
                "print(ops.inductor._reinterpret_tensor(torch.zeros([1]), [9], [1], 0))",
                "inductor::_reinterpret_tensor",
            ),
        ] {
            let archive = with(name, file, |code| {
                let text = String::from_utf8(code.clone()).unwrap();
                *code = text.replacen(after, &format!("{after}    {line}\n"), 1).into_bytes();
            });
            cases.refused_archive(&archive, &format!("its code calls `{operator}`"));
            if operator == "aten::save" && name == "pytorch/state" {
                let bytes = archive.write().unwrap();
                assert!(!path.exists(), "nothing was written yet");
                LoadOptions::new().trusted(true).load_from_reader(&bytes[..]).unwrap();
                assert!(path.exists(), "what is trusted writes while it is loaded");
                fs::remove_file(&path).unwrap();
            }
        }
    }
    // Whether memory is shared with a file may be known only when the code runs.
    let sharing = |name: &str, file: &str, after: &str| {
        let line = format!("print(torch.from_file(\"{}\", True, 1))", path.display());
        with(name, file, |code| {
            let text = String::from_utf8(code.clone()).unwrap();
            *code = text.replacen(after, &format!("{after}    {line}\n"), 1).into_bytes();
        })
    };
    let loads = sharing("pytorch/state", "code/__torch__.py", "-> NoneType:\n");
    cases.refused_archive(&loads, "help: if you trust the file, say so: `LoadOptions::trusted`");
    cases.run();
    let called = sharing("tch-jit/cell", "code/__torch__/write_golden.py", "-> Tensor:\n").write().unwrap();
    let call = |options: LoadOptions| {
        let (module, _) = options.load_from_reader(&called[..]).unwrap();
        module.forward(&[tch::IValue::Tensor(tch::Tensor::ones([3], tch::kind::FLOAT_CPU))]).map(|_| ())
    };
    let error = call(LoadOptions::new()).unwrap_err().to_string();
    assert!(error.contains("its code shares memory with a file"), "{error}");
    assert!(!path.exists());
    call(LoadOptions::new().trusted(true)).unwrap();
    assert!(path.exists(), "what is trusted makes the file");
}

/// Text that no compiled module holds, in a thread whose stack is small.
#[test]
fn hostile_text() {
    let compile = |source: String| {
        let compiled =
            move || tch_jit::compile_source(&source).map(|_| ()).map_err(|error| error.to_string());
        std::thread::Builder::new().stack_size(1 << 20).spawn(compiled).unwrap().join().unwrap()
    };
    let refused = |source: &str, why: &str| {
        let error = compile(source.to_owned()).unwrap_err();
        assert!(error.contains(why), "{error}");
    };
    refused("def f(x: Optional[]):\n  return x", "in line 1, there is nothing between `[` and `]`");
    refused(&format!("def f(x: int):\n  return {}x", "-".repeat(100_000)), "levels deep, more than 1000");
    refused(
        &format!("def f():\n  return {}1{}", "(".repeat(5000), ")".repeat(5000)),
        "levels deep, more than 1000",
    );
    refused("def f(", "");
    let chain = |n: usize| {
        let functions = (0..n).map(|i| format!("def f{i}(x: int) -> int:\n  return f{}(x)\n", i + 1));
        functions.collect::<String>() + &format!("def f{n}(x: int) -> int:\n  return x\n")
    };
    compile(chain(200)).unwrap();
    refused(&chain(2000), "call each other more than 256 levels deep");
}

#[test]
fn other_formats() {
    let mut cases = Cases::default();
    let mut legacy = golden("tch-jit/cell");
    legacy.files.push(File {
        name: "archive/model.json".into(),
        contents: b"{}".to_vec(),
        is_compressed: false,
    });
    cases.refused_archive(&legacy, "its format is older than PyTorch 1.4");
    let mut data = golden("tch-jit/cell");
    data.files.retain(|it| !it.name.ends_with("constants.pkl"));
    cases.refused_archive(&data, "use `torch.jit.save`");
    cases.refused(b"\0\0\0\0PTMF\0\0\0\0\0\0", "flatbuffer");
    cases.refused(b"\x80\x02}q\0.", "it is no zip archive");
    cases.refused(b"", "it is no zip archive");
    cases.run();
}

#[test]
fn special_files() {
    let load = |path: &Path| ScriptModule::load(path).unwrap_err().to_string();
    let folder = tempfile::tempdir().unwrap();
    assert!(load(folder.path()).contains("it is a directory"));
    assert!(load(&folder.path().join("missing")).contains("No such file"));
    #[cfg(unix)]
    {
        assert!(load(Path::new("/dev/zero")).contains("it is a device, a pipe or a socket"));
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(load(&pipe).contains("help: read a stream with `load_from_reader`"));
        let socket = folder.path().join("socket");
        let _socket = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(load(&socket).contains("it is a device, a pipe or a socket"));
    }
}

#[test]
fn limits_that_the_caller_sets() {
    let path = format!("{GOLDEN}/tch-jit/cell.pt");
    let len = fs::metadata(&path).unwrap().len();
    let small = LoadOptions::new().max_bytes(len - 1);
    assert!(
        small.load(&path).unwrap_err().to_string().contains(&format!("it has more than {} bytes", len - 1))
    );
    assert!(LoadOptions::new().max_bytes(len).load(&path).is_ok());
    assert!(
        small.load_from_reader(std::io::repeat(b'P')).unwrap_err().to_string().contains("it has more than")
    );
    // A program that does not end.
    let endless = with("pytorch/state", "code/__torch__.py", |code| {
        let text = String::from_utf8(code.clone()).unwrap();
        let at = text.find(") -> NoneType:\n").unwrap() + ") -> NoneType:\n".len();
        *code =
            format!("{}    i = 0\n    while True:\n      i = 1\n{}", &text[..at], &text[at..]).into_bytes();
    });
    let started = std::time::Instant::now();
    let endless = endless.write().unwrap();
    let error =
        LoadOptions::new().time_limit(Duration::from_millis(200)).load_from_reader(&endless[..]).unwrap_err();
    assert!(matches!(&error, Error::File { action: "load", .. }), "{error}");
    assert!(error.to_string().contains("it takes longer than 200ms\nhelp: if you trust it"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(60), "the caller waits no longer");
}
