//! Progress bars: bytes, or things that are counted. Hidden where stderr is no terminal: a line per step says enough there.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

pub fn bytes(what: &str, total: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        eprintln!("{what} ({} MB)", total.div_ceil(1_000_000));
    }
    let style = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(style).expect("the template is well-formed");
    ProgressBar::new(total).with_style(style).with_message(what.to_owned())
}

pub fn count(what: &str, total: u64) -> ProgressBar {
    let style = "{msg} {wide_bar} {pos}/{len} {per_sec} {eta}";
    let style = ProgressStyle::with_template(style).expect("the template is well-formed");
    ProgressBar::new(total).with_style(style).with_message(what.to_owned())
}
