//! Seats that are reserved for clients on their way from another node. A ticket is signed with a key of this process, good for one use
//! and for some seconds of its own clock.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use rustc_hash::FxHashMap;
use sha2::Sha256;

use crate::engine::{records::LastingId, resume::NoRandomness, room_code::RoomCode};

/// How long a seat is reserved: a client that is sent on connects within a second or two.
const RESERVED: Duration = Duration::from_secs(10);
/// How long a seat whose client has come is still counted here: until the room counts the client, which it does once a second.
const COUNTED: Duration = Duration::from_secs(3);
/// Most reservations at a time.
const TICKETS_MAX: usize = 10_000;
/// Bytes of the ticket's number, and of its proof.
const NUMBER_BYTES: usize = 8;
const PROOF_BYTES: usize = 16;

/// Why a ticket is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SeatFault {
    /// This process has not signed it.
    #[error("this node has not made it; connect without one")]
    Forged,
    /// It was used, is of another room, or too old.
    #[error("it was used already, has expired, or is for another room; connect without one")]
    Used,
}

/// The seats that are reserved.
pub(super) struct Seats {
    key: Hmac<Sha256>,
    issued: Mutex<FxHashMap<u64, Reserved>>,
}

/// One seat.
#[derive(Clone, Copy)]
struct Reserved {
    room: RoomCode,
    /// Who its player is on every visit.
    lasting: Option<LastingId>,
    until: Instant,
    /// Its client has come.
    is_used: bool,
}

impl std::fmt::Debug for Seats {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Seats(..)")
    }
}

impl Seats {
    pub(super) fn new() -> Result<Self, NoRandomness> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        let key = Hmac::new_from_slice(&key).unwrap_or_else(|_| unreachable!("any length is a key"));
        Ok(Self { key, issued: Mutex::default() })
    }

    /// Reserves one of `free` seats of a room for a player. `None` if all of them are reserved.
    pub(super) fn reserve(
        &self,
        (room, lasting): (RoomCode, Option<LastingId>),
        free: u32,
        now: Instant,
    ) -> Option<String> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.retain(|_, reserved| reserved.until > now);
        let reserved = issued.values().filter(|reserved| reserved.room == room).count();
        if reserved >= free as usize || issued.len() >= TICKETS_MAX {
            return None;
        }
        let number: u64 = rand::random();
        issued.insert(number, Reserved { room, lasting, until: now + RESERVED, is_used: false });
        let mut ticket = number.to_le_bytes().to_vec();
        ticket.extend_from_slice(&self.proof(number)[..PROOF_BYTES]);
        Some(BASE64URL_NOPAD.encode(&ticket))
    }

    /// Takes a ticket for this room. Returns who its player is on every visit, if that is known.
    pub(super) fn redeem(
        &self,
        ticket: &str,
        room: RoomCode,
        now: Instant,
    ) -> Result<Option<LastingId>, SeatFault> {
        let bytes = BASE64URL_NOPAD.decode(ticket.as_bytes()).map_err(|_| SeatFault::Forged)?;
        let (number, proof) = bytes.split_at_checked(NUMBER_BYTES).ok_or(SeatFault::Forged)?;
        let number = number.try_into().map(u64::from_le_bytes).map_err(|_| SeatFault::Forged)?;
        let mac = self.key.clone().chain_update(number.to_le_bytes());
        if proof.len() != PROOF_BYTES || mac.verify_truncated_left(proof).is_err() {
            return Err(SeatFault::Forged);
        }
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let reserved = issued.get_mut(&number);
        let reserved = reserved.filter(|seat| seat.room == room && seat.until > now && !seat.is_used);
        let reserved = reserved.ok_or(SeatFault::Used)?;
        (reserved.until, reserved.is_used) = (now + COUNTED, true);
        Ok(reserved.lasting)
    }

    /// All seats that are reserved for players who have not come yet.
    pub(super) fn reserved(&self, now: Instant) -> u64 {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.values().filter(|seat| seat.until > now && !seat.is_used).count() as u64
    }

    /// Seats of a room that are reserved for players who have not come yet.
    pub(super) fn held(&self, room: RoomCode, now: Instant) -> u32 {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let is_held = |seat: &&Reserved| seat.room == room && seat.until > now && !seat.is_used;
        u32::try_from(issued.values().filter(is_held).count()).unwrap_or(u32::MAX)
    }

    fn proof(&self, number: u64) -> [u8; 32] {
        self.key.clone().chain_update(number.to_le_bytes()).finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticket_is_good_once_for_its_room_and_some_seconds() {
        let (seats, now) = (Seats::new().expect("randomness"), Instant::now());
        let [room, other]: [RoomCode; 2] = ["AAAAAA", "BBBBBB"].map(|code| code.parse().expect("a code"));
        let lasting = Some(LastingId([7; 16]));
        let ticket = seats.reserve((room, lasting), 1, now).expect("a seat is free");
        assert_eq!(seats.reserve((room, None), 1, now), None, "it is reserved");
        assert!(seats.reserve((other, None), 1, now).is_some());
        assert_eq!((seats.held(room, now), seats.held(room, now + RESERVED)), (1, 0));
        assert_eq!(seats.redeem(&ticket, room, now), Ok(lasting));
        assert_eq!(seats.held(room, now), 0, "it has come");
        assert_eq!(seats.redeem(&ticket, room, now), Err(SeatFault::Used));
        assert_eq!(seats.reserve((room, None), 1, now), None, "the room does not count the client yet");
        let now = now + COUNTED;
        let late = seats.reserve((room, None), 1, now).expect("a seat is free");
        assert_eq!(seats.redeem(&late, room, now + RESERVED), Err(SeatFault::Used));
        let elsewhere = seats.reserve((room, None), 9, now).expect("a seat is free");
        assert_eq!(seats.redeem(&elsewhere, other, now), Err(SeatFault::Used));
    }

    #[test]
    fn forged_ticket_is_refused_and_leaves_the_reservation() {
        let (ours, theirs) = (Seats::new().expect("randomness"), Seats::new().expect("randomness"));
        let (room, now) = ("AAAAAA".parse().expect("a code"), Instant::now());
        let ticket = ours.reserve((room, None), 1, now).expect("a seat is free");
        let foreign = theirs.reserve((room, None), 1, now).expect("a seat is free");
        for text in ["", "A", "ä", &foreign, &ticket[..31], &format!("{ticket}AA")] {
            assert_eq!(ours.redeem(text, room, now), Err(SeatFault::Forged), "{text}");
        }
        let mut changed = ticket.clone().into_bytes();
        changed[31] = if changed[31] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        assert_eq!(ours.redeem(&changed, room, now), Err(SeatFault::Forged));
        assert_eq!(ours.redeem(&ticket, room, now), Ok(None));
    }
}
