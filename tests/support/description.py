# An OpenAPI description, and live answers held against it.
import re

import jsonschema
from openapi_spec_validator import OpenAPIV31SpecValidator

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


class Description:
    def __init__(self, document):
        self.document = document
        self.operations = {
            (method, re.sub(r"\{[^}]*\}", "{}", path)): operation
            for path, item in document["paths"].items()
            for method, operation in item.items() if method in METHODS
        }

    @classmethod
    def of(cls, program, service):
        """What the operations listener of the program tells of the service."""
        answer = program.http.get(f"{program.ops}/openapi/{service}.json")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/json")
        return cls(answer.json())

    def expect_valid(self):
        assert self.document["openapi"].startswith("3.1")
        OpenAPIV31SpecValidator(self.document).validate()

    def resolved(self, node):
        while "$ref" in node:
            place = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                place = place[step.replace("~1", "/").replace("~0", "~")]
            node = place
        return node

    def check(self, schema, value):
        """Validates with references into the document resolved."""
        jsonschema.Draft202012Validator(
            {"$id": "urn:souk", **self.document, "$ref": "#/x-tested", "x-tested": schema},
        ).validate(value)

    def covers(self, method, path, answer):
        operation = self.operations[method, path]
        responses = operation["responses"]
        status = str(answer.status_code)
        assert status in responses, f"{method} {path} answered {status}, described are {list(responses)}"
        response = self.resolved(responses[status])
        for name, header in response.get("headers", {}).items():
            if self.resolved(header).get("required"):
                assert name.lower() in answer.headers, f"{method} {path} {status} lacks {name}"
        content = response.get("content", {})
        if not content:
            assert answer.content == b"", f"{method} {path} {status} has a body nobody described"
            return
        media_type = answer.headers["content-type"].partition(";")[0]
        assert media_type in {name.partition(";")[0] for name in content}
        if media_type == "application/json":
            described = next(v for k, v in content.items() if k.startswith("application/json"))
            self.check(described["schema"], answer.json())
