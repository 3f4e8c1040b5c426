"""`hearback erase`, `privacy export` and `retention` as programs, on a data folder with everything in it: nothing stays in any file."""

import asyncio
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from databases import environ_of, rows
from whole_citizen import MEMORY, Citizen, found_in, opened, say_stop, two_citizens

ENVIRON = {"PATH": "", "HEARBACK_PORT": "1"}  # where no doors are


@pytest.fixture
def citizens(tmp_path: Path) -> tuple[Citizen, Citizen]:
    return asyncio.run(two_citizens(tmp_path))


def hearback(home: Path, *command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hearback.cli", *command], env={**ENVIRON, **environ_of(home)}, input=typed, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip


def traces(home: Path, citizen: Citizen) -> dict[str, list[str]]:
    hidden = [row[0] for row in rows(home, "select encrypted from contacts where encrypted <> ''")]
    plain = [citizen.words, citizen.number, citizen.number.replace("+44", "0"), citizen.email, citizen.photo]
    found = found_in(home, [*plain, *hidden])
    return {one: files for one, files in found.items() if files and one in plain}


def test_nothing_of_the_citizen_stays_in_any_file_and_everything_of_the_other(tmp_path: Path, citizens: tuple[Citizen, Citizen]) -> None:
    gone, other = citizens
    before = traces(tmp_path, gone)
    assert set(before) == {gone.words, gone.number, gone.email, gone.photo} and MEMORY in before[gone.words]
    kept = traces(tmp_path, other)
    asked = hearback(tmp_path, "erase", "--phone", "07700 900111", typed="erase\n")
    assert asked.returncode == 0, asked.stderr
    assert gone.reference in asked.stdout and "3 conversations were erased to the end" in asked.stdout
    assert gone.words not in asked.stdout + asked.stderr and "900111" not in asked.stdout + asked.stderr
    assert traces(tmp_path, gone) == {}
    assert set(traces(tmp_path, other)) == set(kept)
    assert rows(tmp_path, "select count(*) from contacts") == [(2,)], "those of the other"
    assert rows(tmp_path, "select count(*) from conversations where state = 'erased'") == [(3,)]
    assert rows(tmp_path, "select count(*) from requests where reference = ?", gone.reference) == [(1,)], "counted"
    assert rows(tmp_path, "select confirmed from outcomes where reference = ?", gone.reference) == [("not_fixed",)]
    again = hearback(tmp_path, "erase", "--phone", "07700 900111", "--yes")
    assert (again.returncode, again.stdout) == (0, "Nothing is held under it.\nNothing is left to do.\n")


@pytest.mark.parametrize("by", ["email", "reference", "conversation"])
def test_whatever_leads_to_the_citizen_erases_the_whole_of_them(tmp_path: Path, citizens: tuple[Citizen, Citizen], by: str) -> None:
    gone, _ = citizens
    value = {"email": gone.email, "reference": gone.reference, "conversation": gone.texts}[by]
    done = hearback(tmp_path, "erase", f"--{by}", value, "--yes")
    assert done.returncode == 0 and traces(tmp_path, gone) == {}, done.stdout + done.stderr


def test_a_trial_and_a_wrong_word_erase_nothing(tmp_path: Path, citizens: tuple[Citizen, Citizen]) -> None:
    gone, _ = citizens
    before = traces(tmp_path, gone)
    trial = hearback(tmp_path, "erase", "--phone", gone.number, "--dry-run")
    assert trial.returncode == 0 and "this was a trial" in trial.stdout and "messages: " in trial.stdout
    assert hearback(tmp_path, "erase", "--phone", gone.number, typed="yes\n").returncode == 1
    assert traces(tmp_path, gone) == before


def test_what_died_in_the_middle_is_ended_by_the_next_call(tmp_path: Path, citizens: tuple[Citizen, Citizen]) -> None:
    gone, _ = citizens

    async def begin_and_die() -> None:
        _, log = opened(tmp_path)
        name = await log.subjects.find("phone", gone.number)
        subject = await log.subjects.of(str(name))
        assert subject
        await log.erasures.begin_citizen(subject.conversation_ids, subject.contact_ids, source="command", name=subject.name)
        await log.close()

    asyncio.run(begin_and_die())
    assert {file for files in traces(tmp_path, gone).values() for file in files} >= {MEMORY}
    done = hearback(tmp_path, "erase", "--phone", gone.number, "--yes")
    assert done.returncode == 0 and traces(tmp_path, gone) == {}, done.stdout


def test_who_said_stop_is_never_texted_again_though_their_number_is_gone(tmp_path: Path, citizens: tuple[Citizen, Citizen]) -> None:
    gone, _ = citizens
    asyncio.run(say_stop(tmp_path, gone))
    assert hearback(tmp_path, "erase", "--phone", gone.number, "--yes").returncode == 0

    async def write_again() -> tuple[str, bool]:
        from engagement.values import InboundMessage

        _, log = opened(tmp_path)
        got = await log.receive(
            InboundMessage(channel="sms", provider_id="SMx", text="hello", sender=gone.number, received_by="+441632960100")
        )
        line = (await log.messages(got.conversation_id))[-1]
        await log.close()
        return str(line.error), got.waits

    stopped = rows(tmp_path, "select encrypted, stopped_at is not null from contacts where stopped_at is not null")
    assert stopped == [("", 1)] and traces(tmp_path, gone) == {}
    assert asyncio.run(write_again()) == ("stopped", False)


def test_a_legal_hold_keeps_it_and_the_command_says_so(tmp_path: Path, citizens: tuple[Citizen, Citizen]) -> None:
    held, _ = citizens

    async def hold() -> None:
        _, log = opened(tmp_path)
        await log.staff.add("ada", "x", "admin")
        await log.holds.place(f"conversation:{held.chat}", "Claim 7", staff_id=1)
        await log.close()

    asyncio.run(hold())
    before = traces(tmp_path, held)
    refused = hearback(tmp_path, "erase", "--email", held.email, "--yes")
    assert refused.returncode == 1 and "A legal hold keeps it (number 1)" in refused.stderr
    assert traces(tmp_path, held) == before


def test_the_copy_has_a_page_their_photo_and_nobody_elses_words(tmp_path: Path, citizens: tuple[Citizen, Citizen]) -> None:
    citizen, other = citizens
    out = tmp_path / "copy.zip"
    made = hearback(tmp_path, "privacy", "export", "--phone", citizen.number, "--out", str(out))
    assert made.returncode == 0, made.stderr
    assert out.stat().st_mode & 0o077 == 0, "for its owner only"
    archive = zipfile.ZipFile(out)
    assert sorted(archive.namelist()) == sorted(["your-data.html", "your-data.json", f"photos/{citizen.photo}.jpg"])
    page, content = archive.read("your-data.html").decode(), json.loads(archive.read("your-data.json"))
    for text in (page, json.dumps(content)):
        assert citizen.words in text and citizen.email in text and citizen.number in text and citizen.reference in text
        assert other.words not in text and other.email not in text and other.number not in text
    assert f'src="photos/{citizen.photo}.jpg"' in page and "http://" not in page.replace("http://www", "")
    tables = {name for name, rows in content["data"].items() if rows}
    assert {"messages", "requests", "outcomes", "handovers", "mails", "ratings", "request_updates", "photos", "contacts"} <= tables
    assert "token_hash" not in json.dumps(content) and "encrypted" not in json.dumps(content)
    assert rows(tmp_path, "select count(*) from audit where action = 'exported_citizen'") == [(1,)]


def test_what_retention_would_take_is_printed_and_stays(tmp_path: Path, citizens: tuple[Citizen, Citizen]) -> None:
    shown = hearback(tmp_path, "retention", "--dry-run")
    assert shown.returncode == 0 and "messages.words           after   730 days: 0 would go" in shown.stdout
    assert hearback(tmp_path, "retention").returncode == 2, "only the doors take anything away"
