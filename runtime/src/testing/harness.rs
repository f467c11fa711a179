//! Runs the tests that `#[auto_jitable]` registers: functions that build a small module, which is then compiled and
//! compared.

use tch::{Device, nn};

use crate::ffi::Random;
use crate::identity::RustType;
use crate::model::mode::CompileMode;
use crate::model::registry;
use crate::place::Place;
use crate::record::quiet;

/// What `#[auto_jitable]` registers: a function that builds a module, and what is asserted of it.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// The module's type, by its name.
    pub type_name: fn() -> &'static str,
    /// The module's type.
    #[doc(hidden)]
    pub ty: fn() -> RustType,
    /// The Rust module that the function is defined in.
    pub module_path: &'static str,
    /// The function.
    pub function: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Builds the module from variables of the store, and tests it.
    #[doc(hidden)]
    pub run: fn(&nn::VarStore) -> Result<(), String>,
}

inventory::collect!(Test);

impl Test {
    /// Builds the module, with random numbers of its own at seed 0, and tests it.
    ///
    /// # Errors
    ///
    /// What the module does wrong.
    pub fn run(&self) -> Result<(), String> {
        let test = |random: &Random| {
            random.seed(0).map_err(|error| error.to_string())?;
            let vs = nn::VarStore::new(Device::Cpu);
            match quiet::catch(|| (self.run)(&vs)) {
                Ok(result) => result,
                Err(payload) => Err(format!("it cannot be built: {}", quiet::message(payload))),
            }
        };
        Random::scope(test).unwrap_or_else(|error| Err(error.to_string()))
    }

    /// The test's name, such as `my_crate::Cell::small`.
    pub fn name(&self) -> String {
        format!("{}::{}", (self.type_name)(), self.function)
    }
}

/// The tests of a crate, sorted by name.
fn tests_of(krate: &str) -> Vec<&'static Test> {
    let mut tests: Vec<&Test> =
        inventory::iter::<Test>.into_iter().filter(|it| is_of(it.module_path, krate)).collect();
    tests.sort_by_key(|it| it.name());
    tests
}

/// The modules of a crate that could be tested and do not say how to build one.
fn untested(krate: &str) -> Vec<&'static str> {
    let tests = tests_of(krate);
    let modules = registry::modules().into_iter().filter(|it| is_of(it.info.module_path, krate));
    let supported = modules.filter(|it| it.info.mode != CompileMode::Unsupported);
    let untested = supported.filter(|it| !tests.iter().any(|test| (test.ty)() == it.ty()));
    untested.map(|it| (it.type_name)()).collect()
}

fn is_of(module_path: &str, krate: &str) -> bool {
    module_path.split("::").next() == Some(krate)
}

/// Tests all modules of the crate `krate` that say by [`#[auto_jitable]`](macro@crate::auto_jitable) how to build one, in
/// one test. `auto_jit_tests!` makes a test of each.
///
/// # Panics
///
/// Says which modules failed, and why; also where there is none to test.
#[track_caller]
pub fn assert_all_auto_jitable(krate: &str) {
    let tests = tests_of(krate);
    assert!(!tests.is_empty(), "{}", nothing_to_test(krate));
    let failures = tests.iter().filter_map(|test| Some(format!("{}: {}", test.name(), test.run().err()?)));
    let failures: Vec<String> = failures.collect();
    let untested = untested(krate);
    if !untested.is_empty() {
        eprintln!("not tested, since no function has `#[auto_jitable]`: {}", untested.join(", "));
    }
    assert!(failures.is_empty(), "{} of {} failed\n\n{}", failures.len(), tests.len(), failures.join("\n\n"));
}

fn nothing_to_test(krate: &str) -> String {
    format!(
        "no module of the crate `{krate}` is tested\n\
         help: put `#[auto_jitable]` on a function `fn small() -> Self` in a `#[methods]` block; the crate is named as \
         in Rust, with `_`"
    )
}

/// The tests of `krate` as a program: what [`auto_jit_tests!`](crate::auto_jit_tests) runs. It takes the arguments of
/// Rust's own tests.
#[cfg(feature = "test-harness")]
pub fn run(krate: &'static str) -> std::process::ExitCode {
    use libtest_mimic::{Arguments, Failed, Trial};

    let arguments = Arguments::from_args();
    let tests = tests_of(krate);
    if tests.is_empty() {
        eprintln!("error: {}", nothing_to_test(krate));
        return std::process::ExitCode::FAILURE;
    }
    let trial = |test: &'static Test| Trial::test(test.name(), || test.run().map_err(Failed::from));
    let ignored = |name: &'static str| {
        Trial::test(name, || Ok(())).with_ignored_flag(true).with_kind("no function with `#[auto_jitable]`")
    };
    let trials = tests.into_iter().map(trial).chain(untested(krate).into_iter().map(ignored)).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Tests every annotated module of a crate that says how to build one, each as a test of its own, with the name of
/// the type and of the function.
///
/// In `Cargo.toml`, with the feature `test-harness` of `tch-jit`:
///
/// ```toml
/// [dev-dependencies]
/// tch-jit = { version = "0.1", features = ["test-harness"] }
///
/// [[test]]
/// name = "auto_jit"
/// harness = false
/// ```
///
/// `tests/auto_jit.rs` is one line:
///
/// ```ignore
/// tch_jit::auto_jit_tests!(my_crate);
/// ```
///
/// and a module says how to build a small one:
///
/// ```
/// # use tch::{Tensor, nn};
/// # use tch_jit::{compile_mode, methods};
/// #[compile_mode(trace)]
/// #[tracing_inputs(x = [_, 3])]
/// struct Model {
///     linear: nn::Linear,
/// }
///
/// #[methods]
/// impl Model {
///     fn forward(&self, x: &Tensor) -> Tensor {
///         x.apply(&self.linear).tanh()
///     }
///
///     #[auto_jitable]
///     fn small(vs: &nn::Path) -> Self {
///         Model { linear: nn::linear(vs / "linear", 3, 2, Default::default()) }
///     }
/// }
/// ```
///
/// What is tested is what [`AutoJit`](crate::testing::AutoJit) asserts, with the attribute's options. A module of the
/// crate that does not say how to build one is an ignored test. Generic modules are not known here.
#[cfg(feature = "test-harness")]
#[macro_export]
macro_rules! auto_jit_tests {
    ($krate:ident) => {
        #[allow(unused_imports)]
        use $krate as _;

        #[allow(dead_code)]
        fn main() -> ::std::process::ExitCode {
            $crate::testing::run(::core::stringify!($krate))
        }

        // Rust's own harness would call no `main`, and would test nothing.
        #[test]
        fn harness_is_off() {
            panic!("help: write `harness = false` below the `name` of this test in `Cargo.toml`");
        }
    };
}

/// What a function with `#[auto_jitable]` may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `{M}` to test",
    label = "not the module",
    note = "help: return `Self`, or a `Result` of it"
)]
#[doc(hidden)]
pub trait Instance<M> {
    fn into_module(self) -> Result<M, String>;
}

#[diagnostic::do_not_recommend]
impl<M> Instance<M> for M {
    fn into_module(self) -> Result<M, String> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<M, E: std::fmt::Display> Instance<M> for Result<M, E> {
    fn into_module(self) -> Result<M, String> {
        self.map_err(|error| format!("it cannot be built: {error}"))
    }
}
