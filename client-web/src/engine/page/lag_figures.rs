//! The numbers below the lag readout's bar.

use super::strings::{PageStrings, fill};
use crate::engine::session_stats::SessionStats;

/// Labels and values: frames a second, and what a session measured if there is one, with the checksum mismatches of all
/// sessions so far.
pub fn figures(
    fps: f32,
    session: Option<(&SessionStats, u64)>,
    strings: &PageStrings,
) -> Vec<(&'static str, String)> {
    let mut figures = vec![(strings.fps, format!("{fps:.0}"))];
    if let Some((stats, mismatches)) = session {
        let extrapolated = stats.extrapolated_frames as f64 / stats.rendered_frames.max(1) as f64;
        figures.extend([
            (strings.input_to_ack, format!("{:.0} ms", stats.input_to_ack_ms)),
            (strings.frame_jitter, format!("{:.0} ms", stats.frame_jitter_ms)),
            (strings.input_lead, fill(strings.ticks, &[&stats.input_lead.to_string()])),
            (strings.prediction_error, format!("{:.2}", stats.prediction_error)),
            (strings.extrapolated, format!("{:.1} %", 100.0 * extrapolated)),
            (strings.desynced, mismatches.to_string()),
        ]);
    }
    figures
}

/// A part of the delay: with a decimal below ten, where it matters.
pub fn milliseconds(ms: f32) -> String {
    if ms < 9.95 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::page::strings::ENGLISH;

    #[test]
    fn without_a_session_there_are_only_frames_a_second() {
        assert_eq!(figures(59.7, None, &ENGLISH), [(ENGLISH.fps, "60".to_owned())]);
    }

    #[test]
    fn the_share_of_extrapolated_frames_is_in_percent_of_all() {
        let value = |stats: &SessionStats| {
            let figures = figures(60.0, Some((stats, 0)), &ENGLISH);
            figures.into_iter().find(|(label, _)| *label == ENGLISH.extrapolated).map(|(_, value)| value)
        };
        let mut stats = SessionStats::default();
        (stats.rendered_frames, stats.extrapolated_frames) = (400, 3);
        assert_eq!(value(&stats).as_deref(), Some("0.8 %"));
        assert_eq!(value(&SessionStats::default()).as_deref(), Some("0.0 %"), "before the first frame");
    }

    #[test]
    fn mismatches_are_those_of_all_sessions() {
        let mut stats = SessionStats::default();
        stats.checksum_mismatches = 1;
        let figures = figures(60.0, Some((&stats, 4)), &ENGLISH);
        assert!(figures.contains(&(ENGLISH.desynced, "4".to_owned())), "{figures:?}");
    }

    #[test]
    fn small_times_have_a_decimal() {
        assert_eq!([9.94, 9.96, 120.4].map(milliseconds), ["9.9 ms", "10 ms", "120 ms"]);
    }
}
