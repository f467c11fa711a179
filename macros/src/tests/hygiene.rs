//! What is generated stays out of the user's sight: documentation, lints, names.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit::Visit;
use syn::{Attribute, Visibility};

use crate::{expand, paths};

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|error| panic!("{error}: {text}"))
}

const STRUCT: &str =
    "#[tracing_inputs(encode, x = [_, 3])] pub struct Model { layer: Linear, #[jit(constant)] n: i64 }";
const ENUM: &str = "pub enum Layer { Conv(Conv), Skip }";
const BLOCK: &str = "impl Model {
    pub fn forward(&self, x: &Tensor) -> Tensor { x.relu(|| unsafe { f() }) }
    #[export] pub fn encode(&self, x: &Tensor) -> Tensor { self.layer.scale(&gate(x)) }
    #[tch_jit::unused] fn other(&self) {}
    #[tracing_inputs] fn inputs(&self, n: usize) -> Vec<Tensor> { vec![] }
    #[auto_jitable(tolerance = 1e-3)] fn small() -> Self { todo!() }
}";

/// Everything that the attributes generate, without the items that they stand on.
fn generated() -> Vec<syn::File> {
    let mut files = vec![];
    for (mode, item) in [("script", STRUCT), ("inherit", ENUM), ("unsupported", ENUM)] {
        files.push(expand::compile_mode(tokens(mode), tokens(item)));
    }
    files.push(expand::methods(tokens(""), tokens(BLOCK)));
    let mut parsed: Vec<syn::File> = files.into_iter().map(|it| syn::parse2(it).expect("items")).collect();
    parsed.iter_mut().for_each(|file| drop(file.items.remove(0)));
    parsed.push(syn::parse2(expand::script_type(tokens("pub struct Pair(i64, f64);"))).expect("items"));
    parsed
}

/// Public items without `#[doc(hidden)]`, and impls of traits of ours.
#[derive(Default)]
struct Shown(Vec<String>);

impl Shown {
    fn note(&mut self, attrs: &[Attribute], name: &impl ToTokens) {
        if !attrs.iter().any(|attr| quote!(#attr).to_string() == "# [doc (hidden)]") {
            self.0.push(name.to_token_stream().to_string());
        }
    }
}

impl<'ast> Visit<'ast> for Shown {
    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if matches!(item.vis, Visibility::Public(_)) {
            self.note(&item.attrs, &item.sig.ident);
        }
    }
    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        if matches!(item.vis, Visibility::Public(_)) {
            self.note(&item.attrs, &item.ident);
        }
    }
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if matches!(item.vis, Visibility::Public(_)) {
            self.note(&item.attrs, &item.ident);
        }
    }
    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        if matches!(item.vis, Visibility::Public(_)) {
            self.note(&item.attrs, &item.ident);
        }
    }
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        // Of a trait for a type of ours, nothing is shown.
        let ty = &item.self_ty;
        let is_user = !quote!(#ty).to_string().starts_with("BodyOf");
        if let Some((path, _)) = item.trait_.as_ref().filter(|_| is_user)
            && quote!(#path).to_string().contains(":: private ::")
        {
            self.note(&item.attrs, path);
        }
        syn::visit::visit_item_impl(self, item);
    }
}

#[test]
fn nothing_of_ours_is_documented() {
    let mut shown = Shown::default();
    generated().iter().for_each(|file| shown.visit_file(file));
    assert!(shown.0.is_empty(), "{:#?}", shown.0);
}

/// Identifiers after a `::` that nothing precedes: names of crates.
fn crates(output: &TokenStream) -> Vec<String> {
    let text = output.to_string();
    let names = text.split(":: ").skip(1);
    let roots = names.zip(text.split(":: ")).filter(|(_, before)| {
        let before = before.trim_end();
        !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>')
    });
    let mut names: Vec<String> =
        roots.map(|(name, _)| name.split([' ', ',']).next().unwrap_or("").to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_runtime_has_the_name_that_an_attribute_gives_it() {
    let argument = "crate = \"jit\"";
    let expansions: [(&str, &dyn Fn() -> TokenStream); 4] = [
        ("struct", &|| expand::compile_mode(tokens("script, crate = \"jit\""), tokens(STRUCT))),
        ("block", &|| expand::methods(tokens(argument), tokens(BLOCK))),
        ("function", &|| expand::script("script", tokens(argument), tokens("fn gate(x: f64) -> f64 { x }"))),
        ("type", &|| expand::script_type(tokens("#[script_type(crate = \"jit\")] struct Pair(i64, f64);"))),
    ];
    for (what, expansion) in expansions {
        let scope = paths::enter();
        let output = expansion();
        drop(scope);
        let text = output.to_string();
        assert!(text.contains("jit :: private") || text.contains("jit :: ScriptType"), "{what}: {text}");
        assert!(!text.contains(":: tch_jit ::"), "{what}: {text}");
        assert!(!text.contains("compile_error") || what == "block", "{what}: {text}");
        assert!(
            crates(&output).iter().all(|it| ["core", "std"].contains(&&**it)),
            "{what}: {:?}",
            crates(&output)
        );
    }
    // The next expansion begins anew.
    assert_eq!(paths::krate(proc_macro2::Span::call_site()).to_string(), ":: tch_jit");
}
