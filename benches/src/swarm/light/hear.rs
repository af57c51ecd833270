//! What a light bot makes of what it hears. Of each frame it decodes the head and nothing else.

use std::sync::atomic::Ordering;

use shared::{
    engine::protocol::{ClientMessage, CloseReason, Hello},
    game::protocol::{PilotState, ServerMessage},
};

use super::{
    super::{
        pace::Pace,
        stall::Staller,
        websocket::{self, Incoming, Opcode},
    },
    CLOSE_NORMAL, Light, Phase, SENT_MAX, Scene, broken, lost, opcode_of,
};
use crate::bot::{End, Part, Talk};

impl Light {
    /// Reads at most `most` bytes of what is there, and hears all messages that are whole.
    pub(super) fn read(&mut self, most: usize, part: &Part, scene: &mut Scene<'_>) -> Result<(), End> {
        // Taken out, so that the scene can be handed on beside it.
        let buffer = std::mem::take(&mut scene.buffer);
        let done = self.read_into(buffer, most, part, scene);
        scene.buffer = buffer;
        done.map_err(|end| match self.phase {
            // A healthy bot that is leaving has left, whatever comes of it. One that did not read learns only now
            // that it was thrown out.
            Phase::Leaving if part.stall.is_none() => End::Left,
            _ => end,
        })
    }

    fn read_into(
        &mut self,
        buffer: &mut [u8],
        most: usize,
        part: &Part,
        scene: &mut Scene<'_>,
    ) -> Result<(), End> {
        let mut filled = self.link.restore(buffer);
        loop {
            let room = (buffer.len() - filled).min(most);
            let Some(count) = self.link.read(&mut buffer[filled..filled + room]).map_err(broken)? else {
                break;
            };
            if count == 0 {
                return Err(lost());
            }
            let end = filled + count;
            let used = self.hear(&buffer[..end], part, scene)?;
            buffer.copy_within(used..end, 0);
            filled = end - used;
            // Less than there was room for is all there was; if more comes, that is told.
            if count < room || room == most {
                break;
            }
        }
        self.link.keep(&buffer[..filled]);
        Ok(())
    }

    /// Hears what is whole in `bytes`, and says how many those were.
    fn hear(&mut self, bytes: &[u8], part: &Part, scene: &mut Scene<'_>) -> Result<usize, End> {
        let mut used = 0;
        if let Phase::Upgrading(handshake) = &self.phase {
            let Some(length) = handshake.answer(bytes).map_err(End::Lost)? else {
                return Ok(0);
            };
            used = length;
            self.phase = Phase::Playing;
            let hello = Hello { name: format!("bot-{}", part.number), ..Hello::default() };
            self.say_message(&ClientMessage::Hello(hello))?;
        }
        let unknown = |error: websocket::FrameError| End::Lost(error.to_string());
        while let Some((incoming, length)) = websocket::parse(&bytes[used..]).map_err(unknown)? {
            used += length;
            match incoming {
                Incoming::Message(_) if self.is_leaving() => {}
                Incoming::Message(message) if self.pace.tick_us() == 0 => self.welcome(message, scene)?,
                Incoming::Message(message) => self.frame(message, part, scene)?,
                Incoming::Ping(payload) => self.say(Opcode::Pong, payload)?,
                Incoming::Pong => {}
                Incoming::Close(code) => return Err(self.closed(code)),
            }
        }
        Ok(used)
    }

    fn say_message(&mut self, message: &ClientMessage) -> Result<(), End> {
        self.say(opcode_of(self.encoding), &self.encoding.encode(message))
    }

    fn say(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), End> {
        self.link.send(opcode, payload, self.pilot.mask()).map(|_| ()).map_err(broken)
    }

    fn welcome(&mut self, message: &[u8], scene: &Scene<'_>) -> Result<(), End> {
        match self.encoding.decode(message) {
            Ok(ServerMessage::Welcome(welcome)) if welcome.tick_rate > 0 => {
                scene.shared.tick_rate.store(welcome.tick_rate, Ordering::Relaxed);
                scene.shared.progress.message(message.len());
                self.pace = Pace::new(welcome.tick_rate);
                self.arena_size = welcome.arena.size;
                Ok(())
            }
            Ok(_) => Err(End::Lost("not understood: a message at the wrong moment".to_owned())),
            Err(error) => Err(End::Lost(format!("not understood: {error}"))),
        }
    }

    fn frame(&mut self, message: &[u8], part: &Part, scene: &mut Scene<'_>) -> Result<(), End> {
        let now_us = scene.shared.now_us();
        let head = self
            .encoding
            .decode_head(message)
            .map_err(|error| End::Lost(format!("not understood: {error}")))?;
        if self.joined && head.tick <= self.tick {
            let (now, before) = (head.tick, self.tick);
            return Err(End::Lost(format!(
                "not understood: a frame of tick {now:?} after one of {before:?}"
            )));
        }
        let progress = &scene.shared.progress;
        progress.message(message.len());
        progress.frames.fetch_add(1, Ordering::Relaxed);
        if !self.joined {
            self.joined = true;
            progress.enter(self.first);
            scene.measured.joins += u64::from(!self.first);
            let plan = &scene.shared.plan;
            self.talk = plan.chat.then(|| Talk::new(part.number, plan.players, now_us));
            self.staller = part.stall.map(|stall| Staller::new(stall, now_us, self.pilot.phase()));
        }
        let gap_us = self.stay.frame(now_us, message.len(), progress.is_measuring(), self.pace.tick_us());
        if let Some(gap_us) = gap_us.filter(|_| part.stall.is_none()) {
            scene.measured.gaps.add_us(gap_us);
            progress.gap(gap_us);
            let sent_us = std::mem::take(&mut self.sent_us[head.tick.0 as usize % SENT_MAX]);
            if sent_us > 0 && head.lead >= 0 {
                scene.measured.input_to_ack.add_us(now_us.saturating_sub(sent_us));
            }
        }
        self.tick = head.tick;
        self.pace.frame(head.tick, head.lead);
        self.own = match head.pilot {
            PilotState::Alive(own) => Some(own),
            PilotState::Dead { .. } | PilotState::Idle { .. } | PilotState::Spectating { .. } => None,
        };
        Ok(())
    }

    /// The server hung up.
    fn closed(&mut self, code: Option<u16>) -> End {
        let code = match code {
            Some(CLOSE_NORMAL) | None if self.is_leaving() => return End::Left,
            Some(code) => code,
            None => return End::Lost("closed without a reason".to_owned()),
        };
        // It waits for this.
        let _ = self.link.send(Opcode::Close, &code.to_be_bytes(), self.pilot.mask());
        let known = CloseReason::from_code(code).map(|reason| reason.label().to_owned());
        End::Lost(known.unwrap_or_else(|| format!("closed: {code}")))
    }
}
