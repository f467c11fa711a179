//! The first stage: parses what the user wrote, as the attributes see it.
//!
//! Tokens come in. What goes out is an item without our attributes, and what these said. Mistakes in the attributes'
//! own syntax are reported here; `check` reports those that show only when several functions are seen at once.

pub mod attr;
pub mod data;
pub mod examples;
pub mod function;
pub mod krate;
pub mod methods;
pub mod module;
pub mod script_type;
mod stored_iterators;
