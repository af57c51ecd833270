//! From what a session knows to a scene: all that a player looks at and a load bot does not need.

use shared::{
    Vec2,
    engine::{
        ids::{CellIndex, PlayerId, Tick},
        roster::{Leaderboard, PartyMember, PlayerKind},
    },
    game::{
        Emberdrift, Map,
        ember::PlacedEmber,
        flight::Flight,
        mode::Mode,
        protocol::{
            Announcement, CellChange, CellState, Death, Event, OwnShip, PilotState, Status, ViewerState,
        },
        rules::Rules,
        shot::KilledBy,
    },
};

use super::{
    collecting,
    hud::{self, Scoreboard},
    life_stats::LifeStats,
    scene::{Killer, Life, Scene, SceneEmber, ScenePickup, SceneShip},
    world_events::{WorldEvents, phase},
};
use crate::engine::{
    page::camera::{Camera, Target},
    replica,
    roster::Roster,
    view::{self, View},
};

type Moment<'a> = view::Moment<'a, Emberdrift>;
type OwnStep<'a> = view::OwnStep<'a, Emberdrift>;
type Replica = replica::Replica<Emberdrift>;

/// How far below the killer the camera looks, in halves of the view's height.
const CARD_SHARE: f32 = 0.3;

/// What this game's session shows.
#[derive(Debug)]
pub struct ViewModel {
    tick_rate: f64,
    events: WorldEvents,
    scoreboard: Scoreboard,
    camera: Camera,
    life: LifeStats,
    is_alive: bool,
    /// Until when the own ship is dead, or was the last time: each death has another tick.
    dead_until: Option<Tick>,
}

impl View for ViewModel {
    type Game = Emberdrift;
    type Scene = Scene;

    fn new(me: PlayerId, map: &Map, tick_rate: u16) -> Self {
        Self {
            tick_rate: f64::from(tick_rate),
            events: WorldEvents::new(me, tick_rate),
            scoreboard: Scoreboard::new(me, map.terrain.arena().mode),
            camera: Camera::default(),
            life: LifeStats::default(),
            is_alive: false,
            dead_until: None,
        }
    }

    fn take_items(
        ship: &mut Flight,
        map: &Map,
        replica: &Replica,
        taken: &mut Vec<(CellIndex, PlacedEmber)>,
    ) {
        collecting::collect(ship, map, replica, taken);
    }

    fn on_step(&mut self, step: OwnStep<'_>) {
        let OwnStep { tick, input, outcome, avatar, taken, rewind, present_ms, map } = step;
        if outcome.fired {
            self.events.fire(tick, avatar, input.aim, rewind, map);
        }
        self.events.collect(taken, present_ms, map.terrain.grid());
    }

    fn on_change(
        &mut self,
        index: CellIndex,
        change: &CellChange<'_>,
        cell: &CellState,
        moment: &Moment<'_>,
    ) {
        self.events.on_change(index, change, cell, moment);
        if let CellChange::Events(events) = change {
            for event in events.iter() {
                if let Event::Death(Death { ship, by: Some(kill), .. }) = event {
                    self.scoreboard.add_kill(*ship, *kill, moment.roster);
                }
            }
        }
    }

    fn on_notice(&mut self, notice: &Announcement, roster: &Roster) {
        match *notice {
            Announcement::Killed { victim, kill } => self.scoreboard.add_kill(victim, kill, roster),
            Announcement::Teams(scores) => self.scoreboard.set_team_scores(scores),
            Announcement::Duel(duel) => self.scoreboard.set_duel(duel),
        }
    }

    fn on_leaderboard(&mut self, leaderboard: &Leaderboard, roster: &Roster) {
        self.scoreboard.update(leaderboard, roster);
    }

    fn on_frame(&mut self, tick: Tick, _: f64, viewer: &ViewerState) {
        self.events.end_frame(tick);
        if let ViewerState::Player { rank, own: PilotState::Alive(own) } = viewer {
            if !self.is_alive {
                self.life = LifeStats::default();
                self.events.spawn(own.motion.position);
            }
            self.life.update(*rank);
            self.is_alive = true;
        } else {
            self.is_alive = false;
            if let ViewerState::Player { own: PilotState::Dead { until, by: Some(by), .. }, .. } = viewer
                && self.dead_until.replace(*until) != Some(*until)
            {
                self.scoreboard.set_nemesis(by.player);
            }
        }
    }

