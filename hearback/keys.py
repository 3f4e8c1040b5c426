"""The secrets of one data folder, made at the first start and kept in a file that only its owner reads."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cryptography.fernet import Fernet


@dataclass(frozen=True)
class Keys:
    """`contact_key` encrypts phone numbers, `pseudonym_key` names them without showing them; the tokens join processes."""

    contact_key: str
    pseudonym_key: str
    rasa_token: str
    sandbox_twilio_token: str

    @property
    def bell_key(self) -> str:
        """Proves to the doors that the console of the same data folder rings."""
        return hmac.new(self.pseudonym_key.encode(), b"the bell between our processes", hashlib.sha256).hexdigest()

    def encrypt(self, value: str) -> str:
        return Fernet(self.contact_key).encrypt(value.encode()).decode()

    def decrypt(self, value: str) -> str:
        return Fernet(self.contact_key).decrypt(value.encode()).decode()

    def pseudonym(self, value: str) -> str:
        """A stable name for a phone number or an e-mail address; without the key it cannot be guessed back."""
        return hmac.new(self.pseudonym_key.encode(), value.encode(), hashlib.sha256).hexdigest()[:32]


def _fresh() -> Keys:
    return Keys(Fernet.generate_key().decode(), secrets.token_hex(32), secrets.token_urlsafe(32), secrets.token_hex(16))


def load_keys(home: Path) -> Keys:
    """Read the keys of a data folder, making them once; two processes that start together agree on one file."""
    path = home / "keys.json"
    home.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        temporary = path.with_suffix(f".{os.getpid()}")
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(_fresh()), file, indent=2)
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    kept = json.loads(path.read_text())
    return Keys(**{item.name: kept[item.name] for item in fields(Keys)})
