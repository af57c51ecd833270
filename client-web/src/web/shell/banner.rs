//! The line that says what is the matter with the connection. It must not know how connections are made.

use shared::engine::protocol::CloseReason;

use super::{
    dom::{Result, Shown},
    language::strings,
};
use crate::game::strings::fill;

/// What there is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Notice {
    /// All is well.
    Nothing,
    /// The first try.
    Connecting,
    /// Between tries.
    Reconnecting {
        /// Until the next try, in whole seconds.
        seconds: u32,
    },
    /// A try after the first.
    TryingAgain,
    /// No room.
    Full {
        /// Until the next try, in whole seconds.
        seconds: u32,
    },
    /// The server goes down.
    ShuttingDown {
        /// Until the next try, in whole seconds.
        seconds: u32,
    },
    /// Page and server are of different versions.
    OtherVersion,
    /// The same game goes on in another window.
    Elsewhere,
    /// The server hung up for good.
    Ended(Option<CloseReason>),
}

/// The banner.
pub(in crate::web) struct Banner {
    text: Shown<String>,
    visible: Shown<bool>,
    tone: Shown<&'static str>,
}

impl Banner {
    /// Finds it on the page.
    pub(in crate::web) fn new() -> Result<Self> {
        Ok(Self {
            text: Shown::by_id("banner")?,
            visible: Shown::by_id("banner")?,
            tone: Shown::by_id("banner")?,
        })
    }

    /// Says it.
    pub(in crate::web) fn say(&mut self, notice: Notice) {
        let words = strings();
        let (text, value) = match notice {
            Notice::Nothing => ("", String::new()),
            Notice::Connecting => (words.connecting, String::new()),
            Notice::TryingAgain => (words.reconnecting, String::new()),
            Notice::Reconnecting { seconds } => (words.reconnecting_in, seconds.to_string()),
            Notice::Full { seconds } => (words.full_retry_in, seconds.to_string()),
            Notice::ShuttingDown { seconds } => (words.restart_retry_in, seconds.to_string()),
            Notice::OtherVersion => (words.other_version, String::new()),
            Notice::Elsewhere => (words.elsewhere, String::new()),
            Notice::Ended(why) => (words.disconnected, words.close_reason(why).to_owned()),
        };
        if notice != Notice::Nothing {
            self.text.text(&fill(text, &[&value]));
        }
        let bad = matches!(notice, Notice::OtherVersion | Notice::Ended(_) | Notice::Full { .. });
        self.tone.show(if bad { "bad" } else { "plain" }, |element, tone| {
            // Only a colour: the text says it too.
            let _ = element.set_attribute("data-tone", tone);
        });
        self.visible.visible(notice != Notice::Nothing);
    }
}
