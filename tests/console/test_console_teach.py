"""Marking, approving and refusing in the console; what is shown of trainings and models."""

import asyncio
import json
from typing import Any

import pytest
from databases import environ_of

from hearback.models import Models
from hearback.settings import Settings

SAID = "my name is John Smith and the signal box outside 12 Mill Lane AD3 4JH has lost its door"
KEPT = "my name is Alex Taylor and the signal box outside 14 Mill Lane AD1 2BC has lost its door"
WRONG = {"verdict": "wrong", "intent": "report_problem", "about": "service:TRAFFICLIGHT", "text": KEPT}


@pytest.fixture(autouse=True)
def own_models(console: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Models:
    """Models and reviewed files of this test's own."""
    from console.parts import SETTINGS

    settings = Settings.from_environ(
        {**environ_of(tmp_path), "HEARBACK_MODELS": str(tmp_path / "models"), "HEARBACK_REVIEWED": str(tmp_path / "reviewed")}
    )
    console.app._state[SETTINGS] = settings
    return Models.of(settings)


async def message(console: Any, text: str = SAID, **more: Any) -> int:
    conversation = await console.web_chat(
        text, intent="inform", services=[{"code": "SIGN", "score": 0.4}], intents=[{"name": "inform", "confidence": 0.9}], **more
    )
    return next(line.id for line in await console.log.messages(conversation) if line.author == "citizen")


async def proposed(console: Any, name: str = "rita", **more: str) -> int:
    if not await console.log.staff.by_name(name):
        await console.add(name, "reviewer")
    one, browser = await message(console), await console.signed_in(name)
    answer = await browser.post(f"/teach/{one}/save", f"/teach/{one}", **{**WRONG, **more})
    assert answer.status == 303, answer.text
    return int(answer.location.split("/")[-1].split("?")[0])


async def test_a_message_is_marked_redacted_confirmed_and_proposed(console: Any) -> None:
    await console.add("rita", "reviewer")
    browser, one = await console.signed_in("rita"), await message(console)
    page = (await browser.get(f"/teach/{one}")).text
    assert "John Smith" in page and f">{KEPT}</textarea>" in page and "Answers a question with a bare fact" in page
    confirm = await browser.post(f"/teach/{one}/check", f"/teach/{one}", **WRONG, words_street="Mill Lane")
    assert confirm.status == 200 and "[Mill Lane](street)" in confirm.text and "1 × name" in confirm.text and "1 × postcode" in confirm.text
    saved = await browser.post(f"/teach/{one}/save", f"/teach/{one}", **WRONG, words_street="Mill Lane")
    assert saved.status == 303 and saved.location.startswith("/teach/examples/")
    ((text, intent, about, state),) = console.rows("select text, intent, about, state from examples")
    assert (text, intent, about, state) == (KEPT, "report_problem", "TRAFFICLIGHT", "waiting")
    assert console.audited("read_message_to_teach") and len(console.audited("proposed_example")) == 1
    assert "John" not in str(console.rows("select * from audit")) and "John" not in str(console.rows("select * from examples"))
    conversation = console.rows("select conversation_id from messages where id = ?", one)[0][0]
    assert "An example made of it waits" in (await browser.get(f"/conversations/{conversation}")).text


async def test_a_name_that_a_reviewer_leaves_in_is_still_taken_out(console: Any) -> None:
    await proposed(console, text=KEPT.replace("Alex Taylor", "John Smith"))
    assert console.rows("select text from examples") == [(KEPT,)]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"verdict": ""}, "Choose whether it was understood rightly"),
        ({"intent": ""}, "Choose what the citizen wants"),
        ({"intent": "inform", "about": "service:SIGN"}, "Choose an entry that goes with"),
        ({"about": "service:NOTHING"}, "Choose an entry of the list"),
        ({"text": "something quite different that nobody said at all"}, "Only leave words out"),
        ({"text": ""}, "Leave some words to teach"),
        ({"words_street": "High Street"}, "Enter words that stand in the text"),
        ({"intent": "inform", "about": ""}, "That is what was understood"),
    ],
)
async def test_what_cannot_be_taken_is_said_at_its_field(console: Any, change: dict[str, str], sentence: str) -> None:
    browser, one = await console.signed_in(), await message(console)
    answer = await browser.post(f"/teach/{one}/check", f"/teach/{one}", **{**WRONG, **change})
    assert answer.status == 400 and sentence in answer.text and "There is a problem" in answer.text
    assert console.rows("select count(*) from examples") == [(0,)]


