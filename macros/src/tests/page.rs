//! `docs/forms/`: every form that the tests run, with the tree that it becomes, and every mistake that they
//! make, with what is said. A page is written from the files of its subject, `tests/tests/forms/<subject>.rs`
//! and `reject/<subject>.rs`, and checked against them, so that it cannot drift: `cargo xtask bless` writes
//! the pages anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Item, ItemFn, Token};

use super::parse_methods;

const INDEX: &str = "\
# The forms, one by one

What the methods of a scripted module may be made of, subject by subject; [grammar.md](../grammar.md) explains.
The pages are written from the tests by `cargo xtask bless`.

Each accepted form runs in `tests/tests/forms/`, eagerly and compiled, and both agree. After it comes the tree
that the macros make of it: TorchScript's, with `$T0` for types and `$C0` for constants that Rust evaluates, and
`$div` and its like for operators whose meaning the static types decide.

Each rejected form is followed by `line:column-column`, what is said, and the way out.

| page | accepted | rejected | about |
|---|---|---|---|
";

#[test]
fn the_pages_of_forms_are_up_to_date() {
    let pages = pages();
    let mut index = INDEX.to_owned();
    for (subject, page) in &pages {
        let Page { title, n_accepted, n_rejected, .. } = page;
        writeln!(index, "| [{subject}]({subject}.md) | {n_accepted} | {n_rejected} | {title} |").unwrap();
        expect_file![folder().join(format!("{subject}.md"))].assert_eq(&page.text(subject));
    }
    let n_accepted: usize = pages.values().map(|page| page.n_accepted).sum();
    let n_rejected: usize = pages.values().map(|page| page.n_rejected).sum();
    writeln!(index, "| all | {n_accepted} | {n_rejected} | |").unwrap();
    expect_file![folder().join("README.md")].assert_eq(&index);
}

#[test]
fn no_page_is_left_over() {
    let subjects: BTreeSet<String> = pages().into_keys().collect();
    for file in files(&folder()) {
        let name = stem(&file);
        if name == "README" || subjects.contains(&name) {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::remove_file(&file).expect("a page that can be removed");
        } else {
            panic!("{} is of no subject; run `cargo xtask bless`", file.display());
        }
    }
}

/// What is known of a subject.
#[derive(Default)]
struct Page {
    /// From the first line of its file.
    title: String,
    accepted: String,
    n_accepted: usize,
    rejected: String,
    n_rejected: usize,
}

impl Page {
    fn text(&self, subject: &str) -> String {
        let mut text = format!("# Forms: {subject}\n\n{} [All subjects](README.md)\n", self.title);
        for (title, forms) in [("Accepted", &self.accepted), ("Rejected", &self.rejected)] {
            if !forms.is_empty() {
                write!(text, "\n## {title}\n{forms}").unwrap();
            }
        }
        text
    }
}

/// By subject.
fn pages() -> BTreeMap<String, Page> {
    let mut pages: BTreeMap<String, Page> = BTreeMap::new();
    for path in files(&root().join("tests/tests/forms")) {
        let (title, file) = read(&path);
        let mut page = Page { title, ..Page::default() };
        accepted(&file.items, &mut page);
        if page.n_accepted > 0 {
            pages.insert(stem(&path), page);
        }
    }
    for path in files(&root().join("macros/src/tests/reject")) {
        let (title, file) = read(&path);
        let mut tables = Tables::default();
        syn::visit::visit_file(&mut tables, &file);
        if tables.n_rejected > 0 {
            let page = pages.entry(stem(&path)).or_insert_with(|| Page { title, ..Page::default() });
            (page.rejected, page.n_rejected) = (tables.text, tables.n_rejected);
        }
    }
    pages
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Where the pages are.
fn folder() -> PathBuf {
    root().join("docs/forms")
}

/// By name.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of the repository");
    entries.map(|entry| entry.expect("a file").path()).collect()
}

fn stem(file: &Path) -> String {
    file.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned()
}

/// The first line of a test file, which says what its subject is, and the file.
fn read(path: &Path) -> (String, syn::File) {
    let text = std::fs::read_to_string(path).expect("a test file");
    let title = text.lines().next().and_then(|line| line.strip_prefix("//! ")).expect("a first line");
    (title.to_owned(), syn::parse_file(&text).expect("Rust"))
}

/// The forms in `agree!`, in the order of the source.
fn accepted(items: &[Item], page: &mut Page) {
    for item in items {
        if let Item::Macro(item) = item
            && item.mac.path.is_ident("agree")
        {
            let forms: Forms = syn::parse2(item.mac.tokens.clone()).expect("forms");
            forms.0.iter().for_each(|form| accepted_form(form, &mut page.accepted));
            page.n_accepted += forms.0.len();
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
    for (i, constant) in lowered.made.constants.iter().enumerate() {
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

/// The tables of a file in `reject/`, each under the name of its test.
#[derive(Default)]
struct Tables {
    text: String,
    n_rejected: usize,
}

impl syn::visit::Visit<'_> for Tables {
    fn visit_item_fn(&mut self, function: &ItemFn) {
        let title = function.sig.ident.to_string().replace('_', " ");
        write!(self.text, "\n### {}{}\n", title[..1].to_uppercase(), &title[1..]).unwrap();
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_expr_call(&mut self, call: &syn::ExprCall) {
        let mut args = call.args.iter();
        if let (Some(syn::Expr::Array(forms)), Some(syn::Expr::Macro(expected))) = (args.next(), args.next())
        {
            let said = unindented(&expected_text(&expected.mac).expect("an expected text"));
            write!(self.text, "\n```text\n{said}```\n").unwrap();
            self.n_rejected += forms.elems.len();
        }
    }
}

/// The text of `expect![[r#"…"#]]`.
fn expected_text(mac: &syn::Macro) -> Option<String> {
    let list =
        mac.parse_body_with(syn::punctuated::Punctuated::<syn::Expr, Token![,]>::parse_terminated).ok()?;
    match list.first()? {
        syn::Expr::Array(array) => array.elems.first().and_then(literal),
        other => literal(other),
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
