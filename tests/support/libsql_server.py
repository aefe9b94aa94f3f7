# A libSQL server for tests: Hrana over HTTP in front of a real SQLite file. It refuses what the protocol
# forbids, and fails where a test says. Inside a test it is LibsqlServer; as a program,
# `libsql_server.py FILE --port N`, its switches are set by POST /control and its counters read by GET.
import argparse
import json
import secrets
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.libsql_sql import Connection, Malformed, Refused  # noqa: E402

PIPELINES = ("/v2/pipeline", "/v3/pipeline")
VERSIONS = ("/v2", "/v3", "/health", "/version")


class Switches:
    """What a test may set. Those that count say how many of the next ones are concerned."""

    COUNTED = ("busy", "drop_before", "drop_after", "fail")
    PLAIN = ("only", "delay_seconds", "status", "base_url", "idle_seconds", "busy_seconds", "statement_seconds",
             "token")

    def __init__(self, token):
        self.busy = 0  # BEGINs that find the database locked
        self.drop_before = 0  # pipelines whose connection is cut instead of carrying them out
        self.drop_after = 0  # pipelines that are carried out, and whose connection is cut then
        self.fail = 0  # pipelines answered with `status` instead
        self.status = 500
        self.only = ""  # pipelines without this text in them are not concerned by drop_before, drop_after and fail
        self.delay_seconds = 0.0  # before each answer
        self.base_url = None  # announced in each answer
        self.idle_seconds = 10.0  # after which a stream is closed
        self.busy_seconds = 1.0  # how long a statement waits for a lock
        self.statement_seconds = 5.0  # the longest a statement may take
        self.token = token
        self._lock = threading.Lock()

    def set(self, values):
        for name, value in values.items():
            if name not in self.COUNTED + self.PLAIN:
                raise Malformed(f"no switch: {name}")
            setattr(self, name, value)

    def take(self, name, body=None):
        """Whether this one is concerned."""
        with self._lock:
            left = getattr(self, name)
            if left == 0 or body is not None and self.only.encode() not in body:
                return False
            setattr(self, name, left - 1)
            return True

    def before_statement(self, sql):
        if sql.lstrip().upper().startswith("BEGIN") and self.take("busy"):
            raise Refused("SQLITE_BUSY", "SQLite error: database is locked")


class Stream:
    def __init__(self, connection, life):
        self.connection = connection
        self.life = life  # of the server: it does not outlive it
        self.last_used = time.monotonic()
        self.is_open = True

    def close(self):
        self.is_open = False
        self.connection.close()


