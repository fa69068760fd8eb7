"""A project that was written before rows were sealed, with an exported copy of each review."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

KEPT = Path(__file__).parent / "old_project"


def old_project(folder: Path) -> Path:
    """Return the folder of the project, written anew from its kept text."""
    shutil.copytree(KEPT, folder, ignore=shutil.ignore_patterns("*.sql"))
    (folder / "reviews").mkdir()
    with closing(sqlite3.connect(folder / "reviews" / "R1.sqlite")) as connection:
        connection.executescript((KEPT / "R1.sql").read_text(encoding="utf-8"))
    return folder
