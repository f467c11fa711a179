//! Branches that the class of a module rules out. Rust checks their types, and libtorch cannot compile them: a child that
//! is None has no `forward`.

#![allow(missing_docs)]
// The forms under test are not all what clippy would write.
#![allow(clippy::all, clippy::pedantic)]

use integration_tests::agree;
use tch::nn::Module as _;
use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods, script};

fn rows(n: i64) -> Tensor {
    Tensor::arange(n * 3, tch::kind::FLOAT_CPU).view([n, 3]) / 10.0
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Child {
    inner: Option<nn::Linear>,
}

#[methods]
impl Child {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2.0
    }

    fn use_inner(&self, x: &Tensor) -> Tensor {
        self.inner.as_ref().unwrap().forward(x)
    }
}

#[script]
fn positive(x: &Tensor) -> bool {
    x.sum(tch::Kind::Float).double_value(&[]) > 0.0
}

/// Defines a module with an optional child and the flags that a condition may name, and a test which compiles it with
/// and without the child, and with either value of each flag.
macro_rules! decided {
    ($($(#[doc = $doc:literal])* $name:ident { $($forward:tt)* })*) => {$(
        mod $name {
            use super::*;

            #[compile_mode(script)]
            #[derive(Debug)]
            pub struct Case {
                child: Option<nn::Linear>,
                own: Option<Child>,
                flag: bool,
                #[jit(constant)]
                constant: bool,
                #[jit(constant)]
                number: i64,
                layers: Vec<nn::Linear>,
            }

            #[allow(dead_code)]
            impl Case {
                const YES: bool = true;
                const NO: bool = false;
            }

            #[methods]
            #[allow(dead_code, unused_variables)]
            impl Case {
                $($forward)*

                fn use_child(&self, x: &Tensor) -> Tensor {
                    self.child.as_ref().unwrap().forward(x) * 3.0
                }

                fn use_layer(&self, x: &Tensor) -> Tensor {
                    self.layers[0].forward(x) * 5.0
                }

                /// Calls the child two calls below.
                fn deep(&self, x: &Tensor) -> Tensor {
                    self.use_child(x) + 1.0
                }

                #[export]
                fn exported(&self, x: &Tensor) -> Tensor {
                    if self.child.is_some() { self.use_child(x) } else { x - 1.0 }
                }
            }

            #[test]
            $(#[doc = $doc])*
            fn agrees() {
                for bits in 0..16 {
                    let vs = nn::VarStore::new(tch::Device::Cpu);
                    let root = vs.root();
                    let is = |bit: i32| bits >> bit & 1 == 1;
                    let lin = |name: &str| nn::linear(&root / name, 3, 3, nn::LinearConfig::default());
                    let module = Case {
                        child: is(0).then(|| lin("child")),
                        own: is(0).then(|| Child { inner: is(3).then(|| lin("inner")) }),
                        flag: is(1),
                        constant: is(2),
                        number: i64::from(is(2)),
                        layers: if is(0) { vec![lin("layer")] } else { vec![] },
                    };
                    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("case {bits}: {e}"));
                    agree(&module, &compiled, &[(rows(2),), (-rows(3),)]);
                }
            }
        }
    )*};
}

decided! {
    /// A method that only a dead branch calls.
    a_method { fn forward(&self, x: &Tensor) -> Tensor {
        if self.child.is_some() { self.use_child(x) } else { x * 2.0 }
    } }

    below_a_method { fn forward(&self, x: &Tensor) -> Tensor {
        if let Some(_) = &self.child { self.deep(x) } else { Self::deep_or(self, x) }
    }
    fn deep_or(&self, x: &Tensor) -> Tensor {
        if self.child.is_none() { x + 1.0 } else { self.deep(x) }
    } }

    if_let { fn forward(&self, x: &Tensor) -> Tensor {
        if let Some(child) = &self.child { child.forward(x) + self.use_child(x) } else { x * 2.0 }
    } }

    a_match { fn forward(&self, x: &Tensor) -> Tensor {
        match &self.child {
            Some(child) => self.use_child(&child.forward(x)),
            None => x * 2.0,
        }
    } }

    a_match_of_two { fn forward(&self, x: &Tensor) -> Tensor {
        match (&self.child, &self.own) {
            (Some(child), Some(own)) => child.forward(x) + own.forward(x),
            (Some(child), None) => child.forward(x),
            (None, _) => x * 2.0,
        }
    } }

    a_childs_method { fn forward(&self, x: &Tensor) -> Tensor {
        match &self.own {
            Some(own) if own.inner.is_some() => own.use_inner(x),
            Some(own) => own.forward(x),
            None => x * 3.0,
        }
    } }

    an_early_return { fn forward(&self, x: &Tensor) -> Tensor {
        if self.child.is_none() {
            return x * 2.0;
        }
        self.child.as_ref().unwrap().forward(x) + self.use_child(x)
    } }

    let_else { fn forward(&self, x: &Tensor) -> Tensor {
        let Some(child) = &self.child else { return x * 2.0 };
        let Some(own) = &self.own else { return child.forward(x) };
        own.forward(&child.forward(x))
    } }

    both_branches_return { fn forward(&self, x: &Tensor) -> Tensor {
        if self.child.is_some() {
            return self.use_child(x);
        } else {
            return x * 2.0;
        }
    } }

    or_of_a_missing_child { fn forward(&self, x: &Tensor) -> Tensor {
        if self.child.is_none() || self.child.as_ref().unwrap().forward(x).sum(tch::Kind::Float).double_value(&[]) > 0.0 {
            x * 2.0
        } else {
            self.use_child(x)
        }
    } }

    and_of_a_present_child { fn forward(&self, x: &Tensor) -> Tensor {
        if self.child.is_some() && positive(&self.child.as_ref().unwrap().forward(x)) { self.use_child(x) } else { x * 2.0 }
    } }

    dynamic_first { fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x * 2.0;
        if positive(x) && self.child.is_some() { y = self.use_child(&y); }
        if positive(x) || self.child.is_none() { y = y + 1.0; } else { y = y + self.use_child(x); }
        if positive(x) && self.child.is_some() && positive(&self.use_child(x)) { y = y + self.use_child(x); }
        if !(positive(x) && self.child.is_some()) { y = y + 1.0; }
        y
    } }

    both_sides_evaluated { fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x * 2.0;
        if self.flag & self.child.is_some() { y = y + self.use_child(x); }
        if self.child.is_some() & self.flag { y = y + self.use_child(x); }
        if self.child.is_none() | self.flag { y = y + 1.0; } else { y = y + self.use_child(x); }
        if self.flag | self.child.is_none() | positive(x) { y = y + 1.0; } else { y = y + self.use_child(x); }
        if positive(x) & self.child.is_some() & self.flag { y = y + self.use_child(x); }
        if self.child.is_some() ^ Self::NO { y = y + self.use_child(x); }
        if self.child.is_none() ^ Self::YES { y = y + self.use_child(x); }
        if self.flag ^ self.child.is_some() { y = y + 1.0; }
        if !self.child.is_none() & !self.flag { y = y + self.use_child(x); }
        if !(self.flag & self.child.is_some()) { y = y + 1.0; } else { y = y + self.use_child(x); }
        if !(self.flag | self.child.is_none()) { y = y + self.use_child(x); }
        y
    } }

    /// What is not decided is evaluated as often as in Rust.
    effects_stay { fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.copy();
        if self.count(&y) & self.child.is_some() { y = y + self.use_child(x); }
        if self.child.is_some() & self.count(&y) { y = y + self.use_child(x); }
        if self.count(&y) | self.child.is_none() { y = y + 1.0; } else { y = y + self.use_child(x); }
        if self.count(&y) && self.child.is_some() { y = y + self.use_child(x); }
        if self.child.is_some() && self.count(&y) { y = y + self.use_child(x); }
        if self.count(&y) || self.child.is_none() { y = y + 1.0; } else { y = y + self.use_child(x); }
        if self.child.is_none() || self.count(&y) { y = y + 1.0; } else { y = y + self.use_child(x); }
        if (self.count(&y) & self.child.is_some()) & self.count(&y) { y = y + self.use_child(x); }
        if (self.count(&y) & self.child.is_some()) || self.count(&y) { y = y + 2.0; }
        let _unused = self.count(&y) & Self::NO;
        y
    }
    fn count(&self, y: &Tensor) -> bool {
        let mut y = y.shallow_clone();
        y += 1.0;
        self.flag
    } }

    constants { fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x * 2.0;
        if Self::NO { y = y + self.use_missing(x); }
        if !Self::YES || Self::NO { y = y + self.use_missing(x); }
        if self.constant && self.child.is_some() { y = y + self.use_child(x); }
        if self.number > 0 && self.child.is_some() { y = y + self.use_child(x); }
        if self.number == 1 && !self.layers.is_empty() { y = y + self.use_layer(x); }
        if self.layers.len() > 0 { y = y + self.use_layer(x); }
        if self.layers.is_empty() { y } else { self.layers[0].forward(&y) }
    }
    fn use_missing(&self, x: &Tensor) -> Tensor {
        if self.child.is_none() { self.use_child(x) } else { x + 1.0 }
    } }

    loops { fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x * 2.0;
        for layer in &self.layers { y = layer.forward(&y) + self.use_layer(&y); }
        while self.child.is_some() && positive(&y) { y = self.use_child(&y) - 100.0; }
        while Self::NO { y = self.use_missing(&y); }
        for i in 0..3 {
            if self.child.is_none() { break; }
            y = y + self.use_child(x) * i as f64;
        }
        y
    }
    fn use_missing(&self, x: &Tensor) -> Tensor {
        if self.child.is_none() { self.use_child(x) } else { x + 1.0 }
    } }

    /// Control leaves a loop in a decided branch, within and outside of one that is not.
    leaving_loops { fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x * 2.0;
        for i in 0..4 {
            if i == 2 {
                if self.child.is_none() { continue; }
                y = y + 1.0;
            } else {
                y = y * 0.5;
            }
            let z = if i > 2 { if self.flag & self.child.is_none() { break } else { i } } else { 7 };
            y = y + z as f64;
            if i == 3 { if self.child.is_none() { return y; } y = self.use_child(&y); }
            if positive(&y) { if self.constant { break; } else { continue; } } else if self.constant { continue; }
            y = y - 1.0;
        }
        y
    } }

    variables { fn forward(&self, x: &Tensor) -> Tensor {
        let has_child = self.child.is_some();
        let both = has_child & self.flag;
        let mut y = x * 2.0;
        if has_child { y = y + self.use_child(x); }
        if both { y = y + 1.0; }
        let mut found = false;
        for _ in 0..2 {
            if found { y = y + 3.0; }
            found = has_child;
        }
        let mut level = 1;
        if self.flag { level = 2; }
        if level == 1 { y = y + 5.0; } else { y = y + 7.0; }
        let chosen = if has_child { self.use_child(&y) } else { y };
        if !has_child { return chosen; }
        self.use_child(&chosen)
    } }

    /// The right side takes statements.
    statements_in_conditions { fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x * 2.0;
        if self.child.is_some() && { let z = self.use_child(x); positive(&z) } { y = y + self.use_child(x); }
        if self.child.is_none() || { let z = self.use_child(x); positive(&z) } { y = y + 1.0; }
        if self.child.is_some() && { let mut z = x.copy(); for layer in &self.layers { z = layer.forward(&z); } positive(&z) } { y = y + 3.0; }
        if self.flag && { let z = x * 2.0; positive(&z) } { y = y + 5.0; }
        if self.flag || { let z = x * 2.0; positive(&z) } { y = y + 7.0; }
        y
    } }

    ternaries { fn forward(&self, x: &Tensor) -> Tensor {
        let a = if self.child.is_some() { self.use_child(x) } else { x * 2.0 };
        let b = self.child.as_ref().map_or(x * 3.0, |child| child.forward(x));
        let c = if self.flag { if let Some(child) = &self.child { child.forward(x) } else { x * 5.0 } } else { x * 7.0 };
        a + b + c
    } }
}

