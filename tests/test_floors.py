"""One direction: from numerics through record, evidence and session up to the window and the command line."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "napari_refusion"

FLOORS = {
    "look": 0,
    "notice": 0,
    "replacing": 0,
    "unknown_name": 0,
    "in_ranges": 0,
    "numerics": 0,
    "model": 1,
    "volume": 1,
    "engine": 2,
    "lesion": 2,
    "study": 3,
    "fusion": 4,
    "io": 5,
    "record": 6,
    "evidence": 7,
    "session": 8,
    "report": 9,
    "cohort": 10,
    "batch": 11,
    "api": 12,
    "widgets": 12,
    "bundle": 13,
    "cli": 13,
    "__main__": 14,
}
"""Floor of each part; a file imports its own part and parts on lower floors."""

WINDOW = {"napari", "qtpy", "magicgui", "superqt", "PyQt6", "PySide6"}

FILES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def imported(source: str) -> Iterator[str]:
    """Yield every module that a source text imports, at its top or inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the floor"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def faults(file: Path, source: str) -> list[str]:
    """Return the imports of a file of the package that point sideways or upwards."""
    part = file.parts[0].removesuffix(".py")
    found = []
    for module in imported(source):
        top, _, rest = module.partition(".")
        if top == "training" or (top in WINDOW and part != "widgets"):
            found.append(module)
        if top == "napari_refusion":
            other = rest.split(".")[0]
            if other in FLOORS and other != part and FLOORS[other] >= FLOORS[part]:
                found.append(module)
    return found


def test_every_file_imports_its_own_part_or_lower_floors() -> None:
    found = {str(file): faults(file, (PACKAGE / file).read_text(encoding="utf-8")) for file in FILES}
    assert len(found) > 500
    assert {file: modules for file, modules in found.items() if modules} == {}


def test_every_file_belongs_to_a_known_part() -> None:
    assert {file.parts[0].removesuffix(".py") for file in FILES} == FLOORS.keys()


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("model/weights.py", "from napari_refusion.volume.volume import Volume"),
        ("volume/pair.py", "from napari_refusion.fusion.slices import AXES"),
        ("io/open.py", "def f():\n    import napari_refusion.widgets.layers"),
        ("io/open.py", "from napari_refusion import widgets"),
        ("fusion/fuse.py", "from qtpy.QtCore import Qt"),
        ("cli/main.py", "import napari"),
        ("report/page.py", "from napari_refusion.cli.main import app"),
        ("session/review.py", "from napari_refusion.report.page import write_report"),
        ("record/store.py", "from napari_refusion.evidence.trust import lights"),
        ("evidence/trust.py", "from napari_refusion.session.review import Session"),
        ("widgets/layers.py", "from training.recipe import Recipe"),
    ],
)
def test_an_import_in_the_wrong_direction_is_found(file: str, line: str) -> None:
    assert faults(Path(file), line)
