"""A real PET/CT through the whole chain: drawn, measured, recorded, opened again, reported, written and read back."""

from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from scipy.ndimage import label

from napari_refusion.fusion.colouring import choose_colouring
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.filling import FusedSlice, missing_slices
from napari_refusion.fusion.partial import new_partial
from napari_refusion.fusion.preparation import plan_with
from napari_refusion.fusion.provenance import describe_origin
from napari_refusion.io.open import open_volume
from napari_refusion.io.overlays.read import read_overlay
from napari_refusion.lesion.written import to_json
from napari_refusion.numerics.colour import DEFAULT_PALETTE
from napari_refusion.numerics.intensity import Window
from napari_refusion.report.output import write_output
from napari_refusion.session.examined import Examined
from napari_refusion.session.lesions.session import LesionSession
from napari_refusion.session.reading import Reading
from napari_refusion.session.reviewed_fusion import ReviewedFusion
from napari_refusion.study.pairing import pair


@pytest.fixture(scope="module")
def patient(shared: Path) -> Path:
    return shared / "data/petctmr/devtest/STS_003"


@pytest.fixture(scope="module")
def fusion(patient: Path) -> ReviewedFusion:
    pet, ct = (open_volume(patient / f"STS_003_{kind}.nii.gz") for kind in ("pet", "ct"))
    study = pair(pet, ct, windows=(Window(0, 7), Window(-160, 240)))
    engine = start_engine(engine="average")
    plan = plan_with(engine, study, "axial")
    partial = new_partial(study, plan.axis, plan.engine.identity)
    for message in missing_slices(partial, plan.engine):
        if isinstance(message, FusedSlice):
            partial.put(message.index, message.image)
    colouring = choose_colouring(study, DEFAULT_PALETTE)
    return ReviewedFusion(partial, describe_origin(study, plan), study.findings, colouring, plan.engine)


def test_a_tumour_from_click_to_files_and_back(fusion: ReviewedFusion, patient: Path, tmp_path: Path) -> None:
    image = nibabel.load(patient / "STS_003_pet.nii.gz")
    values = np.asarray(image.dataobj, np.float32)
    mask = np.asarray(nibabel.load(patient / "STS_003_label-gtv_pet_mask.nii.gz").dataobj) > 0
    hottest = np.unravel_index(np.where(mask, values, -np.inf).argmax(), values.shape)

    reading = Reading.open(tmp_path / "project", "R1", fusion)
    lesions = LesionSession()
    lesions.show_pair(fusion.partial)
    lesions.open_review(reading.session)
    assert lesions.add_at((image.affine @ [*hottest, 1])[:3], radius=200.0) == 1
    lesions.rename(1, "tumour")
    lesions.set_site(1, "thigh")

    parts, _ = label(values >= 0.41 * values[hottest])
    inside = parts == parts[hottest]
    millilitres = abs(np.linalg.det(image.affine[:3, :3])) / 1000
    measured = lesions.now.measured[1].values
    assert measured["maximum"] == pytest.approx(values[hottest], rel=1e-3)
    assert measured["mean"] == pytest.approx(values[inside].mean(), rel=1e-3)
    assert measured["volume"] == pytest.approx(inside.sum() * millilitres, rel=1e-3)
    assert measured["tlg"] == pytest.approx(values[inside].mean() * inside.sum() * millilitres, rel=1e-3)

    assert fusion.engine is not None
    lesions.shares.compute(fusion.engine)
    shown = lesions.shares.known[1]
    assert shown is not None
    assert shown.share == pytest.approx(0.5, abs=0.01)  # of the mean of both sources
    drawn = to_json(lesions.lesions)
    reading.close()

    again = Reading.open(tmp_path / "project", "R1", fusion)
    assert to_json(again.session.review.lesions) == drawn
    lesions.open_review(again.session)
    lesions.shares.compute(fusion.engine)
    *_, found = again.examine() or ()
    assert isinstance(found, Examined)
    again.take(found)
    [[page]] = write_output("report", again.session, fusion)
    html = page.read_text(encoding="utf-8")
    assert "tumour" in html
    assert "thigh" in html
    assert html.count("The lesion in the sources and the fused image") == 1
    [files] = write_output("lesions", again.session, fusion)
    again.note_export(["lesions"])
    assert [path.name for path in files] == [
        "lesions.tsv",
        "lesions.xlsx",
        "lesions_PET_dseg.nii.gz",
        "lesions_PET_dseg.tsv",
    ]
    headings, line = (row.split("\t") for row in files[0].read_text(encoding="utf-8").splitlines())
    assert dict(zip(headings, line, strict=True))["Shown by the fused image (%)"] == "50"
    np.testing.assert_array_equal(np.asarray(nibabel.load(files[2]).dataobj) == 1, inside)
    [segment] = read_overlay(files[2], replace(fusion.partial.study.a.source)).segments
    assert segment.name == "tumour"
    assert segment.voi.equals(again.session.review.lesions.items[0].voi)
    again.close()
