//! The client's side of a frame: decoding alone, and decoding and applying as the browser does.

use benches::worlds::BusyWorld;
use client_web::game::session::Session;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use shared::game::protocol::decode_server;

const FRAMES: usize = 60;

/// A welcome and the frames behind it, as the first viewer got them.
fn recording() -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut world = BusyWorld::new(1000, 0, 3);
    let mut messages: Vec<Vec<u8>> = Vec::new();
    world.watch(0);
    for _ in 0..FRAMES {
        world.steer();
        world.step();
        world.publisher.publish(&world.sim);
        world.drain(|_, bytes| messages.push(bytes.to_vec()));
    }
    let welcome = messages.remove(0);
    (welcome, messages)
}

fn codec(criterion: &mut Criterion) {
    let (welcome, frames) = recording();
    let bytes: usize = frames.iter().map(Vec::len).sum();
    println!("codec: {} frames of {} bytes on average", frames.len(), bytes / frames.len());
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(frames.len() as u64));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| frames.iter().filter(|frame| decode_server(frame).is_ok()).count());
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

criterion_group!(benches, codec);
criterion_main!(benches);
