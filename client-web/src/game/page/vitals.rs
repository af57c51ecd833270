//! What the HUD says of the own ship: embers to the next hull, bars, hints, its streak and power-ups.

use shared::game::ember::Pickup;

use crate::game::{
    scene::{Hud, Life},
    strings::{Strings, fill},
};

/// Below this share of health the bar warns.
const LOW_HEALTH: f32 = 0.35;
/// A streak begins with this many kills.
const STREAK_MIN: u16 = 2;
/// Lengths of a bar that are told apart: about one for each of its pixels, so that smaller changes cost nothing.
const BAR_STEPS: f32 = 500.0;

/// Whether the ship is in danger.
pub fn is_health_low(hud: &Hud) -> bool {
    hud.health < LOW_HEALTH
}

/// The text beside the bar of growth, and the bar's share.
pub fn growth(hud: &Hud, strings: &Strings) -> (String, f32) {
    match hud.next_tier_at {
        Some(at) => {
            let missing = at.saturating_sub(hud.embers);
            let share = hud.embers as f32 / at.max(1) as f32;
            (fill(strings.to_next_hull, &[&missing.to_string()]), share)
        }
        None => (strings.largest_hull.to_owned(), 1.0),
    }
}

/// The line that warns; empty if there is nothing to warn of. A player who is still in the tutorial does not know yet
/// what embers are for.
pub fn warning(hud: &Hud, is_in_tutorial: bool, strings: &Strings) -> &'static str {
    match hud.life {
        Life::Alive if hud.embers == 0 && !is_in_tutorial => strings.hint_no_embers,
        Life::Alive if is_health_low(hud) => strings.hint_hull,
        _ => "",
    }
}

/// The text of the streak, if there is one.
pub fn streak(hud: &Hud, strings: &Strings) -> Option<String> {
    let is_streak = hud.life == Life::Alive && hud.streak >= STREAK_MIN;
    is_streak.then(|| fill(strings.streak, &[&hud.streak.to_string()]))
}

/// How long a power-up lasts still, in whole seconds; `None` if the ship does not have it.
pub fn power_up_seconds(hud: &Hud, kind: Pickup) -> Option<u32> {
    let seconds = hud.power_ups.iter().find(|(other, _)| *other == kind).map(|(_, seconds)| *seconds)?;
    (hud.life == Life::Alive && seconds > 0.0).then(|| seconds.ceil() as u32)
}

/// A bar's share, 0 to 1, in steps.
pub fn bar_step(share: f32) -> u32 {
    (share.clamp(0.0, 1.0) * BAR_STEPS) as u32
}

/// The share of a step.
pub fn bar_share(step: u32) -> f32 {
    step as f32 / BAR_STEPS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::page::language::Language, game::strings::strings};

    fn english() -> &'static Strings {
        strings(Language::English)
    }

    fn alive() -> Hud {
        Hud { life: Life::Alive, embers: 30, health: 1.0, next_tier_at: Some(120), ..Hud::default() }
    }

    #[test]
    fn growth_counts_the_embers_that_are_missing() {
        let (text, share) = growth(&alive(), english());
        assert!(text.contains("90"), "{text}");
        assert_eq!(share, 0.25);
    }

    #[test]
    fn the_largest_hull_has_a_full_bar() {
        let largest = Hud { next_tier_at: None, ..alive() };
        assert_eq!(growth(&largest, english()), (english().largest_hull.to_owned(), 1.0));
        let beyond = Hud { embers: 500, ..alive() };
        assert!(growth(&beyond, english()).0.contains('0'), "never less than none");
    }

    #[test]
    fn a_warning_tells_of_empty_boost_before_low_health() {
        let low = Hud { health: 0.2, ..alive() };
        let empty = Hud { embers: 0, ..low.clone() };
        assert_eq!(warning(&alive(), false, english()), "");
        assert_eq!(warning(&low, false, english()), english().hint_hull);
        assert_eq!(warning(&empty, false, english()), english().hint_no_embers);
        assert_eq!(warning(&empty, true, english()), english().hint_hull, "the tutorial comes first");
    }

    #[test]
    fn nothing_is_said_of_a_ship_that_is_gone() {
        let gone = Hud {
            life: Life::Waiting,
            health: 0.0,
            streak: 5,
            power_ups: vec![(Pickup::Rapid, 3.0)],
            ..alive()
        };
        assert_eq!(warning(&gone, false, english()), "");
        assert_eq!((streak(&gone, english()), power_up_seconds(&gone, Pickup::Rapid)), (None, None));
    }

    #[test]
    fn a_streak_begins_with_the_second_kill() {
        let with = |streak| Hud { streak, ..alive() };
        assert_eq!(streak(&with(1), english()), None);
        assert!(streak(&with(2), english()).is_some_and(|text| text.contains('2')));
    }

    #[test]
    fn the_seconds_of_a_power_up_are_rounded_up() {
        let hud = Hud { power_ups: vec![(Pickup::Shield, 2.1), (Pickup::Magnet, 0.0)], ..alive() };
        let left = [Pickup::Shield, Pickup::Magnet, Pickup::Rapid].map(|kind| power_up_seconds(&hud, kind));
        assert_eq!(left, [Some(3), None, None]);
    }

    #[test]
    fn a_bar_moves_in_steps_within_its_ends() {
        assert_eq!([bar_step(-1.0), bar_step(0.0), bar_step(2.0)], [0, 0, 500]);
        assert_eq!(bar_step(0.5), bar_step(0.5005), "less than a pixel");
        assert_eq!(bar_share(bar_step(0.5)), 0.5);
    }
}
