//! Counts of what happened on the course: one on which nothing happens would agree with anything.

use std::fmt;

use shared::{
    Vec2,
    engine::{body::Motion, protocol::quantize},
    game::{collision, rules::TIERS, terrain::Terrain},
};

use crate::scripted::Actor;

/// How often each thing happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Ships in touch with a rock.
    pub(crate) rocks_touched: u32,
    /// Ships in touch with a block.
    pub(crate) blocks_touched: u32,
    /// Ships in touch with a wall.
    pub(crate) walls_touched: u32,
    /// Ships that boosted.
    pub(crate) boosts: u32,
    /// Ships faster than their top speed, which shed speed.
    pub(crate) overspeeds: u32,
    /// Embers burnt.
    pub(crate) burnt: u32,
    /// Embers gathered.
    pub(crate) gathered: u32,
    /// Ships that went from one cell into another.
    pub(crate) crossings: u32,
    /// Shots fired.
    pub(crate) shots: u32,
    /// Shots that ended on a rock.
    pub(crate) rock_strikes: u32,
    /// Shots that ended on a block.
    pub(crate) block_strikes: u32,
    /// Shots that ended on a wall.
    pub(crate) wall_strikes: u32,
    /// Shots that met a ship.
    pub(crate) hits: u32,
    /// Shots that met nothing in their time.
    pub(crate) misses: u32,
    /// Frames after which the client corrected its prediction.
    pub(crate) corrections: u32,
    /// Ships that the client drew.
    pub(crate) drawn_ships: u32,
    /// Shots that the client drew.
    pub(crate) drawn_shots: u32,
    /// Ticks flown by each hull.
    pub(crate) hulls: [u32; TIERS],
}

impl Tally {
    /// Takes in what a ship has just done.
    #[inline(never)]
    pub(crate) fn look(&mut self, ship: &Actor, before: &Actor, terrain: &Terrain) {
        let (rules, flight) = (&terrain.arena().rules, ship.flight);
        let Motion { position, velocity } = flight.motion;
        let cell_of = |position| quantize(position, terrain.grid()).cell;
        // As it was flown; what it burnt may have made it smaller since.
        let hull = rules.hull(before.flight.embers);
        let low = position.min_element() <= hull.radius;
        let high = (terrain.arena().size - position).min_element() <= hull.radius;
        let on_rock = terrain
            .rocks_near(position)
            .iter()
            .any(|rock| collision::overlap(position, hull.radius + 0.01, rock.centre, rock.radius).is_some());
        let on_block = touches_block(position, hull.radius, terrain);
        let top_speed = hull.top_speed * if ship.boosting { rules.boost.top_speed } else { 1.0 };
        self.rocks_touched += u32::from(on_rock);
        self.blocks_touched += u32::from(on_block);
        self.walls_touched += u32::from(low || high);
        self.boosts += u32::from(ship.boosting);
        self.overspeeds += u32::from(velocity.length() > top_speed * 1.001);
        self.burnt += before.flight.embers - flight.embers;
        self.crossings += u32::from(cell_of(position) != cell_of(before.flight.motion.position));
        self.hulls[rules.tier(before.flight.embers)] += 1;
    }

    fn counts(&self) -> [(&'static str, u32); 24] {
        let [scout, courier, corsair, cruiser, warden, dreadnought, leviathan] = self.hulls;
        [
            ("rocks touched", self.rocks_touched),
            ("blocks touched", self.blocks_touched),
            ("walls touched", self.walls_touched),
            ("boosts", self.boosts),
            ("overspeeds", self.overspeeds),
            ("embers burnt", self.burnt),
            ("embers gathered", self.gathered),
            ("cells crossed", self.crossings),
            ("shots", self.shots),
            ("strikes on rocks", self.rock_strikes),
            ("strikes on blocks", self.block_strikes),
            ("strikes on walls", self.wall_strikes),
            ("hits", self.hits),
            ("misses", self.misses),
            ("corrections", self.corrections),
            ("ships drawn", self.drawn_ships),
            ("shots drawn", self.drawn_shots),
            ("flights of hull 0", scout),
            ("of hull 1", courier),
            ("of hull 2", corsair),
            ("of hull 3", cruiser),
            ("of hull 4", warden),
            ("of hull 5", dreadnought),
            ("of hull 6", leviathan),
        ]
    }

    /// The first thing that never happened.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        self.counts().into_iter().find(|(_, count)| *count == 0).map(|(name, _)| name)
    }
}

/// Whether a circle is in touch with a block.
pub(crate) fn touches_block(centre: Vec2, radius: f32, terrain: &Terrain) -> bool {
    let mut blocks = terrain.blocks_near(centre).iter();
    blocks.any(|block| collision::overlap_box(centre, radius + 0.01, block.centre, block.half).is_some())
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts().map(|(name, count)| format!("{count} {name}"));
        f.write_str(&counts.join(", "))
    }
}
