//! The rules of tag, which both ends compute: one player is "it", and passes that on by touching another.

pub mod client;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::prelude::*;

/// How fast a runner comes to its speed: the share of what is missing that it gains, per second.
const AGILITY: f32 = 8.0;
/// A bot flees from "it" within this distance, in units.
const FEAR: f32 = 420.0;

/// The game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag;

/// An arena: a rectangle with a wall around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arena {
    /// Shown to players.
    pub name: String,
    /// Width and height, in units.
    #[schemars(with = "[f32; 2]")]
    pub size: Vec2,
    /// Of a runner's body, in units.
    pub radius: f32,
    /// Of a runner, in units a second.
    pub speed: f32,
    /// The speed of "it", as a multiple of that.
    pub it_speed: f32,
    /// How long a player who was touched cannot touch others, in seconds.
    pub grace_seconds: f32,
}

/// A player's body: all of it is predicted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Runner {
    /// Where it is.
    pub motion: Motion,
    /// Whether it is "it".
    pub is_it: bool,
}

/// What others see of a runner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Look {
    /// Whether it is "it".
    pub is_it: bool,
    /// Whether it cannot touch others yet.
    pub waits: bool,
}

impl Runner {
    /// What others see of it. Whether "it" still `waits` is the server's to know.
    pub fn look(&self, waits: bool) -> Look {
        Look { is_it: self.is_it, waits: self.is_it && waits }
    }
}

/// A player has become "it": everyone is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tagged {
    /// Who.
    pub it: PlayerId,
    /// Who was it before.
    pub by: PlayerId,
}

/// What a bot wants: it chases a near one while it is "it", flees from "it" when that is near, and strolls otherwise.
pub fn bot(own: &Runner, others: impl Iterator<Item = (Vec2, bool)>, mood: f32) -> Stick {
    let ways = others.map(|(place, is_it)| (place - own.motion.position, is_it));
    let seen = ways.filter(|(way, is_it)| own.is_it || *is_it && way.length() < FEAR).map(|(way, _)| way);
    // Rather where its mood draws it: or two bots would pass it on to each other for ever.
    let cost = |way: &Vec2| way.length() - 400.0 * way.normalize_or_zero().dot(Vec2::from_angle(mood));
    match seen.min_by(|a, b| cost(a).total_cmp(&cost(b))) {
        Some(way) if own.is_it => Stick::towards(way),
        Some(way) => Stick::towards(Vec2::from_angle(0.6).rotate(-way)),
        None => Stick::towards(Vec2::from_angle(mood) * 0.5),
    }
}

impl game_trait::Arena for Arena {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> Vec2 {
        self.size
    }

    fn validate(&self) -> Result<(), RuleError> {
        within("size.x", self.size.x, 512.0, 8192.0, "512 to 8192")?;
        within("size.y", self.size.y, 512.0, 8192.0, "512 to 8192")?;
        within("radius", self.radius, 8.0, 64.0, "8 to 64")?;
        within("speed", self.speed, 50.0, 800.0, "50 to 800")?;
        within("it_speed", self.it_speed, 1.0, 2.0, "1 to 2")?;
        within("grace_seconds", self.grace_seconds, 0.1, 10.0, "0.1 to 10")
    }
}

impl Game for Tag {
    const NAME: &'static str = "tag";
    const PROTOCOL_VERSION: u64 = 3;
    type Arena = Arena;
    type Input = Stick;
    type Own = Option<Runner>;
    type Look = Look;
    type Item = ();
    type Event = u8;
    type Notice = Tagged;
    type FeedEvent = ();
    type Map = TickMap<Arena>;
    type Avatar = Runner;
    type Outcome = ();

    fn avatar(own: &Option<Runner>) -> Option<Runner> {
        *own
    }

    fn motion(runner: &Runner) -> Motion {
        runner.motion
    }

    fn step_avatar(runner: &mut Runner, stick: Stick, TickMap { arena, dt }: &TickMap<Arena>) {
        let speed = if runner.is_it { arena.speed * arena.it_speed } else { arena.speed };
        let Motion { position, velocity } = &mut runner.motion;
        *velocity += (stick.way() * speed - *velocity) * (AGILITY * dt).min(1.0);
        let (free, wall) = (*position + *velocity * *dt, Vec2::splat(arena.radius));
        *position = free.clamp(wall, arena.size - wall);
        // A wall stops what goes into it.
        *velocity = Vec2::select(position.cmpeq(free), *velocity, Vec2::ZERO);
    }
}
