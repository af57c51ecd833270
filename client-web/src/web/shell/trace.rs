//! A recording of where the own ship was shown, picture by picture, for tests that look for jumps: kept only if the
//! page's address has `#trace`, and told as `window.emberdriftTrace`. The game must not read it.

use std::collections::VecDeque;

use wasm_bindgen::JsValue;

use super::dom::{self, Result, window};
use crate::game::scene::Scene;

/// Pictures that are kept: half a minute.
const PICTURES_MAX: usize = 1800;

/// The recording.
pub(in crate::web) struct Trace {
    /// Milliseconds, x and y of each picture; not numbers while there is no ship.
    pictures: VecDeque<[f64; 3]>,
    is_wanted: bool,
}

impl Trace {
    /// Looks at the page's address.
    pub(in crate::web) fn new() -> Result<Self> {
        Ok(Self { pictures: VecDeque::new(), is_wanted: dom::in_address("trace")?.is_some() })
    }

    /// Notes a picture.
    pub(in crate::web) fn note(&mut self, now_ms: f64, scene: &Scene) {
        if !self.is_wanted {
            return;
        }
        if self.pictures.len() == PICTURES_MAX {
            self.pictures.pop_front();
        }
        let own = scene.ships.iter().find(|ship| ship.own);
        let place = own.map_or([f64::NAN; 2], |ship| [ship.position.x.into(), ship.position.y.into()]);
        self.pictures.push_back([now_ms, place[0], place[1]]);
    }

    /// Tells it.
    pub(in crate::web) fn publish(&self) -> Result<()> {
        if self.is_wanted {
            let numbers: Vec<f64> = self.pictures.iter().flatten().copied().collect();
            let numbers = js_sys::Float64Array::from(&numbers[..]);
            js_sys::Reflect::set(window()?.as_ref(), &JsValue::from_str("emberdriftTrace"), &numbers)?;
        }
        Ok(())
    }
}
