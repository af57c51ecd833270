//! Tag's brain: a load bot wants what a bot of tag's own server wants. Lite bots see no other runners, so they stroll.

use client_web::engine::view::NoView;
use shared::engine::input::Stick;
use tag::Tag;

use crate::client::{Brain, Role, Sight};

/// Ticks for which a bot strolls one way.
const STROLL_TICKS: u32 = 60;

/// The brain.
#[derive(Debug)]
pub struct TagBrain {
    /// In radians: bots stroll in different directions.
    mood: f32,
}

impl Brain for TagBrain {
    type Game = Tag;
    /// Nothing lies about in tag.
    type View = NoView<Tag>;

    fn new(seed: u64, number: u32, _: Role) -> Self {
        Self { mood: (seed % 1000) as f32 + number as f32 * 2.4 }
    }

    fn think(&mut self, sight: &Sight<'_, Self>) -> Stick {
        let Some(own) = sight.avatar() else { return Stick::default() };
        let others = sight.bodies().map(|body| (body.position, body.look.is_it));
        tag::bot(&own, others, self.mood + (sight.tick.0 / STROLL_TICKS) as f32)
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        Vec2,
        engine::{body::Motion, ids::Tick},
    };
    use tag::Runner;

    use super::*;

    fn ways(seed: u64, number: u32, own: Option<Runner>) -> Vec<Vec2> {
        let mut brain = TagBrain::new(seed, number, Role::Roam);
        let mut way = |tick| brain.think(&Sight::of_lite(&own, Tick(tick), Vec2::splat(2000.0), true)).way();
        (0..4 * STROLL_TICKS).map(&mut way).collect()
    }

    #[test]
    fn lite_bot_strolls_and_turns_now_and_then() {
        let motion = Motion { position: Vec2::splat(700.0), velocity: Vec2::ZERO };
        let own = Some(Runner { motion, is_it: false });
        let strolled = ways(1, 2, own);
        assert!(strolled.iter().all(|way| way.length() > 0.4), "{strolled:?}");
        assert_eq!(strolled.windows(2).filter(|pair| pair[0] != pair[1]).count(), 3);
        assert_eq!(strolled, ways(1, 2, own));
        assert_ne!(strolled, ways(1, 3, own));
    }

    #[test]
    fn bot_without_a_body_wants_nothing() {
        assert!(ways(1, 2, None).iter().all(|way| *way == Vec2::ZERO));
    }
}
