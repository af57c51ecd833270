//! The browser's audio: waves become buffers, cues become voices, and a limiter keeps all of them together from getting too
//! loud.

use web_sys::{
    AudioBuffer, AudioContext, AudioContextState, AudioNode, BiquadFilterType, DynamicsCompressorNode,
    GainNode,
};

use super::rush::Rush;
use crate::game::sound::{Cue, Sfx, boost_noise, wave};
use crate::web::shell::dom::Result;

/// A sound closer to the middle than this is in the middle.
const PAN_MIN: f32 = 0.03;
/// How long a change of volume takes, in seconds: a sudden one would click.
const SOON: f64 = 0.02;

pub(crate) struct Speaker {
    context: AudioContext,
    /// All voices play into this.
    mix: DynamicsCompressorNode,
    master: GainNode,
    buffers: Vec<Option<AudioBuffer>>,
    rush: Rush,
    played: u32,
}

impl Speaker {
    /// Its output has this gain, 0 to 1.
    pub(crate) fn new(loudness: f32) -> Result<Self> {
        let context = AudioContext::new()?;
        // A limiter: sound above the threshold hardly gets louder, and the attack is too short to hear what passes.
        let mix = context.create_dynamics_compressor()?;
        for (parameter, value) in [
            (mix.threshold(), -12.0),
            (mix.knee(), 6.0),
            (mix.ratio(), 20.0),
            (mix.attack(), 0.002),
            (mix.release(), 0.12),
        ] {
            parameter.set_value(value);
        }
        let master = context.create_gain()?;
        master.gain().set_value(loudness);
        mix.connect_with_audio_node(&master)?;
        master.connect_with_audio_node(&context.destination())?;
        let rush = Rush::new(buffer(&context, &boost_noise(context.sample_rate()))?);
        Ok(Self { context, mix, master, buffers: vec![None; Sfx::ALL.len()], rush, played: 0 })
    }

    /// Sets the gain of the output, 0 to 1.
    pub(crate) fn set_loudness(&mut self, loudness: f32) -> Result<()> {
        self.master.gain().set_target_at_time(loudness, self.context.current_time(), SOON)?;
        Ok(())
    }

    /// Suspends or resumes it.
    pub(crate) fn set_resting(&mut self, resting: bool) -> Result<()> {
        match (resting, self.context.state()) {
            (true, AudioContextState::Running) => self.context.suspend().map(drop),
            (false, AudioContextState::Running | AudioContextState::Closed) | (true, _) => Ok(()),
            // Suspended, or another state that a browser has for an incoming call.
            (false, _) => self.context.resume().map(drop),
        }
    }

    /// Computes one wave that is missing, so that none has to be computed when it is to be played.
    pub(crate) fn prepare(&mut self) -> Result<()> {
        let missing = Sfx::ALL.into_iter().find(|sfx| self.buffers[sfx.index()].is_none());
        missing.map_or(Ok(()), |sfx| self.buffer(sfx).map(drop))
    }

    fn buffer(&mut self, sfx: Sfx) -> Result<AudioBuffer> {
        if let Some(made) = &self.buffers[sfx.index()] {
            return Ok(made.clone());
        }
        let made = buffer(&self.context, &wave(sfx, self.context.sample_rate()))?;
        self.buffers[sfx.index()] = Some(made.clone());
        Ok(made)
    }

    pub(crate) fn play(&mut self, cue: &Cue) -> Result<()> {
        // Cues for a suspended speaker would all be heard at once later.
        if self.context.state() != AudioContextState::Running {
            return Ok(());
        }
        let buffer = self.buffer(cue.sfx)?;
        let source = self.context.create_buffer_source()?;
        source.set_buffer(Some(&buffer));
        source.playback_rate().set_value(cue.rate);
        let gain = self.context.create_gain()?;
        gain.gain().set_value(cue.gain);
        source.connect_with_audio_node(&gain)?;
        let mut end: AudioNode = gain.into();
        if let Some(cutoff_hz) = cue.cutoff_hz {
            let filter = self.context.create_biquad_filter()?;
            filter.set_type(BiquadFilterType::Lowpass);
            filter.frequency().set_value(cutoff_hz);
            end = end.connect_with_audio_node(&filter)?;
        }
        if cue.pan.abs() > PAN_MIN {
            let panner = self.context.create_stereo_panner()?;
            panner.pan().set_value(cue.pan);
            end = end.connect_with_audio_node(&panner)?;
        }
        end.connect_with_audio_node(&self.mix)?;
        source.start_with_when(self.context.current_time() + f64::from(cue.delay_seconds))?;
        self.played = self.played.wrapping_add(1);
        Ok(())
    }

    /// Whether the rush of a boost is heard.
    pub(crate) fn rush(&mut self, rushes: bool) -> Result<()> {
        let is_running = self.context.state() == AudioContextState::Running;
        self.rush.set(&self.context, &self.mix, rushes && is_running)
    }

    /// `running` or `suspended`, and how many sounds were played.
    pub(crate) fn state(&self) -> (&'static str, u32) {
        let is_running = self.context.state() == AudioContextState::Running;
        (if is_running { "running" } else { "suspended" }, self.played)
    }
}

fn buffer(context: &AudioContext, wave: &[f32]) -> Result<AudioBuffer> {
    let buffer = context.create_buffer(1, wave.len() as u32, context.sample_rate())?;
    buffer.copy_to_channel(wave, 0)?;
    Ok(buffer)
}
