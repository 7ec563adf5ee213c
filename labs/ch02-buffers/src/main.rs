//! Chapter 2: buffers. Lists the experiments; each is a file of its own, or a
//! family in one.

mod autotuning;
mod both_write;
mod close_unread;
mod close_unsent;
mod defaults;
mod dials;
mod every_byte;
mod flow_control;
mod frozen;
mod full;
mod idle;
mod last_word;
mod linger;
mod lost_answer;
mod lost_update;
mod meminfo;
mod nagle;
mod nodelay;
mod orphan;
mod pair;
mod predict_queues;
mod queues;
mod report;
mod send_returns;
mod silly_window;
mod sizes;
mod slow_reader;
mod stands_still;
mod talk_and_listen;
mod time_wait_server;
mod udp_full;
mod udp_more;
mod udp_overflow;
mod uploads;
mod wildcard;
mod zero_window;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch02", "Buffers")
        .experiment(queues::experiment())
        .experiment(send_returns::experiment())
        .experiments(nagle::family())
        .experiment(nodelay::experiment())
        .experiment(full::experiment())
        .experiments(zero_window::family())
        .experiment(lost_update::experiment())
        .experiment(silly_window::experiment())
        .experiment(both_write::experiment())
        .experiment(flow_control::experiment())
        .experiment(autotuning::experiment())
        .experiment(frozen::experiment())
        .experiment(sizes::experiment())
        .experiment(defaults::experiment())
        .experiment(idle::experiment())
        .experiments(close_unread::family())
        .experiment(lost_answer::experiment())
        .experiment(close_unsent::experiment())
        .experiment(orphan::experiment())
        .experiments(linger::family())
        .experiment(time_wait_server::experiment())
        .experiment(udp_more::experiment())
        .experiment(udp_full::experiment())
        .experiment(udp_overflow::experiment())
        .experiment(wildcard::experiment());
    let lab = lab
        .exercise(predict_queues::exercise())
        .exercise(every_byte::exercise())
        .exercise(stands_still::exercise())
        .exercise(talk_and_listen::exercise())
        .exercise(last_word::exercise());
    lab_kit::main(lab)
}
