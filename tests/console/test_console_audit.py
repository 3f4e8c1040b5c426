"""The audit: searched, paged, downloaded, and one's own part of it."""

import csv
import io
import json
import time
from typing import Any

import pytest
from databases import about_sqlite

from engagement.audit import Wanted


@pytest.fixture
async def audited(console: Any) -> Any:
    """Sixty looks of bob's, an hour apart, and one download of ada's."""
    await console.add("bob", "reviewer")
    bob, ada = [await console.log.staff.by_name(name) for name in ("bob", "ada")]
    for number in range(60):
        await console.log.staff.note(bob, "read_conversation", f"{number:032x}")
        console.move(hours=1)
    await console.log.staff.note(ada, "downloaded_csv", "requests", {"rows": 7, "text": "Station Road"})
    return console


async def found(console: Any, query: str = "") -> Any:
    return json.loads((await console.browser().get(f"/api/audit{query}", headers=await console.token())).text)


async def test_pages_follow_one_another_without_gaps(audited: Any) -> None:
    first = await found(audited, "?action=read_conversation")
    second = await found(audited, f"?action=read_conversation&before={first['older']}")
    subjects = [one["subject"] for page in (first, second) for one in page["entries"]]
    assert subjects == [f"{number:032x}" for number in reversed(range(60))] and second["older"] is None


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("?person=bob", 50), ("?person=bob&start=2026-11-26", 2), ("?person=nobody", 0), ("?action=downloaded_csv", 1),
        (f"?subject={7:032x}", 1), ("?words=station+road", 1), ("?words=STATION", 1), ("?words=%25", 0), ("?words=_tation", 0),
        ("?end=2026-11-22", 0), ("?person=bob&start=2026-11-24&end=2026-11-24", 24), ("?start=2027-01-01", 0), ("?before=1", 0),
    ],
)  # fmt: skip
async def test_it_is_searched(audited: Any, query: str, number: int) -> None:
    assert len((await found(audited, query))["entries"]) == number


@pytest.mark.parametrize("query", ["?start=yesterday", "?start=2026-1-1", "?before=x", "?before=0", "?words=" + "x" * 81, "?end=20261101"])
async def test_what_cannot_be_searched_for_is_said(console: Any, query: str) -> None:
    answer = await console.browser().get(f"/api/audit{query}", headers=await console.token())
    assert answer.status == 400 and " must be " in answer.text


async def test_the_page_shows_who_did_what_with_what(audited: Any) -> None:
    text = (await (await audited.signed_in()).get("/audit?person=bob")).text
    assert text.count("Read a conversation") > 50 and f'href="/conversations/{59:032x}"' in text and "Older entries" in text
    nothing = (await (await audited.signed_in()).get("/audit?person=bob&end=2026-01-01")).text
    assert "Nothing fits" in nothing


async def test_a_table_of_it_is_downloaded_which_is_in_it_too(audited: Any) -> None:
    answer = await audited.browser().get("/api/audit.csv?person=bob", headers=await audited.token())
    assert len(list(csv.DictReader(io.StringIO(answer.text)))) == 60
    assert audited.rows("select details from audit order by id desc limit 1") == [('{"rows": 60, "person": "bob"}',)]


async def test_everybody_reads_what_is_written_down_of_them_and_no_more(audited: Any) -> None:
    bob = await audited.signed_in("bob")
    own = json.loads((await bob.get("/account/audit.json")).text)
    assert {one["username"] for one in own["entries"]} == {"bob"} and own["older"]
    assert "Older entries" in (await bob.get("/account/audit")).text
    for path in ("/audit", "/audit.json", "/api/audit.csv"):
        assert (await bob.get(path)).status == 403, path


async def test_phone_numbers_and_addresses_are_not_kept_in_it(console: Any) -> None:
    browser = await console.signed_in()
    await browser.get("/api/conversations.csv?text=07700+900123+or+jo@example.org")
    kept = console.rows("select details from audit where action = 'downloaded_csv'")[0][0]
    assert "900123" not in kept and "jo@" not in kept


@about_sqlite
async def test_a_million_entries_are_searched_without_waiting(console: Any) -> None:
    actions = ("read_conversation", "showed_phone", "closed_handover", "downloaded_csv")
    console.rows(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000) "
        "insert into audit (at, staff_id, action, subject, details) "
        "select datetime('2024-01-01', '+' || i || ' minutes') || '.000000', 1, "
        f"case i % 4 {' '.join(f'when {place} then {word!r}' for place, word in enumerate(actions))} end, printf('%032x', i % 100000), "
        "case when i % 4 = 3 then '{\"rows\": ' || i || '}' end from n"
    )
    for wanted in (
        Wanted(), Wanted(staff_id=1), Wanted(action="showed_phone"), Wanted(subject=f"{77:032x}"), Wanted(words="nowhere"),
        Wanted(staff_id=99), Wanted(action="showed_phone", words="nowhere"), Wanted(staff_id=1, action="never", words="x"),
        Wanted(before=500_000, words="nowhere"),
    ):  # fmt: skip
        began = time.process_time()
        await console.log.audit.entries(wanted)
        assert time.process_time() - began < 0.5, wanted
    began = time.process_time()
    assert len(await console.log.audit.actions()) == 4
    assert time.process_time() - began < 0.2
