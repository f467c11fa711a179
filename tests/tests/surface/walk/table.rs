//! `arguments.txt`: one line for each method, in the table's order.
//!
//! `add_out f2x3 f2x3 f0` calls it with these values; `~` after the name: only kinds and sizes are
//! compared. `name ! reason` says why it is not called.

use std::collections::HashMap;

const TEXT: &str = include_str!("arguments.txt");

#[derive(Clone, Debug)]
pub enum Entry {
    Call {
        tokens: String,
        /// What the memory holds is not defined.
        by_shape: bool,
    },
    NotCalled {
        reason: String,
    },
}

pub struct Arguments {
    names: Vec<&'static str>,
    entries: HashMap<&'static str, Entry>,
}

impl Arguments {
    pub fn read() -> Arguments {
        let lines = TEXT.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let mut names = vec![];
        let mut entries = HashMap::new();
        for line in lines {
            let (name, entry) = Entry::parse(line);
            names.push(name);
            entries.insert(name, entry);
        }
        Arguments { names, entries }
    }

    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }
}

impl Entry {
    pub fn parse(line: &str) -> (&str, Entry) {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        let entry = if let Some(reason) = rest.strip_prefix("! ") {
            Entry::NotCalled { reason: reason.to_owned() }
        } else if let Some(tokens) = rest.strip_prefix('~') {
            Entry::Call { tokens: tokens.trim_start().to_owned(), by_shape: true }
        } else {
            Entry::Call { tokens: rest.to_owned(), by_shape: false }
        };
        (name, entry)
    }

    pub fn line(&self, name: &str) -> String {
        let line = match self {
            Entry::Call { tokens, by_shape } => {
                format!("{name}{} {tokens}", if *by_shape { " ~" } else { "" })
            }
            Entry::NotCalled { reason } => format!("{name} ! {reason}"),
        };
        line.trim_end().to_owned()
    }
}
