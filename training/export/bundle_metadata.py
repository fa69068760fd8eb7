"""What a bundle's ``metadata.json`` says, by MONAI's schema of 2024-07-25."""

from importlib.metadata import version
from typing import Any, Final

from napari_refusion import __version__
from napari_refusion.model.tasks import find_task
from napari_refusion.model.weights import Weights
from napari_refusion.notice import NOTICE

SCHEMA: Final = (
    "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20240725.json"
)
"""Where MONAI looks for the schema."""

_NEEDED: Final = ("fire", "nibabel", "pytorch-ignite", "safetensors", "scipy", "SimpleITK")
"""Packages beside MONAI, PyTorch and NumPy, whose versions are named."""


def metadata(weights: Weights, model_sha256: str) -> dict[str, Any]:
    """Return what is said about a bundle of some weights.

    Parameters
    ----------
    model_sha256
        Of ``models/model.pt``, which is compared when the bundle runs.
    """
    return {
        "schema": SCHEMA,
        "version": __version__,
        "changelog": {__version__: "the first bundle"},
        "monai_version": version("monai"),
        "pytorch_version": version("torch").partition("+")[0],
        "numpy_version": version("numpy"),
        "required_packages_version": {"napari-refusion": __version__} | {name: version(name) for name in _NEEDED},
        **_words(weights),
        "eval_metrics": dict(weights.metrics),
        "network_data_format": _data_format(weights.sources),
        "refusion": {
            "task": weights.task,
            "weights": weights.name,
            "weights_sha256": weights.sha256,
            "model_sha256": model_sha256,
            "licence": weights.licence,
        },
    }


def _words(weights: Weights) -> dict[str, Any]:
    first, second = weights.sources
    return {
        "name": f"refusion_{weights.task}",
        "task": f"Fusion of {find_task(weights.task).title}",
        "description": f"The fusion network of ReFusion: two co-registered volumes of one patient ({first}; {second}) "
        "are ordered, resampled to one grid and windowed as by the napari plugin, then fused slice by slice.",
        "authors": "napari-refusion developers",
        "copyright": "Copyright (c) 2026, napari-refusion developers",
        "data_source": f"{weights.data}; see docs/data_license.txt",
        "data_type": "nibabel, dicom",
        "image_classes": f"channel 0: {first}, channel 1: {second}; whole slices, each volume windowed to [0, 1]",
        "pred_classes": "the fused slice, not a quantity of either source",
        "intended_use": NOTICE,
        "references": [
            "Bai et al., ReFusion: Learning Image Fusion from Reconstruction with Learnable Loss via Meta-Learning, "
            "International Journal of Computer Vision 133, 2547-2567, 2025, doi:10.1007/s11263-024-02256-8",
        ],
    }


def _data_format(sources: tuple[str, str]) -> dict[str, Any]:
    common = {
        "type": "image",
        "format": "magnitude",
        "spatial_shape": ["*", "*"],
        "dtype": "float32",
        "value_range": [0, 1],
        "is_patch_data": False,
    }
    channels = {str(place): name for place, name in enumerate(sources)}
    return {
        "inputs": {"image": {**common, "num_channels": 2, "channel_def": channels}},
        "outputs": {"pred": {**common, "num_channels": 1, "channel_def": {"0": "fused"}}},
    }
