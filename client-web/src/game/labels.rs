//! Which ships have their name above them: few enough to be read, never two on the same spot. It must not know how
//! a name is drawn, or how large its letters are but for the size that it is told.

use shared::{Vec2, engine::ids::PlayerId, game::pilot::PilotKind};

use super::scene::{Scene, SceneShip};

/// Of more ships the least important are not even looked at.
const CANDIDATES_MAX: usize = 160;
/// With more ships than this in the picture,
const CROWD: usize = 60;
/// at most so many of the nearest have a name,
const NEAREST: usize = 40;
/// and names keep apart, by so many times their size.
const SPREAD: Vec2 = Vec2::new(1.2, 1.8);
/// From nothing to full strength, in seconds.
const FADE_SECONDS: f32 = 0.25;
/// Who flies so near to where the own nose points is read of first, in units.
const AIM_UNITS: f32 = 60.0;
/// A name that stands keeps its place against one that is nearer by less than this share.
const KEEPS: f32 = 0.8;
/// Height of a name, in ems.
const HEIGHT_EMS: f32 = 1.15;
/// A drone's letters are smaller.
const DRONE_SCALE: f32 = 0.86;

/// A ship whose name is to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// Whose.
    pub id: PlayerId,
    /// The ship's index in the scene.
    pub ship: usize,
    /// How much of it is to be seen, 0 to 1: it fades in and out.
    pub strength: f32,
}

/// The names of one picture after the other.
#[derive(Debug, Default)]
pub struct Labels {
    shown: Vec<Label>,
    before: Vec<Label>,
    /// The most important first.
    candidates: Vec<Candidate>,
    /// Ships that could have a name.
    in_picture: usize,
    /// Middles and half sizes of the names placed so far.
    placed: Vec<(Vec2, Vec2)>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    ship: usize,
    /// How far it is from where the player looks; less is more important.
    distance: f32,
    before: f32,
}

/// The letters of a ship's name against the others': 1 for a player's.
pub fn letter_scale(kind: PilotKind) -> f32 {
    if kind == PilotKind::Drone { DRONE_SCALE } else { 1.0 }
}

/// How far above a ship's middle there is room for what is written over it, in units.
pub fn clearance(ship: &SceneShip) -> f32 {
    let light = match (ship.leader, ship.shielded) {
        (true, _) => 1.85,
        (_, true) => 1.7,
        _ => 1.3,
    };
    ship.radius * light
}

/// About how wide a text is, in ems.
fn width_ems(text: &str) -> f32 {
    // From here on letters are as wide as they are high: Chinese, Japanese, Korean, and pictures.
    text.chars().map(|c| if c < '\u{2e80}' { 0.58 } else { 1.0 }).sum()
}

impl Labels {
    /// Chooses anew, `seconds` after the last time. The picture reaches `half` around `camera`; an em of the letters is
    /// so large; all in world units.
    pub fn choose(&mut self, scene: &Scene, camera: Vec2, half: Vec2, em: f32, seconds: f32) {
        core::mem::swap(&mut self.shown, &mut self.before);
        self.gather(scene, camera, half);
        let crowd = self.in_picture > CROWD;
        let (most, spread) = if crowd { (NEAREST, SPREAD) } else { (CROWD, Vec2::ONE) };
        let step = seconds / FADE_SECONDS;
        self.shown.clear();
        self.placed.clear();
        for candidate in &self.candidates {
            let ship = &scene.ships[candidate.ship];
            let Some(pilot) = scene.roster.get(ship.id) else { continue };
            let wide = width_ems(pilot.name.as_str()) * letter_scale(pilot.kind);
            let size = Vec2::new(wide, HEIGHT_EMS) * em / 2.0;
            let middle = ship.position + Vec2::Y * (clearance(ship) + size.y);
            let free = !self.placed.iter().any(|(other, half)| {
                let apart = (*other - middle).abs();
                apart.cmplt((*half + size) * spread).all()
            });
            let wanted = free && self.placed.len() < most;
            if wanted {
                self.placed.push((middle, size));
            }
            let strength = (candidate.before + if wanted { step } else { -step }).clamp(0.0, 1.0);
            if strength > 0.0 || wanted {
                self.shown.push(Label { id: ship.id, ship: candidate.ship, strength });
            }
        }
    }

    /// Those chosen, the most important first.
    pub fn shown(&self) -> &[Label] {
        &self.shown
    }

