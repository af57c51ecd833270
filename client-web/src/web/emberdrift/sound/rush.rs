//! The rush of a boost: noise that goes round, and a filter that opens while it lasts. It must not know when a ship
//! boosts.

use web_sys::{
    AudioBuffer, AudioBufferSourceNode, AudioContext, AudioNode, BiquadFilterNode, BiquadFilterType, GainNode,
};

use crate::web::shell::dom::Result;

/// How loud it gets.
const GAIN: f32 = 0.16;
/// Where the filter is at rest, and at full rush.
const FROM_HZ: f32 = 240.0;
const TO_HZ: f32 = 1250.0;
/// How fast it comes and goes, in seconds.
const COMES: f64 = 0.09;
const GOES: f64 = 0.14;
/// By then it is gone, in seconds.
const GONE: f64 = 0.9;

/// The rush.
pub(crate) struct Rush {
    noise: AudioBuffer,
    sounding: Option<(AudioBufferSourceNode, BiquadFilterNode, GainNode)>,
}

impl Rush {
    /// One of this noise.
    pub(crate) fn new(noise: AudioBuffer) -> Self {
        Self { noise, sounding: None }
    }

    /// Begins, goes on or ends, and plays into `mix`.
    pub(crate) fn set(&mut self, context: &AudioContext, mix: &AudioNode, rushes: bool) -> Result<()> {
        let now = context.current_time();
        if !rushes {
            if let Some((source, filter, gain)) = self.sounding.take() {
                gain.gain().set_target_at_time(0.0, now, GOES)?;
                filter.frequency().set_target_at_time(FROM_HZ, now, GOES)?;
                #[allow(deprecated, reason = "it was moved to a class that older browsers lack")]
                source.stop_with_when(now + GONE)?;
            }
            return Ok(());
        }
        if self.sounding.is_none() {
            let source = context.create_buffer_source()?;
            source.set_buffer(Some(&self.noise));
            source.set_loop(true);
            let filter = context.create_biquad_filter()?;
            filter.set_type(BiquadFilterType::Lowpass);
            filter.frequency().set_value(FROM_HZ);
            filter.frequency().set_target_at_time(TO_HZ, now, COMES * 3.0)?;
            let gain = context.create_gain()?;
            gain.gain().set_value(0.0);
            gain.gain().set_target_at_time(GAIN, now, COMES)?;
            source
                .connect_with_audio_node(&filter)?
                .connect_with_audio_node(&gain)?
                .connect_with_audio_node(mix)?;
            source.start()?;
            self.sounding = Some((source, filter, gain));
        }
        Ok(())
    }
}
