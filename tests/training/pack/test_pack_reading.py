import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from training.pack.encoding import PackedImage, PlannedSet, codes, lossless, packed
from training.pack.reading import Channel, decoded, read_pack
from training.pack.writing import write_pack

SUV = Channel("PET", 0.0, 20.0, root=True)
HU = Channel("CT", -190.0, 310.0, root=False)


def _images() -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (2, *size), dtype=np.uint8) for size in ((16, 20), (24, 12), (11, 11))]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Three images of different sizes, two for training."""
    names = ("p1_000", "p1_001", "p2_000")
    images = (packed(name, image) for name, image in zip(names, _images(), strict=True))
    (tmp_path / "data").mkdir()
    write_pack([PlannedSet("body", "medical", (SUV, HU), images, ("p2",))], tmp_path / "pack", tmp_path / "data")
    return tmp_path / "pack"


def test_every_pixel_comes_back_at_its_place(pack: Path) -> None:
    sets = read_pack(pack)
    assert list(sets) == ["body:train", "body:validation"]
    assert sets["body:train"].names == ("p1_000", "p1_001")
    assert sets["body:train"].pixels.shape == (2, 16 * 20 + 24 * 12)
    found = [sets["body:train"].image(0), sets["body:train"].image(1), sets["body:validation"].image(0)]
    assert all(np.array_equal(a, b) for a, b in zip(found, _images(), strict=True))


def test_levels_far_apart_are_packed_as_ranks_and_come_back() -> None:
    rows, columns = np.mgrid[:128, :128]
    noise = np.random.default_rng(0).integers(0, 4, (128, 128))
    image = (3 * ((rows + columns) // 4 + noise) + 5).astype(np.uint8)
    content = lossless(image)[1]
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.info["xmp"] == bytes(range(5, 3 * (254 // 4 + 3) + 6, 3))
    assert np.array_equal(decoded(content), image)


def test_codes_are_a_square_root_over_uptake_and_a_line_over_density() -> None:
    middle = torch.tensor([0, 51, 255], dtype=torch.uint8)
    assert torch.allclose(SUV.values(middle), torch.tensor([0.0, 0.8, 20.0]))  # 20 * (51 / 255)^2
    assert torch.allclose(HU.values(middle), torch.tensor([-190.0, -90.0, 310.0]))


@pytest.mark.parametrize("channel", [SUV, HU])
def test_values_are_told_to_half_a_step(channel: Channel) -> None:
    values = np.linspace(channel.low, channel.high, 1001)
    back = channel.values(torch.from_numpy(codes(values, channel))).numpy()
    # the largest step of a square-root code lies at the top: 1 - (254 / 255)^2 of the range
    step = (1 - (254 / 255) ** 2 if channel.root else 1 / 255) * (channel.high - channel.low)
    assert np.abs(back - values).max() <= step / 2 + 1e-4


def test_values_beyond_the_range_take_its_ends() -> None:
    assert codes(np.array([-1000.0, 3000.0]), HU).tolist() == [0, 255]


def test_a_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="1 values of PET are not finite"):
        codes(np.array([1.0, np.nan]), SUV)


def test_a_pack_of_another_format_is_refused(pack: Path) -> None:
    index = json.loads((pack / "pack.json").read_text())
    (pack / "pack.json").write_text(json.dumps(index | {"format": 99}))
    with pytest.raises(ValueError, match="format 99"):
        read_pack(pack)


def test_an_unfinished_pack_is_refused(pack: Path) -> None:
    (pack / "pack.json").unlink()
    with pytest.raises(ValueError, match="not a finished pack"):
        read_pack(pack)


def test_an_index_without_its_sets_is_refused(pack: Path) -> None:
    (pack / "pack.json").write_text('{"format": 1}')
    with pytest.raises(ValueError, match="damaged"):
        read_pack(pack)


def test_missing_data_are_refused(pack: Path) -> None:
    (pack / "body.train.zip").unlink()
    with pytest.raises(ValueError, match=r"body\.train\.zip: cannot be read"):
        read_pack(pack)


def test_one_changed_byte_is_refused(pack: Path) -> None:
    content = bytearray((pack / "body.train.zip").read_bytes())
    content[len(content) // 2] ^= 1
    (pack / "body.train.zip").write_bytes(content)
    with pytest.raises(ValueError, match=r"body\.train\.zip: is damaged or of another pack"):
        read_pack(pack)


def test_a_size_that_the_index_tells_wrongly_is_refused(tmp_path: Path) -> None:
    image = packed("p1", np.zeros((1, 12, 16), np.uint8))
    turned = PackedImage("p1", 16, 12, image.files)
    (tmp_path / "data").mkdir()
    write_pack([PlannedSet("a", "medical", (HU,), iter([turned]), ())], tmp_path / "pack", tmp_path / "data")
    with pytest.raises(ValueError, match="not of the size"):
        read_pack(tmp_path / "pack")


def test_the_packed_code_reads_the_pack_where_medical_readers_and_napari_are_not_installed(pack: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "absent = 'monai nibabel pydicom SimpleITK napari qtpy highdicom tifffile typer superqt'.split()\n"
        "sys.modules.update(dict.fromkeys(absent))\n"
        f"code = pathlib.Path({str(pack / 'code')!r})\n"
        "sys.path[:] = [str(code), str(code / 'src'), *(p for p in sys.path if p and 'refusion' not in p)]\n"
        "import training.pack.reading as reading\n"
        "assert reading.__file__.startswith(str(code)), reading.__file__\n"
        "import napari_refusion.model.losses, napari_refusion.model.reconstruction_net\n"
        "from napari_refusion.model.built import build_fusion_net\n"
        "from napari_refusion.model.weights_files import load_weights\n"
        "from napari_refusion.model.tasks import installed_weights\n"
        "build_fusion_net(load_weights(installed_weights()['medical']))\n"
        "print(*reading.read_pack(code.parent))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=pack, check=False)
    assert ended.stdout.split() == ["body:train", "body:validation"], ended.stderr
