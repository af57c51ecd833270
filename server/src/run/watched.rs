//! When a file that is looked at again and again is to be read in earnest: once it holds something else than at the last decision,
//! and has not changed since the look before. So a file that is being written is left alone until it is whole, and a fault in it is
//! reported once.
//!
//! Files are looked at and not subscribed to: they are a handful of some kilobytes, a look sees every way in which an editor or a
//! tool replaces a file, on network file systems too, and what was looked at is what is read, because contents are compared. A
//! time of change can be the same for two writes.

/// What is known of one file.
#[derive(Debug)]
pub(super) struct Watched<T> {
    /// What the last decision was about; `None` before the first.
    decided: Option<T>,
    /// What the last look saw.
    seen: Option<T>,
}

impl<T> Default for Watched<T> {
    fn default() -> Self {
        Self { decided: None, seen: None }
    }
}

impl<T: PartialEq> Watched<T> {
    /// Takes in what the file holds now; returns it if a decision about it is due.
    pub(super) fn look(&mut self, now: T) -> Option<&T> {
        let is_settled = self.seen.as_ref() == Some(&now);
        self.seen = Some(now);
        self.seen.as_ref().filter(|now| is_settled && self.decided.as_ref() != Some(*now))
    }

    /// Notes that the decision about this was made. Until then, each look asks for it.
    pub(super) fn decide(&mut self, about: T) {
        self.decided = Some(about);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which looks of a file that holds these texts one after the other lead to a decision.
    fn decisions<'a>(texts: &[&'a str]) -> Vec<&'a str> {
        let mut file = Watched::default();
        file.decide("old");
        let mut decisions = Vec::new();
        for text in texts {
            if file.look(*text).is_some() {
                file.decide(text);
                decisions.push(*text);
            }
        }
        decisions
    }

    #[test]
    fn change_is_decided_about_once() {
        assert_eq!(decisions(&["old", "new", "new", "new", "new"]), ["new"]);
        assert_eq!(decisions(&["old", "old", "old"]), [""; 0]);
    }

    #[test]
    fn file_that_is_being_written_is_left_alone() {
        assert_eq!(decisions(&["old", "", "n", "ne", "new", "new"]), ["new"]);
        assert_eq!(decisions(&["old", "", "old", "old"]), [""; 0], "it was written with the same content");
    }

    #[test]
    fn fault_is_reported_once_and_what_comes_after_it_is_read() {
        assert_eq!(decisions(&["bad", "bad", "bad", "good", "good"]), ["bad", "good"]);
        assert_eq!(decisions(&["bad", "bad", "old", "old"]), ["bad", "old"], "back as it was");
    }

    #[test]
    fn decision_that_could_not_be_made_is_due_again() {
        let mut file = Watched::default();
        file.decide("old");
        let is_due: Vec<_> = (0..4).map(|_| file.look("new").is_some()).collect();
        assert_eq!(is_due, [false, true, true, true]);
    }

    #[test]
    fn first_look_that_is_settled_is_decided_about() {
        let mut file = Watched::default();
        assert_eq!([file.look("it").copied(), file.look("it").copied()], [None, Some("it")]);
    }
}