#[compile_mode(script)]
#[derive(Debug)]
pub enum Layer {
    Linear(nn::Linear),
    Scale(f64),
    Child(Child),
}

#[methods]
impl Layer {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = match self {
            Layer::Linear(linear) => self.linear(&x.apply(linear)),
            Layer::Scale(by) => self.scaled(x) * *by,
            Layer::Child(_) => x + 1.0,
        };
        let Layer::Child(child) = self else { return y };
        child.forward(&y)
    }

    fn linear(&self, x: &Tensor) -> Tensor {
        match self {
            Layer::Linear(linear) => x.apply(linear),
            _ => x * 2.0,
        }
    }

    fn scaled(&self, x: &Tensor) -> Tensor {
        let Layer::Scale(by) = self else { return x.shallow_clone() };
        x + *by
    }
}

#[test]
fn variants() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let linear = nn::linear(vs.root(), 3, 3, nn::LinearConfig::default());
    for module in [Layer::Linear(linear), Layer::Scale(2.0), Layer::Child(Child { inner: None })] {
        let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
        agree(&module, &compiled, &[(rows(2),)]);
    }
}

/// A constant of a type decides.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Generic<const N: usize, const DEEP: bool> {
    layers: [nn::Linear; N],
}

#[methods]
impl<const N: usize, const DEEP: bool> Generic<N, DEEP> {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        if DEEP {
            y = self.second(&y);
        }
        if N > 1 && !DEEP {
            y = self.second(&y) * 2.0;
        }
        y.apply(&self.layers[0])
    }

    fn second(&self, x: &Tensor) -> Tensor {
        x.apply(&self.layers[1])
    }
}

