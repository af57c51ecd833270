//! Fills the HUD: leaderboard, kill feed and minimap, with names instead of ids, and the own ship's gauges.

use std::collections::VecDeque;

use shared::{
    Vec2,
    engine::{
        grid::Grid,
        ids::{PlayerId, PlayerName, Tick},
        limits::CELL_SIZE,
        roster::{Leaderboard, PlayerKind},
    },
    game::{
        duel::{DuelPhase, DuelState},
        ember::Pickup,
        flight::Flight,
        mode::{Mode, Team, TeamScores},
        protocol::OwnShip,
        rules::Rules,
        shot::Kill,
    },
};

use super::scene::{Hud, HudDuel, HudDuelPhase, HudKill, HudLeaderboardRow, HudTeam, HullGain, Minimap};
use crate::engine::roster::Roster;

/// Kills that may wait for the next scene; the oldest are dropped.
const KILLS_MAX: usize = 16;
/// The beacon's position is sent in this many parts of the arena's sides.
const BEACON_PARTS: f32 = 256.0;

/// What the HUD shows of the whole arena.
#[derive(Debug)]
pub(super) struct Scoreboard {
    me: PlayerId,
    own_label: String,
    mode: Mode,
    team_scores: TeamScores,
    duel: Option<DuelState>,
    /// The leaderboard with names, rebuilt when either changes.
    top: Vec<HudLeaderboardRow>,
    /// Players on the leaderboard and their embers.
    scores: Vec<(PlayerId, u32)>,
    kills: VecDeque<HudKill>,
    nemesis: Option<Nemesis>,
}

/// The pilot that destroyed the own ship last, until this player shoots it down.
#[derive(Debug)]
struct Nemesis {
    player: PlayerId,
    /// Its name, from the next roster on: an id with another name is another pilot's.
    name: Option<PlayerName>,
}

impl Scoreboard {
    pub(super) fn new(me: PlayerId, mode: Mode) -> Self {
        Self {
            me,
            own_label: String::new(),
            mode,
            team_scores: TeamScores::default(),
            duel: None,
            top: Vec::new(),
            scores: Vec::new(),
            kills: VecDeque::new(),
            nemesis: None,
        }
    }

    /// The server sent the teams' scores.
    pub(super) fn set_team_scores(&mut self, scores: TeamScores) {
        self.team_scores = scores;
    }

    /// The server sent the state of a duel.
    pub(super) fn set_duel(&mut self, duel: DuelState) {
        self.duel = Some(duel);
    }

    /// This player's ship was destroyed by this one. In a duel there is one opponent only, which needs no mark.
    pub(super) fn set_nemesis(&mut self, player: PlayerId) {
        if player != self.me && !matches!(self.mode, Mode::Duel { .. }) {
            self.nemesis = Some(Nemesis { player, name: None });
        }
    }

    /// The pilot that destroyed the own ship last, until this player shoots it down or it leaves.
    pub(super) fn nemesis(&self) -> Option<PlayerId> {
        self.nemesis.as_ref().map(|nemesis| nemesis.player)
    }

    /// Whether this player is one of the two, between two matches.
    pub(super) fn is_after_match(&self) -> bool {
        self.duel.is_some_and(|duel| {
            matches!(duel.phase, DuelPhase::Over { .. }) && duel.side_of(self.me).is_some()
        })
    }

    /// Fills the duel. `seconds_to` says how long it takes until a tick.
    pub(super) fn fill_duel(&self, out: &mut Hud, roster: &Roster, seconds_to: impl Fn(Tick) -> f32) {
        let (Mode::Duel { first_to }, Some(duel)) = (self.mode, self.duel) else {
            out.duel = None;
            return;
        };
        let name = |id| roster.name(id);
        let phase = match duel.phase {
            DuelPhase::Lobby => HudDuelPhase::Lobby,
            DuelPhase::Countdown { until } => HudDuelPhase::Countdown { seconds: seconds_to(until) },
            DuelPhase::Fight => HudDuelPhase::Fight,
            DuelPhase::Pause { winner, .. } => HudDuelPhase::Pause { winner: winner.map(name) },
            DuelPhase::Over { winner, next } => HudDuelPhase::Over {
                winner: name(winner),
                is_own: winner == self.me,
                ready: duel.ready,
                next_seconds: next.map(seconds_to),
            },
        };
        out.duel = Some(HudDuel {
            names: duel.players.map(|player| player.map(name)),
            wins: duel.wins,
            first_to,
            own: duel.side_of(self.me),
            phase,
        });
    }

