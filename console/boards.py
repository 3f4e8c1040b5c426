"""The dashboards: which measures each shows, split by what, and what stands out in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from console.comparing import apart, change
from console.measuring import part as numbers
from console.spans import Limits, Span, days
from engagement.measures.registry import Measured, Part

MOST = 12  # rows of a chart that is cut


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`kind`: trend, bars, funnel, or answers (what citizens said, silence apart); `order`: most, lowest, or as ranked."""

    measure: str
    by: str
    kind: str = "bars"
    order: str = ""

    @property
    def id(self) -> str:
        return "-".join(one for one in (self.measure, self.by, self.order, self.kind if self.kind == "answers" else "") if one)


def trend(measure: str) -> Chart:
    return Chart(measure=measure, by="month", kind="trend")


def bars(measure: str, by: str, order: str = "") -> Chart:
    return Chart(measure=measure, by=by, order=order)


BOARDS: dict[str, tuple[Chart, ...]] = {
    "engagement": (
        trend("handover_rate"), trend("user_satisfaction"), trend("first_contact_success"), trend("repeat_contact"),
        bars("repeat_contact", "service"), trend("returning_citizens"),
    ),
    "understanding": (
        trend("mean_confidence"), trend("fallback_rate"), bars("mean_confidence", "intent", "most"),
        bars("mean_confidence", "intent", "lowest"),
    ),
    "tasks": (
        trend("completion_rate"), Chart(measure="task_funnel", by="step", kind="funnel"), bars("completion_rate", "service"),
        trend("digital_take_up"),
    ),
    "outcomes": (
        Chart(measure="confirmed_outcome_rate", by="month", kind="answers"), trend("declared_and_confirmed"),
        trend("confirmed_outcome_rate"), trend("response_rate"), trend("disagreement_rate"), bars("confirmed_outcome_rate", "service"),
        trend("days_to_confirm"),
    ),
    "partners": (
        bars("disagreement_rate", "partner"), bars("confirmed_outcome_rate", "partner"), bars("response_rate", "partner"),
        bars("days_to_confirm", "partner"), bars("cost_per_confirmed_outcome", "partner"),
    ),
    "costs": (
        trend("cost_per_contact"), bars("cost_per_contact", "channel"), trend("cost_per_transaction"),
        bars("cost_per_transaction", "channel"), trend("cost_per_confirmed_outcome"), bars("cost_per_confirmed_outcome", "service"),
    ),
    "channels": (
        bars("confirmed_outcome_rate", "channel"), bars("completion_rate", "channel"), bars("handover_rate", "channel"),
        bars("fallback_rate", "channel"), bars("response_rate", "channel"), bars("cost_per_contact", "channel"),
    ),
}  # fmt: skip


def drawn(chart: Chart, found: Measured, before: Measured | None, span: Span, *, linked: bool) -> list[dict[str, Any]]:
    """A chart with its rows, the change of each since the time before, and what stands out; of a funnel one for each task."""
    limits, parts = span.trend if chart.by == "month" else span.limits, _chosen(chart, found.by[chart.by])
    rows = [_row(chart.measure, chart.by, one, limits, linked=linked) for one in parts]
    before_by = {one.name: one for one in before.by[chart.by]} if before and chart.by != "month" else {}
    for row, one in zip(rows, parts, strict=True):
        row["so_far"] = chart.by == "month" and (one.name or "") >= span.this_month
        row["change"] = change(one.counted, before_by[one.name].counted) if one.name in before_by else None
    if chart.kind != "funnel":
        return [_whole_chart(chart, found, rows)]
    tasks = dict.fromkeys(str(row["name"]).partition(": ")[0] for row in rows)
    return [_whole_chart(chart, found, [row for row in rows if str(row["name"]).startswith(f"{task}: ")], task) for task in tasks]


def _whole_chart(chart: Chart, found: Measured, rows: list[dict[str, Any]], task: str = "") -> dict[str, Any]:
    return {
        "id": f"{chart.id}-{task}" if task else chart.id, "task": task, "measure": chart.measure, "by": chart.by, "kind": chart.kind,
        "order": chart.order, "unit": found.whole.counted.unit, "better": found.measure.better, "sentence": found.measure.sentence,
        "rows": rows, "finding": finding(chart, rows, found.measure.better),
        "left_out": 0 if task else len(found.by[chart.by]) - len(rows),
    }  # fmt: skip


def whole(found: Measured, before: Measured | None, span: Span, *, linked: bool) -> dict[str, Any]:
    """A measure of the whole time, with the change since the time before."""
    one = _row(found.measure.name, "", found.whole, span.limits, linked=linked)
    since = change(found.whole.counted, before.whole.counted) if before else None
    return {**one, "unit": found.whole.counted.unit, "better": found.measure.better, "sentence": found.measure.sentence, "change": since}


def _row(measure: str, by: str, one: Part, limits: Limits, *, linked: bool) -> dict[str, Any]:
    row = {"name": one.name, "rank": one.rank, **numbers(one)}
    links = {of: behind(measure, of, by, one.name, limits) for of in ("numerator", "denominator")} if linked else {}
    return {**row, "behind": {of: link for of, link in links.items() if row[of]}}


def behind(measure: str, of: str, by: str, name: str | None, limits: Limits) -> str:
    """The address of the conversations behind a figure; an empty name is what belongs to no part."""
    part = {"by": by, "name": name or ""} if by else {}
    return f"/conversations?{urlencode({'measure': measure, 'of': of, **part, **days(limits)})}"


def _chosen(chart: Chart, parts: list[Part]) -> list[Part]:
    if chart.kind == "funnel":
        return sorted(parts, key=lambda one: ((one.name or "").split(":")[0], -one.counted.denominator, one.name or ""))
    counted = [one for one in parts if one.counted.denominator or one.counted.numerator]
    if chart.order == "most":
        return sorted(counted, key=lambda one: (-one.counted.denominator, one.name or ""))[:MOST]
    if chart.order == "lowest":
        enough = [one for one in counted if one.counted.value is not None]
        return sorted(enough, key=lambda one: (one.counted.value or 0.0, one.name or ""))[:MOST]
    return counted


def finding(chart: Chart, rows: list[dict[str, Any]], better: str) -> dict[str, Any]:
    """What stands out: `kind` is few, level, apart (best and worst), worst (of a funnel), most, latest."""
    known = [row for row in rows if row["value"] is not None and row["enough"] and not row["so_far"]]
    if not known or (len(known) < 2 and chart.by != "month"):
        return {"kind": "few"}
    if chart.by == "month":
        return {"kind": "latest", "last": known[-1], "before": known[-2] if len(known) > 1 else None, "beyond_noise": _moved(known)}
    high, low = max(known, key=lambda row: row["value"]), min(known, key=lambda row: row["value"])
    if chart.kind == "funnel":
        return {"kind": "worst", "worst": high}
    if chart.order == "most":
        return {"kind": "most", "most": rows[0]}
    if not apart(high, low):
        return {"kind": "level"}
    return {"kind": "apart", "first": low if better == "low" else high, "last": high if better == "low" else low}


def _moved(known: list[dict[str, Any]]) -> bool | None:
    """Whether the last month differs from the one before by more than noise; None where that cannot be told."""
    if len(known) < 2 or known[-1]["low"] is None or known[-2]["low"] is None:
        return None
    return bool((since := change(_Row(known[-1]), _Row(known[-2]))) and since["beyond_noise"])


class _Row:
    """A row as a figure that can be compared."""

    unit, enough = "", True

    def __init__(self, row: dict[str, Any]) -> None:
        self.value, self.interval = row["value"], (row["low"], row["high"])
