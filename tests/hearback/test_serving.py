"""A process that serves, as it is started."""

import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

from hearback.bench.postgres import free_port

SERVES = """
import gc, sys
from aiohttp import web
from hearback import serving

async def aside(request):
    return web.Response(text=str(gc.get_freeze_count()))

app = web.Application()
app.router.add_get("/", aside)
serving.serve(app, host="127.0.0.1", port=int(sys.argv[1]), setting="PORT", process="test")
"""


def test_whoever_looks_for_garbage_leaves_out_what_was_there_at_the_start() -> None:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", SERVES, str(port)]) as serving:
        try:
            assert int(read(f"http://127.0.0.1:{port}/")) > 10_000
        finally:
            serving.terminate()


def read(address: str, *, within: float = 60) -> str:
    until = time.monotonic() + within
    while True:
        try:
            with urlopen(address, timeout=5) as answer:
                return str(answer.read().decode())
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
