"""A whole Hearback with secrets in its settings: none of its processes and none of its logs shows one."""

from __future__ import annotations

import sys
from pathlib import Path

# The stack stands with the journeys' helpers, which pytest finds by the pythonpath of pyproject.toml.
from stack import processes, running_stack

from hearback.keys import load_keys


async def test_no_process_and_no_log_of_a_running_stack_shows_a_secret() -> None:
    async with running_stack() as stack:
        keys = load_keys(stack.home)
        secrets = {keys.contact_key, keys.pseudonym_key, keys.rasa_token, keys.sandbox_twilio_token, keys.bell_key, stack.api_token}
        secrets |= {
            value for name, value in stack.environ.items() if name.endswith(("TOKEN", "_KEY", "PASSWORD", "_SECRET")) and len(value) > 5
        }
        secrets = {one for one in secrets if one}
        ours = {process.pid for process in stack.alive()}
        assert len(ours) >= 5
        shown = [process.command for process in processes() if process.pid in ours]
        assert not [one for one in secrets for command in shown if one in command]
        logs = [*stack.home.glob("logs/*"), Path(stack.output)]
        assert len(logs) >= 5
        assert not [(path.name, one[:4]) for path in logs for one in secrets if one.encode() in path.read_bytes()]
        open_to_others = [path for path in stack.home.rglob("*") if path.is_file() and path.stat().st_mode & 0o007]
        assert not open_to_others
        assert sys.executable in " ".join(shown)
