"""The exported network in ONNX Runtime: any size and number of images, the same answers, and what it is inside."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from napari_refusion.fusion.border import BORDER
from napari_refusion.fusion.engines import PYTORCH, start_engine
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import find_weights, load_weights
from training.export.row_by_row import row_by_row

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

from training.export import to_onnx  # noqa: E402 - where onnx is there
from training.export.onnx_check import LARGEST_ERROR, farthest_from_torch, onnx_session, trial_slices  # noqa: E402
from training.export.onnx_graph import INPUT, OUTPUT, onnx_graph  # noqa: E402


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The medical network as a file."""
    folder = tmp_path_factory.mktemp("onnx")
    to_onnx.export("medical", folder)
    return folder / "refusion_medical.onnx"


def test_onnx_runtime_answers_as_pytorch_on_all_trial_slices(exported: Path) -> None:
    session = onnx_session(onnx.load(exported))
    network = build_fusion_net(load_weights(find_weights("medical")))
    assert farthest_from_torch(session, network, trial_slices()) < 1e-5 < LARGEST_ERROR


def test_onnx_runtime_answers_as_pytorch_on_real_slices(exported: Path, shared: Path) -> None:
    slices = np.load(shared / "reference/outputs.npz")
    session = onnx_session(onnx.load(exported))
    network = build_fusion_net(load_weights(find_weights("medical")))
    names = [name.removesuffix("/a") for name in slices.files if name.startswith("MIF/") and name.endswith("/a")]
    pairs = [torch.from_numpy(np.stack([slices[f"{name}/a"], slices[f"{name}/b"]])[None]) for name in names[:3]]
    assert len(pairs) == 3
    assert farthest_from_torch(session, network, pairs) < 1e-5


@pytest.mark.parametrize("reaches", [True, False])
def test_with_what_the_guide_does_at_the_edges_the_file_fuses_as_the_plugin(exported: Path, reaches: bool) -> None:
    guide = (Path(__file__).parents[3] / "docs/how-to/bundle.md").read_text()
    lines = guide.split("```python\n")[1].split("```")[0]
    pair = np.random.default_rng(0).random((2, 37, 52), np.float32)
    if not reaches:
        pair = np.pad(pair, ((0, 0), (BORDER, BORDER), (BORDER, BORDER)))
    names = {"pet": pair[0], "mri": pair[1]}
    exec(lines.replace("runs/onnx/refusion_medical.onnx", exported.as_posix()), names)
    fused = start_engine(device=PYTORCH).fuse(*pair)
    assert names["border"] == (BORDER if reaches else 0)
    np.testing.assert_allclose(names["fused"], fused, atol=1e-5, rtol=0)


def test_a_wrong_answer_or_shape_or_one_that_is_not_finite_is_noticed() -> None:
    class Session:
        def __init__(self, answer: np.ndarray) -> None:
            self.answer = answer

        def run(self, *_: object) -> list[np.ndarray]:
            return [self.answer]

    network, sources = FusionNet().eval(), torch.rand(1, 2, 8, 8)
    with torch.inference_mode():
        right = network(sources).numpy()
    off, broken = right.copy(), right.copy()
    off[0, 0, 3, 3] += 0.25
    broken[0, 0, 3, 3] = np.nan
    errors = [farthest_from_torch(Session(one), network, [sources]) for one in (right, off, broken, right[:, :, :4])]
    assert errors[:2] == [0.0, pytest.approx(0.25)]
    assert errors[2:] == [math.inf, math.inf]


def test_sums_row_by_row_change_an_answer_by_rounding_only_and_leave_the_network_as_it_was() -> None:
    network = build_fusion_net(load_weights(find_weights("multi_focus")))
    sources = torch.rand(2, 2, 19, 23)
    with torch.inference_mode():
        before = network(sources)
        torch.testing.assert_close(row_by_row(network)(sources), before, atol=2e-6, rtol=0)
        assert torch.equal(network(sources), before)


def test_batch_height_and_width_are_named_and_nothing_else_is_open(exported: Path) -> None:
    graph = onnx.load(exported).graph
    shapes = {
        one.name: [size.dim_param or size.dim_value for size in one.type.tensor_type.shape.dim]
        for one in (*graph.input, *graph.output)
    }
    assert shapes == {INPUT: ["batch", 2, "height", "width"], OUTPUT: ["batch", 1, "height", "width"]}


def test_the_file_says_what_it_is(exported: Path) -> None:
    weights = load_weights(find_weights("medical"))
    said = {one.key: one.value for one in onnx.load(exported).metadata_props}
    assert said["task"] == "medical"
    assert said["weights_sha256"] == weights.sha256
    assert said["licence"] == "BSD-3-Clause"
    assert json.loads(said["sources"]) == list(weights.sources)
    assert said["input_range"] == "[0, 1]"
    assert said["input"].startswith(INPUT)
    assert said["output"].startswith(OUTPUT)
    assert f"within {BORDER} pixels" in said["edges"]
    assert "not for diagnosis" in said["notice"]


def test_the_file_tells_nothing_of_the_machine_that_made_it(exported: Path) -> None:
    content = exported.read_bytes()
    assert str(Path(to_onnx.__file__).parents[2]).encode() not in content
    assert b"site-packages" not in content
    assert b".py" not in content


def test_weights_that_do_not_fuse_are_not_exported() -> None:
    weights = load_weights(installed_weights("proposal")["medical"])
    with pytest.raises(ValueError, match="Choose fusion weights"):
        onnx_graph(weights)
