//! How deeply code is nested: libtorch's parser and its compiler call themselves for each level, and end the process
//! where the stack ends. They do so, too, where a type has brackets with nothing in them.

use super::pickle::Checked;

/// The most definitions, whose stack is then 2 GiB. It is memory only where it is used.
const MAX_DEFINITIONS: usize = 32_000;

/// The deepest code. What is compiled is printed and run by recursion too, in threads with stacks of their own.
const MAX_DEPTH: usize = 1_000;

/// What the compiler takes of the stack at most: for anything, for a definition, and for a level of nesting.
const STACK: (usize, usize, usize) = (8 << 20, 64 << 10, 32 << 10);

/// Words after which a bracket begins a list.
const KEYWORDS: [&[u8]; 12] =
    [b"return", b"in", b"not", b"and", b"or", b"if", b"else", b"elif", b"while", b"is", b"assert", b"raise"];

/// What compiling needs of the stack.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Nesting {
    /// Classes and functions, each of which may need another that is not yet compiled.
    pub definitions: usize,
    /// The deepest place in one of them: no syntax tree is deeper.
    pub depth: usize,
}

impl Nesting {
    /// # Errors
    ///
    /// Where libtorch's parser would end the process.
    pub fn of(code: &[u8]) -> Checked<Nesting> {
        let mut nesting = Nesting::default();
        let mut blocks = Blocks::default();
        let mut expression = Expression::default();
        let mut at = 0;
        // The two tokens before this one.
        let mut before: [&[u8]; 2] = [b""; 2];
        while at < code.len() {
            let len = match code[at] {
                b'\n' => {
                    if expression.is_outside_brackets() {
                        expression = Expression::default();
                    }
                    1
                }
                b'#' => {
                    let len = code[at..].iter().take_while(|&&it| it != b'\n').count();
                    // A type may stand in a comment.
                    if let Some(ty) = code[at..at + len].strip_prefix(b"# type:") {
                        nesting.depth = nesting.depth.max(blocks.depth() + ty.len());
                    }
                    len
                }
                b'\\' if code.get(at + 1) == Some(&b'\n') => 2,
                b' ' | b'\t' | b'\r' | b'\\' => 1,
                _ => {
                    let len = token(&code[at..]);
                    let text = &code[at..at + len];
                    if expression.is_empty() {
                        let line = code[..at].iter().rposition(|&it| it == b'\n').map_or(0, |it| it + 1);
                        blocks.line(at - line, text == b"elif");
                        nesting.definitions += usize::from(matches!(text, b"class" | b"def"));
                    }
                    if text == b"]" && before[1] == b"[" && is_operand(before[0]) {
                        let line = 1 + code[..at].iter().filter(|&&it| it == b'\n').count();
                        return Err(format!("in line {line}, there is nothing between `[` and `]`"));
                    }
                    before = [before[1], text];
                    expression.token(text);
                    nesting.depth = nesting.depth.max(blocks.depth() + expression.depth);
                    len
                }
            };
            at += len;
        }
        Ok(nesting)
    }

    /// The stack that compiling takes.
    ///
    /// # Errors
    ///
    /// Where it is nested too deeply.
    pub fn stack(self) -> Checked<usize> {
        if self.definitions > MAX_DEFINITIONS {
            return Err(format!(
                "the code has {} definitions, more than {MAX_DEFINITIONS}",
                self.definitions
            ));
        }
        if self.depth > MAX_DEPTH {
            return Err(format!("the code is nested {} levels deep, more than {MAX_DEPTH}", self.depth));
        }
        let (base, definition, level) = STACK;
        Ok(base + self.definitions * definition + self.depth * level)
    }

    pub fn and(self, other: Nesting) -> Nesting {
        Nesting { definitions: self.definitions + other.definitions, depth: self.depth.max(other.depth) }
    }
}

/// The length of a token.
fn token(rest: &[u8]) -> usize {
    match rest[0] {
        quote @ (b'"' | b'\'') => {
            let quotes = if rest.starts_with(&[quote; 3]) { &[quote; 3][..] } else { &[quote] };
            let mut len = quotes.len();
            while len < rest.len() && !rest[len..].starts_with(quotes) {
                len += if rest[len] == b'\\' { 2 } else { 1 };
            }
            (len + quotes.len()).min(rest.len())
        }
        first if is_word(first) => rest.iter().take_while(|&&it| is_word(it)).count(),
        _ => 1,
    }
}

