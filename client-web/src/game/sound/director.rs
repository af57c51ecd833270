//! From scenes to sound effects: which one each event makes, and what is heard of the own ship's state.

use shared::Vec2;

use super::{
    super::scene::{Life, Scene, SceneEvent, SceneShip},
    pitch_ladder::PitchLadder,
    placement::Placement,
    recipe,
    sfx::Sfx,
    voices::Voices,
};

/// Below this share of health a heartbeat is heard.
const LOW_HEALTH: f32 = 0.35;
/// Between two heartbeats at that health, and with the hull all but gone; in milliseconds.
const HEARTBEAT_MS: [f64; 2] = [1150.0, 560.0];
/// A shot starts at the edge of the ship that fired. One that starts farther from any ship's edge, in units, is given
/// no ship.
const MUZZLE_UNITS: f32 = 24.0;
/// Cues of one scene that compete for voices. More would be the quietest.
const CANDIDATES_MAX: usize = 64;

/// A sound effect to be played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cue {
    /// Which one.
    pub sfx: Sfx,
    /// In how many seconds.
    pub delay_seconds: f32,
    /// Playback rate; 1 is its own pitch.
    pub rate: f32,
    /// 0 to 1.
    pub gain: f32,
    /// −1 is all to the left, 1 to the right.
    pub pan: f32,
    /// Cutoff of a low-pass filter; `None` for no filter.
    pub cutoff_hz: Option<f32>,
    /// Whether it concerns this player.
    pub own: bool,
}

/// The state of the own ship in a scene, as far as a change of it is heard.
#[derive(Clone, Copy, Debug, Default)]
struct OwnState {
    is_alive: bool,
    tier: u8,
    /// Whole seconds until the respawn.
    respawn_seconds: u32,
}

/// Reads scene after scene.
#[derive(Clone, Debug, Default)]
pub struct SoundDirector {
    before: OwnState,
    ladder: PitchLadder,
    voices: Voices,
    next_heartbeat_ms: f64,
    /// Shots so far, by which no two sound quite the same.
    shots: u32,
    /// A triumph to be heard with the next scene.
    has_triumph: bool,
    candidates: Vec<Cue>,
    cues: Vec<Cue>,
}

impl SoundDirector {
    /// What to play for a scene that is shown now, in a picture that reaches `half` around the camera. The loudest
    /// first, and before them what concerns this player.
    pub fn direct(&mut self, scene: &Scene, half: Vec2, now_ms: f64) -> &[Cue] {
        self.candidates.clear();
        for event in &scene.events {
            self.add_event(event, scene, half, now_ms);
        }
        self.add_own_state(scene, now_ms);
        if core::mem::take(&mut self.has_triumph) {
            self.add_own(Sfx::Triumph, 0.5, 1.0);
        }
        self.take_voices(now_ms);
        &self.cues
    }

    /// Plays [`Sfx::Triumph`] with the next scene.
    pub fn triumph(&mut self) {
        self.has_triumph = true;
    }

    /// Keeps the candidates for which there are voices.
    fn take_voices(&mut self, now_ms: f64) {
        let Self { candidates, cues, voices, .. } = self;
        cues.clear();
        cues.extend(candidates.drain(..).filter(|cue| {
            let at_ms = now_ms + f64::from(cue.delay_seconds) * 1000.0;
            let ms = f64::from(recipe::seconds(cue.sfx) / cue.rate) * 1000.0;
            voices.take(cue.sfx, cue.own, now_ms, at_ms, ms)
        }));
    }

    /// Inserts a candidate in order of importance.
    fn add(&mut self, cue: Cue) {
        let before = |other: &Cue| (other.own, other.gain) >= (cue.own, cue.gain);
        let index = self.candidates.iter().take_while(|other| before(other)).count();
        if index < CANDIDATES_MAX {
            self.candidates.truncate(CANDIDATES_MAX - 1);
            self.candidates.insert(index, cue);
        }
    }

    fn add_placed(&mut self, sfx: Sfx, placement: Placement, own: bool, gain: f32, rate: f32) {
        let Placement { gain: near, pan, cutoff_hz } = placement;
        self.add(Cue { sfx, delay_seconds: 0.0, rate, gain: gain * near, pan, cutoff_hz, own });
    }

    fn add_own(&mut self, sfx: Sfx, gain: f32, rate: f32) {
        self.add_placed(sfx, Placement::CENTRE, true, gain, rate);
    }

