//! Checks that declared examples fit the arguments of a method by names, number and types, while rustc evaluates
//! constants. Where there is no such method, another check reports it, and anything fits here.

use std::marker::PhantomData;

use crate::types::{ScriptArgs, ScriptType};

/// The names of a method's arguments, and their types.
pub struct Signature<Args> {
    names: Option<&'static [&'static str]>,
    args: PhantomData<Args>,
}

impl<Args: ScriptArgs> Signature<Args> {
    /// The signature of a method with arguments of these names; `None` where there is no such method.
    pub const fn new(names: Option<&'static [&'static str]>) -> Self {
        Signature { names, args: PhantomData }
    }

    /// The position of the argument `name`.
    ///
    /// # Panics
    ///
    /// Where the method has no such argument.
    pub const fn position(self, method: &str, name: &str) -> usize {
        let Some(names) = self.names else { return 0 };
        if let Some(position) = position(names, name) {
            return position;
        }
        let mut text =
            Text::new().add("`").add(name).add("` is no argument of `").add(method).add("`, which takes ");
        let mut i = 0;
        while i < names.len() {
            text = text.add(if i > 0 { ", `" } else { "`" }).add(names[i]).add("`");
            i += 1;
        }
        panic!("{}", text.as_str())
    }

    /// Checks that each argument that is no option has an example.
    ///
    /// # Panics
    ///
    /// Where one has none.
    pub const fn check(self, method: &str, given: &[&str]) {
        let Some(names) = self.names else { return };
        let mut i = 0;
        while i < names.len() {
            if !Args::IS_OPTION[i] && position(given, names[i]).is_none() {
                let text = Text::new().add("the argument `").add(names[i]).add("` of `").add(method);
                panic!(
                    "{}",
                    text.add("` has no example\nhelp: write one, such as `")
                        .add(names[i])
                        .add(" = [_, 3]`")
                        .as_str()
                )
            }
            i += 1;
        }
    }
}

const fn position(names: &[&str], name: &str) -> Option<usize> {
    let mut i = 0;
    while i < names.len() {
        if is_equal(names[i].as_bytes(), name.as_bytes()) {
            return Some(i);
        }
        i += 1;
    }
    None
}

const fn is_equal(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// A message that is put together at compile time. What does not fit is cut off.
struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl Text {
    const fn new() -> Text {
        Text { bytes: [0; 512], len: 0 }
    }

    const fn add(mut self, text: &str) -> Text {
        let text = text.as_bytes();
        // Whole words only, so that no character is cut in two.
        if self.len + text.len() <= self.bytes.len() {
            let mut i = 0;
            while i < text.len() {
                self.bytes[self.len] = text[i];
                self.len += 1;
                i += 1;
            }
        }
        self
    }

    const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.len);
        match str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

/// The type of an argument, by its position in a tuple of them.
pub trait Nth<const POSITION: usize> {
    /// `Argument`, or `AnyArgument`.
    type Argument;
}

/// An argument that is stored as a `T`.
pub struct Argument<T>(PhantomData<T>);

/// An argument of a method that does not exist, which fits any example.
pub enum AnyArgument {}

impl<const POSITION: usize> Nth<POSITION> for () {
    type Argument = AnyArgument;
}

macro_rules! nth {
    ($($name:ident $from:ident $index:tt),+) => {
        nth! { @each [$($name)+] $($name $index)+ }
    };
    (@each $all:tt $($name:ident $index:tt)+) => {
        $( nth! { @one $all $name $index } )+
    };
    (@one [$($all:ident)+] $name:ident $index:tt) => {
        impl<$($all),+> Nth<$index> for ($($all,)+) {
            type Argument = Argument<$name>;
        }
    };
}

for_each_tuple! { nth }

/// An example that can be passed for the argument.
#[diagnostic::on_unimplemented(
    message = "an example of type `{Self}` is given for `{A}`",
    label = "another type than the argument's",
    note = "help: a shape gives a `Tensor`, `_` an integer, and an expression what its `ExampleInput::Input` says"
)]
pub trait ExampleOf<A> {}

#[diagnostic::do_not_recommend]
impl<T> ExampleOf<Argument<T>> for T {}
#[diagnostic::do_not_recommend]
impl<T> ExampleOf<Argument<Option<T>>> for T {}
#[diagnostic::do_not_recommend]
impl<T> ExampleOf<AnyArgument> for T {}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl ExampleOf<Argument<$ty>> for i64 {}
    )*};
}

for_each_integer_but_i64! { integers }

/// Asks whether `example` can be the argument at `POSITION`.
pub fn fits<const POSITION: usize, Args, T>(_: Signature<Args>, _: T)
where
    Args: Nth<POSITION>,
    T: ScriptType + ExampleOf<Args::Argument>,
{
}

/// Answers that no function gives the tracing inputs which the struct declares.
pub struct NotGiven;
