//! Which ships have their name above them: few enough to be read, and never two in the same place. It must not know how
//! names are drawn.

use shared::{
    Vec2,
    engine::{ids::PlayerId, roster::PlayerKind},
};

use super::scene::{Scene, SceneShip};

/// Ships that compete for a label. The least important of more are ignored.
const CANDIDATES_MAX: usize = 160;
/// More ships than this in the picture are a crowd.
const CROWD: usize = 60;
/// Labels in a crowd.
const CROWD_LABELS_MAX: usize = 40;
/// Least distance between labels in a crowd, in label sizes.
const CROWD_SPACING: Vec2 = Vec2::new(1.2, 1.8);
/// From invisible to opaque, in seconds.
const FADE_SECONDS: f32 = 0.25;
/// A ship this near to the line of aim gets a label first, in units.
const AIM_UNITS: f32 = 60.0;
/// A label that is shown counts as this much nearer, so that two ships do not take turns.
const HYSTERESIS: f32 = 0.8;
/// Height of a label, in ems.
const HEIGHT_EMS: f32 = 1.15;
/// Width of a team's sign before a name, in ems.
const SIGN_EMS: f32 = 1.2;
/// Size of a drone's letters against a player's.
const DRONE_SCALE: f32 = 0.86;

/// A ship's name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// The ship's pilot.
    pub id: PlayerId,
    /// The ship's index in the scene.
    pub ship: usize,
    /// 0 to 1: it fades in and out.
    pub opacity: f32,
}

/// The labels from frame to frame.
#[derive(Debug, Default)]
pub struct Labels {
    shown: Vec<Label>,
    before: Vec<Label>,
    /// The most important first.
    candidates: Vec<Candidate>,
    /// Ships that could have a label.
    in_picture: usize,
    /// Centres and half sizes of the labels placed so far.
    placed: Vec<(Vec2, Vec2)>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    ship: usize,
    /// From the own ship, weighted: less is more important.
    distance: f32,
    before: f32,
}

/// Size of the letters of a name: 1 for a player's.
pub fn letter_scale(kind: PlayerKind) -> f32 {
    if kind == PlayerKind::Bot { DRONE_SCALE } else { 1.0 }
}

/// Height of a label above the centre of its ship, in units.
pub fn clearance(ship: &SceneShip) -> f32 {
    let light = match (ship.nemesis, ship.leader, ship.status.shielded()) {
        (true, ..) => 2.25,
        (_, true, _) => 1.85,
        (.., true) => 1.7,
        _ => 1.3,
    };
    ship.radius * light
}

/// Approximate width of a text, in ems.
fn width_ems(text: &str) -> f32 {
    // From this character on they are as wide as high: Chinese, Japanese, Korean, and emoji.
    text.chars().map(|c| if c < '\u{2e80}' { 0.58 } else { 1.0 }).sum()
}

impl Labels {
    /// Chooses the labels of a scene, `seconds` after the last one. The picture reaches `half` around `camera`, and `em` is
    /// the size of the letters; all in world units.
    pub fn update(&mut self, scene: &Scene, camera: Vec2, half: Vec2, em: f32, seconds: f32) {
        core::mem::swap(&mut self.shown, &mut self.before);
        self.collect_candidates(scene, camera, half);
        let crowd = self.in_picture > CROWD;
        let (most, spacing) = if crowd { (CROWD_LABELS_MAX, CROWD_SPACING) } else { (CROWD, Vec2::ONE) };
        let step = seconds / FADE_SECONDS;
        self.shown.clear();
        self.placed.clear();
        for candidate in &self.candidates {
            let ship = &scene.ships[candidate.ship];
            let Some(pilot) = scene.roster.get(ship.id) else { continue };
            let sign = if ship.team.is_some() { SIGN_EMS } else { 0.0 };
            let wide = width_ems(&pilot.label) * letter_scale(pilot.player.kind) + sign;
            let size = Vec2::new(wide, HEIGHT_EMS) * em / 2.0;
            let centre = ship.position + Vec2::Y * (clearance(ship) + size.y);
            let free = !self.placed.iter().any(|(other, half)| {
                let apart = (*other - centre).abs();
                apart.cmplt((*half + size) * spacing).all()
            });
            let wanted = free && self.placed.len() < most;
            if wanted {
                self.placed.push((centre, size));
            }
            let opacity = (candidate.before + if wanted { step } else { -step }).clamp(0.0, 1.0);
            if opacity > 0.0 || wanted {
                self.shown.push(Label { id: ship.id, ship: candidate.ship, opacity });
            }
        }
    }

    /// The labels, the most important first.
    pub fn shown(&self) -> &[Label] {
        &self.shown
    }

