"""A join ticket for one player, as a login system makes them: it admits to a server with the same --join-key for a minute.

    EMBERDRIFT_JOIN_KEY=… python3 ticket.py Ada

Any library for JSON Web Tokens does the same; this needs none.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time

from console import say


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


HEADER = part(b'{"alg":"HS256","typ":"JWT"}')


def ticket(key: bytes, name: str, seconds: int = 60) -> str:
    claims = {"name": name, "exp": int(time.time()) + seconds}
    signed = f"{HEADER}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.digest(key, signed.encode(), 'sha256'))}"


if __name__ == "__main__":
    key, names = os.environ.get("EMBERDRIFT_JOIN_KEY"), sys.argv[1:]
    if not key or len(names) != 1:
        sys.exit("usage: EMBERDRIFT_JOIN_KEY=KEY python3 ticket.py NAME")
    say(ticket(key.encode(), names[0]))
