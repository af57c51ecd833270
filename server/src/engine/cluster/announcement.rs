//! What an operator says to all players of all nodes.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use shared::engine::limits::CHAT_CHARS_MAX;
use tokio::time::sleep;

use super::{
    error::ClusterError,
    handle::Cluster,
    identity::{NatsUrl, NodeName},
    link,
};
use crate::engine::chat::{self, Said};

const SUBJECT: &str = "emberdrift.announce";
/// Before announcements are listened for again.
const PAUSE: Duration = Duration::from_millis(500);
/// Most bytes of one: a line of the chat is shorter.
pub(super) const ANNOUNCEMENT_BYTES_MAX: usize = 512;

/// Passes announcements on to the players of this node. Never returns.
pub(super) async fn listen(cluster: Arc<Cluster>) {
    loop {
        if let Ok(mut texts) = cluster.link.client.subscribe(SUBJECT).await {
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
    client.publish(SUBJECT, text.to_owned().into()).await.map_err(|error| failed(error.to_string()))?;
    client.flush().await.map_err(|error| failed(error.to_string()))
}
