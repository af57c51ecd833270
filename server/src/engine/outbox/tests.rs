//! The queue with one thread, and with a sender and a receiver in threads of their own.

use std::task::Wake;

use super::super::sync::{Thread, current, model, park, spawn};
use super::*;

fn message(number: u32) -> Outbound {
    Outbound::Message(number.to_le_bytes().to_vec().into())
}

/// The number of a message; `None` at the end of the queue.
fn number(outbound: Option<Outbound>) -> Option<u32> {
    match outbound? {
        Outbound::Message(bytes) => bytes.as_ref().try_into().ok().map(u32::from_le_bytes),
        Outbound::Close(reason) => panic!("closed: {reason:?}"),
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks on the receiver. A lost wake-up would block forever.
fn recv(receiver: &mut OutboxReceiver) -> Option<Outbound> {
    let waker = Waker::from(std::sync::Arc::new(Unpark(current())));
    loop {
        match receiver.poll_recv(&mut Context::from_waker(&waker), Instant::now()) {
            Poll::Ready(outbound) => return outbound,
            Poll::Pending => park(),
        }
    }
}

#[test]
fn last_place_is_reserved_for_the_close() {
    model(|| {
        let (mut sender, mut receiver) = OutboxSender::new();
        let mut sent = 0;
        while let Ok(permit) = sender.try_reserve() {
            permit.send(message(sent));
            sent += 1;
        }
        assert_eq!(sent as usize, OUTBOUND_CAPACITY - 1);
        assert_eq!(sender.try_reserve().err(), Some(ReserveError::Full));
        sender.close(CloseReason::SlowReader);
        sender.close(CloseReason::Full);
        let all: Vec<_> = std::iter::from_fn(|| receiver.try_recv()).collect();
        assert_eq!(all.len(), OUTBOUND_CAPACITY);
        assert!(matches!(all.last(), Some(Outbound::Close(CloseReason::SlowReader))));
        drop(receiver);
        assert_eq!(sender.try_reserve().err(), Some(ReserveError::Closed));
    });
}

#[test]
fn held_lock_fails_the_send_instead_of_blocking() {
    model(|| {
        let (mut sender, mut receiver) = OutboxSender::new();
        let shared = Arc::clone(&receiver.0);
        let state = shared.lock();
        let permit = sender.try_reserve().expect("a free place");
        assert_eq!(permit.try_send(message(1), None).err(), Some(Contended));
        drop(state);
        let permit = sender.try_reserve().expect("a free place");
        assert!(permit.try_send(message(2), Some(ReadyAt(Instant::now()))).is_ok());
        assert_eq!(number(receiver.try_recv()), Some(2));
        assert!(receiver.try_recv().is_none());
    });
}

#[test]
fn messages_arrive_in_order_and_dropping_the_sender_ends_the_queue() {
    model(|| {
        let (mut sender, mut receiver) = OutboxSender::new();
        let thread = spawn(move || {
            for number in 0..3 {
                sender.try_reserve().expect("a free place").send(message(number));
            }
        });
        for expected in 0..3 {
            assert_eq!(number(recv(&mut receiver)), Some(expected));
        }
        assert!(recv(&mut receiver).is_none());
        thread.join().expect("the sender finishes");
    });
}

#[test]
fn message_is_delivered_or_reported_as_contended() {
    model(|| {
        let (mut sender, mut receiver) = OutboxSender::new();
        let thread = spawn(move || {
            let mut sent = Vec::new();
            for number in 0..2 {
                let permit = sender.try_reserve().expect("a free place");
                if let Ok(waker) = permit.try_send(message(number), Some(ReadyAt(Instant::now()))) {
                    sent.push(number);
                    // As the simulation does: after the lock is released.
                    waker.into_iter().for_each(Waker::wake);
                }
            }
            sent
        });
        let received: Vec<_> = std::iter::from_fn(|| number(recv(&mut receiver))).collect();
        assert_eq!(received, thread.join().expect("the sender finishes"));
    });
}

#[test]
fn dropping_the_receiver_closes_the_queue_for_the_sender() {
    model(|| {
        let (mut sender, receiver) = OutboxSender::new();
        let thread = spawn(move || drop(receiver));
        match sender.try_reserve() {
            Ok(permit) => permit.send(message(1)),
            Err(error) => assert_eq!(error, ReserveError::Closed),
        }
        thread.join().expect("it drops the receiver");
        assert_eq!(sender.try_reserve().err(), Some(ReserveError::Closed));
    });
}

#[test]
fn close_reaches_a_waiting_receiver() {
    model(|| {
        let (mut sender, mut receiver) = OutboxSender::new();
        let thread = spawn(move || {
            sender.close(CloseReason::Replaced);
            sender
        });
        assert!(matches!(recv(&mut receiver), Some(Outbound::Close(CloseReason::Replaced))));
        thread.join().expect("the sender finishes");
    });
}
