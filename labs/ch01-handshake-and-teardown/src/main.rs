//! Chapter 1: handshake and teardown. Lists the experiments; each is a file
//! of its own.

mod assassination;
mod challenge_lost;
mod close_wait;
mod defer_accept;
mod fin_timeout;
mod half_close;
mod half_open;
mod handshake;
mod killed;
mod late_answer;
mod linger2;
mod lost_syn;
mod lost_syn_ack;
mod pair;
mod refused;
mod rst_numbers;
mod rst_table;
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

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch01", "Handshake and teardown")
        .experiment(handshake::experiment())
        .experiment(defer_accept::experiment())
        .experiment(walk::experiment())
        .experiment(third_ack_lost::experiment())
        .experiment(refused::experiment())
        .experiment(self_connect::experiment())
        .experiment(lost_syn::experiment())
        .experiment(lost_syn_ack::experiment())
        .experiment(syn_unanswered::experiment())
        .experiment(syn_ack_unanswered::experiment())
        .experiments([three_or_four::four(), three_or_four::three()])
        .experiment(half_close::experiment())
        .experiment(shutdown_read::experiment())
        .experiment(late_answer::experiment())
        .experiment(two_descriptors::experiment())
        .experiment(killed::experiment())
        .experiment(half_open::experiment())
        .experiment(syn_again::experiment())
        .experiment(challenge_lost::experiment())
        .experiment(rst_numbers::experiment())
        .experiment(simultaneous_open::experiment())
        .experiment(simultaneous_close::experiment())
        .experiment(close_wait::experiment())
        .experiments([fin_timeout::orphan(), fin_timeout::held()])
        .experiment(linger2::experiment())
        .experiment(time_wait::experiment())
        .experiment(tw_buckets::experiment())
        .experiment(time_wait_port::experiment())
        .experiments([tw_reuse::cable_one(), tw_reuse::loopback_two()])
        .experiment(tw_reuse_matrix::experiment())
        .experiment(tw_bound::experiment())
        .experiment(assassination::experiment());
    lab_kit::main(lab)
}
