//! What the integration tests share.

pub mod agree;
pub mod data;

pub use agree::{Agree, agree};
