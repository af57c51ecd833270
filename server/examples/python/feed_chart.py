#!/usr/bin/env python3
"""A live chart of an Emberdrift arena in the terminal, drawn from the server's feed."""

import argparse
import json
import math
import shutil
import struct
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import plotext
import websocket

import address
from console import say

SECONDS_SHOWN = 120
CHAT_SHOWN = 3
LEADERS_SHOWN = 5
BELOW_THE_CHART = LEADERS_SHOWN + CHAT_SHOWN + 4  # Lines that must fit, too.
TO_TOP_AND_CLEAR = "\x1b[H\x1b[J"


class FeedError(Exception):
    """The feed could not be had, or ended."""


@dataclass
class History:
    """The last two minutes, a number for each second."""

    ships: deque[int] = field(default_factory=lambda: deque(maxlen=SECONDS_SHOWN))
    players: deque[int] = field(default_factory=lambda: deque(maxlen=SECONDS_SHOWN))
    leader: deque[int] = field(default_factory=lambda: deque(maxlen=SECONDS_SHOWN))
    tick_ms: deque[float] = field(default_factory=lambda: deque(maxlen=SECONDS_SHOWN))
    chat: deque[str] = field(default_factory=lambda: deque(maxlen=CHAT_SHOWN))

    def add(self, document: dict) -> None:
        scores = document["scores"]
        self.ships.append(scores["bodies"])
        self.players.append(scores["players"])
        self.leader.append(scores["leaderboard"][0]["score"] if scores["leaderboard"] else 0)
        self.tick_ms.append(document["health"]["tick_ms_mean"])
        self.chat += heard(document)


def heard(document: dict) -> list[str]:
    return [f"heard {line['name']}: {line['text']}" for line in document["events"]["chat"]]


def documents(host: str, arena: str, seconds: float, insecure: bool) -> Iterator[dict]:
    """What the feed says, once a second."""
    end = time.monotonic() + seconds
    try:
        path = f"/feed/{arena}".rstrip("/")
        url = address.socket_url(host, f"{path}?topics=scores,events,health")
        sslopt = {"context": address.trust(insecure)}
        feed = websocket.create_connection(url, timeout=5, suppress_origin=True, sslopt=sslopt)
        while time.monotonic() < end:
            opcode, data = feed.recv_data()  # Pings are answered in there.
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                (code,) = struct.unpack("!H", data[:2]) if data else (1005,)
                raise FeedError(f"closed by the server: {code} {data[2:].decode()}".rstrip())
            yield json.loads(data)
        feed.close(status=1000)
    except websocket.WebSocketBadStatusException as error:
        raise FeedError(f"{host} refused the handshake: {error.status_code}") from error
    except (OSError, ValueError, websocket.WebSocketException) as error:
        raise FeedError(f"no feed at {host}: {error}") from error


def chart(history: History, colours: bool) -> str:
    """Three graphs, side by side, over the seconds until now."""
    figure = plotext.figure
    figure.clear()
    figure.subplots(1, 3)
    columns, lines = shutil.get_terminal_size(fallback=(100, 28))
    figure.plot_size(min(columns, 120), max(8, min(lines - BELOW_THE_CHART, 20)))
    figure.theme("dark" if colours else "colorless")
    graphs = [
        ("players and ships", [history.players, history.ships]),
        ("the leader's embers", [history.leader]),
        ("a tick's work, ms", [history.tick_ms]),
    ]
    for column, (title, curves) in enumerate(graphs, start=1):
        graph = figure.subplot(1, column)
        graph.title(title)
        for values in curves:
            graph.draw(graph.signal(range(1 - len(values), 1), list(values)).lines())
    return figure.build().string(colorless=not colours)


def leaderboard(document: dict, name: str | None) -> str:
    lines = [f"{document['arena']}, tick {document['tick']}"]
    for place, line in enumerate(document["scores"]["leaderboard"], start=1):
        if place <= LEADERS_SHOWN or line["name"] == name:
            mark = ">" if line["name"] == name else " "
            lines.append(f"{mark}{place:2} {line['score']:6}  {line['name']}")
    return "\n".join(lines)


def show(options: argparse.Namespace) -> None:
    live = sys.stdout.isatty()
    plotext.terminal.limit(False, False)
    history, document = History(), None
    try:
        for document in documents(options.host, options.arena, options.seconds, options.insecure):
            history.add(document)
            if live:
                board = leaderboard(document, options.name)
                say(TO_TOP_AND_CLEAR + chart(history, colours=True), board, *history.chat, sep="\n")
            else:
                say(*heard(document), sep="\n", end="\n" if heard(document) else "")
    except KeyboardInterrupt:
        pass  # The way to end it.
    if document and not live:
        say(chart(history, colours=False), leaderboard(document, options.name), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    address.add_options(parser)
    parser.add_argument("--arena", default="", help="its name in addresses, as in /arenas; the first if left out")
    parser.add_argument("--name", help="a pilot to mark in the leaderboard")
    parser.add_argument("--seconds", type=float, default=math.inf, help="how long; until Ctrl-C if left out")
    try:
        show(parser.parse_args())
    except FeedError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
