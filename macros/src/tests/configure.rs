//! The detour of items with `cfg` inside: which items take it, and what rustc's gaps become.

use proc_macro2::TokenStream;

use crate::configure::{attribute, configured, find_cfg};
use crate::{expand, paths};

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn attributes_are_found_at_any_depth() {
    for (text, found) in [
        ("fn f() { #[cfg(a)] let x = 1; }", "# [cfg (a)]"),
        ("fn f() { g(1, #[cfg_attr(a, b)] 2) }", "# [cfg_attr (a , b)]"),
        ("mod a { #![cfg(test)] }", "#! [cfg (test)]"),
        ("struct A { #[a] #[cfg(b)] c: D }", "# [cfg (b)]"),
    ] {
        assert_eq!(find_cfg(&tokens(text)).expect(text).to_string(), found);
    }
    for text in
        ["cfg!(a)", "#[doc = \"#[cfg(a)]\"] fn f() {}", "a[cfg(b)]", "# a [cfg]", "#(cfg)", "#[a(cfg)]"]
    {
        assert!(find_cfg(&tokens(text)).is_none(), "{text}");
    }
}

#[test]
fn items_without_cfg_are_expanded_at_once() {
    let item = "impl A { fn forward(&self, x: &Tensor) -> Tensor { x.relu() } }";
    let output = attribute("methods", tokens(""), tokens(item));
    assert_eq!(output.to_string(), expand::methods(tokens(""), tokens(item)).to_string());
}

/// The expansion of `item` with `cfg`s inside, of which rustc leaves `left`.
fn detour(name: &str, args: &str, item: &str, left: &str) -> String {
    let _expansion = paths::enter();
    let enumeration = attribute(name, tokens(args), tokens(item)).to_string();
    let item = tokens(item).to_string();
    let (before, after) = enumeration.split_once(&item).expect("the item is in the enum");
    assert!(before.starts_with("# [derive (") && before.contains(" private :: discard] enum "), "{before}");
    // rustc takes the derive macro off before it calls it.
    let (_, before) = before.split_once(']').expect("an attribute");
    configured(tokens(&format!("{before} {left} {after}"))).to_string()
}

#[test]
fn the_configured_item_is_expanded() {
    let left = "impl A { fn forward(&self, x: &Tensor) -> Tensor { x.relu() } }";
    let item = "impl A { #[cfg(any())] fn f() {} fn forward(&self, x: &Tensor) -> Tensor { x.relu() } }";
    let output = detour("methods", "", item, left);
    assert!(output.starts_with("impl A { fn forward"), "{output}");
    assert!(output.contains("impl :: tch_jit :: Forward for A"), "{output}");
    let (item, left) = ("struct A { #[cfg(any())] b: i64, c: i64 }", "struct A { c: i64 }");
    let output = detour("compile_mode", "script, crate = \"jit\"", item, left);
    assert!(output.starts_with("struct A { c : i64 }"), "{output}");
    assert!(output.contains("jit :: mode :: Script"), "{output}");
    let (item, left) = ("fn f() { #[cfg(any())] return; }", "fn f() { }");
    let output = detour("script_if_tracing", "now", item, left);
    assert!(output.contains("`#[script_if_tracing]` takes no arguments"), "{output}");
}

#[test]
fn a_removed_item_leaves_nothing() {
    let enumeration = "enum Configured { Item = { 0 } }";
    assert_eq!(configured(tokens(enumeration)).to_string(), "");
}

#[test]
fn other_uses_of_the_derive_are_errors() {
    for text in ["struct A;", "enum Configured { Item }", "enum Configured { Item = { a b } }"] {
        assert!(configured(tokens(text)).to_string().contains("compile_error"), "{text}");
    }
}

/// rustc removes an argument and leaves its comma.
#[test]
fn gaps_between_commas_are_closed() {
    for (left, closed) in [
        ("f(a, , b)", "f(a, b,)"),
        ("f(, a)", "f(a,)"),
        ("f(, )", "f()"),
        ("f(, , a, , b, )", "f(a, b,)"),
        ("[, a, b]", "[a, b,]"),
        ("(, a)", "(a,)"),
        ("g(x.f(, a), b)", "g(x.f(a,), b)"),
        ("{ let a = (, b); c }", "{ let a = (b,); c }"),
        ("!(, a)", "!(a,)"),
        ("return !(, a)", "return !(a,)"),
        // Tokens of macros are theirs.
        ("m!(, a)", "m!(, a)"),
        ("a::m![a, , b]", "a::m![a, , b]"),
        ("{ macro_rules! m { (, a) => { f(, b) } } }", "{ macro_rules! m { (, a) => { f(, b) } } }"),
        ("{ #[a(, b)] c }", "{ #[a(, b)] c }"),
        ("a != (, b)", "a != (b,)"),
    ] {
        let (item, left) = (format!("fn f() {{ #[cfg(any())] {left} }}"), format!("fn f() {{ {left} }}"));
        let output = detour("script", "", &item, &left);
        let closed = tokens(&format!("fn f() {{ {closed} }}")).to_string();
        let body = closed.split_once('{').expect("a body").1.trim_end_matches('}');
        assert!(output.contains(body.trim()), "{left}:\n{output}\n{body}");
    }
}
