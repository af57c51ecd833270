//! Parties: who is told of whom.

use std::iter;

use shared::engine::{protocol::Notice, roster::PartyMember};

use super::*;
use crate::engine::party::PartyId;

/// The last notice about its party that a client has had.
fn told(client: &mut Client) -> Option<Vec<PartyMember>> {
    let messages = iter::from_fn(|| client.outbox.try_recv()).filter_map(|outbound| match outbound {
        Outbound::Message(bytes) => decode_server::<TestGame>(&bytes).ok(),
        Outbound::Close(_) => None,
    });
    let frames = messages.filter_map(|message| match message {
        ServerMessage::Frame(frame) => Some(frame.notices),
        ServerMessage::Welcome(_) => None,
    });
    let of_party = frames.flatten().filter_map(|notice| match notice {
        Notice::Party(members) => Some(members),
        _ => None,
    });
    of_party.last()
}

#[test]
fn members_are_told_of_each_other_and_no_other_player_is() {
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
    let told: Vec<_> = (0..20)
        .find_map(|_| {
            rig.tick();
            let told: Vec<_> = clients.iter_mut().map(told).collect();
            told.iter().any(Option::is_some).then_some(told)
        })
        .expect("they are told once a second");
    let who = |members: &Option<Vec<PartyMember>>| {
        members.as_ref().map(|members| members.iter().map(|member| member.player.0).collect::<Vec<_>>())
    };
    assert_eq!(told.iter().map(who).collect::<Vec<_>>(), [Some(vec![1]), Some(vec![0]), Some(vec![]), None]);
    let at = told[0].as_ref().and_then(|members| members[0].at);
    assert_eq!(at, Some((127, 127)), "the middle of the arena");
}
