"""Every setting of Hearback, read once from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TWILIO_REAL_API = "https://api.twilio.com"
CONSOLE_ROLES = ("reviewer", "approver", "agent", "analyst", "admin")
ROOT = Path(__file__).resolve().parent.parent
SENDER = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what to do."""


def _port(name: str, text: str) -> int:
    if text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise SettingsError(f"{name} is {text!r}: give a port from 1 to 65535.")


def _scale(name: str, text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if 0 < scale <= 86400:
        return scale
    raise SettingsError(f"{name} is {text!r}: give a number above 0 and at most 86400.")


def _seconds(name: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if 1 <= seconds <= 3600:
        return seconds
    raise SettingsError(f"{name} is {text!r}: give seconds from 1 to 3600.")


def _rate(name: str, text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if 0.1 <= rate <= 1000:
        return rate
    raise SettingsError(f"{name} is {text!r}: give texts a second from 0.1 to 1000.")


def _text(name: str, text: str) -> str:
    return text


def _url(name: str, text: str) -> str:
    if text == "" or text.startswith(("http://", "https://")):
        return text.rstrip("/")
    raise SettingsError(f"{name} is {text!r}: give an address that begins with http:// or https://.")


def _origins(name: str, text: str) -> tuple[str, ...]:
    given = tuple(part.strip().rstrip("/").lower() for part in text.split(",") if part.strip())
    for one in given:
        address = urlsplit(one)
        if address.scheme not in {"http", "https"} or one != f"{address.scheme}://{address.netloc}" or not address.hostname:
            raise SettingsError(f"{name} names {one!r}: give origins such as https://www.council.example, with commas between them.")
        if "@" in address.netloc or "*" in address.netloc:
            raise SettingsError(f"{name} names {one!r}: name each origin in full, without * or a user's name.")
    return given


def _addresses(name: str, text: str) -> frozenset[str]:
    try:
        return frozenset(str(ip_address(part.strip())) for part in text.split(",") if part.strip())
    except ValueError:
        raise SettingsError(f"{name} is {text!r}: give IP addresses with commas between them.") from None


def _smtp(name: str, text: str) -> str:
    """The address holds a password: no error repeats it."""
    try:
        address = urlsplit(text)
        usable = address.scheme in {"smtp", "smtps"} and bool(address.hostname) and address.port != 0
    except ValueError:  # a port that is no number
        usable = False
    if text == "" or (usable and address.path in {"", "/"} and bool(address.username) == bool(address.password)):
        return text
    raise SettingsError(f"{name} is not usable: give smtp://USER:PASSWORD@HOST:PORT, or smtps:// where the line is encrypted at once.")


def _mail_from(name: str, text: str) -> str:
    if text == "" or SENDER.fullmatch(text):
        return text
    raise SettingsError(f"{name} is {text!r}: give an e-mail address such as no-reply@council.example.")


def _one_of(*known: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text in known:
            return text
        raise SettingsError(f"{name} is {text!r}: give {', '.join(known[:-1])} or {known[-1]}.")

    return read


def _issuer(name: str, text: str) -> str:
    """Kept as it is, a slash at the end too: tokens must name exactly this issuer."""
    address = urlsplit(text)
    here = address.hostname in {"127.0.0.1", "localhost", "::1"}
    usable = address.scheme == "https" or (address.scheme == "http" and here)
    if text == "" or (usable and address.hostname and not address.query and not address.fragment):
        return text
    raise SettingsError(f"{name} is {text!r}: give the issuer's address, which begins with https://.")


def _role_of(name: str, text: str) -> tuple[tuple[str, str], ...]:
    pairs = [tuple(side.strip() for side in part.rpartition("=")[::2]) for part in text.split(",") if part.strip()]
    for value, role in pairs:
        if not value or role not in CONSOLE_ROLES:
            raise SettingsError(f"{name} is not usable: give VALUE=ROLE with commas between, ROLE one of {', '.join(CONSOLE_ROLES)}.")
    return tuple((value, role) for value, role in pairs)


def _path(name: str, text: str) -> Path:
    return Path(text).expanduser().absolute()


def _folder(name: str, text: str) -> Path | None:
    return _path(name, text) if text else None


def _redis(name: str, text: str) -> str:
    """The address may hold a password: no error repeats it."""
    if text == "" or text.startswith(("redis://", "rediss://")):
        return text
    raise SettingsError(f"{name} is not usable: give redis://HOST:PORT/NUMBER, or rediss:// where the line is encrypted.")


def _urls(name: str, text: str) -> tuple[str, ...]:
    given = tuple(dict.fromkeys(part.strip().rstrip("/") for part in text.split(",") if part.strip()))
    for one in given:
        address = urlsplit(one)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise SettingsError(f"{name} names {one!r}: give addresses such as http://10.0.0.5:5005, with commas between them.")
    return given


def _database(name: str, text: str) -> str:
    if text == "" or text.startswith(("sqlite+aiosqlite:", "postgresql+asyncpg:")):
        return text
    raise SettingsError(f"{name} is not usable: give sqlite+aiosqlite:///PATH or postgresql+asyncpg://USER:PASSWORD@HOST/NAME.")


def _setting(name: str, default: str, read: Callable[[str, str], Any], help: str, secret: bool = False) -> Any:
    return field(repr=not secret, metadata={"name": name, "default": default, "read": read, "help": help, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a council sets. `from_environ` reads it; each field's metadata holds its name, default and help."""

    host: str = _setting("HEARBACK_HOST", "127.0.0.1", _text, "Address that the citizens' doors, the console and the sandbox listen on.")
    port: int = _setting("HEARBACK_PORT", "8080", _port, "Port of the citizens' doors: web chat and SMS webhooks.")
    console_port: int = _setting("HEARBACK_CONSOLE_PORT", "8081", _port, "Port of the service teams' console.")
    sandbox_port: int = _setting("HEARBACK_SANDBOX_PORT", "8090", _port, "Port of the pretend council.")
    rasa_port: int = _setting("HEARBACK_RASA_PORT", "5005", _port, "Port of Rasa, on loopback only.")
    rasa_urls: tuple[str, ...] = _setting(
        "HEARBACK_RASA_URLS", "", _urls, "Addresses of several Rasas, with commas between; empty means the one on HEARBACK_RASA_PORT."
    )
    worker_port: int = _setting("HEARBACK_WORKER_PORT", "8082", _port, "Port where a worker that runs apart tells how it is.")
    actions_port: int = _setting("HEARBACK_ACTIONS_PORT", "5055", _port, "Port of the action server, on loopback only.")
    metrics_token: str = _setting(
        "HEARBACK_METRICS_TOKEN", "", _text, "Bearer token for /metrics; empty means that only programs of this machine read it.", True
    )
    log_format: str = _setting(
        "HEARBACK_LOG_FORMAT", "text", _one_of("text", "json"), "How logs are written: text for people, json for programs (JSON lines)."
    )
    home: Path = _setting("HEARBACK_HOME", "var", _path, "Data folder: database, keys, logs, sandbox.")
    models_folder: Path | None = _setting("HEARBACK_MODELS", "", _folder, "Folder of the trained models; empty means models/ here.")
    reviewed_folder: Path | None = _setting(
        "HEARBACK_REVIEWED", "", _folder, "Folder of the examples that colleagues taught; empty means data/nlu/reviewed/ here."
    )
    database: str = _setting("HEARBACK_DATABASE_URL", "", _database, "Database address; empty means SQLite in the data folder.", True)
    redis: str = _setting(
        "HEARBACK_REDIS_URL",
        "",
        _redis,
        "Redis that doors and Rasas share; empty means that each counts and locks for itself.",
        True,
    )
    admin_password: str = _setting(
        "HEARBACK_ADMIN_PASSWORD", "", _text, "Password of the first console user; empty means one is made and printed.", True
    )
    public: str = _setting("HEARBACK_PUBLIC_URL", "", _url, "Address under which citizens and Twilio reach the doors.")
    embed_origins: tuple[str, ...] = _setting(
        "HEARBACK_EMBED_ORIGINS",
        "",
        _origins,
        "Origins of the pages that may embed the chat, with commas between; empty means only our own.",
    )
    trusted_proxies: frozenset[str] = _setting(
        "HEARBACK_TRUSTED_PROXIES",
        "127.0.0.1,::1",
        _addresses,
        "Addresses of the proxies whose X-Forwarded-For is believed, with commas between.",
    )
    open311: str = _setting("HEARBACK_OPEN311_URL", "", _url, "The council's Open311 GeoReport v2 endpoint; empty means the sandbox.")
    open311_key: str = _setting("HEARBACK_OPEN311_API_KEY", "", _text, "API key for sending requests to Open311.", True)
    open311_jurisdiction: str = _setting(
        "HEARBACK_OPEN311_JURISDICTION", "", _text, "Open311 jurisdiction_id, where the endpoint serves several councils."
    )
    push_key: str = _setting(
        "HEARBACK_PUSH_KEY",
        "",
        _text,
        "Key that the back office shows when it pushes updates of requests; empty means that it cannot.",
        True,
    )
    hsds: str = _setting("HEARBACK_HSDS_URL", "", _url, "The Open Referral (HSDS) directory of support; empty means the sandbox.")
    gazetteer: str = _setting(
        "HEARBACK_GAZETTEER_URL", "", _url, "The address gazetteer, in the manner of OS Places (ends in /v1); empty means the sandbox."
    )
    gazetteer_key: str = _setting("HEARBACK_GAZETTEER_KEY", "", _text, "API key of the address gazetteer.", True)
    catalogue_seconds: float = _setting(
        "HEARBACK_CATALOGUE_SECONDS", "60", _seconds, "Seconds between two readings of the back office's services."
    )
    watch: float = _setting(
        "HEARBACK_WATCH_SECONDS",
        "",
        lambda name, text: _seconds(name, text) if text else 0.0,
        "Seconds between two readings of the back office's updates; empty means 60, and 2 with the sandbox.",
    )
    twilio_account: str = _setting("TWILIO_ACCOUNT_SID", "", _text, "Twilio account; empty means that the sandbox phone is used.")
    twilio_token: str = _setting("TWILIO_AUTH_TOKEN", "", _text, "Twilio's auth token; signs webhooks.", True)
    twilio_service: str = _setting("TWILIO_MESSAGING_SERVICE_SID", "", _text, "Twilio Messaging Service to send from.")
    twilio_from: str = _setting("TWILIO_FROM", "", _text, "Number to send from, where there is no Messaging Service.")
    twilio_api: str = _setting("HEARBACK_TWILIO_API", TWILIO_REAL_API, _url, "Base address of Twilio's REST API.")
    sms_per_second: float = _setting(
        "HEARBACK_SMS_PER_SECOND", "10", _rate, "Text messages that the number may send in a second; a long UK number bears 10."
    )
    smtp: str = _setting(
        "HEARBACK_SMTP_URL", "", _smtp, "Mail server, smtp://USER:PASSWORD@HOST:PORT or smtps://…; empty means no e-mail is sent.", True
    )
    mail_from: str = _setting("HEARBACK_MAIL_FROM", "", _mail_from, "Address that e-mail comes from.")
    second_factor: str = _setting(
        "HEARBACK_SECOND_FACTOR",
        "off",
        _one_of("off", "admins", "all"),
        "Who must have a second factor in the console: off, admins or all.",
    )
    oidc_issuer: str = _setting(
        "HEARBACK_OIDC_ISSUER", "", _issuer, "Issuer of the council's single sign-on (OpenID Connect); empty means there is none."
    )
    oidc_client: str = _setting("HEARBACK_OIDC_CLIENT_ID", "", _text, "What the single sign-on calls the console.")
    oidc_secret: str = _setting("HEARBACK_OIDC_CLIENT_SECRET", "", _text, "The console's secret at the single sign-on.", True)
    oidc_claim: str = _setting(
        "HEARBACK_OIDC_ROLES_CLAIM", "groups", _text, "Claim that says what a person may; dots lead inside, like realm_access.roles."
    )
    oidc_roles: tuple[tuple[str, str], ...] = _setting(
        "HEARBACK_OIDC_ROLES", "", _role_of, "Roles for the claim's values, such as call-centre=agent, hearback-admins=admin."
    )
    oidc_passwords: str = _setting(
        "HEARBACK_OIDC_PASSWORDS",
        "on",
        _one_of("on", "off"),
        "Whether people may sign in with a password beside the single sign-on: on or off.",
    )
    console_public: str = _setting(
        "HEARBACK_CONSOLE_URL", "", _url, "Address under which staff reach the console; the single sign-on leads back to it."
    )
    time_scale: float = _setting("HEARBACK_TIME_SCALE", "1", _scale, "Seconds of the product's clock that pass in a real second.")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check the settings; raises SettingsError with one sentence that names the setting."""
        environ = os.environ if environ is None else environ
        values = {}
        for item in fields(cls):
            meta = item.metadata
            values[item.name] = meta["read"](meta["name"], environ.get(meta["name"], "").strip() or meta["default"])
        settings = cls(**values)
        settings._check_together()
        return settings

    def _check_together(self) -> None:
        ports: dict[int, str] = {}
        for item in fields(self):
            if item.metadata["read"] is _port:
                port = getattr(self, item.name)
                if port in ports:
                    raise SettingsError(f"{item.metadata['name']} is {port}, which {ports[port]} uses too: give each its own port.")
                ports[port] = item.metadata["name"]
        if bool(self.twilio_account) != bool(self.twilio_token):
            missing = "TWILIO_AUTH_TOKEN" if self.twilio_account else "TWILIO_ACCOUNT_SID"
            raise SettingsError(f"{missing} is missing: Twilio needs both the account and its token.")
        if self.twilio_account and not (self.twilio_service or self.twilio_from):
            raise SettingsError("TWILIO_FROM is missing: give it or TWILIO_MESSAGING_SERVICE_SID, so that replies have a sender.")
        if self.smtp and not self.mail_from:
            raise SettingsError("HEARBACK_MAIL_FROM is missing: give the address that e-mail comes from.")
        if self.oidc_issuer and not (self.oidc_client and self.oidc_roles):
            missing = "HEARBACK_OIDC_ROLES" if self.oidc_client else "HEARBACK_OIDC_CLIENT_ID"
            raise SettingsError(f"{missing} is missing: the single sign-on needs it.")
        if self.time_scale != 1 and self.twilio_account and self.twilio_api == TWILIO_REAL_API:
            raise SettingsError("HEARBACK_TIME_SCALE must be 1 with Twilio's real API: real people would be texted at wrong times.")

    def check_apart(self) -> None:
        """Doors and worker in processes of their own meet in a database that several machines can reach."""
        if not self.database.startswith("postgresql"):
            raise SettingsError(
                "HEARBACK_DATABASE_URL is no PostgreSQL: doors and worker can run apart, or on several machines, only with "
                "postgresql+asyncpg://USER:PASSWORD@HOST/NAME. Without it, start them together."
            )

    @property
    def models(self) -> Path:
        return self.models_folder or ROOT / "models"

    @property
    def reviewed(self) -> Path:
        return self.reviewed_folder or ROOT / "data" / "nlu" / "reviewed"

    @property
    def public_url(self) -> str:
        return self.public or f"http://{self.host}:{self.port}"

    @property
    def console_url(self) -> str:
        return self.console_public or f"http://{self.host}:{self.console_port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def open311_url(self) -> str:
        return self.open311 or f"{self.sandbox_url}/open311/v2"

    @property
    def watch_seconds(self) -> float:
        return self.watch or (60.0 if self.open311 else 2.0)

    @property
    def open311_api_key(self) -> str:
        return self.open311_key or ("" if self.open311 else SANDBOX_API_KEY)

    @property
    def hsds_url(self) -> str:
        return self.hsds or f"{self.sandbox_url}/hsds"

    @property
    def gazetteer_url(self) -> str:
        return self.gazetteer or f"{self.sandbox_url}/places/v1"

    @property
    def systems(self) -> dict[str, str]:
        """{how its addresses begin: its name} of the council's systems."""
        return {self.open311_url: "open311", self.hsds_url: "hsds", self.gazetteer_url: "gazetteer", self.bins_url: "bins"}

    @property
    def bins_url(self) -> str:
        return f"{self.sandbox_url}/bins"

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite+aiosqlite:///{self.home / 'hearback.db'}"

    @property
    def sms_by_sandbox(self) -> bool:
        return not self.twilio_account


SANDBOX_API_KEY = "sandbox"


def problems(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each setting that cannot be used; those that do not fit together once each can be."""
    found = []
    for item in fields(Settings):
        try:
            item.metadata["read"](item.metadata["name"], environ.get(item.metadata["name"], "").strip() or item.metadata["default"])
        except SettingsError as error:
            found.append(str(error))
    if not found:
        try:
            Settings.from_environ(environ)
        except SettingsError as error:
            found.append(str(error))
    return found


def described() -> list[tuple[str, str, str]]:
    """(name, default, help) of every setting, for `.env.example`, the docs and `hearback doctor`."""
    assert all(item.default is MISSING for item in fields(Settings))
    return [(item.metadata["name"], item.metadata["default"], item.metadata["help"]) for item in fields(Settings)]
