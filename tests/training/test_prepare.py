import csv
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.archives import ARCHIVES
from training.prepare import prepare

SHARED = Path(__file__).parents[3] / "shared/data"


def picture(level: int, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((8, 8), level, np.uint8)).save(buffer, format=kind)
    return buffer.getvalue()


def zipped(folder: Path, files: dict[str, bytes]) -> Path:
    """Return a zip file as GitHub makes it: everything in one outer folder."""
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"repository-main/{name}", content)
    return path


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "files", "expected"),
    [
        (
            "harvard",
            ["CT-MRI/CT/2006.png", "CT-MRI/MRI/2006.png", "PET-MRI/PET/41026.png", "PET-MRI/MRI/41026.png"],
            ["MRI-CT/CT/c02_006", "MRI-CT/MRI/c02_006", "MRI-PET/MRI/normalax_026", "MRI-PET/PET/normalax_026"],
        ),
        (
            "safusion",
            ["images/MRI-PET/PET/01.jpg", "images/MRI-PET/MRI/01.jpg"],
            ["MRI-PET/MRI/safA_01", "PET/safA_01"],
        ),
        ("cddfuse", ["test_img/TNO/ir/07.png", "test_img/TNO/vi/07.png"], ["devtest/ir/tno_07", "devtest/vi/tno_07"]),
        (
            "roadscene",
            [
                f"{side}/FLIR_{scene}.jpg"
                for side in ("cropinfrared", "crop_LR_visible")
                for scene in ("00006", "00211")
            ],
            ["train/ir/road_FLIR_00006", "train/vi/road_FLIR_00006"],  # 00211 is in the test split
        ),
        (
            "mfifb",
            ["input/tsai_01/tsai_01_A.jpg", "input/tsai_01/tsai_01_B.jpg"],
            ["mfif/train/far/tsai_01", "mfif/train/near/tsai_01"],
        ),
    ],
)
def test_files_get_the_layout_of_the_recipes(tmp_path: Path, name: str, files: list[str], expected: list[str]) -> None:
    archive = zipped(tmp_path, {file: picture(50, "PNG" if file.endswith("png") else "JPEG") for file in files})
    count, alone = prepare(name, archive, tmp_path / "out")
    names = written(tmp_path / "out")
    assert (2 * count, alone) == (len(expected), [])
    assert all(Path(found).with_suffix("").as_posix().endswith(end) for found, end in zip(names, expected, strict=True))


def test_an_unpacked_archive_is_as_good_and_the_files_are_the_same_bytes(tmp_path: Path) -> None:
    for side, level in (("CT", 10), ("MRI", 20)):
        path = tmp_path / "unpacked/CT-MRI" / side / "37003.png"
        path.parent.mkdir(parents=True)
        path.write_bytes(picture(level))
    prepare("harvard", tmp_path / "unpacked", tmp_path / "out")
    assert (tmp_path / "out/mif/train/MRI-CT/CT/c37_003.png").read_bytes() == picture(10)
    assert (tmp_path / "out/mif/train/MRI-CT/MRI/c37_003.png").read_bytes() == picture(20)


def test_bmp_becomes_png_without_a_loss(tmp_path: Path) -> None:
    archive = zipped(
        tmp_path,
        {f"input/books/books_{side}.bmp": picture(level, "BMP") for side, level in (("A", 77), ("B", 78))},
    )
    prepare("mfifb", archive, tmp_path / "out")
    assert np.all(np.asarray(Image.open(tmp_path / "out/mfif/train/near/books.png")) == 77)


def test_the_darker_of_two_exposures_is_the_underexposed_one_whatever_its_name(tmp_path: Path) -> None:
    files = {"input/Land/Land_A.jpg": picture(200, "JPEG"), "input/Land/Land_B.jpg": picture(150, "JPEG")}
    prepare("mefb", zipped(tmp_path, files), tmp_path / "out")
    levels = {
        side: np.asarray(Image.open(tmp_path / f"out/meif/devtest/{side}/Land.jpg")).mean()
        for side in ("under", "over")
    }
    assert levels == {"under": pytest.approx(150, abs=1), "over": pytest.approx(200, abs=1)}


def test_of_a_series_of_exposures_two_pairs_are_taken(tmp_path: Path) -> None:
    scene = "Dataset/dataset1/HDRPS_downsampling_8/Ben&Jerry's"
    files = {f"{scene}/_MDF{level:04}.tif": picture(level, "TIFF") for level in (2, 21, 44, 100, 178, 214, 250)}
    other = "Dataset/dataset1/HDRPS_downsampling_8/Air Bellows Gap/_MDF0057.tif"  # a scene of MEFB
    prepare("exposures", zipped(tmp_path, files | {other: picture(9, "TIFF")}), tmp_path / "out")
    found = {
        name: int(np.asarray(Image.open(tmp_path / "out/meif/train" / name)).mean())
        for name in written(tmp_path / "out/meif/train")
    }
    assert found == {
        "under/d1_BenJerrys_p1.png": 44,
        "over/d1_BenJerrys_p1.png": 178,
        "under/d1_BenJerrys_p2.png": 21,
        "over/d1_BenJerrys_p2.png": 214,
    }


