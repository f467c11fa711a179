//! Models in the style of tch's own examples, scripted by attributes. `docs/models.md` says which lines
//! had to change.

mod detection;
mod force_field;
mod llama;
mod mnist;
mod policy;
mod translation;
mod vae;
