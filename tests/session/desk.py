"""A desk with images on it, and a reader who does anything in any order, without a window."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from random import Random
from typing import Any

from napari_refusion.fusion.partial import Extent, PartialFusion
from napari_refusion.session.compare import CompareSession
from napari_refusion.session.fusion import FusionSession
from napari_refusion.session.messages import Compared
from napari_refusion.session.moves import move_of
from napari_refusion.session.proposing import Proposal, roles
from napari_refusion.session.registration import RegistrationSession
from napari_refusion.session.result import Shown
from napari_refusion.session.runner import Work
from napari_refusion.session.source import FuseSettings, OpenedVolume, Request, Source, at_slice
from napari_refusion.session.statements import PairStatements
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume
from tests.small_pair import small_mri, small_pet

SLICES = 6


class SteppedJob:
    """A generator that goes on by one message at a time, when the desk says so; see `session.runner.Running`."""

    def __init__(
        self, work: Work, arguments: tuple[object, ...], receive: Callable[[Any], None], end: Callable[[str], None]
    ) -> None:
        self._generator: Generator[Any, Any, None] = work(*arguments)
        self._receive, self._report = receive, end
        self._sent: object = None
        self._is_begun = self._is_stopped = self.is_over = False

    def start(self) -> None:
        """Wait for the first step."""

    def step(self) -> None:
        """Go on by one message."""
        if self.is_over:
            return
        if self._is_stopped:
            self._finish("cancelled")
            return
        try:
            value, self._sent = self._sent if self._is_begun else None, None
            self._is_begun = True
            message = self._generator.send(value)
        except StopIteration:
            self._finish("finished")
        else:
            self._receive(message)

    def send(self, value: object) -> None:
        self._sent = value

    def announce(self, total: int, description: str) -> None:
        """Show nothing."""

    def advance(self) -> None:
        """Show nothing."""

    def cancel(self) -> None:
        self._is_stopped = True

    def close(self) -> None:
        self._finish("closed")

    def _finish(self, end: str) -> None:
        if not self.is_over:
            self.is_over = True
            self._report(end)


def shifted(partial: PartialFusion, *_given: object) -> Generator[Any, Any, None]:
    """Yield a proposal as the optimiser would, at once: a shift of 2 mm."""
    fixed, moving = roles(partial.study)
    rows = ((1.0, 0.0, 0.0, 2.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
    move = RigidMove(moving.source.name, fixed.source.name, rows, 2.0, 0.0, "shifted by 2.0 mm", 0.5, 0.6, "")
    yield Proposal(move, partial)


class Desk:
    """Images, the two that are chosen, and the sessions as the Fuse widget ties them together."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.jobs: list[SteppedJob] = []
        self.images: dict[str, OpenedVolume] = {}
        self.chosen: list[str | None] = [None, None]
        self.windows = ["", ""]
        self.settings = FuseSettings(engine="maximum")
        self.index = 2
        self.count = 0
        self.fusion = FusionSession(self._run)
        self.registration = RegistrationSession(self._propose)
        self.comparing = CompareSession()
        self.statements = PairStatements(self.fusion)
        self.status = ""
        self.registered = ""
        self.is_live_expected = False
        self._tie()

    def _run(self, *given: Any) -> SteppedJob:  # noqa: ANN401 - as the runner is called
        self.jobs.append(SteppedJob(*given))
        return self.jobs[-1]

    def _propose(self, _work: Work, *given: Any) -> SteppedJob:  # noqa: ANN401
        return self._run(shifted, *given)

    def _tie(self) -> None:
        """Connect as the Fuse widget does."""
        fusion, said, registration = self.fusion, self.statements, self.registration
        fusion.stage.connect(lambda words: setattr(self, "status", words))
        registration.stage.connect(lambda words: setattr(self, "registered", words))
        fusion.started.connect(lambda started: said.say(started.findings, started.kept.request))
        fusion.refused.connect(lambda findings, _live: said.say(findings, fusion.request))
        fusion.compared.connect(self._compare)
        fusion.result.changed.connect(self._show)
        fusion.live_changed.connect(lambda on: setattr(self, "is_live_expected", on))
        said.left.connect(lambda: registration.show_pair(None))
        said.replaced.connect(lambda: self.comparing.show_partial(None))
        said.returned.connect(self._show)
        registration.accepted.connect(self._move)
        registration.undone.connect(lambda: self._move(None))

    def _compare(self, compared: Compared) -> None:
        if frozenset(compared.kept.request.keys) == self.statements.keys:
            self._show_partial(compared.partial)

    def _show(self, shown: Shown | None) -> None:
        if shown is not None and self.statements.shown is not None:
            self._show_partial(shown.started.partial)

    def _show_partial(self, partial: PartialFusion) -> None:
        self.comparing.show_partial(partial)
        self.registration.show_pair(partial)
        self.registration.take(move_of(self.fusion.moves, self.statements.keys))

    def _move(self, move: RigidMove | None) -> None:
        self.fusion.note(self._choices(), self.statements.keys)
        registered = self.registration.partial
        self.fusion.move(move, None if registered is None else registered.study)
        self._ask("slice")

    # what a reader does

    def add(self) -> None:
        if len(self.images) < 5:
            self.count += 1
            key = f"scan{self.count:03d}x"
            volume = self.random.choice((small_mri, small_pet))()
            volume = replace(volume, name=key, origin=replace(volume.origin, sha256=f"{self.count:064d}"))
            self.images[key] = OpenedVolume(volume, key)
            self._follow_images()

    def remove(self) -> None:
        if self.images:
            del self.images[self.random.choice(list(self.images))]
            self._follow_images()

    def clear(self) -> None:
        self.images.clear()
        self._follow_images()

    def replace_one(self) -> None:
        self.remove()
        self.add()

    def edit(self) -> None:
        self._change(lambda volume: replace(volume, data=volume.data + 1))

    def move_layer(self) -> None:
        affine = small_mri().affine.copy()
        affine[0, 3] += self.random.choice((3.0, 1000.0))
        self._change(lambda volume: replace(volume, affine=affine))

    def reunit(self) -> None:
        self._change(lambda volume: replace(volume, unit=self.random.choice(("", "Bq/ml", "SUVbw"))))

    def reorder(self) -> None:
        keys = list(self.images)
        self.random.shuffle(keys)
        self.images = {key: self.images[key] for key in keys}
        self._follow_images()

    def choose_pair(self) -> None:
        if self.images:
            self._note()
            self.chosen[self.random.randrange(2)] = self.random.choice(list(self.images))
            self._follow_choice()

    def swap(self) -> None:
        self._note()
        self.chosen.reverse()
        self._follow_choice()

    def rewindow(self) -> None:
        self._note()
        self.windows[self.random.randrange(2)] = self.random.choice(("", "0,80", "5,60", "90,10"))

    def turn(self) -> None:
        self._note()
        axis = self.random.choice(("axial", "coronal", "sagittal"))
        self.settings = replace(self.settings, axis=axis, reference=self.random.choice(("", "first", "second")))

    def other_engine(self) -> None:
        self._note()
        self.settings = replace(self.settings, engine=self.random.choice(("maximum", "average")))

    def scroll(self) -> None:
        self.index = self.random.randrange(-1, SLICES + 1)

    def toggle_live(self) -> None:
        self._note()
        self.fusion.set_live(not self.fusion.is_live)
        self.is_live_expected = self.fusion.is_live

    def toggle_colours(self) -> None:
        self.fusion.result.set_coloured(not self.fusion.result.is_coloured)

    def fuse_slice(self) -> None:
        self._fuse("slice")

    def fuse_volume(self) -> None:
        self._fuse("volume")

    def cancel(self) -> None:
        self.fusion.cancel()

    def delete_result(self) -> None:
        shown = self.fusion.shown
        if shown is not None and set(shown.keys) <= set(self.images):
            self.fusion.forget_result()
        elif shown is not None:
            self.fusion.forget_pair()

    def undo(self) -> None:
        moves = self.fusion.moves
        if (snapshot := self.fusion.undo()) is None:
            return
        chosen, self.windows, self.settings, live = snapshot.choices
        self.chosen, self.windows = list(chosen), list(self.windows)
        if snapshot.is_choice:
            self.fusion.set_live(live)
            self.is_live_expected = live
        self._follow_choice()
        if not snapshot.is_choice:
            shown = self.statements.shown
            self.statements.say(() if shown is None else shown.started.findings, shown and shown.started.kept.request)
        self.registration.take(move_of(self.fusion.moves, self.statements.keys))
        if snapshot.is_choice and self.fusion.moves != moves:
            self._ask("slice")

    def register(self) -> None:
        self.registration.register()

    def accept(self) -> None:
        self.registration.accept()

    def fuse_and_accept(self) -> None:
        """Do what a reader does in this order, so that walks meet accepted registrations."""
        self.fuse_slice()
        self.settle()
        self.register()
        self.settle()
        self.accept()

    def discard(self) -> None:
        self.registration.discard()

    def undo_registration(self) -> None:
        self.registration.undo()

    def compare(self) -> None:
        self.comparing.next_mode()

    def wait(self) -> None:
        """Let the workers go on for a while."""
        for _ in range(self.random.choice((1, 2, 5, 40))):
            for job in [job for job in self.jobs if not job.is_over]:
                job.step()

    def settle(self) -> None:
        """Let the workers end."""
        while any(not job.is_over for job in self.jobs):
            self.wait()

    # what follows from it

    def request(self, extent: Extent = "slice", is_live: bool = False) -> Request | None:
        """Return what is chosen, None where that is no pair."""
        first, second = self.chosen
        if first is None or second is None or first == second:
            return None
        sources = (
            Source(self.images[key], "", window) for key, window in zip((first, second), self.windows, strict=True)
        )
        return Request(*sources, self.settings, at_slice(self.index), extent, is_live)

    def follow(self) -> None:
        """Do what the widget does a moment after any change."""
        if (request := self.request(is_live=True)) is None:
            return
        if self.fusion.is_live:
            self.fusion.fuse_live(request, "axial")
        elif (words := self.statements.follow(request)) and self.fusion.request is None:
            self.status = words

    def _change(self, how: Callable[[Volume], Volume]) -> None:
        if self.images:
            key = self.random.choice(list(self.images))
            self.images[key] = OpenedVolume(how(self.images[key].volume), key)

    def _choices(self) -> tuple[tuple[str | None, ...], list[str], FuseSettings, bool]:
        return tuple(self.chosen), list(self.windows), self.settings, self.fusion.is_live

    def _note(self) -> None:
        keys = frozenset(key for key in self.chosen if key is not None)
        self.fusion.note(self._choices(), keys)

    def _fuse(self, extent: Extent) -> None:
        if (request := self.request(extent)) is not None:
            self.fusion.fuse(request, self._choices())

    def _ask(self, extent: Extent) -> None:
        if (request := self.request(extent)) is not None:
            self.fusion.ask(request)

    def _follow_images(self) -> None:
        there = list(self.images)
        for place in range(2):
            if self.chosen[place] not in there:
                others = [key for key in there if key not in self.chosen]
                self.chosen[place] = others[0] if others else None
        self._follow_choice()
        request = self.fusion.request
        if request is not None and not set(request.keys) <= set(there):
            self.fusion.close("deleted: fusing stops")
        shown = self.fusion.shown
        if shown is not None and not set(shown.keys) & set(there):
            self.comparing.show_partial(None)
        self.fusion.history.prune(frozenset(there))

    def _follow_choice(self) -> None:
        if self.statements.choose(frozenset(key for key in self.chosen if key is not None)):
            self.status = ""
