//! Who steers in a rehearsal. A pilot sees a picture and says what it wants in the next; it knows nothing that a person
//! at the screen does not.

use std::{cell::RefCell, fmt::Debug, rc::Rc};

use client_web::game::{
    Session,
    scene::{Scene, SceneEvent},
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::{
    Vec2,
    engine::{
        angle::Angle,
        input::{Buttons, PlayerInput},
    },
};

/// What a pilot sees.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// When, in milliseconds.
    pub now_ms: f64,
    /// The picture.
    pub scene: &'a Scene,
    /// What stands beside it.
    pub session: &'a Session,
}

/// A pilot.
pub trait Helm: Debug {
    /// What it wants from now on, by the picture before.
    fn steer(&mut self, view: &View<'_>) -> PlayerInput;

    /// Looks at the picture that followed.
    fn look(&mut self, _view: &View<'_>) {}
}

/// Flies to and fro without a plan, boosts and fires now and then.
#[derive(Debug)]
pub struct Restless {
    rng: Pcg64Mcg,
    input: PlayerInput,
    until_ms: f64,
    fires: bool,
}

impl Restless {
    /// One that fires, or not.
    pub fn new(seed: u64, fires: bool) -> Self {
        Self { rng: Pcg64Mcg::seed_from_u64(seed), input: PlayerInput::default(), until_ms: 0.0, fires }
    }
}

impl Helm for Restless {
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

/// How a ship answers to keys.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answers {
    /// Keys pressed while the ship flew.
    pub(super) keys: u32,
    /// Of them, those that the very next picture showed no answer to.
    pub(super) unanswered: u32,
}

/// Lets go of everything and presses a key, again and again, and looks whether the next picture shows it.
#[derive(Debug)]
pub(super) struct Tapper {
    answers: Rc<RefCell<Answers>>,
    rng: Pcg64Mcg,
    held: Vec2,
    until_ms: f64,
    before: Option<Vec2>,
}

impl Tapper {
    /// A new one, and what it counts.
    pub(super) fn new(seed: u64) -> (Self, Rc<RefCell<Answers>>) {
        let answers = Rc::new(RefCell::new(Answers::default()));
        let (rng, counts) = (Pcg64Mcg::seed_from_u64(seed), Rc::clone(&answers));
        (Self { answers, rng, held: Vec2::ZERO, until_ms: 0.0, before: None }, counts)
    }
}

impl Helm for Tapper {
    fn steer(&mut self, view: &View<'_>) -> PlayerInput {
        if view.now_ms >= self.until_ms {
            self.until_ms = view.now_ms + self.rng.random_range(200.0..700.0);
            let is_press = self.held == Vec2::ZERO;
            self.held = if is_press { Angle(self.rng.random_range(0..8) * 8192).unit() } else { Vec2::ZERO };
            let terrain = view.session.terrain();
            // Where it does not lean against a rock or a wall.
            let is_free = |at: Vec2| terrain.is_some_and(|terrain| terrain.is_free(at, 80.0));
            let own = view.scene.ships.iter().find(|ship| ship.own && is_press && is_free(ship.position));
            self.before = own.map(|ship| ship.velocity);
        }
        PlayerInput { buttons: PlayerInput::towards(self.held), aim: Angle(0) }
    }

    fn look(&mut self, view: &View<'_>) {
        let Some(before) = self.before.take() else { return };
        let Some(own) = view.scene.ships.iter().find(|ship| ship.own) else { return };
        let mut answers = self.answers.borrow_mut();
        answers.keys += 1;
        // Thrust is stronger than drag, so the ship is faster that way than it was.
        answers.unanswered += u32::from((own.velocity - before).dot(self.held) <= 0.0);
    }
}

/// What a marksman counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    /// Shots fired.
    pub shots: u32,
    /// Of them, those that met a ship.
    pub hits: u32,
}

/// Stays near the first other ship that it sees and fires at where that will be.
#[derive(Debug)]
pub struct Marksman {
    score: Rc<RefCell<Score>>,
    shot_speed: f32,
}

/// As near as it wants to be, in units.
const NEAR: f32 = 280.0;
/// From how near it fires.
const RANGE: f32 = 420.0;

impl Marksman {
    /// One whose shots fly so fast, in units a second; and what it counts.
    pub fn new(shot_speed: f32) -> (Self, Rc<RefCell<Score>>) {
        let score = Rc::new(RefCell::new(Score::default()));
        (Self { score: Rc::clone(&score), shot_speed }, score)
    }
}

impl Helm for Marksman {
    fn steer(&mut self, view: &View<'_>) -> PlayerInput {
        let ships = &view.scene.ships;
        let (Some(own), Some(prey)) =
            (ships.iter().find(|ship| ship.own), ships.iter().find(|ship| !ship.own))
        else {
            // To the middle, where the other goes too.
            return PlayerInput::RESPAWN;
        };
        let way = prey.position - own.position;
        // Two looks are enough for how long the shot takes to where the other is by then.
        let ahead = |seconds: f32| way + prey.velocity * seconds;
        let seconds = ahead(way.length() / self.shot_speed).length() / self.shot_speed;
        let mut buttons =
            if way.length() > NEAR { PlayerInput::towards(way) } else { PlayerInput::towards(-way) };
        buttons = buttons.with(Buttons::FIRE, way.length() < RANGE);
        PlayerInput { buttons, aim: Angle::of(ahead(seconds)) }
    }

    fn look(&mut self, view: &View<'_>) {
        let mut score = self.score.borrow_mut();
        for event in &view.scene.events {
            match event {
                SceneEvent::ShotFired { own: true, .. } => score.shots += 1,
                SceneEvent::ShipHit { by_own: true, .. } => score.hits += 1,
                _ => {}
            }
        }
    }
}

/// Flies from one place of the arena to another, and never rests.
#[derive(Debug)]
pub(super) struct Wanderer {
    size: Vec2,
    rng: Pcg64Mcg,
    goal: Vec2,
}

impl Wanderer {
    /// One in an arena of this size.
    pub(super) fn new(size: Vec2, seed: u64) -> Self {
        Self { size, rng: Pcg64Mcg::seed_from_u64(seed), goal: size / 2.0 }
    }
}

impl Helm for Wanderer {
    fn steer(&mut self, view: &View<'_>) -> PlayerInput {
        let Some(own) = view.scene.ships.iter().find(|ship| ship.own) else {
            return PlayerInput::RESPAWN;
        };
        while own.position.distance(self.goal) < 150.0 {
            let place = Vec2::new(self.rng.random_range(0.1..0.9), self.rng.random_range(0.1..0.9));
            self.goal = place * self.size;
        }
        let way = self.goal - own.position;
        PlayerInput { buttons: PlayerInput::towards(way), aim: Angle::of(way) }
    }
}
