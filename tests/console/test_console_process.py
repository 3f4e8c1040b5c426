"""The console as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from databases import environ_of

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(home: Path, port: str) -> subprocess.Popen[str]:
    environ = {**os.environ, **environ_of(home), "HEARBACK_CONSOLE_PORT": port}
    return subprocess.Popen(
        [sys.executable, "-m", "console"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def answers(port: int) -> bool:
    for _ in range(100):
        try:
            return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).status == 200)
        except OSError:
            time.sleep(0.1)
    return False


async def test_it_serves_until_sigterm_and_stops_at_once(tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path, str(port))
    assert answers(port)
    second = start(tmp_path, str(port))
    _, said = second.communicate(timeout=20)
    assert second.returncode == 2
    (sentence,) = said.splitlines()
    assert sentence.startswith(f"HEARBACK_CONSOLE_PORT is {port}, and another program uses that port")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0 and time.monotonic() - began < 3
    assert "/health" not in said  # no access log


def test_a_bad_setting_is_a_sentence(tmp_path: Path) -> None:
    process = start(tmp_path, "no port")
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2 and said.startswith("HEARBACK_CONSOLE_PORT is 'no port'")
