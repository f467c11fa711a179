//! Compares the ABI as C declares it (`shim.h`) with the ABI as Rust declares it (`raw.rs`).
//!
//! Both files become tables from C's names to text in one notation, Rust's without lifetimes; then the tables must be
//! equal. A further declaration needs no change in this file, as long as `tj_two_words` is called `TwoWords` in Rust.

use std::collections::BTreeMap;

use syn::{ForeignItem, Item, ReturnType, Type};

type Table = BTreeMap<String, String>;

/// The types of C that have other names in Rust. Those of the ABI follow a rule: see `rust_name`.
#[rustfmt::skip]
const TYPES: [(&str, &str); 8] = [
    ("size_t", "usize"), ("uint32_t", "u32"), ("uint64_t", "u64"), ("int64_t", "i64"), ("double", "f64"), ("int", "c_int"),
    ("char", "c_char"), ("bool", "bool"),
];

const HEADER: &str = include_str!("../../shim/shim.h");

#[test]
fn raw_rs_declares_what_shim_h_declares() {
    let differences = differences(&c_table(HEADER), &rust_table(include_str!("raw.rs")));
    assert!(differences.is_empty(), "shim.h and raw.rs differ:\n{}", differences.join("\n"));
}

/// Rust writes the constants of C's enums as numbers, in the files that translate them.
#[test]
fn constants_of_enums_have_the_same_numbers() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (unit, value) = (words(include_str!("unit.rs")), words(include_str!("value.rs")));
    let enums = c_enums(HEADER);
    for (name, number) in &enums["tj_member"] {
        let arm = format!("TensorKind::{name} => {number},");
        assert!(unit.contains(&arm), "unit.rs does not hold `{arm}`");
    }
    let kinds = &enums["tj_kind"];
    assert!(kinds.iter().map(|kind| kind.1).eq(0..kinds.len()), "`tj_kind` does not count from 0");
    let list: String = kinds.iter().map(|kind| format!(" Kind::{},", kind.0)).collect();
    let list = format!("const KINDS: [Kind; {}] = [{list} ];", kinds.len());
    assert!(value.contains(&list), "value.rs does not hold `{list}`");
    assert_eq!(enums.len(), 2, "an enum is not compared with anything of Rust's");
}

fn differences(c: &Table, rust: &Table) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, in_c) in c {
        match rust.get(name) {
            None => lines.push(format!("`{name}` is not in raw.rs: {in_c}")),
            Some(in_rust) if in_rust != in_c => {
                lines.push(format!("`{name}`\n    shim.h: {in_c}\n    raw.rs: {in_rust}"));
            }
            Some(_) => {}
        }
    }
    let unknown = rust.keys().filter(|name| !c.contains_key(*name));
    lines.extend(unknown.map(|name| format!("`{name}` is not in shim.h")));
    lines
}

fn structure(fields: impl Iterator<Item = (String, String)>) -> String {
    format!("{{ {} }}", fields.map(|(name, ty)| format!("{name}: {ty}")).collect::<Vec<_>>().join(", "))
}

/// The Rust name of a type or a constant: `tj_each_tensor` is `EachTensor`, and `TJ_NONE` is `None`.
fn rust_name(c_name: &str) -> String {
    let words = c_name.split('_').skip(1).map(str::to_lowercase);
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The statements of the header, which end with semicolons outside of braces, as words and signs.
fn c_statements(header: &str) -> Vec<Vec<String>> {
    let mut text = String::new();
    let mut is_cpp = false;
    for line in header.lines() {
        match line {
            "#ifdef __cplusplus" => is_cpp = true,
            "#else" | "#endif" => is_cpp = false,
            _ if is_cpp || line.starts_with('#') => {}
            _ => text.extend(line.split("//").next().into_iter().chain(["\n"])),
        }
    }
    for sign in ["(", ")", "{", "}", "*", ",", ";", "="] {
        text = text.replace(sign, &format!(" {sign} "));
    }
    let tokens: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    split(&tokens, ";").into_iter().map(<[String]>::to_vec).filter(|tokens| !tokens.is_empty()).collect()
}

/// The parts between `sign`s that no bracket encloses.
fn split<'a>(tokens: &'a [String], sign: &str) -> Vec<&'a [String]> {
    let mut depth = 0;
    let at_top = |token: &String| {
        depth += i32::from(["(", "{"].contains(&token.as_str()));
        depth -= i32::from([")", "}"].contains(&token.as_str()));
        depth == 0 && token == sign
    };
    tokens.split(at_top).collect()
}

fn c_enums(header: &str) -> BTreeMap<String, Vec<(String, usize)>> {
    let mut enums = BTreeMap::new();
    for statement in c_statements(header).iter().filter(|words| words.get(1).is_some_and(|it| it == "enum")) {
        let [_, _, _, constants @ .., _, name] = statement.as_slice() else { panic!("a strange enum") };
        let mut next = 0;
        let constants = split(constants, ",").into_iter().map(|constant| {
            let number = constant.get(2).map_or(next, |number| number.parse().expect("a number"));
            next = number + 1;
            (rust_name(&constant[0]), number)
        });
        enums.insert(name.clone(), constants.collect());
    }
    enums
}

