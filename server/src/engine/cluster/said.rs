//! Chat of a whole cluster: what a player says to all players reaches those of the other nodes over NATS. Messages are bounded in size,
//! and what other nodes send is bounded in number.

use std::{sync::Arc, time::Duration};

use async_nats::Message;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use shared::engine::{chat::ChatText, ids::PlayerName};
use tokio::time::{Instant, sleep, timeout};

use super::{identity::Incarnation, member::Cluster};
use crate::engine::{
    chat_relay::LineToAll,
    token_bucket::{Rate, TokenBucket},
};

/// Where the lines go.
const SUBJECT: &str = "emberdrift.chat";
/// Most bytes of a line with its author's name: a name has at most 16 characters and a text 120, of four bytes each.
const BYTES_MAX: usize = 1024;
/// Lines from all other nodes together that are passed on; others are dropped.
const FROM_OTHERS: Rate = Rate::new(5, 20);
/// How long NATS has to take a line in. It is lost after that: chat that comes late is no use.
const PUBLISH: Duration = Duration::from_secs(1);
/// Before lines are listened for again.
const PAUSE: Duration = Duration::from_millis(500);

/// A line as it is sent.
#[derive(Debug, Serialize, Deserialize)]
struct Said {
    /// The process that its author plays at.
    at: Incarnation,
    name: PlayerName,
    text: ChatText,
}

impl Cluster {
    /// Says a line of a player of this node to the players of all others.
    pub async fn say(&self, line: &LineToAll) {
        let said = Said { at: self.incarnation.clone(), name: line.name.clone(), text: line.text.clone() };
        let Ok(bytes) = serde_json::to_vec(&said) else { return };
        match timeout(PUBLISH, self.link.client.publish(SUBJECT, bytes.into())).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a line to all did not reach the other nodes"),
            Err(_) => tracing::debug!("a line to all did not reach the other nodes: NATS does not answer"),
        }
    }
}

/// The line in a message of another node; `None` for one of this node, and for what is no line.
fn read(message: &Message, own: &Incarnation) -> Option<LineToAll> {
    if message.payload.len() > BYTES_MAX {
        return None;
    }
    let Said { at, name, text } = serde_json::from_slice(&message.payload).ok()?;
    (at != *own).then_some(LineToAll { from: None, name, text })
}

/// Passes lines of other nodes on to the players of this node. Never returns.
pub(super) async fn listen(cluster: Arc<Cluster>) {
    let mut budget = TokenBucket::new(FROM_OTHERS, Instant::now().into_std());
    loop {
        if let Ok(mut lines) = cluster.link.client.subscribe(SUBJECT).await {
            while let Some(message) = lines.next().await {
                let Some(line) = read(&message, &cluster.incarnation) else { continue };
                if let Some(host) = cluster.host()
                    && budget.take(Instant::now().into_std(), 1)
                {
                    host.say(&Arc::new(line));
                }
            }
        }
        sleep(PAUSE).await;
    }
}
