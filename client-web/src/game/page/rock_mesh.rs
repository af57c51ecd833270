//! Rocks as faceted meshes, each made from its circle and a seed.

use shared::{Vec2, game::arena::Rock};

use crate::engine::page::{gpu_data::put, noise::Random};

/// Where the light comes from: x, y, towards the eye.
const LIGHT: [f32; 3] = [-0.52, 0.68, 0.52];

/// A corner of a facet.
#[derive(Clone, Copy)]
struct Point {
    /// In units of the rock's radius, from its middle.
    at: Vec2,
    /// Towards the eye.
    height: f32,
    /// 0 in the middle, 1 at the rim, 2 where the halo ends.
    edge: f32,
}

impl Point {
    /// Light on the rim, 0 to 1.
    fn lit(self) -> f32 {
        let way = self.at.normalize_or_zero();
        (0.5 + 0.62 * (way.x * LIGHT[0] + way.y * LIGHT[1])).clamp(0.0, 1.0)
    }
}

/// Triangles of a rock, five floats a vertex: place, shade, edge and rim light. Equal rocks with equal seeds are equal.
///
/// Rings of points, each half as many as the one outside it, and a halo around.
pub fn mesh(rock: Rock, seed: u32) -> Vec<u8> {
    let mut random = Random::new(seed.wrapping_add(101));
    let outer = match rock.radius {
        r if r < 110.0 => 12,
        r if r < 220.0 => 16,
        _ => 24,
    };
    let spin = random.angle();
    let mut ring = |count: usize, radius: f32, rough: f32, edge: f32| -> Vec<Point> {
        (0..count)
            .map(|i| {
                let step = core::f32::consts::TAU / count as f32;
                let angle = spin + (i as f32 + random.between(-0.24, 0.24)) * step;
                let reach = radius * random.between(1.0 - rough, 1.0 + rough * 0.4);
                let dome = (1.0 - reach * 0.94 * (reach * 0.94)).max(0.0).sqrt();
                Point {
                    at: Vec2::from_angle(angle) * reach,
                    height: dome + random.between(-0.13, 0.13),
                    edge,
                }
            })
            .collect()
    };
    let rim = ring(outer, 1.0, 0.10, 1.0);
    let middle = ring(outer / 2, 0.70, 0.10, 0.52);
    let heart = ring(outer / 4, 0.36, 0.14, 0.2);
    let tip = Point { at: Vec2::from_angle(random.angle()) * 0.1, height: 1.0, edge: 0.0 };

    let mut bytes = Vec::new();
    let mut facet = |a: Point, b: Point, c: Point| put_facet(&mut bytes, rock, [a, b, c]);
    band(&rim, &middle, &mut facet);
    band(&middle, &heart, &mut facet);
    for i in 0..heart.len() {
        facet(heart[i], heart[(i + 1) % heart.len()], tip);
    }
    for i in 0..rim.len() {
        let (a, b) = (rim[i], rim[(i + 1) % rim.len()]);
        // Light around a rock reaches about as far for small ones as for large ones.
        let reach = 1.0 + 0.10 + 7.0 / rock.radius;
        let out = |point: Point| Point { at: point.at * reach, edge: 2.0, ..point };
        facet(a, b, out(a));
        facet(b, out(b), out(a));
    }
    bytes
}

/// Facets between a ring and the ring of half as many points inside it.
fn band(outside: &[Point], inside: &[Point], facet: &mut impl FnMut(Point, Point, Point)) {
    for j in 0..inside.len() {
        let next = inside[(j + 1) % inside.len()];
        // The inner point stands below the outer point 2j.
        let at = |offset: usize| outside[(2 * j + offset) % outside.len()];
        facet(at(outside.len() - 1), at(0), inside[j]);
        facet(at(0), at(1), inside[j]);
        facet(at(1), next, inside[j]);
    }
}

fn put_facet(bytes: &mut Vec<u8>, rock: Rock, points: [Point; 3]) {
    let [a, b, c] = points;
    let (u, v) = (b.at - a.at, c.at - a.at);
    let (hu, hv) = (b.height - a.height, c.height - a.height);
    let normal = [u.y * hv - hu * v.y, hu * v.x - u.x * hv, u.x * v.y - u.y * v.x];
    let length = normal.iter().map(|n| n * n).sum::<f32>().sqrt().max(1e-6);
    let facing = if normal[2] < 0.0 { -1.0 } else { 1.0 };
    let light: f32 = normal.iter().zip(LIGHT).map(|(n, l)| n * l).sum::<f32>() * facing / length;
    let shade = (0.12 + 0.88 * light).clamp(0.0, 1.0);
    for point in points {
        let place = rock.centre + point.at * rock.radius;
        put(bytes, [place.x, place.y, shade, point.edge, point.lit()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vertices(rock: Rock, seed: u32) -> Vec<[f32; 5]> {
        let bytes = mesh(rock, seed);
        let floats: Vec<f32> =
            bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
        floats.chunks_exact(5).map(|five| five.try_into().unwrap()).collect()
    }

    fn rock(radius: f32) -> Rock {
        Rock { centre: Vec2::new(1000.0, 500.0), radius }
    }

    #[test]
    fn large_rocks_have_more_facets() {
        let facets = [60.0, 150.0, 300.0].map(|radius| vertices(rock(radius), 1).len() / 3);
        assert!(facets[0] < facets[1] && facets[1] < facets[2], "{facets:?}");
    }

    #[test]
    fn the_same_rock_always_looks_the_same_and_its_neighbour_does_not() {
        assert_eq!(mesh(rock(100.0), 3), mesh(rock(100.0), 3));
        assert_ne!(mesh(rock(100.0), 3), mesh(rock(100.0), 4));
    }

    #[test]
    fn the_solid_part_fills_the_circle_that_ships_collide_with() {
        for radius in [40.0, 120.0, 400.0] {
            let solid = vertices(rock(radius), 5).into_iter().filter(|[.., edge, _]| *edge <= 1.0);
            let far = |[x, y, ..]: [f32; 5]| Vec2::new(x, y).distance(rock(radius).centre) / radius;
            let farthest = solid.map(far).fold(0.0, f32::max);
            assert!((0.97..=1.05).contains(&farthest), "{farthest} radii");
        }
    }

    #[test]
    fn shade_and_rim_light_are_shares() {
        for [_, _, shade, edge, lit] in vertices(rock(200.0), 8) {
            assert!(
                (0.0..=1.0).contains(&shade) && (0.0..=1.0).contains(&lit) && (0.0..=2.0).contains(&edge)
            );
        }
    }

    #[test]
    fn the_side_towards_the_light_is_lighter() {
        let light = Vec2::new(LIGHT[0], LIGHT[1]).normalize();
        let side = |sign: f32| {
            let shades: Vec<f32> = vertices(rock(200.0), 8)
                .iter()
                .filter(|[x, y, _, edge, _]| {
                    *edge <= 1.0 && (Vec2::new(*x, *y) - rock(200.0).centre).dot(light) * sign > 60.0
                })
                .map(|[_, _, shade, ..]| *shade)
                .collect();
            shades.iter().sum::<f32>() / shades.len() as f32
        };
        assert!(side(1.0) > side(-1.0) + 0.2, "{} and {}", side(1.0), side(-1.0));
    }
}
