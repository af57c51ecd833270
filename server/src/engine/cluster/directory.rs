//! What a node tells its clients about the others: where rooms are, and what all nodes list.

use axum::http::HeaderValue;
use futures_util::{FutureExt, future::BoxFuture};
use shared::engine::feed::ArenaEntry;
use tokio::time::Instant;

use super::{
    member::{Cluster, RoomCounters},
    probe, requests,
    room_lease::RoomLease,
    table::Table,
};
use crate::engine::{
    metrics::Figure,
    net::{Peers, Place, Seat},
    records::LastingId,
    room_access::Arrival,
    room_code::RoomCode,
};

impl Cluster {
    /// Where a lease says that a room is.
    fn place(&self, table: &Table, lease: &RoomLease) -> Place {
        match table.holder(lease, Instant::now().into_std()) {
            // It comes, or goes.
            Some(_) if self.is_own(lease) => Place::Moving,
            Some(node) => Place::At(node.url.clone()),
            None => Place::Moving,
        }
    }
}

impl Peers for Cluster {
    fn find(&self, code: RoomCode) -> BoxFuture<'_, Place> {
        async move {
            let known = {
                let table = self.table();
                table.room(code).map(|held| self.place(&table, &held.lease))
            };
            if let Some(place) = known {
                return place;
            }
            if self.is_cut() {
                return Place::Unknown;
            }
            // One that was made a moment ago may not have come here yet.
            let entry = self.link.rooms.entry(code.to_string()).await.ok().flatten();
            let lease = entry.and_then(|entry| RoomLease::read(&entry.value).ok());
            lease.map_or(Place::Unknown, |lease| self.place(&self.table(), &lease))
        }
        .boxed()
    }

    fn reserve(&self, code: RoomCode, lasting: Option<LastingId>) -> BoxFuture<'_, Seat> {
        async move {
            let node = {
                let table = self.table();
                let held = table.room(code);
                held.and_then(|held| table.holder(&held.lease, Instant::now().into_std()))
                    .map(|node| node.name.clone())
            };
            match node {
                Some(node) => requests::reserve(self, &node, code, lasting).await,
                None => Seat::Unknown,
            }
        }
        .boxed()
    }

    fn arrival(&self, code: RoomCode, ticket: Option<&str>) -> Result<Arrival, String> {
        let now = Instant::now().into_std();
        let lasting = match ticket {
            Some(ticket) => self.seats.redeem(ticket, code, now).map_err(|fault| fault.to_string())?,
            None => None,
        };
        // The seat of this client is not among them any more.
        Ok(Arrival { held: self.seats.held(code, now), lasting })
    }

    fn arenas(&self, own: Vec<ArenaEntry>) -> Vec<ArenaEntry> {
        let table = self.table();
        let mut all = Vec::new();
        let mut own = Some(own);
        let mut add = |entries: Vec<ArenaEntry>, name: &str, url: &str, region: Option<String>| {
            all.extend(entries.into_iter().map(|entry| ArenaEntry {
                url: Some(url.to_owned()),
                node: Some(name.to_owned()),
                region: region.clone(),
                ..entry
            }));
        };
        for node in table.alive(Instant::now().into_std()) {
            let region = node.region.clone().map(String::from);
            let is_own = node.name == self.node && node.incarnation == self.incarnation;
            let entries = if is_own { own.take().unwrap_or_default() } else { node.arenas.clone() };
            add(entries, node.name.as_str(), &node.url, region);
        }
        // Before its own entry has come back.
        if let Some(own) = own {
            add(own, self.node.as_str(), &self.url, self.region.clone().map(String::from));
        }
        all.sort_by(|a, b| (&a.slug, &a.node).cmp(&(&b.slug, &b.node)));
        all
    }

    fn may_make_rooms(&self) -> bool {
        !self.is_cut() && !self.is_draining()
    }

    fn is_leaving(&self) -> bool {
        self.is_draining()
    }

    fn figures(&self) -> Vec<Figure> {
        let now = Instant::now().into_std();
        let (count, held) =
            (|number| u64::try_from(number).unwrap_or(u64::MAX), self.host().map(|host| host.held()));
        let RoomCounters { received, handed_on, given_up } = &self.counters;
        vec![
            (
                "cluster_nodes",
                "gauge",
                "Nodes that live, with this one.",
                count(self.table().alive(now).len()),
            ),
            ("cluster_cut", "gauge", "1 while this node is cut off from NATS.", u64::from(self.is_cut())),
            (
                "cluster_rooms",
                "gauge",
                "Rooms that this node holds.",
                count(held.map_or(0, |held| held.len())),
            ),
            (
                "cluster_seats_reserved",
                "gauge",
                "Seats for clients on their way here.",
                self.seats.reserved(now),
            ),
            (
                "cluster_rooms_received_total",
                "counter",
                "Rooms of other nodes that went on here.",
                received.get(),
            ),
            ("cluster_rooms_handed_on_total", "counter", "Rooms that another node took in.", handed_on.get()),
            (
                "cluster_rooms_given_up_total",
                "counter",
                "Rooms that were given up because another node held them.",
                given_up.get(),
            ),
        ]
    }

    fn process(&self) -> (&'static str, HeaderValue) {
        let value = HeaderValue::from_str(&self.incarnation.to_string());
        (probe::HEADER, value.unwrap_or(HeaderValue::from_static("")))
    }
}
