"""Pictures are fetched from public addresses only: the rule about what is one."""

import pytest

from channels.media import public


@pytest.mark.parametrize("address", ["8.8.8.8", "54.231.0.1", "2606:4700::1111", "2a00:1450:4009:80b::200e"])
def test_public(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1",
        "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%2", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::",
        "2001:db8::1", "100::1",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not public(address)
