"""The bundle as MONAI runs it: the same result as everywhere, and the same refusals."""

import importlib
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import torch

import napari_refusion as nr
from napari_refusion.io.write import write_nifti
from napari_refusion.model.weights_files import find_weights, load_weights
from napari_refusion.numerics.colour import DEFAULT_PALETTE
from tests.small_pair import small_mri, small_pet
from training.export.to_bundle import write_bundle

pytest.importorskip("ignite")
pytest.importorskip("jsonschema")

from monai.bundle import ConfigWorkflow, verify_metadata, verify_net_in_out
from monai.inferers import SimpleInferer

from napari_refusion.bundle.engine import bundle_engine
from napari_refusion.bundle.network import loaded
from napari_refusion.bundle.pairs import Pairs
from napari_refusion.model.fusion_net import FusionNet


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the medical weights."""
    folder = tmp_path_factory.mktemp("bundle") / "refusion_medical"
    write_bundle(load_weights(find_weights("medical")), "# Model card\n", folder)
    return folder


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A PET and an MRI as files."""
    files = tmp_path / "pet.nii.gz", tmp_path / "mri.nii.gz"
    for file, volume in zip(files, (small_pet(), small_mri()), strict=True):
        write_nifti(volume, file)
    return files


MODALITIES = {"modality_first": "PT", "modality_second": "MR"}


def run(bundle: Path, pair: tuple[Path, Path], output: Path, **options: object) -> ConfigWorkflow:
    """Run a bundle as ``python -m monai.bundle run`` does."""
    workflow = ConfigWorkflow(
        str(bundle / "configs/inference.json"),
        workflow_type="infer",
        logging_file=False,
        bundle_root=str(bundle),
        device="$__import__('torch').device('cpu')",
        first=str(pair[0]),
        second=str(pair[1]),
        output=str(output),
        **MODALITIES | options,
    )
    workflow.initialize()
    workflow.run()
    workflow.finalize()
    return workflow


def refusal(caught: pytest.ExceptionInfo[Exception]) -> str:
    """Return the sentence of the refusal that MONAI hands on, or wraps."""
    error: BaseException | None = caught.value
    while error is not None and not isinstance(error, nr.RefusedError):
        error = error.__cause__
    return str(error)


def test_a_bundle_writes_what_the_notebook_writes(bundle: Path, pair: tuple[Path, Path], tmp_path: Path) -> None:
    # as MONAI's command line gives it: numbers, and tuples where there is a comma
    run(bundle, pair, tmp_path / "by_monai.nii.gz", window_first=(0, 90), window_second=("p2", "p98"), axis="coronal")
    study = nr.pair(nr.read(pair[0], "PT"), nr.read(pair[1], "MR"), windows=("0,90", "p2,p98"))
    nr.write(nr.fuse(study, axis="coronal", device="cpu"), tmp_path / "by_us.nii.gz")
    for ending in (".nii.gz", "_colour.nii.gz"):
        mine, theirs = (nr.read(tmp_path / f"{name}{ending}", "OT") for name in ("by_us", "by_monai"))
        np.testing.assert_allclose(theirs.data, mine.data, atol=1 / 255 if "colour" in ending else 2e-5)
        np.testing.assert_array_equal(theirs.affine, mine.affine)
    mine, theirs = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("by_us", "by_monai"))
    same = ("a", "b", "axis", "reference", "task", "order", "findings", "legend", "notice")
    assert {name: theirs[name] for name in same} == {name: mine[name] for name in same}


