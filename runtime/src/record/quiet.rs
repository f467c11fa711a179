//! Runs user code: catches its panics, keeps them from being printed, and undoes what its guards leave behind.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Once;

use super::frames;
use super::recording::Abort;
use crate::ffi;
use crate::place::Frame;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    /// Where the last quiet panic was.
    static LAST: RefCell<Option<Rc<Frame>>> = const { RefCell::new(None) };
}

/// Runs `f`; a panic becomes an error, without the panic hook's message on stderr. The hook in place stays in force for
/// everybody else. Whatever `f` does, libtorch's settings are afterwards as before.
pub fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Box<dyn Any + Send>> {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if QUIET.get() {
                LAST.replace(frames::caller(0));
            } else {
                previous(info);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let result = ffi::keep_state(|| catch_unwind(AssertUnwindSafe(f)));
    QUIET.set(outer);
    result
}

/// A panic's message, with the user's line if it is known.
pub fn with_place(message: String) -> String {
    match LAST.take() {
        Some(frame) => format!("{message}\n{frame}"),
        None => message,
    }
}

/// The message of a panic.
pub fn message(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<Abort>() {
        Ok(abort) => abort.0.to_string(),
        Err(payload) => {
            let message = payload.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| payload.downcast_ref::<&str>().copied());
            message.map_or_else(
                || "a panic without a message".into(),
                |message| torch_message(message).unwrap_or_else(|| message.into()),
            )
        }
    }
}

/// libtorch's message in the panic of one of tch's methods without `f_`. These unwrap the error, so only its debug form
/// is left: a string literal of Rust, with the frames of the C++ stack at its end.
fn torch_message(panic: &str) -> Option<String> {
    let (_, literal) = panic.split_once("Torch(\"")?;
    let message = unescaped(literal)?;
    let end = message.find("\nException raised from").unwrap_or(message.len());
    Some(message[..end].to_owned())
}

/// The text that a string literal of Rust stands for, up to the quote that ends it; none without such a quote.
fn unescaped(literal: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = literal.chars();
    loop {
        match rest.next()? {
            '"' => return Some(text),
            '\\' => text.push(match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                'u' => {
                    let code: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)?
                }
                itself => itself,
            }),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{catch, message, torch_message};

    #[test]
    fn a_failure_of_libtorch_is_shown_without_its_backtrace() {
        let (a, b) = (tch::Tensor::from_slice(&[1.0, 2.0]), tch::Tensor::from_slice(&[1.0, 2.0, 3.0]));
        let payload = catch(|| a + b).unwrap_err();
        let expected =
            "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0";
        assert_eq!(message(payload), expected);
    }

    #[test]
    fn other_panics_are_shown_as_they_are() {
        assert_eq!(message(catch(|| panic!("no {}", 1)).unwrap_err()), "no 1");
        assert_eq!(message(catch(|| std::panic::panic_any(1)).unwrap_err()), "a panic without a message");
    }

    #[test]
    fn a_message_is_what_libtorch_said() {
        let said = "a \"quoted\" \\n, a tab\t, \u{1b}, é\nand a line\nException raised from x at y.cpp:1";
        let panic = format!("called `Result::unwrap()` on an `Err` value: Torch({said:?})");
        let expected = "a \"quoted\" \\n, a tab\t, \u{1b}, é\nand a line";
        assert_eq!(torch_message(&panic).as_deref(), Some(expected));
        assert_eq!(torch_message("Torch(\"cut"), None);
    }
}
