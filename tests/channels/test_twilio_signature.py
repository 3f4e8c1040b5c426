"""Twilio's own examples of signed webhooks (its documentation and the tests of its libraries)."""

import pytest
from multidict import MultiDict

from channels.twilio import signed

TOKEN = "12345"
FORM = MultiDict({"CallSid": "CA1234567890ABCDE", "Digits": "1234", "From": "+14158675309", "To": "+18005551212", "Caller": "+14158675309"})
PLAIN = "https://mycompany.com/myapp.php?foo=1&bar=2"


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        (PLAIN, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        ("https://mycompany.com/myapp.php?foo=1&bar=2", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
)
def test_twilios_examples_are_accepted(url: str, signature: str) -> None:
    assert signed(TOKEN, url, signature, form=FORM)


def test_repeated_parameters_are_sorted_and_counted_once() -> None:
    form = MultiDict([("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")])
    assert signed(TOKEN, PLAIN, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", form=form)


def test_a_json_body_is_signed_by_its_hash() -> None:
    body = b'{"property": "value", "boolean": true}'
    url = f"{PLAIN}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    assert signed(TOKEN, url, "a9nBmqA0ju/hNViExpshrM61xv4=", body=body)
    assert not signed(TOKEN, url, "a9nBmqA0ju/hNViExpshrM61xv4=", body=body + b" ")


@pytest.mark.parametrize("signature", ["", "RSOYDt4T1cUTdK1PDd93/VVr8B9=", "é", "RSOYDt4T1cUTdK1PDd93/VVr8B8= "])
def test_anything_else_is_refused(signature: str) -> None:
    assert not signed(TOKEN, PLAIN, signature, form=FORM)


def test_a_changed_parameter_is_refused() -> None:
    form = MultiDict(FORM)
    form["Digits"] = "12345"
    assert not signed(TOKEN, PLAIN, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", form=form)
