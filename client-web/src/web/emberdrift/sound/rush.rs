//! The rush of a boost: looped noise, and a filter that opens while the boost lasts.

use web_sys::{
    AudioBuffer, AudioBufferSourceNode, AudioContext, AudioNode, BiquadFilterNode, BiquadFilterType, GainNode,
};

use crate::web::shell::dom::Result;

/// Its greatest volume.
const GAIN: f32 = 0.16;
/// The filter's cutoff at rest and at full rush.
const FROM_HZ: f32 = 240.0;
const TO_HZ: f32 = 1250.0;
/// Time constants of its attack and its release, in seconds.
const ATTACK: f64 = 0.09;
const RELEASE: f64 = 0.14;
/// When it can be stopped because it is no longer heard, in seconds.
const STOP: f64 = 0.9;

pub(crate) struct Rush {
    noise: AudioBuffer,
    sounding: Option<(AudioBufferSourceNode, BiquadFilterNode, GainNode)>,
}

impl Rush {
    pub(crate) fn new(noise: AudioBuffer) -> Self {
        Self { noise, sounding: None }
    }

    /// Starts it, lets it go on, or ends it. It plays into `mix`.
    pub(crate) fn set(&mut self, context: &AudioContext, mix: &AudioNode, rushes: bool) -> Result<()> {
        let now = context.current_time();
        if !rushes {
            if let Some((source, filter, gain)) = self.sounding.take() {
                gain.gain().set_target_at_time(0.0, now, RELEASE)?;
                filter.frequency().set_target_at_time(FROM_HZ, now, RELEASE)?;
                #[allow(deprecated, reason = "it was moved to a class that older browsers do not have")]
                source.stop_with_when(now + STOP)?;
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
            filter.frequency().set_target_at_time(TO_HZ, now, ATTACK * 3.0)?;
            let gain = context.create_gain()?;
            gain.gain().set_value(0.0);
            gain.gain().set_target_at_time(GAIN, now, ATTACK)?;
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
