//! What the page does and shows after each way in which a connection ends.

use super::*;
use crate::engine::reconnect::PAUSE_MS_MAX;

fn connecting() -> ConnectionState {
    let mut state = ConnectionState::new(0.0, false);
    state.begin_attempt();
    state
}

fn in_game(since_ms: f64) -> ConnectionState {
    let mut state = connecting();
    assert!(state.on_frame(since_ms));
    state
}

#[test]
fn the_first_attempt_and_those_after_it_are_told_apart() {
    let mut state = connecting();
    assert_eq!((state.phase(), state.notice(0.0)), ("connecting", ConnectionNotice::Connecting));
    state.begin_attempt();
    assert_eq!((state.phase(), state.notice(0.0)), ("reconnecting", ConnectionNotice::Reconnecting));
    assert_eq!(state.attempts(), 2);
}

#[test]
fn only_the_first_frame_of_an_attempt_begins_the_game() {
    let mut state = connecting();
    assert!(!state.is_in_game() && !state.was_in_game());
    assert!(state.on_frame(1.0) && !state.on_frame(2.0));
    assert_eq!((state.phase(), state.notice(2.0)), ("playing", ConnectionNotice::None));
}

#[test]
fn a_break_leads_to_a_pause_and_then_to_another_attempt() {
    let mut state = in_game(0.0);
    assert_eq!(state.on_closed(None, 1000.0), ConnectionAction::Drop);
    assert!(!state.is_in_game() && state.was_in_game());
    assert_eq!(state.poll(1000.0, None), ConnectionAction::None);
    let ConnectionNotice::ReconnectingIn(seconds) = state.notice(1000.0) else { panic!("{state:?}") };
    assert!(seconds >= 1, "seconds are rounded up");
    assert_eq!(state.poll(1000.0 + PAUSE_MS_MAX, None), ConnectionAction::Connect);
    assert_eq!(state.notice(99_000.0), ConnectionNotice::ReconnectingIn(0), "never negative");
}

#[test]
fn the_player_is_told_why_the_server_sent_it_away() {
    for (why, notice) in [
        (CloseReason::Full, ConnectionNotice::ServerFull as fn(u32) -> _),
        (CloseReason::TooManyFromNetwork, ConnectionNotice::NetworkFull),
        (CloseReason::ShuttingDown, ConnectionNotice::ServerRestarting),
    ] {
        let mut state = connecting();
        state.on_closed(Some(why), 0.0);
        let State::Waiting { until_ms, .. } = state.state else { panic!("{state:?}") };
        assert_eq!(state.notice(0.0), notice((until_ms / 1000.0).ceil() as u32), "{why:?}");
    }
}

#[test]
fn a_restart_is_told_until_the_game_goes_on_or_it_takes_too_long() {
    let mut state = in_game(0.0);
    state.on_closed(Some(CloseReason::Restarting), 1000.0);
    assert_eq!(state.notice(1000.0), ConnectionNotice::PlayerIsKept);
    state.begin_attempt();
    assert_eq!(state.notice(1500.0), ConnectionNotice::PlayerIsKept);
    // The server is not there yet.
    state.on_closed(None, 2000.0);
    state.on_refused(HandshakeFault::Unreachable);
    assert_eq!(state.notice(2000.0), ConnectionNotice::PlayerIsKept);
    // It comes between a socket and the question why that failed, again and again.
    for _ in 0..UPGRADES_LOST {
        state.on_refused(HandshakeFault::UpgradeLost);
        state.begin_attempt();
        assert_eq!(state.notice(2100.0), ConnectionNotice::PlayerIsKept);
        state.on_closed(None, 2100.0);
    }
    state.on_refused(HandshakeFault::Unreachable);
    let late = 1000.0 + RESTART_MS_MAX + 1.0;
    assert!(matches!(state.notice(late), ConnectionNotice::Refused(HandshakeFault::Unreachable, _)));
    state.begin_attempt();
    state.on_frame(3000.0);
    state.on_closed(None, 4000.0);
    assert!(matches!(state.notice(4000.0), ConnectionNotice::ReconnectingIn(_)));
}

#[test]
fn a_stop_is_told_until_the_game_goes_on_the_server_answers_or_it_takes_too_long() {
    let stopped = || {
        let mut state = in_game(0.0);
        state.on_closed(Some(CloseReason::ShuttingDown), 1000.0);
        state
    };
    let mut state = stopped();
    for fault in [HandshakeFault::Unreachable, HandshakeFault::ServerDown, HandshakeFault::UpgradeLost] {
        assert!(matches!(state.notice(1100.0), ConnectionNotice::ServerRestarting(_)), "{fault:?}");
        state.begin_attempt();
        assert_eq!(state.notice(1200.0), ConnectionNotice::BackToRestarted, "{fault:?}");
        state.on_closed(None, 1300.0);
        state.on_refused(fault);
    }
    state.on_refused(HandshakeFault::Unreachable);
    let late = 1000.0 + STOP_MS_MAX + 1.0;
    assert!(matches!(state.notice(late), ConnectionNotice::Refused(HandshakeFault::Unreachable, _)));
    // A server that is there again and has no such room says so.
    state.on_refused(HandshakeFault::Gone);
    assert!(matches!(state.notice(1400.0), ConnectionNotice::Refused(HandshakeFault::Gone, _)));

    let mut state = stopped();
    state.begin_attempt();
    state.on_frame(2000.0);
    state.on_closed(None, 3000.0);
    assert!(matches!(state.notice(3000.0), ConnectionNotice::ReconnectingIn(_)));
}

