//! A client that flies one of the ships over an uneven network: what it predicts, interpolates and draws.

use client_web::game::{Session, scene::Scene};
use shared::{
    Vec2,
    engine::{
        checksum::Checksum,
        ids::PlayerId,
        protocol::{decode_client, quantize},
    },
    game::{
        ember::{Ember, PlacedEmber},
        protocol::{CellChange, ClientMessage, Event, ShotRecord},
        shot::ShotId,
    },
};

use crate::{
    scripted::{self, Random, ScriptedServer, Viewer},
    tally::Tally,
};

/// Whose ship it flies.
const ID: PlayerId = PlayerId(2);
const DRAWN_EVERY_MS: f64 = 1000.0 / 60.0;

pub(crate) struct Player {
    session: Session,
    viewer: Viewer,
    scene: Scene,
    ticks: u32,
    drawn_ms: f64,
    /// Of all messages that it sent and all that it drew.
    sum: Checksum,
}

impl Player {
    /// Joins an arena.
    #[inline(never)]
    pub(crate) fn join(server: &ScriptedServer) -> Result<Self, String> {
        let mut session = Session::new("Course");
        session.handle_message(&server.welcome(ID), 0.0).map_err(|error| error.to_string())?;
        Ok(Self {
            session,
            viewer: Viewer::default(),
            scene: Scene::default(),
            ticks: 0,
            drawn_ms: 0.0,
            sum: Checksum::default(),
        })
    }

    /// Sends an input before the server's step. One in five is lost, so that predictions are corrected.
    #[inline(never)]
    pub(crate) fn send(&mut self, server: &mut ScriptedServer, random: &mut Random) {
        announce(server, self.ticks);
        self.session.advance(self.tick_ms(server), random.input());
        while let Some(message) = self.session.poll_transmit() {
            self.sum.bytes(&message);
            if let Ok(ClientMessage::Input { tick, input, .. }) = decode_client(&message)
                && !self.ticks.is_multiple_of(5)
            {
                server.on_input(ID, tick, input);
            }
        }
    }

    /// Receives the frame after the server's step, late by up to a tick, and draws until then.
    #[inline(never)]
    pub(crate) fn receive(
        &mut self,
        server: &ScriptedServer,
        random: &mut Random,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let late = f64::from(random.next() % 32) / 32.0;
        let arrival_ms = self.tick_ms(server) + late * server.tick_ms();
        self.draw_until(arrival_ms, tally);
        self.ticks += 1;
        let frame = scripted::bytes(server.frame(ID, &mut self.viewer));
        self.session.handle_message(&frame, arrival_ms).map_err(|error| error.to_string())?;
        let stats = self.session.stats();
        self.sum.float(stats.prediction_error);
        tally.corrections += u32::from(stats.prediction_error > 0.0);
        match stats.checksum_mismatches {
            0 => Ok(()),
            _ => Err(format!("the client's cells differ from the server's after {} ticks", self.ticks)),
        }
    }

    #[inline(never)]
    fn draw_until(&mut self, now_ms: f64, tally: &mut Tally) {
        while self.drawn_ms < now_ms {
            self.drawn_ms += DRAWN_EVERY_MS;
            self.session.scene(self.drawn_ms, &mut self.scene);
            draw(&mut self.sum, &self.scene);
            tally.drawn_ships += self.scene.ships.len() as u32;
            tally.drawn_shots += self.scene.shots.len() as u32;
        }
    }

    fn tick_ms(&self, server: &ScriptedServer) -> f64 {
        f64::from(self.ticks) * server.tick_ms()
    }

    /// Takes in what it has sent and drawn so far.
    pub(crate) fn sum(&self, sum: &mut Checksum) {
        sum.bytes(&self.sum.finish().to_le_bytes());
    }
}

/// Announces a shot and an ember near one of the ships.
fn announce(server: &mut ScriptedServer, tick: u32) {
    let grid = server.terrain.grid();
    let shooter = &server.actors[tick as usize % server.actors.len()];
    let at = quantize(shooter.flight.motion.position, grid);
    let shot = ShotRecord {
        id: ShotId(tick as u16),
        owner: shooter.id,
        x: at.x,
        y: at.y,
        direction: shooter.input.aim,
        ticks_left: 25,
    };
    server.extra.push((at.cell, CellChange::Events(vec![Event::Shot(shot)].into())));
    let ember = PlacedEmber { x: tick as u8, y: (tick / 256) as u8, item: Ember(1) };
    server.extra.push((at.cell, CellChange::ItemsAdded(vec![ember].into())));
}

#[inline(never)]
fn draw(sum: &mut Checksum, scene: &Scene) {
    let mut place = |place: Vec2| [place.x, place.y].into_iter().for_each(|number| sum.float(number));
    place(scene.camera);
    for ship in &scene.ships {
        place(ship.position);
        place(ship.velocity);
        place(Vec2::new(ship.aim_radians, 0.0));
    }
    for shot in &scene.shots {
        place(shot.position);
        place(Vec2::new(shot.direction_radians, 0.0));
    }
    for ember in &scene.embers {
        place(ember.position);
        place(Vec2::new(ember.phase, 0.0));
    }
    sum.word(scene.events.len() as u32);
}
