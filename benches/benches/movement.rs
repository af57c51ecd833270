//! The one function that moves ships, by itself: it runs for every ship on the server, and again for every
//! unanswered input on a client.

use benches::worlds::BusyWorld;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shared::{
    engine::input::{Angle, Buttons, PlayerInput},
    game::movement,
};

fn step(criterion: &mut Criterion) {
    let world = BusyWorld::new(1000, 0, 4);
    let terrain = world.sim.terrain();
    let mut ships: Vec<_> =
        world.sim.world().in_order().filter_map(|pilot| Some(pilot.ship()?.flight.motion)).collect();
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

criterion_group!(benches, step);
criterion_main!(benches);
