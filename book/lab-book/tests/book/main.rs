//! The whole crate, on a workspace whose lab never ran; and on the real labs.

mod beside;
mod build;
mod directives;
mod guesses;
mod real;
mod views;
mod workshop;
