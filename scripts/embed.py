#!/usr/bin/env python3
"""Writes a text file as a C++ constant: embed.py FILE SYMBOL FOLDER makes FOLDER/SYMBOL.h and FOLDER/SYMBOL.cpp."""

import sys
from pathlib import Path

HEADER = """\
// Made by scripts/embed.py; do not edit.
#pragma once

#include <string_view>

namespace souk::web {{

extern const std::string_view {symbol};

}}  // namespace souk::web
"""

SOURCE = """\
// Made by scripts/embed.py from {name}; do not edit.
#include "web/{symbol}.h"

namespace souk::web {{

constinit const std::string_view {symbol} =
{literals};

}}  // namespace souk::web
"""

# Compilers promise 65,536 characters for one literal, and refuse far longer ones in practice.
PIECE = 4_096


def literals(text: str) -> str:
    """The text as raw string literals side by side, which the compiler joins."""
    if ')embed"' in text:
        raise SystemExit("embed.py: the text holds the end mark of its own literal")
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)] or [""]
    return "\n".join(f'R"embed({piece})embed"' for piece in pieces)


def main() -> None:
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    file, symbol, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    text = file.read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{symbol}.h").write_text(HEADER.format(symbol=symbol), encoding="utf-8")
    source = SOURCE.format(name=file.name, symbol=symbol, literals=literals(text))
    (folder / f"{symbol}.cpp").write_text(source, encoding="utf-8")


if __name__ == "__main__":
    main()
