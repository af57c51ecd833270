//! The table of all texts: one field for each.

macro_rules! strings {
    ($($key:ident)*) => {
        /// The texts of one language. `{0}` and `{1}` are filled by [`super::fill`].
        #[derive(Debug)]
        #[allow(missing_docs, reason = "the English text says best what each is")]
        pub struct Strings { $(pub $key: &'static str,)* }

        impl Strings {
            /// The names of all texts, as the page uses them.
            pub const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            /// All texts, in the order of their names.
            pub(super) const fn texts(&self) -> [&'static str; Self::KEYS.len()] {
                [$(self.$key),*]
            }
        }
    };
}

strings! {
    arena readout pilot pilots ships ping_title milliseconds kills leaderboard leaders minimap chat message
    message_placeholder
    own_ship growth hull lag key_to_screen last_minute
    tagline name_label name_placeholder play colour colour_0 colour_1 colour_2 colour_3 colour_4 colour_5
    colour_6 colour_7
    name_drift name_expanse name_ruins name_duel arena_drift arena_expanse arena_ruins arena_duel no_pilots
    one_pilot many_pilots how_touch how_gamepad controls mouse key_fly key_aim key_boost key_chat
    settings settings_title sound mute language leave done
    quality quality_auto quality_low quality_medium quality_high motion motion_system motion_reduced
    motion_full
    scheme_keys keys_fly keys_fire keys_boost keys_more scheme_touch touch_fly touch_fire touch_boost
    scheme_gamepad gamepad_fly gamepad_fire gamepad_boost
    trouble trouble_webgl trouble_other
    you to_next_hull largest_hull hint_no_embers hint_hull
    destroyed killed_by by_drone by_pilot hull_0 hull_1 hull_2 hull_3 respawn_in fly_again
    life_time life_kills life_embers life_rank best new_best
    tip_boost tip_leader tip_grow tip_rocks tip_streak tip_pickups tip_scatter tip_shield tip_smoulder
    streak seconds power_up_shield power_up_rapid power_up_magnet ended_streak compass
    learn_collect learn_shoot_keys learn_shoot_touch learn_shoot_gamepad
    learn_boost_keys learn_boost_touch learn_boost_gamepad
    connecting reconnecting reconnecting_in full_retry_in restart_retry_in other_version elsewhere
    disconnected
    why_unknown why_protocol why_kind why_malformed why_long
    whisper_to whisper_from click_to_mute not_sent
    rejected_empty rejected_long rejected_invisible rejected_fast rejected_busy rejected_no_player
    rejected_ambiguous rejected_command
    none_muted muted_names now_muted unmuted was_not_muted help
    lag_send_ahead lag_network lag_input_queue lag_tick lag_send_queue lag_jitter_buffer lag_rendering
    fps input_to_ack frame_jitter input_lead ticks prediction_error extrapolated desynced
}
