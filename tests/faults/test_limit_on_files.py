"""Where no disk of our own can be mounted, "full" is a limit on the size of the files that a running process writes."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from hearback.chaos.disk import limit_files
from hearback.chaos.faults import RLIM_INFINITY

WRITES = """
import sys
for line in sys.stdin:
    try:
        with open(sys.argv[1], "ab", buffering=0) as file:
            file.write(b"x" * 6000)
        print("written", flush=True)
    except OSError as error:
        print(error.strerror, flush=True)
"""


async def test_a_running_process_finds_no_room_and_then_room_again(tmp_path: Path) -> None:
    piped = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITES, str(tmp_path / "file"), stdin=piped, stdout=piped)
    assert process.stdin and process.stdout

    async def write() -> str:
        assert process.stdin and process.stdout
        process.stdin.write(b"\n")
        return (await process.stdout.readline()).decode().strip()

    assert await write() == "written"
    limit_files(process.pid, 4096)
    assert await write() == "File too large"
    limit_files(process.pid, RLIM_INFINITY)
    assert await write() == "written"
    process.stdin.close()
    await process.wait()
