//! Tests of parties: where their members begin, and on which team.

use super::*;
use crate::engine::party::PartyId;

/// A player joins with a party.
fn join_with(client: u64, party: u64) -> [Command; 2] {
    [join(client), Command::Party { session: SessionId(client), party: PartyId(party) }]
}

fn position(sim: &Simulation, client: u64) -> Vec2 {
    let id = sim.pilot_of(SessionId(client)).expect("it has joined");
    let pilot = sim.world().pilot(id).expect("it is there");
    pilot.ship().expect("it flies").flight.motion.position
}

fn team(sim: &Simulation, client: u64) -> u8 {
    let id = sim.pilot_of(SessionId(client)).expect("it has joined");
    sim.world().pilot(id).expect("it is there").colour
}

#[test]
fn members_begin_near_each_other_and_others_far_away() {
    let mut sim = bare();
    sim.step(&join_with(1, 7));
    for client in 2..=4 {
        sim.step(&join_with(client, 7));
    }
    sim.step(&join_with(5, 8));
    sim.step(&[join(6)]);
    let first = position(&sim, 1);
    for (client, is_near) in [(2, true), (3, true), (4, true), (5, false), (6, false)] {
        let apart = position(&sim, client).distance(first);
        // Ships glide for a few ticks at most.
        assert_eq!(apart < 500.0, is_near, "client {client}: {apart}");
    }
}

#[test]
fn member_begins_elsewhere_while_foes_are_around_its_party() {
    let mut sim = bare();
    sim.step(&join_with(1, 7));
    let centre = position(&sim, 1);
    for foe in 10..22_u64 {
        sim.step(&[join(foe)]);
        let around = Angle((foe - 10) as u16 * 5461).unit() * 350.0;
        sim.ship(foe).flight.motion.position = centre + around;
    }
    sim.step(&join_with(2, 7));
    assert!(position(&sim, 2).distance(centre) > 500.0);
}

#[test]
fn members_are_on_one_team_as_long_as_that_is_fair() {
    let mut sim = bare_with_teams(2);
    sim.step(&join_with(1, 7));
    sim.step(&[join(2)]);
    sim.step(&join_with(3, 7));
    sim.step(&join_with(4, 7));
    sim.step(&join_with(5, 7));
    assert_eq!([1, 3, 4].map(|client| team(&sim, client)), [0, 0, 0]);
    let sizes = [0, 1].map(|side| (1..=5).filter(|client| team(&sim, *client) == side).count());
    assert!(sizes[0].abs_diff(sizes[1]) <= 2, "{sizes:?}");
}

#[test]
fn party_outlives_a_snapshot() {
    let mut sim = bare();
    sim.step(&join_with(1, 7));
    let before = Checksum::of(&sim.state());
    sim.step(&[Command::Party { session: SessionId(1), party: PartyId(8) }]);
    let mut without = bare();
    without.step(&join_with(1, 7));
    without.step(&[]);
    assert_ne!(Checksum::of(&sim.state()), Checksum::of(&without.state()), "the party is state: {before}");
}
