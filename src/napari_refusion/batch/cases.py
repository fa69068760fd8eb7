"""From an input to the cases in it, each with an identity that stays the same whatever other cases there are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from napari_refusion.cohort.bids_tree import EVERYTHING, NO_SESSION, OTHERS, BidsChoice, entities, subjects
from napari_refusion.cohort.work_case import WorkCase, label_of, left_out
from napari_refusion.cohort.worklist import WORKLIST, list_cases
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse

_NAMED: Final = re.compile(r"(sub-[0-9A-Za-z]+)(?:_(ses-[0-9A-Za-z]+))?")
"""Labels of tables and folders that name subject and session as BIDS does."""

_DIGITS: Final = 6
"""Hexadecimal ones of the hash behind a label whose characters BIDS has not."""


@dataclass(frozen=True, slots=True)
class BatchCase:
    """A case of a cohort."""

    work: WorkCase
    subject: str
    """``sub-01``."""
    session: str = ""
    """``ses-1``, or empty."""
    others: tuple[str, ...] = ()
    """The other entities of the first image, ``trc-FDG``, and its suffix last; empty for cases of tables."""

    @property
    def name(self) -> str:
        """Return what its files begin with, ``sub-01_ses-1_trc-FDG_desc-pet``; no other case of the input has it."""
        *between, suffix = self.others or ("",)
        described = f"desc-{suffix}" if suffix else ""
        return "_".join(one for one in (self.subject, self.session, *between, described) if one)

    @property
    def folder(self) -> Path:
        """Return the folder of its results in the output."""
        return Path(self.subject) / self.session / ("_".join(self.others) or "fused")

    @property
    def labels(self) -> tuple[str, str]:
        """Return the labels of subject and session, the second one empty where there is none."""
        return self.subject.removeprefix("sub-"), self.session.removeprefix("ses-")


@dataclass(frozen=True, slots=True)
class Listed:
    """The cases of an input."""

    cases: tuple[BatchCase, ...]
    left_out: tuple[Finding, ...]
    """What is no case, and why; see `work_case.left_out`."""


def listed(place: Path, choice: BidsChoice = EVERYTHING) -> Listed:
    """Return the cases of a BIDS tree, of a folder of folders, or of a table of pairs.

    Parameters
    ----------
    choice
        What is taken; of inputs other than BIDS trees the participants and sessions alone can be chosen.

    Raises
    ------
    RefusedError
        If there is nothing to take cases from.
    """
    found = list_cases(place, choice)
    if blocking(found.findings):
        raise RefusedError(found.findings)
    if _is_bids(place):
        cases, left = [_of_bids(one, place) for one in found.cases], list(found.findings)
    else:
        if choice.filters:
            raise refuse("worklist", f"Leave out the BIDS filter file: this is no BIDS tree: {place}", str(place))
        every = [_of_label(one) for one in found.cases]
        of_participants = [one for one in every if _is_participant(one, choice)]
        cases = [one for one in of_participants if _is_in_session(one, choice)]
        left = [*_left(found.findings, choice), *_unknown(every, found.findings, choice)]
        left += _without_session(of_participants, cases)
    written = [one for one in cases if _is_text(one)]
    kept = {case.name.casefold(): case for case in reversed(written)}  # some disks know no capitals
    doubled = [one for one in written if kept[one.name.casefold()] is not one]
    left += [*map(_doubled, doubled), *(_without_text(one) for one in cases if not _is_text(one))]
    return Listed(tuple(kept[name] for name in sorted(kept)), tuple(map(_as_text, left)))


def _is_bids(place: Path) -> bool:
    """Return whether cases were taken by their names; the output of a cohort looks like a tree, and has a table."""
    return place.is_dir() and not (place / WORKLIST).is_file() and bool(subjects(place))


def _of_bids(work: WorkCase, root: Path) -> BatchCase:
    """Return a case by its folders, and by the entities of the image that an anatomical one is fused with."""
    image = work.first if entities(work.first)["suffix"] in OTHERS else work.second
    found = entities(image)
    between = [f"{name}-{value}" for name, value in found.items() if name not in ("sub", "ses", "suffix", "datatype")]
    subject, *below = image.relative_to(root).parts[:-2]
    return BatchCase(work, subject, below[0] if below else "", (*between, found["suffix"]))


def _of_label(work: WorkCase) -> BatchCase:
    """Return a case by its label; what BIDS has no characters for gives way to a hash, or two could become one."""
    if named := _NAMED.fullmatch(work.label):
        return BatchCase(work, named[1], named[2] or "")
    plain = re.sub(r"[^0-9A-Za-z]", "", work.label)
    if plain != work.label:
        plain += "x" + hashlib.sha256(work.label.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return BatchCase(work, f"sub-{plain}")


def _is_participant(case: BatchCase, choice: BidsChoice) -> bool:
    """Return whether a case is of a participant that is asked for, as it is named or as it is typed in a table."""
    return not choice.participants or not {case.labels[0], case.work.label}.isdisjoint(choice.participants)


def _is_in_session(case: BatchCase, choice: BidsChoice) -> bool:
    return not choice.sessions or case.labels[1] in choice.sessions


def _without_session(asked: Iterable[BatchCase], chosen: Iterable[BatchCase]) -> Iterator[Finding]:
    """Yield the subjects that are asked for and have none of the sessions, as those of a BIDS tree."""
    known = {case.subject for case in chosen}
    for subject in dict.fromkeys(case.subject for case in asked):
        if subject not in known:
            yield left_out(subject, *NO_SESSION)


def _left(findings: Iterable[Finding], choice: BidsChoice) -> list[Finding]:
    """Return what was left out of the participants that are asked for."""
    return [one for one in findings if not choice.participants or not _labels(one).isdisjoint(choice.participants)]


def _labels(finding: Finding) -> set[str]:
    """Return what was left out, as it would be named and as it is typed."""
    label = label_of(finding)
    return {label, _of_label(WorkCase(label, Path(), Path(), ("", ""))).labels[0]}


def _unknown(cases: Iterable[BatchCase], findings: Iterable[Finding], choice: BidsChoice) -> Iterator[Finding]:
    """Yield the participants that were asked for and are none."""
    known = {label for case in cases for label in (case.labels[0], case.work.label)}.union(*map(_labels, findings))
    for label in choice.participants:
        if label not in known:
            yield left_out(f"sub-{label}", "there is no such participant", "Correct the label.")


def _doubled(case: BatchCase) -> Finding:
    remedy = "Give each case a name of its own, by more than capital letters."
    return left_out(case.work.label, f"another case is called {case.name} as well", remedy)


def _is_text(case: BatchCase) -> bool:
    """Return whether pages and tables, which are UTF-8, can hold the names of a case: disks take any bytes."""
    names = f"{case.name}{case.work.first}{case.work.second}"
    return names == _text(names)


def _without_text(case: BatchCase) -> Finding:
    remedy = "Rename its files and folders: their names are not in UTF-8, the encoding of pages and tables."
    return left_out(case.work.label, "its results could not be named", remedy)


def _as_text(finding: Finding) -> Finding:
    """Return a finding as pages and tables can hold it."""
    return replace(finding, sentence=_text(finding.sentence), value=_text(finding.value))


def _text(words: str) -> str:
    return words.encode("utf-8", "backslashreplace").decode("utf-8")
