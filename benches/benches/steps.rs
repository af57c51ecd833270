//! How long the steps of a tick take, on the server and in the client. The worlds are seeded, and what a step does not
//! include is left off the clock.

use std::time::Instant;

use benches::worlds::{BusyWorld, TICK_RATE, record, timed};
use client_web::game::session::Session;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use server::engine::{recorder::Recorder, recording::put_commands, simulation::Simulation as _};
use shared::{
    engine::{
        input::{Angle, Buttons, PlayerInput},
        protocol::{decode_server, put},
    },
    game::{Emberdrift, movement},
};

/// Ships of all benchmarks but those of a whole tick.
const SHIPS: u32 = 1000;

/// A whole tick: inputs in, step, changes encoded, a frame for every player. The bar is the tick period: 50 ms at
/// 20 Hz, all of it shared with the sockets.
fn tick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tick");
    group.sample_size(10);
    for ships in [100, 1000, 4000] {
        group.throughput(Throughput::Elements(u64::from(ships)));
        let mut world = BusyWorld::new(ships, ships, 1);
        group.bench_function(BenchmarkId::new("step", ships), |bencher| {
            bencher.iter(|| {
                world.steer();
                world.step();
            });
        });
        // What viewers know is behind now; one publication brings it up.
        world.publish();
        group.bench_function(BenchmarkId::new("step_and_publish", ships), |bencher| {
            bencher.iter_custom(|rounds| {
                timed(rounds, || {
                    let start = Instant::now();
                    world.steer();
                    world.step();
                    world.publisher.publish(&world.sim);
                    let took = start.elapsed();
                    // Reading is the connections' work, on other threads.
                    world.drain(|_, _| {});
                    took
                })
            });
        });
    }
    group.finish();
}

/// The two halves of replication: what changed, encoded once for all (its cost goes with the ships), and a frame
/// put together for each viewer (its cost goes with the viewers). Prints the bytes too: they are what a network
/// has to carry.
fn frame(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    group.sample_size(10);

    let mut world = BusyWorld::new(SHIPS, 0, 2);
    group.throughput(Throughput::Elements(u64::from(SHIPS)));
    group.bench_function("encode_cells", |bencher| {
        bencher.iter_custom(|rounds| {
            timed(rounds, || {
                // Off the clock: there must be something new to encode.
                world.steer();
                world.step();
                let start = Instant::now();
                world.publisher.encode(&world.sim);
                start.elapsed()
            })
        });
    });

    let mut world = BusyWorld::new(SHIPS, SHIPS, 2);
    world.steer();
    world.step();
    let published = world.publish();
    println!(
        "frame: {} viewers, {} bytes a frame, {} KB a player-second at {TICK_RATE} Hz",
        published.frames,
        published.bytes / published.frames,
        published.bytes * u64::from(TICK_RATE) / published.frames / 1000,
    );
    world.publisher.encode(&world.sim);
    group.throughput(Throughput::Elements(published.frames));
    group.bench_function("assemble_frames", |bencher| {
        bencher.iter_custom(|rounds| {
            timed(rounds, || {
                let start = Instant::now();
                world.publisher.send(&world.sim);
                let took = start.elapsed();
                // Queues hold eight messages, so they are emptied, off the clock.
                world.drain(|_, _| {});
                took
            })
        });
    });
    group.finish();
}

/// The client's side of a frame: decoding alone, and decoding and applying as the browser does.
fn codec(criterion: &mut Criterion) {
    let mut frames = record(SHIPS, 60, 3);
    let welcome = frames.remove(0);
    let bytes: usize = frames.iter().map(Vec::len).sum();
    println!("codec: {} frames of {} bytes on average", frames.len(), bytes / frames.len());
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(frames.len() as u64));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| frames.iter().filter(|frame| decode_server::<Emberdrift>(frame).is_ok()).count());
    });
    group.bench_function("decode_and_apply", |bencher| {
        bencher.iter_batched(
            || {
                let mut session = Session::new("bench");
                session.handle_message(&welcome, 0.0).expect("the server's own welcome");
                session
            },
            |mut session| {
                for (i, frame) in frames.iter().enumerate() {
                    session.handle_message(frame, i as f64 * 50.0).expect("the server's own frame");
                }
                session
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// The one function that moves ships, by itself: it runs for every ship on the server, and again for every
/// unanswered input on a client.
fn step(criterion: &mut Criterion) {
    let world = BusyWorld::new(SHIPS, 0, 4);
    let terrain = world.sim.sim().terrain();
    let mut ships: Vec<_> =
        world.sim.sim().world().in_order().filter_map(|pilot| Some(pilot.ship()?.flight.motion)).collect();
    let mut group = criterion.benchmark_group("movement");
    group.throughput(Throughput::Elements(ships.len() as u64));
    let mut turn = 0_u16;
    group.bench_function("step", |bencher| {
        bencher.iter(|| {
            turn = turn.wrapping_add(40);
            let buttons = PlayerInput::towards(Angle(turn).unit());
            for (i, motion) in ships.iter_mut().enumerate() {
                let buttons = Buttons(buttons.0.rotate_left(i as u32 % 4));
                let input = PlayerInput { buttons, aim: Angle(turn) };
                movement::step(motion, input, &terrain.arena().rules.hulls[i % 4], i % 8 == 0, terrain, 0.05);
            }
        });
    });
    group.finish();
}

/// What a snapshot costs its tick: the state is encoded into a buffer that is used again. All else is done by another thread.
fn snapshot(criterion: &mut Criterion) {
    let world = BusyWorld::new(SHIPS, 0, 5);
    let mut buffer = Vec::new();
    put(&mut buffer, &world.sim.state());
    println!("snapshot: {} ships, {} bytes", SHIPS, buffer.len());
    let mut group = criterion.benchmark_group("snapshot");
    group.throughput(Throughput::Elements(u64::from(SHIPS)));
    group.bench_function("encode", |bencher| {
        bencher.iter(|| {
            buffer.clear();
            put(&mut buffer, &world.sim.state());
        });
    });
    group.finish();
}

/// What the flight recorder costs each tick: the inputs of all ships are noted, and a checksum of the state. A new segment costs what
/// a snapshot does, once in five seconds.
fn recorder(criterion: &mut Criterion) {
    let mut world = BusyWorld::new(SHIPS, 0, 6);
    world.steer();
    let mut recorder = Recorder::new(u32::MAX, 0, |_| {});
    let mut tick = 0;
    let mut group = criterion.benchmark_group("recorder");
    group.throughput(Throughput::Elements(u64::from(SHIPS)));
    group.bench_function("tick", |bencher| {
        bencher.iter(|| {
            recorder.begin_step(|out| put_commands(out, world.commands()));
            recorder.end_step(world.sim.quick_checksum());
            tick += 1;
            // A full log gives its memory to the next.
            if recorder.is_due(tick) {
                recorder.begin_segment(tick, Some, |_| {});
            }
        });
    });
    group.finish();
}

criterion_group!(benches, tick, frame, codec, step, snapshot, recorder);
criterion_main!(benches);
