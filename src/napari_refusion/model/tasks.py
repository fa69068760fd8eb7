"""The four tasks and the weights that are installed for them; importing this loads no torch."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

TASKS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "medical": ("CT, PET or SPECT", "MRI"),
        "infrared_visible": ("infrared", "visible"),
        "multi_focus": ("near focus", "far focus"),
        "multi_exposure": ("under-exposed", "over-exposed"),
    }
)
"""The four tasks and the order in which the networks take the two sources."""


def installed_weights() -> dict[str, Path]:
    """Return the weights files that came with the package, by name (``medical``)."""
    folder = Path(__file__).resolve().parents[1] / "weights"
    return {path.stem: path for path in sorted(folder.glob("*.safetensors"))}