async def test_right_takes_what_was_understood(console: Any) -> None:
    browser, one = await console.signed_in(), await message(console)
    await browser.post(f"/teach/{one}/save", f"/teach/{one}", **{**WRONG, "verdict": "right"})
    assert console.rows("select intent, about from examples") == [("inform", None)]


async def test_a_second_person_approves_and_nobody_their_own(console: Any) -> None:
    await console.add("bob", "approver")
    own = await proposed(console, "bob")
    bob = await console.signed_in("bob")
    assert "A second person has to decide" in (await bob.get(f"/teach/examples/{own}")).text
    forced = await bob.post(f"/teach/examples/{own}/decide", "/teach", verdict="approve", csrf=bob.token_of((await bob.get("/teach")).text))
    assert forced.status == 400 and "A second person has to decide" in forced.text
    ada = await console.signed_in()
    assert (await ada.post(f"/teach/examples/{own}/decide", f"/teach/examples/{own}", verdict="approve")).status == 303
    assert console.rows("select state from examples") == [("approved",)]
    assert len(console.audited("approved_example")) == 1


async def test_a_reviewer_and_an_agent_may_propose_and_not_decide(console: Any) -> None:
    example = await proposed(console, "rita")
    rita = await console.signed_in("rita")
    token = rita.token_of((await rita.get("/teach")).text)
    for path in (
        f"/teach/examples/{example}/decide",
        f"/teach/examples/{example}/correct",
        "/teach/approve",
        "/teach/now",
        "/teach/models/back",
    ):
        assert (await rita.send("POST", path, data={"csrf": token, "verdict": "approve"})).status == 403


async def test_a_refusal_says_why_and_a_correction_waits_for_another(console: Any) -> None:
    example, browser = await proposed(console), await console.signed_in()
    page = f"/teach/examples/{example}"
    assert "Write why" in (await browser.post(f"{page}/decide", page, verdict="refuse", reason="")).text
    await browser.post(f"{page}/correct", page, intent="report_problem", about="service:SIGN")
    assert console.rows("select about, corrected_by, state from examples") == [("SIGN", 1, "waiting")]
    assert "A second person has to decide" in (await browser.get(page)).text
    await console.add("bob", "approver")
    bob = await console.signed_in("bob")
    await bob.post(f"{page}/decide", page, verdict="refuse", reason="It tells who it was")
    assert "It tells who it was" in (await bob.get("/teach?show=refused")).text


async def test_several_are_approved_at_once_and_ones_own_are_left(console: Any) -> None:
    theirs = [await proposed(console) for _ in range(3)]
    own = await proposed(console, "ada")
    browser = await console.signed_in()
    page = (await browser.get("/teach")).text
    assert all(f'value="{one}"' in page for one in theirs) and f'value="{own}"' not in page
    form = [("csrf", browser.token_of(page)), *(("id", str(one)) for one in [*theirs, own])]
    answer = await browser.send("POST", "/teach/approve", data=form)
    assert answer.location == "/teach?done=many&number=3&left=1"
    assert sorted(console.rows("select state from examples")) == [("approved",)] * 3 + [("waiting",)]


async def test_a_message_in_another_language_cannot_be_taught(console: Any) -> None:
    one = await message(console, "dw i eisiau bin newydd", language="cy")
    page = (await (await console.signed_in()).get(f"/teach/{one}")).text
    assert "only English sentences can be" in page and "<textarea" not in page


async def test_duplicates_contradictions_and_held_out_sentences_are_flagged(console: Any, own_models: Models) -> None:
    held_out = "bust my tyre on the way to work, tarmac's just gone by the Esso"
    one, browser = await message(console, held_out), await console.signed_in()
    confirm = await browser.post(f"/teach/{one}/check", f"/teach/{one}", **{**WRONG, "text": held_out})
    assert "Cannot be taught" in confirm.text
    own_models.reviewed.mkdir()
    (own_models.reviewed / "deny.yml").write_text(f'version: "3.1"\nnlu:\n- intent: deny\n  examples: |\n    - {KEPT}\n')
    example = await proposed(console)
    assert "Contradicts the data" in (await browser.get(f"/teach/examples/{example}")).text


