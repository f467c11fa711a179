//! The registry as a table: a row for each method, columns as wide as what is in them.

use std::fmt::{self, Display, Formatter};

use super::{Entry, Modules};

type Row = [String; 6];

impl Display for Modules {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let head = ["module", "mode", "method", "place", "inputs", "scripts"].map(str::to_owned);
        let rows: Vec<Row> = std::iter::once(head).chain(self.iter().flat_map(rows)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 6] = std::array::from_fn(width);
        for row in &rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths) {
                line += &format!("{cell:width$}  ");
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The rows of one module: one for itself, one for each of its methods.
fn rows(entry: &Entry) -> Vec<Row> {
    let empty = String::new;
    let module = [
        (entry.type_name)().to_owned(),
        entry.info.mode.to_string(),
        empty(),
        entry.info.place.to_string(),
        empty(),
        empty(),
    ];
    let methods = entry.methods().into_iter().map(|method| {
        let scripts = match method.refusal {
            None => "yes".to_owned(),
            Some(reason) => format!("no: {} ({})", reason.message, reason.place),
        };
        [
            empty(),
            empty(),
            method.name.to_owned(),
            method.place.to_string(),
            method.inputs.to_string(),
            scripts,
        ]
    });
    std::iter::once(module).chain(methods).collect()
}
