"""The API's description: made from the routes, true of every answer, and fuzzed."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator

from console.app import all_routes
from console.openapi import PARAMETER, Undescribed, api_routes, described, document, entry_of, key_of, operation
from console.routes import ADMINS, data
from console.shorthand import UnknownShape, schema

ROUTES = api_routes(all_routes())
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method,ignored_auth"
SECONDS = 60


async def handler(request: web.Request) -> web.Response:
    return web.Response()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_address_is_described(route: Any) -> None:
    entry = entry_of(route)
    assert entry["says"].endswith(".") and (entry.get("csv") or entry.get("stream") or "answers" in entry)


def test_nothing_is_described_that_does_not_exist() -> None:
    assert set(described()["addresses"]) == {key_of(route) for route in ROUTES}
    taken = {name for entry in described()["addresses"].values() for name in entry.get("takes", [])}
    assert set(described()["parameters"]) == taken


def test_an_address_that_nobody_described_says_what_to_do() -> None:
    with pytest.raises(Undescribed, match="add '/api/moons' to `addresses` in console/described.yml"):
        document([data("/api/moons", handler, ADMINS, scope="moons")], server="")
    with pytest.raises(UnknownShape, match="Moon is no kind"):
        schema("Moon[]", {})


def test_the_document_has_every_route_with_its_scope_roles_and_parameters() -> None:
    whole = document(all_routes(), server="https://console.example")
    assert {(method.upper(), path) for path, methods in whole["paths"].items() for method in methods} == {
        (route.method, PARAMETER.sub(r"{\1}", route.path)) for route in ROUTES
    }
    for route in ROUTES:
        about = whole["paths"][PARAMETER.sub(r"{\1}", route.path)][route.method.lower()]
        assert about["security"] == [{"token": [route.scope] if route.scope else []}] and about["x-roles"] == sorted(route.roles)
        assert [one["name"] for one in about["parameters"] if one["in"] == "path"] == [found[1] for found in PARAMETER.finditer(route.path)]
        assert {"200", "401", "403", "503"} <= set(about["responses"])
    ids = [about["operationId"] for methods in whole["paths"].values() for about in methods.values()]
    assert len(ids) == len(set(ids)) and whole["openapi"].startswith("3.1")
    for shape in whole["components"]["schemas"].values():
        Draft202012Validator.check_schema(shape)


async def test_the_document_is_served_and_the_page_shows_what_ones_role_may_read(console: Any) -> None:
    await console.add("kim", "analyst")
    served = await console.browser().get("/api/openapi.json", headers=await console.token("kim"))
    assert served.status == 200 and json.loads(served.text)["servers"] == [{"url": console.url}]
    admin, analyst = await (await console.signed_in("ada")).get("/api"), await (await console.signed_in("kim")).get("/api")
    assert "/api/audit.csv" in admin.text and "Scope: <strong>audit</strong>" in admin.text
    assert "/api/measures" in analyst.text and "/api/audit.csv" not in analyst.text and "/api/conversations" not in analyst.text


# The pages' query values that the description names are the ones that the handlers read.


@pytest.mark.parametrize("route", [route for route in ROUTES if "{" not in route.path], ids=lambda route: route.name)
async def test_a_value_that_cannot_be_used_is_refused_as_described(console: Any, route: Any) -> None:
    browser, headers = console.browser(), await console.token()
    for name in entry_of(route).get("takes", []):
        about = described()["parameters"][name]
        if "enum" in about or about.get("type") == "integer" or about.get("format") == "date" or "period" in name:
            answer = await browser.get(f"{route.path}?{about.get('name', name)}=nonsense", headers=headers)
            assert answer.status == 400 and about.get("name", name) in answer.text, name


def known_ids(filled: Any) -> dict[str, list[str]]:
    """Numbers of what there is, by the word of the address that leads to it."""
    return {
        "conversations": [filled.pothole, filled.caddy, filled.complaint, filled.unheard], "requests": ["1"], "people": ["1"],
        "measures": ["completion_rate"],
    }  # fmt: skip


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
async def test_an_answer_holds_what_is_described_and_nothing_else(console: Any, filled: Any, route: Any) -> None:
    await console.log.staff.note(await console.log.staff.by_name("ada"), "read_conversation", filled.pothole, {"rows": 3})
    content = operation(route)["responses"]["200"]["content"]
    whole = document(all_routes(), server=console.url)
    words = route.path.replace(".", "/").split("/")
    ids = next((found for word, found in known_ids(filled).items() if word in words), []) if "{" in route.path else [""]
    for one in ids if route.method == "GET" and not entry_of(route).get("stream") else []:
        answer = await console.browser().get(PARAMETER.sub(one, route.path), headers=await console.token())
        assert answer.status == 200 and answer.headers["Content-Type"].split(";")[0] in content, answer.text
        if "application/json" in content:
            shape = {**content["application/json"]["schema"], "components": whole["components"]}
            wrong = list(Draft202012Validator(shape).iter_errors(json.loads(answer.text)))
            assert not wrong, f"{route.name}: {wrong[0].message} at {list(wrong[0].path)}: change its shape in console/described.yml"


async def test_it_stands_up_to_schemathesis(console: Any, filled: Any, tmp_path: Path) -> None:
    ids = known_ids(filled)
    whole = document(all_routes(), server=console.url)
    for path, methods in whole["paths"].items():
        for about in methods.values():
            for one in about["parameters"]:
                if one["in"] == "path" and (known := next((ids[word] for word in path.replace(".", "/").split("/") if word in ids), None)):
                    one["examples"] = {value: {"value": value} for value in known}
    (tmp_path / "openapi.json").write_text(json.dumps(whole))
    token = (await console.token())["Authorization"]
    running = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")), "run", str(tmp_path / "openapi.json"), "--url", console.url,
        "-H", f"Authorization: {token}", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "12",
        "--max-time", str(SECONDS), "--seed", "1", "--no-color", "--continue-on-failure", "--generation-database", "none", "--no-shrink",
        "--generation-with-security-parameters", "false",
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said = (await asyncio.wait_for(running.communicate(), timeout=SECONDS + 60))[0].decode()
    finally:
        if running.returncode is None:
            running.kill()
    assert running.returncode == 0, said[said.find("FAILURES") :][:12000]
