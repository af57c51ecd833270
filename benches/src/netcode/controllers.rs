//! Who steers in an experiment. A controller sees a drawn frame and decides its input for the next; it knows nothing
//! that a person at the screen does not.

use std::{cell::Cell, fmt::Debug, rc::Rc};

use client_web::game::{
    Session,
    scene::{Scene, SceneEvent, SceneShip},
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::{
    Vec2,
    engine::input::{Angle, Buttons, PlayerInput},
};

/// What a controller sees.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) now_ms: f64,
    pub(super) scene: &'a Scene,
    pub(super) session: &'a Session,
}

impl View<'_> {
    fn own(&self) -> Option<&SceneShip> {
        self.scene.ships.iter().find(|ship| ship.own)
    }
}

pub(super) trait Controller: Debug {
    /// The input from now on, by the last drawn frame.
    fn steer(&mut self, view: &View<'_>) -> PlayerInput;

    /// Looks at the frame that was rendered with that input.
    fn observe(&mut self, _view: &View<'_>) {}
}

/// What a controller counts: attempts, and how many of them succeeded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) attempts: u32,
    pub(super) successes: u32,
}

impl Tally {
    pub(super) fn sum(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().fold(Self::default(), |sum, it| Self {
            attempts: sum.attempts + it.attempts,
            successes: sum.successes + it.successes,
        })
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self { attempts: self.attempts - before.attempts, successes: self.successes - before.successes }
    }

    pub(super) fn share(self) -> f64 {
        f64::from(self.successes) / f64::from(self.attempts)
    }
}

/// Read by the experiment while the controller counts.
pub(super) type SharedTally = Rc<Cell<Tally>>;

/// Flies about at random, boosts and perhaps fires now and then.
#[derive(Debug)]
pub(super) struct Restless {
    rng: Pcg64Mcg,
    input: PlayerInput,
    until_ms: f64,
    fires: bool,
}

impl Restless {
    pub(super) fn new(seed: u64, fires: bool) -> Self {
        Self { rng: Pcg64Mcg::seed_from_u64(seed), input: PlayerInput::default(), until_ms: 0.0, fires }
    }
}

impl Controller for Restless {
    fn steer(&mut self, view: &View<'_>) -> PlayerInput {
        if view.now_ms >= self.until_ms {
            self.until_ms = view.now_ms + self.rng.random_range(120.0..600.0);
            let mut buttons = Buttons(self.rng.random_range(0..16));
            buttons = buttons.with(Buttons::BOOST, self.rng.random_bool(0.2));
            buttons = buttons.with(Buttons::FIRE, self.fires && self.rng.random_bool(0.3));
            self.input = PlayerInput { buttons, aim: Angle(self.rng.random()) };
        }
        self.input
    }
}

/// Presses a key and lets go, again and again: an attempt is a key pressed, a success the next drawn frame showing it.
#[derive(Debug)]
pub(super) struct KeyTapper {
    tally: SharedTally,
    rng: Pcg64Mcg,
    held: Vec2,
    until_ms: f64,
    /// The ship's velocity when a key was pressed.
    before: Option<Vec2>,
}

impl KeyTapper {
    pub(super) fn new(seed: u64) -> (Self, SharedTally) {
        let tally = SharedTally::default();
        let rng = Pcg64Mcg::seed_from_u64(seed);
        (Self { tally: Rc::clone(&tally), rng, held: Vec2::ZERO, until_ms: 0.0, before: None }, tally)
    }
}

impl Controller for KeyTapper {
    fn steer(&mut self, view: &View<'_>) -> PlayerInput {
        if view.now_ms >= self.until_ms {
            self.until_ms = view.now_ms + self.rng.random_range(200.0..700.0);
            let is_press = self.held == Vec2::ZERO;
            self.held = if is_press { Angle(self.rng.random_range(0..8) * 8192).unit() } else { Vec2::ZERO };
            let terrain = view.session.terrain();
            // Not where a rock or a wall is in the way.
            let is_free = |at: Vec2| terrain.is_some_and(|terrain| terrain.is_free(at, 80.0));
            let own = view.own().filter(|own| is_press && is_free(own.position));
            self.before = own.map(|ship| ship.velocity);
        }
        PlayerInput { buttons: PlayerInput::towards(self.held), aim: Angle(0) }
    }

    fn observe(&mut self, view: &View<'_>) {
        let Some((before, own)) = self.before.take().zip(view.own()) else { return };
        let mut tally = self.tally.get();
        tally.attempts += 1;
        // Thrust is stronger than drag, so the ship is faster in that direction than it was.
        tally.successes += u32::from((own.velocity - before).dot(self.held) > 0.0);
        self.tally.set(tally);
    }
}

/// Stays near the first other ship that it sees and fires at where that will be: an attempt is a shot, a success a hit.
#[derive(Debug)]
pub(super) struct Aimer {
    tally: SharedTally,
    shot_speed: f32,
}

/// The distance it keeps, in units.
const NEAR: f32 = 280.0;
/// It fires within this distance.
const RANGE: f32 = 420.0;

impl Aimer {
    /// `shot_speed` is in units a second.
    pub(super) fn new(shot_speed: f32) -> (Self, SharedTally) {
        let tally = SharedTally::default();
        (Self { tally: Rc::clone(&tally), shot_speed }, tally)
    }
}

impl Controller for Aimer {
    fn steer(&mut self, view: &View<'_>) -> PlayerInput {
        let target = view.scene.ships.iter().find(|ship| !ship.own);
        let Some((own, target)) = view.own().zip(target) else {
            return PlayerInput::RESPAWN;
        };
        let way = target.position - own.position;
        // Two steps are enough for how long the shot takes to where the target is by then.
        let ahead = |seconds: f32| way + target.velocity * seconds;
        let seconds = ahead(way.length() / self.shot_speed).length() / self.shot_speed;
        let direction = if way.length() > NEAR { way } else { -way };
        let buttons = PlayerInput::towards(direction).with(Buttons::FIRE, way.length() < RANGE);
        PlayerInput { buttons, aim: Angle::of(ahead(seconds)) }
    }

    fn observe(&mut self, view: &View<'_>) {
        let mut tally = self.tally.get();
        for event in &view.scene.events {
            match event {
                SceneEvent::ShotFired { own: true, .. } => tally.attempts += 1,
                SceneEvent::ShipHit { by_own: true, .. } => tally.successes += 1,
                _ => {}
            }
        }
        self.tally.set(tally);
    }
}

/// Flies from one place of the arena to another without rest.
#[derive(Debug)]
pub(super) struct Wanderer {
    arena_size: Vec2,
    rng: Pcg64Mcg,
    goal: Vec2,
}

impl Wanderer {
    pub(super) fn new(arena_size: Vec2, seed: u64) -> Self {
        Self { arena_size, rng: Pcg64Mcg::seed_from_u64(seed), goal: arena_size / 2.0 }
    }
}

impl Controller for Wanderer {
    fn steer(&mut self, view: &View<'_>) -> PlayerInput {
        let Some(own) = view.own() else {
            return PlayerInput::RESPAWN;
        };
        while own.position.distance(self.goal) < 150.0 {
            let place = Vec2::new(self.rng.random_range(0.1..0.9), self.rng.random_range(0.1..0.9));
            self.goal = place * self.arena_size;
        }
        let way = self.goal - own.position;
        PlayerInput { buttons: PlayerInput::towards(way), aim: Angle::of(way) }
    }
}
