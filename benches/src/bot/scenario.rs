//! What bots are there for: mixtures of behaviour that have a name.

use clap::ValueEnum;
use serde::Serialize;

use super::Ramp;

/// A mixture of behaviour that has a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// Courses all over the arena: gather, fight
    #[default]
    Spread,
    /// All fly to the arena's centre, and fight there
    Crowd,
    /// As spread, and bots leave and join all the time
    Churn,
    /// As spread, and some bots do not read what they are sent
    Stalled,
    /// Most spread, a quarter at the centre, some churn, a few who do not read
    Mixed,
}

/// What a scenario asks of the bots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Behaviour {
    /// Of all bots, how many keep to the arena's centre: 0 to 1.
    pub centre_share: f64,
    /// Of all bots, how many do not read as they should: 0 to 1.
    pub stalled_share: f64,
    /// How many leave in a second, each followed by another.
    pub churn: Option<Ramp>,
    /// Whether the measured time waits until those who are to be at the centre are there.
    pub gathers: bool,
}

impl Scenario {
    /// What it asks of the bots.
    pub fn behaviour(self) -> Behaviour {
        let spread = Behaviour { centre_share: 0.0, stalled_share: 0.0, churn: None, gathers: false };
        match self {
            Self::Spread => spread,
            Self::Crowd => Behaviour { centre_share: 1.0, gathers: true, ..spread },
            Self::Churn => Behaviour { churn: Some(Ramp::per_second(50.0)), ..spread },
            Self::Stalled => Behaviour { stalled_share: 0.2, ..spread },
            Self::Mixed => Behaviour {
                centre_share: 0.25,
                stalled_share: 0.05,
                churn: Some(Ramp::per_second(5.0)),
                ..spread
            },
        }
    }

    /// Its name, as it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spread => "spread",
            Self::Crowd => "crowd",
            Self::Churn => "churn",
            Self::Stalled => "stalled",
            Self::Mixed => "mixed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_found_by_its_name_and_written_so() {
        for scenario in Scenario::value_variants() {
            assert_eq!(Scenario::from_str(scenario.name(), false).as_ref(), Ok(scenario));
            assert_eq!(serde_json::to_value(scenario).unwrap(), scenario.name());
        }
        assert!(Scenario::from_str("riot", true).is_err());
    }

    #[test]
    fn shares_are_shares() {
        for behaviour in Scenario::value_variants().iter().map(|scenario| scenario.behaviour()) {
            assert!((0.0..=1.0).contains(&behaviour.centre_share));
            assert!((0.0..=1.0).contains(&behaviour.stalled_share));
        }
    }
}
