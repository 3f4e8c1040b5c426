"""Starts every process of Hearback, keeps them running, and stops them together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import aiohttp
import yaml

from hearback import people, private, succession, training
from hearback.chat_look import chat_look
from hearback.clock import moved, shared_clock
from hearback.keys import load_keys
from hearback.lifelines import end_with
from hearback.models import Models
from hearback.opening_hours import opening_hours
from hearback.retention import schedule
from hearback.settings import ROOT, TWILIO_REAL_API, Settings, SettingsError
from hearback.teams import replies, teams

PAUSES = (0.2, 1.0, 3.0, 10.0)
STEADY = 30.0  # seconds after which a child that dies is no longer part of a series
STOP_WITHIN = 7.0
LOOK_EVERY = 1.0  # seconds between two looks at which model is in use
LONGEST_LOG = 20 * 1024 * 1024
EVERYTHING = ("sandbox", "actions", "rasa", "channels", "console")
APART = ("doors", "worker", "rasa", "actions", "console", "sandbox")  # what may be started alone


@dataclass
class Child:
    """A process of ours. `log` takes what it writes; without one it goes where ours goes."""

    name: str
    command: list[str]
    log: Path | None
    process: asyncio.subprocess.Process | None = None
    deaths: int = 0
    replacing: bool = False  # we ended it ourselves, to start it with another command
    heir: asyncio.subprocess.Process | None = None  # runs already, to take the place of `process`
    started: float = field(default_factory=time.monotonic)


class Supervisor:
    """`only`: the processes to run; without it all, doors and worker as one."""

    def __init__(self, settings: Settings, model: Path, only: Sequence[str] = ()) -> None:
        self._settings, self._stopping = settings, asyncio.Event()
        self._environment = {**os.environ, **environment(settings)}
        self._model = model
        self.heirs: list[asyncio.subprocess.Process] = []
        logs = settings.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        succession.point(settings.home, settings.rasa_port)
        known = commands(settings, model)
        self.children = [Child(name, known[name], None if only else logs / f"{name}.log") for name in known if name in (only or EVERYTHING)]

    async def keep_running(self) -> None:
        """Start all and start again whoever dies, until `stop` is called."""
        await asyncio.gather(self._follow_model(), *(self._keep(child) for child in self.children))

    async def _follow_model(self) -> None:
        """When another model was put in use, start a Rasa with it beside the one that answers, and let it take over."""
        models = Models.of(self._settings)
        if not any(child.name == "rasa" for child in self.children):
            return
        while not self._stopping.is_set():
            chosen = await asyncio.to_thread(models.chosen)
            model = models.folder / str(chosen.get("model"))
            if chosen and model != self._model and model.is_file():
                self._model = model
                await self._take_over(next(child for child in self.children if child.name == "rasa"), model)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_EVERY)

    async def _take_over(self, rasa: Child, model: Path) -> None:
        """The doors turn to the new Rasa when it is ready; one that does not become ready changes nothing."""
        say(f"The model {model.name} is to be used; starting a Rasa with it beside the one that answers.")
        port = succession.free_port(self._settings.rasa_port)
        command = self.rasa_command(model, port)
        heir = await self._begin(command, rasa.log)
        self.heirs.append(heir)
        if not await succession.becomes_ready(port, load_keys(self._settings.home).rasa_token, heir):
            say(f"The model {model.name} was not loaded: the one before stays in use until the next start. Look at {rasa.log}.")
            await _end(heir)
            return
        succession.point(self._settings.home, port)
        rasa.command, rasa.heir = command, heir
        await asyncio.sleep(succession.LAST_TURNS)
        say(f"The model {model.name} is in use now.")
        if rasa.process and rasa.process is not heir and rasa.process.returncode is None:
            rasa.replacing = True
            await _end(rasa.process)

    def rasa_command(self, model: Path, port: int) -> list[str]:
        return commands(self._settings, model, rasa_port=port)["rasa"]

    async def _keep(self, child: Child) -> None:
        while not self._stopping.is_set():
            child.started = time.monotonic()
            try:
                child.process, child.heir = child.heir or await self._begin(child.command, child.log), None
            except OSError as error:  # the disk is full or read-only, or there is no memory
                status = error.strerror or type(error).__name__
            else:
                status = str(await child.process.wait())
            if self._stopping.is_set():
                return
            if child.replacing:
                child.replacing = False
                continue
            child.deaths = 1 if time.monotonic() - child.started > STEADY else child.deaths + 1
            say(f"{child.name} stopped (status {status}); starting it again." + (f" Its log is {child.log}." if child.log else ""))
            pause = PAUSES[min(child.deaths - 1, len(PAUSES) - 1)]
            try:
                await asyncio.wait_for(self._stopping.wait(), pause)
            except TimeoutError:
                continue

    async def _begin(self, command: list[str], path: Path | None) -> asyncio.subprocess.Process:
        with _log(path) as log:
            return await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=self._environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=end_with(os.getpid()),
            )  # fmt: skip

    async def stop(self) -> None:
        """End all children: kindly first, by force after seven seconds."""
        self._stopping.set()
        known = dict.fromkeys([*(child.process for child in self.children if child.process), *self.heirs])
        alive = [process for process in known if process.returncode is None]
        for process in alive:
            _signal(process, signal.SIGTERM)
        waits = [asyncio.create_task(process.wait()) for process in alive]
        if waits:
            await asyncio.wait(waits, timeout=STOP_WITHIN)
        for process in alive:
            if process.returncode is None:
                _signal(process, signal.SIGKILL)


@contextlib.contextmanager
def _log(path: Path | None) -> Iterator[IO[bytes] | None]:
    """Where a child writes; None: where we do."""
    if path is None:
        yield None
        return
    if path.exists() and path.stat().st_size > LONGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    with path.open("ab") as log:
        yield log


async def _end(process: asyncio.subprocess.Process) -> None:
    """End one child: kindly first."""
    _signal(process, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        _signal(process, signal.SIGKILL)


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def rasa_host(settings: Settings) -> str:
    """Rasa is for this machine only, unless the workers of other machines are told where it is; it answers nobody without the token."""
    return settings.host if settings.rasa_urls else "127.0.0.1"


def commands(settings: Settings, model: Path, *, rasa_port: int | None = None) -> dict[str, list[str]]:
    python = sys.executable
    return {
        "sandbox": [python, "-m", "backoffice.sandbox"],
        "actions": [python, "-m", "bot.actions.server"],
        "rasa": [
            python, "-m", "rasa", "run", "--model", str(model), "--interface", rasa_host(settings),
            "--port", str(rasa_port or settings.rasa_port),
            "--endpoints", str(endpoints(settings)), "--credentials", "credentials.yml",
        ],
        "channels": [python, "-m", "channels"],
        "doors": [python, "-m", "channels", "doors"],
        "worker": [python, "-m", "channels", "worker"],
        "console": [python, "-m", "console"],
    }  # fmt: skip


def environment(settings: Settings) -> dict[str, str]:
    """What every child gets besides our own environment."""
    return {
        "HEARBACK_HOME": str(settings.home),
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_ACCESS_LOG": "false",
        "PYTHONUNBUFFERED": "1",
        "TQDM_DISABLE": "1",
        # One thread is enough for vectors of 512 numbers; more only take the other processes' time.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def endpoints(settings: Settings) -> Path:
    """Rasa's endpoints.yml with the action server's port as it is set."""
    value = yaml.safe_load((ROOT / "endpoints.yml").read_text())
    value["action_endpoint"]["url"] = f"http://127.0.0.1:{settings.actions_port}/webhook"
    if settings.redis:
        value["lock_store"] = {"type": "bot.lock_store.SharedLockStore"}
    path = settings.home / f"endpoints.{settings.rasa_port}.yml"
    path.write_text(yaml.safe_dump(value))
    return path


def refuse_real_texts(settings: Settings) -> None:
    """A data folder whose clock was moved on texts nobody by Twilio's real API."""
    if settings.twilio_account and settings.twilio_api == TWILIO_REAL_API and moved(settings.home):
        raise SettingsError(
            f"The clock of {settings.home} was moved on for a trial: real people would be texted at wrong times. "
            "Take another HEARBACK_HOME."
        )


