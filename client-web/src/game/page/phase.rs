//! One word for what the player is doing: for the style sheet and for tests.

use crate::game::scene::Life;

/// `start`, `connecting`, `playing`, `dead`, `reconnecting` or `ended`. `connection` is the phase of the player's
/// connection; `None` before the player joined.
pub fn name(connection: Option<&'static str>, life: &Life) -> &'static str {
    match connection {
        None => "start",
        Some("playing") if matches!(life, Life::Dead { .. }) => "dead",
        Some(phase) => phase,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::scene::LifeSummary;

    const DEAD: Life = Life::Dead {
        respawn_seconds: 1.0,
        by: None,
        summary: LifeSummary { seconds: 0.0, embers: 0, kills: 0, rank: 0 },
    };

    #[test]
    fn a_visitor_without_a_player_is_at_the_start() {
        assert_eq!(name(None, &Life::Alive), "start");
        assert_eq!(name(None, &DEAD), "start", "a scene of the past says nothing");
    }

    #[test]
    fn a_player_without_a_ship_is_dead_only_while_frames_come() {
        assert_eq!(name(Some("playing"), &Life::Alive), "playing");
        assert_eq!(name(Some("playing"), &DEAD), "dead");
        assert_eq!(name(Some("reconnecting"), &DEAD), "reconnecting");
    }
}
