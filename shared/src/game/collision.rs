//! Tests of circles and boxes against circles and against a moving point.

use glam::Vec2;

/// The fraction (0 to 1) of the path from `from` along `way` at which a point enters a circle; zero if it starts
/// inside.
pub fn enters_circle(from: Vec2, way: Vec2, centre: Vec2, radius: f32) -> Option<f32> {
    let offset = from - centre;
    let c = offset.length_squared() - radius * radius;
    if c <= 0.0 {
        return Some(0.0);
    }
    // |offset + t·way|² = radius², solved for the smaller t.
    let a = way.length_squared();
    let b = offset.dot(way);
    if b >= 0.0 || a == 0.0 {
        return None;
    }
    let discriminant = b * b - a * c;
    if discriminant < 0.0 {
        return None;
    }
    let t = (-b - libm::sqrtf(discriminant)) / a;
    (t <= 1.0).then_some(t)
}

/// How to push a circle at `place` out of an overlapping circle: the unit normal and the depth.
pub fn overlap(place: Vec2, radius: f32, centre: Vec2, other_radius: f32) -> Option<(Vec2, f32)> {
    let offset = place - centre;
    let apart = radius + other_radius;
    let distance_squared = offset.length_squared();
    if distance_squared >= apart * apart {
        return None;
    }
    let distance = libm::sqrtf(distance_squared);
    let normal = if distance > 1e-3 { offset / distance } else { Vec2::Y };
    Some((normal, apart - distance))
}

/// The fraction (0 to 1) of the path from `from` along `way` at which a point enters an axis-aligned box, given by its
/// centre and half size; zero if it starts inside or on the border.
pub fn enters_box(from: Vec2, way: Vec2, centre: Vec2, half: Vec2) -> Option<f32> {
    let offset = from - centre;
    let (mut enters, mut leaves) = (0.0_f32, 1.0_f32);
    for (offset, way, half) in [(offset.x, way.x, half.x), (offset.y, way.y, half.y)] {
        if way == 0.0 {
            if offset.abs() > half {
                return None;
            }
            continue;
        }
        // The part of the path between the near and the far side on this axis.
        let (low, high) = ((-half - offset) / way, (half - offset) / way);
        let (near, far) = if low <= high { (low, high) } else { (high, low) };
        enters = if near > enters { near } else { enters };
        leaves = if far < leaves { far } else { leaves };
    }
    (enters <= leaves).then_some(enters)
}

/// How to push a circle at `place` out of an overlapping axis-aligned box: the unit normal and the depth. A circle whose centre
/// is inside leaves through the nearest side.
pub fn overlap_box(place: Vec2, radius: f32, centre: Vec2, half: Vec2) -> Option<(Vec2, f32)> {
    let offset = place - centre;
    let beyond = offset.abs() - half;
    if beyond.x >= radius || beyond.y >= radius {
        return None;
    }
    let side = |along: f32| if along < 0.0 { -1.0 } else { 1.0 };
    if beyond.x <= 0.0 || beyond.y <= 0.0 {
        // Beside or inside the box: out through a side.
        return Some(if beyond.x > beyond.y {
            (Vec2::new(side(offset.x), 0.0), radius - beyond.x)
        } else {
            (Vec2::new(0.0, side(offset.y)), radius - beyond.y)
        });
    }
    // At a corner: away from it.
    let distance_squared = beyond.length_squared();
    if distance_squared >= radius * radius {
        return None;
    }
    let distance = libm::sqrtf(distance_squared);
    if distance <= 1e-3 {
        return Some((Vec2::new(0.0, side(offset.y)), radius));
    }
    let normal = Vec2::new(side(offset.x) * beyond.x, side(offset.y) * beyond.y) / distance;
    Some((normal, radius - distance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn point_enters_a_box_at_the_first_side() {
        let enters = |from: (f32, f32), way: (f32, f32)| {
            enters_box(from.into(), way.into(), Vec2::new(10.0, 0.0), Vec2::new(2.0, 1.0))
        };
        assert_eq!(enters((0.0, 0.0), (16.0, 0.0)), Some(0.5));
        assert_eq!(enters((0.0, 0.0), (8.0, 0.0)), Some(1.0));
        assert_eq!(enters((0.0, 0.0), (7.9, 0.0)), None);
        assert_eq!(enters((0.0, 0.0), (-16.0, 0.0)), None);
        assert_eq!(enters((10.0, 5.0), (0.0, -8.0)), Some(0.5));
        assert_eq!(enters((7.9, 5.0), (0.0, -8.0)), None);
        // Both slabs are crossed, but not at the same time.
        assert_eq!(enters((6.0, 2.0), (4.0, 4.0)), None);
        assert_eq!(enters((10.0, 0.5), (90.0, 0.0)), Some(0.0));
        assert_eq!(enters((10.0, 0.5), (0.0, 0.0)), Some(0.0));
        assert_eq!(enters((12.5, 0.5), (0.0, 0.0)), None);
    }

    #[test]
    fn circle_leaves_a_box_through_its_sides_and_around_its_corners() {
        let out = |x: f32, y: f32| overlap_box(Vec2::new(x, y), 5.0, Vec2::ZERO, Vec2::new(20.0, 10.0));
        assert_eq!(out(23.0, 4.0), Some((Vec2::X, 2.0)));
        assert_eq!(out(-3.0, -14.0), Some((Vec2::NEG_Y, 1.0)));
        assert_eq!(out(23.0, 14.0), None);
        let (normal, depth) = out(23.0, 13.0).expect("it overlaps the corner");
        assert!((normal.x - normal.y).abs() < 1e-6 && normal.is_normalized());
        assert!((depth - (5.0 - 18.0_f32.sqrt())).abs() < 1e-5, "{depth}");
        // From inside, through the nearer side.
        assert_eq!(out(1.0, 7.0), Some((Vec2::Y, 8.0)));
        assert_eq!(out(-18.0, 1.0), Some((Vec2::NEG_X, 7.0)));
        assert_eq!(out(20.0, 10.0), Some((Vec2::Y, 5.0)));
        assert_eq!(out(25.0, 0.0), None);
    }

    #[test]
    fn point_enters_a_circle_at_the_first_touch() {
        let t = enters_circle(Vec2::ZERO, Vec2::new(10.0, 0.0), Vec2::new(8.0, 0.0), 3.0);
        assert_eq!(t, Some(0.5));
        assert_eq!(enters_circle(Vec2::ZERO, Vec2::new(4.0, 0.0), Vec2::new(8.0, 0.0), 3.0), None);
        assert_eq!(enters_circle(Vec2::ZERO, Vec2::new(-10.0, 0.0), Vec2::new(8.0, 0.0), 3.0), None);
        assert_eq!(enters_circle(Vec2::ZERO, Vec2::ZERO, Vec2::new(1.0, 0.0), 3.0), Some(0.0));
        assert_eq!(enters_circle(Vec2::ZERO, Vec2::ZERO, Vec2::new(9.0, 0.0), 3.0), None);
    }

    #[test]
    fn overlapping_circles_are_pushed_apart() {
        let (normal, depth) = overlap(Vec2::new(4.0, 0.0), 2.0, Vec2::ZERO, 3.0).expect("they overlap");
        assert_eq!((normal, depth), (Vec2::X, 1.0));
        assert!(overlap(Vec2::new(5.0, 0.0), 2.0, Vec2::ZERO, 3.0).is_none());
        assert!(overlap(Vec2::ZERO, 2.0, Vec2::ZERO, 3.0).is_some_and(|(normal, _)| normal.is_normalized()));
    }
}
