//! What a node knows of the cluster: the other nodes, and which node holds which room. Pure: times come as arguments, and are of the own
//! clock, so that clocks of machines may differ by any time.
//!
//! Invariant: bounded. An entry over a limit is not taken in, and an entry that cannot be read changes nothing.

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::{
    error::LEASE,
    identity::{Incarnation, NodeName},
    node_entry::NodeEntry,
    room_lease::RoomLease,
};
use crate::engine::room_code::RoomCode;

/// Most nodes of a cluster.
const NODES_MAX: usize = 1000;
/// Most rooms of a cluster.
const ROOMS_MAX: usize = 200_000;
/// A node that has answered a probe counts as alive for this long.
const ANSWER_HOLDS: Duration = Duration::from_secs(4);

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Table {
    nodes: FxHashMap<NodeName, Known>,
    rooms: FxHashMap<RoomCode, Held>,
}

/// A node.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) entry: NodeEntry,
    pub(super) revision: u64,
    /// When its entry was last seen to change.
    changed: Instant,
    /// When it last answered a probe although its entry did not change.
    answered: Option<Instant>,
}

/// A room.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) lease: RoomLease,
    pub(super) revision: u64,
    /// When it was first seen with this lease, and last.
    seen: Instant,
    confirmed: Instant,
}

/// How a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Alive,
    /// Its entry does not change, and whether it answers is to be found out.
    Silent,
}

impl Known {
    fn health(&self, now: Instant) -> Health {
        let is_recent = |at: Instant, most| now.saturating_duration_since(at) < most;
        if is_recent(self.changed, LEASE) || self.answered.is_some_and(|at| is_recent(at, ANSWER_HOLDS)) {
            Health::Alive
        } else {
            Health::Silent
        }
    }
}

impl Table {
    /// A node's entry has changed.
    pub(super) fn put_node(&mut self, entry: NodeEntry, revision: u64, now: Instant) {
        let is_newer = self.nodes.get(&entry.name).is_none_or(|known| known.revision < revision);
        if is_newer && (self.nodes.len() < NODES_MAX || self.nodes.contains_key(&entry.name)) {
            let known = Known { revision, changed: now, answered: None, entry };
            self.nodes.insert(known.entry.name.clone(), known);
        }
    }

    pub(super) fn remove_node(&mut self, name: &str) {
        self.nodes.retain(|known, _| known.as_str() != name);
    }

    /// A room's entry has changed.
    pub(super) fn put_room(&mut self, code: RoomCode, lease: RoomLease, revision: u64, now: Instant) {
        let is_newer = self.rooms.get(&code).is_none_or(|held| held.revision < revision);
        if is_newer && (self.rooms.len() < ROOMS_MAX || self.rooms.contains_key(&code)) {
            self.rooms.insert(code, Held { lease, revision, seen: now, confirmed: now });
        } else if let Some(held) = self.rooms.get_mut(&code) {
            held.confirmed = now;
        }
    }

    /// All rooms were seen since this time: the others are gone.
    pub(super) fn drop_rooms_not_seen(&mut self, since: Instant) {
        self.rooms.retain(|_, held| held.confirmed >= since);
    }

    /// A room's entry was removed in this revision.
    pub(super) fn remove_room(&mut self, code: RoomCode, revision: u64) {
        if self.rooms.get(&code).is_some_and(|held| held.revision <= revision) {
            self.rooms.remove(&code);
        }
    }

