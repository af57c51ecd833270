#!/usr/bin/env python3
"""Emberdrift over a plain TCP socket: the WebSocket protocol (RFC 6455) by hand, standard library only."""

import argparse
import base64
import hashlib
import json
import math
import os
import socket
import struct
import sys
import time
from urllib.parse import urlsplit

import address
from console import say

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # From the RFC: proves that the server speaks WebSocket.
SUBPROTOCOL = "emberdrift.json"  # Chooses Emberdrift's encoding: text frames with JSON in them.
CONTINUATION, TEXT, CLOSE, PING, PONG = 0x0, 0x1, 0x8, 0x9, 0xA
UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8


class Closed(Exception):
    """The server ended the connection."""


class WebSocket:
    """The client's end of one WebSocket."""

    def __init__(self, url: str, insecure: bool) -> None:
        parts = urlsplit(url)
        name, port = address.endpoint(url)
        try:
            self.sock = socket.create_connection((name, port), timeout=5)
            # Small messages should leave at once instead of waiting to be sent with the next one.
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if parts.scheme == "wss":
                self.sock = address.trust(insecure).wrap_socket(self.sock, server_hostname=name)
        except OSError as error:
            raise ConnectionError(f"no server at {url}: {error.strerror or error}") from error
        self.received = self.sock.makefile("rb")
        self.upgrade(parts.netloc, parts.path)

    def upgrade(self, host: str, path: str) -> None:
        """Asks by HTTP to go on as a WebSocket, and checks the answer."""
        key = base64.b64encode(os.urandom(16))
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key.decode()}\r\n"
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
        )
        self.sock.sendall(request.encode())
        status = self.received.readline(4096).decode("latin-1").split(maxsplit=2)
        headers: dict[str, str] = {}
        while line := self.received.readline(4096).strip():
            field, _, value = line.decode("latin-1").partition(":")
            headers[field.strip().lower()] = value.strip()
        if len(status) < 2 or status[1] != "101":
            raise ConnectionError(f"the handshake was refused: {' '.join(status[1:]).strip() or 'no answer'}")
        accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest()).decode()
        if headers.get("upgrade", "").lower() != "websocket":
            raise ConnectionError("the answer is no upgrade to a WebSocket")
        if headers.get("sec-websocket-accept") != accept:
            raise ConnectionError("the answer's Sec-WebSocket-Accept does not fit the key")
        if headers.get("sec-websocket-protocol") != SUBPROTOCOL:
            raise ConnectionError(f"the server did not choose {SUBPROTOCOL}")

    def send_frame(self, opcode: int, payload: bytes) -> None:
        """Sends one frame: a byte with the opcode, the length, four bytes of mask, the masked payload."""
        head = bytes([0x80 | opcode])  # 0x80: this is the last (here: only) frame of its message.
        # Short lengths fit 7 bits; 126 says that 16 bits follow, 127 that 64 bits follow. 0x80: masked.
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 1 << 16:
            head += struct.pack("!BH", 0x80 | 126, len(payload))
        else:
            head += struct.pack("!BQ", 0x80 | 127, len(payload))
        # A client masks with a new random mask each time, so that no proxy takes what it sends for HTTP.
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self.sock.sendall(head + mask + masked)

    def read_exactly(self, count: int) -> bytes:
        data = self.received.read(count)
        if len(data) < count:
            raise Closed("the connection broke without a close frame")
        return data

    def read_frame(self) -> tuple[bool, int, bytes]:
        """Reads one frame: whether it is its message's last, its opcode, its payload."""
        first, second = self.read_exactly(2)
        if first & 0x70:
            raise self.fail("reserved bits without an extension")
        if second & 0x80:
            raise self.fail("a masked frame, which only clients may")
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.read_exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.read_exactly(8))
        last, opcode = bool(first & 0x80), first & 0x0F
        if opcode >= CLOSE and (length > 125 or not last):
            raise self.fail("a control frame that is long or in pieces")
        return last, opcode, self.read_exactly(length)

    def receive(self) -> str:
        """The next whole text message. Pings and closes may come between its pieces and are answered."""
        message: bytes | None = None
        while True:
            last, opcode, payload = self.read_frame()
            if opcode == PING:
                self.send_frame(PONG, payload)
            elif opcode == CLOSE:
                self.send_frame(CLOSE, payload[:2])
                code, reason = parse_close(payload)
                raise Closed(f"closed by the server: {code} {reason}".rstrip())
            elif opcode == TEXT and message is None or opcode == CONTINUATION and message is not None:
                message = (message or b"") + payload
                if last:
                    return message.decode()
            elif opcode != PONG:
                raise self.fail(f"a frame of kind {opcode} where none may be")

    def fail(self, why: str) -> Closed:
        self.send_frame(CLOSE, struct.pack("!H", 1002))  # 1002: protocol error.
        return Closed(f"the server sent {why}")

    def close(self) -> None:
        """The closing handshake: each side sends a close frame, then the server hangs up."""
        self.send_frame(CLOSE, struct.pack("!H", 1000))  # 1000: done, all well.
        opcode, payload = -1, b""
        while opcode != CLOSE:  # Frames that were under way already are read and let go.
            _, opcode, payload = self.read_frame()
        code, reason = parse_close(payload)
        self.sock.close()
        if code != 1000:
            raise Closed(f"the server answered the close with {code} {reason}".rstrip())