    fn add_event(&mut self, event: &SceneEvent, scene: &Scene, half: Vec2, now_ms: f64) {
        let placement = |place| Placement::of(place, scene.camera, half);
        match *event {
            SceneEvent::ShotFired { position, own } => {
                let Some(placement) = placement(position) else { return };
                self.shots = self.shots.wrapping_add(1);
                let rate = 0.97 + 0.06 * (self.shots as f32 * 0.618).fract();
                let sfx = Sfx::Shot(tier_at(scene, position, own));
                if own {
                    self.add_own(sfx, 0.3, rate);
                } else {
                    self.add_placed(sfx, placement, false, 0.24, rate * 0.86);
                }
            }
            SceneEvent::ShipHit { own: true, .. } => self.add_own(Sfx::Hurt, 0.75, 1.0),
            SceneEvent::ShipHit { position, by_own, .. } => {
                let Some(placement) = placement(position) else { return };
                if by_own {
                    // At full volume from anywhere: it is the answer to a shot of this player.
                    self.add_placed(Sfx::Hit, Placement { gain: 1.0, ..placement }, true, 0.5, 1.0);
                } else {
                    self.add_placed(Sfx::Hit, placement, false, 0.2, 0.75);
                }
            }
            SceneEvent::ShotStruck { position } => {
                if let Some(placement) = placement(position) {
                    self.add_placed(Sfx::Impact, placement, false, 0.3, 1.0);
                }
            }
            SceneEvent::Explosion { tier, own: true, .. } => {
                self.add_own(Sfx::Explosion(tier), 0.9, 0.9);
                self.add_own(Sfx::Death, 0.7, 1.0);
            }
            SceneEvent::Explosion { position, tier, .. } => {
                if let Some(placement) = placement(position) {
                    self.add_placed(Sfx::Explosion(tier), placement, false, 0.85, 1.0);
                }
            }
            // Other ships collect embers all the time: only the own ones are heard.
            SceneEvent::EmberCollected { own: false, .. } => {}
            SceneEvent::EmberCollected { own: true, .. } => {
                if let Some((rate, delay_ms)) = self.ladder.climb(now_ms) {
                    let Placement { pan, cutoff_hz, .. } = Placement::CENTRE;
                    let delay_seconds = (delay_ms / 1000.0) as f32;
                    let sfx = Sfx::Collect;
                    self.add(Cue { sfx, delay_seconds, rate, gain: 0.34, pan, cutoff_hz, own: true });
                }
            }
            SceneEvent::PickupCollected { kind, own: true, .. } => self.add_own(Sfx::Pickup(kind), 0.6, 1.0),
            SceneEvent::PickupCollected { position, kind, .. } => {
                if let Some(placement) = placement(position) {
                    self.add_placed(Sfx::Pickup(kind), placement, false, 0.3, 0.9);
                }
            }
            SceneEvent::Spawned { .. } => self.add_own(Sfx::Spawn, 0.5, 1.0),
        }
    }

    fn add_own_state(&mut self, scene: &Scene, now_ms: f64) {
        let hud = &scene.hud;
        let is_alive = hud.life == Life::Alive;
        let mut now = OwnState { is_alive, tier: hud.tier, respawn_seconds: 0 };
        if is_alive {
            if self.before.is_alive && hud.tier > self.before.tier {
                self.add_own(Sfx::Grow, 0.6, 1.0 + 0.12 * f32::from(hud.tier.saturating_sub(1)));
            }
            // While the own ship is alive, it is the killer and not the victim.
            for kill in hud.kills.iter().filter(|kill| kill.own && !kill.by.is_empty()) {
                let streak = f32::from(kill.streak.clamp(1, 9) - 1);
                self.add_own(Sfx::Kill, 0.55, libm::exp2f(streak / 12.0));
            }
            if hud.health < LOW_HEALTH && now_ms >= self.next_heartbeat_ms {
                let missing = f64::from(1.0 - hud.health.max(0.0) / LOW_HEALTH);
                let pause_ms = HEARTBEAT_MS[0] + (HEARTBEAT_MS[1] - HEARTBEAT_MS[0]) * missing;
                self.next_heartbeat_ms = now_ms + pause_ms;
                self.add_own(Sfx::LowHealth, 0.5, 1.0);
            }
        } else if let Life::Dead { respawn_seconds, .. } = hud.life {
            now.respawn_seconds = libm::ceilf(respawn_seconds.clamp(0.0, 60.0)) as u32;
            if now.respawn_seconds > 0 && now.respawn_seconds < self.before.respawn_seconds {
                self.add_own(Sfx::Countdown, 0.3, 1.0);
            }
        }
        self.before = now;
    }
}

/// The tier of the ship that fired from `muzzle`: the own one, or the nearest of the others.
fn tier_at(scene: &Scene, muzzle: Vec2, own: bool) -> u8 {
    let edge = |ship: &&SceneShip| ship.position.distance(muzzle) - ship.radius;
    let near = scene.ships.iter().filter(|ship| ship.own == own);
    let near = near.min_by(|a, b| edge(a).total_cmp(&edge(b)));
    near.filter(|ship| own || edge(ship) < MUZZLE_UNITS).map_or(0, |ship| ship.status.tier() as u8)
}

#[cfg(test)]
mod tests;
