"""The client's network address, for limits: the peer's, or what the proxies that we trust say of theirs."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from aiohttp import web

from channels.keys import SETTINGS


def address_of(request: web.Request) -> str | None:
    """What a limit counts by. None for a program of this machine that nobody forwarded: tests, the bench, a health check."""
    peer = _address(request.remote or "")
    if peer is None:
        return None
    trusted = request.app[SETTINGS].trusted_proxies
    hops = [hop.strip() for line in request.headers.getall("X-Forwarded-For", []) for hop in line.split(",")]
    if not hops and ip_address(peer).is_loopback:
        return None
    address = peer
    while address in trusted and hops:
        # What cannot be read was not written by a proxy of ours.
        if (further := _address(hops.pop())) is None:
            break
        address = further
    # Who has one IPv6 address has all of its network.
    return address if ":" not in address else str(ip_network((address, 64), strict=False))


def _address(text: str) -> str | None:
    """An address in one spelling, without a port."""
    host = text.removeprefix("[").split("]")[0] if text.startswith("[") else text
    if host.count(":") == 1:
        host = host.split(":")[0]
    try:
        found = ip_address(host.split("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
