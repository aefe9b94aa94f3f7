# What a browser without script makes of a page.
import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    def __init__(self, answer):
        super().__init__()
        self.tags = []       # (name, attributes) of every element
        self.title = ""
        self.visible = ""    # text a visitor sees
        self._open = []      # (name, whether its text is hidden)
        self.feed(answer.text)

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag not in VOID:
            hidden = tag in ("script", "style", "template", "title") or "hidden" in attributes
            self._open.append((tag, hidden))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self._open and self._open[-1][0] == "title":
            self.title += data
        if not any(hidden for _, hidden in self._open):
            self.visible += data

    @property
    def refresh(self):
        """(seconds, address) of the refresh directive, or None."""
        for tag, attributes in self.tags:
            if tag == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
                found = re.fullmatch(r"\s*(\d+)\s*(?:[;,]\s*url\s*=\s*['\"]?(.*?)['\"]?\s*)?",
                                     attributes["content"], re.I)
                assert found, attributes
                return int(found[1]), found[2] or ""
        return None

    @property
    def refresh_query(self):
        return parse_qs(urlsplit(self.refresh[1]).query)
