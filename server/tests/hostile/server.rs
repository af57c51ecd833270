//! The program under attack: a process of its own, what it logs, and what it counts.

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    fs,
    io::{BufRead, BufReader},
    net::{IpAddr, SocketAddr},
    process::{Child, ChildStdout, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use crate::{
    program::{self, Watchdog},
    wire::Wire,
};

/// Ticks a second: a proof for each, and few enough that eight servers run on two cores.
const TICK_RATE: &str = "10";

/// How a server is started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) flags: &'static [&'static str],
    pub(crate) address: IpAddr,
    /// Whether its log is read.
    pub(crate) reads_log: bool,
}

impl Setup {
    /// On this machine's own network, with a log that is read.
    pub(crate) const fn with(flags: &'static [&'static str]) -> Self {
        Self { flags, address: IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), reads_log: true }
    }
}

#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
    /// A log that is not read.
    _unread: Option<BufReader<ChildStdout>>,
}

impl Server {
    pub(crate) fn start(setup: &Setup) -> Self {
        let mut command = program::emberdrift();
        command.args(["--listen", &SocketAddr::new(setup.address, 0).to_string()]);
        command.args(["--tick-rate", TICK_RATE, "--drones", "3"]).args(setup.flags);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        // Until it has started: after that each case has its own limit.
        let _watchdog = Watchdog::of(&process);
        let mut output = BufReader::new(process.stdout.take().expect("it is piped"));
        let log = Arc::new(Mutex::new(Vec::new()));
        let address = loop {
            let line = next_line(&mut output).expect("the server logs its address");
            let address = line.split("open http://").nth(1).and_then(|rest| rest.split(['/', ' ']).next());
            if let Some(address) = address {
                break address.parse().expect("an address");
            }
        };
        let mut server = Self { process, address, log: Arc::clone(&log), _unread: None };
        if setup.reads_log {
            thread::spawn(move || {
                while let Some(line) = next_line(&mut output) {
                    log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                }
            });
        } else {
            server._unread = Some(output);
        }
        server
    }

    /// What it has logged since the start.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The sum of a metric over all arenas and labels.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let page = self.get("/metrics").await;
        page.lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(['{', ' '])?.rsplit(['}', ' ']).next())
            .filter_map(|value| value.trim().parse::<u64>().ok())
            .sum()
    }

    /// The body of the answer to a plain request.
    pub(crate) async fn get(&self, path: &str) -> String {
        let mut wire = Wire::open(self).await;
        wire.send(format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address))
            .await;
        let answer = wire.read_to_end().await;
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }

    /// Everything that must be as before once attackers have left.
    pub(crate) async fn holdings(&self) -> Holdings {
        let mut held = BTreeMap::new();
        for (name, metric) in [
            ("connections", "emberdrift_connections"),
            ("players", "emberdrift_players"),
            ("players' seats", "emberdrift_player_seats_taken"),
            ("disconnected players", "emberdrift_players_reconnecting"),
            ("spectators", "emberdrift_spectators"),
            ("subscribers", "emberdrift_feed_subscribers"),
            ("open files", "process_open_fds"),
        ] {
            held.insert(name, self.metric(metric).await);
        }
        held.insert("threads", self.status("Threads:"));
        Holdings(held)
    }

    /// Resident memory, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// A number in what Linux tells about the process; 0 elsewhere.
    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a server holds for its clients, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holdings(BTreeMap<&'static str, u64>);

impl Display for Holdings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.iter().map(|(name, count)| format!("{name} {count}")).collect();
        f.write_str(&parts.join(", "))
    }
}

/// A line of the log, without its end; `None` at the end of the log.
fn next_line(log: &mut BufReader<ChildStdout>) -> Option<String> {
    let mut line = Vec::new();
    let count = log.read_until(b'\n', &mut line).ok()?;
    (count > 0).then(|| String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line)).into_owned())
}