    fn draw(&mut self, moment: &Moment<'_>, replica: &Replica, out: &mut Scene) {
        let &Moment { viewer, roster, leaderboard, map: Map { terrain, .. }, .. } = moment;
        let arena = terrain.arena();
        self.camera.update(camera_target(moment), moment.now_ms);
        out.camera = self.camera.position().unwrap_or(arena.size / 2.0);

        let pilot = moment.own_state();
        let own_ship = pilot.and_then(PilotState::ship);
        draw_ships(moment, own_ship, self.scoreboard.nemesis(), &mut out.ships);
        out.roster.clone_from(roster);

        self.events.draw_shots(moment, out);
        draw_embers_at_rest(moment, replica, out);
        self.events.draw_embers(moment, out);
        self.events.drain_into(moment, &mut out.events);

        self.scoreboard.fill(&mut out.hud, leaderboard, arena.size, terrain.grid());
        hud::fill_own(&mut out.hud, own_ship, moment.avatar, &arena.rules, self.tick_rate);
        out.hud.rank = match viewer {
            Some(ViewerState::Player { rank, own: PilotState::Alive(_) }) => *rank,
            _ => 0,
        };
        let own_team = arena.mode.team(roster.colour(moment.me));
        self.scoreboard.fill_teams(&mut out.hud, viewer.and_then(ViewerState::own).and(own_team));
        let others = out.ships.iter().filter(|ship| !ship.own);
        out.hud.minimap.ships.clear();
        out.hud
            .minimap
            .ships
            .extend(others.filter_map(|ship| Some((ship.position / arena.size, ship.team?))));
        out.hud.minimap.friends.clear();
        let share = |(x, y): (u8, u8)| Vec2::new(f32::from(x), f32::from(y)) / 255.0;
        // Where it is drawn, if it is in view: the rest is as of the last second.
        let place = |friend: &PartyMember| {
            let shown = moment.bodies.pose_at(friend.player, moment.render_ms);
            shown.map(|pose| pose.position / arena.size).or(friend.at.map(share))
        };
        out.hud.minimap.friends.extend(moment.party.iter().filter_map(place));
        out.hud.minimap.own = moment.own.map(|motion| motion.position / arena.size);
        let seconds_to = |tick: Tick| {
            let then_ms = f64::from(tick.0) * 1000.0 / self.tick_rate;
            ((then_ms - moment.present_ms) / 1000.0).max(0.0) as f32
        };
        self.scoreboard.fill_duel(&mut out.hud, roster, seconds_to);
        let is_duel = matches!(arena.mode, Mode::Duel { .. });
        out.hud.life = match pilot {
            None | Some(PilotState::Idle { .. } | PilotState::Watching { .. }) => Life::Waiting,
            Some(PilotState::Alive(_)) => Life::Alive,
            // The next round comes by itself.
            Some(PilotState::Dead { .. }) if is_duel && !self.scoreboard.is_after_match() => Life::Waiting,
            Some(PilotState::Dead { until, life, by }) => Life::Dead {
                respawn_seconds: seconds_to(*until),
                by: by.map(|by| killer(by, &arena.rules, roster)),
                summary: self.life.summary(life, &arena.rules, self.tick_rate),
            },
        };
    }
}

/// The killer as it was then: it flies on, and may be larger or smaller by now.
fn killer(KilledBy { player, embers }: KilledBy, rules: &Rules, roster: &Roster) -> Killer {
    let (name, kind) = (roster.name(player), roster.kind(player));
    Killer { name, kind, tier: rules.tier(embers) as u8, embers }
}

fn camera_target(moment: &Moment<'_>) -> Target {
    let position = |id: PlayerId| moment.bodies.pose_at(id, moment.render_ms).map(|pose| pose.position);
    let target = match (moment.own, moment.viewer) {
        (Some(motion), _) => Some(Target::Own(motion.position)),
        (None, Some(ViewerState::Spectator { target: Some(id) })) => position(*id).map(Target::Watched),
        (None, Some(ViewerState::Player { own: PilotState::Watching { target: Some(id) }, .. })) => {
            position(*id).map(Target::Watched)
        }
        (None, Some(ViewerState::Player { own: PilotState::Dead { by: Some(by), .. }, .. })) => {
            // The killer is shown in the upper half: the card is in the lower one.
            let below = Vec2::Y * moment.map.terrain.arena().rules.view.y * CARD_SHARE;
            position(by.player).map(|position| Target::Towards(position - below))
        }
        _ => None,
    };
    target.unwrap_or(Target::Stay)
}

fn draw_ships(
    moment: &Moment<'_>,
    own_ship: Option<&OwnShip>,
    nemesis: Option<PlayerId>,
    out: &mut Vec<SceneShip>,
) {
    let &Moment { me, roster, map: Map { terrain, .. }, .. } = moment;
    let (rules, mode) = (&terrain.arena().rules, terrain.arena().mode);
    let leader = moment.leaderboard.top.first().map(|row| row.player);
    out.clear();
    out.extend(moment.others().map(|(id, pose)| SceneShip {
        id,
        position: pose.position,
        velocity: pose.velocity,
        aim_radians: pose.aim_radians,
        radius: rules.hulls[pose.look.status.tier()].radius,
        health: f32::from(pose.look.health) / 255.0,
        status: pose.look.status,
        own: false,
        drone: roster.kind(id) == PlayerKind::Bot,
        leader: leader == Some(id),
        nemesis: nemesis == Some(id),
        colour: roster.colour(id),
        team: mode.team(roster.colour(id)),
    }));
    let (Some(motion), Some(ship)) = (moment.own, own_ship) else {
        return;
    };
    let flight = moment.avatar.copied().unwrap_or_else(|| ship.flight());
    let tier = rules.tier(flight.embers);
    let hull = &rules.hulls[tier];
    // Last, so that it is drawn above the others.
    out.push(SceneShip {
        id: me,
        position: motion.position,
        velocity: motion.velocity,
        aim_radians: moment.input.aim.radians(),
        radius: hull.radius,
        health: (ship.health / hull.health).clamp(0.0, 1.0),
        status: Status::new(tier, ship.boosting, ship.shielded).with_power_ups(flight.power_ups),
        own: true,
        drone: false,
        leader: leader == Some(me),
        nemesis: false,
        colour: roster.colour(me),
        team: mode.team(roster.colour(me)),
    });
}

fn draw_embers_at_rest(moment: &Moment<'_>, replica: &Replica, out: &mut Scene) {
    out.embers.clear();
    out.pickups.clear();
    // Not by `items`: a chain of iterators here is 1.5 kB more that the page downloads.
    for (cell, state) in replica.cells() {
        for ember in state.items.iter().filter(|ember| !moment.taken.contains(&(cell, **ember))) {
            let (position, phase) = (ember.place(cell, replica.grid()), phase(cell, *ember));
            match ember.item.pickup() {
                None => out.embers.push(SceneEmber { position, value: ember.item.0, phase }),
                Some(kind) => out.pickups.push(ScenePickup { position, kind, phase }),
            }
        }
    }
}
