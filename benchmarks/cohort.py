"""A cohort under bad conditions against a serial run: ``python -m benchmarks.cohort --cases 500``.

Small synthetic PET/MRI pairs, one in twenty corrupt, are fused three times by the network of the package: one after
the other, on two worker processes, and on two workers of which one is killed (SIGKILL) every few seconds. Printed are
seconds by the clock and of processors, cases a second, kills, how the cases ended, and whether each ended exactly once
with what it ended with in the serial run: images, tables and pictures to the byte, numbers and sentences to the letter.
``--input`` takes a table of pairs or a tree of real ones instead.
"""

import argparse
import json
import os
import random
import resource
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import nibabel
import numpy as np
import psutil

from napari_refusion.batch.cases import Listed, listed
from napari_refusion.batch.gathered import gather
from napari_refusion.batch.group import write_group
from napari_refusion.batch.outcome import Outcome, outcome_file, read_outcome
from napari_refusion.batch.participants import Participants
from napari_refusion.batch.recipe import Recipe
from napari_refusion.batch.workers import Workers

SHARE = 0.05
"""Of cases that are corrupt."""


@dataclass(frozen=True)
class Measured:
    """One run of the cohort."""

    name: str
    clock: float
    processors: float
    kills: int
    ended: Counter[str]
    doubled: int
    """Outcomes beyond one for each case, plus cases without one."""


def write_cohort(root: Path, count: int, seed: int = 0) -> Path:
    """Write a BIDS tree of small pairs, a twentieth of them damaged in one of four ways."""
    draw = np.random.default_rng(seed)
    damaged = set(draw.choice(count, round(SHARE * count), replace=False).tolist())
    for number in range(count):
        shape = tuple(int(size) for size in draw.integers((32, 32, 4), (48, 48, 9)))
        label = f"sub-{number:04d}"
        for kind, suffix in (("pet", "pet"), ("anat", "T1w")):
            path = root / label / kind / f"{label}_{suffix}.nii.gz"
            path.parent.mkdir(parents=True)
            nibabel.save(nibabel.Nifti1Image(_head(shape, draw), np.diag([4.0, 4.0, 4.0, 1.0])), path)
        if number in damaged:
            _damage(path if number % 2 else path.parents[1] / "pet" / f"{label}_pet.nii.gz", number)
    return root


def _head(shape: tuple[int, ...], draw: np.random.Generator) -> np.ndarray:
    """Return a ball with a few spots, int16."""
    grid = np.stack(np.meshgrid(*(np.linspace(-1, 1, size) for size in shape), indexing="ij"))
    image = np.clip(1.1 - np.linalg.norm(grid, axis=0), 0, None)
    for spot in draw.uniform(-0.6, 0.6, (4, 3)):
        image += draw.uniform(0.1, 0.6) * np.exp(-((grid - spot.reshape(3, 1, 1, 1)) ** 2).sum(axis=0) / 0.02)
    return (1000 * (image + draw.normal(0, 0.02, shape))).astype(np.int16)


def _damage(path: Path, number: int) -> None:
    content = path.read_bytes()
    ways = (b"", b"no image", content[: len(content) // 2], content[:200] + bytes(100) + content[300:])
    path.write_bytes(ways[number // 2 % len(ways)])


@contextmanager
def killing(every: float, seed: int) -> Iterator[list[int]]:
    """Kill a worker at random about every so many seconds meanwhile; yield the list of those that were."""
    killed, over, draw = list[int](), threading.Event(), random.Random(seed)

    def kill() -> None:
        while not over.wait(draw.uniform(0.5, 1.5) * every):
            workers = [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]
            if workers:
                os.kill(draw.choice(workers).pid, signal.SIGKILL)
                killed.append(1)

    thread = threading.Thread(target=kill, daemon=True)
    if every:
        thread.start()
    try:
        yield killed
    finally:
        over.set()
        if every:
            thread.join()


def processor_seconds() -> float:
    """Return the time of processors that this process and those that it waited for have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def run(
    name: str, found: Listed, recipe: Recipe, place: Path, output: Path, workers: Workers, every: float
) -> Measured:
    """Fuse a cohort, and return how that went."""
    began, used, ended = time.perf_counter(), processor_seconds(), list[Outcome]()
    with killing(every, 1) as killed:
        for one in Participants.begin(found, recipe, place, output).run(workers):
            assert isinstance(one, Outcome), one  # else a page that could not be written
            ended.append(one)
    clock = time.perf_counter() - began
    once = Counter(one.case for one in ended)
    doubled = sum(abs(once[case.name] - 1) for case in found.cases)
    kept = [read_outcome(outcome_file(case, output)) for case in found.cases]
    assert [one is not None for one in kept] == [True] * len(kept)
    assert {one.case: one for one in ended} == {one.case: one for one in kept if one is not None}
    counts = Counter(one.status for one in ended)
    return Measured(name, clock, processor_seconds() - used, len(killed), counts, doubled)


def differing(found: Listed, one: Path, other: Path) -> list[str]:
    """Return the cases that ended otherwise in two runs, whatever the time was."""
    return [case.name for case in found.cases if _timeless(one, case) != _timeless(other, case)]


def _timeless(output: Path, case: object) -> tuple[Outcome, dict[str, object]]:
    path = outcome_file(case, output)  # type: ignore[arg-type]
    outcome = read_outcome(path)
    assert outcome is not None
    record = next(path.parent.glob("*_fused.json"), None)
    content = json.loads(record.read_text(encoding="utf-8")) if record else {}
    files = {name: digest for name, digest in outcome.files.items() if not name.endswith("_fused.json")}
    return replace(outcome, seconds=0.0, created="", files=files), {**content, "created": ""}


def hidden(output: Path) -> int:
    """Return how many half-written folders a run left, which are hidden."""
    return len(list(output.rglob(".refusion-*")))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--input", type=Path, help="real cases in place of synthetic ones")
    parser.add_argument("--folder", type=Path, default=Path("runs/cohort"))
    parser.add_argument("--every", type=float, default=45.0, help="seconds between two kills")
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    place = given.input or write_cohort(given.folder / "input", given.cases)
    found, recipe = listed(place), Recipe().prepared()
    two = Workers(count=2, retries=5)
    runs = []
    for name, workers, every in (("serial", Workers(count=1), 0), ("two", two, 0), ("killed", two, given.every)):
        output = given.folder / name
        one = run(name, found, recipe, place, output, workers, every)
        runs.append(one)
        other = differing(found, given.folder / "serial", output)
        print(
            f"{name}: {one.clock:.0f} s by the clock, {one.processors:.0f} s of processors, "
            f"{len(found.cases) / one.clock:.2f} cases a second, {one.kills} kills, {dict(one.ended)}, "
            f"{one.doubled} not exactly once, {len(other)} unlike the serial run, {hidden(output)} hidden folders left",
            flush=True,
        )
        again = Participants.begin(found, recipe, place, output)
        print(f"  a second run has {len(again.jobs)} cases to do")
    write_group(gather(found, given.folder / "killed"), given.folder / "killed")
    print(f"two workers against one: {runs[0].clock / runs[1].clock:.2f} times as fast")


if __name__ == "__main__":
    main()
