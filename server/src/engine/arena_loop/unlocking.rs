//! Achievements of the players of one arena: unlocks them, and shows the badges that players may wear. A player that has not proved
//! who it is unlocks them too, until it leaves; they are recorded only of players that have.

use shared::engine::protocol::Notice;

use super::state::ArenaState;
use crate::engine::{
    achievements::{UnlockedSet, told},
    records::{Achievement, Record, RecordQueue},
    sessions::{ConnectionId, Profile, Session, Sessions},
    simulation::Simulation,
};

/// The records know what the player of a connection has unlocked.
pub(super) fn on_known<S: Simulation>(
    connection: ConnectionId,
    unlocked: UnlockedSet,
    sessions: &mut Sessions,
    arena: &mut ArenaState<S>,
) {
    if let Some(session) = sessions.get_mut(connection) {
        session.profile.unlocked.extend(unlocked);
        show_badge(session, arena);
    }
}

/// The player of a connection wants to wear the badge with this number.
pub(super) fn on_badge<S: Simulation>(
    connection: ConnectionId,
    number: u8,
    sessions: &mut Sessions,
    arena: &mut ArenaState<S>,
) {
    if let Some(session) = sessions.get_mut(connection)
        && session.profile.badge != number
    {
        session.profile.badge = number;
        show_badge(session, arena);
    }
}

/// Shows the badge that a player wants, if it may wear it.
pub(super) fn show_badge<S: Simulation>(session: &Session, arena: &mut ArenaState<S>) {
    let Profile { unlocked, badge, .. } = session.profile;
    let badge = session.player.and_then(|player| unlocked.badge(S::achievements(), player, badge));
    if let Some(badge) = badge {
        arena.publisher.set_badge(badge);
    }
}

/// Unlocks what was achieved in the step that is done.
pub(super) fn unlock<S: Simulation>(sessions: &mut Sessions, queue: &RecordQueue, arena: &mut ArenaState<S>) {
    let ArenaState { sim, publisher, clock, .. } = arena;
    sim.list_achieved(|session, place| {
        let Some(info) = S::achievements().get(place) else { return };
        let Some(session) =
            sessions.by_id_mut(session).filter(|session| !session.profile.unlocked.contains(place))
        else {
            return;
        };
        let Some(player) = session.player.and_then(|player| sim.players().get(player)) else { return };
        session.profile.unlocked.insert(place);
        if let Some(viewer) = session.viewer.and_then(|viewer| publisher.viewer(viewer)) {
            viewer.send_notice::<S::Game>(&Notice::Unlocked(told(info)));
        }
        if let Some(lasting) = session.profile.lasting {
            queue.offer(Record::Achievement(Achievement {
                player: lasting,
                name: player.name.clone(),
                achievement: info.id.as_str().into(),
                unlocked_ms: clock.unix_ms(),
            }));
        }
    });
}