    pub(super) fn room(&self, code: RoomCode) -> Option<&Held> {
        self.rooms.get(&code)
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &NodeEntry> {
        self.nodes.values().map(|known| &known.entry)
    }

    /// Nodes that announce themselves or answer, by name.
    pub(super) fn alive(&self, now: Instant) -> Vec<&NodeEntry> {
        let alive = self.nodes.values().filter(|known| known.health(now) == Health::Alive);
        let mut alive: Vec<_> = alive.map(|known| &known.entry).collect();
        alive.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        alive
    }

    /// The node that holds a room by this lease, if it is alive: a later process of its name does not count.
    pub(super) fn holder(&self, lease: &RoomLease, now: Instant) -> Option<&NodeEntry> {
        let known = self.nodes.get(&lease.node)?;
        let is_it = known.entry.incarnation == lease.incarnation && known.health(now) == Health::Alive;
        is_it.then_some(&known.entry)
    }

    /// Nodes that are silent.
    pub(super) fn silent(&self, now: Instant) -> Vec<Known> {
        self.nodes.values().filter(|known| known.health(now) == Health::Silent).cloned().collect()
    }

    /// A silent node has answered a probe.
    pub(super) fn on_answer(&mut self, name: &NodeName, now: Instant) {
        if let Some(known) = self.nodes.get_mut(name) {
            known.answered = Some(now);
        }
    }

    /// This node was cut off: what it has not heard meanwhile says nothing about others.
    pub(super) fn on_reconnected(&mut self, now: Instant) {
        self.nodes.values_mut().for_each(|known| known.changed = now);
        self.rooms.values_mut().for_each(|held| held.seen = now);
    }

    /// Rooms of this process.
    pub(super) fn rooms_of(&self, node: &NodeName, incarnation: &Incarnation) -> Vec<(RoomCode, Held)> {
        let is_its = |held: &Held| held.lease.node == *node && held.lease.incarnation == *incarnation;
        self.rooms.iter().filter(|(_, held)| is_its(held)).map(|(code, held)| (*code, held.clone())).collect()
    }

    /// Rooms whose process has no entry any more, or another one has its name.
    pub(super) fn orphans(&self, now: Instant) -> Vec<(RoomCode, Held)> {
        let is_orphan = |held: &Held| {
            let known = self.nodes.get(&held.lease.node);
            known.is_none_or(|known| known.entry.incarnation != held.lease.incarnation)
                && now.saturating_duration_since(held.seen) >= LEASE
        };
        self.rooms
            .iter()
            .filter(|(_, held)| is_orphan(held))
            .map(|(code, held)| (*code, held.clone()))
            .collect()
    }

    /// The place of `node` among those that may take over this room: 0 is the first. `None` if it may not.
    pub(super) fn rank(&self, code: RoomCode, node: &NodeName, now: Instant) -> Option<usize> {
        let weight = |name: &NodeName| -> [u8; 32] { Sha256::digest(format!("{code} {name}")).into() };
        let own = weight(node);
        let able = self.alive(now).into_iter().filter(|entry| !entry.is_draining && !entry.is_full);
        let (mut rank, mut may) = (0, false);
        for entry in able {
            may |= entry.name == *node;
            rank += usize::from(weight(&entry.name) > own);
        }
        may.then_some(rank)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::node_entry::tests::entry, *};

    fn code(text: &str) -> RoomCode {
        text.parse().expect("a code")
    }

    fn lease(node: &NodeEntry) -> RoomLease {
        RoomLease { node: node.name.clone(), incarnation: node.incarnation.clone(), world: None }
    }

    #[test]
    fn node_is_silent_after_the_lease_unless_it_answers_or_this_one_was_cut_off() {
        let (mut table, start) = (Table::default(), Instant::now());
        let (a, later) = (entry("a"), start + LEASE);
        table.put_node(a.clone(), 1, start);
        table.put_node(a.clone(), 1, later);
        assert_eq!(table.alive(start + LEASE / 2).len(), 1);
        assert_eq!(table.silent(later).len(), 1, "the same revision again is no sign of life");
        table.on_answer(&a.name, later);
        assert_eq!((table.silent(later).len(), table.alive(later).len()), (0, 1));
        assert_eq!(table.silent(later + ANSWER_HOLDS).len(), 1);
        table.on_reconnected(later + ANSWER_HOLDS);
        assert!(table.silent(later + ANSWER_HOLDS).is_empty());
    }

    #[test]
    fn room_is_held_by_the_process_and_not_by_the_name_and_older_entries_change_nothing() {
        let (mut table, start) = (Table::default(), Instant::now());
        let (first, second) = (entry("a"), entry("a"));
        table.put_node(first.clone(), 1, start);
        table.put_room(code("AAAAAA"), lease(&first), 5, start);
        assert!(table.holder(&lease(&first), start).is_some());
        table.put_room(code("AAAAAA"), lease(&second), 4, start);
        assert_eq!(table.room(code("AAAAAA")).map(|held| &held.lease), Some(&lease(&first)));
        table.put_node(second, 6, start);
        assert!(table.holder(&lease(&first), start).is_none());
        assert!(table.orphans(start).is_empty(), "it may be about to change");
        assert_eq!(table.orphans(start + LEASE).len(), 1);
        table.remove_room(code("AAAAAA"), 4);
        assert!(table.room(code("AAAAAA")).is_some());
        table.remove_room(code("AAAAAA"), 6);
        assert!(table.room(code("AAAAAA")).is_none());
    }

    #[test]
    fn every_room_has_one_first_heir_and_nodes_that_stop_or_are_full_are_none() {
        let (mut table, now) = (Table::default(), Instant::now());
        let full = NodeEntry { is_full: true, ..entry("full") };
        let ending = NodeEntry { is_draining: true, ..entry("ending") };
        for (revision, node) in [entry("a"), entry("b"), entry("c"), full, ending].into_iter().enumerate() {
            table.put_node(node, revision as u64 + 1, now);
        }
        let name = |text: &str| text.parse::<NodeName>().expect("a name");
        let mut firsts = Vec::new();
        for last in ["A", "B", "C", "D", "E", "F", "G", "H"] {
            let code = code(&format!("AAAAA{last}"));
            let mut ranks: Vec<_> = ["a", "b", "c"].map(|node| table.rank(code, &name(node), now)).to_vec();
            firsts.extend(ranks.iter().position(|rank| *rank == Some(0)));
            ranks.sort_unstable();
            assert_eq!(ranks, [Some(0), Some(1), Some(2)]);
            assert_eq!(table.rank(code, &name("full"), now), None);
            assert_eq!(table.rank(code, &name("ending"), now), None);
        }
        firsts.dedup();
        assert!(firsts.len() > 1, "they are spread");
    }
}
