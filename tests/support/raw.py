# Requests as raw bytes, for what a well-behaved client library cannot send.
import http.client
import socket


class RawAnswer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()
        self.text = self.body.decode()


def connect(port, seconds=15):
    return socket.create_connection(("127.0.0.1", port), timeout=seconds)


def read_answer(connection, method="GET"):
    response = http.client.HTTPResponse(connection, method=method)
    response.begin()
    return RawAnswer(response)


def exchange(port, request, method="POST"):
    """Sends the bytes on a connection of their own and reads one answer."""
    with connect(port) as connection:
        connection.sendall(request)
        return read_answer(connection, method)


def post_bytes(path, body, headers=()):
    """A POST request as bytes, with exactly the given header lines besides Host and the length."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body
