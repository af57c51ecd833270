//! One thread with many bots: it polls all their sockets and gives each bot its turns. It does not know what bots say.
//!
//! By default it looks for what has arrived once a millisecond instead of waiting for it: a thread that waits is woken
//! for each frame by the server, and on one machine it is the server that pays for that. An eager worker waits.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    mem,
    net::{SocketAddr, ToSocketAddrs},
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use mio::{Events, Poll, Token};

use super::{
    Address,
    bot::{Bot, Context, NewPlayer},
    flags,
    record::{ConnectionRecord, End, Results, RunState},
    roles::BotSpec,
};

/// Sockets that one poll reports.
const EVENTS_MAX: usize = 256;
const REST: Duration = Duration::from_millis(1);
/// After this number of handled sockets, bots whose turn is due act.
const EVENTS_BETWEEN_TURNS: usize = 16;
/// How often time-outs and the end of the run are checked.
const CHECK_EVERY_US: u64 = 20_000;

/// How often a bot follows its room to another server of a cluster.
const MOVES_MAX: u32 = 16;

/// The first address of a host.
fn look_up(address: &Address) -> Option<SocketAddr> {
    address.authority.to_socket_addrs().ok()?.next()
}

/// What is due next for one bot, first of all by when.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    due_us: u64,
    slot: usize,
    /// In which of the slot's connections: a turn of an earlier one is void.
    connection: u32,
}

type Turns = BinaryHeap<Reverse<Turn>>;

fn pop_due(turns: &mut Turns, now_us: u64) -> Option<Turn> {
    turns.peek().filter(|Reverse(turn)| turn.due_us <= now_us)?;
    turns.pop().map(|Reverse(turn)| turn)
}

struct Slot {
    spec: BotSpec,
    bot: Option<Box<Bot>>,
    /// Connections so far.
    connections: u32,
    /// When this connection ends, another begins.
    is_replaced: bool,
    /// Whether the next connection replaces no other.
    is_first: bool,
    /// Where it plays, and where that is found.
    place: (Address, SocketAddr),
    /// How often it was sent to another server.
    moves: u32,
}

pub(super) struct Worker {
    run: Arc<RunState>,
    new_player: NewPlayer,
    eager: bool,
    poll: Poll,
    slots: Vec<Slot>,
    turns: Turns,
    starts: Turns,
    results: Results,
}

impl Worker {
    pub(super) fn new(
        bots: Vec<BotSpec>,
        new_player: NewPlayer,
        poll: Poll,
        eager: bool,
        run: &Arc<RunState>,
    ) -> Self {
        let mut starts = Turns::default();
        for (slot, spec) in bots.iter().enumerate() {
            let due_us = flags::due_us(spec.number, run.plan.ramp);
            starts.push(Reverse(Turn { due_us, slot, connection: 0 }));
        }
        let slot = |spec: BotSpec| Slot {
            place: (run.rooms.address_of(spec.number, &run.plan.address), run.at),
            spec,
            bot: None,
            connections: 0,
            is_replaced: false,
            is_first: true,
            moves: 0,
        };
        Self {
            run: Arc::clone(run),
            new_player,
            eager,
            poll,
            slots: bots.into_iter().map(slot).collect(),
            turns: Turns::default(),
            starts,
            results: Results::default(),
        }
    }

    /// Runs until the run is over and all bots have left.
    pub(super) fn run(mut self) -> Results {
        let mut events = Events::with_capacity(EVENTS_MAX);
        let (mut check_us, mut is_over, mut is_behind) = (0, false, false);
        loop {
            let now_us = self.run.now_us();
            if now_us >= check_us {
                check_us = now_us + CHECK_EVERY_US;
                if !is_over && self.run.is_over.load(Ordering::Relaxed) {
                    is_over = true;
                    self.leave_all();
                }
                self.end_timed_out(now_us);
                if is_over && self.slots.iter().all(|slot| slot.bot.is_none()) {
                    return self.results;
                }
            }
            self.take_turns();
            let mut wait = Duration::ZERO;
            if self.eager {
                wait = self.time_to_next(check_us);
            } else if !is_behind {
                thread::sleep(REST);
            }
            // It fails only when a signal interrupts it, and then everything is checked again.
            if self.poll.poll(&mut events, Some(wait)).is_err() {
                continue;
            }
            is_behind = events.iter().count() == EVENTS_MAX;
            for (count, event) in events.iter().enumerate() {
                self.with_bot(event.token().0, |bot, spec, context| bot.on_ready(spec, context));
                if count % EVENTS_BETWEEN_TURNS == EVENTS_BETWEEN_TURNS - 1 {
                    self.take_turns();
                }
            }
        }
    }

    /// How long nothing is due, until `check_us` at the longest.
    fn time_to_next(&self, check_us: u64) -> Duration {
        let next = [self.turns.peek(), self.starts.peek()].into_iter().flatten();
        let next_us = next.map(|Reverse(turn)| turn.due_us).chain([check_us]).min().unwrap_or(check_us);
        Duration::from_micros(next_us.saturating_sub(self.run.now_us()))
    }

