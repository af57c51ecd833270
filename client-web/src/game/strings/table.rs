//! The table of all texts: one field for each.

macro_rules! strings {
    ($($key:ident)*) => {
        /// The texts of one language. `{0}` and `{1}` are places for [`super::fill`].
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
    arena readout pilot pilots ships ping_title milliseconds kills leaderboard leaders minimap chat say say_placeholder
    own_ship growth hull lag key_to_screen last_minute
    tagline name_label name_placeholder play colour colour_0 colour_1 colour_2 colour_3 colour_4 colour_5 colour_6 colour_7
    name_drift name_expanse name_ruins name_duel arena_drift arena_expanse arena_ruins arena_duel nobody_flies one_flies many_fly how_touch how_gamepad controls mouse key_fly key_aim key_boost key_chat
    settings settings_title sound mute language leave done
    quality quality_auto quality_low quality_medium quality_high motion motion_system motion_reduced motion_full
    hand_keys keys_fly keys_fire keys_boost keys_more hand_touch touch_fly touch_fire touch_boost
    hand_gamepad gamepad_fly gamepad_fire gamepad_boost
    trouble trouble_webgl trouble_other
    you to_next_hull largest_hull hint_no_embers hint_hull
    came_apart shot_down_by by_drone by_pilot hull_0 hull_1 hull_2 hull_3 back_in fly_again
    run_time run_kills run_embers run_rank best_so_far new_best
    tip_boost tip_leader tip_grow tip_rocks tip_streak tip_pickups tip_scatter tip_shield tip_smoulder
    streak seconds boon_shield boon_rapid boon_magnet ended_streak compass
    learn_gather learn_shoot_keys learn_shoot_touch learn_shoot_gamepad
    learn_boost_keys learn_boost_touch learn_boost_gamepad
    connecting lost_now lost_again_in full_again_in restart_again_in other_version elsewhere hung_up
    why_unknown why_message why_kind why_malformed why_long
    whisper_to whisper_from click_to_mute not_sent
    refused_empty refused_long refused_invisible refused_fast refused_loud refused_nobody refused_several refused_command
    nobody_muted muted_names now_muted heard_again was_not_muted help
    lag_send_ahead lag_network lag_input_queue lag_tick lag_send_queue lag_jitter_buffer lag_rendering
    pictures_a_second input_to_answer frames_uneven inputs_early ticks corrected guessed out_of_step
}
