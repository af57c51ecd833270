#!/usr/bin/env python3
"""Emberdrift on the websocket-client library: the same as plain_socket.py, driven by events."""

import argparse
import json
import math
import sys
import time

import websocket

import address
from console import say

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8


class Client(websocket.WebSocketApp):
    def __init__(self, options: argparse.Namespace) -> None:
        url = address.socket_url(options.host, f"/ws/{options.arena}".rstrip("/"))
        super().__init__(url, subprotocols=["emberdrift.json"], on_open=Client.opened,
                         on_message=Client.received, on_error=Client.failed, on_close=Client.closed)
        self.options, self.turns, self.end = options, 0, time.monotonic() + options.seconds
        self.player, self.names = None, set()  # Our number, since the name may be taken; and the other players heard.
        self.trouble = "the connection broke without a close frame"

    def tell(self, message: dict) -> None:
        self.send(json.dumps(message))

    def opened(self) -> None:
        self.tell({"Hello": {"name": self.options.name}})

    def received(self, text: str) -> None:
        match json.loads(text):
            case {"Welcome": welcome}:
                self.player = welcome["player"]
                say(f"joined {welcome['arena']['name']} as pilot {welcome['player']}")
                if self.options.say:
                    self.tell({"Chat": self.options.say})
                    say("said", self.options.say)
            case {"Frame": frame}:
                self.fly(frame["head"])
                for notice in frame["notices"]:
                    self.hear(notice)
                missing = self.options.until_heard - len(self.names)
                if time.monotonic() >= self.end or self.options.until_heard and missing <= 0:
                    self.trouble = f"{missing} others were not heard" if missing > 0 else ""
                    self.close(status=1000)

    def fly(self, head: dict) -> None:
        turn = self.turns % 64 / 64 * math.tau  # In circles: a turn takes 64 ticks.
        x, y = math.cos(turn), math.sin(turn)
        buttons = (x > 0.4) * RIGHT | (x < -0.4) * LEFT | (y > 0.4) * UP | (y < -0.4) * DOWN
        held = {"buttons": buttons, "aim": int(turn / math.tau * 65536)}
        self.turns += 1
        self.tell({"Input": {"input": held, "ack": head["tick"] & 255}})
        if self.turns % 30 == 1 and (ship := head["viewer"]["Player"]["own"].get("Alive")):
            x, y = ship["motion"]["position"]
            say(f"at ({x:.1f}, {y:.1f}) with {ship['embers']} embers")

    def hear(self, notice: dict) -> None:
        match notice:
            case ({"Chat": {"from": player, "name": name, "text": text}}
                  | {"Whisper": {"from": player, "from_name": name, "text": text}}):
                say(f"heard {name}: {text}")
                if player != self.player:
                    self.names.add(name)
            case {"ChatHistory": lines}:
                for line in lines:
                    self.hear({"Chat": line})
            case {"ChatRejected": why}:
                say("refused:", why)

    def failed(self, error: Exception) -> None:
        why = str(error).partition(" -+-+- ")[0]  # Without the headers of an answer.
        self.trouble = f"{self.url}: {why or type(error).__name__}"

    def closed(self, code: int | None, reason: str | None) -> None:
        if code not in (None, 1000):
            self.trouble = f"closed by the server: {code} {reason}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    address.add_options(parser)
    parser.add_argument("--arena", default="", help="its name in addresses, as in /arenas; the first if left out")
    parser.add_argument("--name", default="Library", help="the pilot's name")
    parser.add_argument("--seconds", type=float, default=10, help="how long to stay")
    parser.add_argument("--say", metavar="TEXT", help="a line of chat")
    parser.add_argument("--until-heard", type=int, default=0, metavar="N", help="leave once N other names were heard")
    options = parser.parse_args()
    try:
        client = Client(options)
    except ValueError as error:
        sys.exit(f"error: {error}")
    try:
        client.run_forever(suppress_origin=True, sslopt={"context": address.trust(options.insecure)})
    except KeyboardInterrupt:
        sys.exit(130)
    if client.trouble:
        sys.exit(f"error: {client.trouble}")
    say("left with 1000")


if __name__ == "__main__":
    main()
