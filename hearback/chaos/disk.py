"""A small disk of our own under the data folder, to be filled up and made read-only: a tmpfs in a mount namespace that ends with us."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import subprocess
import sys
from pathlib import Path

MEGABYTES = 768
MARK = "HEARBACK_CHAOS_MOUNTS"


def in_own_namespace() -> None:
    """Run this program anew where it may mount, if the machine lets us: as root, or as root of a user namespace of our own."""
    if os.environ.get(MARK):
        return
    for words in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        with contextlib.suppress(OSError):
            trial = [*words, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
            if subprocess.run(trial, capture_output=True, check=False).returncode == 0:
                os.execvpe(words[0], [*words, sys.executable, *sys.orig_argv[1:]], {**os.environ, MARK: "yes"})


class Disk:
    """`mounted` tells whether it is a disk of its own; without one, "full" is a limit on the size of files."""

    def __init__(self, home: Path) -> None:
        self._home, self.mounted = home, False
        self._ballast = home / "ballast"

    async def mount(self) -> None:
        self._home.mkdir(parents=True)
        if os.environ.get(MARK):
            self.mounted = await self._mount("-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(self._home))

    async def fill(self) -> None:
        """Take all that is left; called again, also what became free meanwhile."""
        with contextlib.suppress(OSError):
            while True:
                with self._ballast.open("ab") as file:
                    left = os.fstatvfs(file.fileno())
                    os.posix_fallocate(file.fileno(), file.tell(), max(left.f_bavail * left.f_frsize, left.f_frsize))

    def empty(self) -> None:
        self._ballast.unlink(missing_ok=True)

    async def read_only(self) -> bool:
        return await self._mount("-o", "remount,ro", str(self._home))

    async def writable(self) -> bool:
        return await self._mount("-o", "remount,rw", str(self._home))

    async def unmount(self) -> None:
        if self.mounted:
            await (await asyncio.create_subprocess_exec("umount", "--lazy", str(self._home))).wait()
            self.mounted = False

    async def _mount(self, *words: str) -> bool:
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec("mount", *words, stdout=quiet, stderr=quiet)
        return await process.wait() == 0


def limit_files(pid: int, most: int) -> None:
    """From now on this process writes no file beyond `most` bytes; RLIM_INFINITY takes that back."""
    with contextlib.suppress(OSError):
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))
