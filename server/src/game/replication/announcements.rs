//! Announcements: notices for everyone in the arena, encoded once a tick. Who joined and left, announced deaths, chat,
//! and the leaderboard once a second.
//!
//! Other deaths are sent only to viewers who can see the cell, and to the killer: among thousands of players, hundreds
//! die every second.

use std::collections::VecDeque;

use shared::{
    engine::{
        chat::ChatLine,
        ids::{CellIndex, PlayerId},
        limits::{CHAT_HISTORY_MAX, LEADERBOARD_ROWS_MAX},
        roster::{Leaderboard, LeaderboardRow, Player, PlayerKind},
    },
    game::{
        protocol::{Announcement, Notice},
        shot::Kill,
        terrain::Terrain,
        timing::Timing,
    },
};

use super::viewer::Notices;
use crate::game::sim::{self, Events, World};

/// Initial capacities, so that no later tick has to allocate: a busy tick of thousands.
const KILLS_CAPACITY: usize = 64;
const OWN_BYTES_CAPACITY: usize = 256;

/// A kill that is not announced.
#[derive(Debug)]
struct LocalKill {
    kill: Kill,
    victim: PlayerId,
    /// Where the victim was. Viewers of this cell are sent the death with it.
    cell: CellIndex,
}

/// The notices of this tick, and those for a client that has none.
#[derive(Debug)]
pub(super) struct Announcements {
    latest: Notices,
    /// What a client without state needs; encoded when the first asks for it in a tick.
    initial: Notices,
    local_kills: Vec<LocalKill>,
    /// For the viewer that was served last.
    own: Notices,
    leaderboard: Leaderboard,
    /// Ranks by `PlayerId`, from 1; 0 for none.
    ranks: Vec<u16>,
    /// Ships in each cell.
    crowds: Vec<u8>,
    /// Chat lines since the last tick.
    new_lines: Vec<ChatLine>,
    /// The latest chat lines, oldest first.
    history: VecDeque<ChatLine>,
}

impl Default for Announcements {
    fn default() -> Self {
        Self {
            latest: Notices::default(),
            initial: Notices::default(),
            local_kills: Vec::with_capacity(KILLS_CAPACITY),
            own: Notices::with_capacity(OWN_BYTES_CAPACITY),
            leaderboard: Leaderboard::default(),
            ranks: Vec::new(),
            crowds: Vec::new(),
            new_lines: Vec::new(),
            history: VecDeque::with_capacity(CHAT_HISTORY_MAX),
        }
    }
}

impl Announcements {
    /// Sends a chat line to everyone with the next tick.
    pub(super) fn add_chat(&mut self, line: ChatLine) {
        self.new_lines.push(line);
    }

    /// Encodes this tick's announcements.
    pub(super) fn encode(&mut self, world: &World, events: &Events, terrain: &Terrain, timing: &Timing) {
        self.initial.clear();
        self.latest.clear();
        events.left.iter().for_each(|id| self.latest.push(&Notice::Left(*id)));
        // A player that joined and left in the same tick is only in `left`.
        events
            .joined
            .iter()
            .filter_map(|id| world.pilot(*id))
            .for_each(|joined| self.latest.push(&Notice::Joined(listed(joined))));
        for line in self.new_lines.drain(..) {
            self.latest.push(&Notice::Chat(line.clone()));
            if self.history.len() == CHAT_HISTORY_MAX {
                self.history.pop_front();
            }
            self.history.push_back(line);
        }
        self.encode_deaths(events, terrain);
        if world.tick.0.is_multiple_of(u32::from(timing.tick_rate)) {
            self.update_leaderboard(world, terrain);
            push_leaderboard(&mut self.latest, &mut self.leaderboard);
        }
    }

