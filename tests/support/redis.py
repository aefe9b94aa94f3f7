# A real redis-server on a free port, its directory its own; and a server that is none.
import os
import pwd
import shutil
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
from pathlib import Path

from support.eventually import eventually
from support.ports import free_port


class Redis:
    def __init__(self, password=None):
        self.root = Path(tempfile.mkdtemp(prefix="souk-redis-", dir="/tmp"))
        self.port = free_port()
        self.password = password
        self.process = None
        self._frozen = False
        self._as_user = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(self.root, user.pw_uid, user.pw_gid)
            self._as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]

    @property
    def url(self):
        secret = f":{self.password}@" if self.password else ""
        return f"redis://{secret}127.0.0.1:{self.port}"

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        if self.running:
            return self
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                   "--dir", str(self.root)]
        if self.password:
            options += ["--requirepass", self.password]
        with open(self.root / "log", "ab") as log:
            self.process = subprocess.Popen([*self._as_user, "redis-server", *options], cwd=self.root,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self.answers, 10, "redis-server answers")
        return self

    def answers(self):
        assert self.running, (self.root / "log").read_text(errors="replace")
        try:
            return self.ask("PING") == "PONG"
        except OSError as not_yet:
            raise AssertionError(str(not_yet))

    def ask(self, *words, seconds=5):
        """One command and its answer, on a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            stream = connection.makefile("rwb")
            if self.password:
                call(stream, "AUTH", self.password)
            return call(stream, *words)

    def keys(self, pattern="*"):
        return sorted(self.ask("KEYS", pattern))

    def stop(self):
        if self.running:
            self.thaw()
            self.process.kill()
            self.process.wait(10)

    def freeze(self):
        """It keeps its connections and does not answer."""
        self.process.send_signal(signal.SIGSTOP)
        self._frozen = True

    def thaw(self):
        if self._frozen:
            self.process.send_signal(signal.SIGCONT)
            self._frozen = False

    def destroy(self):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)


def call(stream, *words):
    parts = [str(word).encode() for word in words]
    stream.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
    stream.flush()
    return read_reply(stream)


def read_reply(stream):
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionError(f"Redis left: {line!r}")
    kind, rest = line[:1], line[1:-2].decode()
    if kind == b"-":
        raise AssertionError(f"Redis refused: {rest}")
    if kind == b"$":
        return None if rest == "-1" else stream.read(int(rest) + 2)[:-2].decode()
    if kind == b"*":
        return [read_reply(stream) for _ in range(max(int(rest), 0))]
    if kind not in b":+":
        raise ConnectionError(f"no Redis there: {line!r}")
    return int(rest) if kind == b":" else rest


class Nonsense:
    """Listens where a Redis was and answers every line with what Redis would never say."""

    def __init__(self, port, babble):
        self.connections = 0
        owner = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                owner.connections += 1
                while self.rfile.readline():
                    self.wfile.write(babble)

        self._server = _Server(("127.0.0.1", port), Session)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class SlowLine:
    """Stands before a Redis: every answer of it comes `seconds` late."""

    def __init__(self, redis, seconds=0.0):
        self.port = free_port()
        self.seconds = seconds
        owner = self

        class Session(socketserver.BaseRequestHandler):
            def handle(self):
                with socket.create_connection(("127.0.0.1", redis.port)) as behind:
                    threading.Thread(target=pump, args=(self.request, behind, lambda: 0.0), daemon=True).start()
                    pump(behind, self.request, lambda: owner.seconds)

        self._server = _Server(("127.0.0.1", self.port), Session)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def pump(source, sink, seconds):
    """Hands on what comes, each piece that much later, until one side closes; then closes the other."""
    try:
        while piece := source.recv(65536):
            threading.Event().wait(seconds())
            sink.sendall(piece)
    except OSError:
        pass  # one side is gone, and the other follows below
    try:
        sink.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it was gone first


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients are meant to run away from it."""
