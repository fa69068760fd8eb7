"""Lesions read back by dcmqi, which 3D Slicer reads them with."""

import json
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_refusion.io.dicom.export.lesions import Measured, export_lesions
from tests.drawn_sources import LIES, images_of, lesions, opened

pytest.importorskip("dcmqi")


def run(name: str, *options: str) -> None:
    subprocess.run([str(Path(sys.executable).parent / name), *options], check=True, capture_output=True)


@pytest.mark.parametrize("lies", LIES)
def test_dcmqi_reads_every_voxel_and_every_number(lies: str, tmp_path: Path) -> None:
    source = opened(tmp_path, images_of(lies))
    listed = lesions(source, overlapping=True)
    measured = [Measured(one, (("SUVmax", 7.25, "{SUVbw}g/ml"), ("volume", 1.5, "ml"))) for one in listed]
    segments, report = export_lesions(measured, source, tmp_path / "out")
    run("segimage2itkimage", "--inputDICOM", str(segments), "--outputDirectory", str(tmp_path), "-t", "nii")
    for number, one in enumerate(listed, 1):
        image = nibabel.load(tmp_path / f"{number}.nii.gz")
        places = np.argwhere(np.asarray(image.dataobj) > 0) @ image.affine[:3, :3].T + image.affine[:3, 3]
        found = (places - source.affine[:3, 3]) @ np.linalg.inv(source.affine[:3, :3]).T
        mask = np.zeros(source.shape, bool)
        mask[tuple(np.rint(found).astype(int).T)] = True
        assert np.abs(found - np.rint(found)).max() < 1e-3
        np.testing.assert_array_equal(mask, one.voi.whole())
    run("tid1500reader", "--inputDICOM", str(report), "--outputMetadata", str(tmp_path / "report.json"))
    groups = json.loads((tmp_path / "report.json").read_text())["Measurements"]
    assert [group["TrackingIdentifier"] for group in groups] == ["Node", "Lesion 3"]
    for group in groups:
        assert [float(item["value"]) for item in group["measurementItems"]] == [7.25, 1.5]
