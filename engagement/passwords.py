"""Staff passwords: what we take, how they are kept (argon2id) and compared. Slow on purpose: call it from a thread."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

MINIMUM = 12
LONGEST = 200
_DIFFERENT = 5  # characters; "aaaaaaaaaaaa" is long, not strong
_hasher = PasswordHasher()


class PasswordRefused(ValueError):
    """A password that we do not take; the message is a sentence for the person who chose it."""


def check_password(password: str) -> None:
    """Raise PasswordRefused unless the password is long enough."""
    if len(password) < MINIMUM:
        raise PasswordRefused(f"Choose a password of {MINIMUM} characters or more. Three random words are easy to remember.")
    if len(password) > LONGEST:
        raise PasswordRefused(f"Choose a password of {LONGEST} characters or fewer.")
    if len(set(password)) < _DIFFERENT:
        raise PasswordRefused(f"Choose a password with {_DIFFERENT} or more different characters.")


def hash_password(password: str, *, check: bool = True) -> str:
    """The argon2id hash to keep; raises PasswordRefused for a weak password, unless whoever runs the server chose it."""
    if check:
        check_password(password)
    return _hasher.hash(_same_everywhere(password))


def verify_password(kept: str, password: str) -> bool:
    """Whether this is the password of the kept hash; a hash that cannot be read fits no password."""
    try:
        return _hasher.verify(kept, _same_everywhere(password))
    except (Argon2Error, InvalidHashError):
        return False


def _same_everywhere(password: str) -> bytes:
    # Keyboards differ in how they compose é or ﬁ: https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
