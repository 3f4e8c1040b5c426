"""`hearback export`: measures and outcomes as open data, with a description beside them."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from engagement.database import Database, LogUnavailable
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from engagement.open_data import measured
from hearback import spreadsheet
from hearback.clock import shared_clock
from hearback.dates import LONDON
from hearback.keys import load_keys
from hearback.settings import Settings

Fields = tuple[tuple[str, str, str], ...]  # name, type by the Table Schema standard, what it says
MEASURES: Fields = (
    ("measure", "string", "Its name; docs/measures.md defines it."),
    ("unit", "string", "Of value: share or mean (0 to 1), pence or days."),
    ("by", "string", "What the line is a part by: channel, service, partner, month or step; empty for the whole."),
    ("name", "string", "Which part; empty for what has no service or partner."),
    ("numerator", "integer", "In steps of 5; only of shares."),
    ("denominator", "integer", "In steps of 5."),
    ("value", "number", "Of at least 25, else empty. Shares and means in hundredths, costs in whole pence, days in tenths."),
    ("low", "number", "Lower end of the 95 % interval of a share or mean."),
    ("high", "number", "Upper end of the 95 % interval of a share or mean."),
)
OUTCOMES: Fields = (
    ("month", "string", "In which the outcome was asked for, like 2026-11."),
    ("channel", "string", "On which it was asked for: web, sms, whatsapp."),
    ("subject", "string", "request, support, information or handover."),
    ("service_code", "string", "The Open311 code of the service; empty where it has none."),
    ("partner", "string", "Who does the work; empty where nobody is named."),
    ("round", "string", "1, and 2 or 3 after it was opened again (3: or more)."),
    ("declared", "string", "What the back office or its partner says: done, not_ours, no_action, duplicate; empty while it is open."),
    ("confirmed", "string", "What the citizen says: fixed, partly, not_fixed, not_mine; empty where there is no answer."),
    ("days", "string", "From declared to confirmed: 0-2, 3-7, 8-14, 15+; empty where either is missing."),
    ("count", "integer", "How many outcomes are so, in steps of 5, never fewer than 5."),
)
FILES: dict[str, Fields] = {"measures": MEASURES, "outcomes": OUTCOMES}
TITLES = {"measures": "Measures of the council's assistant", "outcomes": "Outcomes: what was declared and what citizens confirmed"}


async def export(settings: Settings, out: Path, *, start: date | None = None, end: date | None = None) -> int:
    """Write the files into a folder, which is made; `end` is the last day."""
    database = Database(settings.database_url)
    log = EngagementLog(database, shared_clock(settings.home, settings.time_scale), load_keys(settings.home))
    period = {"start": _midnight(start, 0), "end": _midnight(end, 1)}
    try:
        await upgrade(database)
        tables = {
            "measures": [line for name, one in (await log.measures.measured(**period)).items() for line in measured(name, one)],
            "outcomes": await log.open_data.outcomes(**period),
        }
    except LogUnavailable as error:
        print(f"The database cannot be read ({error}).", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        await log.close()
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = [field[0] for field in FILES[name]]
        (out / f"{name}.csv").write_text(spreadsheet.table(columns, rows), encoding="utf-8", newline="")
        (out / f"{name}.json").write_text(_json({name: [{column: row[column] for column in columns} for row in rows]}), encoding="utf-8")
    (out / "datapackage.json").write_text(_json(described(start, end)), encoding="utf-8")
    print(f"{len(tables['measures'])} lines of measures and {len(tables['outcomes'])} groups of outcomes are in {out}.")  # noqa: T201
    return 0


def described(start: date | None, end: date | None) -> dict[str, Any]:
    """What the files are and what their columns say: https://specs.frictionlessdata.io/data-package/."""
    return {
        "name": "hearback",
        "title": "Whether it worked",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "period": {"start": start and start.isoformat(), "end": end and end.isoformat()},
        "resources": [
            {
                "name": name,
                "title": TITLES[name],
                "path": f"{name}.csv",
                "format": "csv",
                "encoding": "utf-8",
                "schema": {"fields": [{"name": field, "type": kind, "description": says} for field, kind, says in fields]},
            }
            for name, fields in FILES.items()
        ],
    }


def _midnight(day: date | None, later: int) -> Any:
    return day and datetime.combine(day + timedelta(days=later), time(), LONDON)


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
