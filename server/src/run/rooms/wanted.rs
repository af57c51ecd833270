//! What a room is made of: a request, with the server's defaults for what it leaves out; and how many rooms there may be. Must not know
//! where a room goes on.

use std::time::Duration;

use shared::engine::{
    game_trait::Arena as _,
    rooms::{ROOM_BOTS_MAX, ROOM_PLAYERS_MAX, RoomChange, RoomRequest},
};

use super::files::KeptRoom;
use crate::engine::{
    arena_file,
    arena_loop::ArenaSettings,
    game_server::GameServer,
    net::{self, RoomRefusal},
    room_code::RoomKeyHash,
    sessions::Seats,
    simulation::ArenaOf,
};

/// How an uploaded file is called in errors.
const FILE_NAME: &str = "the room's file";

/// How many rooms, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomLimits {
    /// Rooms at a time, sleeping ones included.
    pub most: usize,
    /// The same for one network.
    pub per_network: usize,
    /// An empty room goes to sleep after this time.
    pub awake: Duration,
    /// A sleeping room is forgotten after this time.
    pub asleep: Duration,
}

impl RoomLimits {
    /// The usual times, for this many rooms.
    pub fn new(most: usize) -> Self {
        Self { most, per_network: 8, awake: Duration::from_secs(120), asleep: Duration::from_secs(3600) }
    }
}

/// What rooms are like unless a client says otherwise.
#[derive(Debug)]
pub(crate) struct RoomDefaults<S: GameServer> {
    /// The server's arenas, the default first. Their seats, seeds and drills are not those of rooms.
    arenas: Vec<ArenaSettings<ArenaOf<S>>>,
    tick_rate: u16,
    reconnect_grace: Duration,
}

impl<S: GameServer> RoomDefaults<S> {
    /// Of a server with these arenas, at least one.
    pub(crate) fn new(arenas: Vec<ArenaSettings<ArenaOf<S>>>) -> Self {
        let (tick_rate, reconnect_grace) =
            arenas.first().map_or((0, Duration::ZERO), |first| (first.tick_rate, first.reconnect_grace));
        Self { arenas, tick_rate, reconnect_grace }
    }

    /// Ticks a second of every room.
    pub(super) fn tick_rate(&self) -> u16 {
        self.tick_rate
    }

    /// What a room is made of; `key` is its creator's. Blocks: a file is checked.
    pub(super) fn kept(
        &self,
        request: RoomRequest,
        key: RoomKeyHash,
    ) -> Result<KeptRoom<ArenaOf<S>>, RoomRefusal> {
        let RoomRequest { arena, file, bots, players, public, chat } = request;
        let (arena, bots_of_arena) = self.arena(arena.as_deref(), file.as_deref())?;
        let bots = number("bots", bots, 0, ROOM_BOTS_MAX)?.unwrap_or(bots_of_arena);
        let players = number("players", players, 1, ROOM_PLAYERS_MAX)?.unwrap_or(ROOM_PLAYERS_MAX);
        Ok(KeptRoom {
            arena,
            bots,
            players,
            key,
            next_key: None,
            is_public: public,
            is_locked: false,
            has_chat: chat.unwrap_or(true),
        })
    }

    /// What a room is made of after a change, if its arena or its bots change. Blocks: a file is checked.
    pub(super) fn changed(
        &self,
        change: &RoomChange,
        before: &KeptRoom<ArenaOf<S>>,
    ) -> Result<Option<(ArenaOf<S>, u16)>, RoomRefusal> {
        let RoomChange { arena, file, bots, .. } = change;
        let bots = number("bots", *bots, 0, ROOM_BOTS_MAX)?;
        if arena.is_none() && file.is_none() {
            return Ok(bots.map(|bots| (before.arena.clone(), bots)));
        }
        let (arena, bots_of_arena) = self.arena(arena.as_deref(), file.as_deref())?;
        Ok(Some((arena, bots.unwrap_or(bots_of_arena))))
    }

    /// An arena of the server or of a file, and how many bodies bots fill a room in it up to.
    fn arena(&self, arena: Option<&str>, file: Option<&str>) -> Result<(ArenaOf<S>, u16), RoomRefusal> {
        let of_server = match arena {
            None => self.arenas.first(),
            Some(slug) => self.arenas.iter().find(|of_server| net::slug(of_server.arena.name()) == slug),
        };
        let of_server = of_server.ok_or_else(|| {
            let known: Vec<_> = self.arenas.iter().map(|arena| net::slug(arena.arena.name())).collect();
            RoomRefusal::Invalid(format!("`arena`: expected one of {}", known.join(", ")))
        })?;
        let (arena, bots) = match file {
            None => (of_server.arena.clone(), of_server.bots),
            Some(_) if arena.is_some() => {
                return Err(RoomRefusal::Invalid("`arena` and `file` exclude each other".to_owned()));
            }
            Some(text) => {
                let loaded = arena_file::parse::<S>(text, FILE_NAME)
                    .map_err(|error| RoomRefusal::File(error.to_string()))?;
                (loaded.arena, loaded.bots.unwrap_or(S::BOTS))
            }
        };
        Ok((arena, bots.min(ROOM_BOTS_MAX)))
    }

    /// The settings of a room.
    pub(super) fn settings_of(&self, room: &KeptRoom<ArenaOf<S>>) -> ArenaSettings<ArenaOf<S>> {
        let players = usize::from(room.players);
        ArenaSettings {
            arena: room.arena.clone(),
            tick_rate: self.tick_rate,
            bots: room.bots,
            // Friends are often in one network.
            seats: Seats { per_network: players, ..Seats::new(players) },
            seed: rand::random(),
            reconnect_grace: self.reconnect_grace,
            slow_tick: None,
            fail_after: None,
        }
    }
}

fn number(key: &str, value: Option<u16>, least: u16, most: u16) -> Result<Option<u16>, RoomRefusal> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(RoomRefusal::Invalid(format!("`{key}`: expected a number from {least} to {most}")))
        }
        value => Ok(value),
    }
}
