//! What hands do, as what a pilot wants: keys and pointer, two thumbs on glass, a gamepad. All of them press the same
//! buttons; the one in use points the nose. It must not know where pushes and presses come from, nor when what comes
//! of them is sent.

pub mod gamepad;
pub mod stick;
pub mod touch;

use shared::{
    Vec2,
    engine::{
        angle::Angle,
        input::{Buttons, PlayerInput},
    },
};

/// What a pilot steers with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ControlScheme {
    /// Keyboard, and a pointer that aims.
    #[default]
    Keys,
    /// Thumbs on glass.
    Touch,
    /// A gamepad.
    Gamepad,
}

impl ControlScheme {
    /// Its name, for the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Touch => "touch",
            Self::Gamepad => "gamepad",
        }
    }
}

/// What one hand wants, on its own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Intent {
    /// Where to fly, y up, of any length; zero for nowhere.
    pub way: Vec2,
    /// Where to point the nose; `None` for wherever it flies.
    pub aim: Option<Angle>,
    /// Whether to fire.
    pub fire: bool,
    /// Whether to burn embers for speed.
    pub boost: bool,
}

impl Intent {
    /// Whether it is for nothing at all.
    pub fn is_idle(self) -> bool {
        self == Self::default()
    }

    /// The buttons that come nearest to it.
    pub fn buttons(self) -> Buttons {
        PlayerInput::towards(self.way).with(Buttons::FIRE, self.fire).with(Buttons::BOOST, self.boost)
    }
}

/// All hands together: which one is in use, and where the nose was left.
#[derive(Clone, Copy, Debug, Default)]
pub struct Controls {
    in_use: ControlScheme,
    nose: Angle,
    /// There was no ship to steer at the last look.
    waited: bool,
    /// What was held then, and is since: it meant the last ship.
    stale: Buttons,
}

impl Controls {
    /// Begins with this one in use.
    pub fn new(in_use: ControlScheme) -> Self {
        Self { in_use, ..Self::default() }
    }

    /// The one in use.
    pub fn in_use(self) -> ControlScheme {
        self.in_use
    }

    /// This one was used.
    pub fn take(&mut self, hand: ControlScheme) {
        self.in_use = hand;
    }

    /// What a pilot wants, of what its hands do, if it waits for a ship: that one, once it agreed or something new is
    /// pressed. And the trigger that was pulled for it is not yet pulled for a shot, which would end the shield.
    pub fn ask(&mut self, mut wanted: PlayerInput, waits: bool, agreed: bool) -> PlayerInput {
        let held = wanted.buttons.0;
        let begins = waits != core::mem::replace(&mut self.waited, waits);
        let stale = match (begins, waits) {
            (true, true) => held,
            (true, false) => held & Buttons::FIRE.0,
            (false, _) => held & self.stale.0,
        };
        self.stale = Buttons(stale);
        let new = Buttons(held & !stale);
        let asks = waits && (agreed || new != Buttons::default());
        wanted.buttons = if asks { Buttons::RESPAWN } else { new };
        wanted
    }

    /// What the pilot wants, from what each hand wants. The nose stays where it was while the hand in use neither aims
    /// nor flies.
    pub fn steer(&mut self, wishes: [(ControlScheme, Intent); 3]) -> PlayerInput {
        let mut buttons = Buttons::default();
        for (hand, wish) in wishes {
            buttons.0 |= wish.buttons().0;
            if hand == self.in_use {
                let ahead = (wish.way != Vec2::ZERO).then(|| Angle::of(wish.way));
                self.nose = wish.aim.or(ahead).unwrap_or(self.nose);
            }
        }
        PlayerInput { buttons, aim: self.nose }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EAST: Angle = Angle(0);
    const NORTH: Angle = Angle(1 << 14);

    fn flying(way: Vec2) -> Intent {
        Intent { way, ..Intent::default() }
    }

    fn with_pad(keys: Intent, pad: Intent) -> [(ControlScheme, Intent); 3] {
        [
            (ControlScheme::Keys, keys),
            (ControlScheme::Touch, Intent::default()),
            (ControlScheme::Gamepad, pad),
        ]
    }

    #[test]
    fn every_hand_presses_buttons_and_the_one_in_use_points_the_nose() {
        let mut hands = Controls::default();
        let pointing = Intent { aim: Some(NORTH), fire: true, ..Intent::default() };
        let pad = Intent { aim: Some(EAST), boost: true, ..flying(Vec2::X) };
        let wanted = hands.steer(with_pad(pointing, pad));
        assert_eq!(wanted.buttons, Buttons(Buttons::FIRE.0 | Buttons::RIGHT.0 | Buttons::BOOST.0));
        assert_eq!(wanted.aim, NORTH);
        hands.take(ControlScheme::Gamepad);
        assert_eq!(hands.steer(with_pad(pointing, pad)).aim, EAST);
    }

    #[test]
    fn without_a_ship_something_new_asks_for_one_and_its_trigger_is_not_pulled_yet() {
        let mut hands = Controls::default();
        let mut look = |buttons: u8, waits| {
            hands.ask(PlayerInput { buttons: Buttons(buttons), aim: EAST }, waits, false).buttons.0
        };
        let (up, fire) = (Buttons::UP.0, Buttons::FIRE.0);
        assert_eq!(look(up | fire, false), up | fire);
        assert_eq!([look(up | fire, true), look(up, true)], [0, 0], "it meant the last ship");
        assert_eq!([look(up | fire, true), look(fire, true)], [Buttons::RESPAWN.0; 2]);
        assert_eq!([look(up | fire, false), look(fire, false)], [up, 0], "the shield stays");
        assert_eq!([look(0, false), look(fire, false)], [0, fire]);
        assert_eq!(hands.ask(PlayerInput::default(), true, true).buttons, Buttons::RESPAWN);
    }

    #[test]
    fn without_an_aim_the_nose_follows_the_flight_and_then_stays() {
        let mut hands = Controls::new(ControlScheme::Gamepad);
        let idle = Intent::default();
        assert_eq!(hands.steer(with_pad(idle, flying(Vec2::Y * 0.4))).aim, NORTH);
        assert_eq!(hands.steer(with_pad(flying(Vec2::X), idle)).aim, NORTH, "another hand's flight");
        assert_eq!(hands.steer(with_pad(idle, idle)).aim, NORTH);
    }
}