#[test]
fn constants_of_types() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let root = vs.root();
    let lin = |name: &str| nn::linear(&root / name, 3, 3, nn::LinearConfig::default());
    let one = Generic::<1, false> { layers: [lin("a")] };
    agree(&one, &tch_jit::script(&one).unwrap_or_else(|e| panic!("{e}")), &[(rows(2),)]);
    let two = Generic::<2, true> { layers: [lin("b"), lin("c")] };
    agree(&two, &tch_jit::script(&two).unwrap_or_else(|e| panic!("{e}")), &[(rows(2),)]);
    let two = Generic::<2, false> { layers: [lin("d"), lin("e")] };
    agree(&two, &tch_jit::script(&two).unwrap_or_else(|e| panic!("{e}")), &[(rows(2),)]);
}

/// A function that only a dead branch calls.
#[compile_mode(script)]
#[derive(Debug)]
pub struct CallsFunction<const NAMED: bool>;

#[script]
fn first_of(x: &Tensor) -> String {
    if x.size()[0] > 2 { "a".to_owned() } else { "b".to_owned() }
}

#[methods]
impl<const NAMED: bool> CallsFunction<NAMED> {
    fn forward(&self, x: &Tensor) -> Tensor {
        if NAMED && first_of(x) == "a" { x * 2.0 } else { x * 3.0 }
    }
}

