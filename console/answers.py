"""What the API answers with: JSON, and tables for spreadsheets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from console.parts import CLOCK
from hearback import spreadsheet


def as_json(data: dict[str, Any]) -> web.Response:
    """Moments as ISO 8601."""
    return web.json_response(data, dumps=lambda value: json.dumps(value, default=_moment, ensure_ascii=False))


def as_csv(request: web.Request, name: str, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> web.Response:
    file = f"hearback-{name}-{request.app[CLOCK].now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return web.Response(text=spreadsheet.table(columns, rows), content_type="text/csv", charset="utf-8", headers=headers)


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