    /// All ships in the picture but the own one, by importance.
    fn gather(&mut self, scene: &Scene, camera: Vec2, half: Vec2) {
        let own = scene.ships.iter().find(|ship| ship.own);
        let (centre, aim) =
            own.map_or((scene.camera, None), |own| (own.position, Some(Vec2::from_angle(own.aim_radians))));
        self.candidates.clear();
        self.in_picture = 0;
        for (index, ship) in scene.ships.iter().enumerate() {
            let apart = (ship.position - camera).abs();
            if ship.own || apart.cmpgt(half + ship.radius * 2.0).any() {
                continue;
            }
            let before = self.before.iter().find(|label| label.id == ship.id);
            let before = before.map_or(0.0, |label| label.strength);
            let to = ship.position - centre;
            let aimed =
                aim.is_some_and(|aim| aim.dot(to) > 0.0 && aim.perp_dot(to).abs() < AIM_UNITS + ship.radius);
            // What shoots back is more important than what only floats about.
            let distance = to.length().max(1.0) * if ship.drone { 1.5 } else { 1.0 };
            let distance = match (ship.leader, aimed && !ship.drone) {
                (true, _) => 0.0,
                (_, true) => distance * 0.25,
                _ => distance,
            };
            let distance = if before > 0.0 { distance * KEEPS } else { distance };
            self.in_picture += 1;
            // The nearest few, in order: cheaper than to sort a crowd of which most get no name.
            let place = self.candidates.partition_point(|other| other.distance <= distance);
            if place < CANDIDATES_MAX {
                self.candidates.truncate(CANDIDATES_MAX - 1);
                self.candidates.insert(place, Candidate { ship: index, distance, before });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        engine::name::PlayerName,
        game::protocol::{Notice, Pilot},
    };

    use super::*;

    const HALF: Vec2 = Vec2::new(640.0, 360.0);

    fn ship(id: u16, x: f32, y: f32) -> SceneShip {
        SceneShip {
            id: PlayerId(id),
            position: Vec2::new(x, y),
            velocity: Vec2::ZERO,
            aim_radians: 0.0,
            radius: 17.0,
            tier: 0,
            health: 1.0,
            boosting: false,
            shielded: false,
            own: id == 0,
            drone: false,
            leader: false,
            colour: 0,
            rapid: false,
            magnet: false,
        }
    }

    fn scene(ships: Vec<SceneShip>) -> Scene {
        let pilot = |ship: &SceneShip| Pilot {
            id: ship.id,
            name: PlayerName::new(&format!("P{}", ship.id.0)).unwrap(),
            kind: PilotKind::Player,
            colour: 0,
        };
        let pilots = ships.iter().map(pilot).collect();
        let mut scene = Scene { ships, ..Scene::default() };
        scene.roster.apply(&Notice::Roster(pilots));
        scene
    }

    fn names(labels: &Labels) -> Vec<u16> {
        let mut ids: Vec<u16> =
            labels.shown().iter().filter(|label| label.strength > 0.5).map(|label| label.id.0).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn others_in_the_picture_have_names_and_they_fade() {
        let mut labels = Labels::default();
        let mut scene = scene(vec![ship(1, 200.0, 0.0), ship(2, 900.0, 0.0), ship(0, 0.0, 0.0)]);
        labels.choose(&scene, Vec2::ZERO, HALF, 12.0, FADE_SECONDS / 4.0);
        let [label] = labels.shown() else { panic!("{labels:?}") };
        assert_eq!((label.id, label.ship, label.strength), (PlayerId(1), 0, 0.25));
        labels.choose(&scene, Vec2::ZERO, HALF, 12.0, FADE_SECONDS);
        assert_eq!(labels.shown()[0].strength, 1.0, "no more than all of it");
        scene.ships.remove(0);
        labels.choose(&scene, Vec2::ZERO, HALF, 12.0, 0.01);
        assert!(labels.shown().is_empty(), "without a ship there is nothing to write over");
    }

    #[test]
    fn whose_name_is_unknown_has_none() {
        let mut scene = scene(vec![ship(1, 50.0, 0.0), ship(2, -90.0, 0.0)]);
        scene.ships[1].id = PlayerId(77);
        let mut labels = Labels::default();
        labels.choose(&scene, Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [1]);
    }

    #[test]
    fn of_two_names_on_one_spot_the_nearer_stands_and_goes_on_standing() {
        let mut scene = scene(vec![ship(0, 0.0, 0.0), ship(1, -100.0, 3.0), ship(2, -108.0, 0.0)]);
        let mut labels = Labels::default();
        labels.choose(&scene, Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [1]);
        scene.ships[2].position.x = -96.0;
        labels.choose(&scene, Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [1], "it does not flicker");
        scene.ships[2].position.x = -30.0;
        labels.choose(&scene, Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [1, 2], "there is room now");
    }

    #[test]
    fn who_is_aimed_at_is_named_before_who_is_nearer() {
        let mut labels = Labels::default();
        let mut ships = vec![ship(0, 0.0, 0.0), ship(1, 150.0, 64.0), ship(2, 158.0, 52.0)];
        ships[0].aim_radians = 3.0;
        labels.choose(&scene(ships.clone()), Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [1]);
        ships[0].aim_radians = -0.1;
        let mut labels = Labels::default();
        labels.choose(&scene(ships), Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [2]);
    }

    #[test]
    fn in_a_crowd_the_nearest_and_the_leader_are_named() {
        let place = |i: u16| {
            let way = Vec2::new(f32::from(i % 20) - 9.5, f32::from(i / 20) - 2.0);
            way * Vec2::new(60.0, 90.0)
        };
        let mut ships: Vec<SceneShip> = (1..100).map(|i| ship(i, place(i).x, place(i).y)).collect();
        let last = ships.len() - 1;
        ships[last].leader = true;
        let mut labels = Labels::default();
        labels.choose(&scene(ships.clone()), Vec2::ZERO, HALF, 12.0, 1.0);
        let shown = names(&labels);
        assert_eq!(shown.len(), NEAREST, "{shown:?}");
        assert!(shown.contains(&99), "the leader is far away");
        let far = |id: u16| place(id).length();
        let farthest = shown.iter().filter(|id| **id != 99).map(|id| far(*id)).fold(0.0, f32::max);
        assert!((1..99).filter(|id| !shown.contains(id)).all(|id| far(id) >= farthest));
        labels.choose(&scene(ships.split_off(50)), Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels).len(), 49, "no crowd, no limit");
    }
}
