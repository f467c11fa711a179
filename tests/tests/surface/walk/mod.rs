//! Walks the table of operators: calls every method that tch generates and the table maps, eagerly and
//! scripted, also after saving and loading, and compares results and arguments, which many methods change.
//!
//! `arguments.txt` says what each method is called with, and which cannot be called here; `search.rs` finds
//! that out. `cargo xtask surface` repeats the search, after an upgrade of tch or libtorch.

mod compare;
mod groups;
mod guess;
mod search;
mod table;
mod values;

use std::panic::{AssertUnwindSafe, catch_unwind};

use integration_tests::alone;
use tch::Tensor;

use self::compare::difference;
use self::groups::{GROUPS, Group, Scripted};
use self::table::{Arguments, Entry};
use self::values::Pools;

/// What tch gives, from the same random state; an error where it panics.
fn eager(group: &Group, which: usize, pools: &Pools) -> Result<Vec<Tensor>, String> {
    tch::manual_seed(SEED);
    let call = AssertUnwindSafe(|| tch::no_grad(|| (group.eager)(which, pools)));
    catch_unwind(call).map_err(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(_) => "a panic".to_owned(),
    })
}

/// What TorchScript gives, from the same random state.
fn scripted(module: &Scripted, which: usize, pools: &Pools) -> Result<Vec<Tensor>, String> {
    tch::manual_seed(SEED);
    tch::no_grad(|| module(which, pools)).map_err(|error| error.to_string())
}

const SEED: i64 = 11;

#[test]
fn every_method_gives_the_same() {
    let _alone = alone();
    let arguments = Arguments::read();
    let (mut n_walked, mut wrong) = (0, vec![]);
    for group in GROUPS {
        let [module, loaded] = (group.compile)();
        for (which, method) in group.methods.iter().enumerate() {
            let Some(Entry::Call { tokens, by_shape }) = arguments.get(method.name) else { continue };
            n_walked += 1;
            let fresh =
                || Pools::parse(method, tokens).unwrap_or_else(|error| panic!("{}: {error}", method.name));
            let expected = fresh();
            let results = match eager(group, which, &expected) {
                Ok(results) => results,
                Err(error) => {
                    wrong.push(format!("{}: tch fails: {}", method.name, first_line(&error)));
                    continue;
                }
            };
            let calls = [("call 1", &module), ("call 2", &module), ("loaded", &loaded)];
            for (call, module) in calls {
                let found = fresh();
                let difference = match scripted(module, which, &found) {
                    Ok(result) => difference(&results, &expected, &result, &found, *by_shape),
                    Err(error) => Some(error),
                };
                if let Some(difference) = difference {
                    wrong.push(format!("{} ({tokens}), {call}: {difference}", method.name));
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {n_walked} methods differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(n_walked > 0, "nothing was walked");
}

/// The list is of these methods, no others and none twice.
#[test]
fn every_method_has_an_entry() {
    let arguments = Arguments::read();
    let names: Vec<_> = methods().map(|(_, _, method)| method.name).collect();
    let listed: Vec<_> = arguments.names().collect();
    assert_eq!(listed, names, "run `cargo xtask surface`");
}

fn methods() -> impl Iterator<Item = (&'static Group, usize, &'static groups::Method)> {
    GROUPS
        .iter()
        .flat_map(|group| group.methods.iter().enumerate().map(move |(which, method)| (group, which, method)))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
