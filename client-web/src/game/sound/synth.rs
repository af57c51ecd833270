//! A small synthesiser: layers of tones and noise that glide, fade and are filtered, mixed to a wave. It must not know
//! what a sound is for.

use core::f32::consts::PI;

/// What a layer is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wave {
    Sine,
    Triangle,
    Saw,
    /// Bells and metal (frequency modulation): a sine whose phase another sine of `ratio` times its pitch shifts by up to
    /// `depth` turns, which fades with the layer.
    Bell {
        ratio: f32,
        depth: f32,
    },
    Noise,
}

/// The band that a filter passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pass {
    Low,
    Band,
    High,
}

/// One layer of a sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layer {
    wave: Wave,
    /// The pitch that it starts with, and the one that it approaches exponentially.
    hz: [f32; 2],
    /// When it starts, in seconds.
    at: f32,
    /// From silence to full volume, in seconds.
    attack: f32,
    /// In seconds: it has faded by 60 dB by then.
    length: f32,
    gain: f32,
    /// Its frequency glides like the pitch.
    filter: Option<(Pass, [f32; 2])>,
}

impl Layer {
    /// A tone from the first pitch to the second.
    pub(super) const fn tone(wave: Wave, hz: [f32; 2], length: f32, gain: f32) -> Self {
        Self { wave, hz, at: 0.0, attack: 0.003, length, gain, filter: None }
    }

    /// Noise through a filter from the first frequency to the second.
    pub(super) const fn noise(pass: Pass, hz: [f32; 2], length: f32, gain: f32) -> Self {
        Self { filter: Some((pass, hz)), ..Self::tone(Wave::Noise, [1.0; 2], length, gain) }
    }

    /// Starts this many seconds later.
    pub(super) const fn at(self, at: f32) -> Self {
        Self { at, ..self }
    }

    /// Takes this many seconds to full volume.
    pub(super) const fn swelling(self, attack: f32) -> Self {
        Self { attack, ..self }
    }

    /// Filters it.
    pub(super) const fn through(self, pass: Pass, hz: [f32; 2]) -> Self {
        Self { filter: Some((pass, hz)), ..self }
    }

    /// The same at another pitch and length, both as factors.
    pub(super) fn scaled(self, pitch: f32, length: f32) -> Self {
        let filter = self.filter.map(|(pass, hz)| (pass, hz.map(|hz| hz * pitch)));
        Self { hz: self.hz.map(|hz| hz * pitch), length: self.length * length, filter, ..self }
    }

    fn add_to(&self, out: &mut [f32], rate: f32, noise: &mut Noise) {
        let samples = self.length * rate;
        let glide = |[from, to]: [f32; 2]| Glide { hz: from, to, decay: decay(GLIDE / samples) };
        let mut pitch = glide(self.hz);
        let fade = decay(FADE / ((self.length - self.attack).max(0.001) * rate));
        let mut filter = self.filter.map(|(pass, hz)| Filter::new(pass, glide(hz)));
        let (mut phase, mut other, mut loudness) = (0.0_f32, 0.0_f32, self.gain);
        let start = (self.at * rate) as usize;
        for (i, sample) in out[start..].iter_mut().take(samples as usize).enumerate() {
            let risen = i as f32 / (self.attack * rate).max(1.0);
            if risen >= 1.0 {
                loudness *= fade;
            }
            let hz = pitch.next();
            let value = match self.wave {
                Wave::Sine => sine(phase),
                Wave::Triangle => 1.0 - 4.0 * ((phase + 0.75).fract() - 0.5).abs(),
                Wave::Saw => saw(phase, hz / rate),
                Wave::Bell { ratio, depth } => {
                    let swing = depth * loudness / self.gain;
                    other = (other + hz * ratio / rate).fract();
                    let swung = phase + swing * sine(other);
                    sine(swung - swung.floor())
                }
                Wave::Noise => noise.next(),
            };
            let value = filter.as_mut().map_or(value, |filter| filter.next(value, rate));
            *sample += value * loudness * risen.min(1.0);
            phase = (phase + hz / rate).fract();
        }
    }
}

/// A glide shrinks the distance to its end by this power of e over a layer: all but a fiftieth of it.
const GLIDE: f32 = 4.0;
/// A layer fades by this power of e: 60 dB, ln(1000).
const FADE: f32 = 6.908;

/// e^−x for a small x, by a Padé approximant: the factor of one sample.
fn decay(x: f32) -> f32 {
    (2.0 - x) / (2.0 + x)
}

/// The sine of an angle in turns, 0 to 1, within a thousandth, which is not audible.
fn sine(turns: f32) -> f32 {
    // A parabola for each half, corrected towards the true curve.
    let half = 1.0 - 2.0 * turns;
    let arch = 4.0 * half * (1.0 - half.abs());
    arch * (0.775 + 0.225 * arch.abs())
}

/// A frequency that approaches another.
#[derive(Clone, Copy, Debug)]
struct Glide {
    hz: f32,
    to: f32,
    decay: f32,
}

impl Glide {
    fn next(&mut self) -> f32 {
        let hz = self.hz;
        self.hz = self.to + (hz - self.to) * self.decay;
        hz
    }
}

