//! Chapter 1: handshake and teardown. Lists the experiments; each is a file
//! of its own.

mod answers;
mod assassination;
mod challenge_lost;
mod close_wait;
mod dead_or_slow;
mod defaults;
mod defer_accept;
mod fin_timeout;
mod half_close;
mod half_open;
mod handshake;
mod killed;
mod last_ack_lost;
mod late_answer;
mod linger2;
mod lost_syn;
mod lost_syn_ack;
mod monday_morning;
mod pair;
mod predict_late_answer;
mod predict_walk;
mod reborn;
mod refused;
mod rst_numbers;
mod rst_table;
mod say_when;
mod sayings;
mod self_connect;
mod shutdown_read;
mod simultaneous_close;
mod simultaneous_open;
mod syn_ack_unanswered;
mod syn_again;
mod syn_unanswered;
mod third_ack_lost;
mod three_or_four;
mod time_wait;
mod time_wait_port;
mod tw_bound;
mod tw_buckets;
mod tw_reuse;
mod tw_reuse_cases;
mod tw_reuse_matrix;
mod two_descriptors;
mod walk;
mod walk_states;

use lab_kit::{Experiment, Lab};

/// In the order of the chapter.
fn experiments() -> Vec<Experiment> {
    vec![
        handshake::experiment(),
        defer_accept::experiment(),
        walk::experiment(),
        third_ack_lost::experiment(),
        refused::experiment(),
        self_connect::experiment(),
        lost_syn::experiment(),
        lost_syn_ack::experiment(),
        syn_unanswered::experiment(),
        syn_ack_unanswered::experiment(),
        three_or_four::four(),
        three_or_four::three(),
        half_close::experiment(),
        shutdown_read::experiment(),
        late_answer::experiment(),
        two_descriptors::experiment(),
        killed::experiment(),
        half_open::experiment(),
        syn_again::experiment(),
        challenge_lost::experiment(),
        rst_numbers::experiment(),
        simultaneous_open::experiment(),
        simultaneous_close::experiment(),
        close_wait::experiment(),
        fin_timeout::orphan(),
        fin_timeout::held(),
        linger2::experiment(),
        time_wait::experiment(),
        tw_buckets::experiment(),
        time_wait_port::at_client(),
        time_wait_port::at_server(),
        tw_reuse::cable_one(),
        tw_reuse::loopback_two(),
        tw_reuse_matrix::experiment(),
        tw_bound::experiment(),
        defaults::experiment(),
        last_ack_lost::experiment(),
        assassination::experiment(),
    ]
}

fn main() -> std::process::ExitCode {
    let lab = Lab::new("ch01", "Handshake and teardown");
    let lab = lab.experiments(experiments()).sayings(sayings::SAYINGS);
    let lab = lab
        .exercise(predict_walk::exercise())
        .exercise(say_when::exercise())
        .exercise(predict_late_answer::exercise())
        .exercise(monday_morning::exercise())
        .exercise(dead_or_slow::exercise());
    lab_kit::main(lab)
}
