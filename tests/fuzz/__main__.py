"""Break files and count what reading them ends in: ``python -m tests.fuzz KIND --count N --seed S``."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.fuzz.case import FAILURES, RESULTS, Outcome
from tests.fuzz.kinds import KINDS
from tests.fuzz.pool import case_of, outcomes

FAILED = Path("runs/fuzz")
"""Where failing files are kept, see .gitignore."""


def main(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit status, 0 if nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("kinds", nargs="+", choices=[*KINDS, "all"])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first case, to make one again")
    parser.add_argument("--children", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=FAILED, help="folder for failing files")
    chosen = parser.parse_args(arguments)
    kinds = list(KINDS) if "all" in chosen.kinds else chosen.kinds
    failed = 0
    say("kind", "files", *RESULTS, "most s", "most MB")
    for kind in kinds:
        numbers = range(chosen.first, chosen.first + chosen.count)
        found = list(kept(kind, chosen.seed, outcomes(kind, chosen.seed, numbers, chosen.children), chosen.keep))
        failed += sum(one.result in FAILURES for one in found)
        count = Counter(one.result for one in found)
        slowest, largest = max(one.seconds for one in found), max(one.megabytes for one in found)
        say(kind, len(found), *(count[one] for one in RESULTS), f"{slowest:.1f}", f"{largest:.0f}")
    return 1 if failed else 0


def kept(kind: str, seed: int, found: Iterable[Outcome], folder: Path) -> Iterable[Outcome]:
    """Yield outcomes; of each failure, keep the files and the words."""
    for one in found:
        if one.result in FAILURES:
            place = folder / f"{kind}-{seed}-{one.number}"
            place.mkdir(parents=True, exist_ok=True)
            case = case_of(kind, seed, one.number)
            case.write(place)
            words = f"{one.result}, from {case.seed}, {one.seconds:.1f} s, {one.megabytes:.0f} MB\n{one.words}\n"
            (place / "outcome.txt").write_text(words, encoding="utf-8")
        yield one


def say(*cells: object) -> None:
    """Print a line of the table."""
    sys.stdout.write(" | ".join(str(cell).rjust(11) for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