def test_the_record_names_the_bundle_and_the_hash_of_its_parameters(
    bundle: Path, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    relative = Path(pair[0].name), Path(pair[1].name)
    workflow = run(bundle, relative, Path("fused.nii.gz"), dataset_dir=str(tmp_path))
    said = json.loads((bundle / "configs/metadata.json").read_text())
    record = json.loads((tmp_path / "fused.json").read_text())
    assert record["weights"] == f"refusion_medical {nr.__version__}"
    assert record["weights_sha256"] == said["refusion"]["model_sha256"]
    assert workflow.check_properties() == []


def test_an_existing_result_is_left_as_it_is_unless_overwriting_is_asked_for(
    bundle: Path, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    output = tmp_path / "fused.nii.gz"
    output.write_bytes(b"mine")
    with pytest.raises(RuntimeError) as caught:
        run(bundle, pair, output)
    assert "overwrite" in refusal(caught)
    assert output.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"axis": "oblique"}, "no direction 'oblique'"),
        ({"window_first": "bone,5"}, "bone,5"),
        ({"palette": "beige"}, "beige"),
        ({"data": [{"frist": "pet.nii.gz"}]}, "no choice for a pair 'frist'"),
        ({"second": ""}, "second is missing"),
        ({"model_file": "nowhere.pt"}, "no file nowhere.pt"),
    ],
)
def test_what_cannot_be_fused_is_refused_in_words_and_nothing_is_written(
    options: Mapping[str, Any], sentence: str, bundle: Path, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    if "second" in options:
        pair, options = (pair[0], Path()), {"data::0::second": ""}
    with pytest.raises((nr.RefusedError, RuntimeError)) as caught:
        run(bundle, pair, tmp_path / "fused.nii.gz", **options)
    assert sentence in refusal(caught)
    assert not list(tmp_path.glob("fused*"))


def test_parameters_that_were_changed_are_noticed(bundle: Path, tmp_path: Path) -> None:
    state = torch.load(bundle / "models/model.pt", weights_only=True)
    changed = tmp_path / "model.pt"
    torch.save({name: value * 1.01 for name, value in state.items()}, changed)
    said = json.loads((bundle / "configs/metadata.json").read_text())
    with pytest.raises(nr.RefusedError, match="parameters were changed"):
        loaded(FusionNet(), changed, "cpu", said["refusion"]["model_sha256"])
    assert isinstance(loaded(FusionNet(), changed, "cpu"), FusionNet)


@pytest.mark.parametrize("content", [b"", b"no zip archive", b"PK\x03\x04 cut"])
def test_a_broken_file_of_parameters_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(content)
    with pytest.raises(nr.RefusedError, match="cannot be used"):
        loaded(FusionNet(), tmp_path / "model.pt", "cpu")


def test_parameters_of_another_network_or_that_overflow_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    for state in ({"x": torch.ones(1)}, {name: value * 1e30 for name, value in FusionNet().state_dict().items()}, [1]):
        torch.save(state, path)
        with pytest.raises(nr.RefusedError, match="cannot be used"):
            loaded(FusionNet(), path, "cpu")


def test_a_file_of_parameters_is_never_executed(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "executed",))

    torch.save({"embed_a.weight": Bomb()}, tmp_path / "model.pt")
    with pytest.raises(nr.RefusedError, match="cannot be used"):
        loaded(FusionNet(), tmp_path / "model.pt", "cpu")
    assert not (tmp_path / "executed").exists()


def test_where_both_sources_are_empty_the_fused_slice_is_empty() -> None:
    engine = bundle_engine(FusionNet(), SimpleInferer(), torch.device("cpu"), "medical", "untrained", "0" * 64)
    empty = np.zeros((8, 9), np.float32)
    assert not engine.fuse(empty, empty).any()
    assert engine.fuse(empty, empty + 0.5).shape == (8, 9)
    assert (engine.name, engine.task, engine.identity) == ("untrained", "medical", "0" * 64)


def test_a_network_whose_gpu_is_full_goes_on_on_the_cpu_through_the_same_inferer() -> None:
    class Inverting(SimpleInferer):
        def __call__(self, inputs: torch.Tensor, network: torch.nn.Module, *_: object, **__: object) -> torch.Tensor:
            return 1 - network(inputs)

    network = FusionNet()
    plain = bundle_engine(network, SimpleInferer(), torch.device("cpu"), "medical", "untrained", "0" * 64)
    assert plain.in_less_memory() is plain
    moved = bundle_engine(network, Inverting(), torch.device("meta"), "medical", "untrained", "0" * 64).in_less_memory()
    a, b = np.random.default_rng(0).random((2, 8, 9), dtype=np.float32)
    assert moved.device_name == "cpu"
    np.testing.assert_allclose(moved.fuse(a, b), 1 - plain.fuse(a, b), atol=1e-6)


