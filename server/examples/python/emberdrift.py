"""A small library for bots: a connection to an Emberdrift server, and the world as the server tells it.

    with emberdrift.join("127.0.0.1:8080", "Ada") as game:
        for world in game.frames(seconds=60):
            game.fly(way=1j, aim=0.0, fire=False, boost=False)

Places, ways and velocities are complex numbers: x, to the right, is the real part, y, upwards, the imaginary.
Lengths are in units, velocities in units a second, angles in radians, counter-clockwise from +x.
"""

import bisect
import json
import math
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import websocket

import address

UP, DOWN, LEFT, RIGHT, FIRE, BOOST = 1, 2, 4, 8, 16, 32
CELL_SIZE = 512
STEPS_PER_UNIT = 16
EMBERS_APART = CELL_SIZE / 256


class GameError(Exception):
    """The game could not be joined, or ended before its time."""


# What a bot sees.


@dataclass
class Me:
    """One's own ship, exactly."""

    place: complex
    velocity: complex
    embers: int
    health: float  # From 0 to 1.
    rank: int
    shielded: bool
    hull: dict[str, Any]  # Of the rules: radius, thrust, top_speed, reach and more.


@dataclass
class Ship:
    """Another player's ship."""

    id: int
    name: str
    place: complex
    velocity: complex
    aim: float
    health: float  # From 0 to 1.
    shielded: bool
    hull: dict[str, Any]


@dataclass
class Ember:
    place: complex
    value: int  # From 253 on it is a pickup: a shield, rapid fire, a magnet.


@dataclass
class Rock:
    place: complex
    radius: float


@dataclass
class Block:
    place: complex  # Its middle.
    half: complex  # Half of its width and height.


@dataclass
class World:
    """All that is known at a tick. What is out of sight is not known."""

    player: int
    tick: int
    tick_rate: int
    size: complex  # The arena reaches from 0 to here.
    rocks: list[Rock]
    blocks: list[Block]  # Pieces of wall, along the axes.
    rules: dict[str, Any]
    me: Me | None = None  # None between two ships: any button asks for the next.
    ships: list[Ship] = field(default_factory=list)
    embers: list[Ember] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    leaderboard: list[tuple[str, int]] = field(default_factory=list)  # The first ten: name and embers.
    heard: list[tuple[str, str]] = field(default_factory=list)  # Chat since the frame before: name and text.
    refused: list[Any] = field(default_factory=list)  # Why lines of one's own were not passed on.


# How the server tells of cells: the protocol's sections 5 and 6.


class CellDiffers(LookupError):
    """A cell's checksum is not the server's."""


@dataclass(slots=True)
class ShipState:
    """A ship in a cell: in steps from the cell's origin, and steps a frame."""

    id: int
    x: int
    y: int
    vx: int
    vy: int
    heading: int
    look: dict  # Its `status`, with the size in bits 0 to 2, boosting in bit 3, shielded in bit 4; and its `health`.
    since: int  # The tick at which it came into the cell.

    def shift(self, dx: int, dy: int) -> None:
        self.x, self.y = int16(self.x + dx), int16(self.y + dy)

    def bend(self, dvx: int, dvy: int) -> None:
        self.vx, self.vy = int16(self.vx + dvx), int16(self.vy + dvy)


class Cell:
    """A cell as the server described it, to the bit."""

    def __init__(self) -> None:
        self.ships: list[ShipState] = []  # In rising order of id.
        self.embers: dict[tuple[int, int], int] = {}  # Values by place.
        self.asked: int | None = None  # The tick at which it was asked for in full.

    def advance(self) -> None:
        for ship in self.ships:
            ship.shift(ship.vx, ship.vy)

    def apply(self, kind: str, content: Any, tick: int) -> None:
        """Puts a change on. Raises a LookupError if it was made for another state."""
        match kind:
            case "Reset":
                self.__init__()
            case "Left":
                for place in reversed([place for place, _ in by_skips(content)]):
                    del self.ships[place]
            case "Entered":
                id = 0
                for record in content:
                    id += record["gap"]
                    at = bisect.bisect_left(self.ships, id, key=lambda ship: ship.id)
                    known = at < len(self.ships) and self.ships[at].id == id
                    self.ships[at : at + known] = [ShipState(id=id, since=tick, **record["state"])]
            case "Moved":
                for place, move in zip(set_bits(content["which"]), content["moves"]):
                    ship = self.ships[place]
                    ship.shift(move["dx"], move["dy"])
                    ship.bend(move["dx"], move["dy"])
                    if move["heading"] is not None:
                        ship.heading = move["heading"]
            case "CatchUp":
                for place, drift in by_skips(content):
                    ship = self.ships[place]
                    ship.shift(drift["dx"], drift["dy"])
                    ship.bend(drift["dvx"], drift["dvy"])
                    ship.heading = drift["heading"]
            case "Looks":
                for place, change in by_skips(content):
                    self.ships[place].look = change["look"]
            case "ItemsAdded":
                self.embers.update(((ember["x"], ember["y"]), ember["item"]) for ember in content)
            case "ItemsTaken":
                for ember in content:
                    del self.embers[ember["x"], ember["y"]]
            case "Checksum":
                if content != self.checksum():
                    raise CellDiffers
            case _:  # Events change nothing in the cell.
                pass

    def checksum(self) -> int:
        words = []
        for ship in self.ships:
            x, y, vx, vy = (steps & 0xFFFF for steps in (ship.x, ship.y, ship.vx, ship.vy))
            words += [ship.id | ship.heading << 16, x | y << 16, vx | vy << 16]
            words += [ship.look["status"], ship.look["health"]]
        hashes = (mixed_hash([x | y << 8, value]) for (x, y), value in self.embers.items())
        words.append(sum(hashes) & 0xFFFF_FFFF)
        mixed = mixed_hash(words)
        return (mixed ^ mixed >> 32) & 0xFFFF_FFFF


