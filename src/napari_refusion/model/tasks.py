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


COMPANIONS: Final = ("reconstruction", "proposal")
"""The networks that are trained beside the fusion network; their files are ``medical_reconstruction`` and so on."""


def installed_weights(network: str = "fusion") -> dict[str, Path]:
    """Return the weights files of one network that came with the package, by name (``medical``)."""
    folder = Path(__file__).resolve().parents[1] / "weights"
    if network in COMPANIONS:
        ending = f"_{network}"
        return {path.stem.removesuffix(ending): path for path in sorted(folder.glob(f"*{ending}.safetensors"))}
    files = sorted(folder.glob("*.safetensors"))
    return {path.stem: path for path in files if not path.stem.endswith(tuple(f"_{name}" for name in COMPANIONS))}