def parse_close(payload: bytes) -> tuple[int, str]:
    """The code and the reason in a close frame; 1005 stands for none."""
    return (int.from_bytes(payload[:2], "big"), payload[2:].decode()) if len(payload) >= 2 else (1005, "")


def heard(notice: dict) -> list[tuple[int, str, str]]:
    """Who said what, by number and name, in a notice that tells of chat. The history is what was said before we came."""
    lines = notice.get("ChatHistory") or [notice[kind] for kind in ("Chat", "Whisper") if kind in notice]
    return [(line["from"], line.get("name") or line["from_name"], line["text"]) for line in lines]


def play(web: WebSocket, options: argparse.Namespace) -> None:
    def send(message: dict) -> None:
        web.send_frame(TEXT, json.dumps(message).encode())

    send({"Hello": {"name": options.name}})
    welcome = json.loads(web.receive())["Welcome"]  # The first message is the welcome, all others are frames.
    say(f"joined {welcome['arena']['name']} as pilot {welcome['player']}")
    if options.say:
        send({"Chat": options.say})
        say("said", options.say)
    names: set[str] = set()  # The other players heard.
    turns = 0
    end = time.monotonic() + options.seconds
    while time.monotonic() < end and not 0 < options.until_heard <= len(names):
        frame = json.loads(web.receive())["Frame"]
        # In circles: a turn takes 64 ticks, the four buttons thrust along the axes, the nose points ahead.
        turn = turns % 64 / 64 * math.tau
        x, y = math.cos(turn), math.sin(turn)
        buttons = (x > 0.4) * RIGHT | (x < -0.4) * LEFT | (y > 0.4) * UP | (y < -0.4) * DOWN
        turns += 1
        held = {"buttons": buttons, "aim": int(turn / math.tau * 65536)}
        send({"Input": {"input": held, "ack": frame["head"]["tick"] & 255}})
        for notice in frame["notices"]:
            for player, name, text in heard(notice):
                say(f"heard {name}: {text}")
                if player != welcome["player"]:  # Not by name: if ours was taken, we have another.
                    names.add(name)
            if "ChatRejected" in notice:
                say("refused:", notice["ChatRejected"])
        ship = frame["head"]["viewer"]["Player"]["own"].get("Alive")  # Otherwise it is Dead, until a new one is given.
        if ship and turns % welcome["tick_rate"] == 1:
            x, y = ship["motion"]["position"]
            say(f"at ({x:.1f}, {y:.1f}) with {ship['embers']} embers")
    web.close()
    if len(names) < options.until_heard:
        sys.exit(f"error: heard {len(names)} others in {options.seconds:g} s, not {options.until_heard}")
    say("left with 1000")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    address.add_options(parser)
    parser.add_argument("--arena", default="", help="its name in addresses, as in /arenas; the first if left out")
    parser.add_argument("--name", default="Socket", help="the pilot's name")
    parser.add_argument("--seconds", type=float, default=10, help="how long to stay")
    parser.add_argument("--say", metavar="TEXT", help="a line of chat")
    parser.add_argument("--until-heard", type=int, default=0, metavar="N", help="leave once N other names were heard")
    options = parser.parse_args()
    try:
        url = address.socket_url(options.host, f"/ws/{options.arena}".rstrip("/"))
        play(WebSocket(url, options.insecure), options)
    except (OSError, Closed, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("error: interrupted")


if __name__ == "__main__":
    main()
