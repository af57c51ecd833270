//! Lines that come, age and go, such as those of a chat: bounded in number, and marked or dropped by age.

use std::collections::VecDeque;

/// Lines in the order in which they came.
#[derive(Debug)]
pub struct AgingLines<T> {
    /// With the time of each, in milliseconds. Oldest first.
    lines: VecDeque<(T, f64)>,
    max: usize,
    /// How many of the oldest are marked as old.
    old: usize,
}

impl<T> AgingLines<T> {
    /// At most this many.
    pub fn new(max: usize) -> Self {
        Self { lines: VecDeque::new(), max, old: 0 }
    }

    /// Adds a line. If there are too many now, the oldest is dropped and returned.
    pub fn push(&mut self, line: T, now_ms: f64) -> Option<T> {
        self.lines.push_back((line, now_ms));
        if self.lines.len() > self.max { self.pop() } else { None }
    }

    fn pop(&mut self) -> Option<T> {
        self.old = self.old.saturating_sub(1);
        self.lines.pop_front().map(|(line, _)| line)
    }

    /// Drops and returns the oldest line, if it is older than this.
    pub fn pop_older_than(&mut self, age_ms: f64, now_ms: f64) -> Option<T> {
        if self.lines.front().is_some_and(|(_, since)| now_ms - since > age_ms) { self.pop() } else { None }
    }

    /// The oldest line that is older than this and was not returned yet.
    pub fn next_old(&mut self, age_ms: f64, now_ms: f64) -> Option<&T> {
        let (line, since) = self.lines.get(self.old)?;
        if now_ms - since <= age_ms {
            return None;
        }
        self.old += 1;
        Some(line)
    }

    /// All lines, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.lines.iter().map(|(line, _)| line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(max: usize) -> AgingLines<u32> {
        let mut lines = AgingLines::new(max);
        for line in 0..3 {
            lines.push(line, f64::from(line) * 100.0);
        }
        lines
    }

    #[test]
    fn beyond_the_limit_the_oldest_is_dropped() {
        let mut lines = lines(3);
        assert_eq!(lines.push(3, 300.0), Some(0));
        assert_eq!(lines.iter().copied().collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn a_line_is_reported_as_old_once() {
        let mut lines = lines(9);
        assert_eq!(lines.next_old(150.0, 150.0), None, "it is as old as that, not older");
        assert_eq!(lines.next_old(150.0, 260.0).copied(), Some(0));
        assert_eq!(lines.next_old(150.0, 260.0).copied(), Some(1));
        assert_eq!(lines.next_old(150.0, 260.0), None);
    }

    #[test]
    fn dropping_an_old_line_does_not_hide_the_next() {
        let mut lines = lines(3);
        assert_eq!(lines.next_old(50.0, 60.0).copied(), Some(0));
        lines.push(3, 300.0);
        assert_eq!(lines.next_old(50.0, 160.0).copied(), Some(1));
        lines.push(4, 400.0);
        lines.push(5, 500.0);
        assert_eq!(lines.next_old(50.0, 360.0).copied(), Some(3), "2 was dropped before it was old");
    }

    #[test]
    fn lines_are_dropped_by_age_oldest_first() {
        let mut lines = lines(9);
        assert_eq!(lines.pop_older_than(150.0, 251.0), Some(0));
        assert_eq!(lines.pop_older_than(150.0, 251.0), Some(1));
        assert_eq!(lines.pop_older_than(150.0, 251.0), None);
        assert_eq!(lines.iter().count(), 1);
    }
}