    /// To be called when the leaderboard or the roster has changed.
    pub(super) fn update(&mut self, leaderboard: &Leaderboard, roster: &Roster) {
        self.own_label = roster.get(self.me).map(|listed| listed.label.clone()).unwrap_or_default();
        if let Some(nemesis) = &mut self.nemesis {
            let name = roster.get(nemesis.player).map(|listed| listed.player.name.clone());
            let known = nemesis.name.take().or_else(|| name.clone());
            if known == name {
                nemesis.name = known;
            } else {
                self.nemesis = None;
            }
        }
        self.scores.clear();
        self.scores.extend(leaderboard.top.iter().map(|row| (row.player, row.score)));
        let nemesis = self.nemesis();
        self.top.clear();
        self.top.extend(leaderboard.top.iter().map(|row| HudLeaderboardRow {
            name: roster.name(row.player),
            embers: row.score,
            own: row.player == self.me,
            kind: roster.kind(row.player),
            nemesis: nemesis == Some(row.player),
            team: self.mode.team(roster.colour(row.player)),
        }));
    }

    pub(super) fn add_kill(&mut self, victim: PlayerId, kill: Kill, roster: &Roster) {
        if self.kills.len() == KILLS_MAX {
            self.kills.pop_front();
        }
        let by_own = kill.by == self.me && victim != self.me;
        let revenge = by_own && self.nemesis() == Some(victim);
        if revenge {
            self.nemesis = None;
        }
        // A ship that is destroyed scatters half of its embers, and the leader's all of them.
        let place = self.scores.iter().position(|(player, _)| *player == victim);
        let worth =
            place.map_or(0, |place| if place == 0 { self.scores[0].1 } else { self.scores[place].1 / 2 });
        self.kills.push_back(HudKill {
            victim: roster.name(victim),
            by: roster.name(kill.by),
            own: victim == self.me || kill.by == self.me,
            by_own,
            drone: roster.kind(victim) == PlayerKind::Bot,
            revenge,
            worth,
            streak: kill.streak,
            ended: kill.ended,
        });
    }

    /// Fills the teams' scores. `own` is this player's team.
    pub(super) fn fill_teams(&self, out: &mut Hud, own: Option<Team>) {
        out.minimap.own_team = own;
        let scores = self.team_scores.0.into_iter().take(self.mode.teams().into());
        out.teams.clear();
        out.teams.extend((0..).map(Team).zip(scores).map(|(team, score)| HudTeam {
            team,
            score,
            own: own == Some(team),
        }));
    }

    /// Fills what does not depend on the own ship. Moves the kills to `out`.
    pub(super) fn fill(&mut self, out: &mut Hud, leaderboard: &Leaderboard, size: Vec2, grid: Grid) {
        out.players = leaderboard.players;
        out.ships = leaderboard.bodies;
        // Compared first: they change once a second, and to copy names is to allocate.
        if out.top != self.top {
            out.top.clone_from(&self.top);
        }
        if out.own_label != self.own_label {
            out.own_label.clone_from(&self.own_label);
        }
        out.kills.clear();
        out.kills.extend(self.kills.drain(..));
        let share = |parts: u8| (f32::from(parts) + 0.5) / BEACON_PARTS;
        let beacon = leaderboard.beacon.map(|(x, y)| Vec2::new(share(x), share(y)));
        let Minimap { beacon: out_beacon, crowds, .. } = &mut out.minimap;
        *out_beacon = beacon;
        crowds.clear();
        let known = leaderboard.crowds().filter(|(cell, _)| grid.contains(*cell));
        crowds.extend(known.map(|(cell, ships)| {
            let centre = grid.origin(cell) + CELL_SIZE / 2.0;
            ((centre / size).min(Vec2::ONE), ships)
        }));
    }
}

/// Fills what depends on the own ship. `own` is what the server said last, `predicted` the ship after the last own tick;
/// both `None` without a ship.
pub(super) fn fill_own(
    out: &mut Hud,
    own: Option<&OwnShip>,
    predicted: Option<&Flight>,
    rules: &Rules,
    tick_rate: f64,
) {
    let flight = predicted.copied().or(own.map(OwnShip::flight));
    // Without a ship the gauges show the next one: the smallest, and empty.
    let embers = flight.map_or(0, |flight| flight.embers);
    let tier = rules.tier(embers);
    out.embers = embers;
    out.tier = tier as u8;
    out.gain = hull_gain(tier, rules);
    out.next_tier_at = rules.hulls.get(tier + 1).map(|hull| hull.embers);
    out.health = own.map_or(0.0, |own| (own.health / rules.hulls[tier].health).clamp(0.0, 1.0));
    out.streak = own.map_or(0, |own| own.streak);
    out.power_ups.clear();
    for pickup in Pickup::ALL {
        let ticks = flight.map_or(0, |flight| flight.power_ups.of(pickup));
        if ticks > 0 {
            out.power_ups.push((pickup, (f64::from(ticks) / tick_rate) as f32));
        }
    }
}

fn hull_gain(tier: usize, rules: &Rules) -> HullGain {
    let (Some(before), Some(hull)) =
        (tier.checked_sub(1).and_then(|tier| rules.hulls.get(tier)), rules.hulls.get(tier))
    else {
        return HullGain::default();
    };
    let shots = if hull.shots > before.shots { hull.shots } else { 0 };
    // A negative difference becomes 0.
    HullGain { shots, health: (hull.health - before.health) as u16 }
}

#[cfg(test)]
mod tests;
