//! A whole tick: inputs in, step, changes encoded, a frame for every player. The bar is the tick period: 50 ms at
//! 20 Hz, all of it shared with the sockets.

use std::time::Instant;

use benches::worlds::{BusyWorld, timed};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

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

criterion_group!(benches, tick);
criterion_main!(benches);
