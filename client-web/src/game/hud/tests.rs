//! What the HUD is filled with.

use shared::{
    engine::roster::{LeaderboardRow, Player},
    game::{flight::PowerUps, protocol::Notice},
};

use super::*;
use crate::game::fixture;

const SIZE: Vec2 = Vec2::splat(1024.0);

fn filled(scoreboard: &mut Scoreboard, leaderboard: &Leaderboard) -> Hud {
    let mut hud = Hud::default();
    scoreboard.fill(&mut hud, leaderboard, SIZE, Grid::covering(SIZE));
    hud
}

fn roster_with(id: u16, name: &str) -> Roster {
    let mut roster = Roster::default();
    let name = PlayerName::new(name).unwrap();
    roster.apply(&Notice::Joined(Player { id: PlayerId(id), name, kind: PlayerKind::Human, colour: 0 }));
    roster
}

#[test]
fn leaderboard_shows_names_as_soon_as_they_are_known() {
    let mut scoreboard = Scoreboard::new(PlayerId(2), Mode::Free);
    let top = vec![LeaderboardRow { player: PlayerId(2), score: 9 }];
    let leaderboard = Leaderboard { top, players: 1, bodies: 4, ..Leaderboard::default() };
    scoreboard.update(&leaderboard, &Roster::default());
    let hud = filled(&mut scoreboard, &leaderboard);
    assert_eq!((hud.top[0].name.as_str(), hud.top[0].own, hud.ships), ("#2", true, 4));
    scoreboard.update(&leaderboard, &roster_with(2, "Ada"));
    assert_eq!(filled(&mut scoreboard, &leaderboard).top[0].name, "Ada");
}

#[test]
fn teams_have_their_scores_and_players_their_teams() {
    let mut scoreboard = Scoreboard::new(PlayerId(2), Mode::Teams { count: 2 });
    scoreboard.set_team_scores(TeamScores([30, 70, 0, 0]));
    let top = vec![LeaderboardRow { player: PlayerId(2), score: 9 }];
    let leaderboard = Leaderboard { top, ..Leaderboard::default() };
    // A player of the first colour.
    scoreboard.update(&leaderboard, &roster_with(2, "Ada"));
    let mut hud = filled(&mut scoreboard, &leaderboard);
    assert_eq!(hud.top[0].team, Some(Team(0)));
    scoreboard.fill_teams(&mut hud, Some(Team(1)));
    let teams: Vec<_> = hud.teams.iter().map(|team| (team.team.0, team.score, team.own)).collect();
    assert_eq!(teams, [(0, 30, false), (1, 70, true)]);
    Scoreboard::new(PlayerId(2), Mode::Free).fill_teams(&mut hud, None);
    assert!(hud.teams.is_empty());
}

#[test]
fn duel_is_shown_with_names_and_seconds() {
    let mut scoreboard = Scoreboard::new(PlayerId(2), Mode::Duel { first_to: 5 });
    let mut hud = Hud::default();
    let roster = roster_with(2, "Ada");
    scoreboard.fill_duel(&mut hud, &roster, |_| 0.0);
    assert_eq!(hud.duel, None, "nothing is known yet");
    let duel = DuelState {
        players: [Some(PlayerId(7)), Some(PlayerId(2))],
        wins: [1, 2],
        phase: DuelPhase::Countdown { until: Tick(90) },
        ..DuelState::default()
    };
    scoreboard.set_duel(duel);
    scoreboard.fill_duel(&mut hud, &roster, |tick| tick.0 as f32 / 30.0);
    let shown = hud.duel.take().expect("it is known");
    assert_eq!(shown.names, [Some("#7".into()), Some("Ada".into())]);
    assert_eq!((shown.own, shown.first_to, shown.wins), (Some(1), 5, [1, 2]));
    assert_eq!(shown.phase, HudDuelPhase::Countdown { seconds: 3.0 });
    assert!(!scoreboard.is_after_match());
    let phase = DuelPhase::Over { winner: PlayerId(2), next: None };
    scoreboard.set_duel(DuelState { phase, ..duel });
    scoreboard.fill_duel(&mut hud, &roster, |_| 0.0);
    let phase = hud.duel.expect("it is known").phase;
    assert!(matches!(phase, HudDuelPhase::Over { is_own: true, next_seconds: None, .. }));
    assert!(scoreboard.is_after_match());
}

