//! The two halves of replication: what changed, encoded once for all (its cost goes with the ships), and a frame
//! put together for each viewer (its cost goes with the viewers). Prints the bytes too: they are what a network
//! has to carry.

use std::time::Instant;

use benches::worlds::{BusyWorld, TICK_RATE, timed};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SHIPS: u32 = 1000;

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

criterion_group!(benches, frame);
criterion_main!(benches);
