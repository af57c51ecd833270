//! News for everyone in the arena, encoded once a tick: who came and went, who shot whom down, who is first.

use shared::{
    ids::PlayerId,
    limits::STANDINGS_MAX,
    protocol::{Notice, Pilot, PilotKind, Standing, Standings, put},
    terrain::Terrain,
};

use crate::sim::{self, Events, World};

/// Notices of this tick, and what a newcomer needs to know.
#[derive(Debug, Default)]
pub(super) struct News {
    latest: (usize, Vec<u8>),
    whole: Option<(usize, Vec<u8>)>,
    standings: Standings,
    /// Places by number, from 1; 0 for none.
    ranks: Vec<u16>,
    crowds: Vec<u8>,
}

impl News {
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
        for (victim, by) in &events.kills {
            add(Notice::Killed { victim: *victim, by: *by });
        }
        if world.tick.0.is_multiple_of(u32::from(tick_rate)) {
            self.rank(world, terrain);
            let (count, bytes) = &mut self.latest;
            self.standings = put_standings(bytes, core::mem::take(&mut self.standings));
            *count += 1;
        }
    }

    fn rank(&mut self, world: &World, terrain: &Terrain) {
        self.ranks.clear();
        self.ranks.resize(world.seats.len(), 0);
        for (place, id) in world.ranking.iter().enumerate() {
            self.ranks[usize::from(id.0)] = place as u16 + 1;
        }
        let ship = |id: PlayerId| world.pilot(id).and_then(sim::Pilot::ship);
        let top = world.ranking.iter().take(STANDINGS_MAX);
        self.standings.top.clear();
        self.standings
            .top
            .extend(top.filter_map(|id| ship(*id).map(|ship| Standing { player: *id, embers: ship.embers })));
        self.standings.players =
            world.in_order().filter(|pilot| pilot.kind == PilotKind::Player).count() as u16;
        self.standings.ships = world.ranking.len() as u16;
        self.standings.beacon = world.leader().and_then(ship).map(|ship| {
            let share = ship.motion.position / terrain.arena().size * 255.0;
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
        let crowds = (0..).map(shared::ids::CellIndex).zip(self.crowds.iter().copied());
        self.standings.set_crowds(crowds.filter(|(_, ships)| *ships > 0));
    }

    /// The notices of this tick: how many, and their bytes.
    pub(super) fn latest(&self) -> (usize, &[u8]) {
        (self.latest.0, &self.latest.1)
    }

    /// All there is to know, for one who knows nothing; made when it is first asked for in a tick.
    pub(super) fn whole(&mut self, world: &World) -> (usize, &[u8]) {
        let (count, bytes) = self.whole.get_or_insert_with(|| {
            let mut bytes = Vec::new();
            put(&mut bytes, &Notice::Roster(world.in_order().map(pilot).collect()));
            self.standings = put_standings(&mut bytes, core::mem::take(&mut self.standings));
            (2, bytes)
        });
        (*count, bytes)
    }

    /// A ship's place among all ships, from 1; 0 while it has none.
    pub(super) fn rank_of(&self, id: PlayerId) -> u16 {
        self.ranks.get(usize::from(id.0)).copied().unwrap_or(0)
    }
}

/// Encodes standings as a notice and gives them back: no copy is made.
fn put_standings(bytes: &mut Vec<u8>, standings: Standings) -> Standings {
    let notice = Notice::Standings(standings);
    put(bytes, &notice);
    match notice {
        Notice::Standings(standings) => standings,
        _ => Standings::default(),
    }
}

fn pilot(pilot: &sim::Pilot) -> Pilot {
    Pilot { id: pilot.id, name: pilot.name.clone(), kind: pilot.kind }
}