def check_ports(settings: Settings, only: Sequence[str] = ()) -> None:
    """Stop with one sentence when another program has a port of ours."""
    for process, name, host, port in (
        ("doors" if "doors" in only else "channels", "HEARBACK_PORT", settings.host, settings.port),
        ("worker", "HEARBACK_WORKER_PORT", settings.host, settings.worker_port),
        ("console", "HEARBACK_CONSOLE_PORT", settings.host, settings.console_port),
        ("sandbox", "HEARBACK_SANDBOX_PORT", settings.host, settings.sandbox_port),
        ("rasa", "HEARBACK_RASA_PORT", rasa_host(settings), settings.rasa_port),
        ("actions", "HEARBACK_ACTIONS_PORT", "127.0.0.1", settings.actions_port),
    ):
        if process not in (only or EVERYTHING):
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except socket.gaierror as error:
                raise SettingsError(f"HEARBACK_HOST is {host!r}, which is no address of this machine ({error.strerror}).") from None
            except OSError as error:
                sentence = f"{name} is {port}, which cannot be used ({error.strerror}): stop what uses it or set another port."
                raise SettingsError(sentence) from None


async def wait_until_ready(settings: Settings, seconds: float, only: Sequence[str] = ()) -> bool:
    """Ask the processes that are started here until they are ready; says what is missing while it takes long."""
    until, told = time.monotonic() + seconds, ""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while time.monotonic() < until:
            reasons = [one for url in asked_whether_ready(settings, only) for one in await _reasons(session, url)]
            if not reasons:
                return True
            if reasons[0] != told and time.monotonic() > until - seconds + 5:
                told = reasons[0]
                say(f"Waiting: {told}")
            await asyncio.sleep(0.2)
    return False


