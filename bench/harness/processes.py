"""The servers under measurement, started and stopped, and what the kernel says about them."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

from harness import http

SERVER_CORE = 0
LOAD_CORE = 1
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 30
# Settings of whoever runs the benchmarks must not leak into them.
FOREIGN_SETTINGS = re.compile(
    r"^(SOUK|FLASH|MODS|STORE|RECORDS|WATCH|REDIS|KAFKA|TURSO|CLERK|SMTP|IMAGE_KIT)_|"
    r"^(DATABASE_URL|RATE_LIMIT_RPS|ADMIN_TOKEN|PORT|APP_ENV)$")


class BenchError(Exception):
    """A measurement that could not be made; the message says why."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def raise_file_limit() -> int:
    """Every process started from here on may open as many files as the system allows."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Server:
    """A child process; `core` pins it, None leaves it to the scheduler."""

    def __init__(self, command: list[str], core: int | None, log: Path, environment: dict[str, str] | None = None):
        pin = [] if core is None else ["taskset", "-c", str(core)]
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(pin + command, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                            env=environment)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def wait_started(self, ready, what: str) -> None:
        try:
            self.wait_until(ready, f"starting {what}", pause=0.0005)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def wait_until(self, ready, what: str, seconds_max: float = START_SECONDS_MAX, pause: float = 0.002) -> float:
        """Polls until ready() is true; returns the seconds it took."""
        started = time.monotonic()
        while not ready():
            if self.process.poll() is not None:
                raise BenchError(f"{what}: the server ended with {self.process.returncode}: {self.last_words()}")
            if time.monotonic() - started > seconds_max:
                raise BenchError(f"{what}: not within {seconds_max:.0f} s")
            time.sleep(pause)
        return time.monotonic() - started

    def last_words(self) -> str:
        return " | ".join(self.log.read_text(errors="replace").strip().splitlines()[-3:]) or "no output"

    def stop(self) -> float:
        """Ends the process politely, then not; returns the seconds it took."""
        started = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise BenchError(f"the server did not stop within {STOP_SECONDS_MAX} s of SIGTERM") from None
        return time.monotonic() - started

    def cpu_seconds(self) -> float:
        """User and system time of all threads so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024


class Floor(Server):
    """The yardstick, answering with exactly the given bytes."""

    def __init__(self, binary: Path, answer: bytes, work: Path):
        self.port = free_port()
        canned = work / f"floor-{self.port}.bytes"
        canned.write_bytes(answer)
        super().__init__([str(binary), str(self.port), "--bytes", str(canned)], SERVER_CORE, work / "floor.log")
        self.wait_started(lambda: http.accepts(self.port), "floor")


class Souk(Server):
    """The release binary, with a data directory and ports of its own."""

    def __init__(self, binary: Path, data: Path, *, rate_limit: int = 0, core: int | None = SERVER_CORE,
                 loops: int | None = 1, services: tuple[str, ...] = ("flash",), settings: dict[str, str] | None = None):
        self.data = data
        self.port, self.store_port, self.admin_port = free_port(), free_port(), free_port()
        self.environment = {name: value for name, value in os.environ.items() if not FOREIGN_SETTINGS.match(name)}
        self.environment |= {
            "SOUK_DATA_DIR": str(data), "SOUK_ADDRESS": "127.0.0.1", "SOUK_ADMIN_PORT": str(self.admin_port),
            "FLASH_PORT": str(self.port), "FLASH_WAITING_ROOM_PORT": str(free_port()),
            "FLASH_RATE_LIMIT_RPS": str(rate_limit), "STORE_PORT": str(self.store_port), **(settings or {}),
        }
        if loops is not None:
            self.environment["SOUK_LOOPS"] = str(loops)
        data.mkdir(parents=True, exist_ok=True)
        self.binary = binary
        self.started_at = time.monotonic()
        super().__init__([str(binary), "serve", *services], core, data.parent / "souk.log", self.environment)
        asked = self.store_port if services == ("store",) else self.port
        self.wait_started(lambda: http.is_healthy(asked), "souk")
        self.start_seconds = time.monotonic() - self.started_at

    def command(self, *arguments: str) -> str:
        """What another command of the same program prints, with the same settings."""
        done = subprocess.run([str(self.binary), *arguments], env=self.environment, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise BenchError(f"souk {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def init(self, product: str, quantity: int) -> None:
        answer = http.post(self.port, "/init", {"productId": product, "quantity": quantity})
        if answer.status != 200:
            raise BenchError(f"POST /init answered {answer.status}: {answer.body[:200]!r}")

    def stock(self, product: str) -> int:
        return http.get(self.port, f"/inventory/{product}").json()["stock"]

    def backlog(self) -> int:
        """Orders accepted and not yet in the database, from the operations listener."""
        found = http.metrics(self.admin_port, r"\w*flash_backlog(_orders)?")
        if not found:
            raise BenchError("/metrics names no flash backlog")
        return int(sum(found.values()))

    def wait_drained(self, seconds_max: float = 600) -> float:
        return self.wait_until(lambda: self.backlog() == 0, "draining the backlog", seconds_max, pause=0.01)


NOISY_CORES = 0.15


def noise_text(foreign_cores: float) -> str:
    return f"; {foreign_cores:.2f} cores busy elsewhere" if foreign_cores > NOISY_CORES else ""


class ForeignLoad:
    """How many cores others kept busy while a measurement ran; a large share makes it worthless."""

    def __init__(self, server: Server):
        self.server = server
        self.start = self._now()

    def _now(self) -> tuple[float, float, float]:
        ticks = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
        busy = sum(ticks[:3] + ticks[5:8]) / os.sysconf("SC_CLK_TCK")
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = resource.getrusage(resource.RUSAGE_SELF)
        ours = sum(usage.ru_utime + usage.ru_stime for usage in (children, own)) + self.server.cpu_seconds()
        return time.monotonic(), busy, ours

    def cores(self) -> float:
        now, busy, ours = self._now()
        return max(0.0, (busy - self.start[1]) - (ours - self.start[2])) / max(now - self.start[0], 1e-6)
