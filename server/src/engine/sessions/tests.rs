//! Tests of the session table.

use shared::engine::ids::PlayerId;

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

/// Players 1 to `count`, each welcomed with its first token.
fn table(count: u64) -> Sessions {
    let mut sessions = Sessions::new(RECONNECT_GRACE, Seats::new(10));
    for number in 1..=count {
        let id = sessions.enter(connection(number), Role::Player, None, pending());
        assert_eq!(id, SessionId(number));
        assert_eq!(welcome(&mut sessions), (id, 1));
    }
    sessions
}

/// Welcomes the next newcomer: its session, and its token.
fn welcome(sessions: &mut Sessions) -> (SessionId, u64) {
    let (session, _) = sessions.next_newcomer().expect("a session waits for its welcome");
    session.player = Some(PlayerId(session.id.0 as u16));
    (session.id, session.issue_token())
}

fn claim(session: u64, nonce: u64) -> Claim {
    Claim { session: SessionId(session), nonce }
}

/// Reconnects as the arena loop does; the session.
fn reconnect(sessions: &mut Sessions, claim: Claim, number: u64) -> Option<SessionId> {
    let session = sessions.reconnect(claim, connection(number), None)?;
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
    assert_eq!(reconnect(&mut sessions, claim(1, 0), 2), None);
    assert_eq!(reconnect(&mut sessions, claim(1, 1), 2), Some(SessionId(1)));
    assert_eq!(welcome(&mut sessions), (SessionId(1), 2));
    sessions.get_mut(connection(2)).expect("it is connected").confirm_token();
    assert_eq!(reconnect(&mut sessions, claim(1, 1), 3), None);
    assert_eq!(sessions.reconnecting(), 0);
    disconnect(&mut sessions, 2, 50);
    assert!(sessions.expire(Tick(149)).is_none());
    assert_eq!(sessions.expire(Tick(150)).map(|session| session.id), Some(SessionId(1)));
    assert_eq!(reconnect(&mut sessions, claim(1, 2), 3), None);
    assert!(sessions.is_empty());
}

#[test]
fn token_whose_successor_was_lost_is_good_once_more() {
    let mut sessions = table(1);
    for number in 2..5 {
        disconnect(&mut sessions, number - 1, 1);
        // The welcome with the next token never arrives.
        assert!(reconnect(&mut sessions, claim(1, 1), number).is_some());
        assert_eq!(welcome(&mut sessions), (SessionId(1), number));
    }
    // The fourth does.
    sessions.get_mut(connection(4)).expect("it is connected").confirm_token();
    disconnect(&mut sessions, 4, 2);
    assert_eq!(reconnect(&mut sessions, claim(1, 1), 5), None);
    assert!(reconnect(&mut sessions, claim(1, 4), 5).is_some());
}

#[test]
fn session_without_a_token_is_not_kept() {
    let mut sessions = Sessions::new(RECONNECT_GRACE, Seats::new(10));
    sessions.enter(connection(1), Role::Player, None, pending());
    sessions.enter(connection(2), Role::Spectator, None, pending());
    assert_eq!((sessions.len(), disconnect(&mut sessions, 1, 5)), (2, Some(false)));
    assert_eq!(disconnect(&mut sessions, 2, 5), Some(false));
    assert_eq!((sessions.reconnecting(), sessions.len()), (0, 0));
    assert_eq!(disconnect(&mut sessions, 1, 6), None);
}

#[test]
fn player_that_leaves_for_good_is_not_kept() {
    let mut sessions = table(1);
    assert_eq!(is_kept(sessions.disconnect(connection(1), true, Tick(1))), Some(false));
    assert_eq!(reconnect(&mut sessions, claim(1, 1), 2), None);
}

#[test]
fn second_connection_replaces_the_first() {
    let mut sessions = table(1);
    assert_eq!(reconnect(&mut sessions, claim(1, 1), 2), Some(SessionId(1)));
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
        sessions.enter(connection(number), Role::Player, None, pending());
    }
    // Leaves before its welcome, and the first player reconnects twice.
    disconnect(&mut sessions, 4, 1);
    reconnect(&mut sessions, claim(1, 1), 6);
    reconnect(&mut sessions, claim(1, 1), 7);
    let order: Vec<_> =
        std::iter::from_fn(|| sessions.next_newcomer().map(|(session, _)| session.id.0)).collect();
    assert_eq!(order, [3, 5, 1]);
}

#[test]
fn disconnected_player_keeps_its_seat_until_it_is_removed() {
    let mut sessions = table(10);
    let full = Err(CloseReason::Full);
    assert_eq!(sessions.check_seat(Role::Player, None, 0), full);
    disconnect(&mut sessions, 1, 0);
    assert_eq!(sessions.check_seat(Role::Player, None, 0), full);
    assert_eq!(sessions.check_seat(Role::Spectator, None, 0), Ok(()));
    assert!(sessions.expire(Tick(RECONNECT_GRACE)).is_some());
    assert_eq!(sessions.check_seat(Role::Player, None, 0), Ok(()));
}

