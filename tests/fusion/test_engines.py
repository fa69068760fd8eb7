"""Every engine of the table keeps the protocol; what it makes of an image is tested beside each of them."""

import subprocess
import sys

import numpy as np
import pytest

from napari_refusion.fusion.engine import Engine, hash_of
from napari_refusion.fusion.engines import DEFAULT_ENGINE, ENGINES, rule_in_words, start_engine
from napari_refusion.model.tasks import TASKS
from napari_refusion.volume.finding import RefusedError

RULES = [name for name, entry in ENGINES.items() if not entry.takes_weights]


@pytest.fixture(params=ENGINES, scope="module")
def started(request: pytest.FixtureRequest) -> Engine:
    return start_engine("medical", device="cpu", engine=request.param)


def pair(shape: tuple[int, int], dtype: type = np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Two images of noise with all values from 0 to 1, whose upper rows are empty in both."""
    a, b = np.random.default_rng(0).random((2, *shape)).round(1).astype(dtype)
    a[: shape[0] // 3], b[: shape[0] // 3] = 0, 0
    return a, b


@pytest.mark.parametrize("shape", [(48, 40), (9, 11), (1, 12), (12, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_fused_slice_has_shape_and_precision_of_its_sources_and_lies_within_0_and_1(
    started: Engine, shape: tuple[int, int], dtype: type
) -> None:
    fused = started.fuse(*pair(shape, dtype))
    assert (fused.shape, fused.dtype) == (shape, dtype)
    assert fused.min() >= 0
    assert fused.max() <= 1


def test_a_slice_that_is_empty_in_both_sources_stays_empty(started: Engine) -> None:
    empty = np.zeros((16, 12), np.float32)
    fused = started.fuse(empty, empty)
    assert fused.dtype == np.float32
    assert not fused.any()


def test_sources_stay_as_they_are_and_the_same_sources_give_the_same_image(started: Engine) -> None:
    a, b = pair((32, 24))
    for source in (a, b):
        source.setflags(write=False)
    np.testing.assert_array_equal(started.fuse(a, b), started.fuse(a.copy(), b.copy()))


@pytest.mark.parametrize("name", RULES)
def test_a_rule_makes_no_difference_between_first_and_second_source(name: str) -> None:
    a, b = np.random.default_rng(1).random((2, 32, 24))
    engine = start_engine(engine=name)
    np.testing.assert_allclose(engine.fuse(a, b), engine.fuse(b, a), atol=1e-12)


def test_no_two_engines_and_no_two_tasks_have_one_identity() -> None:
    engines = [start_engine(task, device="cpu") for task in TASKS] + [start_engine(engine=name) for name in RULES]
    identities = [engine.identity for engine in engines]
    assert len(set(identities)) == len(TASKS) + len(RULES)
    assert {len(identity) for identity in identities} == {64}


def test_the_identity_of_a_rule_is_the_hash_of_its_name_and_version() -> None:
    """``printf 'average 1' | sha256sum``"""
    known = "5eea2913288ffe5e91d00004927eeca8e323645598054524a44209b774962697"
    assert start_engine(engine="average").identity == hash_of("average", "1") == known


def test_an_engine_says_for_which_task_and_where_it_runs(started: Engine) -> None:
    assert started.task == "medical"
    assert (started.device.split(",")[0], started.device_name) == ("CPU", "cpu")
    assert (started.error, started.findings) == (0.0, ())
    assert started.in_less_memory() is started
    assert start_engine("multi_focus", engine="average").task == "multi_focus"


def test_an_unknown_engine_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(RefusedError) as refused:
        start_engine(engine="abacus")
    assert str(refused.value) == "Use one of refusion, average, maximum, laplacian: there is no engine 'abacus'."


def test_weights_for_an_engine_that_takes_none_are_refused() -> None:
    with pytest.raises(RefusedError, match=r"Leave out the weights.*maximum takes no weights"):
        start_engine(weights="medical", engine="maximum")


def test_a_rule_stays_on_the_processor_and_says_so() -> None:
    engine = start_engine(device="cuda", engine="average")
    assert engine.device_name == "cpu"
    (finding,) = engine.findings
    assert (finding.level, finding.value) == ("ok", "cuda")


def test_a_name_in_a_record_is_told_from_a_weights_file() -> None:
    assert rule_in_words("average") == "the mean of both sources at every pixel"
    assert rule_in_words("average.safetensors") == rule_in_words(DEFAULT_ENGINE) == rule_in_words("") == ""


@pytest.mark.parametrize(
    "code",
    [
        "import napari_refusion.fusion.engine, napari_refusion.fusion.slices",
        "from napari_refusion.fusion.engines import start_engine; start_engine(engine='average')",
    ],
)
def test_without_a_network_no_torch_is_loaded(code: str) -> None:
    code += "\nimport sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "False"
