//! Shape tests: circles against circles, and against a moving point.

use glam::Vec2;

/// The part of the way from `from` along `way` (0 to 1) at which a point first enters a circle; zero if it
/// starts inside.
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

/// How to push a circle at `place` out of a circle it overlaps: the unit normal and the depth.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_enters_where_it_first_touches() {
        let t = enters_circle(Vec2::ZERO, Vec2::new(10.0, 0.0), Vec2::new(8.0, 0.0), 3.0);
        assert_eq!(t, Some(0.5));
        assert_eq!(enters_circle(Vec2::ZERO, Vec2::new(4.0, 0.0), Vec2::new(8.0, 0.0), 3.0), None);
        assert_eq!(enters_circle(Vec2::ZERO, Vec2::new(-10.0, 0.0), Vec2::new(8.0, 0.0), 3.0), None);
        assert_eq!(enters_circle(Vec2::ZERO, Vec2::ZERO, Vec2::new(1.0, 0.0), 3.0), Some(0.0));
        assert_eq!(enters_circle(Vec2::ZERO, Vec2::ZERO, Vec2::new(9.0, 0.0), 3.0), None);
    }

    #[test]
    fn overlapping_circles_are_pushed_just_apart() {
        let (normal, depth) = overlap(Vec2::new(4.0, 0.0), 2.0, Vec2::ZERO, 3.0).expect("they overlap");
        assert_eq!((normal, depth), (Vec2::X, 1.0));
        assert!(overlap(Vec2::new(5.0, 0.0), 2.0, Vec2::ZERO, 3.0).is_none());
        assert!(overlap(Vec2::ZERO, 2.0, Vec2::ZERO, 3.0).is_some_and(|(normal, _)| normal.is_normalized()));
    }
}
