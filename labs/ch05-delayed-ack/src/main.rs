//! Chapter 5: delayed ACK. Lists the experiments; each is a file of its own,
//! or a family in one.

mod cork_cap;
mod cured;
mod cures;
mod delack_claims;
mod delack_tuned;
mod echo;
mod first_ack;
mod five_segments;
mod four_waits;
mod header_body;
mod hints;
mod late;
mod late_half;
mod no_stall;
mod pingpong;
mod pingpong_threshold;
mod pipeline;
mod quick_acks;
mod quick_window;
mod sayings;
mod slow_answers;
mod two_segments;
mod write_write_read;

use lab_kit::{Experiment, Lab};

/// In the order of the chapter.
fn experiments() -> Vec<Experiment> {
    let mut all = vec![first_ack::experiment(), pingpong::experiment()];
    all.push(pingpong_threshold::experiment());
    all.extend(quick_acks::family());
    all.push(quick_window::experiment());
    all.push(two_segments::experiment());
    all.push(header_body::experiment());
    all.extend(write_write_read::family());
    all.extend(cures::family());
    all.push(cork_cap::experiment());
    all.extend(delack_claims::family());
    all
}

fn main() -> std::process::ExitCode {
    let lab = Lab::new("ch05", "Delayed ACK")
        .experiments(experiments())
        .sayings(sayings::SAYINGS);
    let exercises = [
        no_stall::exercise(),
        pipeline::exercise(),
        late_half::exercise(),
        five_segments::exercise(),
        four_waits::exercise(),
    ];
    lab_kit::main(exercises.into_iter().fold(lab, Lab::exercise))
}