    /// Does something with a bot that has a connection, and handles what follows: its first turn, or its end.
    fn with_bot(
        &mut self,
        slot: usize,
        act: impl FnOnce(&mut Bot, &BotSpec, &mut Context<'_>) -> Result<bool, End>,
    ) {
        let Slot { spec, bot: Some(bot), connections, .. } = &mut self.slots[slot] else {
            return;
        };
        let mut context =
            Context { run: &self.run, registry: self.poll.registry(), measured: &mut self.results.measured };
        match act(bot, spec, &mut context) {
            Ok(false) => {}
            Ok(true) => {
                let due_us = self.run.now_us() + bot.phase_us();
                self.turns.push(Reverse(Turn { due_us, slot, connection: *connections }));
            }
            Err(end) => self.end(slot, end),
        }
    }

    /// Starts the bots that are due, and gives due turns.
    fn take_turns(&mut self) {
        let now_us = self.run.now_us();
        while let Some(turn) = pop_due(&mut self.starts, now_us) {
            self.start(turn.slot);
        }
        while let Some(turn) = pop_due(&mut self.turns, now_us) {
            self.take_turn(turn, now_us);
        }
    }

    fn take_turn(&mut self, turn: Turn, now_us: u64) {
        let Turn { due_us, slot, connection } = turn;
        let Slot { spec, bot: Some(bot), connections, is_replaced, .. } = &mut self.slots[slot] else {
            return;
        };
        if *connections != connection || bot.is_leaving() {
            return;
        }
        let measured_us = self.run.measured_us(now_us).filter(|_| bot.has_joined());
        if measured_us.zip(spec.leaves.as_mut()).is_some_and(|(now_us, leaves)| leaves.is_due(now_us)) {
            *is_replaced = true;
            self.results.measured.leaves += 1;
            self.with_bot(slot, |bot, spec, context| bot.leave(spec, context).map(|()| false));
            return;
        }
        let mut next_us = None;
        self.with_bot(slot, |bot, spec, context| {
            next_us = Some(bot.turn(due_us, spec, context)?);
            Ok(false)
        });
        if let Some(due_us) = next_us {
            self.turns.push(Reverse(Turn { due_us, ..turn }));
        }
    }

    fn start(&mut self, slot: usize) {
        let Slot { spec, bot, connections, is_replaced, is_first, place: (address, at), .. } =
            &mut self.slots[slot];
        let first = mem::take(is_first);
        *connections += 1;
        *is_replaced = false;
        let context =
            Context { run: &self.run, registry: self.poll.registry(), measured: &mut self.results.measured };
        let player = (self.new_player)(spec, &self.run.plan);
        match Bot::connect(spec, player, first, (address, *at), Token(slot), &context) {
            Ok(connecting) => *bot = Some(Box::new(connecting)),
            Err(reason) => {
                self.run.end(false, first, false);
                self.run.retired.fetch_add(1, Ordering::Relaxed);
                let slow = spec.slow.is_some();
                self.results.connections.push(ConnectionRecord {
                    first,
                    slow,
                    end: End::Lost(reason),
                    ..ConnectionRecord::default()
                });
            }
        }
    }

    fn end(&mut self, slot: usize, end: End) {
        let Slot { spec, bot, connections, is_replaced, is_first, place, moves } = &mut self.slots[slot];
        let Some(bot) = bot.take() else { return };
        let end = match end {
            End::Moved(address) if *moves < MOVES_MAX => match look_up(&address) {
                Some(at) => {
                    (*place, *is_replaced, *is_first) = ((address, at), true, bot.is_yet_to_join());
                    *moves += 1;
                    self.results.measured.moves += 1;
                    End::Left
                }
                None => End::Lost(format!("moved to {address}, whose host is unknown")),
            },
            End::Moved(_) => End::Lost("moved too often".to_owned()),
            other => other,
        };
        // It is not refused: it comes in at another server.
        if *is_first {
            self.starts.push(Reverse(Turn { due_us: self.run.now_us(), slot, connection: *connections }));
            return;
        }
        self.results.connections.push(bot.into_record(spec, end, &self.run));
        if *is_replaced {
            self.starts.push(Reverse(Turn { due_us: self.run.now_us(), slot, connection: *connections }));
        } else {
            self.run.retired.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn end_timed_out(&mut self, now_us: u64) {
        for slot in 0..self.slots.len() {
            let end = self.slots[slot].bot.as_ref().and_then(|bot| bot.timed_out(now_us));
            if let Some(end) = end {
                self.end(slot, end);
            }
        }
    }

    fn leave_all(&mut self) {
        self.starts.clear();
        for slot in 0..self.slots.len() {
            self.slots[slot].is_replaced = false;
            self.with_bot(slot, |bot, spec, context| bot.leave(spec, context).map(|()| false));
        }
    }
}
