//! Puts an iterator that a body stores under a name to where it is used: TorchScript has lists, and no iterators.
//!
//! `let pairs = xs.iter().zip(&ys); for (x, y) in pairs { … }` becomes `for (x, y) in xs.iter().zip(&ys) { … }`. An
//! iterator does nothing before it is used, and what it borrows does not change until then, so that nothing is seen of
//! the move. What it copies may change: then, and where the name is used more than once, all stays as it is.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Ident, Pat, Stmt};

use crate::lower::visit_arguments;

/// Rewrites the body.
pub fn put_to_their_uses(body: &mut Block) {
    struct Blocks;
    impl VisitMut for Blocks {
        fn visit_block_mut(&mut self, block: &mut Block) {
            // A moved iterator may use another one.
            while put_one(block) {}
            visit_mut::visit_block_mut(self, block);
        }
        fn visit_item_mut(&mut self, _: &mut syn::Item) {}
    }
    Blocks.visit_block_mut(body);
}

fn put_one(block: &mut Block) -> bool {
    for i in 0..block.stmts.len() {
        let Some((ident, iterator)) = stored(&block.stmts[i]) else { continue };
        let (ident, iterator) = (ident.clone(), iterator.clone());
        if let Some(at) = only_use(&block.stmts[i + 1..], &ident, &iterator) {
            Put { ident: &ident, iterator: &iterator }.visit_stmt_mut(&mut block.stmts[i + 1 + at]);
            block.stmts.remove(i);
            return true;
        }
    }
    false
}

/// The name and the iterator in `let name = iterator;`.
fn stored(stmt: &Stmt) -> Option<(&Ident, &Expr)> {
    let Stmt::Local(local) = stmt else { return None };
    let (Pat::Ident(pat), Some(init)) = (&local.pat, &local.init) else { return None };
    let is_plain = pat.mutability.is_none() && pat.by_ref.is_none() && pat.subpat.is_none();
    let is_moved = is_plain
        && init.diverge.is_none()
        && local.attrs.is_empty()
        && is_iterator(&init.expr)
        // Another variable of the name.
        && !names_in(&init.expr).contains(&pat.ident.to_string());
    is_moved.then_some((&pat.ident, &*init.expr))
}

/// Whether the expression is certainly an iterator: a range, or a chain of adapters from what gives one.
fn is_iterator(expr: &Expr) -> bool {
    const SOURCES: &[&str] = &[
        "chunks",
        "chunks_exact",
        "into_iter",
        "into_keys",
        "into_values",
        "iter",
        "keys",
        "lines",
        "split",
        "split_whitespace",
        "values",
        "windows",
    ];
    const ADAPTERS: &[&str] = &[
        "chain",
        "cloned",
        "copied",
        "enumerate",
        "filter",
        "filter_map",
        "flat_map",
        "flatten",
        "map",
        "map_while",
        "rev",
        "skip",
        "skip_while",
        "step_by",
        "take",
        "take_while",
        "zip",
    ];
    match expr {
        Expr::Paren(it) => is_iterator(&it.expr),
        Expr::Range(it) => it.start.is_some() && it.end.is_some(),
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            let n_args = call.args.len();
            SOURCES.contains(&&*name) && call.turbofish.is_none() && n_args <= 1
                || ADAPTERS.contains(&&*name) && is_iterator(&call.receiver)
        }
        _ => false,
    }
}

/// The statement with the only use of the name, if the iterator can be put there.
fn only_use(stmts: &[Stmt], ident: &Ident, iterator: &Expr) -> Option<usize> {
    let mut found = None;
    let copied = names_in(iterator);
    for (i, stmt) in stmts.iter().enumerate() {
        let mut uses = Uses { ident, copied: &copied, n_uses: 0, n_lost: 0, depth: 0 };
        uses.visit_stmt(stmt);
        if uses.n_lost > 0 || uses.n_uses + usize::from(found.is_some()) > 1 {
            return None;
        }
        if uses.n_uses == 1 {
            found = Some(i);
        }
    }
    found
}

fn names_in(expr: &Expr) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            self.0.extend(path.path.get_ident().map(ToString::to_string));
        }
    }
    let mut names = Names(vec![]);
    names.visit_expr(expr);
    names.0
}

/// Counts the uses of a name, and what keeps the iterator from being put there.
struct Uses<'a> {
    ident: &'a Ident,
    /// What the iterator names, which may be copies.
    copied: &'a [String],
    n_uses: usize,
    n_lost: usize,
    /// How many loops and closures are around, which may run more than once.
    depth: usize,
}

impl Uses<'_> {
    fn repeated(&mut self, f: impl FnOnce(&mut Self)) {
        self.depth += 1;
        f(self);
        self.depth -= 1;
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Path(path) if path.path.is_ident(self.ident) && self.depth == 0 => self.n_uses += 1,
            Expr::Path(path) if path.path.is_ident(self.ident) => self.n_lost += 1,
            Expr::ForLoop(it) => {
                self.visit_expr(&it.expr);
                self.visit_pat(&it.pat);
                self.repeated(|this| this.visit_block(&it.body));
            }
            Expr::While(_) | Expr::Loop(_) | Expr::Closure(_) => {
                self.repeated(|this| visit::visit_expr(this, expr));
            }
            // What was copied into the iterator is another value from here on.
            Expr::Assign(it) if self.is_copied(&it.left) => self.n_lost += 1,
            Expr::Binary(it) if is_assignment(&it.op) && self.is_copied(&it.left) => self.n_lost += 1,
            Expr::Reference(it) if it.mutability.is_some() && self.is_copied(&it.expr) => self.n_lost += 1,
            Expr::Reference(it) if matches!(&*it.expr, Expr::Path(path) if path.path.is_ident(self.ident)) => {
                self.n_lost += 1;
            }
            expr => visit::visit_expr(self, expr),
        }
    }

    // Another variable of one of the names.
    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        let name = pat.ident.to_string();
        self.n_lost += usize::from(pat.ident == *self.ident || self.copied.contains(&name));
        visit::visit_pat_ident(self, pat);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.n_lost += usize::from(names(mac.tokens.clone(), self.ident));
        visit_arguments(self, mac);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

impl Uses<'_> {
    fn is_copied(&self, place: &Expr) -> bool {
        names_in(place).iter().any(|name| self.copied.contains(name))
    }
}

fn is_assignment(op: &syn::BinOp) -> bool {
    op.to_token_stream().to_string().ends_with('=')
        && !matches!(op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_) | syn::BinOp::Le(_) | syn::BinOp::Ge(_))
}

fn names(tokens: TokenStream, ident: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => names(group.stream(), ident),
        TokenTree::Ident(it) => it == *ident,
        TokenTree::Literal(lit) => lit.to_string().contains(&ident.to_string()),
        TokenTree::Punct(_) => false,
    })
}

struct Put<'a> {
    ident: &'a Ident,
    iterator: &'a Expr,
}

impl VisitMut for Put<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Path(path) if path.path.is_ident(self.ident) => *expr = self.iterator.clone(),
            Expr::MethodCall(call) if matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident(self.ident)) =>
            {
                // A range needs parentheses before a method.
                let iterator = self.iterator;
                *call.receiver = match iterator {
                    Expr::Range(_) => syn::parse_quote!((#iterator)),
                    iterator => iterator.clone(),
                };
                visit_mut::visit_expr_mut(self, expr);
            }
            expr => visit_mut::visit_expr_mut(self, expr),
        }
    }
}
