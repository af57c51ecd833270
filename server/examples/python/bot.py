#!/usr/bin/env python3
"""A bot to start from: replace think() by your own.

What a World holds is in emberdrift.py. Places, ways and velocities are complex numbers: x + y * 1j.
"""

import argparse
import cmath
import math
import sys
from typing import NamedTuple

import address
import emberdrift
from console import say
from emberdrift import Block, Me, Ship, World


class Orders(NamedTuple):
    """What the ship is to do in this tick."""

    way: complex = 0  # Where to thrust, rounded to one of eight directions; 0 drifts.
    aim: float = 0  # Where the nose points, in radians counter-clockwise from +x.
    fire: bool = False
    boost: bool = False  # Burns embers for speed.


def think(world: World) -> Orders:
    """Decides, once a tick: this one gathers the nearest ember and shoots at ships in range."""
    me = world.me
    if me is None:
        return Orders(boost=True)  # Shot down: any button asks for the next ship, which comes in a few seconds.
    way = gather(world, me) + keep_clear(world, me)
    shots = [shot for ship in world.ships if (shot := lead(world, me, ship))]
    if not shots:
        return Orders(way, aim=cmath.phase(me.velocity))
    _, aim = min(shots)
    return Orders(way, aim, fire=True, boost=me.health < 0.3)


def gather(world: World, me: Me) -> complex:
    """The way to the nearest ember, of length 1; without embers in sight, to the middle of the arena."""
    places = [ember.place for ember in world.embers if not blocked(world, me.place, ember.place)]
    goal = min(places, key=lambda place: abs(place - me.place), default=world.size / 2)
    # Ships drift: steer by where the ship will be in a moment, or it circles around the ember.
    return unit(goal - (me.place + me.velocity * 0.3))


def keep_clear(world: World, me: Me) -> complex:
    """Away from rocks, blocks and walls, the more the nearer they are; 0 far from all."""
    margin = me.hull["radius"] + 80
    ahead = me.place + me.velocity * 0.3
    away = sum(
        unit(ahead - rock.place) * push
        for rock in world.rocks
        if (push := 1 - (abs(ahead - rock.place) - rock.radius) / margin) > 0
    )
    for block in world.blocks:
        past = ahead - nearest(block, ahead)
        away += unit(past) * max(0, 1 - abs(past) / margin)
    x, y = ahead.real, ahead.imag
    far_x, far_y = world.size.real - x, world.size.imag - y
    away += complex(max(0, 1 - x / margin) - max(0, 1 - far_x / margin))
    away += 1j * (max(0, 1 - y / margin) - max(0, 1 - far_y / margin))
    return 2 * away


def lead(world: World, me: Me, ship: Ship) -> tuple[float, float] | None:
    """How long a shot flies until it meets a ship that goes straight on, and its angle; None if it cannot."""
    offset, speed = ship.place - me.place, world.rules["shot"]["speed"]
    # |offset + velocity * t| = speed * t, solved for t.
    a = speed**2 - abs(ship.velocity) ** 2
    b = (offset * ship.velocity.conjugate()).real
    time = (b + math.sqrt(b * b + a * abs(offset) ** 2)) / a if a > 0 else math.inf
    if ship.shielded or time > world.rules["shot"]["life"]:
        return None
    meeting = ship.place + ship.velocity * time
    return None if blocked(world, me.place, meeting) else (time, cmath.phase(meeting - me.place))


def blocked(world: World, start: complex, end: complex) -> bool:
    """Whether a rock or a block lies on the straight way."""
    along = unit(end - start)
    for rock in world.rocks:
        # Turned so that the way lies along +x.
        seen = (rock.place - start) * along.conjugate()
        passed = min(max(seen.real, 0), abs(end - start))
        if abs(seen - passed) < rock.radius:
            return True
    # A look every 20 units is enough: no block is thinner than 48.
    looks = [start + along * 20 * i for i in range(int(abs(end - start) / 20) + 1)]
    return any(nearest(block, look) == look for block in world.blocks for look in looks)


def nearest(block: Block, place: complex) -> complex:
    """The place in a block that is nearest to a place."""
    low, high = block.place - block.half, block.place + block.half
    return complex(min(max(place.real, low.real), high.real), min(max(place.imag, low.imag), high.imag))


def unit(way: complex) -> complex:
    return way / abs(way) if way else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    address.add_options(parser)
    parser.add_argument("--arena", default="", help="its name in addresses, as in /arenas; the first if left out")
    parser.add_argument("--name", default="Bot", help="the pilot's name")
    parser.add_argument("--seconds", type=float, default=math.inf, help="how long; until Ctrl-C if left out")
    parser.add_argument("--say", metavar="TEXT", help="a line of chat")
    options = parser.parse_args()
    try:
        play(options)
    except emberdrift.GameError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        pass  # The way to end it; leaving the game is done already.


def play(options: argparse.Namespace) -> None:
    with emberdrift.join(options.host, options.name, options.arena, options.insecure) as game:
        if options.say:
            game.say(options.say)
            say("said", options.say)
        for world in game.frames(options.seconds):
            game.fly(*think(world))
            for name, text in world.heard:
                say(f"heard {name}: {text}")
            for why in world.refused:
                say("refused:", why)
            if world.tick % (10 * world.tick_rate) == 0:
                report(world)
    say(f"left; {game.mismatches} cells differed")


def report(world: World) -> None:
    if me := world.me:
        say(
            f"at ({me.place.real:.0f}, {me.place.imag:.0f}), rank {me.rank}, {me.embers} embers,"
            f" {len(world.ships)} ships and {len(world.embers)} embers in sight"
        )


if __name__ == "__main__":
    main()
