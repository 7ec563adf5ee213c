//! What the pieces do together.
