# Whoever is told of contact messages by HTTP: the owner's webhook, and a mail service in the style of Resend.
import json
import uuid

from support.http_stand_in import HttpStandIn


class Webhook(HttpStandIn):
    def __init__(self):
        super().__init__()
        self.status = 200

    def answer(self, request):
        return self.status, {"Content-Type": "application/json"}, json.dumps({"id": str(uuid.uuid4())}).encode()

    @property
    def received(self):
        """The JSON documents it has taken, in their order."""
        return [json.loads(request.body) for request in self.requests]
