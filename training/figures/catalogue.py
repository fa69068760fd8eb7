"""All figures of an evaluation: what each one says, its unit, the tasks that have it, and where it is defined."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

MEDICAL: Final = ("medical",)
INFRARED: Final = ("infrared_visible",)
FOCUS: Final = ("multi_focus",)
EXPOSURE: Final = ("multi_exposure",)
EVERY: Final = MEDICAL + INFRARED + FOCUS + EXPOSURE


class Figure(NamedTuple):
    """One figure."""

    meaning: str
    """What it says, in a few words; a is the first source, b the second."""
    unit: str = ""
    """Empty for a plain number."""
    tasks: tuple[str, ...] = EVERY
    decimals: int = 3
    source: str = ""
    """Where it is defined: a module of this project, or a publication."""


_METRICS: Final = "napari_refusion.numerics.metrics"
_LESIONS: Final = "training.contrast_transfer"


def _lesions() -> dict[str, Figure]:
    kinds = {"dark_a": "dark lesions in a", "bright_b": "bright lesions in b", "dark_b": "dark lesions in b"}
    figures = {
        "contrast_transfer": Figure("bright lesions in a, part shown", "", MEDICAL, 3, _LESIONS),
        "hidden": Figure("bright lesions in a, share hidden", "", MEDICAL, 3, _LESIONS),
    }
    for kind, words in kinds.items():
        figures[f"shown_{kind}"] = Figure(f"{words}, part shown", "", MEDICAL, 3, _LESIONS)
        figures[f"hidden_{kind}"] = Figure(f"{words}, share hidden", "", MEDICAL, 3, _LESIONS)
    for side in ("a", "b"):
        words = f"faint lesions in {side}, share hidden"
        figures[f"faint_hidden_{side}"] = Figure(words, "", MEDICAL + INFRARED, 3, "training.figures.lesions")
    return figures


def _identity() -> dict[str, Figure]:
    source = "training.figures.identity"
    return {
        f"identity_{part}_{side}": Figure(f"{side} fused with itself: {part}", "", EVERY, 3, source)
        for side in ("a", "b")
        for part in ("slope", "bias")
    }


PUBLISHED: Final[Mapping[str, Figure]] = MappingProxyType(
    {
        "en": Figure("entropy", "bit", source=f"{_METRICS}.statistics"),
        "sd": Figure("standard deviation", "grey levels", decimals=2, source=f"{_METRICS}.statistics"),
        "sf": Figure("spatial frequency", "grey levels", decimals=2, source=f"{_METRICS}.statistics"),
        "ag": Figure("average gradient", "grey levels", source=f"{_METRICS}.statistics"),
        "mi": Figure("mutual information with both", "nat", source=f"{_METRICS}.information"),
        "scd": Figure("correlations of differences", source=f"{_METRICS}.similarity"),
        "vif": Figure("visual information fidelity, both", source=f"{_METRICS}.information"),
        "qabf": Figure("edges carried", source=f"{_METRICS}.edges"),
        "ssim_sum": Figure("structural similarity, both", source=f"{_METRICS}.similarity"),
        "ssim_mean": Figure("structural similarity, mean", source=f"{_METRICS}.similarity"),
        "ssim_fg": Figure("structural similarity on foreground, both", source=f"{_METRICS}.similarity"),
    }
)
"""The eleven figures of the field's tables."""

_READER: Final[Mapping[str, Figure]] = MappingProxyType(
    {
        "background": Figure(
            "fused where both are black", "of full scale", decimals=4, source=f"{_METRICS}.statistics"
        ),
        "saturated": Figure("share above .98", source="training.figures.levels"),
        "saturated_sources": Figure("the same of the brighter source", source="training.figures.levels"),
        "above_both": Figure("share .05 above both sources", source="training.figures.levels"),
        "below_both": Figure("share .05 below both sources", source="training.figures.levels"),
        "median": Figure("median of the foreground", source="training.figures.levels"),
        "median_sources": Figure("the same of the brighter source", source="training.figures.levels"),
        "dark_level": Figure("mean of the darkest tenth", source="training.figures.levels"),
        "dark_level_sources": Figure("the same of the brighter source", source="training.figures.levels"),
        **_identity(),
        "swapping": Figure("difference on swapping a and b", "grey levels", EVERY, 2, "training.figures.swapping"),
        "noise_gain": Figure("noise added to one source, part shown", source="training.figures.noise"),
        "noise_gain_both": Figure("noise added to both, part shown", source="training.figures.noise"),
        "tumour_contrast": Figure("tumour against ring, part shown", "", MEDICAL, 3, "training.figures.tumours"),
        "tumour_removal": Figure("change on removing it, part shown", "", MEDICAL, 3, "training.figures.tumours"),
        "targets_kept": Figure("thermal targets, contrast kept", "", INFRARED, 3, "training.figures.targets"),
        "flat_noise": Figure("noise over the noisier source's", "", INFRARED, 3, "training.figures.noise"),
        "halo": Figure("overshoot at defocused edges", "grey levels", FOCUS, 3, "training.figures.halos"),
        "mef_ssim": Figure("MEF-SSIM, three scales", "", EXPOSURE, 3, "DOI 10.1109/TIP.2015.2442920"),
        "highlights_kept": Figure("detail kept in highlights", "", EXPOSURE, 3, "training.figures.exposures"),
        "shadows_kept": Figure("detail kept in shadows", "", EXPOSURE, 3, "training.figures.exposures"),
        "blown": Figure("share from level 250 on", "", EXPOSURE, 3, "training.figures.exposures"),
        "crushed": Figure("share up to level 5", "", EXPOSURE, 3, "training.figures.exposures"),
        "reader_loss": Figure(
            "loss of a fresh R, rebuilding both", decimals=4, source="training.figures.reconstruction"
        ),
        "reader_rms": Figure("error of a fresh R", "grey levels", EVERY, 2, "training.figures.reconstruction"),
    }
)

FIGURES: Final[Mapping[str, Figure]] = MappingProxyType({**PUBLISHED, **_lesions(), **_READER})
"""Figures by the name of their column, in the order in which they are printed."""

FIELD: Final = (*PUBLISHED, "contrast_transfer", "hidden", "background")
"""Those of the project's published tables."""
