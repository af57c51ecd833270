//! Announcements for everyone in the arena, encoded once a tick: who came and went, who is first, who shot the first one down, and
//! who said what.
//! Other fights are told where they are seen: among thousands, every second hundreds fall.

use std::collections::VecDeque;

use shared::{
    engine::{
        chat::ChatLine,
        ids::{CellIndex, PlayerId},
        limits::CHAT_HISTORY_MAX,
        protocol::put,
    },
    game::{
        limits::LEADERBOARD_ROWS_MAX,
        pilot::{Kill, PilotKind},
        protocol::{Leaderboard, LeaderboardRow, Notice, Pilot},
        terrain::Terrain,
    },
};

use crate::game::sim::{self, Events, World};

/// Kills of one tick that there is room for from the start, and bytes of notices of them: a busy tick of thousands, so
/// that no later tick has to make room.
const KILLS_ROOM: usize = 64;
const OWN_BYTES_ROOM: usize = 256;

/// Notices of this tick, and what a newcomer needs to know.
#[derive(Debug)]
pub(super) struct Announcements {
    latest: (usize, Vec<u8>),
    whole: Option<(usize, Vec<u8>)>,
    /// Who shot whom down in this tick, and in which cell the victim was; not where everyone hears of it.
    kills: Vec<(Kill, PlayerId, CellIndex)>,
    own: Vec<u8>,
    leaderboard: Leaderboard,
    /// Places by number, from 1; 0 for none.
    ranks: Vec<u16>,
    crowds: Vec<u8>,
    /// Lines said since the last tick.
    fresh: Vec<ChatLine>,
    /// The last ones of all, for newcomers.
    history: VecDeque<ChatLine>,
}

impl Default for Announcements {
    fn default() -> Self {
        Self {
            latest: Default::default(),
            whole: None,
            kills: Vec::with_capacity(KILLS_ROOM),
            own: Vec::with_capacity(OWN_BYTES_ROOM),
            leaderboard: Leaderboard::default(),
            ranks: Vec::new(),
            crowds: Vec::new(),
            fresh: Vec::new(),
            history: VecDeque::with_capacity(CHAT_HISTORY_MAX),
        }
    }
}

impl Announcements {
    /// Somebody said something to everyone, who hear it with the next tick.
    pub(super) fn say(&mut self, line: ChatLine) {
        self.fresh.push(line);
    }

    /// Encodes what is new.
    pub(super) fn encode(&mut self, world: &World, events: &Events, terrain: &Terrain, tick_rate: u16) {
        self.whole = None;
        let (count, bytes) = &mut self.latest;
        (*count, _) = (0, bytes.clear());
        let mut add = |notice: Notice| {
            put(bytes, &notice);
            *count += 1;
        };
        events.left.iter().for_each(|id| add(Notice::Left(*id)));
        // One that came and went within the tick is only in `left`.
        events
            .joined
            .iter()
            .filter_map(|id| world.pilot(*id))
            .for_each(|joined| add(Notice::Joined(pilot(joined))));
        for line in self.fresh.drain(..) {
            add(Notice::Chat(line.clone()));
            if self.history.len() == CHAT_HISTORY_MAX {
                self.history.pop_front();
            }
            self.history.push_back(line);
        }
        self.kills.clear();
        for death in &events.deaths {
            match death.by {
                Some(kill) if death.is_announced() => add(Notice::Killed { victim: death.ship, kill }),
                Some(kill) => self.kills.push((kill, death.ship, terrain.grid().cell_at(death.position))),
                None => {}
            }
        }
        if world.tick.0.is_multiple_of(u32::from(tick_rate)) {
            self.rank(world, terrain);
            let (count, bytes) = &mut self.latest;
            self.leaderboard = put_standings(bytes, core::mem::take(&mut self.leaderboard));
            *count += 1;
        }
    }

    fn rank(&mut self, world: &World, terrain: &Terrain) {
        self.ranks.clear();
        self.ranks.resize(world.by_id.len(), 0);
        for (place, id) in world.ranking.iter().enumerate() {
            self.ranks[usize::from(id.0)] = place as u16 + 1;
        }
        let ship = |id: PlayerId| world.pilot(id).and_then(sim::Pilot::ship);
        let top = world.ranking.iter().take(LEADERBOARD_ROWS_MAX);
        self.leaderboard.top.clear();
        self.leaderboard.top.extend(top.filter_map(|id| {
            ship(*id).map(|ship| LeaderboardRow { player: *id, embers: ship.flight.embers })
        }));
        self.leaderboard.players =
            world.in_order().filter(|pilot| pilot.kind == PilotKind::Player).count() as u16;
        self.leaderboard.ships = world.ranking.len() as u16;
        self.leaderboard.beacon = world.leader().and_then(ship).map(|ship| {
            let share = ship.flight.motion.position / terrain.arena().size * 255.0;
            (share.x as u8, share.y as u8)
        });
        self.count_crowds(world, terrain);
    }

