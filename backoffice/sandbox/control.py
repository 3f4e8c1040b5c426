"""The sandbox's own controls: outages, and services added or removed while it runs."""

from __future__ import annotations

from aiohttp import web

from backoffice.sandbox.answers import Refused, answer, refusal
from backoffice.sandbox.council import Council
from backoffice.sandbox.intake import read_object


def routes(council: Council) -> list[web.RouteDef]:
    async def faults(request: web.Request) -> web.Response:
        return answer("json", "faults", council.faults.now())

    async def set_faults(request: web.Request) -> web.Response:
        try:
            council.faults.set(await read_object(request))
        except Refused as refused:
            return refusal("json", refused)
        return answer("json", "faults", council.faults.now())

    async def put_service(request: web.Request) -> web.Response:
        try:
            service = council.catalogue.read(await read_object(request))
        except Refused as refused:
            return refusal("json", refused)
        council.catalogue.put(service, council.now())
        return answer("json", "service", service, 201)

    async def remove_service(request: web.Request) -> web.Response:
        code = request.match_info["code"]
        if not council.catalogue.remove(code, council.now()):
            return refusal("json", Refused(404, f"There is no service {code[:60]}."))
        return web.Response(status=204)

    return [
        web.get("/sandbox/faults", faults),
        web.post("/sandbox/faults", set_faults),
        web.post("/sandbox/services", put_service),
        web.delete("/sandbox/services/{code}", remove_service),
    ]
