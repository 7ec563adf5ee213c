//! Every exercise of the book: its starter fails for the intended reason, its
//! solution passes twice, each wrong answer breaks the rule that it should; a
//! sick system is still as sick as it was.

mod common;

use common::{run, runner};

#[test]
fn every_answer_of_ours_ends_as_it_should() {
    let said = run(runner().args(["author", "check"]));
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&["nothing is missing"]);
}
