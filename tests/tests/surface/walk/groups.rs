//! The generated calls as data: groups of methods, each with a Rust function and its compiled module.

use tch::Tensor;

use super::values::Pools;

/// One arm of a group.
pub struct Method {
    pub name: &'static str,
    /// Names and types of what it takes: `"self t, dim i"`.
    pub signature: &'static str,
}

/// Methods that share a module: the number of one is its place in `methods`.
pub struct Group {
    pub methods: &'static [Method],
    /// Panics where tch does.
    pub eager: fn(usize, &Pools) -> Vec<Tensor>,
    /// The compiled module, and the same one saved and loaded.
    pub compile: fn() -> [Scripted; 2],
}

/// A compiled group.
pub type Scripted = Box<dyn Fn(usize, &Pools) -> tch_jit::Result<Vec<Tensor>>>;

/// A module with one arm for each method.
macro_rules! calls {
    ($module:ident, $t:ident, $o:ident, $tl:ident, $l:ident, $ol:ident, $f:ident, $s:ident, $oi:ident, $of:ident
     { $($which:literal $name:ident $signature:literal => $call:tt)* }) => {
        #[tch_jit::compile_mode(script)]
        pub struct $module;

        #[tch_jit::methods]
        impl $module {
            #[allow(clippy::all, unused_mut, unused_variables)]
            fn forward(
                &self,
                which: i64,
                $t: &[Tensor],
                $o: &[Option<Tensor>],
                $tl: &[Vec<Tensor>],
                $l: &[Vec<i64>],
                $ol: &[Option<Vec<i64>>],
                $f: &[Vec<f64>],
                $s: &[String],
                $oi: &[Option<i64>],
                $of: &[Option<f64>],
            ) -> Vec<Tensor> {
                match which {
                    $($which => $call,)*
                    _ => vec![],
                }
            }
        }

        impl $module {
            pub const GROUP: Group = Group {
                methods: &[$(Method { name: stringify!($name), signature: $signature }),*],
                eager: |which, p| {
                    let which = i64::try_from(which).expect("groups are small");
                    $module.forward(which, &p.t, &p.o, &p.tl, &p.l, &p.ol, &p.f, &p.s, &p.oi, &p.of)
                },
                compile: || {
                    let compiled = tch_jit::compile(&$module).unwrap_or_else(|error| panic!("{error}"));
                    let loaded = super::reloaded(&compiled);
                    [compiled, loaded].map(|compiled| -> super::Scripted {
                        Box::new(move |which, p: &super::Pools| {
                        let which = i64::try_from(which).expect("groups are small");
                        let args = (
                            which,
                            p.t.share(),
                            p.o.share(),
                            p.tl.share(),
                            p.l.share(),
                            p.ol.share(),
                            p.f.share(),
                            p.s.share(),
                            p.oi.share(),
                            p.of.share(),
                        );
                        compiled.forward(args)
                    }) })
                },
            };
        }
    };
}

fn reloaded<M: tch_jit::Module + tch_jit::Forward>(compiled: &tch_jit::Compiled<M>) -> tch_jit::Compiled<M> {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("group.pt");
    compiled.save(&path).unwrap_or_else(|error| panic!("{error}"));
    tch_jit::Compiled::load(&path).unwrap_or_else(|error| panic!("{error}"))
}

macro_rules! groups {
    ($($module:ident)*) => {
        pub const GROUPS: &[Group] = &[$($module::GROUP),*];
    };
}

#[path = "calls.rs"]
mod calls;

pub use calls::GROUPS;
