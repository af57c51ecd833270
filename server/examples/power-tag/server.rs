//! The server of tag with power-ups: who is "it", for how long everyone else has been free, and where boosts lie.

use std::process::ExitCode;

use power_tag::{Arena, Look, Power, PowerTag, Runner, Tagged};
use serde::{Deserialize, Serialize};
use server::prelude::*;
use shared::prelude::*;

/// Seconds from one boost in the arena to the next, and how many lie there at most.
const BOOST_EVERY_SECONDS: u32 = 2;
const BOOSTS_MAX: usize = 12;
/// How long a boost lasts, in seconds.
const BOOST_SECONDS: u16 = 3;

/// What is kept besides the players.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Chase {
    it: Option<PlayerId>,
    /// "It" can touch no one before this tick.
    waits_until: Tick,
}

/// Ticks that a player has been free: now, and in its best time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Free {
    now: u32,
    best: u32,
}

impl Chase {
    /// The player that is "it" from this tick on, if that changes: the one that "it" touches, or the first when "it" has gone.
    fn next(&self, step: &Step<'_, Self>) -> Option<PlayerId> {
        let plays = |player: &&PlayerIn<Self>| player.idle_since.is_none();
        let it = self.it.and_then(|it| step.players.get(it)).filter(plays);
        let Some(it) = it else { return step.players.iter().find(plays).map(|player| player.id) };
        if step.now < self.waits_until {
            return None;
        }
        let place = it.state.avatar.motion.position;
        let others = step.players.iter().filter(plays).filter(|player| player.id != it.id);
        let ways = others.map(|other| (other.id, other.state.avatar.motion.position.distance(place)));
        let touched = ways.filter(|(_, way)| *way < 2.0 * step.map.arena.radius);
        touched.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(id, _)| id)
    }
}

impl Rules for Chase {
    type Game = PowerTag;
    type State = Free;

    const ABOUT: &'static str = "A server for tag with power-ups.";
    const BOTS: u16 = 6;

    fn arenas() -> Vec<BuiltIn> {
        vec![("yard".into(), include_str!("yard.ron").into())]
    }

    fn join(&mut self, id: PlayerId, map: &TickMap<Arena>) -> Member<Self> {
        // Spread over the arena, always the same for an id.
        let place = (Vec2::new(0.618_034, 0.754_878) * f32::from(id.0)).fract();
        let motion = Motion { position: map.arena.size * (0.1 + place * 0.8), velocity: Vec2::ZERO };
        Member { avatar: Runner { motion, is_it: false, boost: 0 }, state: Free::default() }
    }

    fn bot(bot: &PlayerIn<Self>, bodies: &[(PlayerId, Runner)], now: Tick) -> Stick {
        let others = bodies.iter().filter(|(id, _)| *id != bot.id);
        let mood = f32::from(bot.id.0) * 2.4 + (now.0 / 60) as f32;
        power_tag::bot(&bot.state.avatar, others.map(|(_, it)| (it.motion.position, it.is_it)), mood)
    }

    fn step(&mut self, step: &mut Step<'_, Self>) {
        if let Some(next) = self.next(step) {
            step.changes.notices.extend(self.it.map(|by| (Audience::Everyone, Tagged { it: next, by })));
            self.it = Some(next);
            let grace = step.map.arena.grace_seconds * f32::from(step.tick_rate);
            self.waits_until = step.now.after(grace as u32);
        }
        let is_time = step.now.0.is_multiple_of(BOOST_EVERY_SECONDS * u32::from(step.tick_rate));
        if is_time && step.items.len() < BOOSTS_MAX {
            let place = step.random_place(step.map.arena.radius);
            step.put_item(place, Power::Boost);
        }
        let (reach, ticks) = (step.map.arena.radius, BOOST_SECONDS * step.tick_rate);
        step.take_items(
            |_| Some(reach),
            |player, power| match power {
                Power::Boost => player.state.avatar.boost = ticks,
            },
        );
        for player in step.players.iter_mut() {
            let Member { avatar, state } = &mut player.state;
            avatar.is_it = self.it == Some(player.id);
            state.now = if avatar.is_it { 0 } else { state.now + 1 };
            state.best = state.best.max(state.now);
        }
    }

    fn look(&self, player: &PlayerIn<Self>, now: Tick) -> Option<Look> {
        Some(player.state.avatar.look(now < self.waits_until))
    }

    fn own(&self, player: &PlayerIn<Self>) -> Option<Runner> {
        Some(player.state.avatar)
    }

    fn score(player: &PlayerIn<Self>, tick_rate: u16) -> Option<u32> {
        Some(player.state.state.best / u32::from(tick_rate))
    }
}

fn main() -> ExitCode {
    program::main::<World<Chase>>()
}
