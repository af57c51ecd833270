//! What a player of tag sees, and what its controls mean.

use client_web::prelude::*;
use shared::prelude::*;

use crate::{Arena, Look, Tag, Tagged};

/// What one player sees.
#[derive(Debug)]
pub struct TagView {
    radius: f32,
    /// Who has become "it" last, in words.
    news: String,
}

impl View for TagView {
    type Game = Tag;
    type Scene = Picture;

    fn new(_: PlayerId, map: &TickMap<Arena>, _: u16) -> Self {
        Self { radius: map.arena.radius, news: String::new() }
    }

    fn on_notice(&mut self, Tagged { it, by }: &Tagged, roster: &Roster) {
        self.news = format!("{} tagged {}", roster.name(*by), roster.name(*it));
    }

    fn draw(&mut self, moment: &Moment<'_, Tag>, _: &Replica<Tag>, picture: &mut Picture) {
        let mut runner = |id: PlayerId, place: Vec2, Look { is_it, waits }: Look| {
            if is_it {
                let colour = if waits { Colour::WARM.faded(0.5) } else { Colour::BAD };
                picture.ring(place, self.radius + 7.0, 5.0, colour);
            }
            picture.circle(place, self.radius, Colour::player(moment.roster.colour(id)));
            picture.label(place, self.radius, &moment.roster.name(id), Colour::TEXT);
        };
        for (id, pose) in moment.others() {
            runner(id, pose.position, pose.look);
        }
        let look = moment.avatar.map_or(Look::default(), |own| own.look(false));
        if let Some(own) = moment.own {
            runner(moment.me, own.position, look);
            picture.ring(own.position, self.radius - 3.0, 3.0, Colour::OWN);
        }
        picture.status(if look.is_it { "You are it: touch another player" } else { &self.news });
    }
}

impl Page for TagView {
    const TITLE: &'static str = "Tag";
    const HINT: &'static str = "One player is it. Stay free for as long as you can.";

    fn input(controls: &Controls) -> Stick {
        Stick::towards(controls.direction)
    }

    fn score(seconds: u32) -> String {
        format!("{seconds} s")
    }
}

/// Starts the page that loaded this module.
#[cfg(all(target_arch = "wasm32", not(feature = "determinism")))]
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn main() {
    client_web::web::shell::page::start::<TagView>();
}
