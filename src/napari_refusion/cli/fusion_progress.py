"""What a fusion session says, on a console: findings as tables, stages, and a bar while slices are fused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, TaskID

from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from napari_refusion.fusion.filling import FusedSlice
    from napari_refusion.session.fusion import FusionSession
    from napari_refusion.session.messages import Started
    from napari_refusion.study.study import Study


class FusionProgress:
    """Prints what one session says."""

    def __init__(self, console: Console, print_findings: Callable[[Iterable[Finding]], None]) -> None:
        self._status = console.status("")
        self._progress = Progress(console=console)
        self._print_findings = print_findings
        self._task: TaskID | None = None

    @contextmanager
    def of(self, session: FusionSession) -> Iterator[None]:
        """Print what a session says meanwhile."""
        session.stage.connect(self._say)
        session.paired.connect(self._print_pair)
        session.started.connect(self._begin)
        session.arrived.connect(self._advance)
        session.noticed.connect(self._notice)
        try:
            yield
        finally:
            self._status.stop()
            if self._task is not None:  # a bar that never began would leave an empty line
                self._progress.stop()

    def _say(self, sentence: str) -> None:
        self._status.update(sentence)
        self._status.start()

    def _print_pair(self, study: Study) -> None:
        """Print what was noticed; what forbids fusing is said by the refusal that follows."""
        self._status.stop()
        self._print_findings(one for one in study.findings if one.level != "block")

    def _begin(self, started: Started) -> None:
        """Print what was noticed besides the pair's own findings, and begin the bar."""
        self._status.stop()
        self._print_findings(started.findings[len(started.kept.study.findings) :])
        count = len(started.partial.done)
        slices = f"{count} {started.partial.axis} slice{'s' * (count > 1)}"
        what = slices if started.partial.study.task.is_medical else "a picture"
        label = f"Fusing {what} on {started.device}"
        self._progress.start()
        self._task = self._progress.add_task(label, total=count)

    def _advance(self, _slice: FusedSlice) -> None:
        if self._task is not None:
            self._progress.advance(self._task)

    def _notice(self, finding: Finding) -> None:
        self._print_findings((finding,))
