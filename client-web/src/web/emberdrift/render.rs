//! Drawing: the renderer and a file for each kind of thing that it draws.

pub(in crate::web) mod attract;
pub(in crate::web) mod backdrop;
pub(in crate::web) mod blocks;
pub(in crate::web) mod colour;
pub(in crate::web) mod effects;
pub(in crate::web) mod labels;
pub(in crate::web) mod noise;
pub(in crate::web) mod particles;
pub(in crate::web) mod pickups;
pub(in crate::web) mod renderer;
pub(in crate::web) mod rocks;
pub(in crate::web) mod ships;
pub(in crate::web) mod sky;
pub(in crate::web) mod sprites;
pub(in crate::web) mod wall;
