//! Gradescope's fields, in the order of its specification.

use serde::Serialize;

/// A submission: every field that is optional and said.
#[derive(Serialize)]
pub(super) struct Submission {
    /// Of what was judged; Gradescope takes it for the total.
    pub(super) score: u32,
    pub(super) output: String,
    pub(super) output_format: &'static str,
    pub(super) test_output_format: &'static str,
    pub(super) test_name_format: &'static str,
    pub(super) visibility: &'static str,
    pub(super) stdout_visibility: &'static str,
    pub(super) tests: Vec<Test>,
    pub(super) extra_data: serde_json::Value,
}

/// A test; without a score it has no part in the total.
#[derive(Serialize)]
pub(super) struct Test {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_score: Option<u32>,
    pub(super) status: &'static str,
    pub(super) name: String,
    pub(super) name_format: &'static str,
    pub(super) number: String,
    pub(super) output: String,
    pub(super) output_format: &'static str,
    pub(super) tags: Vec<String>,
    pub(super) visibility: &'static str,
}