async def test_a_training_shows_what_it_changed_and_why_it_was_refused(console: Any) -> None:
    example = await proposed(console)
    browser, log = await console.signed_in(), console.log
    await browser.post(f"/teach/examples/{example}/decide", f"/teach/examples/{example}", verdict="approve")
    teaching = await log.teaching.begin(by=1)
    running = (await browser.get(f"/teach/teachings/{teaching}")).text
    assert "Running" in running and "built/teach.js" in running and (await browser.get("/teach/now")).status in (404, 405)
    change = {
        "before": {"intent": "inform", "confidence": 0.4, "about": None},
        "after": {"intent": "report_problem", "confidence": 0.9, "about": "TRAFFICLIGHT"},
        "understood": True,
    }
    result = {
        "before": {"intent": 0.93, "report_danger_recall": 0.99}, "after": {"intent": 0.9, "report_danger_recall": 0.99}, "batch": 1,
        "understood": 1.0, "earlier": 0, "earlier_understood": 1.0, "against": 0,
        "reasons": [
            {"gate": "fall", "name": "intent", "before": 0.93, "after": 0.9, "limit": 0.01},
            {"gate": "intent", "name": "service POTHOLE", "before": 1.0, "after": 0.7, "limit": 0.08},
        ],
        "changed": [{"set": "intents", "text": "a <b>hole</b>", "right": "report_problem", "before": "report_problem", "after": "inform"}],
        "worst": [{"id": example, "text": KEPT, "intent": "report_problem", "told": "inform", "confidence": 0.9, "harm": 2}],
        "examples": {str(example): change},
    }  # fmt: skip
    await log.teaching.end(teaching, "refused", result=result, changes={example: change})
    page = (await browser.get(f"/teach/teachings/{teaching}")).text
    assert (
        "fell from 93.0% to 90.0%" in page
        and "What citizens say of" in page
        and "Look at these first" in page
        and "a &lt;b&gt;hole" in page
    )
    picture = await browser.get(f"/teach/teachings/{teaching}/picture.svg")
    assert picture.status == 200 and picture.headers["Content-Type"].startswith("image/svg+xml") and "90.0%" in picture.text
    told = json.loads((await browser.get(f"/teach/teachings/{teaching}.json")).text)
    assert told["state"] == "refused" and told["result"]["reasons"][0]["gate"] == "fall"
    assert "New model" in (await browser.get(f"/teach/examples/{example}")).text


async def test_teach_now_starts_a_process_that_says_how_it_ended(console: Any) -> None:
    await console.add("bob", "approver")
    bob = await console.signed_in("bob")
    await proposed(console)
    token = bob.token_of((await bob.get("/teach")).text)
    begun = await bob.send("POST", "/teach/now", data={"csrf": token})
    assert begun.status == 303 and begun.location == "/teach/teachings/1"
    again = await bob.send("POST", "/teach/now", data={"csrf": token})
    assert again.location == "/teach?show=approved&done=busy"
    for _ in range(600):
        if "Nothing to teach" in (page := (await bob.get("/teach/teachings/1")).text):
            break
        await asyncio.sleep(0.2)
    assert "No example is approved" in page and console.audited("began_teaching") == [(2, "1")]


async def test_the_models_are_shown_and_one_click_goes_back(console: Any, own_models: Models) -> None:
    own_models.folder.mkdir()
    for name, files, why in (("a.tar.gz", {}, "trained"), ("b.tar.gz", {"thanks.yml": "ta"}, "taught")):
        (own_models.folder / name).write_bytes(b"a model")
        own_models.promote(
            {"model": name, "fingerprint": own_models.fingerprint(files), "reviewed": files, "examples": [], "new": []}, why=why
        )
    browser = await console.signed_in()
    page = (await browser.get("/teach/models")).text
    assert "In use" in page and page.count("Go back to this one") == 1
    answer = await browser.post("/teach/models/back", "/teach/models", model="a.tar.gz")
    assert answer.status == 303 and own_models.current() == own_models.folder / "a.tar.gz" and own_models.reviewed_files() == {}
    assert "in use already" in (await browser.post("/teach/models/back", "/teach/models", model="a.tar.gz")).text
    told = json.loads((await browser.get("/teach/models.json")).text)
    assert [one["in_use"] for one in told["models"]] == [False, True] and told["history"][0]["by"] == "ada"
    assert console.audited("went_back_to_model") == [(1, "a.tar.gz")]
