//! Codegen: operator schemas, as libtorch prints them.
//!
//! In: lines such as `aten::sum(Tensor self, *, ScalarType? dtype=None) -> Tensor`. Out: [`Schema`]s.
//! What overload resolution does not look at (alias sets, list sizes, default values) is dropped.

use anyhow::Context;

#[derive(Debug)]
pub struct Schema {
    /// Without `aten::` and without the overload's name.
    pub name: String,
    /// Empty for the overload that has none.
    pub overload: String,
    pub args: Vec<SchemaArg>,
    pub returns: Vec<String>,
}

#[derive(Debug)]
pub struct SchemaArg {
    /// `Tensor`, `int`, `int[]?`…: without alias sets and sizes, `SymInt` being `int`.
    pub ty: String,
    pub name: String,
    pub has_default: bool,
    pub keyword_only: bool,
    pub is_written: bool,
}

impl Schema {
    pub fn full_name(&self) -> String {
        if self.overload.is_empty() { self.name.clone() } else { format!("{}.{}", self.name, self.overload) }
    }
}

impl SchemaArg {
    /// Whether this is where an operator puts its result: C++ passes these first.
    pub fn is_out(&self) -> bool {
        self.keyword_only && self.is_written
    }
}

pub fn parse_schemas(text: &str) -> anyhow::Result<Vec<Schema>> {
    text.lines().map(|line| parse_schema(line).with_context(|| line.to_owned())).collect()
}

pub fn parse_schema(line: &str) -> anyhow::Result<Schema> {
    let line = line.strip_prefix("aten::").context("not an `aten::` operator")?;
    let (head, returns) = line.rsplit_once(" -> ").context("no return type")?;
    let (name, args) = head.split_once('(').context("no arguments")?;
    let args = args.strip_suffix(')').context("no closing parenthesis")?;
    let (name, overload) = name.split_once('.').unwrap_or((name, ""));

    let mut keyword_only = false;
    let mut parsed = Vec::new();
    for arg in split_top_level(args) {
        match arg {
            "*" => keyword_only = true,
            // Operators of any number of arguments; C++ has none of these.
            "..." => continue,
            _ => parsed.push(parse_arg(arg, keyword_only)?),
        }
    }
    let returns = match returns.strip_prefix('(').and_then(|tuple| tuple.strip_suffix(')')) {
        Some(tuple) => split_top_level(tuple).into_iter().map(parse_return).collect(),
        None => vec![parse_return(returns)],
    };
    Ok(Schema { name: name.to_owned(), overload: overload.to_owned(), args: parsed, returns })
}

fn parse_arg(arg: &str, keyword_only: bool) -> anyhow::Result<SchemaArg> {
    let (declaration, default) = match arg.split_once('=') {
        Some((declaration, default)) => (declaration, Some(default)),
        None => (arg, None),
    };
    let (ty, name) = declaration.rsplit_once(' ').context("an argument without a name")?;
    Ok(SchemaArg {
        ty: plain_type(ty),
        name: name.to_owned(),
        has_default: default.is_some(),
        keyword_only,
        is_written: ty.contains('!'),
    })
}

/// `Tensor(a!) values` is `Tensor`.
fn parse_return(text: &str) -> String {
    let plain = plain_type(text);
    plain.split(' ').next().unwrap_or_default().to_owned()
}

/// Drops alias sets and list sizes: `Tensor(a!)[]` is `Tensor[]`, `SymInt[2]?` is `int[]?`.
fn plain_type(ty: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0;
    for ch in ty.chars() {
        match ch {
            '(' => depth += 1,
            ')' => depth -= 1,
            ch if ch.is_ascii_digit() && plain.ends_with('[') => {}
            ch if depth == 0 => plain.push(ch),
            _ => {}
        }
    }
    plain.replace("SymInt", "int")
}

/// Splits at commas that are in no brackets and no string.
pub fn split_top_level(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quote, mut start) = (0, None, 0);
    let mut chars = text.char_indices();
    while let Some((at, ch)) = chars.next() {
        match (quote, ch) {
            (Some(_), '\\') => drop(chars.next()),
            (None, '"' | '\'') => quote = Some(ch),
            (Some(open), _) if open == ch => quote = None,
            (Some(_), _) => {}
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}
