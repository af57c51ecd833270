//! Counts of tests, read off what cargo and Criterion print.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed, failed, and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl Counts {
    /// What one line of output adds: a `test result:` of libtest, or the `Success` after one Criterion benchmark.
    pub(crate) fn of_line(line: &str) -> Self {
        let line = line.trim();
        if line == "Success" {
            return Self { passed: 1, ..Self::default() };
        }
        let Some((_, result)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return Self::default();
        };
        let count = |what: &str| {
            result
                .split(';')
                .find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok())
                .unwrap_or(0)
        };
        Self { passed: count(" passed"), failed: count(" failed"), skipped: count(" ignored") }
    }

    /// All tests, whatever became of them.
    pub(crate) fn total(self) -> u32 {
        self.passed + self.failed + self.skipped
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_result_line() {
        let line =
            "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 1 filtered out; finished in 0.01s";
        assert_eq!(Counts::of_line(line), Counts { passed: 12, failed: 0, skipped: 3 });
        let line = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(Counts::of_line(line), Counts { passed: 1, failed: 2, skipped: 0 });
    }

    #[test]
    fn reads_a_benchmark_tried_once() {
        assert_eq!(Counts::of_line("Success").passed, 1);
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in ["", "running 3 tests", "test a ... ok", "Testing tick/1000", "test result: "] {
            assert_eq!(Counts::of_line(line), Counts::default(), "{line}");
        }
    }

    #[test]
    fn skipped_tests_are_named_only_if_there_are_any() {
        let mut counts = Counts { passed: 2, failed: 1, skipped: 0 };
        assert_eq!(counts.to_string(), "2 passed, 1 failed");
        counts += Counts { passed: 0, failed: 0, skipped: 4 };
        assert_eq!(counts.to_string(), "2 passed, 1 failed, 4 skipped");
    }
}
