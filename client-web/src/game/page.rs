//! What Emberdrift's page shows, as plain values: colours, effects, meshes, texts, rows and marks. The browser half
//! writes them to the page and the graphics card.

pub mod attract;
pub mod cards;
pub mod compass;
pub mod duel;
pub mod effects;
pub mod hint_line;
pub mod hit_arcs;
pub mod kill_feed;
pub mod leaderboard;
pub mod minimap;
pub mod moments;
pub mod palette;
pub mod rock_mesh;
pub mod shapes;
pub mod slabs;
pub mod teams;
pub mod vitals;
