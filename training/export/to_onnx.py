"""Write fusion networks as ONNX files: ``python -m training.export.to_onnx --output runs/onnx``.

All installed weights, or those named (``--weights NAME_OR_FILE``, may be repeated). Every file is run by ONNX Runtime
and compared with PyTorch before it is written. Needs the packages of the group ``onnx``: ``pip install --group onnx``.
"""

import argparse
import sys
from pathlib import Path

import torch

from napari_refusion.io.whole_files import atomic
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import find_weights, load_weights


def export(name: str, folder: Path) -> str:
    """Write one network as ``refusion_TASK.onnx``, and return a line about it.

    Parameters
    ----------
    name
        Of installed weights, or a file.

    Raises
    ------
    ValueError
        If there are no such weights, or ONNX Runtime answers otherwise than PyTorch.
    """
    from training.export.onnx_check import LARGEST_ERROR, farthest_from_torch, onnx_session, trial_slices
    from training.export.onnx_graph import onnx_graph

    weights = load_weights(find_weights(name))
    model = onnx_graph(weights)
    error = farthest_from_torch(onnx_session(model), build_fusion_net(weights), trial_slices())
    if not error <= LARGEST_ERROR:
        raise ValueError(f"{weights.name}: ONNX Runtime and PyTorch differ by {error:.2g}, more than {LARGEST_ERROR}.")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"refusion_{weights.task if name in installed_weights() else Path(name).stem}.onnx"
    with atomic(path, overwrite=True) as temporary:
        temporary.write_bytes(model.SerializeToString(deterministic=True))
    return f"{path}: {path.stat().st_size / 1e3:.0f} kB, at most {error:.1g} from PyTorch"


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder of the files")
    parser.add_argument("--weights", action="append", help="installed weights or a file, may be repeated")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    try:
        for name in arguments.weights or installed_weights():
            print(export(name, arguments.output))
    except ImportError as error:
        sys.exit(f"Install the packages of the group onnx: pip install --group onnx ({error}).")
    except (ValueError, OSError) as error:
        sys.exit(f"Not exported: {error}")


if __name__ == "__main__":
    main()