/// Length of the mixed layers, in seconds.
pub(super) fn seconds(layers: &[Layer]) -> f32 {
    layers.iter().map(|layer| layer.at + layer.length).fold(0.0, f32::max)
}

/// Mixes layers, at this many samples a second.
pub(super) fn render(layers: &[Layer], sample_rate: f32) -> Vec<f32> {
    let mut out = vec![0.0; (seconds(layers) * sample_rate) as usize];
    let mut noise = Noise::default();
    for layer in layers {
        layer.add_to(&mut out, sample_rate, &mut noise);
    }
    out
}

/// A saw from −1 to 1 whose jump is smoothed over a sample on either side against aliasing (polyBLEP).
fn saw(phase: f32, step: f32) -> f32 {
    let phase = (phase + 0.5).fract();
    let rounding = if phase < step {
        let t = phase / step - 1.0;
        -t * t
    } else if phase > 1.0 - step {
        let t = (phase - 1.0) / step + 1.0;
        t * t
    } else {
        0.0
    };
    2.0 * phase - 1.0 - rounding
}

/// White noise: xorshift.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise(u32);

impl Default for Noise {
    fn default() -> Self {
        Self(0x9e37_79b9)
    }
}

impl Noise {
    pub(super) fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// A state-variable filter of the second order. Trapezoidal integration keeps it stable while it glides.
#[derive(Clone, Copy, Debug)]
struct Filter {
    pass: Pass,
    at: Glide,
    /// Samples since its coefficient was computed.
    age: u32,
    gain: f32,
    states: [f32; 2],
}

impl Filter {
    /// A coefficient is used for this many samples: a tangent for each would cost more than the filter.
    const STALE: u32 = 16;
    /// 1/Q.
    const DAMPING: f32 = 1.0;

    fn new(pass: Pass, at: Glide) -> Self {
        Self { pass, at, age: 0, gain: 0.0, states: [0.0; 2] }
    }

    fn next(&mut self, value: f32, rate: f32) -> f32 {
        let hz = self.at.next();
        if self.age == 0 {
            let (sin, cos) = libm::sincosf(PI * (hz / rate).min(0.45));
            self.gain = sin / cos;
        }
        self.age = (self.age + 1) % Self::STALE;
        let (gain, [first, second]) = (self.gain, self.states);
        let high = (value - (Self::DAMPING + gain) * first - second) / (1.0 + gain * (gain + Self::DAMPING));
        let band = gain * high + first;
        let low = gain * band + second;
        self.states = [gain * high + band, gain * band + low];
        match self.pass {
            Pass::Low => low,
            Pass::Band => band,
            Pass::High => high,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f32 = 48_000.0;

    fn power(wave: &[f32]) -> f32 {
        wave.iter().map(|sample| sample * sample).sum::<f32>() / wave.len() as f32
    }

    fn crossings(wave: &[f32]) -> usize {
        wave.windows(2).filter(|two| two[0] < 0.0 && two[1] >= 0.0).count()
    }

    #[test]
    fn tone_has_its_pitch_and_fades() {
        for wave in [Wave::Sine, Wave::Triangle, Wave::Saw] {
            let tone = render(&[Layer::tone(wave, [440.0; 2], 0.5, 0.8)], RATE);
            assert_eq!(tone.len(), 24_000);
            assert!(crossings(&tone).abs_diff(220) <= 2, "{wave:?}: {}", crossings(&tone));
            let (head, tail) = tone.split_at(4800);
            assert!(power(head) > 0.05 && power(&tail[14_400..]) < power(head) / 100.0, "{wave:?}");
        }
    }

    #[test]
    fn sine_approximates_the_true_one() {
        for i in 0..1000_u16 {
            let turns = f32::from(i) / 1000.0;
            assert!((sine(turns) - libm::sinf(turns * 2.0 * PI)).abs() < 0.0012, "at {turns} turns");
        }
    }

    #[test]
    fn layer_starts_at_its_time() {
        let layers = [Layer::tone(Wave::Sine, [500.0; 2], 0.1, 0.5).at(0.2)];
        let wave = render(&layers, RATE);
        assert!((seconds(&layers) - 0.3).abs() < 1e-6);
        assert!(wave[..9_600].iter().all(|sample| *sample == 0.0) && power(&wave[9_600..]) > 0.001);
    }

    #[test]
    fn filter_passes_its_band() {
        let loud = |pass, hz| power(&render(&[Layer::noise(pass, [hz; 2], 0.3, 0.5)], RATE));
        let treble = |pass, hz: f32| crossings(&render(&[Layer::noise(pass, [hz; 2], 0.3, 0.5)], RATE));
        assert!(loud(Pass::Low, 300.0) < loud(Pass::Low, 3000.0));
        assert!(loud(Pass::High, 8000.0) < loud(Pass::High, 800.0));
        assert!(treble(Pass::Low, 300.0) < treble(Pass::Band, 2000.0));
        assert!(treble(Pass::Band, 2000.0) < treble(Pass::High, 6000.0));
    }
}
