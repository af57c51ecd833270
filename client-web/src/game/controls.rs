//! From input devices to the player's input. Keyboard and mouse, touch and gamepad all press the same buttons; the one in
//! use aims. It must not know how a device is read, nor when an input is sent.

pub mod gamepad;
pub mod keyboard;
pub mod pointer;
pub mod touch;

use shared::{
    Vec2,
    engine::input::{Angle, Buttons, PlayerInput},
};

/// A kind of input device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum ControlScheme {
    /// Keyboard, and a mouse that aims.
    #[default]
    Keys,
    /// Two thumbs on a touch screen.
    Touch,
    /// A gamepad.
    Gamepad,
}

impl ControlScheme {
    /// Its name on the page.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What the player wants, by one device.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Intent {
    /// Where to fly, y up, of any length; zero for nowhere.
    pub thrust: Vec2,
    /// Where to aim; `None` for the direction of flight.
    pub aim: Option<Angle>,
    /// Whether to fire.
    pub fire: bool,
    /// Whether to boost.
    pub boost: bool,
}

impl Intent {
    /// Whether the device is not used at all.
    pub fn is_idle(self) -> bool {
        self == Self::default()
    }

    /// The buttons that come nearest to it.
    pub fn buttons(self) -> Buttons {
        PlayerInput::towards(self.thrust).with(Buttons::FIRE, self.fire).with(Buttons::BOOST, self.boost)
    }
}

/// All devices together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Controls {
    scheme: ControlScheme,
    aim: Angle,
    /// The ship was dead at the last call.
    was_dead: bool,
    /// Buttons held since then, which meant the last ship.
    stale: Buttons,
}

impl Controls {
    /// Starts with this device in use.
    pub fn new(scheme: ControlScheme) -> Self {
        Self { scheme, ..Self::default() }
    }

    /// The device in use.
    pub fn scheme(self) -> ControlScheme {
        self.scheme
    }

    /// This device was used.
    pub fn set_scheme(&mut self, scheme: ControlScheme) {
        self.scheme = scheme;
    }

    /// The player's input, by what is wanted on each device. The aim stays while the device in use neither aims nor flies.
    pub fn steer(&mut self, intents: [(ControlScheme, Intent); 3]) -> PlayerInput {
        let mut buttons = Buttons::default();
        for (scheme, intent) in intents {
            buttons.0 |= intent.buttons().0;
            if scheme == self.scheme {
                let flight = (intent.thrust != Vec2::ZERO).then(|| Angle::of(intent.thrust));
                self.aim = intent.aim.or(flight).unwrap_or(self.aim);
            }
        }
        PlayerInput { buttons, aim: self.aim }
    }

    /// Turns an input into a request to respawn while the ship is dead: when a button is newly pressed, or `confirmed` on
    /// the page. A trigger that was pulled to respawn does not fire at once, because that would end the spawn shield.
    pub fn respawn(&mut self, mut input: PlayerInput, is_dead: bool, confirmed: bool) -> PlayerInput {
        let held = input.buttons.0;
        let changed = is_dead != core::mem::replace(&mut self.was_dead, is_dead);
        let stale = match (changed, is_dead) {
            (true, true) => held,
            (true, false) => held & Buttons::FIRE.0,
            (false, _) => held & self.stale.0,
        };
        self.stale = Buttons(stale);
        let new = Buttons(held & !stale);
        let requested = is_dead && (confirmed || new != Buttons::default());
        input.buttons = if requested { Buttons::RESPAWN } else { new };
        input
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EAST: Angle = Angle(0);
    const NORTH: Angle = Angle(1 << 14);

    fn flying(thrust: Vec2) -> Intent {
        Intent { thrust, ..Intent::default() }
    }

    fn by_keys_and_gamepad(keys: Intent, gamepad: Intent) -> [(ControlScheme, Intent); 3] {
        [
            (ControlScheme::Keys, keys),
            (ControlScheme::Touch, Intent::default()),
            (ControlScheme::Gamepad, gamepad),
        ]
    }

    #[test]
    fn every_device_presses_buttons_and_the_one_in_use_aims() {
        let mut controls = Controls::default();
        let keys = Intent { aim: Some(NORTH), fire: true, ..Intent::default() };
        let gamepad = Intent { aim: Some(EAST), boost: true, ..flying(Vec2::X) };
        let input = controls.steer(by_keys_and_gamepad(keys, gamepad));
        assert_eq!(input.buttons, Buttons(Buttons::FIRE.0 | Buttons::RIGHT.0 | Buttons::BOOST.0));
        assert_eq!(input.aim, NORTH);
        controls.set_scheme(ControlScheme::Gamepad);
        assert_eq!(controls.steer(by_keys_and_gamepad(keys, gamepad)).aim, EAST);
    }

    #[test]
    fn without_an_aim_it_follows_the_flight_and_then_stays() {
        let mut controls = Controls::new(ControlScheme::Gamepad);
        let idle = Intent::default();
        assert_eq!(controls.steer(by_keys_and_gamepad(idle, flying(Vec2::Y * 0.4))).aim, NORTH);
        assert_eq!(controls.steer(by_keys_and_gamepad(flying(Vec2::X), idle)).aim, NORTH, "not in use");
        assert_eq!(controls.steer(by_keys_and_gamepad(idle, idle)).aim, NORTH);
    }

    #[test]
    fn newly_pressed_button_respawns_and_its_trigger_does_not_fire() {
        let mut controls = Controls::default();
        let mut pressed = |buttons: u8, is_dead| {
            let input = PlayerInput { buttons: Buttons(buttons), aim: EAST };
            controls.respawn(input, is_dead, false).buttons.0
        };
        let (up, fire) = (Buttons::UP.0, Buttons::FIRE.0);
        assert_eq!(pressed(up | fire, false), up | fire);
        assert_eq!([pressed(up | fire, true), pressed(up, true)], [0, 0], "they meant the last ship");
        assert_eq!([pressed(up | fire, true), pressed(fire, true)], [Buttons::RESPAWN.0; 2]);
        assert_eq!([pressed(up | fire, false), pressed(fire, false)], [up, 0], "the shield stays");
        assert_eq!([pressed(0, false), pressed(fire, false)], [0, fire]);
    }

    #[test]
    fn confirmation_respawns_without_a_button() {
        let mut controls = Controls::default();
        assert_eq!(controls.respawn(PlayerInput::default(), true, true).buttons, Buttons::RESPAWN);
        assert_eq!(controls.respawn(PlayerInput::default(), false, true).buttons, Buttons::default());
    }
}
