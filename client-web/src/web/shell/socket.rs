//! One WebSocket to the server that served the page, or to another node of its cluster: bytes in, bytes out, how it ended, and why it could not be opened.

use std::{cell::RefCell, rc::Rc};

use shared::engine::protocol::{CLOSE_MAY_RETURN, SUBPROTOCOL_BINCODE};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket, XmlHttpRequest};

use super::dom::{Listener, Result, window};
use crate::engine::page::{
    handshake_fault::{HandshakeFault, reason},
    server_address::check_path,
};

/// The client leaves for good (RFC 6455, section 7.4.1: normal closure).
const CLOSE_NORMAL: u16 = 1000;
/// As long as the longest pause between attempts, in milliseconds.
const CHECK_TIMEOUT_MS: u32 = 10_000;

/// What a socket reports.
pub(crate) enum SocketEvent {
    /// Bytes may be sent.
    Opened,
    /// A binary message.
    Message(Vec<u8>),
    /// It ended, with this close code, 1006 if there was none, and this text.
    Closed(u16, String),
    /// Why it could not be opened, and the server's own words if it answers: see
    /// [`HandshakeCheck`].
    Refused(HandshakeFault, String),
}

/// An open or opening connection. When dropped it is closed, and reports nothing more.
pub(crate) struct Socket {
    socket: WebSocket,
    _listeners: [Listener; 3],
}

impl Socket {
    /// Connects to this address.
    pub(crate) fn open(address: &str, on_event: Rc<dyn Fn(SocketEvent)>) -> Result<Self> {
        let socket = WebSocket::new_with_str(address, SUBPROTOCOL_BINCODE)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (opened, closed) = (Rc::clone(&on_event), Rc::clone(&on_event));
        let listeners = [
            Listener::new(&socket, "open", move |_: Event| opened(SocketEvent::Opened))?,
            Listener::new(&socket, "message", move |event: MessageEvent| {
                if let Ok(buffer) = event.data().dyn_into::<js_sys::ArrayBuffer>() {
                    on_event(SocketEvent::Message(js_sys::Uint8Array::new(&buffer).to_vec()));
                }
            })?,
            Listener::new(&socket, "close", move |event: CloseEvent| {
                closed(SocketEvent::Closed(event.code(), event.reason()));
            })?,
        ];
        Ok(Self { socket, _listeners: listeners })
    }

    /// Whether bytes may be sent.
    pub(crate) fn is_open(&self) -> bool {
        self.socket.ready_state() == WebSocket::OPEN
    }

    pub(crate) fn send(&self, bytes: &[u8]) {
        if let Err(error) = self.socket.send_with_u8_array(bytes) {
            // The close event follows, and is handled.
            web_sys::console::warn_2(&JsValue::from_str("not sent:"), &error);
        }
    }

    /// Closes it so that the server does not keep the player.
    pub(crate) fn close_for_good(&self) {
        // Closing one that is closed already is no error.
        let _ = self.socket.close_with_code(CLOSE_NORMAL);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The server keeps the player, which may resume by another socket. Closing one that is closed already is no
        // error.
        let _ = self.socket.close_with_code(CLOSE_MAY_RETURN);
    }
}

/// Asks the server why a WebSocket could not be opened, which the browser tells no page. The question and, once it has come, the answer. Without an answer in time nothing is reported.
pub(crate) struct HandshakeCheck {
    request: XmlHttpRequest,
    listener: Option<Listener>,
}

impl HandshakeCheck {
    /// Asks about the WebSocket of the arena with this slug, or of the server's default.
    pub(crate) fn start(arena: Option<&str>, on_event: Rc<dyn Fn(SocketEvent)>) -> Result<Self> {
        let request = XmlHttpRequest::new()?;
        let answered = request.clone();
        let on_event = RefCell::new(Some(on_event));
        let listener = Listener::new(&request, "loadend", move |_: Event| {
            let Some(on_event) = on_event.take() else { return };
            let body = answered.response_text().ok().flatten().unwrap_or_default();
            let fault = HandshakeFault::of_status(answered.status().unwrap_or_default());
            on_event(SocketEvent::Refused(fault, reason(&body).to_owned()));
        })?;
        request.open("GET", &check_path(arena, &window()?.location().origin()?))?;
        request.set_timeout(CHECK_TIMEOUT_MS);
        request.send()?;
        Ok(Self { request, listener: Some(listener) })
    }
}

impl Drop for HandshakeCheck {
    fn drop(&mut self) {
        // First, because aborting is an event too. Aborting one that is done already is no error.
        self.listener = None;
        let _ = self.request.abort();
    }
}
