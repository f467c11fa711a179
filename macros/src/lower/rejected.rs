//! A table of methods and functions of the standard library that cannot be scripted: why, and what to write instead.

const NO_WIDTH: &str = "it depends on the width of the integer, which TorchScript does not know";
const NO_REFERENCES: &str = "TorchScript has no references to places";
const NO_ORDERING: &str = "TorchScript has no `Ordering`";
const NO_CHARS: &str = "strings of TorchScript are bytes";
const NO_BITS: &str = "TorchScript has no such operation on bits";
const NO_LAZY: &str = "an iterator is a list in TorchScript";

/// Names of methods, why they cannot be scripted, and what to write instead.
const METHODS: &[(&[&str], &str, &str)] = &[
    (
        &["overflowing_add", "overflowing_sub", "overflowing_mul", "wrapping_shl", "wrapping_shr"],
        NO_WIDTH,
        "use the plain operator; integers of 64 bits wrap around in TorchScript",
    ),
    (
        &[
            "leading_zeros",
            "trailing_zeros",
            "count_ones",
            "count_zeros",
            "leading_ones",
            "trailing_ones",
            "swap_bytes",
            "reverse_bits",
            "to_bits",
            "to_be_bytes",
            "to_le_bytes",
            "to_ne_bytes",
        ],
        NO_BITS,
        "write a loop with `&` and `>>`",
    ),
    (
        &["rotate_left", "rotate_right"],
        "it depends on a width or moves a list in place",
        "build the new list with `extend_from_slice`",
    ),
    (
        &["cmp", "partial_cmp", "total_cmp", "then_with", "is_lt", "is_gt"],
        NO_ORDERING,
        "compare with `<`, `>` and `==`",
    ),
    (
        &["entry", "or_insert", "or_insert_with", "or_default", "and_modify"],
        NO_REFERENCES,
        "write `let n = map.get(&k).copied().unwrap_or(0); map.insert(k, n + 1);`",
    ),
    (
        &["get_mut", "first_mut", "last_mut", "values_mut", "split_at_mut", "chunks_mut", "split_first_mut"],
        NO_REFERENCES,
        "assign by index, as in `list[i] = value`, or by `map.insert(k, value)`",
    ),
    (&["partition"], "a value that is two lists has no type here", "fill two lists in a `for` loop"),
    (
        &["scan", "try_fold", "try_for_each", "reduce"],
        "its state has no type here",
        "write `fold` with an initial value, or a `for` loop",
    ),
    (
        &["peekable", "cycle", "by_ref", "fuse", "intersperse", "array_chunks", "next_back", "step"],
        NO_LAZY,
        "write a `for` loop over a range, and index the list",
    ),
    (&["rposition", "rfold", "nth_back"], NO_LAZY, "reverse the iterator with `rev()`"),
    (
        &["chars", "char_indices", "bytes", "as_bytes", "into_bytes", "rchars"],
        NO_CHARS,
        "slice the string, as in `&s[i..i + 1]`; `s.chars().count()` counts characters",
    ),
    (
        &["eq_ignore_ascii_case", "trim_matches", "trim_start_matches", "trim_end_matches", "char_count"],
        NO_CHARS,
        "use `to_ascii_lowercase`, `trim`, `strip_prefix` or `strip_suffix`",
    ),
    (
        &[
            "splitn",
            "rsplitn",
            "rsplit",
            "split_once",
            "rsplit_once",
            "split_terminator",
            "split_inclusive",
            "matches",
            "match_indices",
        ],
        "it is not translated",
        "use `split` or `find`, and slices of the string",
    ),
    (
        &["splice", "extract_if", "retain_mut"],
        "it moves parts of a list out of it",
        "take the parts by `list[a..b].to_vec()`, and `truncate` the list",
    ),
    (
        &["copy_from_slice", "clone_from_slice", "copy_within", "fill_with", "swap_with_slice", "clone_from"],
        NO_REFERENCES,
        "assign the elements in a `for` loop, or assign a new list",
    ),
    (
        &["binary_search", "binary_search_by", "binary_search_by_key", "partition_point"],
        "its result has no counterpart",
        "use `iter().position(|x| *x >= value)`",
    ),
    (
        &["split_first", "split_last", "first_chunk", "last_chunk"],
        "it gives an option of a pair of references",
        "match on `[first, rest @ ..]`",
    ),
    (
        &[
            "dedup_by",
            "dedup_by_key",
            "chunk_by",
            "group_by",
            "is_sorted",
            "is_sorted_by",
            "select_nth_unstable",
        ],
        "it is not translated",
        "write a `for` loop",
    ),
    (
        &["get_or_insert", "get_or_insert_with", "insert_with", "take_if"],
        NO_REFERENCES,
        "assign the variable, as in `if x.is_none() { x = Some(…); }`",
    ),
    (&["xor", "zip_with", "inspect_err", "transpose"], "it is not translated", "write a `match`"),
    (
        &[
            "lock",
            "read",
            "write",
            "try_borrow",
            "get_unchecked",
            "as_ptr",
            "as_mut_ptr",
            "upgrade",
            "downgrade",
        ],
        "TorchScript has neither cells nor pointers",
        "keep the state in a buffer, or mark the module `#[compile_mode(trace)]`",
    ),
    (
        &["spawn", "join_all", "send", "recv"],
        "TorchScript has no threads of Rust's",
        "mark the module `#[compile_mode(unsupported)]`",
    ),
    (
        &[
            "into_boxed_slice",
            "into_boxed_str",
            "leak",
            "shrink_to_fit",
            "reserve",
            "capacity",
            "as_any",
            "type_id",
            "hash",
        ],
        "it says something about memory or types, which TorchScript hides",
        "leave it out",
    ),
    (
        &[
            "from_str_radix",
            "to_digit",
            "is_alphabetic",
            "is_numeric",
            "is_ascii_digit",
            "is_whitespace",
            "is_char_boundary",
        ],
        NO_CHARS,
        "compare with the texts that are meant",
    ),
];

/// Why a method cannot be scripted, and what to write instead.
pub fn method(name: &str) -> Option<(&'static str, &'static str)> {
    METHODS.iter().find(|(names, ..)| names.contains(&name)).map(|(_, why, help)| (*why, *help))
}

/// Why a function of the standard library cannot be scripted, and what to write instead.
pub fn function(path: &[&str]) -> Option<(&'static str, &'static str)> {
    let [.., ty, name] = path else { return None };
    Some(match (*ty, *name) {
        ("HashSet" | "BTreeSet", _) => ("TorchScript has no sets", "use a `HashMap` to `bool`"),
        ("VecDeque" | "BinaryHeap" | "LinkedList", _) => {
            ("TorchScript has lists and maps only", "use a `Vec`")
        }
        ("Rc" | "Arc" | "Cell" | "RefCell" | "Mutex" | "RwLock" | "OnceCell", _) => (
            "TorchScript has neither cells nor pointers",
            "use the value itself; state that changes belongs into a buffer",
        ),
        ("Instant" | "SystemTime" | "Duration" | "thread" | "fs" | "env" | "process" | "io", _) => (
            "TorchScript knows nothing of the operating system",
            "do it outside of the module, and pass what it gives as an argument",
        ),
        ("iter", _) => ("iterators are lists in TorchScript", "write a `for` loop over a range"),
        _ => return None,
    })
}
