//! A value of each kind that this game sends, with a different value in every field.

use super::{Announcement, Death, Event, OwnShip, PilotState, ShipLook, ShotRecord, Status};
use crate::{
    engine::{
        body::Motion,
        ids::{PlayerId, Tick},
        input::{Angle, Buttons, PlayerInput},
        protocol::Samples,
    },
    game::{
        Emberdrift,
        arena::{Arena, Block, Rock},
        duel::{DuelPhase, DuelState},
        ember::Ember,
        flight::PowerUps,
        mode::{Mode, TeamScores},
        rules::{BoostRules, DroneRules, EmberRules, Hull, PickupRules, Rules, ShotRules},
        shot::{Hit, Kill, KilledBy, Lived, ShotId},
    },
};

impl Samples for Emberdrift {
    fn arena() -> Arena {
        let hull =
            Hull { embers: 1, radius: 2.0, health: 3.0, thrust: 4.0, top_speed: 5.0, shots: 6, reach: 7.0 };
        Arena {
            name: "sample".into(),
            size: glam::Vec2::new(3.0, 4.0),
            mode: Mode::Teams { count: 5 },
            rocks: vec![Rock { centre: glam::Vec2::new(5.0, 6.0), radius: 7.0 }],
            blocks: vec![Block { centre: glam::Vec2::new(7.0, 8.0), half: glam::Vec2::new(9.0, 10.0) }],
            rules: Rules {
                view: glam::Vec2::new(8.0, 9.0),
                drag: 10.0,
                bounce: 11.0,
                hulls: core::array::from_fn(|_| hull.clone()),
                boost: BoostRules { thrust: 12.0, top_speed: 13.0, embers_per_second: 14.0 },
                shot: ShotRules { speed: 15.0, life: 16.0, damage: 17.0, reload: 18.0, spread: 19.0 },
                embers: EmberRules {
                    supply: 20,
                    per_pilot: 21,
                    emit_per_second: 22.0,
                    at_spawn: 23,
                    smoulder_above: 24,
                    smoulder: 25.0,
                },
                pickups: PickupRules {
                    max: 26,
                    every_seconds: 27.0,
                    shield_seconds: 28.0,
                    rapid_seconds: 29.0,
                    rapid_reload: 30.0,
                    magnet_seconds: 31.0,
                    magnet_reach: 32.0,
                },
                drones: DroneRules {
                    sight: 33.0,
                    range: 34.0,
                    reaction_seconds: 35.0,
                    aim_error: 36.0,
                    turn: 37.0,
                    grace_seconds: 38.0,
                    newcomer_seconds: 42.0,
                },
                respawn_seconds: 39.0,
                shield_seconds: 40.0,
                regeneration_per_second: 41.0,
            },
        }
    }

    fn inputs() -> Vec<PlayerInput> {
        let input = |buttons, aim| PlayerInput { buttons: Buttons(buttons), aim: Angle(aim) };
        vec![input(3, 4000), input(63, 65_535)]
    }

    fn owns() -> Vec<PilotState> {
        let ship = OwnShip {
            motion: Motion { position: glam::Vec2::new(1.0, 2.0), velocity: glam::Vec2::new(3.0, -4.5) },
            embers: 5,
            burnt: 250,
            reload: 4,
            held: 400,
            power_ups: PowerUps { shield: 300, rapid: 9, magnet: 10 },
            health: 6.0,
            streak: 11,
            boosting: true,
            shielded: false,
        };
        let life = Lived { ticks: 400, embers: 300, kills: 2 };
        let dead = |by| PilotState::Dead { until: Tick(1), life, by };
        let watching = |target| PilotState::Watching { target };
        vec![
            PilotState::Alive(ship),
            dead(Some(KilledBy { player: PlayerId(2), embers: 260 })),
            dead(None),
            PilotState::Idle { embers: 5 },
            watching(Some(PlayerId(300))),
            watching(None),
        ]
    }

    fn looks() -> Vec<ShipLook> {
        vec![ShipLook { status: Status(6), health: 7 }]
    }

    fn items() -> Vec<Ember> {
        vec![Ember(3), Ember(253)]
    }

    fn events() -> Vec<Event> {
        let (x, y) = (3, 4);
        let shot = ShotRecord { id: ShotId(1), owner: PlayerId(2), x, y, direction: Angle(5), ticks_left: 6 };
        let kill = Kill { by: PlayerId(4), streak: 5, ended: 6 };
        vec![
            Event::Shot(shot),
            Event::Hit(Hit { shot: ShotId(1), ship: PlayerId(2) }),
            Event::Death(Death { ship: PlayerId(1), x: 2, y: 3, by: Some(kill) }),
        ]
    }

    fn notices() -> Vec<Announcement> {
        let kill = Kill { by: PlayerId(5), streak: 6, ended: 7 };
        let duel = DuelState {
            players: [Some(PlayerId(8)), None],
            wins: [3, 4],
            phase: DuelPhase::Lobby,
            ready: [true, false],
            waiting: 9,
        };
        let phases = [
            DuelPhase::Lobby,
            DuelPhase::Countdown { until: Tick(10) },
            DuelPhase::Fight,
            DuelPhase::Pause { until: Tick(11), winner: Some(PlayerId(12)) },
            DuelPhase::Over { winner: PlayerId(13), next: Some(Tick(14)) },
        ];
        vec![
            Announcement::Killed { victim: PlayerId(4), kill },
            Announcement::Teams(TeamScores([8, 9, 300, 70_000])),
        ]
        .into_iter()
        .chain(phases.map(|phase| Announcement::Duel(DuelState { phase, ..duel })))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{game_trait::Game, protocol::schema_hash};

    #[test]
    fn protocol_version_is_the_schema_hash() {
        let hash = schema_hash::<Emberdrift>();
        assert_eq!(
            Emberdrift::PROTOCOL_VERSION,
            hash,
            "the wire changed: set PROTOCOL_VERSION to {hash:#018x}, and run `cargo xtask vectors`"
        );
    }

    /// Does not compile when a variant is added without a sample.
    #[test]
    fn every_variant_has_a_sample() {
        let own = |own: &PilotState| match own {
            PilotState::Alive(_) => 0,
            PilotState::Dead { .. } => 1,
            PilotState::Idle { .. } => 2,
            PilotState::Watching { .. } => 3,
        };
        let owns: Vec<_> = Emberdrift::owns().iter().map(own).collect();
        assert!((0..4).all(|variant| owns.contains(&variant)));
        let event = |event: &Event| match event {
            Event::Shot(_) => 0,
            Event::Hit(_) => 1,
            Event::Death(_) => 2,
        };
        assert!(Emberdrift::events().iter().map(event).eq(0..3));
        let notice = |notice: &Announcement| match notice {
            Announcement::Killed { .. } => 0,
            Announcement::Teams(_) => 1,
            Announcement::Duel(_) => 2,
        };
        assert!((0..3).all(|variant| Emberdrift::notices().iter().any(|sample| notice(sample) == variant)));
        let phase = |phase: &DuelPhase| match phase {
            DuelPhase::Lobby => 0,
            DuelPhase::Countdown { .. } => 1,
            DuelPhase::Fight => 2,
            DuelPhase::Pause { .. } => 3,
            DuelPhase::Over { .. } => 4,
        };
        let phases = Emberdrift::notices().into_iter().filter_map(|notice| match notice {
            Announcement::Duel(duel) => Some(phase(&duel.phase)),
            Announcement::Killed { .. } | Announcement::Teams(_) => None,
        });
        assert!(phases.eq(0..5));
    }
}
