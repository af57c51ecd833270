//! Which moments are shown, when and in which order.

use super::*;
use crate::{
    engine::page::language::Language,
    game::{
        scene::{HudKill, LifeSummary},
        strings::strings,
    },
};

fn alive() -> Hud {
    Hud { life: Life::Alive, ships: 9, rank: 4, ..Hud::default() }
}

fn kill(victim: &str, worth: u32) -> HudKill {
    HudKill { victim: victim.into(), by: "Me".into(), own: true, by_own: true, worth, ..HudKill::default() }
}

fn killing(kills: Vec<HudKill>) -> Hud {
    Hud { kills, ..alive() }
}

/// Moments of a life that has lasted for ten seconds.
fn moments() -> Moments {
    let mut moments = Moments::default();
    assert!(!moments.advance(&alive(), -10_000.0));
    moments
}

fn title(moments: &Moments) -> String {
    let texts = moments.shown().map(|moment| moment.texts(strings(Language::English)));
    texts.map_or(String::new(), |texts| format!("{} {}", texts.title, texts.detail).trim().to_owned())
}

/// The titles from now on, with the times at which they begin.
fn played(moments: &mut Moments) -> Vec<(u32, String)> {
    let mut seen: Vec<(u32, String)> = Vec::new();
    for ms in (0..12_000).step_by(20) {
        moments.advance(&alive(), f64::from(ms));
        let title = title(moments);
        if !title.is_empty() && seen.last().is_none_or(|(_, last)| *last != title) {
            seen.push((ms, title));
        }
    }
    seen
}

#[test]
fn own_kill_is_shown_for_a_while_with_what_it_is_worth() {
    let mut moments = moments();
    assert!(!moments.advance(&killing(vec![kill("Kim", 12)]), 0.0), "kills have a sound of their own");
    assert_eq!(title(&moments), "Shot down Kim +12");
    moments.advance(&alive(), SHOWN_MS - FADE_MS);
    assert!(moments.is_fading(SHOWN_MS - FADE_MS));
    moments.advance(&alive(), SHOWN_MS);
    assert_eq!(moments.shown(), None);
    moments.advance(&killing(vec![kill("Vic", 0)]), 9000.0);
    assert_eq!(title(&moments), "Shot down Vic", "what it is worth is not known");
    moments.advance(&killing(vec![HudKill { by_own: false, ..kill("Me", 9) }]), 20_000.0);
    assert_eq!(title(&moments), "", "it was another pilot's kill");
}

#[test]
fn more_important_moment_goes_first_and_kills_add_up() {
    let mut moments = moments();
    let revenge = HudKill { revenge: true, ..kill("Mallory", 40) };
    let ended = HudKill { ended: 7, ..kill("Ace", 1) };
    let kills = vec![kill("Kim", 12), ended, kill("Vic", 3), revenge];
    assert!(moments.advance(&killing(kills), 0.0));
    let seen = played(&mut moments);
    let titles: Vec<&str> = seen.iter().map(|(_, title)| title.as_str()).collect();
    assert_eq!(titles, ["Revenge on Mallory +40", "Streak of 7 ended Ace", "Shot down 2 ships +15"]);
    assert!(seen[1].0 >= 1600 && seen[2].0 >= 3200, "{seen:?}");
}

#[test]
fn kill_joins_the_kill_that_is_shown() {
    let mut moments = moments();
    moments.advance(&killing(vec![kill("Kim", 12)]), 0.0);
    moments.advance(&killing(vec![kill("Vic", 3)]), 1000.0);
    assert_eq!(title(&moments), "Shot down 2 ships +15");
    moments.advance(&alive(), SHOWN_MS);
    assert!(moments.shown().is_some(), "it is shown in full from the second kill on");
}

#[test]
fn hull_is_shown_with_its_gain_and_once_in_a_life() {
    let mut moments = moments();
    let with = |tier, shots, health| Hud { tier, gain: HullGain { shots, health }, ..alive() };
    moments.advance(&with(2, 2, 30), 0.0);
    assert_eq!(title(&moments), "corsair 2 shots");
    moments.advance(&with(1, 0, 0), 2000.0);
    moments.advance(&with(2, 2, 30), 3000.0);
    assert_eq!(title(&moments), "", "it was lost to a boost and is back");
    moments.advance(&with(3, 0, 35), 4000.0);
    assert_eq!(title(&moments), "cruiser +35 health");
}

#[test]
fn milestones_of_a_streak_are_shown() {
    let mut moments = moments();
    let shown: Vec<u16> = (1..=16_u16)
        .filter(|streak| {
            moments.advance(&Hud { streak: *streak, ..alive() }, f64::from(*streak) * 5000.0);
            moments.shown() == Some(&Moment::Streak(*streak))
        })
        .collect();
    assert_eq!(shown, [3, 5, 10, 15]);
}

#[test]
fn streak_of_a_ship_that_comes_back_is_no_moment() {
    let mut moments = Moments::default();
    moments.advance(&Hud { streak: 5, tier: 3, rank: 1, ..alive() }, 0.0);
    assert_eq!(moments.shown(), None);
}

#[test]
fn lead_is_shown_after_five_seconds_and_not_twice_in_half_a_minute() {
    let mut moments = Moments::default();
    let mut leads = |rank, now_ms| {
        moments.advance(&Hud { rank, ..alive() }, now_ms);
        moments.shown() == Some(&Moment::Lead)
    };
    assert!(!leads(4, 0.0) && !leads(1, 4000.0), "too early");
    assert!(!leads(2, 5000.0) && leads(1, 6000.0));
    assert!(!leads(2, 20_000.0) && !leads(1, 21_000.0), "it was said not long ago");
    assert!(!leads(2, 37_000.0) && leads(1, 38_000.0));
    let mut alone = self::moments();
    alone.advance(&Hud { rank: 1, ships: 1, ..alive() }, 0.0);
    assert_eq!(alone.shown(), None, "there is no other ship to lead");
}

#[test]
fn waiting_moments_are_few_and_end_with_the_life() {
    let mut moments = moments();
    let all = vec![
        kill("Kim", 1),
        HudKill { ended: 3, ..kill("Ace", 1) },
        HudKill { revenge: true, ..kill("M", 1) },
    ];
    let hud = Hud { kills: all, tier: 1, streak: 3, rank: 1, ..alive() };
    moments.advance(&hud, 0.0);
    assert_eq!(moments.waiting.len() + 1, WAITING_MAX, "one is shown, and there was room for four before");
    let dead = Life::Dead { respawn_seconds: 2.0, by: None, summary: LifeSummary::default() };
    moments.advance(&Hud { life: dead.clone(), ..alive() }, 20.0);
    assert!(moments.waiting.is_empty());
    moments.advance(&Hud { life: dead.clone(), ..alive() }, 4000.0);
    let late = vec![HudKill { revenge: true, ..kill("M", 1) }];
    moments.advance(&Hud { life: dead, kills: late, ..alive() }, 5000.0);
    assert_eq!(title(&moments), "Revenge on M +1", "a shot in flight hits after the death of its ship too");
}
