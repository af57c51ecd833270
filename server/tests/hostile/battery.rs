//! Cases in groups. A case is an attack and what the attacker must get; a group is cases against one server.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use crate::server::{Server, Setup};

/// What an attacker must have got within this time, unless the case says otherwise: every answer that does not wait for a deadline,
/// on a busy machine too.
pub(crate) const SOON: Duration = Duration::from_secs(20);
/// What an attack that cannot run here returns, with the reason behind it.
pub(crate) const SKIPPED: &str = "skipped: ";

type Attack = Box<dyn Fn(Arc<Server>) -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync>;

/// An attack and what it must get.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// All of what the attacker must get, or its beginning if this ends with `…`.
    expected: &'static str,
    /// Within this time.
    pub(crate) most: Duration,
    /// Returns what the attacker got.
    pub(crate) attack: Attack,
}

/// An attack that gets its answer soon.
pub(crate) fn case<F: Future<Output = String> + Send + 'static>(
    name: &'static str,
    expected: &'static str,
    attack: impl Fn(Arc<Server>) -> F + Send + Sync + 'static,
) -> Case {
    case_within(SOON, name, expected, attack)
}

/// An attack that gets its answer within `most`.
pub(crate) fn case_within<F: Future<Output = String> + Send + 'static>(
    most: Duration,
    name: &'static str,
    expected: &'static str,
    attack: impl Fn(Arc<Server>) -> F + Send + Sync + 'static,
) -> Case {
    Case { name, expected, most, attack: Box::new(move |server| Box::pin(attack(server))) }
}

impl Case {
    /// What is wrong with this answer.
    pub(crate) fn fault(&self, got: &str) -> Option<String> {
        let is_expected = match self.expected.strip_suffix('…') {
            Some(beginning) => got.starts_with(beginning),
            None => got == self.expected,
        };
        let is_right = is_expected || got.starts_with(SKIPPED);
        (!is_right).then(|| format!("got {got:?} instead of {:?}", self.expected))
    }
}

/// Cases against one server.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) setup: Setup,
    /// How often all of its cases run.
    pub(crate) rounds: usize,
    /// The cases of a stage run at once, the stages one after the other.
    pub(crate) stages: Vec<Vec<Case>>,
}

impl Group {
    pub(crate) fn count(&self) -> usize {
        self.stages.iter().map(Vec::len).sum()
    }

    /// Whether one of `filters` is in its name or in that of a case.
    pub(crate) fn is_like(&self, filters: &[String]) -> bool {
        let is_like = |name: &str| filters.iter().any(|filter| name.contains(filter));
        is_like(self.name) || self.stages.iter().flatten().any(|case| is_like(case.name))
    }
}
