"""Text files are the same on every system: by itself, Python on Windows writes its code page and its ends of lines."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FILES = sorted(path.relative_to(ROOT) for top in ("src", "training") for path in (ROOT / top).rglob("*.py"))

NEEDED = {"write_text": {"encoding", "newline"}, "read_text": {"encoding"}}


def called(source: str) -> Iterator[tuple[str, set[str], ast.Call]]:
    """Yield the name of every method that is called in a source text, and which arguments it is given by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, {str(one.arg) for one in node.keywords}, node


def faults(source: str) -> list[str]:
    """Return the reading and writing of text that depends on the system."""
    found = []
    for name, given, node in called(source):
        is_text = name == "open" and "newline" in given  # tables: other files are opened as bytes
        needed = {"encoding"} if is_text else NEEDED.get(name, set())
        if name == "read_text" and node.args:  # the encoding
            needed = set()
        if needed - given:
            found.append(f"line {node.lineno}: {name} without {', '.join(sorted(needed - given))}")
    return found


@pytest.mark.parametrize("file", FILES, ids=str)
def test_text_is_read_and_written_in_an_encoding_and_with_ends_of_lines_that_are_named(file: Path) -> None:
    assert faults((ROOT / file).read_text(encoding="utf-8")) == []


def test_what_depends_on_the_system_is_found() -> None:
    assert faults('path.write_text(a, encoding="utf-8")') == ["line 1: write_text without newline"]
    assert faults("path.read_text()") == ["line 1: read_text without encoding"]
    assert faults('path.open("w", newline="")') == ["line 1: open without encoding"]
    assert faults('path.open("rb"); path.read_text("utf-8")') == []
