#!/usr/bin/env python3
"""Files over 300 lines (tests: 500) and functions over 60 lines are errors.

C++ functions are found by matching braces in text stripped of comments and literals, Python ones by the parser. SQL and
pages are not counted.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

from source_tree import CPP_SUFFIXES, files_below, is_test

FILE_LINES_MAX = 300
TEST_FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60

FOLDERS = ["src", "tests", "bench", "fuzz", "scripts", "web"]
COUNTED_SUFFIXES = CPP_SUFFIXES | {".py", ".sh", ".ts", ".tsx", ".js", ".mjs"}

# Comments, raw strings, strings, characters (not the ' of 1'000) and preprocessor lines, in this order of precedence.
_NOT_CODE = re.compile(
    r"""//[^\n]*|/\*.*?\*/
      |\b(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"
      |"(?:\\.|[^"\\\n])*"
      |(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'
      |^[ \t]*\#(?:\\\n|[^\n])*""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_CONTAINER = re.compile(r"\b(namespace|class|struct|union|enum)\b(?![^(]*\boperator\b)[^()=]*$")
_CONTAINER_WITH_CALLS = re.compile(
    r"^\s*(template\b.*>\s*)?(class|struct|union|enum)\s+(alignas\s*\(.*?\)|\w|\s|\[\[.*?\]\])+(\s*:[^:].*)?$",
    re.DOTALL,
)
_EXTERN_BLOCK = re.compile(r'\bextern\s*$')
_INITIALISER_LIST = re.compile(r"\)\s*(noexcept\s*)?:(?!:)", re.DOTALL)
_ENDS_SIGNATURE = re.compile(r"(\)|&|\b(const|noexcept|override|final|mutable|try))$|->|\brequires\b")
_NAME = re.compile(r"([\w:~]+|operator\s*\S+?)\s*\(")


class Function(NamedTuple):
    name: str
    line: int
    lines: int


def blanked(text: str) -> str:
    """The text with everything that is not code made blank, at the same places and on the same lines."""
    return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def opens_container(head: str) -> bool:
    return bool(_CONTAINER.search(head) or _CONTAINER_WITH_CALLS.match(head) or _EXTERN_BLOCK.search(head))


def opens_function(head: str) -> bool:
    """Whether the brace after `head`, at the level of a namespace or class, begins a body and not a value."""
    text = head.rstrip()
    if "(" not in text or text.count("(") > text.count(")"):
        return False
    if _INITIALISER_LIST.search(text):
        return text.endswith((")", "}"))  # `: size_{3}` is a member's value, `: size_(3) {` the body.
    return bool(_ENDS_SIGNATURE.search(text))


def matching_brace(code: str, opening: int) -> int:
    depth = 0
    for place in range(opening, len(code)):
        if code[place] == "{":
            depth += 1
        elif code[place] == "}":
            depth -= 1
            if depth == 0:
                return place
    return len(code) - 1


def cpp_functions(text: str) -> Iterator[Function]:
    code = blanked(text)
    head_start = place = 0
    while place < len(code):
        letter = code[place]
        if letter in ";}":
            head_start = place + 1
        elif letter == "{":
            head = code[head_start:place]
            if opens_container(head):
                head_start = place + 1
            else:
                end = matching_brace(code, place)
                if opens_function(head):
                    yield function_at(code, head_start, place, end)
                    head_start = end + 1
                place = end
        place += 1


def function_at(code: str, head_start: int, opening: int, end: int) -> Function:
    head = code[head_start:opening]
    # An access label is part of the class, not of the function after it.
    label = re.match(r"\s*(?:public|protected|private)\s*:(?!:)", head)
    begin = head_start + (label.end() if label else 0)
    begin += len(code[begin:opening]) - len(code[begin:opening].lstrip())
    name = _NAME.search(code[begin:opening])
    line = code.count("\n", 0, begin) + 1
    return Function(name[1] if name else "?", line, code.count("\n", begin, end) + 1)


def python_functions(text: str) -> Iterator[Function]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield Function(node.name, node.lineno, node.end_lineno - node.lineno + 1)


def functions_of(path: Path, text: str) -> Iterator[Function]:
    if path.suffix in CPP_SUFFIXES:
        return cpp_functions(text)
    return python_functions(text) if path.suffix == ".py" else iter(())


def violations(root: Path) -> Iterator[str]:
    for path in files_below(root, FOLDERS, COUNTED_SUFFIXES):
        text = path.read_text(encoding="utf-8")
        file = path.relative_to(root)
        lines = len(text.splitlines())
        lines_max = TEST_FILE_LINES_MAX if is_test(file) else FILE_LINES_MAX
        if lines > lines_max:
            yield f"{file}:{lines_max + 1}: the file has {lines} lines, {lines_max} are the limit; split it by noun"
        for function in functions_of(path, text):
            if function.lines > FUNCTION_LINES_MAX:
                yield (f"{file}:{function.line}: {function.name} has {function.lines} lines, "
                       f"{FUNCTION_LINES_MAX} are the limit")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    found = list(violations(parser.parse_args().root))
    for violation in found:
        print(violation)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