#[test]
fn repeated_disconnects_take_no_more_memory() {
    let mut sessions = table(1);
    for round in 0..1000 {
        let now = round * 200;
        disconnect(&mut sessions, 1 + u64::from(round), now);
        assert!(reconnect(&mut sessions, claim(1, 1 + u64::from(round)), 2 + u64::from(round)).is_some());
        welcome(&mut sessions);
        assert!(sessions.expire(Tick(now + RECONNECT_GRACE)).is_none());
    }
    assert!(sessions.disconnects.len() <= 1 && sessions.newcomers.is_empty());
    assert_eq!(sessions.by_connection.len(), 1);
}

/// What another process reads.
fn saved(sessions: &Sessions) -> SavedSessions {
    let bytes = shared::engine::protocol::encode(&sessions.save());
    shared::engine::protocol::decode::<_, 10_000>(&bytes).expect("it was encoded here")
}

impl Sessions {
    /// Adds connected players, each with a token. The first has used one and has another; the second is disconnected.
    pub(crate) fn insert_players(&mut self, players: impl Iterator<Item = (SessionId, PlayerId)>) {
        for (at, (id, player)) in players.enumerate() {
            self.entered = id.0 - 1;
            self.enter(connection(id.0), Role::Player, None, pending());
            let (session, _) = self.next_newcomer().expect("it waits for its welcome");
            session.player = Some(player);
            session.issue_token();
            if at == 0 {
                session.issue_token();
                session.confirm_token();
                session.issue_token();
            }
            if at == 1 {
                disconnect(self, id.0, 55);
            }
        }
        self.entered = u64::from(u32::MAX);
    }
}

fn restored(saved: SavedSessions, now: u32) -> Option<Sessions> {
    Some(
        Sessions::restore(saved, Tick(now))
            .ok()?
            .with_limits(RECONNECT_GRACE, Seats::new(10))
            .with_numbers_drawn(draw_numbers()),
    )
}

#[test]
fn sessions_are_disconnected_after_a_restart_and_keep_their_grace_period_and_tokens() {
    let mut before = table(3);
    before.enter(connection(9), Role::Spectator, None, pending());
    disconnect(&mut before, 2, 40);
    let mut after = restored(saved(&before), 90).expect("they are valid");
    assert_eq!((after.len(), after.reconnecting()), (3, 3));
    // The first was disconnected by the restart.
    assert_eq!(reconnect(&mut after, claim(1, 1), 20), Some(SessionId(1)));
    assert!(after.expire(Tick(139)).is_none());
    assert_eq!(after.expire(Tick(140)).map(|session| session.id), Some(SessionId(2)));
    assert!(after.expire(Tick(189)).is_none());
    assert_eq!(after.expire(Tick(190)).map(|session| session.id), Some(SessionId(3)));
}

#[test]
fn processes_that_start_from_one_snapshot_give_out_different_numbers() {
    let snapshot = saved(&table(1));
    let numbers: std::collections::HashSet<_> = (0..20)
        .map(|_| {
            let mut sessions = restored(snapshot.clone(), 4).expect("it is valid");
            sessions.enter(connection(4), Role::Player, None, pending())
        })
        .collect();
    assert!(numbers.len() > 10, "{numbers:?}");
}

#[test]
fn tokens_that_were_given_after_the_snapshot_resume_their_session_and_no_other() {
    let mut before = table(1);
    let snapshot = saved(&before);
    disconnect(&mut before, 1, 5);
    reconnect(&mut before, claim(1, 1), 2);
    let (_, lost) = welcome(&mut before);
    let later = before.enter(connection(3), Role::Player, None, pending());
    let mut after = restored(snapshot, 4).expect("it is valid");
    let newcomer = after.enter(connection(4), Role::Player, None, pending());
    welcome(&mut after);
    assert_ne!(newcomer, later);
    assert_eq!(reconnect(&mut after, claim(later.0, 1), 5), None);
    assert_eq!(reconnect(&mut after, claim(1, lost), 6), Some(SessionId(1)));
    let (_, next) = welcome(&mut after);
    assert!(next > lost);
    // The one from before the snapshot has been used.
    assert_eq!(reconnect(&mut after, claim(1, 1), 7), None);
}

#[test]
fn sessions_that_contradict_each_other_are_refused() {
    let sessions = table(2);
    let is_refused = |change: fn(&mut SavedSessions)| {
        let mut saved = saved(&sessions);
        change(&mut saved);
        restored(saved, 50).is_none()
    };
    assert!(!is_refused(|_| {}));
    assert!(is_refused(|saved| saved.rows[1] = saved.rows[0]));
    assert!(is_refused(|saved| saved.rows[0].id.0 = 3));
    assert!(is_refused(|saved| saved.rows[0].tokens = Default::default()), "it would not be saved again");
    // The next session's number would be one that there is.
    assert!(is_refused(|saved| saved.entered = u64::MAX));
    let mut later = table(1);
    disconnect(&mut later, 1, 51);
    assert!(restored(saved(&later), 50).is_none());
}
