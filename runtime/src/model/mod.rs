//! What user types say: modules with their members, modes, methods and example inputs.
//!
//! The macros' attributes implement the traits of this layer; the compiler walks what they show.

pub mod closure;
pub mod data;
pub mod definition;
pub mod examples;
pub mod fitness;
pub mod inputs;
pub mod layer;
pub mod member;
pub mod method;
pub mod mode;
pub mod module;
pub mod node;
pub mod registry;
pub mod training;
