//! From scenes to what is heard: which sound each thing that happens makes, and what concerns only this player's ears. It
//! must not know how a sound is made or played.

use shared::Vec2;

use super::{
    super::scene::{Life, Scene, SceneEvent},
    Sound,
    pitch_ladder::PitchLadder,
    space::Heard,
    voices::Voices,
};

/// Below this share of health a pulse is heard.
const LOW_HEALTH: f32 = 0.35;
/// Between two beats of it at that health, and with the hull all but gone; in milliseconds.
const PULSE_MS: [f64; 2] = [1150.0, 560.0];
/// A shot starts at a ship's edge; farther from one than this, in units, it is nobody's.
const MUZZLE_UNITS: f32 = 24.0;

/// Cues of one scene that are looked at; the rest are the faintest.
const WANTED_MAX: usize = 64;

/// A sound to be played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cue {
    /// Which.
    pub sound: Sound,
    /// In how many seconds.
    pub delay_seconds: f32,
    /// At how many times its pitch.
    pub rate: f32,
    /// How loud, 0 to 1.
    pub gain: f32,
    /// −1 is all to the left, 1 to the right.
    pub pan: f32,
    /// Nothing above is heard, in Hz; `None` if all is.
    pub cutoff_hz: Option<f32>,
    /// It concerns this player.
    pub own: bool,
}

/// What was so in the scene before.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    is_alive: bool,
    tier: u8,
    /// Whole seconds until the next ship.
    wait: u32,
}

/// Reads scene after scene.
#[derive(Clone, Debug, Default)]
pub struct Score {
    before: Before,
    ladder: PitchLadder,
    voices: Voices,
    pulse_at_ms: f64,
    /// Shots so far: no two sound quite the same.
    count: u32,
    wanted: Vec<Cue>,
    cues: Vec<Cue>,
}

impl Score {
    /// What is to be played for a scene that is shown now, in a picture of twice `half`; the loudest and what concerns
    /// this player first.
    pub fn read(&mut self, scene: &Scene, half: Vec2, now_ms: f64) -> &[Cue] {
        self.wanted.clear();
        for event in &scene.events {
            self.happen(event, scene, half, now_ms);
        }
        self.live(scene, now_ms);
        self.choose(now_ms);
        &self.cues
    }

    /// Takes a voice for each, while there are any.
    fn choose(&mut self, now_ms: f64) {
        let Self { wanted, cues, voices, .. } = self;
        cues.clear();
        cues.extend(wanted.drain(..).filter(|cue| {
            let at_ms = now_ms + f64::from(cue.delay_seconds) * 1000.0;
            let ms = f64::from(cue.sound.seconds() / cue.rate) * 1000.0;
            voices.take(cue.sound, cue.own, now_ms, at_ms, ms)
        }));
    }

    fn want(&mut self, sound: Sound, heard: Heard, own: bool, gain: f32, rate: f32) {
        let Heard { gain: near, pan, cutoff_hz } = heard;
        self.add(Cue { sound, delay_seconds: 0.0, rate, gain: gain * near, pan, cutoff_hz, own });
    }

    /// Puts it among the wanted, in their order.
    fn add(&mut self, cue: Cue) {
        let before = |other: &Cue| (other.own, other.gain) >= (cue.own, cue.gain);
        let place = self.wanted.iter().take_while(|other| before(other)).count();
        if place < WANTED_MAX {
            self.wanted.truncate(WANTED_MAX - 1);
            self.wanted.insert(place, cue);
        }
    }

    fn want_own(&mut self, sound: Sound, gain: f32, rate: f32) {
        self.want(sound, Heard::HERE, true, gain, rate);
    }

