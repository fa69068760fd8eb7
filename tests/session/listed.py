"""A pair of PET and MRI with one hot spot, what is done with its list of lesions, and what a session says."""

from dataclasses import replace

import numpy as np

from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.project import Project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.session.lesions.session import LesionSession
from napari_refusion.session.review import ReviewSession
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume
from tests.lesion.uptake import place

HOT = place((12, 12, 12))


def mri_of(volume: Volume) -> Volume:
    data = np.random.default_rng(3).random(volume.shape, dtype=np.float32)
    return Volume(data, volume.affine, "MR", name="T1", origin=replace(volume.origin, sha256="b" * 64))


def pair_of(source: Volume, other: Volume | None = None) -> PartialFusion:
    other = other if other is not None else mri_of(source)
    study = pair(source, other, windows=(Window(0, 10), Window(0, 1)))
    study = replace(study, a=replace(study.a, key="pet layer"), b=replace(study.b, key="mri layer"))
    return new_partial(study, "axial", "w" * 64)


class Told:
    """What a session said, sentence by sentence."""

    def __init__(self, session: LesionSession) -> None:
        self.findings: list[Finding] = []
        session.said.connect(self.findings.append)

    def __contains__(self, words: str) -> bool:
        return any(words in one.sentence for one in self.findings)


def review_of(project: Project, store: Store, partial: PartialFusion) -> ReviewSession:
    return ReviewSession(store, project, describe_run(partial), partial)


class Halves:
    """An engine that shows half of each source."""

    def fuse(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a + b) / 2


class Held:
    """A runner that goes on by one message when it is told to."""

    def __init__(self) -> None:
        self.total = 0

    def __call__(self, work, arguments, receive, end):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
        self.generator, self.receive, self.end = work(*arguments), receive, end
        return self

    def announce(self, total: int, _description: str) -> None:
        self.total = total

    def advance(self) -> None:
        self.total -= 1

    def start(self) -> None:
        """Wait for the first step."""

    def step(self) -> None:
        self.receive(next(self.generator))

    def close(self) -> None:
        self.end("closed")
