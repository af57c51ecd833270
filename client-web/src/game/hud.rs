//! What stands in the HUD: leaderboard, kill feed and minimap, from numbers to names. It must not know how any
//! of it is shown.

use std::collections::VecDeque;

use shared::{
    Vec2,
    engine::{grid::Grid, ids::PlayerId, limits::CELL_SIZE},
    game::{
        flight::Flight,
        pilot::Kill,
        protocol::{Leaderboard, OwnShip},
        rules::{Pickup, Rules},
    },
};

use super::{
    roster::Roster,
    scene::{Hud, HudKill, HudLeaderboardRow, Minimap},
};

/// Kills that may wait to be shown; of more the oldest are left out.
const KILLS_MAX: usize = 16;
/// The beacon's place is told in so many parts of the arena's sides.
const BEACON_PARTS: f32 = 256.0;

#[derive(Debug)]
pub(super) struct Board {
    me: PlayerId,
    leaderboard: Leaderboard,
    /// The leaderboard with names, made when either changes.
    top: Vec<HudLeaderboardRow>,
    kills: VecDeque<HudKill>,
}

impl Board {
    pub(super) fn new(me: PlayerId) -> Self {
        Self { me, leaderboard: Leaderboard::default(), top: Vec::new(), kills: VecDeque::new() }
    }

    pub(super) fn rank(&mut self, leaderboard: Leaderboard, roster: &Roster) {
        self.leaderboard = leaderboard;
        self.name(roster);
    }

    /// Names on the leaderboard, after either changed.
    pub(super) fn name(&mut self, roster: &Roster) {
        self.top.clear();
        self.top.extend(self.leaderboard.top.iter().map(|line| HudLeaderboardRow {
            name: roster.name(line.player),
            embers: line.embers,
            own: line.player == self.me,
            kind: roster.kind(line.player),
        }));
    }

    pub(super) fn kill(&mut self, victim: PlayerId, kill: Kill, roster: &Roster) {
        if self.kills.len() == KILLS_MAX {
            self.kills.pop_front();
        }
        self.kills.push_back(HudKill {
            victim: roster.name(victim),
            by: roster.name(kill.by),
            own: victim == self.me || kill.by == self.me,
            streak: kill.streak,
            ended: kill.ended,
        });
    }

    pub(super) fn leader(&self) -> Option<PlayerId> {
        self.leaderboard.top.first().map(|line| line.player)
    }

    /// Writes everything that does not depend on the own ship, and hands the kills over.
    pub(super) fn write(&mut self, out: &mut Hud, size: Vec2, grid: Grid) {
        out.players = self.leaderboard.players;
        out.ships = self.leaderboard.ships;
        // Compared first: it changes once a second, and copying names allocates.
        if out.top != self.top {
            out.top.clone_from(&self.top);
        }
        out.kills.clear();
        out.kills.extend(self.kills.drain(..));
        let share = |parts: u8| (f32::from(parts) + 0.5) / BEACON_PARTS;
        let beacon = self.leaderboard.beacon.map(|(x, y)| Vec2::new(share(x), share(y)));
        let Minimap { beacon: out_beacon, crowds, .. } = &mut out.minimap;
        *out_beacon = beacon;
        crowds.clear();
        let known = self.leaderboard.crowds().filter(|(cell, _)| grid.contains(*cell));
        crowds.extend(known.map(|(cell, ships)| {
            let middle = grid.origin(cell) + CELL_SIZE / 2.0;
            ((middle / size).min(Vec2::ONE), ships)
        }));
    }
}

/// Writes what stands there of the own ship; `flight` is what it is held to be by now, if it flies.
pub(super) fn write_own(
    out: &mut Hud,
    own: Option<&OwnShip>,
    flight: Option<&Flight>,
    rules: &Rules,
    tick_rate: f64,
) {
    let flight = flight.copied().or(own.map(OwnShip::flight));
    // Without a ship the next one is told of: the smallest, and empty.
    let embers = flight.map_or(0, |flight| flight.embers);
    let tier = rules.tier(embers);
    out.embers = embers;
    out.tier = tier as u8;
    out.next_tier_at = rules.hulls.get(tier + 1).map(|hull| hull.embers);
    out.health = own.map_or(0.0, |own| (own.health / rules.hulls[tier].health).clamp(0.0, 1.0));
    out.rank = own.map_or(0, |own| own.rank);
    out.streak = own.map_or(0, |own| own.streak);
    out.power_ups.clear();
    for pickup in Pickup::ALL {
        let ticks = flight.map_or(0, |flight| flight.power_ups.of(pickup));
        if ticks > 0 {
            out.power_ups.push((pickup, (f64::from(ticks) / tick_rate) as f32));
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        engine::name::PlayerName,
        game::{
            pilot::PilotKind,
            protocol::{LeaderboardRow, Notice, Pilot},
        },
    };

    use super::*;

    #[test]
    fn numbers_become_names_as_soon_as_they_are_known() {
        let mut roster = Roster::default();
        let mut board = Board::new(PlayerId(2));
        let leaderboard = Leaderboard {
            top: vec![LeaderboardRow { player: PlayerId(2), embers: 9 }],
            players: 1,
            ships: 4,
            beacon: Some((0, 255)),
            crowds: vec![0x34, 0xf1],
        };
        board.rank(leaderboard, &roster);
        let size = Vec2::splat(1024.0);
        let mut hud = Hud::default();
        board.write(&mut hud, size, Grid::covering(size));
        assert_eq!((hud.top[0].name.as_str(), hud.top[0].own, hud.ships), ("#2", true, 4));
        assert_eq!(hud.minimap.crowds, [(Vec2::splat(0.75), 4)]);
        let pilot = Pilot {
            id: PlayerId(2),
            name: PlayerName::new("Ada").unwrap(),
            kind: PilotKind::Player,
            colour: 0,
        };
        roster.apply(&Notice::Joined(pilot));
        board.name(&roster);
        let kill = Kill { by: PlayerId(7), streak: 2, ended: 1 };
        (0..100).for_each(|_| board.kill(PlayerId(2), kill, &roster));
        board.write(&mut hud, size, Grid::covering(size));
        assert_eq!(hud.top[0].name, "Ada");
        assert_eq!(hud.kills.len(), KILLS_MAX);
        assert_eq!(
            hud.kills[0],
            HudKill { victim: "Ada".into(), by: "#7".into(), own: true, streak: 2, ended: 1 }
        );
        assert_eq!(board.leader(), Some(PlayerId(2)));
    }
}
