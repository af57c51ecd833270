//! The measurement of capacity: servers and loads as processes of their own on this machine, one pair after another,
//! what each cost, and a verdict against thresholds. Ratios within one run are the result; absolute times are only the
//! machine's. It treats every server as a black box.

mod document;
mod figures;
mod model;
mod plan;
mod programs;
mod run;
mod thresholds;

pub use document::document;
pub use figures::{Figures, LoadRequest, PairError, measure};
pub use model::{CapacityReport, Held, Load, Settings, Sweep, Trial};
pub use plan::{EMBERDRIFT, PeerAt, Plan};
pub use programs::Programs;
pub use run::{RunError, run};
pub use thresholds::verdict;