#[test]
fn way_back_is_offered_after_a_while_without_a_game_and_when_it_is_over() {
    let mut state = connecting();
    assert!(!state.offers_way_back(WAY_BACK_MS) && state.offers_way_back(WAY_BACK_MS + 1.0));
    state.on_frame(WAY_BACK_MS + 2.0);
    assert!(!state.offers_way_back(1e6), "there is a game");
    state.on_closed(None, 1e6);
    state.begin_attempt();
    state.on_closed(None, 1e6 + 900.0);
    assert!(!state.offers_way_back(1e6 + WAY_BACK_MS), "it may be back soon");
    assert!(state.offers_way_back(1e6 + WAY_BACK_MS + 1.0), "attempts in between do not begin it again");
    let mut silent = in_game(0.0);
    silent.poll(SILENCE_MS_MAX + 2.0, Some(1.0));
    assert!(silent.offers_way_back(WAY_BACK_MS + 2.0), "silence counts too");
    let mut over = in_game(0.0);
    over.on_closed(Some(CloseReason::Removed), 5.0);
    assert!(over.offers_way_back(5.0), "at once");
}

#[test]
fn what_no_attempt_can_mend_is_over() {
    for (why, notice) in [
        (CloseReason::Replaced, ConnectionNotice::OpenElsewhere),
        (CloseReason::TicketRejected, ConnectionNotice::TicketRejected),
        (CloseReason::OtherGame, ConnectionNotice::OtherGame),
        (CloseReason::Removed, ConnectionNotice::Removed),
        (CloseReason::RoomLocked, ConnectionNotice::RoomLocked),
        (CloseReason::ProtocolError, ConnectionNotice::Closed(Some(CloseReason::ProtocolError))),
    ] {
        let mut state = in_game(0.0);
        assert_eq!(state.on_closed(Some(why), 5.0), ConnectionAction::Drop);
        assert_eq!((state.phase(), state.notice(5.0)), ("ended", notice), "{why:?}");
        assert_eq!(state.poll(1e9, None), ConnectionAction::None);
    }
}

#[test]
fn an_old_page_is_loaded_again_once() {
    let mut state = connecting();
    let action = state.on_closed(Some(CloseReason::VersionMismatch), 0.0);
    assert_eq!(action, ConnectionAction::ReloadPage);
    let mut reloaded = ConnectionState::new(0.0, true);
    reloaded.begin_attempt();
    let action = reloaded.on_closed(Some(CloseReason::VersionMismatch), 0.0);
    assert_eq!((action, reloaded.notice(0.0)), (ConnectionAction::Drop, ConnectionNotice::OtherVersion));
}

#[test]
fn a_connection_without_frames_for_long_is_given_up() {
    let mut state = in_game(0.0);
    assert_eq!(state.poll(SILENCE_MS_MAX, Some(1.0)), ConnectionAction::None);
    assert_eq!(state.poll(SILENCE_MS_MAX + 2.0, Some(1.0)), ConnectionAction::Drop);
    assert_eq!(state.phase(), "reconnecting");
}

#[test]
fn silence_is_told_after_a_short_while_and_ends_with_the_next_frame() {
    let mut state = in_game(0.0);
    assert!(!state.is_silent(NO_SIGNAL_MS, Some(1.0)));
    assert!(state.is_silent(NO_SIGNAL_MS + 2.0, Some(1.0)));
    assert!(!state.is_silent(NO_SIGNAL_MS + 2.0, Some(NO_SIGNAL_MS)), "the next frame has come");
    state.set_hidden(true, 10.0);
    assert!(!state.is_silent(60_000.0, Some(1.0)), "a hidden page gets few frames");
    state.set_hidden(false, 60_000.0);
    assert!(!state.is_silent(60_100.0, Some(1.0)), "frames begin to come again");
    assert!(!connecting().is_silent(60_000.0, None), "there is no game yet");
}

#[test]
fn a_hidden_page_is_not_silent_and_neither_is_one_that_was_just_shown() {
    let mut state = in_game(0.0);
    assert!(state.set_hidden(true, 10.0) && !state.set_hidden(true, 20.0));
    assert_eq!(state.poll(60_000.0, Some(5.0)), ConnectionAction::None);
    assert!(state.set_hidden(false, 60_000.0));
    assert_eq!(state.poll(60_100.0, Some(5.0)), ConnectionAction::None);
    assert_eq!(state.poll(60_001.0 + SILENCE_MS_MAX, Some(5.0)), ConnectionAction::Drop);
}

