//! Load bots: many players on few threads, some of them whole clients but for the drawing, the others light
//! (`swarm`), and what they measured. It must not know the server: bots reach it as anybody does.

mod address;
mod brain;
mod cast;
mod churn;
mod course;
mod detour;
mod encoding;
mod exposition;
mod player;
mod progress;
mod ramp;
mod record;
mod report;
mod run;
mod scenario;
mod server_watch;
mod talk;

pub use address::{Address, AddressError};
pub use encoding::Encoding;
pub use progress::Progress;
pub use ramp::{Ramp, RampError};
pub use report::{BotFigures, Disconnects, Percentiles, Report, Second, Spread, StalledFigures, report_page};
pub use run::run;
pub use scenario::{Behaviour, Scenario};
pub use server_watch::{ServerFigures, ServerSecond, TickWork};

pub(crate) use cast::{Part, Role, Stall};
pub(crate) use course::Course;
pub(crate) use progress::Shared;
pub(crate) use record::{End, Life, Measured, Outcome, Stay};
pub(crate) use talk::Talk;

use crate::link::LinkSpec;

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the server is.
    pub address: Address,
    /// Bots.
    pub players: u32,
    /// How many of them are whole clients, as far as there are so many that read as they should; without a number,
    /// all up to a hundred players, and 16 of more.
    pub full: Option<u32>,
    /// Threads for the light ones.
    pub threads: usize,
    /// Measured time in seconds, from when all have joined.
    pub seconds: f64,
    /// Of what the bots do.
    pub seed: u64,
    /// How fast they come.
    pub ramp: Ramp,
    /// What they do.
    pub scenario: Scenario,
    /// How fast they leave, each followed by another, if not as the scenario says.
    pub churn: Option<Ramp>,
    /// The share that does not read as it should, 0 to 1, if not as the scenario says.
    pub stalled: Option<f64>,
    /// Nobody fires or boosts.
    pub peaceful: bool,
    /// Light bots read what comes when it comes, and do not rest in between.
    pub eager: bool,
    /// How all of them write their messages.
    pub encoding: Encoding,
    /// They say something now and then.
    pub chat: bool,
    /// A link that all of them reach the server by, if not straight.
    pub link: Option<LinkSpec>,
}

impl Plan {
    /// 200 bots for twenty seconds, all over the arena.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            players: 200,
            full: None,
            threads: 1,
            seconds: 20.0,
            seed: 1,
            ramp: Ramp::per_second(200.0),
            scenario: Scenario::Spread,
            churn: None,
            stalled: None,
            peaceful: false,
            eager: false,
            encoding: Encoding::Bincode,
            chat: false,
            link: None,
        }
    }

    /// What is asked of the bots: the scenario's, with what differs from it.
    pub fn behaviour(&self) -> Behaviour {
        let usual = self.scenario.behaviour();
        Behaviour {
            stalled_share: self.stalled.map_or(usual.stalled_share, |share| share.clamp(0.0, 1.0)),
            churn: self.churn.or(usual.churn),
            ..usual
        }
    }
}
