"""The two steps of a bundle's evaluator: a pair is fused, and its result written."""

import logging
from dataclasses import dataclass

import monai  # noqa: F401 - before its parts, see tests/test_imports_in_threads.py
from monai.engines.evaluator import SupervisedEvaluator

from napari_refusion.bundle.engine import bundle_engine
from napari_refusion.bundle.pairs import OpenedPair
from napari_refusion.fusion.colouring import choose_colouring
from napari_refusion.fusion.fuse import Fused, fuse_volume
from napari_refusion.fusion.preparation import plan_with
from napari_refusion.numerics.colour import DEFAULT_PALETTE

try:
    from ignite.engine import Engine as IgniteEngine
    from ignite.engine import Events
except ModuleNotFoundError as error:
    sentence = 'Install what a bundle runs with: pip install "napari-refusion[bundle]"; there is no pytorch-ignite.'
    raise ModuleNotFoundError(sentence, name="ignite") from error

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FusePair:
    """The iteration of an evaluator: one pair, slice by slice."""

    weights: str
    """What the record calls the weights."""
    sha256: str
    """Of the file of the parameters."""
    axis: str = "axial"
    palette: str = DEFAULT_PALETTE

    def __call__(self, evaluator: SupervisedEvaluator, opened: OpenedPair) -> Fused:
        """Return a pair fused by the evaluator's network and inferer.

        Raises
        ------
        RefusedError
            If a finding forbids it, for an unknown axis or palette, or an answer that cannot be a fused slice.
        """
        study = opened.study
        study.check()
        choose_colouring(study, self.palette)  # refuses an unknown palette before the work
        with evaluator.mode(evaluator.network):
            engine = bundle_engine(
                evaluator.network,
                evaluator.inferer,
                evaluator.state.device,
                study.task.name,
                self.weights,
                self.sha256,
            )
            return fuse_volume(plan_with(engine, study, self.axis), study, self.palette)


@dataclass(frozen=True, slots=True, weakref_slot=True)  # ignite keeps weak references to handlers
class SaveFused:
    """A handler that writes what an iteration fused, with its colours and its record, all of them or none."""

    overwrite: bool = False
    identified: bool = False
    """Whether the record names files and series, which may be the patient's name."""

    def attach(self, evaluator: IgniteEngine) -> None:
        """Be called after each iteration."""
        evaluator.add_event_handler(Events.ITERATION_COMPLETED, self)

    def __call__(self, evaluator: IgniteEngine) -> None:
        """Write the result, and log what was noticed on the way.

        Raises
        ------
        RefusedError
            If it cannot be written; nothing half-written is left.
        """
        fused, opened = evaluator.state.output, evaluator.state.batch
        assert isinstance(fused, Fused)
        assert isinstance(opened, OpenedPair)
        for sentence in fused.provenance.findings:
            _LOG.warning("%s", _visible(sentence))
        for file in opened.files.write(fused, self.overwrite, opened.keep, identified=self.identified):
            _LOG.info("wrote %s", _visible(str(file)))


def _visible(text: str) -> str:
    """Return text with characters that a terminal would obey written out: they may be of a file's author."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
