//! The 24 cases of `tw_reuse_matrix`: how each begins, and what is made of
//! the answers.

use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::figure::Table;
use lab_kit::{Evidence, Figure, Finding, Net};

/// The client's host and the server's: on a cable, and on one machine.
pub(crate) const NETWORKS: [(&str, &str); 2] =
    [("client", "server"), ("lo1", "lo2")];

pub(crate) const NO: &str = "EADDRNOTAVAIL";

pub(crate) struct Case<'a> {
    pub(crate) net: &'a Net,
    pub(crate) client: &'a str,
    pub(crate) server: &'a str,
    pub(crate) listener: TcpListener,
    pub(crate) port: u16,
}

impl Case<'_> {
    /// Closes at the client first, and waits until the TIME-WAIT is 20 ms old.
    pub(crate) fn leave_a_time_wait(&self, client: TcpStream) -> Result<()> {
        let server = self.listener.accept()?;
        drop(client);
        // The ACK of the FIN, by itself: four segments close it, always.
        self.net.until_state(self.client, "FIN-WAIT-2")?;
        drop(server);
        self.net.until("there is a TIME-WAIT, 20 ms old", || {
            let sockets = self.net.sockets(self.client)?;
            let mut mine =
                sockets.iter().filter(|s| s.remote_port == self.port);
            Ok(mine.all(|s| s.state == "TIME-WAIT" && s.timer_ms <= 59_980))
        })
    }
}

pub(crate) fn table(run: &Evidence) -> Table {
    let head = ["network", "timestamps", "TIME-WAIT is", "0", "1", "2"];
    let mut table = Figure::table(head);
    for (host, network) in [("client", "cable"), ("lo1", "loopback")] {
        for (stamps, age) in
            [("on", "old"), ("on", "young"), ("off", "old"), ("off", "young")]
        {
            let cell = |value: &str| {
                let case = format!("{value}, stamps {stamps}, {age}");
                let mut cells = run.observations.iter();
                let cell = cells.find(|o| o.host == host && o.key == case);
                let value = cell.map_or("?", |o| o.value.as_str());
                if value == NO { "no" } else { value }.replace("ok", "yes")
            };
            let answers = ["0", "1", "2"].map(cell);
            let row = [network, stamps, age].map(String::from);
            table = table.row(row.into_iter().chain(answers));
        }
    }
    table
}

/// In no case with this in its name did connect() get the port.
pub(crate) fn no_case(run: &Evidence, with: &str, values: &[&str]) -> Finding {
    let hosts = NETWORKS.iter().map(|(client, _)| *client);
    all(hosts
        .flat_map(|host| cases(values).map(move |case| (host, case)))
        .filter(|(_, case)| case.contains(with))
        .map(|(host, case)| run.observed(host, &case).is(NO)))
}

fn cases(values: &[&str]) -> impl Iterator<Item = String> {
    let values = values.iter();
    let stamped = values.flat_map(|v| {
        ["on", "off"].map(|stamps| format!("{v}, stamps {stamps}"))
    });
    let all: Vec<_> = stamped
        .flat_map(|case| ["young", "old"].map(|age| format!("{case}, {age}")))
        .collect();
    all.into_iter()
}
