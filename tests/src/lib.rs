//! Modules, data and assertions that the integration tests share.

pub mod agree;
pub mod alone;
pub mod calls;
pub mod data;
pub mod force_field;
pub mod form;
pub mod loss;
pub mod method;
pub mod modules;
pub mod tensor_program;
pub mod tensors;
pub mod transformer;

pub use agree::{Agree, agree};
pub use alone::alone;
