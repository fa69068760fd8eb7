"""Checkpoints that cannot be used, and disks that are full."""

import errno
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from training.checkpoint import FORMAT, RunState, content_of, load_checkpoint
from training.recipe import Recipe
from training.start import new_networks
from training.train import train

CPU = torch.device("cpu")


def test_a_checkpoint_of_another_recipe_is_refused(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    short = replace(recipe, cycles=1)
    train(short, images, tmp_path / "run", resume=False, device=CPU)
    with pytest.raises(ValueError, match="another recipe"):
        train(replace(short, sha256="other"), images, tmp_path / "run", resume=True, device=CPU)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04"])
def test_a_file_that_is_no_checkpoint_is_named(recipe: Recipe, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"checkpoint\.pt: not a readable checkpoint"):
        load_checkpoint(new_networks(recipe, CPU)[1], recipe, path)


def test_a_checkpoint_without_its_networks_is_named(recipe: Recipe, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    torch.save({"format": FORMAT, "recipe": recipe.sha256}, path)
    with pytest.raises(ValueError, match=r"checkpoint\.pt: not a readable checkpoint"):
        load_checkpoint(new_networks(recipe, CPU)[1], recipe, path)


@pytest.mark.parametrize("older", [{}, {"format": 1}])
def test_a_checkpoint_of_another_format_is_refused_in_one_sentence(
    recipe: Recipe, tmp_path: Path, older: dict[str, int]
) -> None:
    """Checkpoints had no format at first, and no averaged network."""
    path = tmp_path / "checkpoint.pt"
    state = new_networks(recipe, CPU)[1]
    content = content_of(state, recipe)
    del content["format"], content["averaged"]
    torch.save(content | older, path)
    with pytest.raises(
        ValueError, match=r"checkpoint\.pt: has the format 1, this program goes on with 3 alone; start"
    ) as raised:
        load_checkpoint(state, recipe, path)
    assert "\n" not in str(raised.value)


@pytest.fixture(scope="module")
def whole(kept_images: Path, recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunState]:
    """A run of two cycles that nothing stopped: its folder, and what it ended with."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    return folder, train(replace(recipe, cycles=2), kept_images, folder, resume=False, device=CPU)


@pytest.mark.parametrize("fitting", [1, 3, 4])
def test_a_full_disk_stops_the_run_in_one_sentence_and_loses_nothing(
    images: Path,
    recipe: Recipe,
    whole: tuple[Path, RunState],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fitting: int,
) -> None:
    """The disk takes `fitting` more files and half of the next one, whichever file of the run that is."""
    two = replace(recipe, cycles=2)
    unstopped, ended = whole
    write, written = Path.write_bytes, []

    def full(path: Path, content: bytes) -> int:
        written.append(path)
        if len(written) <= fitting:
            return write(path, content)
        write(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match=r"(disk is full|No space left).*--resume\.$"):
            train(two, images, tmp_path / "run", resume=False, device=CPU)
    finished = sum(path.suffix == ".pt" for path in written[:fitting])
    assert (tmp_path / "run/checkpoint.pt").is_file() == (finished > 0)
    resumed = train(two, images, tmp_path / "run", resume=True, device=CPU)
    assert (tmp_path / "run/log.csv").read_bytes() == (unstopped / "log.csv").read_bytes()
    for name, network in ended.networks.items():
        for key, value in network.state_dict().items():
            assert torch.equal(value, resumed.networks[name].state_dict()[key]), (name, key)


def test_the_sentence_about_a_full_disk_says_which_cycle_is_kept(
    images: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(replace(recipe, cycles=2), images, tmp_path / "run", resume=False, device=CPU)

    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match=r"(disk is full|run: No space left on device).*cycle 1 was the last to be kept"):
        train(recipe, images, tmp_path / "run", resume=True, device=CPU)


def tensors_in(value: Any) -> list[torch.Tensor]:  # noqa: ANN401 - any nesting
    if isinstance(value, torch.Tensor):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [tensor for item in inner for tensor in tensors_in(item)]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_checkpoint_made_on_a_gpu_goes_on_on_the_cpu(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    state = train(recipe, images, tmp_path / "run", resume=False, device=torch.device("cuda"))
    tensors = tensors_in(content_of(state, recipe))
    assert tensors
    assert all(tensor.device == CPU for tensor in tensors)
    other = new_networks(recipe, CPU)[1]
    load_checkpoint(other, recipe, tmp_path / "run/checkpoint.pt")
    assert other.cycle == recipe.cycles
