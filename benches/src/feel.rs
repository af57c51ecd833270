//! How the game feels on a bad link, in numbers: the real game and the real dialogue of a connection on one side, real
//! sessions on the other, a seeded link between them, all on simulated time, thousands of ticks a second.

mod figures;
mod pilots;
mod real;
mod rehearsal;
mod stage;

pub use figures::{Figure, Figures, measure, measure_real};
pub use pilots::{Helm, Marksman, Restless, View};
pub use real::RealError;
pub use stage::{Actor, Stage, StageSettings};
