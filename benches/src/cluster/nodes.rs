//! Three nodes and a NATS server as processes, and what is asked of the nodes over HTTP. The first node reaches NATS through a relay that
//! can be cut.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use rustix::process::Signal;
use shared::engine::rooms::{RoomCreated, RoomRequest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

use super::plan::{ClusterError, Plan};
use crate::process::{Process, command, own_folder};

/// For each program to listen.
const TIMEOUT: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_secs(5);
const NAMES: [&str; 3] = ["a", "b", "c"];

pub(super) struct Nodes {
    _nats: Process,
    nodes: Vec<(Process, SocketAddr)>,
    cut: watch::Sender<bool>,
    /// The most nodes that had the same room at once.
    most: AtomicUsize,
}

impl Nodes {
    pub(super) async fn start(plan: &Plan, stop: &AtomicBool) -> Result<Self, ClusterError> {
        own_folder(&plan.out)
            .map_err(|error| ClusterError::Folder { folder: plan.out.display().to_string(), error })?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(ClusterError::Relay)?;
        let relay = listener.local_addr().map_err(ClusterError::Relay)?;
        // nats-server tells no port that it has chosen, so one is chosen here.
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let nats_address = port.map_err(ClusterError::Relay)?;
        let mut nats = command(&plan.nats);
        nats.args(["-a", "127.0.0.1", "-p", &nats_address.port().to_string(), "-js", "-sd"]);
        nats.arg(plan.out.join("nats"));
        let nats = Process::start("nats-server", &mut nats, &plan.out.join("nats.log"))?;
        while TcpStream::connect(nats_address).await.is_err() {
            if stop.load(Ordering::Relaxed) {
                return Err(ClusterError::Stopped);
            }
            sleep(Duration::from_millis(20)).await;
        }
        let (cut, is_cut) = watch::channel(false);
        tokio::spawn(pass_on(listener, nats_address, is_cut));
        let starting = NAMES.into_iter().enumerate().map(|(at, name)| {
            let nats = if at == 0 { relay } else { nats_address };
            spawn(plan, name, nats)
        });
        let mut nodes = Vec::new();
        for node in starting.collect::<Result<Vec<_>, _>>()? {
            nodes.push(listening(node, stop).await?);
        }
        Ok(Self { _nats: nats, nodes, cut, most: AtomicUsize::new(0) })
    }

    /// The address of the node that all play at.
    pub(super) fn first(&self) -> SocketAddr {
        self.nodes[0].1
    }

    pub(super) fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(|(_, address)| format!("http://{address}")).collect()
    }

    pub(super) fn stop_first(&self) {
        self.nodes[0].0.signal(Signal::TERM);
    }

    pub(super) fn kill_first(&self) {
        self.nodes[0].0.signal(Signal::KILL);
    }

    pub(super) fn cut_first(&self) {
        self.cut.send_replace(true);
    }

    pub(super) fn mend_first(&self) {
        self.cut.send_replace(false);
    }

    /// Makes rooms at the first node. Returns their codes.
    pub(super) async fn make_rooms(&self, count: usize) -> Result<Vec<String>, ClusterError> {
        // Drones would be measured too.
        let wanted = RoomRequest { bots: Some(0), ..RoomRequest::default() };
        let body = serde_json::to_string(&wanted).map_err(|error| ClusterError::Room(error.to_string()))?;
        let mut codes = Vec::new();
        for _ in 0..count {
            let (status, body) = request(self.first(), "POST", "/rooms", &body).await.unwrap_or_default();
            let created = serde_json::from_str::<RoomCreated>(&body);
            codes.push(created.map_err(|_| ClusterError::Room(format!("{status} {body}")))?.code);
        }
        Ok(codes)
    }

    /// Looks at which node has which room. Never returns.
    pub(super) async fn watch(&self, codes: &[String], every: Duration) {
        loop {
            self.look(codes).await;
            sleep(every).await;
        }
    }

    /// The most nodes that had the same room at once, now included.
    pub(super) async fn most_worlds(&self, codes: &[String]) -> usize {
        self.look(codes).await;
        self.most.load(Ordering::Relaxed)
    }

    async fn look(&self, codes: &[String]) {
        for code in codes {
            let path = format!("/rooms/{code}");
            let answers = self.nodes.iter().map(|(_, address)| request(*address, "GET", &path, ""));
            let answers = join_all(answers).await;
            let worlds = answers.iter().flatten().filter(|(status, _)| *status == 200).count();
            self.most.fetch_max(worlds, Ordering::Relaxed);
        }
    }
}

fn spawn(plan: &Plan, name: &'static str, nats: SocketAddr) -> Result<Process, ClusterError> {
    let mut command = command(plan.programs.join("emberdrift"));
    command.args(["--listen", "127.0.0.1:0", "--arena", "expanse", "--drones", "0", "--seed", "1"]);
    command.args(["--cluster", &format!("nats://{nats}"), "--node", name]);
    let log: &Path = &plan.out.join(name).with_extension("log");
    Ok(Process::start("emberdrift", &mut command, log)?)
}

/// Waits until a node listens. Not by blocking: its way to NATS is in this thread.
async fn listening(mut process: Process, stop: &AtomicBool) -> Result<(Process, SocketAddr), ClusterError> {
    let printed = timeout(TIMEOUT, async {
        loop {
            if process.printed().contains("open http://") || stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            process.check_running()?;
            sleep(Duration::from_millis(20)).await;
        }
    });
    printed.await.unwrap_or(Ok::<_, crate::process::ProcessError>(()))?;
    let printed = process.printed();
    let line = printed.lines().find(|line| line.contains("open http://")).unwrap_or_default();
    let address = line.split("address=").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    let address = address.ok_or_else(|| process.slow(TIMEOUT, "to listen"))?;
    Ok((process, address))
}

async fn pass_on(listener: TcpListener, nats: SocketAddr, is_cut: watch::Receiver<bool>) {
    let is_cut = Arc::new(is_cut);
    while let Ok((mut client, _)) = listener.accept().await {
        let mut cut = (*is_cut).clone();
        if *cut.borrow() {
            continue;
        }
        tokio::spawn(async move {
            let Ok(mut server) = TcpStream::connect(nats).await else { return };
            tokio::select! {
                _ = copy_bidirectional(&mut client, &mut server) => {}
                _ = cut.wait_for(|cut| *cut) => {}
            }
        });
    }
}

/// The status and the body of the answer.
async fn request(address: SocketAddr, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    };
    timeout(ANSWER, exchange).await.ok().flatten()
}