#[test]
fn a_function_in_a_dead_branch_is_not_compiled() {
    let module = CallsFunction::<false>;
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    agree(&module, &compiled, &[(rows(2),)]);
    assert!(!files(&compiled).contains("first_of"));
    let other = CallsFunction::<true>;
    assert!(tch_jit::script(&other).is_ok_and(|compiled| files(&compiled).contains("first_of")));
}

/// The code in the module's file.
fn files(module: &tch_jit::ScriptModule) -> String {
    let bytes = integration_tests::modules::bytes(module);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut code = String::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).expect("a file");
        if file.name().ends_with(".py") {
            std::io::Read::read_to_string(&mut file, &mut code).expect("text");
        }
    }
    code
}

/// A method that nothing calls while it may run is not part of the file.
#[test]
fn a_dead_method_is_no_method_of_the_class() {
    let module = Dead { child: None };
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(compiled.methods(), ["forward"]);
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Dead {
    child: Option<nn::Linear>,
}

#[methods]
impl Dead {
    fn forward(&self, x: &Tensor) -> Tensor {
        if self.child.is_some() { self.helper(x) } else { x * 2.0 }
    }

    fn helper(&self, x: &Tensor) -> Tensor {
        self.child.as_ref().unwrap().forward(x)
    }
}
