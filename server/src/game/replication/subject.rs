//! What a viewer's frames are about: its own pilot, or for a spectator the leader.

use shared::{
    Vec2,
    engine::{
        ids::{PlayerId, Tick},
        limits::LEAD_NONE,
        protocol::ViewChange,
    },
    game::protocol::{FrameHead, OwnShip, PilotState, ViewerState},
};

use crate::game::sim::{Life, Pilot, World};

/// What a viewer follows.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    Player(&'a Pilot),
    /// The leader, while it has a ship.
    Spectator(Option<&'a Pilot>),
}

impl<'a> Subject<'a> {
    /// The subject of a player, or of a spectator for `None`. `None` if the player has left.
    pub(super) fn of(player: Option<PlayerId>, world: &'a World) -> Option<Self> {
        match player {
            Some(player) => world.pilot(player).map(Self::Player),
            None => {
                let leader = world.leader().and_then(|id| world.pilot(id));
                Some(Self::Spectator(leader.filter(|pilot| pilot.ship().is_some())))
            }
        }
    }

    /// Where the view is centred. `None` to leave it where it is.
    pub(super) fn position(self) -> Option<Vec2> {
        let motion = match self {
            Self::Player(pilot) => match &pilot.state {
                Life::Flying(ship) | Life::Idle(ship) => Some(ship.flight.motion),
                Life::Waiting { last_motion, .. } => *last_motion,
            },
            Self::Spectator(leader) => leader?.ship().map(|ship| ship.flight.motion),
        };
        motion.map(|motion| motion.position)
    }

    /// The head of a frame. `rank` is only asked for a player.
    pub(super) fn head(
        self,
        now: Tick,
        rank: impl FnOnce(PlayerId) -> u16,
        view: Option<ViewChange>,
    ) -> FrameHead {
        let (lead, viewer) = match self {
            Self::Player(pilot) => {
                let own = pilot_state(pilot, now);
                (pilot.inputs.lead(now), ViewerState::Player { rank: rank(pilot.id), own })
            }
            Self::Spectator(leader) => {
                (LEAD_NONE, ViewerState::Spectator { target: leader.map(|pilot| pilot.id) })
            }
        };
        FrameHead { tick: now, lead, viewer, view }
    }
}

fn pilot_state(pilot: &Pilot, now: Tick) -> PilotState {
    match &pilot.state {
        Life::Flying(ship) => PilotState::Alive(OwnShip {
            motion: ship.flight.motion,
            embers: ship.flight.embers,
            burnt: ship.flight.burnt,
            reload: ship.flight.reload,
            power_ups: ship.flight.power_ups,
            health: ship.health,
            streak: ship.streak,
            boosting: ship.boosting,
            shielded: ship.shielded(now),
        }),
        Life::Waiting { until, killed_by, .. } => PilotState::Dead { until: *until, by: *killed_by },
        Life::Idle(ship) => PilotState::Idle { embers: ship.flight.embers },
    }
}
