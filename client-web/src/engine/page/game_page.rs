//! What a game says of itself so that the engine makes a whole page of it, and the rows of that page's leaderboard. A game with a page
//! of its own needs none of it.

use shared::engine::{
    game_trait::Game,
    ids::PlayerId,
    roster::{Leaderboard, PlayerKind},
};

use super::{controls::Controls, picture::Picture};
use crate::engine::{roster::Roster, view::View};

/// Rows of the leaderboard, without the own one below it.
pub const ROWS_MAX: usize = 5;

/// A game whose page is the engine's: start card, canvas and camera, keys and touch, chat, leaderboard, lag readout and the
/// connection through all its breaks. It draws into a [`Picture`]; the page is started by `web::shell::page::start`.
pub trait Page: View<Scene = Picture> {
    /// In the tab and on the start card.
    const TITLE: &'static str;
    /// One line below it: what a player does. May be empty.
    const HINT: &'static str = "";

    /// What the player wants now. It is asked for each frame on the screen, and sent once a tick.
    fn input(controls: &Controls) -> <Self::Game as Game>::Input;

    /// A score as the leaderboard shows it.
    fn score(score: u32) -> String {
        score.to_string()
    }
}

/// A row of the leaderboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// From 1.
    pub rank: u16,
    /// The player's.
    pub name: String,
    /// As the game counts it; `None` in the own row below the others, because the leaderboard does not say it.
    pub score: Option<u32>,
    /// For the style sheet: `own`, `own apart`, `bot` or nothing.
    pub class: &'static str,
}

/// The first rows of a leaderboard, and the own one below them if its `own_rank` is further down; 0 is no rank.
pub fn rows(leaderboard: &Leaderboard, roster: &Roster, me: PlayerId, own_rank: u16) -> Vec<Row> {
    let top = leaderboard.top.iter().take(ROWS_MAX).zip(1..);
    let mut rows: Vec<Row> = top
        .map(|(row, rank)| Row {
            rank,
            name: roster.name(row.player),
            score: Some(row.score),
            class: match roster.kind(row.player) {
                _ if row.player == me => "own",
                PlayerKind::Bot => "bot",
                PlayerKind::Human => "",
            },
        })
        .collect();
    let is_listed = leaderboard.top.iter().take(ROWS_MAX).any(|row| row.player == me);
    if !is_listed && usize::from(own_rank) > rows.len() {
        let row = leaderboard.top.iter().find(|row| row.player == me);
        let score = row.map(|row| row.score);
        rows.push(Row { rank: own_rank, name: roster.name(me), score, class: "own apart" });
    }
    rows
}

/// How many play.
pub fn players(leaderboard: &Leaderboard) -> String {
    match leaderboard.players {
        1 => "1 player".to_owned(),
        players => format!("{players} players"),
    }
}

/// The same for a visitor, who may join them.
pub fn crowd(leaderboard: &Leaderboard) -> String {
    match (leaderboard.players, leaderboard.bodies) {
        (0, 0) => "The arena is empty: be the first".to_owned(),
        (0, _) => "Only bots are here right now".to_owned(),
        _ => format!("{} in the arena", players(leaderboard)),
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::roster::LeaderboardRow;

    use super::*;

    fn leaderboard(players: u16) -> Leaderboard {
        let row = |player| LeaderboardRow { player: PlayerId(player), score: 100 - u32::from(player) };
        Leaderboard { top: (0..players).map(row).collect(), ..Leaderboard::default() }
    }

    fn classes(players: u16, me: u16, own_rank: u16) -> Vec<(u16, &'static str)> {
        let rows = rows(&leaderboard(players), &Roster::default(), PlayerId(me), own_rank);
        rows.iter().map(|row| (row.rank, row.class)).collect()
    }

    #[test]
    fn the_own_row_is_marked_or_stands_below_the_others() {
        assert_eq!(classes(3, 1, 2), [(1, ""), (2, "own"), (3, "")]);
        assert_eq!(classes(9, 7, 8)[ROWS_MAX - 1..], [(5, ""), (8, "own apart")]);
        assert_eq!(classes(9, 70, 71)[ROWS_MAX..], [(71, "own apart")]);
    }

    #[test]
    fn a_player_without_a_rank_and_a_spectator_have_no_row() {
        assert_eq!(classes(2, 70, 0), [(1, ""), (2, "")]);
        assert_eq!(classes(0, 70, 0), []);
    }

    #[test]
    fn visitor_hears_who_is_there() {
        let text = |players, bodies| crowd(&Leaderboard { players, bodies, ..Leaderboard::default() });
        assert!(text(0, 0).contains("empty") && text(0, 3).contains("bots"));
        assert_eq!(
            (text(1, 3), text(2, 2)),
            ("1 player in the arena".into(), "2 players in the arena".into())
        );
    }

    #[test]
    fn score_below_the_others_is_shown_if_it_is_known() {
        let score = |me| {
            let rows = rows(&leaderboard(9), &Roster::default(), PlayerId(me), me + 1);
            rows.last().and_then(|row| row.score)
        };
        assert_eq!((score(7), score(70)), (Some(93), None));
    }
}
