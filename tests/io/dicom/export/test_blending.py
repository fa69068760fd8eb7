"""The classic overlay: which images, in which windows and colours."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from napari_refusion.io.dicom.export.blending import blending_obstacle
from napari_refusion.io.dicom.export.objects import export_dicom, possible_kinds
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.rigid import RigidMove
from tests.fused_from_dicom import CHECK, STAYS, case, dicom_object


def test_the_functional_source_lies_over_the_anatomical_one_at_half_its_strength(tmp_path: Path) -> None:
    given = case(tmp_path)
    dataset = dicom_object("blending", given.fused, given.references, check_failed=CHECK)
    over, under = dataset.AdvancedBlendingSequence
    for layer, images in ((over, given.headers[0]), (under, given.headers[1])):
        shown = [item.ReferencedSOPInstanceUID for item in layer.ReferencedImageSequence]
        assert shown == [image.SOPInstanceUID for image in images]
    (display,) = dataset.BlendingDisplaySequence
    assert (display.BlendingMode, display.RelativeOpacity) == ("FOREGROUND", 0.5)
    assert [item.BlendingInputNumber for item in display.BlendingDisplayInputSequence] == [1, 2]
    assert "PixelData" not in dataset
    assert dataset.SeriesDescription.startswith("FUSED RESEARCH ONLY overlay of sources CHECK")


def test_the_anatomical_source_is_grey_and_the_functional_one_in_the_palette_of_the_fused_colours(
    tmp_path: Path,
) -> None:
    given = case(tmp_path)
    dataset = dicom_object("blending", given.fused, given.references)
    tables = []
    for layer in dataset.AdvancedBlendingSequence:
        palette = layer.PaletteColorLookupTableSequence[0]
        colours = ("Red", "Green", "Blue")
        tables.append([np.frombuffer(palette[f"{one}PaletteColorLookupTableData"].value, "<u2") for one in colours])
    assert all((one == np.arange(256) * 257).all() for one in tables[1])
    assert not np.array_equal(tables[0][0], tables[0][2])
    # Hot Metal Blue, PS3.6 table A-1.
    palette = dataset.AdvancedBlendingSequence[0].PaletteColorLookupTableSequence[0]
    assert palette.PaletteColorLookupTableUID == "1.2.840.10008.1.5.3"


def test_the_windows_are_those_of_the_fusion_in_rescaled_values(tmp_path: Path) -> None:
    def hounsfield(image: Dataset) -> None:
        if image.Modality == "CT":
            image.RescaleSlope, image.RescaleIntercept, image.RescaleType = 1, -1024, "HU"

    given = case(tmp_path, ("CT", "MR"), hounsfield)
    over, under = dicom_object("blending", given.fused, given.references).AdvancedBlendingSequence
    assert (over.RescaleSlope, over.RescaleIntercept) == (1, -1024)
    assert "RescaleSlope" not in under
    for layer, centre, width in ((over, 2.5, 5), (under, 50, 100)):
        (window,) = layer.SoftcopyVOILUTSequence
        assert (window.WindowCenter, window.WindowWidth) == (centre, width)
        assert window.VOILUTFunction == "LINEAR_EXACT"


def test_a_window_in_suv_is_turned_into_the_stored_values_of_each_slice(tmp_path: Path) -> None:
    """74 MBq in 74 kg give SUV = Bq/ml / 1000; injected one half-life before the scan, so 500 Bq/ml are SUV 1."""

    def slopes(image: Dataset) -> None:
        if image.Modality == "PT":
            image.RescaleSlope, image.RescaleIntercept = image.InstanceNumber, 0

    given = case(tmp_path, change=slopes)
    over, _ = dicom_object("blending", given.fused, given.references).AdvancedBlendingSequence
    assert "RescaleSlope" not in over
    assert given.references[0].factor == pytest.approx(1 / 500)
    assert len(over.SoftcopyVOILUTSequence) == 8
    for slope, (window, image) in enumerate(zip(over.SoftcopyVOILUTSequence, given.headers[0], strict=True), 1):
        assert [item.ReferencedSOPInstanceUID for item in window.ReferencedImageSequence] == [image.SOPInstanceUID]
        # SUV 0 to 5 are 0 to 2500 Bq/ml.
        assert float(window.WindowCenter) * slope == pytest.approx(1250)
        assert float(window.WindowWidth) * slope == pytest.approx(2500)


def test_registered_sources_have_no_overlay(tmp_path: Path) -> None:
    given = case(tmp_path)
    move = RigidMove("a", "b", STAYS, 3.0, 0.0, "shifted by 3.0 mm", 0.1, 0.2, "2.25.99")
    made = replace(given.fused.provenance, a=replace(given.fused.provenance.a, move=move))
    fused = replace(given.fused, provenance=made)
    assert "registered" in blending_obstacle(fused, given.references)
    with pytest.raises(RefusedError, match="Leave out the blending"):
        export_dicom(fused, given.references, tmp_path / "out")
    files = export_dicom(fused, given.references, tmp_path / "out", kinds=possible_kinds(fused, given.references))
    assert [file.name for file in files] == ["parametric_map.dcm", "secondary_capture.dcm", "registration.dcm"]


def test_sources_in_two_frames_of_reference_have_no_overlay(tmp_path: Path) -> None:
    given = case(tmp_path)
    other = replace(given.references[0], frame_of_reference="2.25.1")
    assert "one frame of reference" in blending_obstacle(given.fused, (other, given.references[1]))
