# One real PostgreSQL for the test session, run as its own user on a free port.
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from support.eventually import eventually
from support.ports import free_port


def _bin_dir():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    if found:
        return found[-1]
    asked = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
    return Path(asked.stdout.strip())


def _children(pid):
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _state(pid):
    """The kernel's letter for what the process does; Z when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


class Postgres:
    def __init__(self):
        self.bin = _bin_dir()
        self.root = Path(tempfile.mkdtemp(prefix="souk-postgres-", dir="/tmp"))
        self.port = free_port()
        self.process = None
        self._frozen = []
        self._databases = 0
        # PostgreSQL refuses to run as root, so root hands the directory to the postgres user.
        self._as_user = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.root, user.pw_uid, user.pw_gid)
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def create(self):
        subprocess.run(
            [*self._as_user, self.bin / "initdb", "-D", self.root / "data", "-U", "postgres",
             "--auth=trust", "--encoding=UTF8", "--no-locale"],
            cwd=self.root, check=True, stdout=subprocess.DEVNULL)
        return self.start()

    def start(self):
        if self.running:
            return self
        with open(self.root / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*self._as_user, self.bin / "postgres", "-D", self.root / "data",
                 "-p", str(self.port), "-k", self.root, "-c", "listen_addresses=127.0.0.1",
                 "-c", "fsync=on", "-c", "recovery_init_sync_method=syncfs",
                 "-c", "max_connections=200"],
                cwd=self.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return self
            except psycopg.OperationalError as not_yet:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"PostgreSQL did not start: {not_yet}\n{self.log}")
            time.sleep(0.02)

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def log(self):
        path = self.root / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def url(self, database):
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self):
        """A fresh, empty database; gives its URL."""
        self._databases += 1
        name = f"souk_{self._databases}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop_database(self, url):
        """Few files make a quick recovery: each start after a crash looks at every one of them."""
        if self.running:
            name = url.rpartition("/")[2]
            with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self, how=signal.SIGQUIT):
        """Stops at once, as `pg_ctl -m immediate` does: no checkpoint, connections cut."""
        if self.running:
            self.thaw()
            self.process.send_signal(how)
            self.process.wait(30)

    def kill(self):
        """SIGKILL of the whole server; its processes are ended one by one, each by its id."""
        if not self.running:
            return
        # Stopped first, it has no further child while they are counted.
        self.process.send_signal(signal.SIGSTOP)
        eventually(lambda: _state(self.process.pid) in "TZ")
        doomed = _children(self.process.pid)
        self.process.kill()
        for pid in doomed:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it noticed the death of its parent first
        self.process.wait(30)
        # One that still dies holds the shared memory, and the next start would refuse.
        eventually(lambda: all(_state(pid) == "Z" for pid in doomed))

    def freeze(self):
        """Stops every process with SIGSTOP: connections stay open and nobody answers."""
        os.kill(self.process.pid, signal.SIGSTOP)
        self._frozen = [self.process.pid, *_children(self.process.pid)]
        for pid in self._frozen[1:]:
            os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in reversed(self._frozen):
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass  # a connection's process may have been killed while it was frozen
        self._frozen = []

    def destroy(self):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)