    fn encode_deaths(&mut self, events: &Events, terrain: &Terrain) {
        self.local_kills.clear();
        for death in &events.deaths {
            match death.by {
                Some(kill) if death.is_announced() => {
                    self.latest.push(&Notice::Game(Announcement::Killed { victim: death.ship, kill }));
                }
                Some(kill) => {
                    let cell = terrain.grid().cell_at(death.position);
                    self.local_kills.push(LocalKill { kill, victim: death.ship, cell });
                }
                None => {}
            }
        }
    }

    fn update_leaderboard(&mut self, world: &World, terrain: &Terrain) {
        self.ranks.clear();
        self.ranks.resize(world.pilots.places(), 0);
        for (index, id) in world.ranking.iter().enumerate() {
            self.ranks[usize::from(id.0)] = index as u16 + 1;
        }
        let ship = |id: PlayerId| world.pilot(id).and_then(sim::Pilot::ship);
        let top = world.ranking.iter().take(LEADERBOARD_ROWS_MAX);
        self.leaderboard.top.clear();
        self.leaderboard.top.extend(top.filter_map(|id| {
            ship(*id).map(|ship| LeaderboardRow { player: *id, score: ship.flight.embers })
        }));
        self.leaderboard.players =
            world.in_order().filter(|pilot| pilot.kind == PlayerKind::Human).count() as u16;
        self.leaderboard.bodies = world.ranking.len() as u16;
        self.leaderboard.beacon = world.leader().and_then(ship).map(|ship| {
            let share = ship.flight.motion.position / terrain.arena().size * 255.0;
            (share.x as u8, share.y as u8)
        });
        self.count_crowds(world, terrain);
    }

    fn count_crowds(&mut self, world: &World, terrain: &Terrain) {
        self.crowds.clear();
        self.crowds.resize(terrain.grid().len(), 0);
        for (_, position) in world.flying() {
            let ships = &mut self.crowds[usize::from(terrain.grid().cell_at(position).0)];
            *ships = ships.saturating_add(1);
        }
        let crowds = (0..).map(CellIndex).zip(self.crowds.iter().copied());
        self.leaderboard.set_crowds(crowds.filter(|(_, ships)| *ships > 0));
    }

    /// The notices of this tick for one viewer: those for all, or the initial ones if its client has no state; then those
    /// for it alone. Each as a count and bytes. `sees` says which cells it sees deaths in.
    pub(super) fn for_viewer(
        &mut self,
        world: &World,
        has_no_state: bool,
        player: Option<PlayerId>,
        sees: impl Fn(CellIndex) -> bool,
    ) -> [(usize, &[u8]); 2] {
        if has_no_state && self.initial.count() == 0 {
            self.initial.push(&Notice::Roster(world.in_order().map(listed).collect()));
            push_leaderboard(&mut self.initial, &mut self.leaderboard);
            self.initial.push(&Notice::ChatHistory(self.history.iter().cloned().collect()));
        }
        self.own.clear();
        for LocalKill { kill, victim, cell } in &self.local_kills {
            if Some(kill.by) == player && !sees(*cell) {
                self.own.push(&Notice::Game(Announcement::Killed { victim: *victim, kill: *kill }));
            }
        }
        let all = if has_no_state { &self.initial } else { &self.latest };
        [all.encoded(), self.own.encoded()]
    }

    /// A ship's rank among all ships, from 1; 0 while it has none.
    pub(super) fn rank_of(&self, id: PlayerId) -> u16 {
        self.ranks.get(usize::from(id.0)).copied().unwrap_or(0)
    }
}

/// Encodes the leaderboard, which is moved into a notice and back: nothing is copied.
fn push_leaderboard(notices: &mut Notices, leaderboard: &mut Leaderboard) {
    let notice = Notice::Leaderboard(core::mem::take(leaderboard));
    notices.push(&notice);
    if let Notice::Leaderboard(moved) = notice {
        *leaderboard = moved;
    }
}

fn listed(pilot: &sim::Pilot) -> Player {
    Player { id: pilot.id, name: pilot.name.clone(), kind: pilot.kind, colour: pilot.colour }
}

#[cfg(test)]
mod tests;
