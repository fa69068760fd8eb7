"""Hidden repeats: some cases come a second time, so that a reader's agreement with himself or herself can be told.

Where a project has repeats, all cases are called by their place in the reader's list: a name would tell that a case
was there before.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from napari_refusion.cohort.work_case import WorkCase


def with_repeats(cases: Sequence[WorkCase], share: float, seed: int, reader: str) -> tuple[WorkCase, ...]:
    """Return a reader's cases in order, a share of them a second time; the same every time.

    Only cases of the first half come again, each after at least half as many cases as there are: by then it is not
    remembered. At least one does, unless the share is 0 or there are fewer than two cases.

    Parameters
    ----------
    cases
        In the reader's order, see `worklist.shuffled`.
    share
        0 to 0.5 of the cases.
    seed
        Of the project.
    """
    half = len(cases) // 2
    if share <= 0 or half == 0:
        return tuple(cases)
    count = min(half, max(1, round(share * len(cases))))
    chosen = sorted(cases[:half], key=lambda case: _draw(seed, reader, case.label, "chosen"))[:count]
    placed = [(float(place), case) for place, case in enumerate(cases)]
    for case in chosen:
        first = cases.index(case) + half
        fraction = int.from_bytes(_draw(seed, reader, case.label, "place")[:8]) / 2**64
        placed.append((first + 0.5 + fraction * (len(cases) - first), replace(case, is_repeat=True)))
    ordered = sorted(placed, key=lambda one: one[0])
    digits = len(str(len(ordered)))
    return tuple(replace(case, label=f"case {place:0{digits}d}") for place, (_, case) in enumerate(ordered, 1))


def _draw(seed: int, reader: str, label: str, what: str) -> bytes:
    text = f"{seed}\0{reader}\0{label}\0{what}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
