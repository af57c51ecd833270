//! The measurement of capacity: servers and loads as processes of their own on this machine, one pair after another,
//! what each cost, and a verdict against set bars. Ratios within one run are the result; absolute times are only the
//! machine's. It must not know how any of the servers works.

mod arena;
mod child;
mod climb;
mod figures;
mod judge;
mod ladder;
mod machine;
mod markdown;
mod model;
mod page;
mod pair;
mod plan;
mod programs;
mod run;
mod samples;
mod tables;

pub use child::{Child, ChildError, Line};
pub use judge::judge;
pub use machine::Machine;
pub use markdown::markdown;
pub use model::{
    Attempt, Figures, Held, Judged, Ladder, Outcome, Peer, PeerRuns, Percentiles, Report, Sense, Settings,
    Stalled,
};
pub use page::page;
pub use pair::{PairError, Wish, measure};
pub use plan::{Part, PeerAt, Plan};
pub use programs::Programs;
pub use run::{RunError, run};
