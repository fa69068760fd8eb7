"""The compiled network beside PyTorch: taken where it is ready, and left where it fails, never silently."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from napari_refusion.fusion import network_engine, torch_engine
from napari_refusion.fusion.border import MIRRORED
from napari_refusion.fusion.compilation import Compilation, Compiled, Compiling, NotCompiled, State
from napari_refusion.fusion.compiled_engine import CompiledEngine
from napari_refusion.fusion.engine import Successor, latest
from napari_refusion.fusion.filling import FusedSlice, missing_slices
from napari_refusion.fusion.fuse import fuse_volume
from napari_refusion.fusion.network_engine import CompilingEngine, settled, start
from napari_refusion.fusion.partial import new_partial
from napari_refusion.fusion.preparation import plan_with
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.volume import Volume
from tests.compiled import both_compiled, compiled, engine_cache

__all__ = ["both_compiled", "compiled", "engine_cache"]

PYTORCH = f"PyTorch {torch.__version__}, {MIRRORED}"


class Scripted(Compilation):
    """Is as far as a script says, and stays at its last line."""

    def __init__(self, *states: State) -> None:
        self.states = list(states)

    def state(self) -> State:
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


def started(monkeypatch: pytest.MonkeyPatch, *states: State, device: str = "cpu") -> Any:  # noqa: ANN401 - one of three engines
    source = Scripted(*states)
    monkeypatch.setattr(network_engine, "compilation", lambda: source)
    return start("refusion", "medical", "", device)


@pytest.fixture
def study(mri: Volume, pet: Volume) -> Study:
    """Five axial slices of 8 x 7 voxels, and seven sagittal ones of 5 x 8."""
    return pair(mri, pet, "medical")


def wide_study(*sources: Volume) -> Study:
    """Slices of 8 x 14 voxels, which are wide enough for compiled code."""
    wide = [
        Volume(np.tile(one.data, (1, 1, 2)), one.affine, one.modality, unit=one.unit, name=one.name) for one in sources
    ]
    return pair(*wide, "medical")


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random((2, *shape), np.float32)


def test_ready_code_is_chosen_by_itself_shown_and_gives_pytorchs_numbers(
    compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = started(monkeypatch, compiled)
    assert isinstance(engine, CompiledEngine)
    reference = engine.reference
    assert (engine.name, engine.identity, engine.task) == (reference.name, reference.identity, "medical")
    assert (engine.device, engine.device_name) == (f"{reference.device}, compiled", "cpu")
    (notice,) = engine.findings
    assert (notice.level, notice.rule) == ("ok", "engine")
    assert "times as fast as PyTorch" in notice.sentence
    assert np.abs(engine.fuse(*noise(40, 32)) - reference.fuse(*noise(40, 32))).max() <= engine.error
    assert engine.made_with((40, 32)).startswith("compiled code, Numba ")
    assert engine.successor() is None
    assert engine.in_less_memory() is engine


def test_pytorch_alone_is_a_device(compiled: Compiled, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = started(monkeypatch, compiled, device="cpu-pytorch")
    assert isinstance(engine, TorchEngine)
    assert engine.device_name == "cpu"


def test_a_gpu_without_memory_hands_over_to_compiled_code(compiled: Compiled, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(started(monkeypatch, compiled, device="cpu-pytorch"), torch_device=torch.device("meta"))
    monkeypatch.setattr(network_engine.torch_engine, "start", lambda *_: other)
    engine = started(monkeypatch, compiled, device="meta")
    assert isinstance(engine, TorchEngine)
    assert isinstance(engine.in_less_memory(), CompiledEngine)


def test_pytorch_fuses_until_the_code_is_compiled_and_then_hands_over(
    compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = started(monkeypatch, Compiling(), Compiling(), compiled)
    assert isinstance(engine, CompilingEngine)
    assert "in the background" in engine.findings[0].sentence
    assert engine.made_with((40, 32)) == PYTORCH
    assert engine.successor() is None
    following = engine.successor()
    assert following is not None
    assert isinstance(following.engine, CompiledEngine)
    assert following.engine.identity == engine.identity
    np.testing.assert_allclose(following.engine.fuse(*noise(40, 32)), engine.fuse(*noise(40, 32)), atol=1e-5)


def test_a_slice_too_large_for_pytorch_waits_for_compiled_code_and_is_recorded_as_fused_by_it(
    compiled: Compiled, monkeypatch: pytest.MonkeyPatch, mri: Volume, pet: Volume
) -> None:

    def short_of_memory(size: float) -> None:
        raise MemoryError(f"{size:.0f} bytes are needed")

    monkeypatch.setattr(network_engine, "_BETWEEN", 0.0)
    engine = started(monkeypatch, *[Compiling()] * 3, compiled)  # asked when it starts, before the slice and then again
    monkeypatch.setattr(torch_engine, "check_free", short_of_memory)
    successor, *slices = missing_slices(new_partial(wide_study(mri, pet), "axial"), engine)
    assert isinstance(successor, Successor)
    assert "Memory does not suffice for PyTorch" in successor.finding.sentence
    assert [one.made_with[:13] for one in slices if isinstance(one, FusedSlice)] == ["compiled code"] * 5


def test_where_no_compiled_code_comes_such_a_slice_is_refused(monkeypatch: pytest.MonkeyPatch, study: Study) -> None:
    engine = started(monkeypatch, Compiling(), NotCompiled("no"))

    def short_of_memory(_size: float) -> None:
        raise MemoryError

    monkeypatch.setattr(torch_engine, "check_free", short_of_memory)
    with pytest.raises(MemoryError):
        list(missing_slices(new_partial(study, "axial"), engine))


def test_who_wants_one_engine_for_all_waits_until_the_code_is_compiled(
    compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_engine, "_BETWEEN", 0.0)
    engine = started(monkeypatch, *[Compiling()] * 3, compiled)
    assert isinstance(settled(engine, 60), CompiledEngine)
    still = started(monkeypatch, Compiling())
    assert settled(still, 0) is still


def test_a_volume_that_two_engines_made_says_so(
    compiled: Compiled, monkeypatch: pytest.MonkeyPatch, mri: Volume, pet: Volume
) -> None:
    study = wide_study(mri, pet)
    engine = started(monkeypatch, *[Compiling()] * 3, compiled)
    plan = plan_with(engine, study, "axial")
    fused = fuse_volume(plan, study)
    made_with = fused.provenance.engine
    assert made_with.startswith(f"{PYTORCH} and compiled code, Numba")
    assert fused.record()["engine"] == made_with


@pytest.mark.parametrize(
    ("state", "level", "words"),
    [
        (NotCompiled("Numba is not installed", is_missing=True), "ok", 'pip install "napari-refusion[fast]"'),
        (NotCompiled("it is no faster"), "ok", "there is no compiled network: it is no faster"),
        (NotCompiled("its process was ended by signal 9", is_fault=True), "warn", "its process was ended by signal 9"),
    ],
)
def test_without_compiled_code_pytorch_says_why_it_fuses(
    monkeypatch: pytest.MonkeyPatch, state: NotCompiled, level: str, words: str
) -> None:
    at_once = started(monkeypatch, state)
    assert isinstance(at_once, TorchEngine)
    assert at_once.findings[0].level == level
    assert words in at_once.findings[0].sentence
    later = started(monkeypatch, Compiling(), state).successor()
    assert later is not None
    assert isinstance(later.engine, TorchEngine)
    assert words in later.finding.sentence


def test_what_was_switched_off_is_not_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = started(monkeypatch, NotCompiled(""))
    assert (type(engine), engine.findings) == (TorchEngine, ())


def test_images_of_few_columns_are_left_to_pytorch_and_the_record_says_so(
    compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = started(monkeypatch, compiled)
    np.testing.assert_array_equal(engine.fuse(*noise(40, 7)), engine.reference.fuse(*noise(40, 7)))
    assert engine.made_with((40, 7)) == PYTORCH


class Failing:
    """Compiled code that fails at its third image."""

    def __init__(self, compiled: Compiled, error: Exception) -> None:
        self._compiled, self._error, self._calls = compiled, error, 0

    def __call__(self, *arguments: object) -> object:
        network = self._compiled.network(*arguments)  # type: ignore[arg-type]

        def fuse(a: np.ndarray, b: np.ndarray) -> np.ndarray:
            self._calls += 1
            if self._calls >= 3:
                raise self._error
            return network(a, b)

        return fuse


def messages_of(engine: object, study: Study) -> Iterator[FusedSlice | Successor]:
    partial = new_partial(study, "sagittal")
    for message in missing_slices(partial, engine):  # type: ignore[arg-type]
        if isinstance(message, FusedSlice):
            partial.put(message.index, message.image, message.made_with)
        yield message


def test_a_fault_hands_over_to_pytorch_with_a_warning_and_every_slice_is_right(
    compiled: Compiled, monkeypatch: pytest.MonkeyPatch, study: Study
) -> None:
    failing = Failing(compiled, SystemError("lost"))
    engine = started(monkeypatch, Compiled(failing, compiled.trial))  # type: ignore[arg-type]
    messages = list(messages_of(engine, study))
    (moved,) = [one for one in messages if isinstance(one, Successor)]
    assert (moved.finding.level, moved.finding.rule) == ("warn", "engine")
    assert "failed (SystemError, see the log)" in moved.finding.sentence
    slices = [one for one in messages if isinstance(one, FusedSlice)]
    assert len(slices) == 7
    assert [one.made_with == PYTORCH for one in slices] == [False] + [True] * 6
    assert isinstance(latest(engine), TorchEngine)


def test_a_computer_without_memory_is_not_asked_for_more_by_pytorch(
    compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = started(monkeypatch, Compiled(Failing(compiled, MemoryError()), compiled.trial))  # type: ignore[arg-type]
    engine.fuse(*noise(16, 16))
    with pytest.raises(MemoryError):
        engine.fuse(*noise(16, 16))
    assert engine.successor() is None


def test_code_that_gives_other_numbers_with_these_weights_is_not_used(
    compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*arguments: object) -> object:
        network = compiled.network(*arguments)  # type: ignore[arg-type]
        return lambda a, b: network(a, b) + np.float32(1e-4)

    engine = started(monkeypatch, Compiled(wrong, compiled.trial))  # type: ignore[arg-type]
    assert isinstance(engine, TorchEngine)
    assert "gives other numbers than PyTorch" in engine.findings[0].sentence