    fn count_crowds(&mut self, world: &World, terrain: &Terrain) {
        self.crowds.clear();
        self.crowds.resize(terrain.grid().len(), 0);
        for (_, place) in world.flying() {
            let ships = &mut self.crowds[usize::from(terrain.grid().cell_at(place).0)];
            *ships = ships.saturating_add(1);
        }
        let crowds = (0..).map(CellIndex).zip(self.crowds.iter().copied());
        self.leaderboard.set_crowds(crowds.filter(|(_, ships)| *ships > 0));
    }

    /// The notices of this tick for one player, those for all and then its own: how many, and their bytes. One that knows
    /// nothing yet is told all there is to know. `sees` tells in which cells it sees ships fall.
    pub(super) fn notices(
        &mut self,
        world: &World,
        knows_nothing: bool,
        player: Option<PlayerId>,
        sees: impl Fn(CellIndex) -> bool,
    ) -> [(usize, &[u8]); 2] {
        if knows_nothing {
            self.whole.get_or_insert_with(|| {
                let mut bytes = Vec::new();
                put(&mut bytes, &Notice::Roster(world.in_order().map(pilot).collect()));
                self.leaderboard = put_standings(&mut bytes, core::mem::take(&mut self.leaderboard));
                put(&mut bytes, &Notice::ChatHistory(self.history.iter().cloned().collect()));
                (3, bytes)
            });
        }
        self.own.clear();
        let mut count = 0;
        for (kill, victim, cell) in &self.kills {
            if Some(kill.by) == player && !sees(*cell) {
                put(&mut self.own, &Notice::Killed { victim: *victim, kill: *kill });
                count += 1;
            }
        }
        let whole = self.whole.as_ref().filter(|_| knows_nothing);
        let (all_count, all) = whole.unwrap_or(&self.latest);
        [(*all_count, all), (count, &self.own)]
    }

    /// A ship's place among all ships, from 1; 0 while it has none.
    pub(super) fn rank_of(&self, id: PlayerId) -> u16 {
        self.ranks.get(usize::from(id.0)).copied().unwrap_or(0)
    }
}

/// Encodes leaderboard as a notice and gives them back: no copy is made.
fn put_standings(bytes: &mut Vec<u8>, leaderboard: Leaderboard) -> Leaderboard {
    let notice = Notice::Leaderboard(leaderboard);
    put(bytes, &notice);
    match notice {
        Notice::Leaderboard(leaderboard) => leaderboard,
        _ => Leaderboard::default(),
    }
}

fn pilot(pilot: &sim::Pilot) -> Pilot {
    Pilot { id: pilot.id, name: pilot.name.clone(), kind: pilot.kind, colour: pilot.colour }
}

#[cfg(test)]
mod tests {
    use shared::Vec2;

    use super::*;
    use crate::game::{
        arena_file,
        sim::{Death, Setup, Simulation},
    };

    #[test]
    fn of_a_fall_hear_those_who_see_it_and_who_did_it_and_of_the_leaders_everyone() {
        let terrain = Terrain::new(arena_file::load("drift").expect("the arena is embedded"));
        let mut sim = Simulation::new(Setup { terrain, tick_rate: 20, drones: 0, seed: 1 });
        // Away from the tick of the leaderboard.
        sim.step(&[]);
        let death = |ship, by, was_leader| Death {
            ship: PlayerId(ship),
            position: Vec2::splat(700.0),
            by: Some(Kill { by: PlayerId(by), streak: 1, ended: 0 }),
            was_leader,
        };
        let mut events = Events::default();
        events.deaths.extend([death(1, 2, false), death(3, 4, true)]);
        let mut announcements = Announcements::default();
        announcements.encode(sim.world(), &events, sim.terrain(), 20);
        let here = sim.terrain().grid().cell_at(Vec2::splat(700.0));
        let mut told = |player, sees: bool| {
            let notices = announcements
                .notices(sim.world(), false, Some(PlayerId(player)), |cell| sees && cell == here);
            notices.map(|(count, _)| count)
        };
        assert_eq!(told(9, false), [1, 0]);
        assert_eq!(told(2, true), [1, 0]);
        assert_eq!(told(2, false), [1, 1]);
        assert_eq!(told(4, false), [1, 0], "once is enough");
    }
}
