"""The second factor: codes that change every half minute (RFC 6238), and recovery codes for who lost their phone.

A code is taken once; half a minute too early or too late is allowed. The time is the real one, which the phones know too.
"""

from __future__ import annotations

import hmac
import secrets

import pyotp
from sqlalchemy import Connection, delete, func, or_, select, update

from engagement.audit import write_down
from engagement.database import Database, reads, writes
from engagement.people import Staff
from engagement.tables import recovery_codes, staff
from hearback.clock import Clock
from hearback.keys import Keys

STEP = 30  # seconds
DRIFT = (-1, 0, 1)  # steps
CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


class SecondFactors:
    def __init__(self, database: Database, clock: Clock, keys: Keys) -> None:
        self._database, self._clock, self._keys = database, clock, keys

    @writes
    def begin(self, connection: Connection, person: Staff) -> str:
        """The secret that is being set up, the same until it is confirmed."""
        kept = connection.execute(select(staff.c.totp_new).where(staff.c.id == person.id)).scalar_one()
        if kept:
            return self._keys.decrypt(kept)
        secret = pyotp.random_base32()
        connection.execute(update(staff).where(staff.c.id == person.id).values(totp_new=self._keys.encrypt(secret)))
        return secret

    @writes
    def confirm(self, connection: Connection, person: Staff, code: str) -> list[str] | None:
        """From now on the code is asked for, if this one fits the secret; returns recovery codes, which are shown once."""
        kept = connection.execute(select(staff.c.totp_new).where(staff.c.id == person.id)).scalar_one()
        step = self._step(self._keys.decrypt(kept), code) if kept else None
        if step is None:
            return None
        connection.execute(update(staff).where(staff.c.id == person.id).values(totp=kept, totp_new=None, totp_step=step))
        write_down(connection, self._clock.now(), person.id, "set_up_second_factor", person.username)
        return self._new_codes(connection, person)

    @writes
    def accept(self, connection: Connection, person: Staff, code: str) -> bool:
        """Whether this is the person's code of now, or a recovery code of theirs; either is taken once."""
        kept = connection.execute(select(staff.c.totp).where(staff.c.id == person.id)).scalar_one()
        if kept is None:
            return False
        step = self._step(self._keys.decrypt(kept), code)
        if step is None:
            return self._recover(connection, person, code)
        unused = or_(staff.c.totp_step.is_(None), staff.c.totp_step < step)
        return connection.execute(update(staff).where(staff.c.id == person.id, unused).values(totp_step=step)).rowcount == 1

    @reads
    def codes_left(self, connection: Connection, person: Staff) -> int:
        return int(connection.execute(select(func.count()).where(recovery_codes.c.staff_id == person.id)).scalar_one())

    @writes
    def renew_codes(self, connection: Connection, person: Staff) -> list[str]:
        """New recovery codes, shown once; the old ones end."""
        write_down(connection, self._clock.now(), person.id, "renewed_recovery_codes", person.username)
        return self._new_codes(connection, person)

    @writes
    def turn_off(self, connection: Connection, person: Staff) -> None:
        """The password alone is enough again."""
        connection.execute(update(staff).where(staff.c.id == person.id).values(totp=None, totp_new=None, totp_step=None))
        connection.execute(delete(recovery_codes).where(recovery_codes.c.staff_id == person.id))
        write_down(connection, self._clock.now(), person.id, "turned_off_second_factor", person.username)

    def _step(self, secret: str, code: str) -> int | None:
        """The half minute that this code belongs to; the newest, should it fit two."""
        digits, now, made = "".join(code.split()), int(self._clock.real()) // STEP, pyotp.TOTP(secret)
        fits = [now + drift for drift in DRIFT if hmac.compare_digest(made.generate_otp(now + drift).encode(), digits.encode())]
        return max(fits, default=None)

    def _recover(self, connection: Connection, person: Staff, code: str) -> bool:
        mine = (recovery_codes.c.staff_id == person.id) & (recovery_codes.c.code_hash == self._hashed(person, code))
        taken = connection.execute(delete(recovery_codes).where(mine)).rowcount == 1
        if taken:
            write_down(connection, self._clock.now(), person.id, "used_recovery_code", person.username)
        return taken

    def _new_codes(self, connection: Connection, person: Staff) -> list[str]:
        connection.execute(delete(recovery_codes).where(recovery_codes.c.staff_id == person.id))
        codes = ["-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(2)) for _ in range(CODES)]
        rows = [{"code_hash": self._hashed(person, code), "staff_id": person.id} for code in codes]
        connection.execute(recovery_codes.insert(), rows)
        return codes

    def _hashed(self, person: Staff, code: str) -> str:
        letters = "".join(letter for letter in code.lower() if letter.isalnum())
        return self._keys.pseudonym(f"recovery code {person.id} {letters}")