#[test]
fn a_visitor_who_comes_back_does_not_wait() {
    let mut state = in_game(0.0);
    state.set_hidden(true, 10.0);
    state.on_closed(None, 20.0);
    state.set_hidden(false, 25.0);
    assert_eq!(state.poll(25.0, None), ConnectionAction::Connect);
}

#[test]
fn page_that_goes_drops_its_socket_and_opens_none_before_it_is_back() {
    let mut state = in_game(0.0);
    assert_eq!(state.set_gone(false, 5.0), ConnectionAction::None, "it never was");
    assert_eq!(state.set_gone(true, 10.0), ConnectionAction::Drop);
    // Browsers hide the page after they have told it that it goes.
    state.set_hidden(true, 11.0);
    assert_eq!(state.poll(60_000.0, None), ConnectionAction::None);
    assert_eq!(state.set_gone(true, 60_001.0), ConnectionAction::None);
    state.set_gone(false, 70_000.0);
    assert_eq!(state.poll(70_000.0, None), ConnectionAction::Connect);
    assert!(!state.offers_way_back(70_001.0), "the time away does not count");
    let mut over = in_game(0.0);
    over.on_closed(Some(CloseReason::Removed), 5.0);
    assert_eq!((over.set_gone(true, 6.0), over.phase()), (ConnectionAction::None, "ended"));
}

#[test]
fn a_hidden_page_reconnects_at_once_if_the_game_had_lasted() {
    let hidden = |lost_ms: f64| {
        let mut state = in_game(0.0);
        state.set_hidden(true, 1.0);
        state.on_closed(None, lost_ms)
    };
    assert_eq!(hidden(LASTED_MS + 1.0), ConnectionAction::Connect);
    assert_eq!(hidden(LASTED_MS - 1.0), ConnectionAction::Drop);
}

#[test]
fn player_is_told_why_no_socket_opens_until_one_does() {
    let mut state = connecting();
    assert!(state.is_opening());
    state.on_closed(None, 0.0);
    assert!(matches!(state.notice(0.0), ConnectionNotice::ReconnectingIn(_)), "the answer is on its way");
    state.on_refused(HandshakeFault::Unreachable);
    assert!(matches!(state.notice(0.0), ConnectionNotice::Refused(HandshakeFault::Unreachable, 1)));
    state.begin_attempt();
    assert_eq!(state.notice(0.0), ConnectionNotice::Reconnecting);
    // What lasts stays to be read.
    state.on_refused(HandshakeFault::Refused);
    assert_eq!(state.notice(0.0), ConnectionNotice::Refused(HandshakeFault::Refused, 0));
    state.on_opened();
    assert!(!state.is_opening());
    assert_eq!(state.notice(0.0), ConnectionNotice::Reconnecting);
    state.on_closed(None, 0.0);
    assert!(matches!(state.notice(0.0), ConnectionNotice::ReconnectingIn(_)));
}

/// A server that starts again between the attempt and the question about it would admit the page.
#[test]
fn lost_upgrade_is_told_after_two_attempts_in_a_row() {
    let told = |faults: &[HandshakeFault]| {
        let mut state = connecting();
        for fault in faults {
            state.on_closed(None, 0.0);
            state.on_refused(*fault);
            state.begin_attempt();
        }
        state.notice(0.0) == ConnectionNotice::Refused(HandshakeFault::UpgradeLost, 0)
    };
    let (lost, down) = (HandshakeFault::UpgradeLost, HandshakeFault::ServerDown);
    assert!(!told(&[lost]) && told(&[lost, lost]) && told(&[down, lost, lost, lost]));
    assert!(!told(&[lost, down, lost]) && !told(&[lost, lost, down]), "only in a row");
    let mut state = connecting();
    state.on_refused(lost);
    assert_eq!(state.notice(0.0), ConnectionNotice::Connecting, "not told yet");
    state.on_opened();
    state.on_closed(None, 0.0);
    state.on_refused(lost);
    assert!(matches!(state.notice(0.0), ConnectionNotice::ReconnectingIn(_)), "one has opened between them");
}

#[test]
fn late_answer_about_an_older_socket_changes_nothing() {
    let mut state = in_game(0.0);
    state.on_refused(HandshakeFault::Unreachable);
    state.on_closed(None, 1.0);
    assert!(matches!(state.notice(1.0), ConnectionNotice::ReconnectingIn(_)));
}

#[test]
fn only_another_page_or_the_operator_mends_what_lasts() {
    for notice in [
        ConnectionNotice::OtherGame,
        ConnectionNotice::OtherVersion,
        ConnectionNotice::Removed,
        ConnectionNotice::RoomLocked,
        ConnectionNotice::Refused(HandshakeFault::Refused, 3),
    ] {
        assert!(notice.lasts(), "{notice:?}");
    }
    for notice in [
        ConnectionNotice::Connecting,
        ConnectionNotice::ServerFull(3),
        ConnectionNotice::OpenElsewhere,
        ConnectionNotice::Refused(HandshakeFault::Full, 3),
    ] {
        assert!(!notice.lasts(), "{notice:?}");
    }
}
