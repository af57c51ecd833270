//! From where the own ship was hit: arcs around it that fade. It must not know how the game finds out.

use shared::Vec2;

use super::{
    DANGER, Ink,
    atlas::{ARC_RADIUS_EMS, Mark},
};
use crate::game::scene::{Scene, SceneEvent};
use crate::web::shell::canvas::View;

/// A hit is told of for so long, in seconds.
const HIT_SECONDS: f32 = 0.9;
/// Hits told of at once; of more the oldest are left out.
const HITS_MAX: usize = 8;

/// Hits, as they are shown.
#[derive(Debug, Default)]
pub(in crate::web) struct Hits {
    /// From where they came, in radians, and how long ago, in seconds.
    hits: Vec<(f32, f32)>,
}

impl Hits {
    /// Takes new ones in and draws all, `passed` seconds after the last time.
    pub(in crate::web) fn draw(&mut self, view: &View, scene: &Scene, passed: f32, ink: &mut Ink) {
        let Some(own) = scene.ships.iter().find(|ship| ship.own).map(|ship| ship.position) else {
            return self.hits.clear();
        };
        self.hits.iter_mut().for_each(|(_, age)| *age += passed);
        self.hits.retain(|(_, age)| *age < HIT_SECONDS);
        for event in &scene.events {
            if let SceneEvent::ShipHit { position, own: true, .. } = event
                && *position != own
            {
                self.hits.push(((*position - own).to_angle(), 0.0));
            }
        }
        let surplus = self.hits.len().saturating_sub(HITS_MAX);
        self.hits.drain(..surplus);

        let arc = ink.atlas.mark(Mark::Arc);
        let radius = ARC_RADIUS_EMS * ink.em - arc.size.y / 2.0;
        for (from, age) in &self.hits {
            let left = 1.0 - age / HIT_SECONDS;
            // Down the page y grows.
            let way = Vec2::from_angle(-from);
            let centre = view.to_page(own) * ink.ratio + way * radius;
            let turn = from - core::f32::consts::FRAC_PI_2;
            ink.put(centre, arc.size / 2.0, arc, turn, DANGER, left * left);
        }
    }
}