def int16(steps: int) -> int:
    """A sum as it comes out in 16 bits."""
    return (steps + 0x8000 & 0xFFFF) - 0x8000


def set_bits(which: list[int]) -> list[int]:
    """The places of the ships whose bit is set."""
    bits = int.from_bytes(bytes(which), "little")
    return [place for place in range(bits.bit_length()) if bits >> place & 1]


def by_skips(entries: list) -> Iterator[tuple[int, Any]]:
    """Entries with the places of the ships that they name by how many are skipped."""
    place = -1
    for entry in entries:
        place += 1 + (entry if isinstance(entry, int) else entry["skip"])
        yield place, entry


def mixed_hash(words: list[int]) -> int:
    """FNV-1a over 32-bit words, then the finaliser of MurmurHash3."""
    h = 0xCBF2_9CE4_8422_2325
    for word in words:
        h = (h ^ word) * 0x100_0000_01B3 & 0xFFFF_FFFF_FFFF_FFFF
    h = (h ^ h >> 33) * 0xFF51_AFD7_ED55_8CCD & 0xFFFF_FFFF_FFFF_FFFF
    h = (h ^ h >> 33) * 0xC4CE_B9FE_1A85_EC53 & 0xFFFF_FFFF_FFFF_FFFF
    return h ^ h >> 33


# The connection.


