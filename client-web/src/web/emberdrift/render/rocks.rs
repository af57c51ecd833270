//! Rocks as faceted meshes. Each is made once, from its number and its circle; those in view are uploaded when
//! the set of them changes. It must not know that they are obstacles.

use shared::{Vec2, game::arena::Rock};
use web_sys::WebGl2RenderingContext as Gl;

use super::noise::Random;
use crate::web::shell::{
    canvas::View,
    dom::Result,
    gl::{Attribute, Batch, Program, put},
    glsl::shader,
};

/// Where the light comes from: x, y, towards the eye.
const LIGHT: [f32; 3] = [-0.52, 0.68, 0.52];

/// Rocks of one arena.
pub(in crate::web) struct Rocks {
    program: Program,
    batch: Batch,
    meshes: Vec<(Rock, Vec<u8>)>,
    shown: Vec<usize>,
    in_view: Vec<usize>,
}

impl Rocks {
    /// No rocks yet.
    pub(in crate::web) fn new(gl: &Gl) -> Result<Self> {
        let program = Program::new(gl, shader!("rocks.vert.glsl"), shader!("rocks.frag.glsl"), &["u_view"])?;
        Ok(Self {
            program,
            batch: Batch::new(gl, &[Attribute::Floats(2), Attribute::Floats(3)], false)?,
            meshes: Vec::new(),
            shown: Vec::new(),
            in_view: Vec::new(),
        })
    }

    /// Makes the meshes of an arena's rocks.
    pub(in crate::web) fn lay(&mut self, rocks: &[Rock]) {
        self.meshes = (0_u32..).zip(rocks).map(|(seed, rock)| (*rock, mesh(*rock, seed))).collect();
        self.shown.clear();
        self.batch.bytes.clear();
    }

    /// Draws those in view: one call.
    pub(in crate::web) fn draw(&mut self, gl: &Gl, view: &View) {
        self.in_view.clear();
        let seen = |(_, (rock, _)): &(usize, &(Rock, Vec<u8>))| view.sees(rock.centre, rock.radius * 1.3);
        let in_view = self.meshes.iter().enumerate().filter(seen).map(|(i, _)| i);
        self.in_view.extend(in_view);
        if self.in_view != self.shown {
            self.batch.bytes.clear();
            for rock in &self.in_view {
                self.batch.bytes.extend_from_slice(&self.meshes[*rock].1);
            }
            self.batch.upload(gl);
            core::mem::swap(&mut self.shown, &mut self.in_view);
        }
        self.program.activate(gl);
        let (camera, half) = (view.camera, view.half);
        gl.uniform4f(self.program.at("u_view"), camera.x, camera.y, 1.0 / half.x, 1.0 / half.y);
        self.batch.draw(gl, Gl::TRIANGLES);
    }
}

/// A point of a rock: place in units of its radius, height towards the eye, edge, rim light.
#[derive(Clone, Copy)]
struct Point {
    at: Vec2,
    height: f32,
    edge: f32,
}

impl Point {
    fn lit(self) -> f32 {
        let way = self.at.normalize_or_zero();
        (0.5 + 0.62 * (way.x * LIGHT[0] + way.y * LIGHT[1])).clamp(0.0, 1.0)
    }
}

/// Rings of points, each half as many as the one outside it, and a halo around.
fn mesh(rock: Rock, seed: u32) -> Vec<u8> {
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
                let dome = (1.0 - (reach * 0.94).powi(2)).max(0.0).sqrt();
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
