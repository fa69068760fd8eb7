"""Libraries that take seconds to import are imported by several threads at the same time."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import napari_refusion

SOURCE = Path(napari_refusion.__file__).parent
SLOW = ("torch", "monai")


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, in its order."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("library", SLOW)
def test_a_part_of_a_slow_library_is_imported_after_the_library_itself(library: str) -> None:
    # Python locks `monai.networks` before it waits for `monai`. Where another thread imports `monai`, which wants
    # `monai.networks`, one of the two is handed a module that is half made, and fails.
    for path in SOURCE.rglob("*.py"):
        found = list(imported(path))
        parts = [place for place, name in enumerate(found) if name.startswith(f"{library}.")]
        if parts:
            assert library in found[: parts[0]], path.relative_to(SOURCE)
