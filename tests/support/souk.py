# The program under test: the real binary on free ports of the loopback interface.
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from support.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]

# Names that would leak from the caller's environment into the program's settings.
PLAIN_NAMES = {
    "ADMIN_TOKEN", "API_URL", "APP_ENV", "CANCEL_WINDOW_SECONDS", "CORS_ORIGINS", "DATABASE_URL",
    "FRONTEND_URL", "GROQ_API_KEY", "IDEMPOTENCY_TTL_SECONDS", "KAFKA_BROKER", "KAFKA_BROKERS",
    "MAX_BACKLOG", "MAX_PER_USER", "PER_IP_RPS", "PORT", "RATE_LIMIT_RPS", "TRUSTED_PROXIES",
    "WAITING_ROOM_PORT", "WAITING_ROOM_RETURN_ORIGINS", "WAITING_ROOM_URL",
}
PROGRAM_NAMES = {"DATA_DIR", "ENV", "LOOPS", "ADDRESS", "ADMIN_ADDRESS"}
PREFIXES = ("SOUK_", "FLASH_", "STORE_", "CLERK_", "CONTACT_", "IMAGE_KIT_", "REDIS_", "RESEND_", "SMTP_", "TURSO_")


def binary():
    return os.environ.get("SOUK_BINARY") or str(REPOSITORY / "build/release/souk")


def clean_environment():
    """The caller's environment without anything the program would read as a setting."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in PLAIN_NAMES and not name.startswith(PREFIXES)
    }


def environment_name(keyword):
    """rate_limit_rps -> FLASH_RATE_LIMIT_RPS, data_dir -> SOUK_DATA_DIR, souk_env -> SOUK_ENV."""
    name = keyword.upper()
    if name in PROGRAM_NAMES:
        return "SOUK_" + name
    return name if name.startswith(("SOUK_", "FLASH_")) else "FLASH_" + name


class Souk:
    """One running `souk serve flash`. Use as a context manager, or call stop() yourself."""

    service = "flash"  # what is served, as words of the command line; none: all
    started = []  # every instance of this session, so that a failing test can show what they said

    def __init__(self, **settings):
        self.owned = Path(tempfile.mkdtemp(prefix="souk-test-"))
        self.data_dir = Path(settings.pop("data_dir", None) or self.owned / "data")
        self.api_port = int(settings.pop("port", None) or free_port())
        self.waiting_room_port = int(settings.pop("waiting_room_port", None) or free_port())
        self.ops_port = int(settings.pop("souk_admin_port", None) or free_port())
        self.settings = settings
        self.storage = None
        self.process = None
        self.http = httpx.Client(timeout=15, trust_env=False)
        self.stderr_path = self.owned / "stderr"
        Souk.started.append(self)

    @classmethod
    def start(cls, wait_for="ready", **settings):
        """Starts the program. wait_for: "ready" (all dependencies), "alive", or None."""
        souk = cls(**settings)
        try:
            return souk.launch(wait_for)
        except BaseException:
            souk.close()
            raise

    @property
    def api(self):
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def waiting_room(self):
        return f"http://127.0.0.1:{self.waiting_room_port}"

    @property
    def ops(self):
        return f"http://127.0.0.1:{self.ops_port}"

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def stderr(self):
        return self.stderr_path.read_text(errors="replace") if self.stderr_path.exists() else ""

    def environment(self):
        names = {"SOUK_DATA_DIR": str(self.data_dir), "SOUK_ADMIN_PORT": str(self.ops_port)} | self.ports()
        for keyword, value in self.settings.items():
            if value is not None:
                names[self.name_of(keyword)] = str(value)
        return clean_environment() | names

    def ports(self):
        return {"FLASH_PORT": str(self.api_port), "FLASH_WAITING_ROOM_PORT": str(self.waiting_room_port)}

    @staticmethod
    def name_of(keyword):
        return environment_name(keyword)

    def launch(self, wait_for="ready", seconds=30):
        assert not self.running, "the program is running already"
        with open(self.stderr_path, "ab") as errors:
            # The working directory is our own, since the program reads ./souk.toml.
            self.process = subprocess.Popen(
                [binary(), "serve", *self.service.split()],
                env=self.environment(), cwd=self.owned, stdin=subprocess.DEVNULL,
                stdout=errors, stderr=errors,
            )
        if wait_for is not None:
            self.wait_until({"ready": "/readyz", "alive": "/healthz"}[wait_for], seconds)
        return self

    def wait_until(self, path="/readyz", seconds=30):
        """Polls the operations listener until path answers 200; the program's death is a failure."""
        deadline = time.monotonic() + seconds
        last = "no answer"
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(
                    f"souk ended with {self.process.returncode} before {path} said 200:\n{self.stderr}")
            try:
                answer = self.http.get(self.ops + path, timeout=2)
                if answer.status_code == 200:
                    return self
                last = f"{answer.status_code} {answer.text}"
            except httpx.TransportError as not_yet:
                last = repr(not_yet)
            time.sleep(0.02)
        raise AssertionError(f"{path} did not say 200 within {seconds} s ({last}):\n{self.stderr[-4000:]}")

    def stop(self, seconds=12):
        """SIGTERM; the program must drain and leave with exit code 0."""
        assert self.running, f"souk is not running any more:\n{self.stderr}"
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"souk did not end within {seconds} s of SIGTERM:\n{self.stderr}")
        assert code == 0, f"souk ended with {code} after SIGTERM:\n{self.stderr}"

    def kill(self):
        """SIGKILL, as a power cut would end it."""
        if self.running:
            self.process.kill()
        if self.process is not None:
            self.process.wait()

    def restart(self, wait_for="ready"):
        """Starts again with the same data and ports; a program still running is stopped first."""
        if self.running:
            self.stop()
        return self.launch(wait_for)

    def expect_exit(self, seconds=10):
        """Waits until the program ends by itself; gives its exit code and what it wrote."""
        try:
            return self.process.wait(seconds), self.stderr
        except subprocess.TimeoutExpired:
            raise AssertionError(f"souk was expected to end within {seconds} s:\n{self.stderr}")

    def close(self):
        """Takes everything away: stops what runs, and removes what this object made."""
        try:
            if self.running:
                self.stop()
        finally:
            self.kill()
            self.http.close()

    def discard(self):
        """Removes the files as well; kept until the end of the test, to be shown if it fails."""
        if self in Souk.started:
            Souk.started.remove(self)
        shutil.rmtree(self.owned, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        # After a failure inside the block that failure matters, not how the program ends.
        if kind is None:
            self.close()
        else:
            self.kill()
            self.http.close()


class Programs:
    """What a fixture starts: at the end of the block all are closed, then removed with their files."""

    def __init__(self):
        self.programs, self.storages = [], []

    def launch(self, program, storage=None, wait_for="ready"):
        program.storage = storage
        self.programs.append(program)
        return program.launch(wait_for)

    def own(self, storage):
        """Removes the storage as well."""
        self.storages.append(storage)
        return storage

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            for program in self.programs:
                if kind is None:
                    program.close()
        finally:
            for program in self.programs:
                program.kill()
                program.discard()
            for storage in self.storages:
                storage.discard()