class LibsqlServer:
    """Give it to `with`, or call start() and stop(); start() after stop() takes the same port again."""

    def __init__(self, file, token=None, port=0):
        self.file = str(file)
        self.port = port
        self.switches = Switches(token)
        self.pipelines = 0  # carried out
        self.life = 0  # how often it was stopped
        self._streams = {}  # baton -> stream; a baton is taken out by the call that uses it
        self._lock = threading.Lock()
        self._under_way = 0  # pipelines
        self._all_ended = threading.Condition(self._lock)
        self._server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        if self._server is None:
            self._server = _Server(("127.0.0.1", self.port), self)
            self.port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        """As when the server is killed: connections are cut, and what was not committed is gone."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server.cut_all()
        self._server = None
        with self._lock:
            self.life += 1
            streams, self._streams = list(self._streams.values()), {}
        for stream in streams:
            stream.close()
        # A thread cannot be killed: each ends before its next statement, and nothing is committed after this.
        with self._all_ended:
            assert self._all_ended.wait_for(lambda: self._under_way == 0, 30), "a pipeline does not end"

    def kill(self):
        self.stop()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def set(self, renew=None, **switches):
        """Sets switches; `renew` first sets them all back and goes on with another file."""
        if renew is not None:
            self.file = renew
            self.switches = Switches(self.switches.token)
        self.switches.set(switches)

    def counters(self):
        with self._lock:
            return {"pipelines": self.pipelines, "streams": len(self._streams)}

    def pipeline(self, body, life):
        """The answer to one call that came in this life of the server, or Malformed."""
        try:
            call = json.loads(body)
            baton, requests = call.get("baton"), list(call["requests"])
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise Malformed(f"no pipeline: {wrong!r}") from wrong
        with self._lock:
            if life != self.life:
                raise Malformed("the server has stopped")
            self._under_way += 1
        try:
            stream = self._stream(baton, life)
            results = self._results(stream, requests)
            return {"baton": self._next_baton(stream), "base_url": self.switches.base_url, "results": results}
        finally:
            with self._all_ended:
                self._under_way -= 1
                self._all_ended.notify_all()

    def _results(self, stream, requests):
        try:
            results = [self._result(stream, request) for request in requests]
        except Malformed:
            stream.close()
            raise
        with self._lock:
            self.pipelines += 1
        return results

    def _result(self, stream, request):
        if not stream.is_open or stream.life != self.life:
            return {"type": "error", "error": {"message": "the stream is closed", "code": "STREAM_CLOSED"}}
        try:
            response = stream.connection.answer(request)
        except Refused as refused:
            return {"type": "error", "error": refused.as_json()}
        stream.is_open = response["type"] != "close"
        return {"type": "ok", "response": response}

    def _stream(self, baton, life):
        self._close_idle()
        if baton is None:
            return Stream(Connection(self.file, self.switches), life)
        with self._lock:
            stream = self._streams.pop(baton, None)
        if stream is None:
            raise Malformed("this baton was used, or its stream has expired")
        return stream

    def _close_idle(self):
        idle_since = time.monotonic() - self.switches.idle_seconds
        with self._lock:
            late = [baton for baton, stream in self._streams.items() if stream.last_used < idle_since]
            streams = [self._streams.pop(baton) for baton in late]
        for stream in streams:
            stream.close()

    def _next_baton(self, stream):
        if not stream.is_open:
            return None
        stream.last_used = time.monotonic()
        baton = secrets.token_hex(8)
        with self._lock:
            if stream.life == self.life:
                self._streams[baton] = stream
                return baton
        stream.close()  # stopped meanwhile: what is not committed is gone
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address, libsql):
        self.libsql = libsql
        self.life = libsql.life
        self._connections = set()
        super().__init__(address, _Handler)

    def process_request(self, request, client_address):
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self._connections.discard(request)
        super().shutdown_request(request)

    def cut_all(self):
        for connection in list(self._connections):
            cut(connection)

    def handle_error(self, request, client_address):
        """A client that left early is no failure of the test; what it missed, the test sees."""


def cut(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it has gone by itself


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60  # a client that says nothing does not keep its thread

    def do_GET(self):
        if self.path == "/control":
            self.answer(200, self.server.libsql.counters())
        else:
            self.answer(200 if self.path in VERSIONS else 404, {"message": "souk's stand-in"})

    def do_POST(self):
        libsql = self.server.libsql
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            if self.path == "/control":
                libsql.set(**json.loads(body))
                self.answer(200, {})
            elif self.path in PIPELINES:
                self.carry_out(libsql, body)
            else:
                self.answer(404, {"message": "no such path"})
        except Malformed as malformed:
            self.answer(400, {"message": str(malformed)})

    def carry_out(self, libsql, body):
        switches = libsql.switches
        if switches.token and self.headers.get("authorization") != f"Bearer {switches.token}":
            return self.answer(401, {"message": "the token is missing or wrong"})
        if switches.take("drop_before", body):
            return self.drop()
        if switches.take("fail", body):
            return self.answer(switches.status, {"message": "as the test wants it"})
        answer = libsql.pipeline(body, self.server.life)
        time.sleep(switches.delay_seconds)
        if switches.take("drop_after", body):
            return self.drop()
        return self.answer(200, answer)

    def drop(self):
        self.close_connection = True
        cut(self.connection)

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """The tests look at counters; nobody reads a log."""


def main():
    parser = argparse.ArgumentParser(description="A libSQL server for tests.")
    parser.add_argument("file")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token")
    options = parser.parse_args()
    with LibsqlServer(options.file, options.token, options.port):
        threading.Event().wait()


if __name__ == "__main__":
    main()
