//! The mark that points to the leader while it is out of sight. It must not know why somebody leads.

use shared::{Vec2, game::terrain::Terrain};
use web_sys::HtmlElement;

use crate::game::scene::{Life, Minimap};
use crate::web::shell::dom::{Result, Shown, element};

/// How far from the middle the mark goes, as a share of the page's width and height.
const REACH: Vec2 = Vec2::new(0.30, 0.31);

/// The mark.
pub(in crate::web) struct Compass {
    mark: HtmlElement,
    visible: Shown<bool>,
    size: Vec2,
    view: Vec2,
}

impl Compass {
    /// Finds it on the page.
    pub(in crate::web) fn new() -> Result<Self> {
        Ok(Self {
            mark: element("compass")?,
            visible: Shown::by_id("compass")?,
            size: Vec2::ONE,
            view: Vec2::ONE,
        })
    }

    /// Shows the way in this arena from now on.
    pub(in crate::web) fn enter(&mut self, terrain: &Terrain) {
        let arena = terrain.arena();
        (self.size, self.view) = (arena.size, arena.rules.view);
    }

    /// Points from the own ship to the leader.
    pub(in crate::web) fn update(&mut self, map: &Minimap, life: &Life) -> Result<()> {
        let way = match (map.own, map.beacon) {
            (Some(own), Some(beacon)) if *life == Life::Alive => (beacon - own) * self.size,
            _ => Vec2::ZERO,
        };
        let is_far = way.abs().cmpgt(self.view).any();
        if is_far {
            let way = way.normalize();
            let share = Vec2::new(0.5 + way.x * REACH.x, 0.5 - way.y * REACH.y) * 100.0;
            let turn = -way.to_angle();
            let place = format!("translate({:.1}vw, {:.1}vh) rotate({turn:.2}rad)", share.x, share.y);
            self.mark.style().set_property("transform", &place)?;
        }
        self.visible.visible(is_far);
        Ok(())
    }
}