#[test]
fn minimap_shows_crowds_in_the_grid_only() {
    let mut scoreboard = Scoreboard::new(PlayerId(2), Mode::Free);
    let leaderboard =
        Leaderboard { beacon: Some((0, 255)), crowds: vec![0x34, 0xf1], ..Leaderboard::default() };
    let minimap = filled(&mut scoreboard, &leaderboard).minimap;
    assert_eq!(minimap.crowds, [(Vec2::splat(0.75), 4)]);
    assert!(minimap.beacon.is_some_and(|beacon| beacon.x < 0.01 && beacon.y > 0.99));
}

#[test]
fn kills_are_bounded_and_shown_once() {
    let mut scoreboard = Scoreboard::new(PlayerId(2), Mode::Free);
    let kill = Kill { by: PlayerId(7), streak: 2, ended: 1 };
    (0..100).for_each(|_| scoreboard.add_kill(PlayerId(2), kill, &roster_with(2, "Ada")));
    let mut filled = || filled(&mut scoreboard, &Leaderboard::default());
    let kills = filled().kills;
    assert_eq!(kills.len(), KILLS_MAX);
    let expected = HudKill {
        victim: "Ada".into(),
        by: "#7".into(),
        own: true,
        streak: 2,
        ended: 1,
        ..HudKill::default()
    };
    assert_eq!(kills[0], expected);
    assert!(filled().kills.is_empty());
}

#[test]
fn own_kill_of_the_last_killer_is_revenge_once() {
    let mut scoreboard = Scoreboard::new(PlayerId(2), Mode::Free);
    let roster = roster_with(7, "Mallory");
    let row = |player, score| LeaderboardRow { player: PlayerId(player), score };
    let leaderboard = Leaderboard { top: vec![row(3, 90), row(7, 25)], ..Leaderboard::default() };
    scoreboard.set_nemesis(PlayerId(7));
    scoreboard.update(&leaderboard, &roster);
    let by = |by| Kill { by: PlayerId(by), streak: 1, ended: 0 };
    scoreboard.add_kill(PlayerId(7), by(3), &roster);
    assert_eq!(scoreboard.nemesis(), Some(PlayerId(7)), "another pilot shot it down");
    scoreboard.add_kill(PlayerId(7), by(2), &roster);
    scoreboard.add_kill(PlayerId(7), by(2), &roster);
    assert_eq!(scoreboard.nemesis(), None);
    scoreboard.add_kill(PlayerId(3), by(2), &roster);
    let kills = filled(&mut scoreboard, &leaderboard).kills;
    let seen: Vec<_> = kills.iter().map(|kill| (kill.by_own, kill.revenge, kill.worth)).collect();
    assert_eq!(seen, [(false, false, 12), (true, true, 12), (true, false, 12), (true, false, 90)]);
}

#[test]
fn id_of_a_killer_that_left_is_no_nemesis() {
    let mut scoreboard = Scoreboard::new(PlayerId(2), Mode::Free);
    let leaderboard = Leaderboard::default();
    scoreboard.set_nemesis(PlayerId(7));
    scoreboard.update(&leaderboard, &roster_with(7, "Mallory"));
    scoreboard.update(&leaderboard, &roster_with(7, "Trent"));
    assert_eq!(scoreboard.nemesis(), None);
    scoreboard.set_nemesis(PlayerId(2));
    assert_eq!(scoreboard.nemesis(), None, "this player itself");
}

#[test]
fn hull_gain_is_more_shots_or_more_health() {
    let mut rules = fixture::rules();
    (rules.hulls[1].shots, rules.hulls[2].health) = (2, 85.0);
    assert_eq!(hull_gain(0, &rules), HullGain::default());
    assert_eq!(hull_gain(1, &rules), HullGain { shots: 2, health: 0 });
    assert_eq!(hull_gain(2, &rules), HullGain { shots: 0, health: 25 });
    assert_eq!(hull_gain(3, &rules), HullGain::default(), "less is no gain");
}

#[test]
fn gauges_show_the_predicted_ship_and_an_empty_one_without_it() {
    let rules = fixture::rules();
    let mut hud = Hud::default();
    let power_ups = PowerUps { rapid: 30, ..PowerUps::default() };
    let predicted = Flight { embers: 30, power_ups, ..Flight::default() };
    fill_own(&mut hud, None, Some(&predicted), &rules, 20.0);
    assert_eq!((hud.embers, hud.tier, hud.next_tier_at), (30, 1, Some(70)));
    assert_eq!(hud.power_ups, [(Pickup::Rapid, 1.5)]);
    fill_own(&mut hud, None, None, &rules, 20.0);
    assert_eq!((hud.embers, hud.tier, hud.next_tier_at), (0, 0, Some(25)));
    assert!(hud.power_ups.is_empty());
}
