//! The cards over the scene: the start card's rules and texts, those of the death card, and the word for what the player is doing,
//! which is for the style sheet and for tests.

use shared::engine::{limits::COLOURS, roster::PlayerKind};

use crate::game::{
    life_stats::{NewRecords, Records, minutes},
    scene::{Killer, Life, LifeSummary},
    strings::{Strings, fill},
};

/// The stored colour if it is one, else one by `random`, which is 0 to just under 1.
pub fn colour(stored: Option<&str>, random: f64) -> u8 {
    let stored = stored.and_then(|text| text.parse().ok()).filter(|colour| *colour < COLOURS);
    stored.unwrap_or((random * f64::from(COLOURS)) as u8)
}

/// What an arena is like: a built-in one by its text, any other by its mode, which is empty for each for itself.
pub fn arena_about(name: &str, mode: &str, strings: &Strings) -> &'static str {
    match strings.arena_about(name) {
        "" => strings.mode_name(mode),
        about => about,
    }
}

/// How many pilots fly in an arena.
pub fn pilots(count: u16, strings: &Strings) -> String {
    match count {
        0 => strings.no_pilots.to_owned(),
        1 => strings.one_pilot.to_owned(),
        many => fill(strings.many_pilots, &[&many.to_string()]),
    }
}

/// `start`, `connecting`, `playing`, `dead`, `reconnecting` or `ended`. `connection` is the phase of the player's
/// connection; `None` before the player joined.
pub fn phase(connection: Option<&'static str>, life: &Life) -> &'static str {
    match connection {
        None => "start",
        Some("playing") if matches!(life, Life::Dead { .. }) => "dead",
        Some(other) => other,
    }
}

/// Everything that the death card says but for its button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeathTexts {
    /// Who did it.
    pub headline: String,
    /// What the killer flew and how many embers it had; empty if there is no killer.
    pub killer: String,
    /// Time, kills, embers and rank of the life; and whether each was a new record.
    pub life: [(String, bool); 4],
    /// How near the next hull was; empty if it was far.
    pub goal: String,
    /// The largest hull of the life.
    pub hull: &'static str,
    /// The records.
    pub records: String,
    /// Something to learn.
    pub tip: &'static str,
}

impl DeathTexts {
    /// After a life. `records` are those after it, of which it has `beaten` some; each of its `deaths` brings the player
    /// another tip.
    pub fn new(
        killer: Option<&Killer>,
        life: &LifeSummary,
        (records, beaten): (Records, NewRecords),
        deaths: usize,
        strings: &Strings,
    ) -> Self {
        let (headline, killer) = match killer {
            Some(killer) => {
                let text = match killer.kind {
                    PlayerKind::Bot => strings.by_drone,
                    PlayerKind::Human => strings.by_pilot,
                };
                let mut killer_text = fill(text, &[strings.hull_name(killer.tier)]);
                if killer.embers > 0 {
                    killer_text = format!("{killer_text} · {}", strings.embers(killer.embers));
                }
                (fill(strings.killed_by, &[&killer.name]), killer_text)
            }
            None => (strings.destroyed.to_owned(), String::new()),
        };
        let rank = if life.rank == 0 { "–".to_owned() } else { life.rank.to_string() };
        let text = if beaten.any() { strings.new_best } else { strings.best };
        let goal = match life.missing {
            0 => String::new(),
            missing => {
                fill(strings.nearest_hull, &[&strings.embers(missing), strings.hull_name(life.tier + 1)])
            }
        };
        let tips = strings.tips();
        Self {
            headline,
            killer,
            life: [
                (minutes(life.seconds as u32), beaten.seconds),
                (life.kills.to_string(), beaten.kills),
                (life.embers.to_string(), beaten.embers),
                (rank, false),
            ],
            goal,
            hull: strings.hull_name(life.tier),
            records: fill(text, &[&minutes(records.seconds), &strings.embers(records.embers)]),
            tip: tips[deaths % tips.len()],
        }
    }
}

/// The text of the death card's button, with which the player respawns once `respawn_seconds` are over.
pub fn button(respawn_seconds: f32, strings: &Strings) -> String {
    if respawn_seconds > 0.0 {
        fill(strings.respawn_in, &[&format!("{:.0}", respawn_seconds.ceil())])
    } else {
        strings.fly_again.to_owned()
    }
}

