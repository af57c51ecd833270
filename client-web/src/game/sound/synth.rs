//! A small synthesiser: layers of tones and noise that glide, fade and pass a filter, summed to a wave. It must not know
//! what any sound is for.

use core::f32::consts::PI;

/// What a layer is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wave {
    /// One pure tone.
    Sine,
    /// Round, with a little edge.
    Triangle,
    /// Bright and buzzing.
    Saw,
    /// Bells and metal: a sine whose phase is swung by another of `ratio` times its pitch, by up to `depth` turns,
    /// less and less.
    Bell { ratio: f32, depth: f32 },
    /// Everything at once.
    Noise,
}

/// What a filter lets through.
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
    /// Pitch at its beginning, and the one it comes near to, fast and then slower.
    hz: [f32; 2],
    /// When it begins, in seconds.
    at: f32,
    /// How long it takes to its full strength, in seconds.
    attack: f32,
    /// How long it lasts, in seconds: by then it has faded by 60 dB.
    length: f32,
    gain: f32,
    /// What it passes: where that is, in Hz, as with the pitch.
    filter: Option<(Pass, [f32; 2])>,
}

impl Layer {
    /// A tone that glides.
    pub(super) const fn tone(wave: Wave, hz: [f32; 2], length: f32, gain: f32) -> Self {
        Self { wave, hz, at: 0.0, attack: 0.003, length, gain, filter: None }
    }

    /// Noise through a filter that glides.
    pub(super) const fn noise(pass: Pass, hz: [f32; 2], length: f32, gain: f32) -> Self {
        Self { filter: Some((pass, hz)), ..Self::tone(Wave::Noise, [1.0; 2], length, gain) }
    }

    /// Begins so many seconds later.
    pub(super) const fn at(self, at: f32) -> Self {
        Self { at, ..self }
    }

    /// Takes so many seconds to its full strength.
    pub(super) const fn swelling(self, attack: f32) -> Self {
        Self { attack, ..self }
    }

    /// Passes a filter.
    pub(super) const fn through(self, pass: Pass, hz: [f32; 2]) -> Self {
        Self { filter: Some((pass, hz)), ..self }
    }

    /// All of it at another pitch and length.
    pub(super) fn scaled(self, pitch: f32, length: f32) -> Self {
        let filter = self.filter.map(|(pass, hz)| (pass, hz.map(|hz| hz * pitch)));
        Self { hz: self.hz.map(|hz| hz * pitch), length: self.length * length, filter, ..self }
    }

    fn add_to(&self, out: &mut [f32], rate: f32, noise: &mut Noise) {
        let samples = self.length * rate;
        let glide = |[from, to]: [f32; 2]| Glide { hz: from, to, keeps: shrinking(GLIDE / samples) };
        let mut pitch = glide(self.hz);
        let fade = shrinking(FADE / ((self.length - self.attack).max(0.001) * rate));
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

/// In the time of a layer a glide makes so many times its way by a factor of e, and all but a fiftieth of it.
const GLIDE: f32 = 4.0;
/// And it fades so many times by that factor: 60 dB, ln(1000).
const FADE: f32 = 6.908;

/// e^−x for a small x, from its first terms above and below: what remains of something after one sample.
fn shrinking(x: f32) -> f32 {
    (2.0 - x) / (2.0 + x)
}

/// The sine of so many turns, 0 to 1. Close enough for any ear: within a thousandth.
fn sine(turns: f32) -> f32 {
    // A parabola over each half, bent a little towards the true curve.
    let half = 1.0 - 2.0 * turns;
    let arch = 4.0 * half * (1.0 - half.abs());
    arch * (0.775 + 0.225 * arch.abs())
}

/// Something that comes near to something else.
#[derive(Clone, Copy, Debug)]
struct Glide {
    hz: f32,
    to: f32,
    keeps: f32,
}

impl Glide {
    fn next(&mut self) -> f32 {
        let hz = self.hz;
        self.hz = self.to + (hz - self.to) * self.keeps;
        hz
    }
}

/// How long layers last together, in seconds.
pub(super) fn seconds(layers: &[Layer]) -> f32 {
    layers.iter().map(|layer| layer.at + layer.length).fold(0.0, f32::max)
}

/// Their sum, at so many samples a second.
pub(super) fn render(layers: &[Layer], sample_rate: f32) -> Vec<f32> {
    let mut out = vec![0.0; (seconds(layers) * sample_rate) as usize];
    let mut noise = Noise::default();
    for layer in layers {
        layer.add_to(&mut out, sample_rate, &mut noise);
    }
    out
}

/// A saw from −1 to 1 whose jump is rounded over one sample to each side, as far as the samples can show it (polyBLEP).
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

/// A state-variable filter of the second order, in the form that stays stable while it glides (trapezoidal
/// integration).
#[derive(Clone, Copy, Debug)]
struct Filter {
    pass: Pass,
    at: Glide,
    /// Samples since its numbers were computed.
    age: u32,
    gain: f32,
    states: [f32; 2],
}

impl Filter {
    /// Numbers are good for so many samples: a tangent for each would cost more than the filter.
    const STALE: u32 = 16;
    /// 1/Q, a little resonance.
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
    fn a_tone_has_its_pitch_and_fades() {
        for wave in [Wave::Sine, Wave::Triangle, Wave::Saw] {
            let tone = render(&[Layer::tone(wave, [440.0; 2], 0.5, 0.8)], RATE);
            assert_eq!(tone.len(), 24_000);
            assert!(crossings(&tone).abs_diff(220) <= 2, "{wave:?}: {}", crossings(&tone));
            let (head, tail) = tone.split_at(4800);
            assert!(power(head) > 0.05 && power(&tail[14_400..]) < power(head) / 100.0, "{wave:?}");
        }
    }

    #[test]
    fn a_sine_is_a_sine() {
        for i in 0..1000_u16 {
            let turns = f32::from(i) / 1000.0;
            assert!((sine(turns) - libm::sinf(turns * 2.0 * PI)).abs() < 0.0012, "at {turns} turns");
        }
    }

    #[test]
    fn layers_begin_when_they_are_told() {
        let layers = [Layer::tone(Wave::Sine, [500.0; 2], 0.1, 0.5).at(0.2)];
        let wave = render(&layers, RATE);
        assert!((seconds(&layers) - 0.3).abs() < 1e-6);
        assert!(wave[..9_600].iter().all(|sample| *sample == 0.0) && power(&wave[9_600..]) > 0.001);
    }

    #[test]
    fn filters_pass_what_they_are_for() {
        let loud = |pass, hz| power(&render(&[Layer::noise(pass, [hz; 2], 0.3, 0.5)], RATE));
        let treble = |pass, hz: f32| crossings(&render(&[Layer::noise(pass, [hz; 2], 0.3, 0.5)], RATE));
        assert!(loud(Pass::Low, 300.0) < loud(Pass::Low, 3000.0));
        assert!(loud(Pass::High, 8000.0) < loud(Pass::High, 800.0));
        assert!(treble(Pass::Low, 300.0) < treble(Pass::Band, 2000.0));
        assert!(treble(Pass::Band, 2000.0) < treble(Pass::High, 6000.0));
    }
}
