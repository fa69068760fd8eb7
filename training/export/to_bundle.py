"""Write the medical weights as a MONAI Bundle in a folder: ``python -m training.export.to_bundle --output FOLDER``.

Parameters as a state dictionary that ``torch.load(weights_only=True)`` reads; no TorchScript. What the bundle runs is
in the package (`napari_refusion.bundle`), which must be installed where it runs: ``napari-refusion[bundle]``.
"""

import argparse
import hashlib
import io
import json
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import torch
from torch import Tensor

from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_check import check_state
from napari_refusion.model.weights_files import find_weights, load_weights
from training.export.bundle_metadata import metadata

CHECKOUT: Final = Path(__file__).resolve().parents[2]

_MARK: Final = "configs/metadata.json"
"""In every bundle."""


def write_bundle(weights: Weights, card: str, folder: Path) -> None:
    """Write a bundle; it replaces an earlier one, and appears when it is whole.

    Parameters
    ----------
    card
        The model card of the weights, Markdown.

    Raises
    ------
    ValueError
        If something else is in the folder, or the weights do not fuse.
    """
    check_state(weights.state, "fusion", weights.name)
    if folder.exists() and not (folder / _MARK).is_file() and any(folder.iterdir()):
        raise ValueError(f"Name a new folder: {folder} holds something else than a bundle.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".bundle-") as temporary:
        whole = Path(temporary) / "bundle"
        for name, content in bundle_files(weights, card).items():
            path = whole / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if folder.exists():
            shutil.move(folder, Path(temporary) / "former")
        whole.rename(folder)


def bundle_files(weights: Weights, card: str) -> dict[str, bytes]:
    """Return the files of a bundle by their path in it."""
    model = _state_file(weights.state)
    said = metadata(weights, hashlib.sha256(model).hexdigest())
    here = Path(__file__).parent
    readme = (here / "bundle_readme.md").read_text("utf-8")
    return {
        _MARK: (json.dumps(said, indent=4) + "\n").encode(),
        "configs/inference.json": (here / "inference.json").read_bytes(),
        "configs/logging.conf": (here / "logging.conf").read_bytes(),
        "models/model.pt": model,
        "docs/README.md": f"{readme}\n{_without_links(card)}".encode(),
        "docs/data_license.txt": (here / "data_license.txt").read_bytes(),
        "LICENSE": (CHECKOUT / "LICENSE").read_bytes(),
    }


def _state_file(state: Mapping[str, Tensor]) -> bytes:
    """Return parameters as PyTorch writes a state dictionary, the same bytes each time."""
    file = io.BytesIO()
    torch.save({name: state[name].detach().cpu().contiguous().clone() for name in sorted(state)}, file)
    return file.getvalue()


def _without_links(card: str) -> str:
    """Return a model card, as a part of another page, without links to files that are not in the bundle."""
    return re.sub(r"^#", "##", re.sub(r"\[([^\]]*)\]\(\.\.[^)]*\)", r"\1", card), flags=re.M)


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder of the bundle")
    arguments = parser.parse_args()
    try:
        file = find_weights("medical")
        write_bundle(load_weights(file), file.with_suffix(".md").read_text("utf-8"), arguments.output)
    except (ValueError, OSError) as error:
        sys.exit(f"Not exported: {error}")
    print(f"The bundle: {arguments.output}. What to do with it is in its docs/README.md")


if __name__ == "__main__":
    main()
