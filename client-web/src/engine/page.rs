//! The pure logic of the page around any game: what the visitor chose, how much there is time to draw, projection,
//! vertices and particles, the state of the connection, and the rules of lists, keys and addresses.

pub mod aging_lines;
pub mod arena_choice;
pub mod banner;
pub mod camera;
pub mod colour;
pub mod connection_state;
pub mod controls;
pub mod game_page;
pub mod gpu_data;
pub mod handshake_fault;
pub mod key_target;
pub mod lag_figures;
pub mod lag_level;
pub mod language;
pub mod lru_slots;
pub mod noise;
pub mod particles;
pub mod picture;
pub mod player_name;
pub mod quality;
pub mod room_change;
pub mod room_link;
pub mod server_address;
pub mod settings;
pub mod stick;
pub mod storage;
pub mod strings;
pub mod view;
