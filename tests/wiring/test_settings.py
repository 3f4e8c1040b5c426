"""Every setting is documented, and a bad one stops the start with a sentence that names it."""

import re
from pathlib import Path

import pytest

from hearback.settings import Settings, SettingsError, described

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("document", [".env.example", "docs/operations.md"])
def test_every_setting_is_in(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for name, _, help in described():
        assert name in text, name
        assert help in text, f"{name}: its help is another one in {document}"


def test_no_setting_is_read_behind_the_settings_back() -> None:
    known = {name for name, _, _ in described()}
    for folder in ("hearback", "bot", "channels", "console", "engagement", "backoffice"):
        for path in (ROOT / folder).rglob("*.py"):
            for name in re.findall(r"environ(?:\.get\(|\[)\s*[\"'](\w+)", path.read_text(encoding="utf-8")):
                assert name in known | {
                    "RASA_CACHE_DIRECTORY",
                    "RASA_TELEMETRY_ENABLED",
                    "UV",
                }  # Rasa and uv say where things are, f"{path} reads {name}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEARBACK_PORT", "abc"),
        ("HEARBACK_PORT", "70000"),
        ("HEARBACK_PORT", "8081"),
        ("HEARBACK_OPEN311_URL", "council.example"),
        ("HEARBACK_DATABASE_URL", "mysql://x"),
        ("HEARBACK_CATALOGUE_SECONDS", "0"),
        ("HEARBACK_SMS_PER_SECOND", "0"),
        ("HEARBACK_EMBED_ORIGINS", "www.council.example"),
        ("HEARBACK_EMBED_ORIGINS", "https://www.council.example/chat"),
        ("HEARBACK_EMBED_ORIGINS", "https://*.council.example"),
        ("HEARBACK_EMBED_ORIGINS", "null"),
        ("HEARBACK_EMBED_ORIGINS", "https://a.example, https://"),
        ("HEARBACK_TRUSTED_PROXIES", "proxy.council.example"),
        ("HEARBACK_SMTP_URL", "mail.council.example"),
        ("HEARBACK_SMTP_URL", "http://mail.council.example"),
        ("HEARBACK_SMTP_URL", "smtp://mail.council.example:many"),
        ("HEARBACK_SMTP_URL", "smtp://user@mail.council.example"),
        ("HEARBACK_SMTP_URL", "smtp://mail.council.example"),
        ("HEARBACK_MAIL_FROM", "no reply"),
        ("HEARBACK_MAIL_FROM", "a@b.example\nBcc: c@d.example"),
        ("HEARBACK_TIME_SCALE", "-1"),
        ("HEARBACK_TIME_SCALE", "nan"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match="HEARBACK_"):
        Settings.from_environ({name: value})


def test_origins_and_proxies_are_lists() -> None:
    given = {
        "HEARBACK_EMBED_ORIGINS": " https://WWW.council.example/ ,http://127.0.0.1:8000",
        "HEARBACK_TRUSTED_PROXIES": "10.0.0.1, 2001:DB8::1",
    }
    settings = Settings.from_environ(given)
    assert settings.embed_origins == ("https://www.council.example", "http://127.0.0.1:8000")
    assert settings.trusted_proxies == {"10.0.0.1", "2001:db8::1"}
    assert Settings.from_environ({}).embed_origins == ()


def test_twilio_needs_account_token_and_sender() -> None:
    with pytest.raises(SettingsError, match="TWILIO_AUTH_TOKEN"):
        Settings.from_environ({"TWILIO_ACCOUNT_SID": "AC1"})
    with pytest.raises(SettingsError, match="TWILIO_FROM"):
        Settings.from_environ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"})


def test_time_is_not_sped_up_with_real_phones() -> None:
    real = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM": "+447700900000", "HEARBACK_TIME_SCALE": "60"}
    with pytest.raises(SettingsError, match="HEARBACK_TIME_SCALE"):
        Settings.from_environ(real)
    assert Settings.from_environ({**real, "HEARBACK_TWILIO_API": "http://127.0.0.1:1"}).time_scale == 60


def test_secrets_do_not_show() -> None:
    settings = Settings.from_environ({"HEARBACK_ADMIN_PASSWORD": "open sesame"})
    assert "open sesame" not in repr(settings)
    mail = {"HEARBACK_SMTP_URL": "smtp://clerk:open-sesame@mail.example:587", "HEARBACK_MAIL_FROM": "no-reply@council.example"}
    assert "open-sesame" not in repr(Settings.from_environ(mail))
    for broken in (
        "smtp://clerk:open-sesame@mail.example:0",
        "smtp://clerk:open-sesame@mail.example:x",
        "mail://clerk:open-sesame@a.example",
    ):
        with pytest.raises(SettingsError) as refused:
            Settings.from_environ({**mail, "HEARBACK_SMTP_URL": broken})
        assert "open-sesame" not in str(refused.value)


def test_email_needs_a_sender() -> None:
    with pytest.raises(SettingsError, match="HEARBACK_MAIL_FROM"):
        Settings.from_environ({"HEARBACK_SMTP_URL": "smtp://127.0.0.1:2525"})
    assert Settings.from_environ({}).smtp == ""
