//! The item itself: always emitted, as it was, without our attributes; and what stands beside it parses.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit::Visit;

use crate::expand;

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The expansion: the item first, then what is generated.
fn expansion(output: &TokenStream) -> syn::File {
    syn::parse2(output.clone()).unwrap_or_else(|error| panic!("{error}:\n{output}"))
}

/// Attributes of ours that are left over.
fn left_over(item: &syn::Item) -> Vec<String> {
    #[derive(Default)]
    struct Ours(Vec<String>);
    impl<'ast> Visit<'ast> for Ours {
        fn visit_attribute(&mut self, attr: &'ast syn::Attribute) {
            let name = quote!(#attr).to_string();
            if ["jit", "tracing_inputs", "compile_mode"].iter().any(|ours| name.contains(ours)) {
                self.0.push(name);
            }
        }
    }
    let mut ours = Ours::default();
    ours.visit_item(item);
    ours.0
}

/// As syn prints it.
fn parsed(item: &str) -> String {
    let item: syn::Item = syn::parse_str(item).expect("an item");
    quote!(#item).to_string()
}

#[track_caller]
fn assert_struct(args: &str, item: &str, emitted: &str) {
    let file = expansion(&expand::compile_mode(tokens(args), tokens(item)));
    let first = &file.items[0];
    assert_eq!(quote!(#first).to_string(), parsed(emitted));
    assert!(left_over(first).is_empty());
    assert!(file.items.len() > 1, "nothing stands beside the item");
}

#[test]
fn structs_lose_our_attributes_only() {
    for mode in ["script", "trace", "unsupported", "inherit", ""] {
        assert_struct(
            mode,
            "/// A cell.\n#[derive(Debug)] pub struct Cell<M: Module = Linear> where M: Copy { \
             #[jit(skip)] a: PathBuf, #[jit(rename = \"c\")] #[serde(skip)] pub b: M }",
            "/// A cell.\n#[derive(Debug)] pub struct Cell<M: Module = Linear> where M: Copy { \
             a: PathBuf, #[serde(skip)] pub b: M }",
        );
        assert_struct(mode, "struct Unit;", "struct Unit;");
        assert_struct(
            mode,
            "pub(crate) struct Pair<'a, const N: usize>(&'a str, #[jit(constant)] [i64; N]);",
            "pub(crate) struct Pair<'a, const N: usize>(&'a str, [i64; N]);",
        );
    }
}

#[test]
fn wrong_structs_are_emitted() {
    assert_struct("scripted", "struct M { #[jit(nonsense = 1)] lambda: i64 }", "struct M { lambda: i64 }");
    assert_struct(
        "script, trace",
        "#[compile_mode(trace)] struct M { #[jit] a: i64 }",
        "struct M { a: i64 }",
    );
}

#[test]
fn items_of_another_kind_are_emitted() {
    for item in [
        "pub enum A { B, C(i64) }",
        "union A { b: i64 }",
        "pub(crate) async fn f() {}",
        "impl A { fn f(&self) {} }",
        "trait A {}",
    ] {
        let file = expansion(&expand::compile_mode(tokens("script"), tokens(item)));
        let first = &file.items[0];
        assert_eq!(quote!(#first).to_string(), parsed(item));
    }
    for item in ["pub struct A;", "fn f() {}", "trait A { fn forward(&self); }", "mod a {}"] {
        let file = expansion(&expand::methods(tokens(""), tokens(item)));
        let first = &file.items[0];
        assert_eq!(quote!(#first).to_string(), parsed(item));
    }
}

/// The functions of the emitted block, and what is put at their heads.
fn emitted_block(block: &str) -> syn::ItemImpl {
    let file = expansion(&expand::methods(tokens(""), tokens(block)));
    let syn::Item::Impl(item) = &file.items[0] else { panic!("the block comes first") };
    assert!(left_over(&file.items[0]).is_empty());
    item.clone()
}

#[track_caller]
fn assert_emitted(block: &str, emitted: &str) {
    let item = emitted_block(block);
    assert_eq!(quote!(#item).to_string(), parsed(emitted));
}

#[test]
fn blocks_lose_our_attributes_only() {
    assert_emitted(
        "#[cfg(all())] impl<M> Cell<M> where M: Copy { \
            const A: i64 = 1; \
            /// Makes one.\n#[must_use] pub fn new() -> Self { Cell { a: PathBuf::new() } } \
            #[tracing_inputs] #[allow(unused)] fn example(&self, n: usize) -> Vec<Tensor> { vec![] } }",
        "#[cfg(all())] impl<M> Cell<M> where M: Copy { \
            const A: i64 = 1; \
            /// Makes one.\n#[must_use] pub fn new() -> Self { Cell { a: PathBuf::new() } } \
            #[allow(unused)] fn example(&self, n: usize) -> Vec<Tensor> { vec![] } }",
    );
}

#[test]
fn wrong_blocks_are_emitted() {
    // No statement is added to an entry that is none.
    for block in [
        "impl A { async fn forward(&self, x: impl Copy) -> impl Copy { x } }",
        "impl A { fn forward<T>(self, x: T) -> T { x } }",
        "impl A { fn forward(x: i64) -> i64 { x } }",
        "impl A { fn forward_t(&self, x: i64) -> i64 { x } }",
    ] {
        assert_emitted(block, block);
    }
    assert_emitted("impl A { #[tracing_inputs(1)] fn f(n: i64) {} }", "impl A { fn f(n: i64) {} }");
}

#[test]
fn entries_get_one_statement() {
    let block = emitted_block(
        "impl A { fn forward(&self, mut x: Tensor, (a, b): (i64, i64), _: bool) -> Tensor { x.relu() } fn other(&self) {} }",
    );
    let syn::ImplItem::Fn(forward) = &block.items[0] else { panic!("a function") };
    let inputs = &forward.sig.inputs;
    assert_eq!(
        quote!(#inputs).to_string(),
        tokens("&self, mut x: Tensor, __arg2: (i64, i64), __arg3: bool").to_string()
    );
    let stmts: Vec<String> = forward.block.stmts.iter().map(|stmt| quote!(#stmt).to_string()).collect();
    assert_eq!(stmts.len(), 4);
    assert!(stmts[0].starts_with("if :: tch_jit :: private :: is_tracing ()"), "{}", stmts[0]);
    assert_eq!(stmts[1], tokens("let (a, b) = __arg2;").to_string());
    assert_eq!(stmts[2], tokens("let _ = __arg3;").to_string());
    assert_eq!(stmts[3], "x . relu ()");
    let syn::ImplItem::Fn(other) = &block.items[1] else { panic!("a function") };
    assert!(other.block.stmts.is_empty());
}

/// Errors stand beside the item as `compile_error!`s, those of a body inside of the macro that knows the mode.
#[test]
fn errors_stand_beside_the_item() {
    let output =
        expand::methods(tokens("now"), tokens("impl a::Model<i64> { fn forward(&self) { unsafe {} } }"));
    let file = expansion(&output);
    let macros: Vec<String> = file
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Macro(item) => Some(quote!(#item).to_string()),
            _ => None,
        })
        .collect();
    let in_script = tokens(
        "a::Model! { script ::core::compile_error!{\"`unsafe` blocks are not supported in scripted methods\\nhelp: mark the module `#[compile_mode(trace)]`\"} }",
    );
    let always = tokens(
        "::core::compile_error!{\"`#[methods]` takes no arguments\\nhelp: write `#[methods]`; the mode stands in the struct's `#[compile_mode]`\"}",
    );
    assert_eq!(macros, [in_script.to_string(), always.to_string()]);
}

/// Nothing of an unreached method can be an error.
#[test]
fn unreached_methods_are_left_alone() {
    let output = expand::methods(
        tokens(""),
        tokens("impl Model { fn forward(&self) {} fn new() -> Self { unsafe { std::mem::zeroed() } } }"),
    );
    assert!(!output.to_string().contains("compile_error"));
}