    fn happen(&mut self, event: &SceneEvent, scene: &Scene, half: Vec2, now_ms: f64) {
        let heard = |place| Heard::at(place, scene.camera, half);
        match *event {
            SceneEvent::ShotFired { position, own } => {
                let Some(mut heard) = heard(position) else { return };
                self.count = self.count.wrapping_add(1);
                let rate = 0.97 + 0.06 * (self.count as f32 * 0.618).fract();
                let tier = tier_at(scene, position, own);
                if own {
                    heard = Heard::HERE;
                    self.want(Sound::Shot(tier), heard, true, 0.3, rate);
                } else {
                    self.want(Sound::Shot(tier), heard, false, 0.24, rate * 0.86);
                }
            }
            SceneEvent::ShipHit { own: true, .. } => self.want_own(Sound::Hurt, 0.75, 1.0),
            SceneEvent::ShipHit { position, by_own, .. } => {
                let Some(heard) = heard(position) else { return };
                if by_own {
                    // Told apart from all else: it is what a shot was for.
                    self.want(Sound::Hit, Heard { gain: 1.0, ..heard }, true, 0.5, 1.0);
                } else {
                    self.want(Sound::Hit, heard, false, 0.2, 0.75);
                }
            }
            SceneEvent::ShotStruck { position } => {
                if let Some(heard) = heard(position) {
                    self.want(Sound::Struck, heard, false, 0.3, 1.0);
                }
            }
            SceneEvent::Explosion { tier, own: true, .. } => {
                self.want_own(Sound::Blast(tier), 0.9, 0.9);
                self.want_own(Sound::Fall, 0.7, 1.0);
            }
            SceneEvent::Explosion { position, tier, .. } => {
                if let Some(heard) = heard(position) {
                    self.want(Sound::Blast(tier), heard, false, 0.85, 1.0);
                }
            }
            SceneEvent::EmberGathered { own, .. } => {
                // Others gather all the time, and it is nobody else's business.
                if own && let Some((rate, delay_ms)) = self.ladder.climb(now_ms) {
                    let Heard { pan, cutoff_hz, .. } = Heard::HERE;
                    let delay_seconds = (delay_ms / 1000.0) as f32;
                    self.add(Cue {
                        sound: Sound::Ember,
                        delay_seconds,
                        rate,
                        gain: 0.34,
                        pan,
                        cutoff_hz,
                        own,
                    });
                }
            }
            SceneEvent::PickupTaken { kind, own: true, .. } => self.want_own(Sound::Pickup(kind), 0.6, 1.0),
            SceneEvent::PickupTaken { position, kind, .. } => {
                if let Some(heard) = heard(position) {
                    self.want(Sound::Pickup(kind), heard, false, 0.3, 0.9);
                }
            }
            SceneEvent::Spawned { .. } => self.want_own(Sound::Spawn, 0.5, 1.0),
        }
    }

    /// What is heard of how the own ship fares.
    fn live(&mut self, scene: &Scene, now_ms: f64) {
        let hud = &scene.hud;
        let is_alive = hud.life == Life::Alive;
        let mut now = Before { is_alive, tier: hud.tier, wait: 0 };
        if is_alive {
            if self.before.is_alive && hud.tier > self.before.tier {
                self.want_own(Sound::Grown, 0.6, 1.0 + 0.12 * f32::from(hud.tier.saturating_sub(1)));
            }
            // While this ship flies, it is not the one that was shot down.
            for kill in hud.kills.iter().filter(|kill| kill.own && !kill.by.is_empty()) {
                let streak = f32::from(kill.streak.clamp(1, 9) - 1);
                self.want_own(Sound::Kill, 0.55, libm::exp2f(streak / 12.0));
            }
            if hud.health < LOW_HEALTH && now_ms >= self.pulse_at_ms {
                let missing = f64::from(1.0 - hud.health.max(0.0) / LOW_HEALTH);
                self.pulse_at_ms = now_ms + PULSE_MS[0] + (PULSE_MS[1] - PULSE_MS[0]) * missing;
                self.want_own(Sound::Pulse, 0.5, 1.0);
            }
        } else if let Life::Dead { respawn_seconds, .. } = hud.life {
            now.wait = libm::ceilf(respawn_seconds.clamp(0.0, 60.0)) as u32;
            if now.wait > 0 && now.wait < self.before.wait {
                self.want_own(Sound::Tick, 0.3, 1.0);
            }
        }
        self.before = now;
    }
}

/// The tier of the ship whose muzzle this is: the own one, or the nearest.
fn tier_at(scene: &Scene, muzzle: Vec2, own: bool) -> u8 {
    let edge = |ship: &&super::super::scene::SceneShip| ship.position.distance(muzzle) - ship.radius;
    let near = scene.ships.iter().filter(|ship| ship.own == own);
    let near = near.min_by(|a, b| edge(a).total_cmp(&edge(b)));
    near.filter(|ship| own || edge(ship) < MUZZLE_UNITS).map_or(0, |ship| ship.tier)
}

#[cfg(test)]
mod tests;
