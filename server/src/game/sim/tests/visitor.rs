//! Players that are scripts, in place of people: one that does nothing, a beginner, and one of medium skill.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::engine::{body::Motion, ids::CellIndex};

use super::*;

/// How a visitor plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Skill {
    /// Does nothing.
    Passive,
    /// Flies to the nearest ember, decides late, aims badly, and neither dodges nor flees.
    Beginner,
    /// Decides twice as often, aims ahead of its target, keeps away from larger ships, and flees when it is hurt.
    Medium,
}

/// A visitor at the controls of its ship.
pub(super) struct Visitor {
    skill: Skill,
    random: Pcg64Mcg,
    goal: Vec2,
    enemy: Option<Motion>,
    is_fleeing: bool,
    error: f32,
}

/// How far it looks for embers and for ships, in units.
const EMBER_SIGHT: f32 = 300.0;
const ENEMY_SIGHT: f32 = 450.0;
/// Share of the health below which a player of medium skill flees.
const HURT: f32 = 0.45;

impl Visitor {
    pub(super) fn new(skill: Skill, seed: u64) -> Self {
        let random = Pcg64Mcg::seed_from_u64(seed);
        Self { skill, random, goal: Vec2::ZERO, enemy: None, is_fleeing: false, error: 0.0 }
    }

    /// What it does with its ship in this tick.
    pub(super) fn play(&mut self, ship: &Ship, sim: &Simulation) -> PlayerInput {
        let place = ship.flight.motion.position;
        let interval = match self.skill {
            Skill::Passive => return PlayerInput::default(),
            Skill::Beginner => RATE / 2,
            Skill::Medium => RATE / 4,
        };
        if sim.world().tick.0.is_multiple_of(interval.into()) {
            self.decide(ship, sim);
        }
        let target = self.enemy.map(|enemy| {
            let to = enemy.position - place;
            let ahead = if self.skill == Skill::Medium { to.length() / 880.0 } else { 0.0 };
            to + enemy.velocity * ahead
        });
        let way = if self.is_fleeing { -target.unwrap_or(Vec2::X) } else { self.goal - place };
        let aim = target.unwrap_or(way);
        PlayerInput {
            buttons: PlayerInput::towards(way)
                .with(Buttons::FIRE, target.is_some())
                .with(Buttons::BOOST, self.is_fleeing && ship.flight.embers > 5),
            aim: Angle::of(aim).turned(Angle::from_radians(self.error)),
        }
    }

    fn decide(&mut self, ship: &Ship, sim: &Simulation) {
        let (world, terrain) = (sim.world(), sim.terrain());
        let (place, grid, rules) = (ship.flight.motion.position, terrain.grid(), &terrain.arena().rules);
        let far = |at: &Vec2| at.distance(place);
        let embers = grid.cells(grid.window(place, Vec2::splat(EMBER_SIGHT)));
        let places = embers.flat_map(|cell: CellIndex| {
            world.embers.in_cell(cell).iter().map(move |ember| ember.place(cell, grid))
        });
        self.goal = places
            .min_by(|a, b| far(a).total_cmp(&far(b)))
            .unwrap_or(terrain.arena().size * Vec2::new(self.random.random(), self.random.random()));
        let others = world.in_order().filter_map(Pilot::ship).filter(|other| *other != ship);
        let near = others
            .filter(|other| far(&other.flight.motion.position) < ENEMY_SIGHT)
            .min_by(|a, b| far(&a.flight.motion.position).total_cmp(&far(&b.flight.motion.position)));
        self.enemy = near.map(|other| other.flight.motion);
        let tier = |ship: &Ship| rules.tier(ship.flight.embers);
        self.is_fleeing = self.skill == Skill::Medium
            && near.is_some_and(|other| {
                ship.health < HURT * rules.hull(ship.flight.embers).health || tier(other) > tier(ship) + 1
            });
        let error = if self.skill == Skill::Medium { 0.1 } else { 0.3 };
        self.error = self.random.random_range(-error..error);
    }
}
