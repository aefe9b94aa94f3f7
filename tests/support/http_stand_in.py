# An HTTP server on the loopback interface, inside the test: each stand-in says what it answers.
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.ports import free_port


@dataclass
class Request:
    method: str
    path: str
    headers: dict  # names in lower case
    body: bytes


class HttpStandIn:
    """Give it to `with`, or call stop(). Subclasses write answer(request) -> (status, headers, body)."""

    def __init__(self):
        self.port = free_port()
        self.requests = []
        self._server = None
        self._let_go = threading.Event()  # set: nobody is kept waiting
        self._let_go.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request):
        raise NotImplementedError

    def start(self):
        if self._server is None:
            self._server = _Server(("127.0.0.1", self.port), _handler_for(self))
            threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        """From now on connections are refused; start() takes the same port again."""
        self._let_go.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def stall(self):
        """Requests are taken, and answered only after go_on()."""
        self._let_go.clear()

    def go_on(self):
        self._let_go.set()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that left early is no failure of the test; what it missed, the test sees."""


def _handler_for(stand_in):
    class Handler(BaseHTTPRequestHandler):
        timeout = 30  # a client that says nothing does not keep its thread

        def handle_any(self):
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, self.rfile.read(length))
            stand_in.requests.append(request)
            stand_in._let_go.wait()
            status, answer_headers, body = stand_in.answer(request)
            self.send_response(status)
            for name, value in answer_headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any

        def log_message(self, *_):
            """The tests look at `requests`; nobody reads a log."""

    return Handler
