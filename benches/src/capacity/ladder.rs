//! Of many tries with one kind of work, which count, and how many players were held. Pure.

use std::collections::BTreeMap;

use super::model::{Attempt, Figures, Held, Ladder, Report};

impl Attempt {
    /// That it could not be made, and why.
    pub fn failed(players: u32, why: &impl ToString) -> Self {
        Self { players, figures: None, failure: Some(why.to_string()) }
    }

    /// What was missing for it to hold: all in the game from begin to end, and their frames in time. None if it held.
    pub fn shortfall(&self, gap_ms_max: f64) -> Option<String> {
        let Some(figures) = &self.figures else {
            return Some(self.failure.clone().unwrap_or_else(|| "it was not measured".to_owned()));
        };
        let loads_own = if figures.invalid_because.is_empty() { "" } else { " (the load was slow itself)" };
        if figures.joined < self.players {
            let missing = self.players - figures.joined;
            return Some(format!("{missing} did not get in{loads_own}"));
        }
        if figures.at_end < self.players {
            return Some(format!("{} were lost{loads_own}", self.players - figures.at_end));
        }
        match figures.frame_gap_ms.p99 {
            Some(gap_ms) if gap_ms <= gap_ms_max => None,
            Some(gap_ms) => Some(format!("frame gap p99 {gap_ms:.0} ms{loads_own}")),
            None => Some("no frame gaps are known".to_owned()),
        }
    }

    /// The frame gap that the quality of a try is told by.
    fn gap_ms(&self) -> f64 {
        self.figures.as_ref().and_then(|figures| figures.frame_gap_ms.p99).unwrap_or(f64::INFINITY)
    }
}

impl Report {
    /// Every try there was.
    pub(super) fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        let ladders =
            [&self.spread, &self.crowd, &self.floor].into_iter().flat_map(|ladder| &ladder.attempts);
        let peers = self.peer.runs.iter().flat_map(|runs| &runs.attempts).chain(&self.peer.ours);
        ladders.chain(peers).chain(&self.stalled.without).chain(&self.stalled.with)
    }

    /// The most CPU that other programs took in a step, in cores.
    pub fn others_cpu_cores_max(&self) -> Option<f64> {
        let others = self.attempts().filter_map(|attempt| attempt.figures.as_ref()?.others_cpu_cores);
        others.max_by(f64::total_cmp)
    }
}

impl Ladder {
    /// The best try of each number of players, by rising number.
    pub fn best(&self) -> Vec<&Attempt> {
        let mut best: BTreeMap<u32, &Attempt> = BTreeMap::new();
        for attempt in &self.attempts {
            let lost = |attempt: &Attempt| {
                attempt
                    .figures
                    .as_ref()
                    .map_or(u32::MAX, |figures| attempt.players.saturating_sub(figures.at_end))
            };
            let known = best.entry(attempt.players).or_insert(attempt);
            if lost(attempt).cmp(&lost(known)).then(attempt.gap_ms().total_cmp(&known.gap_ms())).is_lt() {
                *known = attempt;
            }
        }
        best.into_values().collect()
    }

    /// The figures of the best try with so many players.
    pub fn at(&self, players: u32) -> Option<&Figures> {
        self.best().into_iter().find(|attempt| attempt.players == players)?.figures.as_ref()
    }

    /// Memory that a server needs for each player more: from the fewest players to the most that were held.
    pub fn bytes_per_player(&self) -> Option<f64> {
        let most = self.held.as_ref()?.players;
        let known = self.best().into_iter().filter(|attempt| attempt.players <= most);
        let known: Vec<_> = known
            .filter_map(|attempt| Some((f64::from(attempt.players), attempt.figures.as_ref()?.rss_bytes?)))
            .collect();
        let ((few, before), (many, after)) = (known.first()?, known.last()?);
        (many > few).then(|| (after - before) / (many - few))
    }

    /// The most players that were held, and what stopped the next.
    pub fn find_held(&self, gap_ms_max: f64) -> Option<Held> {
        let best = self.best();
        let held = best.iter().rfind(|attempt| attempt.shortfall(gap_ms_max).is_none())?.players;
        let above = best.iter().find(|attempt| attempt.players > held);
        let above = above.map(|attempt| (attempt.players, attempt.shortfall(gap_ms_max).unwrap_or_default()));
        Some(Held { players: held, above })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::model::{Figures, Percentiles},
        *,
    };

    fn attempt(players: u32, at_end: u32, gap_ms: f64) -> Attempt {
        let frame_gap_ms = Percentiles { p99: Some(gap_ms), ..Percentiles::default() };
        let figures = Figures { joined: players, at_end, frame_gap_ms, ..Figures::default() };
        Attempt { players, figures: Some(figures), failure: None }
    }

    #[test]
    fn the_best_of_two_tries_counts() {
        let attempts = vec![
            attempt(500, 500, 60.0),
            attempt(1000, 990, 55.0),
            attempt(1000, 1000, 90.0),
            attempt(1000, 1000, 70.0),
        ];
        let ladder = Ladder { attempts, held: None };
        assert_eq!(ladder.at(1000).unwrap().frame_gap_ms.p99, Some(70.0));
        assert_eq!(ladder.best().len(), 2);
        assert_eq!(ladder.find_held(75.0), Some(Held { players: 1000, above: None }));
    }

    #[test]
    fn memory_is_told_by_what_more_players_need_more() {
        let with = |players, rss_bytes| {
            let mut attempt = attempt(players, players, 60.0);
            attempt.figures.as_mut().unwrap().rss_bytes = Some(rss_bytes);
            attempt
        };
        let attempts = vec![with(250, 12e6), with(1000, 20e6), with(2000, 47e6), with(3000, 900e6)];
        let held = Some(Held { players: 2000, above: None });
        assert_eq!(Ladder { attempts: attempts.clone(), held }.bytes_per_player(), Some(20_000.0));
        assert_eq!(Ladder { attempts, held: None }.bytes_per_player(), None);
    }

    #[test]
    fn held_is_the_most_that_came_in_time_and_stayed() {
        let attempts = vec![
            attempt(250, 250, 80.0),
            attempt(500, 500, 60.0),
            attempt(1000, 1000, 100.0),
            Attempt::failed(2000, &"it broke"),
        ];
        let held = Ladder { attempts, held: None }.find_held(75.0).unwrap();
        assert_eq!(held, Held { players: 500, above: Some((1000, "frame gap p99 100 ms".to_owned())) });
        assert_eq!(Attempt::failed(9, &"it broke").shortfall(75.0).as_deref(), Some("it broke"));
        assert_eq!(attempt(9, 8, 1.0).shortfall(75.0).as_deref(), Some("1 were lost"));
        assert_eq!(Ladder::default().find_held(75.0), None);
    }
}
