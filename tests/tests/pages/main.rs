//! Pages of `docs/` whose code is compiled and run: each block of Rust is in the test file, and what the page shows as
//! output is what the code prints.

mod jit;
mod torchscript;

use std::path::Path;

/// A page.
struct Page {
    name: &'static str,
    text: String,
}

impl Page {
    fn read(name: &'static str) -> Page {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Page { name, text }
    }

    /// The contents of fenced blocks that begin with this.
    fn blocks(&self, language: &str) -> Vec<&str> {
        let fenced = self.text.split("```").skip(1).step_by(2);
        fenced.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
    }

    /// All blocks of Rust are in the test file, whatever their indentation.
    fn assert_code_is_in(&self, source: &str) {
        let source = lines(source);
        for block in self.blocks("rust") {
            let block = lines(block);
            assert!(!block.is_empty(), "{} has an empty block", self.name);
            let is_compiled = source.windows(block.len()).any(|window| window == block);
            assert!(is_compiled, "{}: this is not compiled:\n{}", self.name, block.join("\n"));
        }
    }

    /// A block shows this output. Lines of the block that are `…` stand for any number of others. The page calls the
    /// file `src/model.rs`, and its lines may have other numbers.
    #[track_caller]
    fn assert_shows(&self, output: &str) {
        let file = format!("tests/tests/pages/{}", self.name.replace(".md", ".rs"));
        let output = without_line_numbers(&output.replace(&file, "src/model.rs"));
        let mut blocks = self.blocks("text").into_iter().map(without_line_numbers);
        let shown = blocks.any(|block| matches(&lines(&block), &lines(&output)));
        assert!(shown, "{} does not show\n{output}", self.name);
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// `src/model.rs:27:31`, `File "src/model.rs", line 27` and `27 |` with N instead of 27.
fn without_line_numbers(text: &str) -> String {
    let without_number = |text: &str| format!("N{}", text.trim_start_matches(|c: char| c.is_ascii_digit()));
    let mut result = vec![];
    for line in text.lines() {
        let mut line = line.to_owned();
        for before in [".rs:", ".rs\", line "] {
            let mut parts = line.split(before);
            let first = parts.next().unwrap_or("").to_owned();
            line = parts.fold(first, |line, rest| line + before + &without_number(rest));
        }
        let is_source = line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(" |");
        result.push(if is_source { without_number(&line) } else { line });
    }
    result.join("\n")
}

fn matches(block: &[&str], output: &[&str]) -> bool {
    match (block, output) {
        (["…", rest @ ..], output) => (0..=output.len()).any(|skipped| matches(rest, &output[skipped..])),
        ([line, block @ ..], [found, output @ ..]) => line == found && matches(block, output),
        (block, output) => block.is_empty() && output.is_empty(),
    }
}

/// What a function panics with.
fn panic_of(run: impl FnOnce()) -> String {
    let error = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).expect_err("it panics");
    match error.downcast::<String>() {
        Ok(message) => *message,
        Err(error) => error.downcast::<&str>().expect("a message").to_string(),
    }
}