fn c_table(header: &str) -> Table {
    // Enums are integers to Rust; callback types are spelled out where they are used.
    let mut types: Table = TYPES.map(|(c, rust)| (c.to_owned(), rust.to_owned())).into();
    types.extend(c_enums(header).into_keys().map(|name| (name, "c_int".to_owned())));
    let mut table = Table::new();
    for statement in c_statements(header) {
        let words: Vec<&str> = statement.iter().map(String::as_str).collect();
        let (name, ty) = match words.as_slice() {
            ["typedef", "enum", ..] | ["}"] => continue,
            ["typedef", "struct", name, _] => (rust_name(name), "opaque".to_owned()),
            ["typedef", "struct", "{", .., "}", name] => {
                let fields = split(&statement[3..statement.len() - 2], ";").into_iter();
                let fields = fields.filter(|field| !field.is_empty());
                (rust_name(name), structure(fields.map(|field| c_declaration(field, &types))))
            }
            ["typedef", ..] => {
                let (name, ty) = c_declaration(&statement[1..], &types);
                types.insert(name.clone(), ty.clone());
                (rust_name(&name), ty)
            }
            [.., "noexcept"] => c_declaration(&statement[..statement.len() - 1], &types),
            _ => panic!("shim.h: `{}` is not understood", words.join(" ")),
        };
        table.insert(name, ty);
    }
    table
}

/// The name, which may be empty, and the type of a parameter, a field, a callback or a function.
fn c_declaration(tokens: &[String], types: &Table) -> (String, String) {
    if let Some(open) = tokens.iter().position(|token| token == "(") {
        // `result (*name)(params)`, or `result name(params)`.
        let (result, name, params) = match tokens[open + 1].as_str() {
            "*" => (open, open + 2, open + 5),
            _ => (open - 1, open - 1, open + 1),
        };
        let params = match &tokens[params..tokens.len() - 1] {
            [void] if void == "void" => Vec::new(),
            params => split(params, ","),
        };
        let params: Vec<_> = params.into_iter().map(|param| c_declaration(param, types).1).collect();
        let (_, result) = c_declaration(&tokens[..result], types);
        return (tokens[name].clone(), format!("fn({}) -> {result}", params.join(", ")));
    }
    let is_name = |token: &&String| *token != "*" && *token != "const";
    let names: Vec<&String> = tokens.iter().filter(is_name).collect();
    let mut ty = match names[0].as_str() {
        "void" if tokens.contains(&"*".to_owned()) => "c_void".to_owned(),
        "void" => "()".to_owned(),
        name => types.get(name).cloned().unwrap_or_else(|| rust_name(name)),
    };
    let mut is_const = false;
    for token in tokens {
        if token == "*" {
            ty = format!("{} {ty}", if is_const { "*const" } else { "*mut" });
        }
        is_const = token == "const" || (is_const && token != "*");
    }
    (names.get(1).map_or(String::new(), |&name| name.clone()), ty)
}

fn rust_table(raw: &str) -> Table {
    let file = syn::parse_file(raw).expect("raw.rs is Rust");
    let mut aliases = Table::new();
    for item in &file.items {
        if let Item::Type(item) = item {
            let ty = rust_type(&item.ty, &aliases);
            aliases.insert(item.ident.to_string(), ty);
        }
    }
    // The aliases that C names, too; Rust may have more.
    let in_c = c_table(HEADER);
    let mut table: Table = aliases.clone().into_iter().filter(|(name, _)| in_c.contains_key(name)).collect();
    for item in &file.items {
        match item {
            Item::Macro(item) if item.mac.path.is_ident("opaque") => {
                let names = item.mac.tokens.to_string();
                table.extend(names.split_whitespace().map(|name| (name.to_owned(), "opaque".to_owned())));
            }
            Item::Struct(item) => {
                let fields = item.fields.iter().filter_map(|field| {
                    Some((field.ident.as_ref()?.to_string(), rust_type(&field.ty, &aliases)))
                });
                let fields = fields.filter(|(_, ty)| ty != "PhantomData");
                table.insert(item.ident.to_string(), structure(fields));
            }
            Item::ForeignMod(block) => table.extend(block.items.iter().filter_map(|item| {
                let ForeignItem::Fn(function) = item else { return None };
                let params = function.sig.inputs.iter().filter_map(|param| match param {
                    syn::FnArg::Typed(param) => Some(&*param.ty),
                    syn::FnArg::Receiver(_) => None,
                });
                Some((function.sig.ident.to_string(), rust_function(params, &function.sig.output, &aliases)))
            })),
            _ => {}
        }
    }
    table
}

fn rust_function<'a>(params: impl Iterator<Item = &'a Type>, output: &ReturnType, aliases: &Table) -> String {
    let params: Vec<_> = params.map(|ty| rust_type(ty, aliases)).collect();
    let output = match output {
        ReturnType::Default => "()".to_owned(),
        ReturnType::Type(_, ty) => rust_type(ty, aliases),
    };
    format!("fn({}) -> {output}", params.join(", "))
}

fn rust_type(ty: &Type, aliases: &Table) -> String {
    match ty {
        Type::Ptr(ptr) => {
            let is_const = matches!(ptr.mutability, syn::PointerMutability::Const(_));
            format!("{} {}", if is_const { "*const" } else { "*mut" }, rust_type(&ptr.elem, aliases))
        }
        Type::FnPtr(function) => {
            rust_function(function.inputs.iter().map(|arg| &arg.ty), &function.output, aliases)
        }
        Type::Path(path) => {
            let last = path.path.segments.last().expect("a path has a last part");
            let name = last.ident.to_string();
            match &last.arguments {
                // C's function pointers may be null.
                syn::PathArguments::AngleBracketed(args) if name == "Option" => match args.args.first() {
                    Some(syn::GenericArgument::Type(inner)) => rust_type(inner, aliases),
                    _ => panic!("raw.rs: an option without a type"),
                },
                _ => aliases.get(&name).cloned().unwrap_or(name),
            }
        }
        other => panic!("raw.rs: `{other:?}` is not understood"),
    }
}
