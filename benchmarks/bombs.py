"""Time and memory of refusing bombs: ``python -m benchmarks.bombs``, a table for `docs/how-to/hostile-files.md`.

Each is given to ``napari-refusion check`` in a fresh process, and read with ``--modality-a MR`` where only reading
shows that it is one. The first line is a file of two bytes: what the imports of such a refusal cost.
"""

import tempfile
from pathlib import Path

from tests.bombs import BOMBS
from tests.measured_check import Checked, check


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        tiny = Path(folder) / "tiny.dcm"
        tiny.write_bytes(b"xx")
        print(_row("a file of 2 bytes", 2, check(tiny)))
        for name, write in BOMBS.items():
            path = write(Path(folder))
            print(_row(name, path.stat().st_size, refused(path)))


def refused(path: Path) -> Checked:
    """Return how a bomb was refused, by listing it or else by reading it."""
    listed = check(path)
    return listed if listed.status == 2 else check(path, "--modality-a", "MR")


def _row(name: str, size: int, found: Checked) -> str:
    size_text = f"{size / 1e6:.1f} MB" if size > 1e5 else f"{size / 1e3:.1f} kB"
    outcome = "refused" if found.status == 2 else f"status {found.status}"
    return f"| {name} | {size_text} | {outcome} | {found.seconds:.1f} s | {found.megabytes:.0f} MB |"


if __name__ == "__main__":
    main()
