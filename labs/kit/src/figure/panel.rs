//! Recorded steps -> the instrument panel: both queues of every socket.

use super::{Figure, Table};
use crate::evidence::{Evidence, Socket};

impl Evidence {
    /// Every TCP connection at every recorded step, as `ss` would show it,
    /// listeners left out. A step without a socket has a row of dashes.
    pub fn panel(&self) -> Table {
        let head = [
            "step", "host", "state", "Recv-Q", "Send-Q", "unacked", "not sent",
            "window", "timer",
        ];
        let mut table = Figure::table(head);
        for step in &self.steps {
            let mut label = step.label.as_str();
            for host in &self.trace.hosts {
                let all = step.sockets.get(host).map_or(&[][..], |s| s);
                let rows = all.iter().filter(|s| s.state != "LISTEN");
                let rows: Vec<_> = rows.map(|s| row(label, host, s)).collect();
                if rows.is_empty() {
                    table = table.row(none(label, host));
                }
                table = rows.into_iter().fold(table, Table::row);
                label = "";
            }
        }
        table
    }
}

fn row(label: &str, host: &str, socket: &Socket) -> [String; 9] {
    let known = |n: Option<u32>| n.map_or("-".into(), |n| n.to_string());
    [
        label.into(),
        host.into(),
        socket.state.clone(),
        socket.recv_q.to_string(),
        socket.send_q.to_string(),
        known(socket.unacked),
        known(socket.not_sent),
        known(socket.window),
        if socket.timer.is_empty() { "-".into() } else { socket.timer.clone() },
    ]
}

fn none(label: &str, host: &str) -> [String; 9] {
    let mut row: [String; 9] = std::array::from_fn(|_| "-".into());
    row[0] = label.into();
    row[1] = host.into();
    row
}
