//! The attributes that `#[methods]` takes off, each in a module of its own. Generated code imports that module by a
//! glob, so that a user's own import of the attribute wins.

pub mod auto_jitable {
    //! `#[auto_jitable]`.
    pub use tch_jit_macros::auto_jitable;
}
pub mod export {
    //! `#[export]`.
    pub use tch_jit_macros::export;
}
pub mod tracing_inputs {
    //! `#[tracing_inputs]`.
    pub use tch_jit_macros::tracing_inputs;
}
pub mod unused {
    //! `#[unused]`.
    pub use tch_jit_macros::unused;
}
