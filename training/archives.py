"""What lies where in the public archives of training and test images, and what it is called afterwards."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

Planned = tuple[str, str]
"""A file of the archive, and what it becomes: a path below the folder of all data sets, without its suffix."""

Plan = Callable[[Iterable[str]], Iterator[Planned]]

CASES: Final = {
    "CT": {case: f"c{case:02}" for case in (2, 28, 32, 33, 37, 41)},
    "PET": {25: "normalcor", 30: "normalsag", 41: "normalax"},
    "SPECT": {case: f"c{case:02}" for case in (3, 10, 11, 15, 18, 25, 28, 29, 35, 40)},
}
"""Number of a case in the Whole Brain Atlas -> beginning of its names; the others are patients of the test split or
left for a last judgement. The three stacks of PET are one person."""

ROADSCENE_TEST: Final = (
    "00211 00977 01130 04269 04424 04484 04512 04593 04688 04722 04943 05005 05064 05105 05857 05879 05893 05914 05955 "
    "06282 06325 06392 06430 06506 06570 06795 06974 06993 06995 07190 07206 07209 07555 07732 07786 07809 07968 07970 "
    "08021 08058 08094 08202 08248 08284 08526 08592 08721 08858 09465 video_02829"
)
"""The 50 scenes of the field's test split, which the archive ``cddfuse`` holds."""

EXPOSURES: Final = {
    "1": "BenJerrys BigfootPass CadesCove CanadianFalls CemeteryTree1 CemeteryTree2 DelicateArch DelicateFlowers "
    "DevilsGolfCourse DevilsTower ElCapitan FourCornersStorm GeneralGrant GeneralSherman URChapel2 WestBranchAusable1 "
    "WestBranchAusable2 WillySentinel YosemiteFalls",
    "3": "AgiaGalini Cafe Colorcheckers CreteSeashore1 CreteSunset1 CreteSunset2 FORTH2 FORTH3 Flowers Garden "
    "HorseshoeLake Knossos1 Knossos2 Knossos3 Knossos4 Knossos5 LowerLewisFalls MarketMires2 MontSaintMichel "
    "RevelStoke Stonetower1 SwissSunset Zurich Zurich2",
}
"""Scenes, spelled without spaces and signs, that are neither in MEFB nor another view of one of its scenes."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A public repository, downloaded by the user."""

    repository: str
    """Owner and name on GitHub."""
    example: str
    """One of its files, to be named where it is missing."""
    plan: Plan
    """Names of all files -> those that are taken. Several exposures of a scene become one name that ends in a slash."""


def _found(pattern: str, names: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the names that are `pattern`, below the outer folder that GitHub adds or not, with the pattern's groups."""
    for name in names:
        if match := re.fullmatch(rf"(?:[^/]+/)?{pattern}", name):
            yield name, match.groups()


def _harvard(names: Iterable[str]) -> Iterator[Planned]:
    for name, (kind, side, case, number) in _found(r"(CT|PET|SPECT)-MRI/(\w+)/(\d{1,2})(\d{3})\.png", names):
        if side in (kind, "MRI") and int(case) in CASES[kind]:
            yield name, f"mif/train/MRI-{kind}/{side}/{CASES[kind][int(case)]}_{number}"


def _safusion(names: Iterable[str]) -> Iterator[Planned]:
    for name, (side, number) in _found(r"images/MRI-PET/(MRI|PET)/(0\d|10)\.jpg", names):
        yield name, f"mif/train/MRI-PET/{side}/safA_{number}"


def _cddfuse(names: Iterable[str]) -> Iterator[Planned]:
    for name, (kind, side, number) in _found(r"test_img/MRI_(CT|PET|SPECT)/(\w+)/(\d+)\.png", names):
        if side in (kind, "MRI"):
            yield name, f"mif/devtest/MRI-{kind}/{side}/{number}"
    for name, (scenes, side, scene) in _found(r"test_img/(RoadScene|TNO)/(ir|vi)/(\w+)\.(?:png|jpg)", names):
        yield name, f"ivif/devtest/{side}/{'road' if scenes == 'RoadScene' else 'tno'}_{scene}"


def _roadscene(names: Iterable[str]) -> Iterator[Planned]:
    for name, (side, scene) in _found(r"(cropinfrared|crop_LR_visible)/FLIR_(\w+)\.jpg", names):
        if scene not in ROADSCENE_TEST.split():
            yield name, f"ivif/train/{'ir' if side == 'cropinfrared' else 'vi'}/road_FLIR_{scene}"


def _mfifb(names: Iterable[str]) -> Iterator[Planned]:
    for name, (scene, side) in _found(r"input/(\w+)/\1_([AB])\.(?:png|jpg|bmp)", names):
        if scene != "aymaz_20":  # left out of the manifest, too
            split = "devtest" if scene.startswith("lytro") else "train"
            yield name, f"mfif/{split}/{'near' if side == 'A' else 'far'}/{scene}"


def _mefb(names: Iterable[str]) -> Iterator[Planned]:
    for name, (scene,) in _found(r"input/(\w+)/[^/]+_[AB]\.(?i:png|jpg|tif)", names):
        yield name, f"meif/devtest/{scene}/"


def _exposures(names: Iterable[str]) -> Iterator[Planned]:
    for name, (number, folder) in _found(r"Dataset/dataset([13])/[^/]+/(?:imgs[12]/)?([^/]+)/[^/]+\.tif", names):
        scene = re.sub(r"\W", "", folder)
        if scene in EXPOSURES[number].split():
            yield name, f"meif/train/d{number}_{scene}/"


ARCHIVES: Final = {
    "harvard": Archive("xianming-gu/Havard-Medical-Image-Fusion-Datasets", "CT-MRI/CT/2006.png", _harvard),
    "safusion": Archive(
        "PengtaoJia/SAFusion-Scenario-Adaptive-Network-for-Multimodal-Medical-Image-Fusion",
        "images/MRI-PET/PET/01.jpg",
        _safusion,
    ),
    "cddfuse": Archive("Zhaozixiang1228/MMIF-CDDFuse", "test_img/MRI_CT/CT/11.png", _cddfuse),
    "roadscene": Archive("hanna-xu/RoadScene", "cropinfrared/FLIR_00006.jpg", _roadscene),
    "mfifb": Archive("xingchenzhang/MFIFB", "input/lytro_01/lytro_01_A.jpg", _mfifb),
    "mefb": Archive("xingchenzhang/MEFB", "input/flower/flower_A.jpg", _mefb),
    "exposures": Archive(
        "hangxiaotian/Perceptual-Multi-exposure-Image-Fusion",
        "Dataset/dataset3/Allimges_downsampling_8/imgs2/Zurich/AH7C6915.tif",
        _exposures,
    ),
}
"""By the name on the command line."""
