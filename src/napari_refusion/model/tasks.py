"""The tasks and the weights that are installed for them, one table; importing this loads no torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from napari_refusion.unknown_name import unknown_name


@dataclass(frozen=True, slots=True)
class Task:
    """What is fused. Menus, help, pairing and training follow from its entry."""

    name: str
    """Also that of its installed weights."""
    title: str
    """What a menu calls it."""
    sources: tuple[str, str]
    """What the two sources are, in the order in which the networks take them."""
    is_medical: bool = False
    """Whether its sources are volumes of one patient: their modalities tell their order, and their registration is
    tested. Photographs are taken in the order given, and tested by their edges."""
    has_overlay: bool = False
    """Whether one source says something in colours over the other: of two focuses or exposures neither does."""


_ALL: Final = (
    Task("medical", "MRI with CT, PET or SPECT", ("CT, PET or SPECT", "MRI"), is_medical=True, has_overlay=True),
    Task("infrared_visible", "infrared and visible light", ("infrared", "visible"), has_overlay=True),
    Task("multi_focus", "near and far focus", ("near focus", "far focus")),
    Task("multi_exposure", "under- and over-exposed", ("under-exposed", "over-exposed")),
)

TASKS: Final[Mapping[str, Task]] = MappingProxyType({one.name: one for one in _ALL})
"""Name -> task, the first one by default. Another task is one more entry, and a weights file of its name."""

DEFAULT_TASK: Final = next(iter(TASKS))

COMPANIONS: Final = ("reconstruction", "proposal")
"""The networks that are trained beside the fusion network; their files are ``medical_reconstruction`` and so on."""


def find_task(name: str) -> Task:
    """Return the task of a name.

    Raises
    ------
    ValueError
        For a name that is not known; the sentence lists the known ones.
    """
    if name not in TASKS:
        raise ValueError(unknown_name("task", name, TASKS))
    return TASKS[name]


def installed_weights(network: str = "fusion") -> dict[str, Path]:
    """Return the weights files of one network that came with the package, by name (``medical``)."""
    folder = Path(__file__).resolve().parents[1] / "weights"
    if network in COMPANIONS:
        ending = f"_{network}"
        return {path.stem.removesuffix(ending): path for path in sorted(folder.glob(f"*{ending}.safetensors"))}
    files = sorted(folder.glob("*.safetensors"))
    return {path.stem: path for path in files if not path.stem.endswith(tuple(f"_{name}" for name in COMPANIONS))}
