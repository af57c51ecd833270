//! What the creator of a room does: removes players, locks it, turns its chat off, goes on in another arena, and hands the room over.
//! Must not know how the request has arrived.

use std::{sync::Arc, time::Duration};

use crossbeam_channel::{Receiver, bounded};
use shared::engine::{
    game_trait::Arena as _,
    ids::PlayerId,
    rooms::{RoomChange, RoomEntry},
};
use tokio::task::spawn_blocking;

use super::{Room, State, failed};
use crate::engine::{
    arena_loop::AnotherArena,
    client_network::ClientNetwork,
    game_server::GameServer,
    inbox::Inbound,
    net::{ArenaHandle, Entered, RoomRefusal},
    room_code::RoomKeyHash,
    simulation::ArenaOf,
};

/// How long the simulation has for an answer, which it gives with its next tick.
const ANSWER_MAX: Duration = Duration::from_secs(1);

impl<S: GameServer> Room<S> {
    /// Changes the room for a client in this network, if `key` is the creator's. The first part that cannot be done ends it.
    pub(in crate::run::rooms) async fn change(
        &self,
        key: &str,
        change: RoomChange,
        network: Option<ClientNetwork>,
    ) -> Result<RoomEntry, RoomRefusal> {
        self.check_key(key)?;
        let another = self.another(&change).await?;
        let Entered { arena, presence: _keeps_awake } = self.enter().await.ok_or(RoomRefusal::Gone)?;
        if let Some(player) = change.remove {
            self.remove(&arena, PlayerId(player), network).await?;
        }
        if let Some(player) = change.hand_over {
            self.hand_over(&arena, PlayerId(player)).await?;
        }
        if let Some((map, bots)) = another {
            self.move_to(map, bots).await?;
        }
        if let Some(is_on) = change.chat {
            // While the inbox is full the arena is busier than with any chat.
            arena.admission.inbox.offer(Inbound::Chat { is_on }).map_err(|_| RoomRefusal::Busy)?;
            self.made_of().has_chat = is_on;
        }
        if let Some(is_locked) = change.locked {
            self.access.set_locked(is_locked);
            self.made_of().is_locked = is_locked;
        }
        if let Some(is_public) = change.public {
            self.made_of().is_public = is_public;
        }
        self.write().await;
        Ok(self.entry())
    }

    /// Whether this is the creator's key. The key of a player that the room was handed over to becomes the only one when it is used.
    fn check_key(&self, key: &str) -> Result<(), RoomRefusal> {
        let mut kept = self.made_of();
        if let Some(next) = kept.next_key.take_if(|next| next.admits(key)) {
            kept.key = next;
        }
        if kept.key.admits(key) { Ok(()) } else { Err(RoomRefusal::NotCreator) }
    }

    /// The arena to go on in, and how many bodies bots fill it up to; `None` if neither changes.
    async fn another(&self, change: &RoomChange) -> Result<Option<(ArenaOf<S>, u16)>, RoomRefusal> {
        let (defaults, kept, change) =
            (Arc::clone(&self.parts.defaults), self.made_of().clone(), change.clone());
        // An arena's file is checked for ways through it, which takes milliseconds.
        spawn_blocking(move || defaults.changed(&change, &kept)).await.map_err(failed)?
    }

    /// Goes on in this arena. Every player is back in a moment, with what it has.
    async fn move_to(&self, arena: ArenaOf<S>, bots: u16) -> Result<(), RoomRefusal> {
        let (map, tick_rate) = (arena.clone(), self.parts.defaults.tick_rate());
        let another = spawn_blocking(move || AnotherArena::new(map, tick_rate, bots)).await;
        // What a sleep would keep is of the arena before.
        let state = self.state.lock().await;
        let State::Awake { simulated, another: sender, .. } = &*state else { return Err(RoomRefusal::Busy) };
        sender.try_send(another.map_err(failed)?).map_err(|_| RoomRefusal::Busy)?;
        simulated.listing.move_to(&arena);
        tracing::info!(name = arena.name(), bots, "a room goes on in another arena");
        let mut kept = self.made_of();
        (kept.arena, kept.bots) = (arena, bots);
        Ok(())
    }

    async fn remove(
        &self,
        arena: &ArenaHandle,
        player: PlayerId,
        creator: Option<ClientNetwork>,
    ) -> Result<(), RoomRefusal> {
        let (removed, answer) = bounded(1);
        let removed = ask(arena, Inbound::Remove { player, removed }, answer).await?;
        let removed = removed.ok_or_else(|| no_player("remove", player))?;
        if let Some(network) = removed.network.filter(|network| Some(*network) != creator) {
            self.access.ban(network);
        }
        Ok(())
    }

    async fn hand_over(&self, arena: &ArenaHandle, player: PlayerId) -> Result<(), RoomRefusal> {
        let (key, hash) = RoomKeyHash::new_key().map_err(failed)?;
        let (told, answer) = bounded(1);
        // Before it is sent: the player may use it at once.
        self.made_of().next_key = Some(hash);
        if ask(arena, Inbound::HandOver { player, key, told }, answer).await? {
            Ok(())
        } else {
            self.made_of().next_key = None;
            Err(no_player("hand_over", player))
        }
    }
}

/// Puts a question to the simulation, and waits for its answer.
async fn ask<T: Send + 'static>(
    arena: &ArenaHandle,
    question: Inbound,
    answer: Receiver<T>,
) -> Result<T, RoomRefusal> {
    arena.admission.inbox.offer(question).map_err(|_| RoomRefusal::Busy)?;
    let answer = spawn_blocking(move || answer.recv_timeout(ANSWER_MAX)).await;
    answer.map_err(failed)?.map_err(|_| RoomRefusal::Busy)
}

fn no_player(key: &str, player: PlayerId) -> RoomRefusal {
    RoomRefusal::Invalid(format!("`{key}`: no player in the room has the number {}", player.0))
}
