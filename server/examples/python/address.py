"""Where a server is: HOST:PORT on this network, or an address such as wss://play.example/game, and which certificates to trust there."""

import argparse
import ssl
from urllib.parse import urlsplit

PORTS = {"ws": 80, "wss": 443}
SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        default="127.0.0.1:8080",
        help="the server's HOST:PORT, or its address, such as wss://play.example/game",
    )
    parser.add_argument("--insecure", action="store_true", help="with wss://, trust any certificate")


def socket_url(host: str, path: str) -> str:
    """The address of a WebSocket below the server's."""
    scheme, separator, rest = host.partition("://")
    if not separator:
        scheme, rest = "ws", host
    if scheme not in SCHEMES or not rest.strip("/"):
        raise ValueError(f"--host must be HOST:PORT or an address such as wss://play.example, not {host!r}")
    return f"{SCHEMES[scheme]}://{rest.rstrip('/')}{path}"


def endpoint(url: str) -> tuple[str, int]:
    """The host and port of a WebSocket's address."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError(f"there is no host in {url}")
    return parts.hostname, parts.port or PORTS[parts.scheme]


def trust(insecure: bool) -> ssl.SSLContext:
    """Trusts the system's authorities with wss://, or any certificate, as that which a server makes for a LAN."""
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
