//! `docs/forms.md`: every form that the tests run, with the tree that it becomes, and every mistake that
//! they make, with what is said. It is written from the tests and checked against them, so that it cannot
//! drift: `cargo xtask bless` writes it anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Item, ItemFn, Token};

use super::parse_methods;

const HEAD: &str = "\
# The forms, one by one

Written from the tests by `cargo xtask bless`; [grammar.md](grammar.md) explains. Each accepted form below
runs in `tests/tests/`, eagerly and compiled, and both agree. After it comes the tree that the macros make
of it: TorchScript's, with `$T0` for types and `$C0` for constants that Rust evaluates, and `$div` and its
like for operators whose meaning the static types decide.
";

#[test]
fn the_page_of_forms_is_up_to_date() {
    let mut page = HEAD.to_owned();
    for file in test_files() {
        let text = std::fs::read_to_string(&file).expect("a test file");
        let items = syn::parse_file(&text).expect("Rust").items;
        accepted(&items, &title(&file), &mut page);
    }
    rejected(&mut page);
    rejected_tables(&mut page);
    expect_file![root().join("docs/forms.md")].assert_eq(&page);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Those whose tests are forms, in the order of the page.
fn test_files() -> Vec<PathBuf> {
    let tests = root().join("tests/tests");
    let mut files: Vec<PathBuf> = std::fs::read_dir(tests.join("forms"))
        .expect("the folder of forms")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    files.insert(0, tests.join("grammar.rs"));
    files
}

fn title(file: &Path) -> String {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
    if stem == "grammar" { "basics".into() } else { stem }
}

/// The forms in `agree!`, in the order of the source.
fn accepted(items: &[Item], title: &str, page: &mut String) {
    for item in items {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &module.content {
                    accepted(items, &format!("{title}: {}", module.ident), page);
                }
            }
            Item::Macro(item) if item.mac.path.segments.last().is_some_and(|it| it.ident == "agree") => {
                let forms: Forms = syn::parse2(item.mac.tokens.clone()).expect("forms");
                writeln!(page, "\n## Accepted, {title}").unwrap();
                forms.0.iter().for_each(|form| accepted_form(form, page));
            }
            _ => {}
        }
    }
}

/// What `agree!` takes.
struct Forms(Vec<ItemFn>);

impl Parse for Forms {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut forms = vec![];
        while !input.is_empty() {
            forms.push(input.parse()?);
            input.parse::<Ident>()?;
            while !input.peek(Token![;]) {
                let arguments;
                syn::parenthesized!(arguments in input);
                arguments.parse::<proc_macro2::TokenStream>()?;
            }
            input.parse::<Token![;]>()?;
        }
        Ok(Forms(forms))
    }
}

fn accepted_form(form: &ItemFn, page: &mut String) {
    let source = form.block.brace_token.span.join().source_text().expect("the text of a test");
    let signature = spaced(&form.sig.to_token_stream().to_string());
    let method = format!("{} {source}", signature.replacen('(', "(&self, ", 1));
    let (methods, errors) = parse_methods(&method);
    assert!(errors.is_empty(), "{method}: {}", errors[0].text());
    let lowered = &methods.methods[0].lowered;
    let mut tree = lowered.def.to_string();
    for (i, constant) in lowered.constants.iter().enumerate() {
        let constant = constant.to_token_stream().to_string().replace(' ', "");
        writeln!(tree, "# $C{i} = {constant}").unwrap();
    }
    let body = source.trim_start_matches('{').trim_end_matches('}').trim();
    write!(page, "\n```rust\n{signature} {{\n    {body}\n}}\n```\n```text\n{tree}```\n").unwrap();
}

/// Tokens, as people space them.
fn spaced(tokens: &str) -> String {
    let replacements = [
        (" ,", ","),
        (" :", ":"),
        (":: ", "::"),
        ("& ", "&"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("[ ", "["),
        (" ]", "]"),
        // An arrow lost its space above.
        (" ->", " ->"),
        ("->(", "-> ("),
    ];
    replacements.iter().fold(tokens.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The tables of `reject.rs`: a text and what is said about it.
fn rejected(page: &mut String) {
    for function in tests_of("reject.rs") {
        let mut table = Table::default();
        syn::visit::Visit::visit_item_fn(&mut table, &function);
        if table.0.is_empty() {
            continue;
        }
        let title = function.sig.ident.to_string().replace('_', " ");
        write!(page, "\n## Rejected: {title}\n").unwrap();
        for (code, said) in table.0 {
            write!(page, "\n```rust\n{}\n```\n```text\n{}\n```\n", code.trim(), said.trim()).unwrap();
        }
    }
}

/// The tables of `reject_forms.rs`, which are texts already.
fn rejected_tables(page: &mut String) {
    for function in tests_of("reject_forms.rs") {
        let mut texts = Texts::default();
        syn::visit::Visit::visit_item_fn(&mut texts, &function);
        if !texts.0.is_empty() {
            let title = function.sig.ident.to_string().replace('_', " ");
            write!(page, "\n## Rejected, in short: {title}\n\n```text\n{}```\n", texts.0.concat()).unwrap();
        }
    }
}

/// The functions with `#[test]` of a file beside this one.
fn tests_of(file: &str) -> Vec<ItemFn> {
    let text = std::fs::read_to_string(root().join("macros/src/tests").join(file)).expect("a test file");
    let items = syn::parse_file(&text).expect("Rust").items;
    let tests = items.into_iter().filter_map(|item| match item {
        Item::Fn(function) if function.sig.inputs.is_empty() => Some(function),
        _ => None,
    });
    tests.collect()
}

/// Texts in `expect![…]`.
#[derive(Default)]
struct Texts(Vec<String>);

impl syn::visit::Visit<'_> for Texts {
    fn visit_macro(&mut self, mac: &syn::Macro) {
        if mac.path.is_ident("expect")
            && let Some(text) = expected(mac)
        {
            self.0.push(unindented(&text));
        }
    }
}

/// The text of `expect![[r#"…"#]]`.
fn expected(mac: &syn::Macro) -> Option<String> {
    let list =
        mac.parse_body_with(syn::punctuated::Punctuated::<syn::Expr, Token![,]>::parse_terminated).ok()?;
    match list.first()? {
        syn::Expr::Array(array) => array.elems.first().and_then(literal),
        other => literal(other),
    }
}

/// Tuples that begin with a text and end with `expect![…]`.
#[derive(Default)]
struct Table(Vec<(String, String)>);

impl syn::visit::Visit<'_> for Table {
    fn visit_expr_tuple(&mut self, tuple: &syn::ExprTuple) {
        let texts: Vec<String> = tuple.elems.iter().filter_map(literal).collect();
        let Some(syn::Expr::Macro(last)) = tuple.elems.last() else { return };
        let said = expected(&last.mac);
        if let Some(said) = said {
            self.0.push((texts.join("\n"), unindented(&said)));
        }
    }
}

fn literal(expr: &syn::Expr) -> Option<String> {
    match expr {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// As expect-test strips what the source is indented by.
fn unindented(text: &str) -> String {
    let lines = text.trim_start_matches('\n').lines();
    let indent = lines
        .clone()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min();
    let lines: Vec<&str> = lines.map(|line| line.get(indent.unwrap_or(0)..).unwrap_or("")).collect();
    lines.join("\n")
}
