//! The whole crate, on a workspace whose lab never ran; and the real exercises.

mod beside;
mod build;
mod directives;
mod real;
mod workshop;