/// Whether a bracket behind this token holds indices.
fn is_operand(token: &[u8]) -> bool {
    match token {
        b")" | b"]" => true,
        _ => token.first().copied().is_some_and(is_word) && !KEYWORDS.contains(&token),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The blocks around a line, by their indentations.
#[derive(Default)]
struct Blocks {
    /// The indentation of each block, and how many `elif` it has had.
    open: Vec<(usize, usize)>,
    elifs: usize,
}

impl Blocks {
    fn line(&mut self, indentation: usize, is_elif: bool) {
        while let Some(&(last, elifs)) = self.open.last()
            && last > indentation
        {
            self.open.pop();
            self.elifs -= elifs;
        }
        if self.open.last().is_none_or(|last| last.0 < indentation) {
            self.open.push((indentation, 0));
        }
        if is_elif && let Some(last) = self.open.last_mut() {
            last.1 += 1;
            self.elifs += 1;
        }
    }

    fn depth(&self) -> usize {
        self.open.len() + self.elifs
    }
}

/// A logical line. An operand, an operator and a call in a chain each make a tree deeper; a comma begins another branch.
#[derive(Default)]
struct Expression {
    /// The tokens since the last comma, inside of each bracket and outside of all.
    chains: Vec<usize>,
    /// Their sum.
    depth: usize,
}

impl Expression {
    fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }

    fn is_outside_brackets(&self) -> bool {
        self.chains.len() <= 1
    }

    fn token(&mut self, text: &[u8]) {
        if self.chains.is_empty() {
            self.chains.push(0);
        }
        match text {
            b"(" | b"[" | b"{" => self.chains.push(0),
            b")" | b"]" | b"}" if self.chains.len() > 1 => {
                self.depth -= self.chains.pop().unwrap_or(0);
            }
            b"," | b";" => {
                if let Some(last) = self.chains.last_mut() {
                    self.depth -= std::mem::take(last);
                }
                return;
            }
            _ => {}
        }
        if let Some(last) = self.chains.last_mut() {
            *last += 1;
            self.depth += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(code: &str) -> usize {
        Nesting::of(code.as_bytes()).unwrap().depth
    }

    #[test]
    fn each_way_to_nest_is_counted() {
        let flat = depth("def f(x: int):\n  return [1, 2, 3]\n");
        assert!(flat < 10, "{flat}");
        assert_eq!(depth(&format!("x = [{}1]\n", "1, ".repeat(1000))), depth("x = [1]\n"));
        for (before, each, after) in [
            ("x = ", "(", ")"),
            ("x = ", "[[", "]]"),
            ("x = ", "-", ""),
            ("x = ", "not ", ""),
            ("x = a", " + a", ""),
            ("x = a", ".b", ""),
            ("x = a", "[0]", ""),
            ("x = a", "()", ""),
            ("x = ", "a if b else ", ""),
            ("x = ", "f(a, ", ")"),
            ("x = ", "{1: ", "}"),
            ("x : ", "List[", "]"),
            ("if a:\n  pass\n", "elif a:\n  pass\n", ""),
        ] {
            let code = format!("{before}{}a{}\n", each.repeat(500), after.repeat(500));
            assert!(depth(&code) >= 500, "{each:?}: {}", depth(&code));
        }
        let blocks: String = (0..500).map(|i| format!("{}if a:\n", " ".repeat(i))).collect();
        assert!(depth(&blocks) >= 500, "{}", depth(&blocks));
    }

    #[test]
    fn texts_and_comments_are_not_code() {
        assert_eq!(depth("x = \"((((\\\"((((\" # ((((\n"), depth("x = a\n"));
        assert_eq!(depth("x = '''a'b'''\n"), depth("x = a\n"));
        assert!(depth("x = '''a'b''' + ((((((((((((((((a\n") > 16);
        assert!(depth("x = 1 # type: List[List[List[int]]]\n") > depth("x = 1 # List[List[List[int]]]\n"));
        assert!(depth(&"a + \\\n".repeat(100)) >= 100);
    }

    #[test]
    fn brackets_with_nothing_in_them() {
        for code in ["def f(x: Optional[]):\n", "x = y[ ]\n", "x : List[Tuple[\n]]\n", "x = f()[]\n"] {
            assert!(Nesting::of(code.as_bytes()).is_err(), "{code}");
        }
        for code in
            ["x = []\n", "return []\n", "f([], [])\n", "x = [[]]\n", "a if b else []\n", "x = \"a[]\"\n"]
        {
            assert!(Nesting::of(code.as_bytes()).is_ok(), "{code}");
        }
    }

    #[test]
    fn definitions_are_counted() {
        let code = "class A(Module):\n  x : int\n  def f(self):\n    return 1\ndef g():\n  return 2\n";
        assert_eq!(Nesting::of(code.as_bytes()).unwrap().definitions, 3);
    }
}