def asked_whether_ready(settings: Settings, only: Sequence[str]) -> list[str]:
    """Where to ask, of the processes that say themselves how they are; Rasa is asked by its worker."""
    places = {
        "channels": f"http://{settings.host}:{settings.port}/ready",
        "doors": f"http://{settings.host}:{settings.port}/ready",
        "worker": f"http://{settings.host}:{settings.worker_port}/ready",
        "console": f"http://{settings.host}:{settings.console_port}/health",
    }
    return [url for process, url in places.items() if process in (only or EVERYTHING)]


async def _reasons(session: aiohttp.ClientSession, url: str) -> list[str]:
    try:
        async with session.get(url) as answer:
            if answer.status == 200:
                return []
            return list((await answer.json()).get("reasons") or ["starting"])
    except (aiohttp.ClientError, OSError, ValueError):
        return [f"{url} does not answer yet."]


def say(sentence: str) -> None:
    """Where nobody reads any more, or the disk that it goes to is full, the sentence is lost and nothing else."""
    with contextlib.suppress(OSError):
        print(sentence, flush=True)  # noqa: T201


async def run(settings: Settings, only: Sequence[str] = ()) -> int:
    """Everything, or only these processes, from an empty data folder to the printed addresses, until SIGTERM or Ctrl-C."""
    if {"doors", "worker"} & set(only):
        settings.check_apart()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    private.only_ours(settings.home)
    chat_look()
    opening_hours()
    schedule()
    teams()
    replies()
    check_ports(settings, only)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"HEARBACK_HOME is {settings.home}, which cannot be made ({error.strerror}).") from None
    load_keys(settings.home)
    shared_clock(settings.home, settings.time_scale)
    refuse_real_texts(settings)
    password = await people.prepare(settings)
    if (model := training.current()) is None and "rasa" in (only or EVERYTHING):
        if await asyncio.to_thread(training.train) != 0:
            return 1
        model = training.current()
        assert model is not None
    names = f"{', '.join(only)}." if only else "the sandbox council, the action server, Rasa, the doors and the console."
    say(f"Starting {names}")
    supervisor = Supervisor(settings, model or ROOT, only)
    running = asyncio.create_task(supervisor.keep_running())
    ready = asyncio.create_task(wait_until_ready(settings, 180, only))
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait([ready, stopped], return_when=asyncio.FIRST_COMPLETED)
    if ready.done() and not ready.result():
        say(f"Not ready after three minutes. The logs are in {settings.home / 'logs'}.")
        await supervisor.stop()
        return 1
    if ready.done():
        if only:
            say(f"Ready: {', '.join(only)}. Ctrl-C stops.")
            if password:
                say(f"Sign in to the console as admin with the password {password}")
        else:
            announce(settings, password)
    await stopped
    say("Stopping.")
    ready.cancel()
    await supervisor.stop()
    await running
    return 0


def announce(settings: Settings, password: str | None) -> None:
    """The addresses, the first password, and what is off."""
    base = f"http://{settings.host}"
    say("")
    say("Hearback is ready.")
    say(f"  Council page   {base}:{settings.port}/")
    say(f"  Web chat       {base}:{settings.port}/chat")
    say(f"  Console        {base}:{settings.console_port}/")
    if password:
        say(f"                 sign in as admin with the password {password}")
    say(f"  Sandbox        {base}:{settings.sandbox_port}/  (a pretend council: close reports there)")
    if settings.sms_by_sandbox:
        say(f"  SMS            off without TWILIO_ACCOUNT_SID; try the phone at {base}:{settings.sandbox_port}/phone")
    if not settings.open311:
        say("  Back office    the sandbox; set HEARBACK_OPEN311_URL for the council's own")
    say("Ctrl-C stops it.")
