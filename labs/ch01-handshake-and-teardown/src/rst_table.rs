//! The figure of `rst_numbers`: what each RST met with.

use lab_kit::figure::Table;
use lab_kit::{Evidence, Figure};

use crate::pair::after_greeting;

pub(crate) fn rst_table(run: &Evidence, steps: &[&str]) -> Table {
    let head = ["RST with number", "answer", "the server is then"];
    let all = steps.iter().zip(1..).map(|(step, n)| row(run, n, step));
    all.fold(Figure::table(head), Table::row)
}

fn row(run: &Evidence, n: usize, step: &str) -> [String; 3] {
    let rst = after_greeting(run).with_flag('R').nth(n);
    let number = rst.segment().map_or(0, |rst| rst.seq);
    let next = run.segments().after(rst).first().segment();
    let answer = next.filter(|s| s.from == "server");
    let answer = answer.map_or("none".into(), |s| s.flags.words());
    let step = run.steps.iter().find(|s| s.label == step);
    let state = step.map_or("?".into(), |step| step.state_of("server"));
    [number.to_string(), answer, state]
}
