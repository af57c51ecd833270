//! The line that says what is the matter with the connection. It must not know how connections are made.

use super::dom::{Result, Shown};

/// What there is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
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
    Ended(&'static str),
}

/// The banner.
pub(super) struct Banner {
    text: Shown<String>,
    visible: Shown<bool>,
    tone: Shown<&'static str>,
}

impl Banner {
    /// Finds it on the page.
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            text: Shown::by_id("banner")?,
            visible: Shown::by_id("banner")?,
            tone: Shown::by_id("banner")?,
        })
    }

    /// Says it.
    pub(super) fn say(&mut self, notice: Notice) {
        let text = match notice {
            Notice::Nothing => String::new(),
            Notice::Connecting => "Connecting…".to_owned(),
            Notice::TryingAgain => "Connection lost. Reconnecting…".to_owned(),
            Notice::Reconnecting { seconds } => format!("Connection lost. Reconnecting in {seconds} s"),
            Notice::Full { seconds } => format!("The server is full. Trying again in {seconds} s"),
            Notice::ShuttingDown { seconds } => {
                format!("The server is restarting. Trying again in {seconds} s")
            }
            Notice::OtherVersion => "A new version is out. Please reload the page.".to_owned(),
            Notice::Elsewhere => {
                "Your game goes on in another window. Reload this page to play here.".to_owned()
            }
            Notice::Ended(why) => format!("The server hung up: {why}. Please reload the page."),
        };
        if notice != Notice::Nothing {
            self.text.text(&text);
        }
        let bad = matches!(notice, Notice::OtherVersion | Notice::Ended(_) | Notice::Full { .. });
        self.tone.show(if bad { "bad" } else { "plain" }, |element, tone| {
            // Only a colour: the text says it too.
            let _ = element.set_attribute("data-tone", tone);
        });
        self.visible.visible(notice != Notice::Nothing);
    }
}
