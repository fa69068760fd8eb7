"""All benchmarks as one command, and their page: ``python -m benchmarks [--only slices memory] [--draw]``.

Takes about a quarter of an hour. What was measured stays in docs/benchmarks.json, so that parts can be measured anew,
and is drawn into docs/benchmarks.md. What the window takes has commands of its own: ``benchmarks.live``, ``.review``,
``.heartbeat``.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.memory import SIDE, measure
from benchmarks.page import MEASURED, write_page
from benchmarks.scaling import FORMS, in_own_process

LARGEST = {"plain": 512, "pytorch": 1024, "compiled": 2048}
"""Form of the network -> pixels of the largest side that it is measured at: beyond, memory or patience ends."""

DEVICES = {"pytorch": "cpu-pytorch", "compiled": "cpu"}


def slices() -> list[dict[str, Any]]:
    """Return what a slice takes by form, side and number of threads."""
    found = []
    for side in (256, 512, 1024, 2048):
        for form in (form for form in FORMS if side <= LARGEST[form]):
            for threads in (1, 2) if side == 512 else (1,):
                taken = in_own_process("slices", form, side, threads, 5 if side < 1024 else 2)
                found.append({"form": form, "side": side, "threads": threads} | taken)
    return found


def volumes() -> list[dict[str, Any]]:
    """Return what fusing and examining takes by form and number of slices."""
    return [
        {"form": form, "count": count} | in_own_process("volume", device, count)
        for form, device in DEVICES.items()
        for count in (8, 16, 32)
    ]


def memory() -> list[dict[str, Any]]:
    """Return what whole work takes."""
    base, found = measure(slices := 300)
    size = SIDE * SIDE * slices * 4
    return [
        {"what": what, "peak": one.peak, "own": one.own, "volumes": (one.own - base.own) / size}
        for what, one in found.items()
    ]


def cohort() -> list[dict[str, Any]]:
    """Return how fast cases are fused by one process and by two."""
    from benchmarks.cohort import run, write_cohort
    from napari_refusion.batch.cases import listed
    from napari_refusion.batch.recipe import Recipe
    from napari_refusion.batch.workers import Workers

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = write_cohort(folder / "input", 60)
        cases, recipe, found = listed(place), Recipe().prepared(), []
        for count in (1, 2):
            one = run(str(count), cases, recipe, place, folder / str(count), Workers(count=count), 0)
            rate = len(cases.cases) / one.clock
            found.append({"workers": count, "cases": len(cases.cases), "clock": one.clock, "rate": rate})
    return found


def meta_step() -> str:
    """Return what `benchmarks.meta_step` prints."""
    command = [sys.executable, "-m", "benchmarks.meta_step"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


PARTS: dict[str, Callable[[], Any]] = {
    "slices": slices,
    "volumes": volumes,
    "memory": memory,
    "cohort": cohort,
    "meta_step": meta_step,
}


def machine() -> str:
    """Return the processor in words, without the computer's name."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    name = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} threads of a {name}"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts that are measured anew")
    parser.add_argument("--draw", action="store_true", help="measure nothing, write the page again")
    given = parser.parse_args()
    found = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
    for part in () if given.draw else given.only:
        print(part, flush=True)
        found |= {part: PARTS[part](), "machine": machine()}
        MEASURED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_page()


if __name__ == "__main__":
    main()
