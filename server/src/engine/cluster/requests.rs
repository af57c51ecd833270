//! What nodes ask one another over NATS: to reserve a seat, and to take in a room; and what an operator says to all players. Messages are
//! bounded in size, and requests in number.

use std::{sync::Arc, time::Duration};

use async_nats::Message;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared::engine::limits::CHAT_CHARS_MAX;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout},
};

use super::{
    error::ClusterError,
    identity::{NatsUrl, NodeName},
    inherit, link,
    member::Cluster,
};
use crate::engine::{
    chat::{self, Said},
    net::Seat,
    records::LastingId,
    room_code::RoomCode,
};

/// What an operator says to all players.
const ANNOUNCEMENTS: &str = "emberdrift.announce";
/// Most bytes of that: a line of the chat is shorter.
const ANNOUNCEMENT_BYTES_MAX: usize = 512;

/// Before requests are listened for again.
const PAUSE: Duration = Duration::from_millis(500);
/// Requests that are answered at a time.
const REQUESTS_MAX: usize = 64;
const REQUEST_BYTES_MAX: usize = 1024;
/// How long a node has to take in a room: it reads an object.
const ADOPT: Duration = Duration::from_secs(5);
/// How long a node has to reserve a seat, while a client waits.
const SEAT: Duration = Duration::from_secs(1);

#[derive(Debug, Serialize, Deserialize)]
enum Request {
    /// For a client that is sent on. Who its player is on every visit, if the node that asks has found that.
    Seat { code: String, lasting: Option<LastingId> },
    /// From the revision of the room's entry.
    Adopt { code: String, revision: u64 },
}

#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Ticket(String),
    Full,
    Adopted,
    Failed(String),
}

fn subject(node: &NodeName) -> String {
    format!("emberdrift.node.{node}")
}

fn read<T: DeserializeOwned>(message: &Message) -> Result<T, String> {
    if message.payload.len() > REQUEST_BYTES_MAX {
        return Err("it is too long".to_owned());
    }
    serde_json::from_slice(&message.payload).map_err(|error| error.to_string())
}

/// Answers requests of other nodes. Never returns.
pub(super) async fn answer(cluster: Arc<Cluster>) {
    let places = Arc::new(Semaphore::new(REQUESTS_MAX));
    loop {
        if let Ok(mut requests) = cluster.link.client.subscribe(subject(&cluster.node)).await {
            while let Some(message) = requests.next().await {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                let cluster = Arc::clone(&cluster);
                tokio::spawn(async move {
                    answer_one(&cluster, message).await;
                    drop(place);
                });
            }
        }
        sleep(PAUSE).await;
    }
}

async fn answer_one(cluster: &Cluster, message: Message) {
    let answer = match read(&message) {
        Ok(Request::Seat { code, lasting }) => seat(cluster, &code, lasting),
        Ok(Request::Adopt { code, revision }) => match code.parse() {
            Ok(code) => match inherit::adopt(cluster, code, revision).await {
                Ok(()) => Answer::Adopted,
                Err(why) => Answer::Failed(why),
            },
            Err(_) => Answer::Failed("it is no code of a room".to_owned()),
        },
        Err(why) => Answer::Failed(why),
    };
    if let (Some(reply), Ok(answer)) = (message.reply, serde_json::to_vec(&answer)) {
        let _ = cluster.link.client.publish(reply, answer.into()).await;
    }
}

fn seat(cluster: &Cluster, code: &str, lasting: Option<LastingId>) -> Answer {
    let Ok(code) = code.parse::<RoomCode>() else {
        return Answer::Failed("it is no code of a room".to_owned());
    };
    match cluster.host().and_then(|host| host.free_seats(code)) {
        None => Answer::Failed("the room is not here".to_owned()),
        Some(free) => match cluster.seats.reserve((code, lasting), free, Instant::now().into_std()) {
            Some(ticket) => Answer::Ticket(ticket),
            None => Answer::Full,
        },
    }
}

async fn ask(
    cluster: &Cluster,
    node: &NodeName,
    request: &Request,
    most: Duration,
) -> Result<Answer, String> {
    let bytes = serde_json::to_vec(request).map_err(|error| error.to_string())?;
    let request = async_nats::Request::new().payload(bytes.into()).timeout(Some(most));
    let answer = timeout(most, cluster.link.client.send_request(subject(node), request)).await;
    let answer = answer.map_err(|_| "no answer".to_owned())?.map_err(|error| error.to_string())?;
    read(&answer)
}

/// Asks a node for a seat in its room.
pub(super) async fn reserve(
    cluster: &Cluster,
    node: &NodeName,
    code: RoomCode,
    lasting: Option<LastingId>,
) -> Seat {
    match ask(cluster, node, &Request::Seat { code: code.to_string(), lasting }, SEAT).await {
        Ok(Answer::Ticket(ticket)) if ticket.len() <= 64 => Seat::Reserved(ticket),
        Ok(Answer::Full) => Seat::Full,
        _ => Seat::Unknown,
    }
}

/// Asks a node to take in a room.
pub(super) async fn hand_on(
    cluster: &Cluster,
    node: &NodeName,
    code: RoomCode,
    revision: u64,
) -> Result<(), String> {
    match ask(cluster, node, &Request::Adopt { code: code.to_string(), revision }, ADOPT).await? {
        Answer::Adopted => Ok(()),
        Answer::Failed(why) => Err(why),
        Answer::Ticket(_) | Answer::Full => Err("it has answered another question".to_owned()),
    }
}

/// Passes announcements on to the players of this node. Never returns.
pub(super) async fn listen(cluster: Arc<Cluster>) {
    loop {
        if let Ok(mut texts) = cluster.link.client.subscribe(ANNOUNCEMENTS).await {
            while let Some(message) = texts.next().await {
                let text = (message.payload.len() <= ANNOUNCEMENT_BYTES_MAX)
                    .then(|| str::from_utf8(&message.payload));
                if let (Some(Ok(text)), Some(host)) = (text, cluster.host()) {
                    host.announce(text);
                }
            }
        }
        sleep(PAUSE).await;
    }
}

/// Says a text to all players of the cluster.
pub async fn announce(servers: &[NatsUrl], text: &str) -> Result<(), ClusterError> {
    let text = text.trim();
    if !matches!(chat::heard(text), Ok(Said::Aloud(_))) {
        let why =
            format!("a line of chat has 1 to {CHAT_CHARS_MAX} characters, and does not begin with a slash");
        return Err(ClusterError::NotAnnounced(why));
    }
    let client = link::connect(servers, &NodeName::of_host("announce", rand::random())).await?;
    let failed = |error: String| ClusterError::NotAnnounced(error);
    client.publish(ANNOUNCEMENTS, text.to_owned().into()).await.map_err(|error| failed(error.to_string()))?;
    client.flush().await.map_err(|error| failed(error.to_string()))
}
