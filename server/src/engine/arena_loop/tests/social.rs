//! Achievements, badges and parties of the players of an arena. The game of these tests has one achievement, for being there.

use std::iter;

use shared::engine::{
    protocol::Notice,
    roster::{Badge, PartyMember, UnlockedAchievement},
};

use super::*;
use crate::engine::{
    achievements::UnlockedSet,
    party::PartyId,
    records::{Record, RecordQueue},
};

/// A rig whose records stay in the queue.
fn rig_with_records() -> (Rig, Receiver<Record>) {
    let (queue, records) = RecordQueue::new(Arc::default());
    let mut rig = Rig::of(Rig::new(|_| {}).settings, Runs::new(Some(queue), "square"));
    rig.arrival.lasting = Some(LastingId([7; 16]));
    (rig, records)
}

/// What a client was told since the last call.
fn notices(client: &mut Client) -> Vec<Notice<TestGame>> {
    let messages = iter::from_fn(|| client.outbox.try_recv()).filter_map(|outbound| match outbound {
        Outbound::Message(bytes) => decode_server(&bytes).ok(),
        Outbound::Close(_) => None,
    });
    let frames = messages.filter_map(|message| match message {
        ServerMessage::Frame(frame) => Some(frame.notices),
        ServerMessage::Welcome(_) => None,
    });
    frames.flatten().collect()
}

fn unlocked(notices: Vec<Notice<TestGame>>) -> Vec<UnlockedAchievement> {
    let unlocked = |notice| match notice {
        Notice::Unlocked(unlocked) => Some(unlocked),
        _ => None,
    };
    notices.into_iter().filter_map(unlocked).collect()
}

fn badges(notices: Vec<Notice<TestGame>>) -> Vec<Badge> {
    let badges = |notice| match notice {
        Notice::Badges(badges) => Some(badges),
        _ => None,
    };
    notices.into_iter().filter_map(badges).flatten().collect()
}

/// The last notice about its party that a client has had since the last call.
fn party(client: &mut Client) -> Option<Vec<PartyMember>> {
    let party = |notice| match notice {
        Notice::Party(members) => Some(members),
        _ => None,
    };
    notices(client).into_iter().filter_map(party).next_back()
}

fn badge(sign: &str) -> Badge {
    Badge { player: PlayerId(0), sign: sign.into() }
}

#[test]
fn achievement_is_unlocked_once_and_recorded() {
    let (mut rig, records) = rig_with_records();
    let (mut ada, _) = rig.player();
    for expected in [1, 0, 0] {
        rig.tick();
        assert_eq!(unlocked(notices(&mut ada)).len(), expected);
    }
    let recorded: Vec<_> = records.try_iter().collect();
    let [Record::Achievement(only)] = &recorded[..] else { panic!("{recorded:?}") };
    assert_eq!((only.player, &*only.achievement, only.name.as_str()), (LastingId([7; 16]), "here", "Ada"));
}

#[test]
fn player_that_proves_nothing_is_told_but_not_recorded() {
    let (mut rig, records) = rig_with_records();
    rig.arrival.lasting = None;
    let (mut ada, _) = rig.player();
    rig.tick();
    assert_eq!(unlocked(notices(&mut ada)).len(), 1);
    assert_eq!(records.try_iter().count(), 0);
}

#[test]
fn nothing_is_unlocked_where_no_records_are_kept() {
    let mut rig = Rig::new(|_| {});
    let (mut ada, _) = rig.player();
    rig.tick();
    assert!(unlocked(notices(&mut ada)).is_empty());
}

#[test]
fn badge_is_shown_once_the_records_know_that_it_may_be() {
    // Without records nothing else unlocks it.
    let mut rig = Rig::new(|_| {});
    let (mut ada, _) = rig.player();
    let connection = ada.connection;
    rig.offer(Inbound::Badge { connection, number: 1 });
    rig.tick();
    assert!(badges(notices(&mut ada)).is_empty());
    let mut set = UnlockedSet::default();
    set.insert(0);
    rig.offer(Inbound::Known { connection, unlocked: set });
    rig.tick();
    assert_eq!(badges(notices(&mut ada)), [badge("★")]);
    // One that comes later has it with all other state.
    let (mut bo, _) = rig.player();
    rig.tick();
    assert_eq!(badges(notices(&mut bo)), [badge("★")]);
    rig.offer(Inbound::Badge { connection, number: 0 });
    rig.tick();
    assert_eq!(badges(notices(&mut bo)), [badge("")]);
}

#[test]
fn player_that_comes_back_after_a_restart_wears_its_badge_and_is_recorded_without_proof() {
    let (mut rig, _records) = rig_with_records();
    let (ada, welcome) = rig.player();
    rig.tick();
    rig.offer(Inbound::Badge { connection: ada.connection, number: 1 });
    rig.tick();
    let mut rig = rig.restart(|_| {});
    rig.arrival.lasting = None;
    let (mut ada, _) = rig.join(Role::Player, welcome.resume);
    rig.tick();
    assert_eq!(badges(notices(&mut ada)), [badge("★")]);
    let (_, sessions) = rig.arena.clients.kept();
    let lasting = sessions.ids().filter_map(|id| sessions.get(id)?.profile.lasting);
    assert_eq!(lasting.collect::<Vec<_>>(), [LastingId([7; 16])]);
}

#[test]
fn seat_that_is_held_for_another_is_not_given_away() {
    let mut rig = Rig::new(|settings| settings.seats = Seats { players: 2, spectators: 1, per_network: 2 });
    rig.arrival.held = 1;
    let (_ada, _) = rig.player();
    assert_eq!(rig.join(Role::Player, None).1.err(), Some(CloseReason::Full));
    assert!(rig.join(Role::Spectator, None).1.is_ok(), "spectators have seats of their own");
    rig.arrival.held = 0;
    assert!(rig.join(Role::Player, None).1.is_ok(), "the seat was held for this one");
}

#[test]
fn members_of_a_party_know_where_the_others_are_and_no_other_player_does() {
    let mut rig = Rig::new(|settings| {
        settings.seats = Seats { players: 4, spectators: 1, per_network: 4 };
    });
    let parties = [Some(PartyId(7)), Some(PartyId(7)), Some(PartyId(8)), None];
    let mut clients: Vec<_> = parties
        .map(|party| {
            rig.party = party;
            rig.player().0
        })
        .into();
    // Until a full second; frames that are not read would hold up later ones.
    let sent: Vec<_> = (0..20)
        .find_map(|_| {
            rig.tick();
            let sent: Vec<_> = clients.iter_mut().map(party).collect();
            sent.iter().any(Option::is_some).then_some(sent)
        })
        .expect("they are sent once a second");
    let who = |members: &Option<Vec<PartyMember>>| {
        members.as_ref().map(|members| members.iter().map(|member| member.player.0).collect::<Vec<_>>())
    };
    assert_eq!(sent.iter().map(who).collect::<Vec<_>>(), [Some(vec![1]), Some(vec![0]), Some(vec![]), None]);
    let at = sent[0].as_ref().and_then(|members| members[0].at);
    assert_eq!(at, Some((127, 127)), "the middle of the arena");
}
