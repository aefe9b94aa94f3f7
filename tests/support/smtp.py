# An SMTP server on the loopback interface, inside the test. It takes mails and keeps them, or it refuses,
# stalls or drops, as `mood` says when the client comes to that point.
import base64
import email
import email.policy
import socketserver
import threading
from dataclasses import dataclass

from support.ports import free_port

OWNER, FROM = "owner@example.com", "shop@example.com"

# mood to what it does:
#   takes              keeps the mail
#   refuses for good   550 to the recipient
#   refuses for now    451 to the recipient
#   refuses the text   554 after the data
#   stalls             takes the connection and never greets
#   stalls at the end  says nothing after the data, but has kept the mail
#   drops              closes at the recipient
#   drops at the end   closes after the data, and keeps nothing
MOODS = ["takes", "refuses for good", "refuses for now", "refuses the text", "stalls", "stalls at the end",
         "drops", "drops at the end"]


@dataclass
class Mail:
    sender: str
    recipients: list
    raw: bytes
    user: str = ""  # authorization, user and password, each after a NUL but the first

    @property
    def message(self):
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def text(self):
        return self.message.get_content().replace("\r\n", "\n")


class Smtp:
    def __init__(self):
        self.port = free_port()
        self.mood = "takes"
        self.mails = []
        self.connections = 0
        self.commands = []  # their first words, of all connections
        self.tls = None  # an ssl.SSLContext: STARTTLS is offered, or spoken from the beginning
        self.is_implicit = False
        self.password = None  # the only one that is welcome; None: any
        self._ended = threading.Event()
        self._server = None

    @property
    def settings(self):
        """What makes store mail its messages to this server."""
        return {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_tls": "none", "smtp_from_email": FROM,
                "contact_to_email": OWNER}

    def start(self):
        self._ended.clear()
        self._server = _Server(("127.0.0.1", self.port), _session_for(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        self._ended.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def stall(self):
        self._ended.wait()

    def let_go(self):
        """Whoever is kept waiting is dropped."""
        self._ended.set()
        self._ended = threading.Event()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that is gone is no failure of the test; what was not delivered, the test sees."""


def _session_for(smtp):
    class Session(_Session):
        owner = smtp

    return Session


class _Session(socketserver.StreamRequestHandler):
    owner = None
    timeout = 60

    def handle(self):
        self.sender, self.recipients, self.user = "", [], ""
        self.owner.connections += 1
        if self.owner.mood == "stalls":
            self.owner.stall()
            return
        if self.owner.is_implicit:
            self.encrypt()
        self.say("220 stand-in ESMTP")
        while line := self.rfile.readline():
            verb, _, rest = line.decode("latin-1").strip().partition(" ")
            self.owner.commands.append(verb.upper())
            if not self.obey(verb.upper(), rest):
                return

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def encrypt(self):
        secure = self.owner.tls.wrap_socket(self.connection, server_side=True)
        self.connection, self.rfile, self.wfile = secure, secure.makefile("rb"), secure.makefile("wb", 0)

    def obey(self, verb, rest):
        """False ends the session."""
        if verb in ("EHLO", "HELO"):
            starttls = "250-STARTTLS\r\n" if self.owner.tls and not self.owner.is_implicit else ""
            self.say(f"250-stand-in\r\n250-8BITMIME\r\n{starttls}250-SMTPUTF8\r\n250 AUTH PLAIN")
        elif verb == "STARTTLS":
            self.say("220 go on")
            self.encrypt()
        elif verb == "AUTH":
            self.authenticate(rest)
        elif verb == "MAIL":
            self.sender = rest
            self.say("250 fine")
        elif verb == "RCPT":
            return self.recipient(rest)
        elif verb == "DATA":
            return self.data()
        elif verb == "QUIT":
            self.say("221 bye")
            return False
        else:
            self.say("250 fine" if verb in ("RSET", "NOOP") else "500 what?")
        return True

    def authenticate(self, rest):
        """PLAIN, with what it says in the same line or in the next."""
        said = rest.removeprefix("PLAIN").strip()
        if not said:
            self.say("334 ")
            said = self.rfile.readline().decode().strip()
        self.user = base64.b64decode(said).decode()
        is_welcome = self.owner.password in (None, self.user.rpartition("\0")[2])
        self.say("235 welcome" if is_welcome else "535 5.7.8 wrong user or password")

    def recipient(self, rest):
        if self.owner.mood == "drops":
            return False
        if self.owner.mood == "refuses for good":
            self.say("550 5.1.1 no such user here")
        elif self.owner.mood == "refuses for now":
            self.say("451 4.3.0 come back later")
        else:
            self.recipients.append(rest)
            self.say("250 fine")
        return True

    def data(self):
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if self.owner.mood == "drops at the end":
            return False
        if self.owner.mood == "refuses the text":
            self.say("554 5.7.1 we do not like it")
            return True
        self.owner.mails.append(Mail(self.sender, self.recipients, b"".join(lines), self.user))
        if self.owner.mood == "stalls at the end":
            self.owner.stall()
            return False
        self.say("250 taken")
        return True