def test_images_without_a_partner_are_left_out_and_named(tmp_path: Path) -> None:
    files = {f"CT-MRI/{side}/2006.png": picture(1) for side in ("CT", "MRI")} | {"CT-MRI/CT/2007.png": picture(1)}
    count, alone = prepare("harvard", zipped(tmp_path, files), tmp_path / "out")
    assert count == 1
    assert alone == ["repository-main/CT-MRI/CT/2007.png"]


def test_patients_of_the_test_split_are_not_taken_for_training(tmp_path: Path) -> None:
    names = [f"CT-MRI/{side}/{case}006.png" for side in ("CT", "MRI") for case in (2, 16, 21)]
    count, _ = prepare("harvard", zipped(tmp_path, {name: picture(1) for name in names}), tmp_path / "out")
    assert count == 1
    assert all("c02" in name for name in written(tmp_path / "out"))


def test_names_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    names = ["CT-MRI/../2006.png", "../CT-MRI/CT/2006.png", "CT-MRI/CT/2006.png", "CT-MRI/MRI/2006.png"]
    prepare("harvard", zipped(tmp_path, {name: picture(1) for name in names}), tmp_path / "in/out")
    assert len(written(tmp_path / "in")) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"archive.zip", "in"}


def test_another_archive_is_refused_in_one_sentence(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {"README.md": b"something else"})
    with pytest.raises(ValueError, match=r"archive\.zip: is not xianming-gu/Havard.* it holds no CT-MRI/CT/2006\.png"):
        prepare("harvard", archive, tmp_path / "out")
    archive.write_bytes(b"no zip")
    with pytest.raises(ValueError, match=r"archive\.zip: is neither a folder nor a zip file\."):
        prepare("harvard", archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten_and_nothing_is_left_of_a_damaged_archive(tmp_path: Path) -> None:
    files = {f"CT-MRI/{side}/{number}.png": picture(1) for side in ("CT", "MRI") for number in (2006, 2007)}
    prepare("harvard", zipped(tmp_path, files), tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.png")}
    with pytest.raises(ValueError, match=r"c02_006\.png: is there already"):
        prepare("harvard", zipped(tmp_path, files), tmp_path / "out")
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.png")} == before
    with pytest.raises(ValueError, match=r"CT-MRI/MRI/2007\.png: is not an 8-bit image"):
        prepare("harvard", zipped(tmp_path, files | {"CT-MRI/MRI/2007.png": b"?"}), tmp_path / "other")
    assert not written(tmp_path / "other")


def test_the_archive_itself_is_never_written_into(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lies in the archive"):
        prepare("harvard", tmp_path, tmp_path / "out")


def manifest_rows(archive: str) -> list[dict[str, str]]:
    """Return the rows of all manifests whose images come from an archive, except those of no split."""
    found = []
    for path in sorted(SHARED.glob("*/manifest.csv")):
        with path.open() as file:
            found += [row | {"task": path.parent.name, "kind": row.get("task", "")} for row in csv.DictReader(file)]
    repository = ARCHIVES[archive].repository  # the manifests shorten one of the names
    return [r for r in found if r["split"] != "extra" and repository.startswith(r["source"].partition(":")[0])]


def source_names(row: dict[str, str]) -> list[str]:
    """Return what both files of a row are called in the archive; the manifests name some by their folder only."""
    path = row["source"].partition(":")[2]
    if row["task"] == "mif":
        return [path.replace("*", side) for side in row["kind"].split("-")]
    scene, suffix = path.rpartition("/")[2], Path(row["file"]).suffix
    if row["task"] == "ivif":
        file = row["file"].partition("_")[2]
        folders = (f"{path}/ir", f"{path}/vi") if "test_img" in path else ("cropinfrared", "crop_LR_visible")
        return [f"{folder}/{file}" for folder in folders]
    if row["set"] in ("d1", "d3"):
        return [f"{path}/1.tif", f"{path}/2.tif"]
    return [f"{path}/{scene}_A{suffix}", f"{path}/{scene}_B{suffix}"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the images and their manifests are not part of the project")
@pytest.mark.parametrize("archive", ARCHIVES)
def test_every_image_of_the_manifests_gets_its_name(archive: str) -> None:
    rows = manifest_rows(archive)
    assert rows
    for row in rows:
        planned = [target for _, target in ARCHIVES[archive].plan(source_names(row))]
        name = row.get("name") or re.sub(r"(_p[12])?\.\w+$", "", row["file"])
        assert len(planned) == 2, row
        assert all(target.startswith(f"{row['task']}/{row['split']}/") for target in planned)
        assert all(target.rstrip("/").endswith(f"/{name}") for target in planned), (row, planned)
