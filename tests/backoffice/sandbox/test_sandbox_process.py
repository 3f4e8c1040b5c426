"""`python -m backoffice.sandbox` as a process: ports, stopping, and a sudden death."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def running(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    environ = {**os.environ, "HEARBACK_HOME": str(home), "HEARBACK_SANDBOX_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "backoffice.sandbox"], cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until_up(port: int) -> str:
    url = f"http://127.0.0.1:{port}/open311/v2"
    for _ in range(200):
        try:
            requests.get(f"{url}/discovery.json", timeout=5).raise_for_status()
            return url
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail("the sandbox did not start in 10 s")


def test_a_kill_right_after_an_answer_loses_nothing(tmp_path):
    port, made = free_port(), []
    for _ in range(2):
        with running(tmp_path, port) as process:
            url = wait_until_up(port)
            for _ in range(5):
                fields = {"api_key": "sandbox", "service_code": "LITTER", "address_id": "1"}
                made += requests.post(f"{url}/requests.json", data=fields, timeout=5).json()
            process.kill()
    with running(tmp_path, port):
        found = requests.get(f"{wait_until_up(port)}/requests.json", timeout=5).json()
    assert [item["service_request_id"] for item in reversed(found)] == [item["service_request_id"] for item in made]
    assert len(found) == 10


def test_sigterm_stops_at_once_even_while_an_answer_is_late(tmp_path):
    port = free_port()
    with running(tmp_path, port) as process, requests.Session() as kept_alive:
        url = wait_until_up(port)
        kept_alive.get(f"{url}/services.json", timeout=5)
        requests.post(f"http://127.0.0.1:{port}/sandbox/faults", json={"open311": {"delay": 60}}, timeout=5)
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{url}/services.json", timeout=0.2)
        start = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert time.monotonic() - start < 2


def test_a_port_in_use_is_told_in_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with running(tmp_path, taken.getsockname()[1]) as process:
            assert process.wait(20) == 2
            assert process.stderr is not None
            assert process.stderr.read() == f"Port {taken.getsockname()[1]} is in use: set HEARBACK_SANDBOX_PORT to another.\n"