def test_a_pair_that_is_not_complete_is_refused_when_it_is_asked_for() -> None:
    pairs = Pairs([{"first": "pet.nii.gz"}], ".", "medical")
    assert len(pairs) == 1
    with pytest.raises(nr.RefusedError, match="second is missing"):
        pairs[0]


def test_metadata_are_what_mb_specification_asks_for(bundle: Path, tmp_path: Path) -> None:
    # the fields that MONAI's specification requires; the schema itself is fetched from its address by MONAI
    required = (
        "version monai_version pytorch_version numpy_version required_packages_version task description authors "
        "copyright network_data_format"
    )
    tensor = ["type", "format", "num_channels", "spatial_shape", "dtype", "value_range"]
    formats = {"inputs": {"image": tensor}, "outputs": {"pred": tensor}}
    schema = {
        "type": "object",
        "required": required.split(),
        "properties": {
            "network_data_format": {
                "required": list(formats),
                "properties": {
                    side: {"required": list(of), "properties": {key: {"required": of[key]} for key in of}}
                    for side, of in formats.items()
                },
            }
        },
    }
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    verify_metadata(meta_file=str(bundle / "configs/metadata.json"), filepath=str(tmp_path / "schema.json"))


def test_the_network_takes_and_returns_what_the_metadata_say(bundle: Path) -> None:
    files = {"meta_file": str(bundle / "configs/metadata.json"), "config_file": str(bundle / "configs/inference.json")}
    for size in (1, 37):
        verify_net_in_out("network", **files, device="cpu", any=size, bundle_root=str(bundle))


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "napari_refusion.bundle.fusing", raising=False)
    for name in ("ignite", "ignite.engine"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "napari-refusion\[bundle\]"'):
        importlib.import_module("napari_refusion.bundle.fusing")


def test_defaults_are_those_of_the_package(bundle: Path) -> None:
    config = json.loads((bundle / "configs/inference.json").read_text())
    assert config["palette"] == DEFAULT_PALETTE


@pytest.mark.parametrize(("patient", "kinds"), [("STS_019", "pet T1w"), ("STS_035", "ct pet"), ("STS_003", "T1w ct")])
def test_of_real_pairs_a_bundle_writes_what_the_notebook_writes(
    patient: str, kinds: str, bundle: Path, shared: Path, tmp_path: Path
) -> None:
    files = [shared / f"data/petctmr/devtest/{patient}/{patient}_{kind}.nii.gz" for kind in kinds.split()]
    pair = cut(files[0], tmp_path), cut(files[1], tmp_path)
    run(bundle, pair, tmp_path / "by_monai.nii.gz", modality_first=None, modality_second=None)
    nr.write(nr.fuse(nr.pair(*map(nr.read, pair)), device="cpu"), tmp_path / "by_us.nii.gz")
    mine, theirs = (nr.read(tmp_path / f"{name}.nii.gz", "OT") for name in ("by_us", "by_monai"))
    assert mine.data.std() > 0.05
    np.testing.assert_allclose(theirs.data, mine.data, atol=2e-5)
    np.testing.assert_array_equal(theirs.affine, mine.affine)


def cut(file: Path, folder: Path) -> Path:
    """Copy six slices of a volume, and the file that describes it, and return the copy."""
    path = folder / file.name
    image = nibabel.load(file)
    nibabel.save(image.slicer[:, :, 20:26], path)
    if (description := file.with_name(file.name.replace(".nii.gz", ".json"))).is_file():
        shutil.copy(description, folder)
    return path
