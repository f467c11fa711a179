//! Turns spans of tokens into byte ranges within the text of one method.

use proc_macro2::extra::DelimSpan;
use proc_macro2::{LineColumn, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// A byte range in a method's source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    pub start: usize,
    pub end: usize,
}

/// The spans of the first and the last token. (`Spanned::span` gives the first only, on stable.)
pub fn ends(tokens: &impl ToTokens) -> Option<(Span, Span)> {
    let stream = tokens.to_token_stream();
    Some((first(stream.clone())?, last(stream)?))
}

// A group without delimiters, which a `macro_rules` parameter leaves, has no place of its own.
fn first(stream: TokenStream) -> Option<Span> {
    stream.into_iter().find_map(|tree| match tree {
        TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::None => first(group.stream()),
        TokenTree::Group(group) => Some(group.span_open()),
        tree => Some(tree.span()),
    })
}

fn last(stream: TokenStream) -> Option<Span> {
    stream
        .into_iter()
        .filter_map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::None => {
                last(group.stream())
            }
            TokenTree::Group(group) => Some(group.span_close()),
            tree => Some(tree.span()),
        })
        .last()
}

fn is_inside(span: Span, braces: DelimSpan) -> bool {
    span.file() == braces.open().file()
        && braces.open().start() <= span.start()
        && span.end() <= braces.close().end()
}

/// The text of one method, in which tokens are looked up by their spans.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Whole lines, from the one where the method begins to the one where it ends. Empty where
    /// the compiler cannot tell (rust-analyzer, some macros).
    pub text: String,
    /// The text's first line in its file, from 1.
    pub line: usize,
}

impl Source {
    /// The lines of `method`, cut from the text of the braces of its impl block, or, where the
    /// block and the method come from different places (a `macro_rules` macro around it), from
    /// those of its own body. A span's text would lack what lies between tokens, and only the two
    /// spans of a pair of braces can be joined on stable.
    pub fn of_method(method: &impl ToTokens, around: DelimSpan, body: DelimSpan) -> Source {
        let Some((start, end)) = ends(method) else { return Source::default() };
        if is_inside(start, around) && is_inside(end, around) {
            return Source::of_lines(start, end, around);
        }
        Source::of_lines(body.open(), body.close(), body)
    }

    fn of_lines(start: Span, end: Span, braces: DelimSpan) -> Source {
        let first_line = start.start().line;
        let Some(text) = braces.join().source_text() else {
            return Source { text: String::new(), line: first_line };
        };
        let base = braces.open().start();
        let (skip, take) = match (first_line.checked_sub(base.line), end.end().line.checked_sub(first_line)) {
            (Some(skip), Some(more)) => (skip, more + 1),
            _ => return Source { text: String::new(), line: first_line },
        };
        // The braces' own line is completed to the left, so that columns stay those of the file.
        let padded = format!("{}{text}", " ".repeat(base.column));
        let lines: Vec<&str> = padded.split_inclusive('\n').skip(skip).take(take).collect();
        Source { text: lines.concat(), line: first_line }
    }

    /// The place of `tokens`, or the empty range where they do not lie in this text: what a
    /// `macro_rules` parameter brings in lies elsewhere.
    pub fn range(&self, tokens: &impl ToTokens) -> Range {
        let place = ends(tokens)
            .and_then(|(start, end)| Some((self.offset(start.start())?, self.offset(end.end())?)));
        match place {
            Some((start, end)) if start < end => Range { start, end },
            _ => Range::default(),
        }
    }

    /// The offset in the text of a line and a column. Columns count characters, offsets count bytes.
    fn offset(&self, at: LineColumn) -> Option<usize> {
        let index = at.line.checked_sub(self.line)?;
        let mut start = 0;
        for (i, line) in self.text.split_inclusive('\n').enumerate() {
            if i == index {
                let mut columns = line.char_indices().map(|(byte, _)| byte).chain([line.len()]);
                return columns.nth(at.column).map(|byte| start + byte);
            }
            start += line.len();
        }
        None
    }
}
