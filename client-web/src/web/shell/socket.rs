//! One WebSocket to the server that served the page. Bytes in, bytes out, and how it ended. It must not know what
//! the bytes mean or when to try again.

use std::rc::Rc;

use shared::engine::protocol::{CLOSE_MAY_RETURN, SUBPROTOCOL_BINCODE};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::dom::{Listener, Result, window};

/// Says that nobody comes back (RFC 6455, section 7.4.1).
const GOODBYE: u16 = 1000;

/// What a socket has to tell.
pub(in crate::web) enum SocketEvent {
    /// It is open: bytes may be sent.
    Opened,
    /// A message arrived.
    Message(Vec<u8>),
    /// It ended, with this close code; 1006 when there was none.
    Closed(u16),
}

/// An open or opening connection; closed when dropped, after which it tells nothing more.
pub(in crate::web) struct Socket {
    socket: WebSocket,
    _listeners: [Listener; 3],
}

impl Socket {
    /// Connects to an arena of this page's server, by its slug; to the first if none is named.
    pub(in crate::web) fn open(arena: Option<&str>, tell: Rc<dyn Fn(SocketEvent)>) -> Result<Self> {
        let location = window()?.location();
        let scheme = if location.protocol()? == "https:" { "wss" } else { "ws" };
        let host = location.host()?;
        let url = match arena {
            // What cannot stand in an address the browser encodes.
            Some(arena) => format!("{scheme}://{host}/ws/{arena}"),
            None => format!("{scheme}://{host}/ws"),
        };
        let socket = WebSocket::new_with_str(&url, SUBPROTOCOL_BINCODE)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (opened, closed) = (Rc::clone(&tell), Rc::clone(&tell));
        let listeners = [
            Listener::new(&socket, "open", move |_: Event| opened(SocketEvent::Opened))?,
            Listener::new(&socket, "message", move |event: MessageEvent| {
                if let Ok(buffer) = event.data().dyn_into::<js_sys::ArrayBuffer>() {
                    tell(SocketEvent::Message(js_sys::Uint8Array::new(&buffer).to_vec()));
                }
            })?,
            Listener::new(&socket, "close", move |event: CloseEvent| {
                closed(SocketEvent::Closed(event.code()));
            })?,
        ];
        Ok(Self { socket, _listeners: listeners })
    }

    /// Whether bytes may be sent.
    pub(in crate::web) fn is_open(&self) -> bool {
        self.socket.ready_state() == WebSocket::OPEN
    }

    /// Sends one message.
    pub(in crate::web) fn send(&self, bytes: &[u8]) {
        if let Err(error) = self.socket.send_with_u8_array(bytes) {
            // The close event follows and is dealt with there.
            web_sys::console::warn_2(&JsValue::from_str("not sent:"), &error);
        }
    }

    /// Closes it for good.
    pub(in crate::web) fn say_goodbye(&self) {
        // Closing one that is closed already is no error.
        let _ = self.socket.close_with_code(GOODBYE);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Not 1000, with which one says goodbye: it may be to come back by another socket. Closing one that is closed
        // already is no error.
        let _ = self.socket.close_with_code(CLOSE_MAY_RETURN);
    }
}
