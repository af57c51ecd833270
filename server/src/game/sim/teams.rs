//! Teams: which one a newcomer joins, and where each begins. In an arena with teams a pilot's colour is the number of its team, so
//! its ship, its row in the roster and every snapshot have it, and it stays the same until the pilot leaves.

use shared::{
    Vec2,
    engine::{ids::PlayerId, input::Angle, limits::COLOURS, roster::PlayerKind},
    game::mode::{Mode, TEAMS_MAX, Team, TeamScores},
};

use super::{pilot::Pilot, world::World};

/// How far from the middle a team begins, as a share of the arena's sides.
const HOME: f32 = 0.12;
/// Where the first team begins, as seen from the middle: on the left.
const FIRST_HOME: u16 = 1 << 15;

const _: () = assert!(TEAMS_MAX <= COLOURS as usize, "a team is a colour");

/// Members of each team: pilots and, among them, players.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Members {
    pilots: u16,
    players: u16,
}

fn members(world: &World) -> [Members; TEAMS_MAX] {
    let mut teams = [Members::default(); TEAMS_MAX];
    for pilot in world.in_order() {
        if let Some(team) = teams.get_mut(usize::from(pilot.colour)) {
            team.pilots += 1;
            team.players += u16::from(pilot.kind == PlayerKind::Human);
        }
    }
    teams
}

/// The team that a newcomer joins: the one with the fewest pilots. Of two that are equal, the one with fewer players, then the one
/// with the lower score, then the first. `None` without teams.
pub(super) fn smallest(world: &World, mode: Mode) -> Option<Team> {
    let (members, TeamScores(scores)) = (members(world), world.team_scores());
    let size = |team: &u8| {
        let index = usize::from(*team);
        (members[index].pilots, members[index].players, scores[index])
    };
    (0..mode.teams()).min_by_key(size).map(Team)
}

/// Whether a pilot may change from its team to another one: that may then have at most two pilots more than the smallest.
pub(super) fn may_change(world: &World, mode: Mode, from: u8, to: u8) -> bool {
    let mut sizes = members(world).map(|members| members.pilots);
    let Some(sizes) = sizes.get_mut(..usize::from(mode.teams())) else { return false };
    let (from, to) = (usize::from(from), usize::from(to));
    if from == to || from.max(to) >= sizes.len() || sizes[from] == 0 {
        return false;
    }
    sizes[from] -= 1;
    sizes[to] += 1;
    sizes.iter().min().is_some_and(|smallest| sizes[to] <= smallest + 2)
}

/// The pilots of a pilot's team; 0 without teams.
pub(in crate::game) fn team_size(world: &World, mode: Mode, pilot: &Pilot) -> usize {
    match mode.team(pilot.colour) {
        Some(Team(team)) => world.in_order().filter(|other| other.colour == team).count(),
        None => 0,
    }
}

/// Puts everyone on a team of an arena that is played in another way than the one before. Players come first, so that each team has
/// as many of them. Without teams a colour follows from the pilot's id again.
pub(super) fn deal(world: &mut World, mode: Mode) {
    let count = mode.teams();
    let mut next = 0;
    for kind in [PlayerKind::Human, PlayerKind::Bot] {
        for pilot in world.pilots.iter_mut().filter(|pilot| pilot.kind == kind) {
            pilot.colour = if count > 0 { next % count } else { (pilot.id.0 % u16::from(COLOURS)) as u8 };
            next = (next + 1) % count.max(1);
        }
    }
}

/// Where a pilot of this colour begins: its team, of how many.
pub(super) fn home(mode: Mode, colour: u8) -> Option<(Team, u8)> {
    mode.team(colour).map(|team| (team, mode.teams()))
}

/// Whether a place is where one of `count` teams begins. `share` is the place as a share of the arena's size. The arena is divided into
/// sectors around its middle, one for each team, and places near the middle belong to none.
pub(super) fn is_home(Team(team): Team, count: u8, share: Vec2) -> bool {
    let turn = u32::from(u16::MAX) / u32::from(count.max(1)) + 1;
    let far = |team: u8| {
        let direction = Angle((u32::from(FIRST_HOME) + u32::from(team) * turn) as u16);
        direction.unit().dot(share - 0.5)
    };
    far(team) >= HOME && (0..count).all(|other| other == team || far(other) < far(team))
}

impl World {
    /// The score of each team: the embers aboard its ships in flight.
    pub fn team_scores(&self) -> TeamScores {
        let mut scores = TeamScores::default();
        for pilot in self.in_order() {
            if let (Some(ship), Some(score)) = (pilot.ship(), scores.0.get_mut(usize::from(pilot.colour))) {
                *score = score.saturating_add(ship.flight.embers);
            }
        }
        scores
    }

    /// Whether shots of one pilot hit the other. With teams those of a pilot that has left hit no ship, because its team is not
    /// known any more.
    pub(in crate::game) fn are_foes(&self, mode: Mode, one: PlayerId, other: PlayerId) -> bool {
        if mode.teams() == 0 {
            return true;
        }
        match (self.pilot(one), self.pilot(other)) {
            (Some(one), Some(other)) => !mode.are_mates(one.colour, other.colour),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_place_is_home_to_two_teams(count in 2..=4_u8, x in 0.0..1.0_f32, y in 0.0..1.0_f32) {
            let homes = (0..count).filter(|team| is_home(Team(*team), count, Vec2::new(x, y))).count();
            prop_assert!(homes <= 1);
            let from_middle = Vec2::new(x, y).distance(Vec2::splat(0.5));
            prop_assert!(homes == 0 || from_middle >= HOME);
        }
    }

    #[test]
    fn two_teams_begin_left_and_right() {
        let homes = [0.2, 0.5, 0.8].map(|x| {
            let is_home = |team| is_home(Team(team), 2, Vec2::new(x, 0.7));
            (is_home(0), is_home(1))
        });
        assert_eq!(homes, [(true, false), (false, false), (false, true)]);
    }
}
