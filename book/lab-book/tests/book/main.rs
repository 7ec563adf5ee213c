//! The whole crate, on a workspace whose lab never ran.

mod build;
mod directives;
mod workshop;
