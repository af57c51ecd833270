//! What is said to all players of this node: by the operator, and by a player to all arenas. Must not know what other nodes there are.

use std::{fmt, sync::Arc};

use super::rooms::Rooms;
use crate::engine::{
    chat::{self, Said},
    chat_relay::{LineToAll, LinesToAll},
    cluster::Cluster,
    game_server::GameServer,
    inbox::Inbound,
    net::ArenaHandle,
};

/// All arenas and rooms of this node.
pub(super) struct Everyone<S: GameServer> {
    arenas: Vec<Arc<ArenaHandle>>,
    rooms: Option<Arc<Rooms<S>>>,
}

impl<S: GameServer> fmt::Debug for Everyone<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Everyone").field("arenas", &self.arenas.len()).finish_non_exhaustive()
    }
}

impl<S: GameServer> Everyone<S> {
    pub(super) fn new(arenas: Vec<Arc<ArenaHandle>>, rooms: Option<Arc<Rooms<S>>>) -> Self {
        Self { arenas, rooms }
    }

    fn tell(&self, message: impl Fn() -> Inbound) {
        let rooms = self.rooms.as_ref().map(|rooms| rooms.awake()).unwrap_or_default();
        for arena in self.arenas.iter().chain(&rooms) {
            // One whose inbox is full has more to do than to listen.
            let _ = arena.admission.inbox.offer(message());
        }
    }

    /// Says what the operator says.
    pub(super) fn announce(&self, text: &str) {
        let Ok(Said::Aloud(text)) = chat::heard(text) else {
            return tracing::warn!("an announcement is no line of chat, and is not passed on");
        };
        self.tell(|| Inbound::Announced { text: text.clone() });
        tracing::info!("announced to all players");
    }

    /// Says what a player says to all arenas.
    pub(super) fn say(&self, line: &Arc<LineToAll>) {
        self.tell(|| Inbound::SaidToAll { line: Arc::clone(line) });
    }

    /// Passes on what players say to all arenas, to the other nodes too, for as long as the server runs.
    pub(super) async fn relay(&self, mut lines: LinesToAll, cluster: Option<Arc<Cluster>>) {
        while let Some(line) = lines.recv().await {
            self.say(&line);
            if let Some(cluster) = &cluster {
                cluster.say(&line).await;
            }
        }
    }
}
