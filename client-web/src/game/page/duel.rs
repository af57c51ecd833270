//! What the page says of a duel: the line above, and after a match the card.

use crate::game::{
    scene::{HudDuel, HudDuelPhase},
    strings::{Strings, fill},
};

/// The line at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuelLine {
    /// Names of the two; a dash for a free place.
    pub names: [String; 2],
    /// Rounds won.
    pub score: String,
    /// What goes on.
    pub state: String,
}

/// What replaces the death card's texts after a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuelResult {
    /// Who has won.
    pub headline: String,
    /// What the other player wants.
    pub other: String,
    /// The text of the button.
    pub button: String,
}

fn whole(seconds: f32) -> String {
    format!("{:.0}", seconds.max(0.0).ceil())
}

/// The line for a duel.
pub fn line(duel: &HudDuel, strings: &Strings) -> DuelLine {
    let names = duel.names.each_ref().map(|name| name.clone().unwrap_or_else(|| "–".to_owned()));
    let what = match &duel.phase {
        HudDuelPhase::Lobby => strings.duel_lobby.to_owned(),
        HudDuelPhase::Countdown { seconds } => fill(strings.duel_countdown, &[&whole(*seconds)]),
        HudDuelPhase::Fight => fill(strings.duel_fight, &[&duel.first_to.to_string()]),
        HudDuelPhase::Pause { winner: Some(winner) } => fill(strings.duel_round, &[winner]),
        HudDuelPhase::Pause { winner: None } => strings.duel_draw.to_owned(),
        HudDuelPhase::Over { winner, .. } => fill(strings.duel_match, &[winner]),
    };
    let state = match duel.own {
        None if duel.phase != HudDuelPhase::Lobby => [&what, strings.duel_watching].join(" · "),
        _ => what,
    };
    DuelLine { names, score: format!("{} : {}", duel.wins[0], duel.wins[1]), state }
}

/// What the card says to one of the two after a match.
pub fn result(duel: &HudDuel, strings: &Strings) -> Option<DuelResult> {
    let own = duel.own?;
    let HudDuelPhase::Over { winner, is_own, ready, next_seconds } = &duel.phase else { return None };
    let headline = if *is_own { strings.duel_won.to_owned() } else { fill(strings.duel_match, &[winner]) };
    let score = format!("{} : {}", duel.wins[own], duel.wins[1 - own]);
    let other = duel.names[1 - own].as_deref().unwrap_or("–");
    let (other, button) = match next_seconds {
        Some(seconds) => (String::new(), fill(strings.duel_next, &[&whole(*seconds)])),
        None if ready[own] => (fill(strings.duel_waiting, &[other]), strings.duel_rematch.to_owned()),
        None if ready[1 - own] => (fill(strings.duel_wanted, &[other]), strings.duel_rematch.to_owned()),
        None => (String::new(), strings.duel_rematch.to_owned()),
    };
    Some(DuelResult { headline: format!("{headline}  {score}"), other, button })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::page::language::Language, game::strings::strings};

    fn english() -> &'static Strings {
        strings(Language::English)
    }

    fn duel(own: Option<usize>, phase: HudDuelPhase) -> HudDuel {
        HudDuel { names: [Some("Ada".into()), Some("Bo".into())], wins: [5, 3], first_to: 5, own, phase }
    }

    fn over(ready: [bool; 2], next_seconds: Option<f32>, is_own: bool) -> HudDuelPhase {
        HudDuelPhase::Over { winner: "Ada".into(), is_own, ready, next_seconds }
    }

    #[test]
    fn the_line_counts_down_and_names_the_winner_of_a_round() {
        let state = |phase| line(&duel(Some(0), phase), english()).state;
        assert!(state(HudDuelPhase::Countdown { seconds: 2.1 }).contains('3'), "seconds are rounded up");
        assert!(state(HudDuelPhase::Pause { winner: Some("Bo".into()) }).contains("Bo"));
        assert_ne!(state(HudDuelPhase::Pause { winner: None }), state(HudDuelPhase::Fight));
    }

    #[test]
    fn who_watches_is_told_so() {
        let watching = line(&duel(None, HudDuelPhase::Fight), english()).state;
        assert!(watching.contains(english().duel_watching), "{watching}");
        assert!(
            !line(&duel(Some(1), HudDuelPhase::Fight), english()).state.contains(english().duel_watching)
        );
    }

    #[test]
    fn a_free_place_is_a_dash() {
        let lobby = HudDuel { names: [Some("Ada".into()), None], ..duel(Some(0), HudDuelPhase::Lobby) };
        assert_eq!(line(&lobby, english()).names, ["Ada", "–"]);
    }

    #[test]
    fn the_card_has_the_own_score_first_and_what_the_other_wants() {
        let result = |own, phase| result(&duel(own, phase), english());
        let [won, lost] =
            [(0, true), (1, false)].map(|(own, is_own)| result(Some(own), over([false; 2], None, is_own)));
        assert!(won.clone().is_some_and(|won| won.headline.ends_with("5 : 3")), "{won:?}");
        assert!(lost.clone().is_some_and(|lost| lost.headline.ends_with("3 : 5")), "{lost:?}");
        let wanted = result(Some(0), over([false, true], None, true)).unwrap();
        let waiting = result(Some(0), over([true, false], None, true)).unwrap();
        assert!(wanted.other.contains("Bo") && waiting.other.contains("Bo") && wanted.other != waiting.other);
        let next = result(Some(0), over([false; 2], Some(6.5), true)).unwrap();
        assert!(next.button.contains('7'), "{next:?}");
        assert_eq!(result(None, over([false; 2], None, false)), None, "for the two only");
        assert_eq!(result(Some(0), HudDuelPhase::Fight), None);
    }
}