    /// Collects the other ships in the picture, by importance.
    fn collect_candidates(&mut self, scene: &Scene, camera: Vec2, half: Vec2) {
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
            let before = before.map_or(0.0, |label| label.opacity);
            let to = ship.position - centre;
            let aimed =
                aim.is_some_and(|aim| aim.dot(to) > 0.0 && aim.perp_dot(to).abs() < AIM_UNITS + ship.radius);
            // A player is more important than a drone.
            let distance = to.length().max(1.0) * if ship.drone { 1.5 } else { 1.0 };
            let distance = match (ship.leader, aimed && !ship.drone) {
                (true, _) => 0.0,
                (_, true) => distance * 0.25,
                _ => distance,
            };
            let distance = if before > 0.0 { distance * HYSTERESIS } else { distance };
            self.in_picture += 1;
            // Keeping the nearest few in order is cheaper than sorting a crowd, most of which get no label.
            let rank = self.candidates.partition_point(|other| other.distance <= distance);
            if rank < CANDIDATES_MAX {
                self.candidates.truncate(CANDIDATES_MAX - 1);
                self.candidates.insert(rank, Candidate { ship: index, distance, before });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        engine::{ids::PlayerName, roster::Player},
        game::protocol::{Notice, Status},
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
            health: 1.0,
            status: Status::new(0, false, false),
            own: id == 0,
            drone: false,
            leader: false,
            nemesis: false,
            colour: 0,
            team: None,
        }
    }

    fn scene(ships: Vec<SceneShip>) -> Scene {
        let pilot = |ship: &SceneShip| Player {
            id: ship.id,
            name: PlayerName::new(&format!("P{}", ship.id.0)).unwrap(),
            kind: PlayerKind::Human,
            colour: 0,
        };
        let pilots = ships.iter().map(pilot).collect();
        let mut scene = Scene { ships, ..Scene::default() };
        scene.roster.apply(&Notice::Roster(pilots));
        scene
    }

    fn names(labels: &Labels) -> Vec<u16> {
        let mut ids: Vec<u16> =
            labels.shown().iter().filter(|label| label.opacity > 0.5).map(|label| label.id.0).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn ships_in_the_picture_have_labels_that_fade_in() {
        let mut labels = Labels::default();
        let mut scene = scene(vec![ship(1, 200.0, 0.0), ship(2, 900.0, 0.0), ship(0, 0.0, 0.0)]);
        labels.update(&scene, Vec2::ZERO, HALF, 12.0, FADE_SECONDS / 4.0);
        let [label] = labels.shown() else { panic!("{labels:?}") };
        assert_eq!((label.id, label.ship, label.opacity), (PlayerId(1), 0, 0.25));
        labels.update(&scene, Vec2::ZERO, HALF, 12.0, FADE_SECONDS);
        assert_eq!(labels.shown()[0].opacity, 1.0, "it is opaque");
        scene.ships.remove(0);
        labels.update(&scene, Vec2::ZERO, HALF, 12.0, 0.01);
        assert!(labels.shown().is_empty(), "its ship is gone");
    }

    #[test]
    fn ship_without_a_known_name_has_no_label() {
        let mut scene = scene(vec![ship(1, 50.0, 0.0), ship(2, -90.0, 0.0)]);
        scene.ships[1].id = PlayerId(77);
        let mut labels = Labels::default();
        labels.update(&scene, Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [1]);
    }

    #[test]
    fn nearer_of_two_overlapping_labels_is_shown_and_stays() {
        let mut scene = scene(vec![ship(0, 0.0, 0.0), ship(1, -100.0, 3.0), ship(2, -108.0, 0.0)]);
        let mut labels = Labels::default();
        labels.update(&scene, Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [1]);
        scene.ships[2].position.x = -96.0;
        labels.update(&scene, Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [1], "it does not flicker");
        scene.ships[2].position.x = -30.0;
        labels.update(&scene, Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [1, 2], "there is room now");
    }

    #[test]
    fn ship_in_the_line_of_aim_is_labelled_before_a_nearer_one() {
        let mut labels = Labels::default();
        let mut ships = vec![ship(0, 0.0, 0.0), ship(1, 150.0, 64.0), ship(2, 158.0, 52.0)];
        ships[0].aim_radians = 3.0;
        labels.update(&scene(ships.clone()), Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [1]);
        ships[0].aim_radians = -0.1;
        let mut labels = Labels::default();
        labels.update(&scene(ships), Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels), [2]);
    }

    #[test]
    fn in_a_crowd_the_nearest_and_the_leader_have_labels() {
        let place = |i: u16| {
            let way = Vec2::new(f32::from(i % 20) - 9.5, f32::from(i / 20) - 2.0);
            way * Vec2::new(60.0, 90.0)
        };
        let mut ships: Vec<SceneShip> = (1..100).map(|i| ship(i, place(i).x, place(i).y)).collect();
        let last = ships.len() - 1;
        ships[last].leader = true;
        let mut labels = Labels::default();
        labels.update(&scene(ships.clone()), Vec2::ZERO, HALF, 12.0, 1.0);
        let shown = names(&labels);
        assert_eq!(shown.len(), CROWD_LABELS_MAX, "{shown:?}");
        assert!(shown.contains(&99), "the leader is far away");
        let far = |id: u16| place(id).length();
        let farthest = shown.iter().filter(|id| **id != 99).map(|id| far(*id)).fold(0.0, f32::max);
        assert!((1..99).filter(|id| !shown.contains(id)).all(|id| far(id) >= farthest));
        labels.update(&scene(ships.split_off(50)), Vec2::ZERO, HALF, 12.0, 1.0);
        assert_eq!(names(&labels).len(), 49, "no crowd, no limit");
    }
}
