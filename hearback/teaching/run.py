"""`hearback teach`: approved examples → a candidate → measured beside the model in use → promoted, or refused by the gates."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.teaching import as_example
from hearback import training
from hearback.clock import shared_clock
from hearback.keys import load_keys
from hearback.models import Models, now
from hearback.settings import Settings
from hearback.teaching import gates, known
from hearback.teaching.examples import ABOUT, Example, texts_of, with_examples

HEARTBEAT = 10.0  # seconds, real
MOST_CHANGED, MOST_WORST = 300, 10
Say = Callable[[str], None]


class TeachingStopped(Exception):
    """The training cannot go on; the message is a sentence for whoever began it. `state` is what becomes of it."""

    def __init__(self, sentence: str, state: str = "failed") -> None:
        super().__init__(sentence)
        self.state = state


def tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201


async def teach(settings: Settings, *, teaching_id: int | None = None, by: str | None = None, say: Say = tell) -> int:
    """Teach what is approved; the exit status is 0 when the candidate was promoted or there was nothing to teach."""
    clock = shared_clock(settings.home, settings.time_scale)
    log = EngagementLog(Database(settings.database_url), clock, load_keys(settings.home))
    warnings.simplefilter("ignore")  # Rasa's, which are for whoever writes its configuration
    try:
        models = Models.of(settings)
        await settle(log, models)
        if teaching_id is None:
            person = await log.staff.by_name(by) if by else None
            teaching_id = await log.teaching.begin(by=person.id if person else None)
            if teaching_id is None:
                say("Another training is running: wait until it is done.")
                return 1
        return await Run(log, models, teaching_id, by, say).whole()
    finally:
        await log.close()


async def settle(log: EngagementLog, models: Models) -> None:
    """Make up for trainings that were broken off: one whose model is in use was done; of the others nothing is left."""
    chosen = models.chosen().get("model")
    await log.teaching.running()  # marks one whose time is over
    for row in await log.teaching.teachings():
        if row["state"] != "interrupted" or not row["model"]:
            continue
        if row["model"] == chosen and row["step"] == "promoting":
            whole = await log.teaching.teaching(row["id"])
            if whole and whole["result"]:
                await log.teaching.end(row["id"], "promoted", result=whole["result"], changes=_changes(whole["result"]))
        elif row["model"] != chosen and not models.has_record(row["model"]):
            (models.folder / row["model"]).unlink(missing_ok=True)


class Run:
    def __init__(self, log: EngagementLog, models: Models, teaching_id: int, by: str | None, say: Say) -> None:
        self._log, self._models, self._id, self._by, self._say = log, models, teaching_id, by, say

    async def whole(self) -> int:
        book = self._log.teaching
        try:
            async with self._alive():
                return await self._teach()
        except TeachingStopped as stopped:
            self._say(str(stopped))
            await book.end(self._id, stopped.state, error=str(stopped))
            return 0 if stopped.state == "nothing" else 1
        except training.TrainingFailed as failed:
            self._say(f"{failed}\nThe training failed; the lines above say why. The model in use stays.")
            await book.end(self._id, "failed", error="Rasa made no model; its last lines are in the log of the training.")
            return 1

    @asynccontextmanager
    async def _alive(self) -> AsyncIterator[None]:
        """Say every few seconds that this process is still at it."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(HEARTBEAT)
                await self._log.teaching.go_on(self._id)

        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()

    async def _step(self, step: str, sentence: str, **values: Any) -> None:
        if not await self._log.teaching.go_on(self._id, step, values):
            raise TeachingStopped("This training was taken for interrupted, and ends here. The model in use stays.", "interrupted")
        self._say(sentence)

    async def _teach(self) -> int:
        from bot.nlu import measuring

        if missing := await asyncio.to_thread(measuring.missing):
            raise TeachingStopped(f"tests/nlu/{missing[0]} is not here: without the held-out sentences no model can be measured.")
        limit = gates.limits()
        batch = await self._batch()
        base = await self._base()
        files = self._models.reviewed_files()
        earlier, wanted = texts_of(files), with_examples(files, batch)
        await self._step("training", f"Training a candidate with {len(batch)} new examples beside {base.name}.", base=base.name)
        made = await asyncio.to_thread(self._models.fingerprint, wanted)
        candidate = await asyncio.to_thread(training.make, self._models, reviewed=wanted)
        try:
            await self._step("measuring_old", f"Measuring the model in use, {base.name}.", model=candidate.name)
            before, was = await asyncio.to_thread(self._measured, base, batch)
            await self._step("measuring_new", f"Measuring the candidate, {candidate.name}.")
            after, is_now = await asyncio.to_thread(self._measured, candidate, [*batch, *earlier])
            await self._step("comparing", "Comparing both.")
            known_before = [understands(one, parsed) for one, parsed in zip(earlier, is_now[len(batch) :], strict=True)]
            result = compare(limit, measuring.floors(), before, after, batch, was, is_now[: len(batch)], known_before)
            self._tell_result(result)
            if result["reasons"]:
                candidate.unlink(missing_ok=True)
                await self._log.teaching.end(self._id, "refused", result=result, changes=_changes(result))
                self._say(f"Refused: {len(result['reasons'])} gates failed. {base.name} stays in use, and nothing of the data was changed.")
                return 1
            await self._step("promoting", f"Putting {candidate.name} in the place of {base.name}.", result=result)
        except BaseException:
            if self._models.chosen().get("model") != candidate.name:
                candidate.unlink(missing_ok=True)
            raise
        await asyncio.to_thread(self._promote, base, candidate, made, wanted, batch, result)
        await self._log.teaching.end(self._id, "promoted", result=result, changes=_changes(result))
        self._prune(limit["kept_models"])
        self._say(f"{candidate.name} is in use.")
        return 0

    async def _batch(self) -> list[Example]:
        held_out = await asyncio.to_thread(known.held_out)
        approved = [as_example(row) for row in await self._log.teaching.approved()]
        batch = [one for one in approved if not known.is_held_out(one.text, held_out)]
        if not batch:
            raise TeachingStopped("No example is approved and not yet taught: there is nothing to teach.", "nothing")
        return batch

    async def _base(self) -> Path:
        """The model in use; made first where it does not fit the data."""
        base = await asyncio.to_thread(self._models.current)
        if base is None:
            self._say("The model in use does not fit the data: training it first.")
            await asyncio.to_thread(training.train)
            base = await asyncio.to_thread(self._models.current)
        if base is None:
            raise TeachingStopped("The data as it is cannot be trained: run `uv run hearback train` and read what it says.")
        self._models.keep(self._models.record(base.name))
        return base

    def _measured(self, model: Path, examples: Sequence[Example]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The model's figures on the held-out sets, kept beside it, and what it makes of the examples."""
        from bot.nlu import measuring

        reader = measuring.Reader(model)
        kept_in, kept = model.with_name(model.name.removesuffix(".tar.gz") + ".measured.json"), {}
        made_with = measuring.held_out_fingerprint()
        if kept_in.is_file():
            kept = json.loads(kept_in.read_text(encoding="utf-8"))
        if kept.get("made_with") != made_with:
            kept = {"made_with": made_with, **measuring.measure(reader, lambda step: self._say(f"  {step}"))}
            kept_in.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        return kept, reader.read([one.text for one in examples])

    def _promote(
        self, base: Path, candidate: Path, made: str, files: dict[str, str], batch: Sequence[Example], result: dict[str, Any]
    ) -> None:
        ids = [one.id for one in batch]
        before = self._models.record(base.name)
        record = {
            "model": candidate.name, "fingerprint": made, "made_at": now(), "by": self._by, "from": base.name,
            "teaching": self._id, "examples": [*before["examples"], *ids], "new": ids, "reviewed": files, "figures": result["after"],
        }  # fmt: skip
        self._models.keep({**before, "figures": result["before"]})
        self._models.promote(record, why="taught", by=self._by)

    def _prune(self, kept: int) -> None:
        chosen = self._models.chosen()["model"]
        for path in sorted(self._models.folder.glob("*.tar.gz"), reverse=True)[int(kept) :]:
            if path.name != chosen:
                path.unlink(missing_ok=True)
        for path in self._models.folder.glob("*.measured.json"):
            if not path.with_name(path.name.replace(".measured.json", ".tar.gz")).is_file():
                path.unlink(missing_ok=True)

    def _tell_result(self, result: dict[str, Any]) -> None:
        self._say(f"{'figure':28} {'before':>8} {'after':>8}")
        for name, after in result["after"].items():
            self._say(f"{name:28} {result['before'].get(name, 0):8.3f} {after:8.3f}")
        better = sum(one["after"] == one["right"] for one in result["changed"])
        self._say(f"Of the held-out sentences {len(result['changed'])} are understood otherwise; {better} of them now rightly.")
        self._say(f"Of this batch's {result['batch']} examples {result['understood']:.0%} are understood.")
        for reason in result["reasons"]:
            was = "" if reason["before"] is None else f" from {reason['before']:.3f}"
            self._say(f"Gate {reason['gate']}: {reason['name']}{was} to {reason['after']:.3f}, limit {reason['limit']:.3f}")
        for one in result["worst"] if result["reasons"] else ():
            self._say(f"Look at example {one['id']}: marked {one['intent']}, understood as {one['told']} ({one['confidence']:.2f})")


def compare(
    limit: dict[str, Any],
    floors: dict[str, float],
    before: dict[str, Any],
    after: dict[str, Any],
    batch: Sequence[Example],
    was: Sequence[dict[str, Any]],
    is_now: Sequence[dict[str, Any]],
    earlier: Sequence[bool],
) -> dict[str, Any]:
    """Both models side by side: what the log keeps of a training. `was`, `is_now`: what they make of the batch; `earlier`: whether
    the candidate understands what was taught before."""
    hits = [understands(one, parsed) for one, parsed in zip(batch, is_now, strict=True)]
    against = sum(_sure_of_another(one, parsed, limit["sure"]) for one, parsed in zip(batch, was, strict=True))
    reasons = gates.failed(limit, floors, before, after, batch=hits, earlier=earlier, against=against)
    changed = gates.changed(before, after)
    examples = {
        str(one.id): {"before": _told(one, old), "after": _told(one, new), "understood": hit}
        for one, old, new, hit in zip(batch, was, is_now, hits, strict=True)
    }
    return {
        "before": before["figures"], "after": after["figures"], "recall": {"before": before["recall"], "after": after["recall"]},
        "reasons": [one.as_data() for one in reasons], "changed": changed[:MOST_CHANGED], "batch": len(batch),
        "understood": gates.share(hits), "earlier": len(earlier), "earlier_understood": gates.share(earlier), "against": against,
        "examples": examples, "worst": worst(batch, was, changed),
    }  # fmt: skip


def understands(example: Example, parsed: dict[str, Any]) -> bool:
    """Whether a model reads an example as it is marked, its service included."""
    told = _told(example, parsed)
    same = told["intent"] == example.intent or (example.intent == "out_of_scope" and told["intent"] == "nlu_fallback")
    return same and (example.about is None or told["about"] == example.about)


def worst(batch: Sequence[Example], was: Sequence[dict[str, Any]], changed: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """The examples that contradict the model in use most: those first whose label drew held-out sentences away from what was right."""
    lost = [(one["right"], one["after"]) for one in changed if one["before"] == one["right"] and one["after"] != one["right"]]
    found = []
    for one, parsed in zip(batch, was, strict=True):
        told, shares = _told(one, parsed), {each["name"]: each["confidence"] for each in parsed.get("intent_ranking") or ()}
        if told["intent"] == one.intent:
            continue
        harm = lost.count((told["intent"], one.intent))
        found.append({"id": one.id, "text": one.text, "intent": one.intent, "told": told["intent"], "harm": harm,
                      "confidence": round(shares.get(told["intent"], told["confidence"]), 4)})  # fmt: skip
    return sorted(found, key=lambda one: (-one["harm"], -one["confidence"]))[:MOST_WORST]


def _told(example: Example, parsed: dict[str, Any]) -> dict[str, Any]:
    intent, kind = parsed.get("intent") or {}, ABOUT.get(example.intent)
    about: str | None = None
    if kind == "service":
        about = next((one["code"] for one in parsed.get("services") or ()), None)
    elif kind == "information":
        about = next((one["id"] for one in parsed.get("information") or ()), None)
    elif kind == "need":
        about = (parsed.get("need") or {}).get("id")
    return {"intent": intent.get("name"), "confidence": round(float(intent.get("confidence") or 0), 4), "about": about}


def _sure_of_another(example: Example, parsed: dict[str, Any], sure: float) -> bool:
    told = _told(example, parsed)
    return told["intent"] not in (example.intent, "nlu_fallback") and told["confidence"] >= sure


def _changes(result: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {int(example_id): change for example_id, change in result["examples"].items()}
