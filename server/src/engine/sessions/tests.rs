//! Tests of the session table.

use super::*;
use crate::engine::outbox::OutboxSender;

const RECONNECT_GRACE: u32 = 100;

fn pending() -> PendingWelcome {
    PendingWelcome { outbox: OutboxSender::new().0, is_resumed: false, is_hidden: false }
}

fn connection(number: u64) -> ConnectionId {
    // Far from the numbers of sessions, so that a test notices if one is taken for the other.
    ConnectionId(1000 + number)
}

/// Players 1 to `count`, each welcomed with a token of ten times its number.
fn table(count: u64) -> Sessions {
    let mut sessions = Sessions::new(RECONNECT_GRACE);
    for number in 1..=count {
        let id = sessions.enter(connection(number), Role::Player, pending());
        assert_eq!(id, SessionId(number));
        welcome(&mut sessions, number * 10);
    }
    sessions
}

/// Welcomes the next newcomer with this token.
fn welcome(sessions: &mut Sessions, nonce: u64) -> SessionId {
    let (session, _) = sessions.next_newcomer().expect("a session waits for its welcome");
    session.issue_token(nonce);
    session.id
}

fn claim(session: u64, nonce: u64) -> Claim {
    Claim { session: SessionId(session), nonce }
}

/// Reconnects as the arena loop does; the session.
fn reconnect(sessions: &mut Sessions, claim: Claim, number: u64) -> Option<SessionId> {
    let session = sessions.reconnect(claim, connection(number))?;
    session.pending = Some(pending());
    Some(session.id)
}

fn is_kept(disconnected: Option<Disconnected<'_>>) -> Option<bool> {
    disconnected.map(|disconnected| matches!(disconnected, Disconnected::Kept(_)))
}

fn disconnect(sessions: &mut Sessions, number: u64, now: u32) -> Option<bool> {
    is_kept(sessions.disconnect(connection(number), false, Tick(now)))
}

#[test]
fn token_is_good_once_and_only_within_the_grace_period() {
    let mut sessions = table(1);
    assert_eq!(disconnect(&mut sessions, 1, 5), Some(true));
    assert_eq!(reconnect(&mut sessions, claim(1, 11), 2), None);
    assert_eq!(reconnect(&mut sessions, claim(1, 10), 2), Some(SessionId(1)));
    welcome(&mut sessions, 11);
    sessions.get_mut(connection(2)).expect("it is connected").confirm_token();
    assert_eq!(reconnect(&mut sessions, claim(1, 10), 3), None);
    assert_eq!(sessions.reconnecting(), 0);
    disconnect(&mut sessions, 2, 50);
    assert!(sessions.expire(Tick(149)).is_none());
    assert_eq!(sessions.expire(Tick(150)).map(|session| session.id), Some(SessionId(1)));
    assert_eq!(reconnect(&mut sessions, claim(1, 11), 3), None);
    assert!(sessions.is_empty());
}

#[test]
fn token_whose_successor_was_lost_is_good_once_more() {
    let mut sessions = table(1);
    for number in 2..5 {
        disconnect(&mut sessions, number - 1, 1);
        // The welcome with the next token never arrives.
        assert!(reconnect(&mut sessions, claim(1, 10), number).is_some());
        welcome(&mut sessions, 10 + number);
        assert_eq!(reconnect(&mut sessions, claim(1, 9), 99), None);
    }
    // The fourth does.
    sessions.get_mut(connection(4)).expect("it is connected").confirm_token();
    disconnect(&mut sessions, 4, 2);
    assert_eq!(reconnect(&mut sessions, claim(1, 10), 5), None);
    assert!(reconnect(&mut sessions, claim(1, 14), 5).is_some());
}

#[test]
fn session_without_a_token_is_not_kept() {
    let mut sessions = Sessions::new(RECONNECT_GRACE);
    sessions.enter(connection(1), Role::Player, pending());
    sessions.enter(connection(2), Role::Spectator, pending());
    assert_eq!((sessions.len(), disconnect(&mut sessions, 1, 5)), (2, Some(false)));
    assert_eq!(disconnect(&mut sessions, 2, 5), Some(false));
    assert_eq!((sessions.reconnecting(), sessions.len()), (0, 0));
    assert_eq!(disconnect(&mut sessions, 1, 6), None);
}

#[test]
fn player_that_leaves_for_good_is_not_kept() {
    let mut sessions = table(1);
    assert_eq!(is_kept(sessions.disconnect(connection(1), true, Tick(1))), Some(false));
    assert_eq!(reconnect(&mut sessions, claim(1, 10), 2), None);
}

#[test]
fn second_connection_replaces_the_first() {
    let mut sessions = table(1);
    assert_eq!(reconnect(&mut sessions, claim(1, 10), 2), Some(SessionId(1)));
    // Messages of the old connection that are still in the inbox belong to no session.
    assert!(sessions.get_mut(connection(1)).is_none());
    assert_eq!(disconnect(&mut sessions, 1, 1), None);
    assert_eq!(sessions.remove(SessionId(1)).map(|session| session.id), Some(SessionId(1)));
    assert!(sessions.is_empty());
}

#[test]
fn newcomers_are_welcomed_in_order_and_once() {
    let mut sessions = table(2);
    disconnect(&mut sessions, 1, 1);
    for number in 3..=5 {
        sessions.enter(connection(number), Role::Player, pending());
    }
    // Leaves before its welcome, and the first player reconnects twice.
    disconnect(&mut sessions, 4, 1);
    reconnect(&mut sessions, claim(1, 10), 6);
    reconnect(&mut sessions, claim(1, 10), 7);
    let order: Vec<_> =
        std::iter::from_fn(|| sessions.next_newcomer().map(|(session, _)| session.id.0)).collect();
    assert_eq!(order, [3, 5, 1]);
}

#[test]
fn room_is_made_by_the_player_disconnected_for_longest() {
    let mut sessions = table(3);
    disconnect(&mut sessions, 2, 1);
    disconnect(&mut sessions, 1, 2);
    reconnect(&mut sessions, claim(2, 20), 9);
    assert_eq!(sessions.reconnecting(), 1);
    assert_eq!(sessions.make_room().map(|session| session.id), Some(SessionId(1)));
    assert!(sessions.make_room().is_none());
    assert_eq!((sessions.reconnecting(), sessions.len()), (0, 2));
}

#[test]
fn repeated_disconnects_take_no_more_memory() {
    let mut sessions = table(1);
    for round in 0..1000 {
        let now = round * 200;
        disconnect(&mut sessions, 1 + u64::from(round), now);
        assert!(reconnect(&mut sessions, claim(1, 10), 2 + u64::from(round)).is_some());
        welcome(&mut sessions, 10);
        assert!(sessions.expire(Tick(now + RECONNECT_GRACE)).is_none());
    }
    assert!(sessions.disconnects.len() <= 1 && sessions.newcomers.is_empty());
    assert_eq!(sessions.by_connection.len(), 1);
}