class Game:
    """A pilot in a game."""

    def __init__(self, web: websocket.WebSocket, name: str) -> None:
        self.web = web
        self.mismatches = 0  # Checksums that differed: should stay 0.
        self.lines_heard = 0
        self.cells: dict[int, Cell] = {}  # Those in view.
        self.send({"Hello": {"name": name}})
        welcome = self.receive()["Welcome"]
        arena = welcome["arena"]
        self.columns = math.ceil(arena["size"][0] / CELL_SIZE)
        self.world = World(
            player=welcome["player"],
            tick=welcome["tick"],
            tick_rate=welcome["tick_rate"],
            size=complex(*arena["size"]),
            rocks=[Rock(complex(*rock["centre"]), rock["radius"]) for rock in arena["rocks"]],
            blocks=[Block(complex(*block["centre"]), complex(*block["half"])) for block in arena["blocks"]],
            rules=arena["rules"],
        )

    def __enter__(self) -> "Game":
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close(status=1000)

    def frames(self, seconds: float = math.inf) -> Iterator[World]:
        """The world, each time the server tells of a tick."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.take_in(self.receive()["Frame"])
            yield self.world

    def fly(self, way: complex, aim: float, fire: bool = False, boost: bool = False) -> None:
        """Says what the ship is to do. Needed once in each frame: it says that the frame was read, too."""
        buttons = thrust(way) | fire * FIRE | boost * BOOST
        held = {"buttons": buttons, "aim": round(aim / math.tau * 65536) & 0xFFFF}
        self.send({"Input": {"input": held, "ack": self.world.tick & 255}})

    def say(self, text: str) -> None:
        """Says a line to everyone, or, as in "/w Ada hello", to one."""
        self.send({"Chat": text})

    def send(self, message: dict) -> None:
        try:
            self.web.send(json.dumps(message))
        except (OSError, websocket.WebSocketException) as error:
            raise GameError(f"the connection broke: {error}") from error

    def receive(self) -> dict:
        try:
            opcode, data = self.web.recv_data()
        except (OSError, websocket.WebSocketException) as error:
            raise GameError(f"the connection broke: {error}") from error
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            (code,) = struct.unpack("!H", data[:2]) if data else (1005,)
            raise GameError(f"closed by the server: {code} {data[2:].decode()}".rstrip())
        return json.loads(data)

    def take_in(self, frame: dict) -> None:
        world, head = self.world, frame["head"]
        world.tick = head["tick"]
        world.heard, world.refused = [], []
        for notice in frame["notices"]:
            self.notice(notice)
        if view := head["view"]:
            known = {} if view["reset"] else self.cells
            self.cells = {cell: known.get(cell) or Cell() for cell in self.window(view["window"])}
        for cell in self.cells.values():
            cell.advance()
        for chunk in frame["cells"]:
            if chunk["cell"] in self.cells:
                self.take_in_chunk(chunk["cell"], chunk["changes"])
        world.me = self.my_ship(head["viewer"]["Player"])
        world.ships = self.ships()
        world.embers = [
            Ember(self.origin(index) + complex(x + 0.5, y + 0.5) * EMBERS_APART, value)
            for index, cell in self.cells.items()
            for (x, y), value in cell.embers.items()
        ]

    def notice(self, notice: dict) -> None:
        world = self.world
        match notice:
            case {"Roster": pilots}:
                world.names = {pilot["id"]: pilot["name"] for pilot in pilots}
            case {"Joined": pilot}:
                world.names[pilot["id"]] = pilot["name"]
            case {"Left": id}:
                world.names.pop(id, None)
            case {"Leaderboard": leaderboard}:
                top = leaderboard["top"]
                world.leaderboard = [(world.names.get(line["player"], "?"), line["score"]) for line in top]
            case {"Chat": line}:
                self.hear(line)
            case {"ChatHistory": lines}:
                for line in lines:
                    self.hear(line)
            case {"Whisper": line}:
                world.heard.append((line["from_name"], line["text"]))
            case {"ChatRejected": why}:
                world.refused.append(why)

    def hear(self, line: dict) -> None:
        if line["number"] > self.lines_heard:  # The history repeats lines that may be known.
            self.lines_heard = line["number"]
            self.world.heard.append((line["name"], line["text"]))

    def take_in_chunk(self, index: int, changes: list) -> None:
        cell = self.cells[index]
        for change in changes:
            kind, content = next(iter(change.items())) if isinstance(change, dict) else (change, None)
            try:
                cell.apply(kind, content, self.world.tick)
            except LookupError:
                # The cell is not what the server believes: ask for all of it, and again if none comes.
                self.mismatches += cell.asked is None
                if cell.asked is None or self.world.tick - cell.asked > 2 * self.world.tick_rate:
                    cell.asked = self.world.tick
                    self.send({"ResyncCell": index})

    def window(self, window: dict) -> list[int]:
        columns = range(window["left"], window["right"] + 1)
        rows = range(window["bottom"], window["top"] + 1)
        return [row * self.columns + column for row in rows for column in columns]

    def origin(self, cell: int) -> complex:
        row, column = divmod(cell, self.columns)
        return complex(column, row) * CELL_SIZE

    def my_ship(self, player: dict) -> Me | None:
        if "Alive" not in player["own"]:
            return None
        ship, hulls = player["own"]["Alive"], self.world.rules["hulls"]
        hull = [hull for hull in hulls if hull["embers"] <= ship["embers"]][-1]
        return Me(
            place=complex(*ship["motion"]["position"]),
            velocity=complex(*ship["motion"]["velocity"]),
            embers=ship["embers"],
            health=ship["health"] / hull["health"],
            rank=player["rank"],
            shielded=ship["shielded"],
            hull=hull,
        )

    def ships(self) -> list[Ship]:
        # Far cells are updated less often, so that a ship can be in two: the one it came into last counts.
        found: dict[int, tuple[int, ShipState]] = {}
        for index, cell in self.cells.items():
            for ship in cell.ships:
                if ship.id not in found or found[ship.id][1].since < ship.since:
                    found[ship.id] = index, ship
        found.pop(self.world.player, None)
        return [
            Ship(
                id=ship.id,
                name=self.world.names.get(ship.id, "?"),
                place=self.origin(index) + complex(ship.x, ship.y) / STEPS_PER_UNIT,
                velocity=complex(ship.vx, ship.vy) / STEPS_PER_UNIT * self.world.tick_rate,
                aim=ship.heading / 256 * math.tau,
                health=ship.look["health"] / 255,
                shielded=bool(ship.look["status"] & 8),
                hull=self.world.rules["hulls"][ship.look["status"] & 3],
            )
            for index, ship in found.values()
        ]


def thrust(way: complex) -> int:
    """The buttons that thrust nearest to a way: one of eight directions, or none for no way."""
    if abs(way) < 1e-2:
        return 0
    way /= abs(way)
    border = math.sin(math.tau / 16)
    x, y = way.real, way.imag
    return (x > border) * RIGHT | (x < -border) * LEFT | (y > border) * UP | (y < -border) * DOWN


def join(host: str, name: str, arena: str = "", insecure: bool = False) -> Game:
    """Joins the game of the server at HOST:PORT or wss://HOST/PATH, in its first arena or in this one."""
    try:
        web = websocket.create_connection(
            address.socket_url(host, f"/ws/{arena}".rstrip("/")),
            timeout=5,
            subprotocols=["emberdrift.json"],
            suppress_origin=True,
            sslopt={"context": address.trust(insecure)},
            sockopt=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
    except websocket.WebSocketBadStatusException as error:
        raise GameError(f"{host} refused the handshake: {error.status_code}") from error
    except (OSError, ValueError, websocket.WebSocketException) as error:
        raise GameError(f"no server at {host}: {error}") from error
    return Game(web, name)
