//! Sound up to where a browser plays it: which sound effects a scene makes, how each is heard, and their waves, which
//! are computed and not recorded. It must not know what plays them, nor the volume.

mod director;
mod pitch_ladder;
mod placement;
mod recipe;
mod sfx;
mod synth;
mod voices;

pub use director::{Cue, SoundDirector};
pub use recipe::{boost_noise, wave};
pub use sfx::Sfx;
pub use voices::VOICES_MAX;
