"""What the worklist says of itself, in sentences for its reader."""

from typing import Final

from napari_refusion.cohort.reader_list import ReaderList

_NAMED: Final = 4
"""Cases that a sentence lists."""


def listed_in_words(listed: ReaderList) -> str:
    """Return how many cases there are, in which order, whether their project is new, and whose record is not sound."""
    count = len(listed.cases)
    if not count:
        return "There is no case in the list"
    order = "worst first" if listed.is_ranked else f"in the order of reader {listed.reader}"
    unsound = ", ".join(listed.unsound)
    warning = f". RECORD NOT SOUND: {unsound}; see the summary" if unsound else ""
    new = ", in a new project" if listed.is_new else ""
    return f"{count} case{'s' if count != 1 else ''}, {order}{new}{warning}"


def why_none_follows(listed: ReaderList, asked: str, filtered: str) -> str:
    """Return why no case follows: a case that is open without a verdict, or was refused, is not read.

    Parameters
    ----------
    asked
        Label of the case that was asked for last; empty for none.
    filtered
        What the list is narrowed to, in the words of the form.
    """
    if not listed.cases:
        return "There is no case in the list."
    unread = [case.label for case in listed.cases if not listed.is_read(case)]
    if not unread:
        return "All cases are read."
    stopped = [f"{label} ({listed.stopped[label]})" for label in unread if label in listed.stopped]
    if stopped and len(stopped) == len(unread):
        them = "it" if len(stopped) == 1 else "them"
        return f"Mend {_some(stopped)}, then press List to have {them} again: all other cases are read."
    if unread == [asked]:
        return f"Only {asked} is left, which has no verdict yet."
    left = f'No other case is left under "{filtered}", {len(unread)} of the list are not read.'
    return f"{left} Not to be shown: {_some(stopped)}." if stopped else left


def _some(words: list[str]) -> str:
    """Return the first of some words, and how many more there are."""
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return f"{', '.join(words[:_NAMED])}{more}"


def shared_in_words(listed: ReaderList, case_id: str, current: str) -> str:
    """Return that a case is in the list under another label than the current one, too; empty where it is not.

    Of a hidden repeat nothing is said.
    """
    if any(case.is_repeat for case in listed.cases if case.label == current):
        return ""
    other = next((label for label in listed.labels_of(case_id) if label != current), "")
    return f"It holds the same images as {other}: what is said of one counts for both." if other else ""