/// The text for an error that stops the game, and the details to report with it.
pub fn error<'a>(details: &'a str, no_webgl2: &str, strings: &Strings) -> (&'static str, &'a str) {
    if details == no_webgl2 { (strings.trouble_webgl, "") } else { (strings.trouble_other, details) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::page::language::Language, game::strings::strings};

    const LIFE: LifeSummary =
        LifeSummary { seconds: 75.4, embers: 120, kills: 3, rank: 2, tier: 1, missing: 0 };

    fn english() -> &'static Strings {
        strings(Language::English)
    }

    fn texts(killer: Option<&Killer>, life: &LifeSummary, beaten: NewRecords, deaths: usize) -> DeathTexts {
        let records = Records { seconds: 90, embers: 150, kills: 4 };
        DeathTexts::new(killer, life, (records, beaten), deaths, english())
    }

    fn killer(kind: PlayerKind) -> Killer {
        Killer { name: "Kim".into(), kind, tier: 2, embers: 80 }
    }

    #[test]
    fn uploaded_arena_is_described_by_its_mode() {
        assert_eq!(arena_about("Teams", "teams", english()), english().arena_teams);
        assert_eq!(arena_about("Backyard", "teams", english()), english().mode_teams);
        assert_eq!(arena_about("Backyard", "", english()), "");
    }

    #[test]
    fn the_killer_is_named_with_its_hull() {
        let by_pilot = texts(Some(&killer(PlayerKind::Human)), &LIFE, NewRecords::default(), 0);
        assert!(by_pilot.headline.contains("Kim"), "{by_pilot:?}");
        assert_eq!(by_pilot.killer, "a pilot in a corsair · 80 embers");
        let by_drone = texts(Some(&killer(PlayerKind::Bot)), &LIFE, NewRecords::default(), 0);
        assert_ne!(by_pilot.killer, by_drone.killer);
    }

    #[test]
    fn killer_that_has_no_ship_any_more_is_said_to_have_no_embers() {
        let killer = Killer { tier: 0, embers: 0, ..killer(PlayerKind::Human) };
        assert_eq!(texts(Some(&killer), &LIFE, NewRecords::default(), 0).killer, "a pilot in a scout");
    }

    #[test]
    fn nearest_hull_is_named_if_it_was_near() {
        let goal = |missing| texts(None, &LifeSummary { missing, ..LIFE }, NewRecords::default(), 0).goal;
        assert_eq!((goal(14).as_str(), goal(0).as_str()), ("14 embers to the corsair", ""));
    }

    #[test]
    fn a_death_without_a_killer_says_so() {
        let texts = texts(None, &LIFE, NewRecords::default(), 0);
        assert_eq!((texts.headline.as_str(), texts.killer.as_str()), (english().destroyed, ""));
    }

    #[test]
    fn the_life_is_in_the_order_of_the_page_and_records_are_marked() {
        let beaten = NewRecords { kills: true, ..NewRecords::default() };
        let texts = texts(None, &LIFE, beaten, 0);
        let life: Vec<_> = texts.life.iter().map(|(text, is_best)| (text.as_str(), *is_best)).collect();
        assert_eq!(life, [("1:15", false), ("3", true), ("120", false), ("2", false)]);
        assert_eq!(texts.hull, english().hull_1);
    }

    #[test]
    fn a_life_without_a_rank_has_a_dash() {
        let texts = texts(None, &LifeSummary { rank: 0, ..LIFE }, NewRecords::default(), 0);
        assert_eq!(texts.life[3].0, "–");
    }

    #[test]
    fn a_new_record_is_announced_and_an_old_one_repeated() {
        let old = texts(None, &LIFE, NewRecords::default(), 0).records;
        let new = texts(None, &LIFE, NewRecords { seconds: true, ..NewRecords::default() }, 0).records;
        assert!(old.contains("1:30") && old.contains("150"), "{old}");
        assert_ne!(old, new);
    }

    #[test]
    fn each_death_has_another_tip_and_then_they_begin_again() {
        let count = english().tips().len();
        let tip = |deaths| texts(None, &LIFE, NewRecords::default(), deaths).tip;
        assert_ne!(tip(0), tip(1));
        assert_eq!(tip(3), tip(3 + count));
    }

    #[test]
    fn the_button_counts_down_and_then_offers_a_ship() {
        assert!(button(1.2, english()).contains('2'), "seconds are rounded up");
        assert_eq!(button(0.0, english()), english().fly_again);
    }

    #[test]
    fn a_stored_colour_is_kept_and_what_is_none_is_chosen_at_random() {
        assert_eq!(colour(Some("3"), 0.9), 3);
        for broken in [None, Some(""), Some("-1"), Some("8"), Some("red"), Some("300")] {
            assert_eq!(colour(broken, 0.0), 0, "{broken:?}");
            assert_eq!(colour(broken, 0.999), COLOURS - 1, "{broken:?}");
        }
    }

    #[test]
    fn none_one_and_many_pilots_are_said_differently() {
        let english = strings(Language::English);
        let [none, one, many] = [0, 1, 42].map(|count| pilots(count, english));
        assert!(none != one && many.contains("42"), "{none}, {one}, {many}");
    }

    const DEAD: Life = Life::Dead {
        respawn_seconds: 1.0,
        by: None,
        summary: LifeSummary { seconds: 0.0, embers: 0, kills: 0, rank: 0, tier: 0, missing: 0 },
    };

    #[test]
    fn a_visitor_without_a_player_is_at_the_start() {
        assert_eq!(phase(None, &Life::Alive), "start");
        assert_eq!(phase(None, &DEAD), "start", "a scene of the past says nothing");
    }

    #[test]
    fn a_player_without_a_ship_is_dead_only_while_frames_come() {
        assert_eq!(phase(Some("playing"), &Life::Alive), "playing");
        assert_eq!(phase(Some("playing"), &DEAD), "dead");
        assert_eq!(phase(Some("reconnecting"), &DEAD), "reconnecting");
    }

    #[test]
    fn an_error_names_its_details_but_a_missing_webgl_needs_none() {
        assert_eq!(
            error("boom", "no WebGL 2", strings(Language::English)),
            (strings(Language::English).trouble_other, "boom")
        );
        assert_eq!(
            error("no WebGL 2", "no WebGL 2", strings(Language::English)),
            (strings(Language::English).trouble_webgl, "")
        );
    }
}
