//! The whole crate, on a workspace whose lab never ran; and the real exercises.

mod build;
mod directives;
mod guesses;
mod real;
mod workshop;
