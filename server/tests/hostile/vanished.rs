//! Links that vanish: no reset and no end, only silence, as of a phone in a tunnel. The clients are in a network namespace, whose
//! only interface goes down. It takes root and iproute2.

use std::{
    fs::File,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::fd::AsFd,
    process::{Command, id},
    sync::Arc,
    thread,
    time::Duration,
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use serde_json::json;
use tokio::{
    net::TcpStream,
    sync::Barrier,
    time::{Instant, sleep},
};

use crate::{
    battery::{Case, Group, SKIPPED, case_within},
    server::{Server, Setup},
    wire::Wire,
    ws::{JSON, Ws},
};

/// The longest deadline, 30 s without an acknowledgement, the grace period of a player in this group, and a check each second.
const FREE_SECONDS_MAX: u64 = 40;
/// Players of the group's server: the healthy one, and one that vanishes.
const FLAGS: &[&str] = &["--max-players", "2", "--max-spectators", "4", "--resume-seconds", "3"];

pub(crate) fn group() -> Group {
    let link = Link::new();
    let (address, why) = match &link {
        Ok(link) => (IpAddr::V4(link.server), None),
        Err(why) => (IpAddr::V4(Ipv4Addr::LOCALHOST), Some(why.clone())),
    };
    let link = link.ok().map(Arc::new);
    let cases = ATTACKS.iter().map(|(name, attack)| {
        let (link, why) = (link.clone(), why.clone().unwrap_or_default());
        let attack = *attack;
        case_within(Duration::from_secs(60), name, "free after…", move |server| {
            let (link, why) = (link.clone(), why.clone());
            async move {
                match link {
                    Some(link) => vanish(&link, &server, attack).await,
                    None => format!("{SKIPPED}{why}"),
                }
            }
        })
    });
    let stages = vec![cases.collect::<Vec<Case>>()];
    Group { name: "vanished links", setup: Setup { address, ..Setup::with(FLAGS) }, rounds: 1, stages }
}

/// What vanishes.
#[derive(Clone, Copy, Debug)]
enum Attack {
    Player,
    Spectators,
    Subscribers,
    HalfRequests,
}

const ATTACKS: [(&str, Attack); 4] = [
    ("player whose link vanishes, in the last seat", Attack::Player),
    ("3 spectators whose link vanishes", Attack::Spectators),
    ("16 subscribers whose link vanishes, half of them by SSE", Attack::Subscribers),
    ("10 half requests whose link vanishes", Attack::HalfRequests),
];

/// Connects, waits until all attackers have, cuts the link, and waits for the server to notice.
async fn vanish(link: &Link, server: &Server, attack: Attack) -> String {
    let mut open = Vec::new();
    let (metric, before) = match attack {
        Attack::Player => {
            open.push(join(link, server, "Player").await);
            ("emberdrift_players", 1)
        }
        Attack::Spectators => {
            for _ in 0..3 {
                open.push(join(link, server, "Spectator").await);
            }
            ("emberdrift_spectators", 0)
        }
        Attack::Subscribers => {
            for at in 0..16 {
                open.push(subscribe(link, server, at % 2 == 0).await);
            }
            ("emberdrift_feed_subscribers", 0)
        }
        Attack::HalfRequests => {
            for _ in 0..10 {
                let mut wire = link.connect(server.address).await;
                wire.send("GET / HTTP/1.1\r\nHost").await;
                open.push(wire);
            }
            // The healthy player's, and the one that asks.
            ("emberdrift_connections", 2)
        }
    };
    // All are counted, once a second.
    while server.metric(metric).await <= before {
        sleep(Duration::from_millis(100)).await;
    }
    if link.connected.wait().await.is_leader() {
        link.cut();
    }
    let cut_at = Instant::now();
    while !is_free(server, attack, metric, before).await {
        sleep(Duration::from_millis(250)).await;
    }
    drop(open);
    match cut_at.elapsed().as_secs() {
        in_time @ ..=FREE_SECONDS_MAX => format!("free after {in_time} s"),
        late => format!("late: free only after {late} s"),
    }
}

/// Whether what an attacker held is free.
async fn is_free(server: &Server, attack: Attack, metric: &str, before: u64) -> bool {
    let count = server.metric(metric).await;
    match attack {
        // Another player can take the seat, and gives it back.
        Attack::Player if count <= before => match Ws::join(server, json!({"name": "Next"})).await {
            Ok((ws, _)) => {
                ws.leave().await;
                true
            }
            Err(_) => false,
        },
        _ => count <= before,
    }
}

async fn join(link: &Link, server: &Server, role: &str) -> Wire {
    let ws = Ws::open_on(link.connect(server.address).await, "/ws", JSON).await.expect("a handshake");
    ws.joined(json!({ "role": role })).await.expect("a seat").0.wire
}

async fn subscribe(link: &Link, server: &Server, is_sse: bool) -> Wire {
    let mut wire = link.connect(server.address).await;
    if !is_sse {
        return Ws::open_on(wire, "/feed", "").await.expect("a subscription").wire;
    }
    wire.send("GET /feed/sse HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(wire.answer().await.as_deref(), Some("200"));
    wire
}

/// A network namespace with one link to this one. Dropping it removes both.
#[derive(Debug)]
struct Link {
    name: String,
    /// This machine's address on the link.
    server: Ipv4Addr,
    /// All attackers have connected.
    connected: Barrier,
}

impl Link {
    fn new() -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("a network namespace takes root".to_owned());
        }
        let number = id();
        // In the network for tests of devices (RFC 2544), with a part of it for each process.
        let [.., high, low] = (number << 2).to_be_bytes();
        let [server, client] = [1, 2].map(|last| Ipv4Addr::new(198, 18 | 1, high, low & 0xfc | last));
        let name = format!("ember{number}");
        let link = Self { name, server, connected: Barrier::new(ATTACKS.len()) };
        let name = link.name.as_str();
        ip(&["netns", "add", name])?;
        ip(&["link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name])?;
        ip(&["addr", "add", &format!("{server}/30"), "dev", name])?;
        ip(&["-n", name, "addr", "add", &format!("{client}/30"), "dev", "eth0"])?;
        ip(&["link", "set", name, "up"])?;
        ip(&["-n", name, "link", "set", "eth0", "up"])?;
        Ok(link)
    }

    /// Connects from inside the namespace.
    async fn connect(&self, to: SocketAddr) -> Wire {
        let path = format!("/run/netns/{}", self.name);
        // A thread is in one namespace, and a socket stays in that of the thread that made it.
        let connecting = thread::spawn(move || {
            let namespace = File::open(path).expect("the namespace");
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).expect("root");
            std::net::TcpStream::connect_timeout(&to, Duration::from_secs(10)).expect("the server listens")
        });
        let stream = connecting.join().expect("a connection");
        stream.set_nonblocking(true).expect("a socket");
        Wire::on(TcpStream::from_std(stream).expect("a socket"))
    }

    /// From now on nothing arrives in either direction.
    fn cut(&self) {
        ip(&["-n", &self.name, "link", "set", "eth0", "down"]).expect("the link goes down");
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = ip(&["link", "del", &self.name]);
        let _ = ip(&["netns", "del", &self.name]);
    }
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    match Command::new("ip").args(arguments).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            Err(format!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
        }
        Err(error) => Err(format!("ip of iproute2 does not run: {error}")),
    }
}
