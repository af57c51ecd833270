//! What a player sees of the chat, and does to it.

use shared::engine::{chat::ChatText, ids::PlayerName};

use super::*;

fn line(number: u32, name: &str) -> ChatLine {
    ChatLine {
        number,
        time_ms: u64::from(number) * 1000,
        from: PlayerId(number as u16),
        name: PlayerName::new(name).unwrap(),
        text: ChatText::new("hi").unwrap(),
        to_all: false,
    }
}

fn names(entries: &[ChatEntry]) -> Vec<String> {
    let name = |entry: &ChatEntry| match entry {
        ChatEntry::Line { name, .. } | ChatEntry::Whisper { name, .. } => name.clone(),
        ChatEntry::Note(note) => format!("{note:?}"),
    };
    entries.iter().map(name).collect()
}

#[test]
fn each_line_is_shown_once_across_histories_and_restarts() {
    let mut log = ChatLog::default();
    let history = |last| ChatNotice::History((1..=last).map(|number| line(number, "Ada")).collect());
    assert_eq!(log.receive(history(3), None).len(), 3);
    assert_eq!(log.receive(ChatNotice::Line(line(4, "Bo")), None).len(), 1);
    assert_eq!(log.receive(history(6), None).len(), 2);
    let set_back = ChatLine { time_ms: 1, ..line(7, "Bo") };
    assert_eq!(log.receive(ChatNotice::Line(set_back.clone()), None).len(), 1);
    assert!(log.receive(ChatNotice::History(vec![line(6, "Ada"), set_back]), None).is_empty());
    let after_restart = ChatLine { time_ms: 99_000, ..line(1, "Cy") };
    assert_eq!(names(&log.receive(ChatNotice::Line(after_restart), None)), ["Cy"]);
}

#[test]
fn muted_players_are_hidden_and_own_lines_never_are() {
    let mut log = ChatLog::default();
    assert!(matches!(log.typed(" /mute Ada Lovelace "), Typed::Note(_)));
    assert!(log.receive(ChatNotice::Line(line(1, "Ada Lovelace")), None).is_empty());
    assert_eq!(log.receive(ChatNotice::Line(line(2, "Ada Lovelace")), Some(PlayerId(2))).len(), 1);
    assert_eq!(names(&log.receive(ChatNotice::Line(line(3, "Ada")), None)), ["Ada"]);
    let whisper = Whisper {
        time_ms: 1,
        from: PlayerId(1),
        from_name: PlayerName::new("Ada Lovelace").unwrap(),
        to: PlayerId(2),
        to_name: PlayerName::new("Bo").unwrap(),
        text: ChatText::new("psst").unwrap(),
    };
    let whisper = ChatNotice::Whisper(whisper);
    assert!(log.receive(whisper.clone(), Some(PlayerId(2))).is_empty());
    log.typed("/unmute Ada Lovelace");
    assert_eq!(names(&log.receive(whisper.clone(), Some(PlayerId(2)))), ["Ada Lovelace"]);
    assert_eq!(names(&log.receive(whisper, Some(PlayerId(1)))), ["Bo"]);
}

#[test]
fn toggling_mutes_and_unmutes_and_the_list_is_bounded() {
    let mut log = ChatLog::default();
    assert_eq!(log.toggle_muted("Ada"), ChatEntry::Note(ChatNote::NowMuted("Ada".into())));
    assert_eq!(log.typed("/mute"), note(ChatNote::Muted(vec!["Ada".into()])));
    assert_eq!(log.toggle_muted("Ada"), ChatEntry::Note(ChatNote::Unmuted("Ada".into())));
    assert_eq!(log.typed("/unmute Ada"), note(ChatNote::WasNotMuted("Ada".into())));
    (0..=MUTED_MAX).for_each(|i| assert!(matches!(log.typed(&format!("/mute P{i}")), Typed::Note(_))));
    assert_eq!((log.muted.len(), log.muted_index("P0")), (MUTED_MAX, None));
}

#[test]
fn lines_that_are_no_client_command_go_to_the_server() {
    let mut log = ChatLog::default();
    assert_eq!(log.typed("  gg "), Typed::Send("gg".into()));
    assert_eq!(log.typed("/w Ada hi"), Typed::Send("/w Ada hi".into()));
    assert_eq!(log.typed("/all hi"), Typed::Send("/all hi".into()));
    assert_eq!(log.typed("/mutex"), Typed::Send("/mutex".into()));
    assert_eq!(log.typed("   "), Typed::Nothing);
    let rejection = ChatRejection::RateLimited;
    let entries = log.receive(ChatNotice::Rejected(rejection.clone()), None);
    assert_eq!(entries, [ChatEntry::Note(ChatNote::Rejected(rejection))]);
}

#[test]
fn inbox_keeps_the_newest_notices() {
    let mut inbox = ChatInbox::default();
    (1..=100).for_each(|number| inbox.push(ChatNotice::Line(line(number, "Ada"))));
    let taken = inbox.take();
    assert_eq!(taken.len(), WAITING_MAX);
    assert_eq!(taken.back(), Some(&ChatNotice::Line(line(100, "Ada"))));
    assert!(inbox.take().is_empty());
}
