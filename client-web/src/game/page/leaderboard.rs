//! The rows of the leaderboard: the first ten, and this player below them if it is not among them.

use shared::{engine::roster::PlayerKind, game::mode::Team};

use crate::game::scene::{Hud, HudLeaderboardRow};

/// Rows that there can be.
pub const ROWS_MAX: usize = TOP + 1;
/// The first ones, for everyone.
const TOP: usize = 10;

/// A row as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaderboardRow<'a> {
    /// From 1.
    pub rank: u32,
    /// The pilot's.
    pub name: &'a str,
    /// Embers.
    pub score: u32,
    /// Classes for the style sheet.
    pub class: &'static str,
    /// The pilot's team, in an arena with teams.
    pub team: Option<Team>,
}

/// The rows, at most [`ROWS_MAX`]; `own_name` is this player's.
pub fn rows<'a>(hud: &'a Hud, own_name: &'a str) -> impl Iterator<Item = LeaderboardRow<'a>> {
    let top = hud.top.iter().take(TOP).enumerate().map(|(i, row)| LeaderboardRow {
        rank: i as u32 + 1,
        name: &row.name,
        score: row.embers,
        class: class_of(i, row),
        team: row.team,
    });
    let is_listed = hud.top.iter().any(|row| row.own) || usize::from(hud.rank) <= hud.top.len().min(TOP);
    let own = (!is_listed).then_some(LeaderboardRow {
        rank: hud.rank.into(),
        name: own_name,
        score: hud.embers,
        class: "own apart",
        team: hud.minimap.own_team,
    });
    top.chain(own)
}

fn class_of(index: usize, row: &HudLeaderboardRow) -> &'static str {
    match (row.own, row.nemesis, index, row.kind) {
        (true, _, 0, _) => "own first",
        (true, ..) => "own",
        (_, true, 0, _) => "first nemesis",
        (_, true, ..) => "nemesis",
        (_, _, 0, _) => "first",
        (.., PlayerKind::Bot) => "drone",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: usize, own: bool, kind: PlayerKind) -> HudLeaderboardRow {
        let embers = 1000 - number as u32;
        HudLeaderboardRow { name: format!("P{number}"), embers, own, kind, nemesis: false, team: None }
    }

    fn hud(rows: usize, own: Option<usize>, rank: u16) -> Hud {
        let top = (0..rows).map(|i| row(i, own == Some(i), PlayerKind::Human)).collect();
        Hud { top, rank, embers: 7, ..Hud::default() }
    }

    fn classes(hud: &Hud) -> Vec<&'static str> {
        rows(hud, "Me").map(|row| row.class).collect()
    }

    #[test]
    fn ranks_count_from_one_and_scores_are_embers() {
        let hud = hud(2, Some(1), 2);
        let rows: Vec<_> = rows(&hud, "Me").map(|row| (row.rank, row.name, row.score)).collect();
        assert_eq!(rows, [(1, "P0", 1000), (2, "P1", 999)]);
    }

    #[test]
    fn a_player_outside_the_top_has_a_row_of_its_own_below() {
        let hud = hud(10, None, 57);
        let rows: Vec<_> = rows(&hud, "Me").collect();
        assert_eq!(rows.len(), ROWS_MAX);
        assert_eq!(
            rows[10],
            LeaderboardRow { rank: 57, name: "Me", score: 7, class: "own apart", team: None }
        );
    }

    #[test]
    fn a_player_in_the_top_is_shown_once() {
        assert_eq!(classes(&hud(3, Some(1), 2)), ["first", "own", ""]);
        assert_eq!(classes(&hud(3, Some(0), 1)), ["own first", "", ""]);
    }

    #[test]
    fn a_player_without_a_ship_has_no_row() {
        assert_eq!(classes(&hud(3, None, 0)), ["first", "", ""]);
        assert!(classes(&hud(0, None, 0)).is_empty());
    }

    #[test]
    fn a_rank_that_the_list_already_shows_is_not_shown_again() {
        // For a moment after a change, rank and list are of different frames.
        assert_eq!(classes(&hud(3, None, 2)).len(), 3);
    }

    #[test]
    fn nemesis_is_marked_even_if_it_leads_or_is_a_drone() {
        let row = |kind| HudLeaderboardRow { nemesis: true, ..row(0, false, kind) };
        let top = vec![row(PlayerKind::Human), row(PlayerKind::Bot)];
        assert_eq!(classes(&Hud { top, ..Hud::default() }), ["first nemesis", "nemesis"]);
    }

    #[test]
    fn drones_are_marked_unless_they_lead() {
        let top = vec![row(0, false, PlayerKind::Bot), row(1, false, PlayerKind::Bot)];
        let hud = Hud { top, ..Hud::default() };
        assert_eq!(classes(&hud), ["first", "drone"]);
    }
}
