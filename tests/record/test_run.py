"""A case and a fusion are named after their content: nothing that was done elsewhere or is called otherwise matters."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import pytest

from napari_refusion.fusion.partial import new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.run import Run, SourceIdentity, content_sha256, describe_run
from napari_refusion.study.pairing import pair
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume
from tests.recorded import RUN

IPL_AT_2_MM = np.array([[0, 0, -2.0, 10], [0, -2.0, 0, 20], [-2.0, 0, 0, 30], [0, 0, 0, 1]])

CANARY = "MEIER^ANNA"

DATA = np.random.default_rng(0).random((2, 5, 8, 7), dtype=np.float32)

MRI = Volume(
    DATA[0] * 900, IPL_AT_2_MM, modality="MR", name=CANARY, origin=Origin(sha256="a1"), frame_of_reference=CANARY
)
PET = Volume(DATA[1] * 10, IPL_AT_2_MM, modality="PT", unit="SUVbw", name=CANARY, origin=Origin(sha256="b2"))


def move(name: str = CANARY) -> RigidMove:
    matrix = ((1.0, 0.0, 0.0, 2.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
    return RigidMove(name, name, matrix, 2.0, 0.0, "shifted by 2.0 mm", 0.1, 0.2, name)


def run(
    a: Volume = PET,
    b: Volume = MRI,
    windows: tuple[Window, Window] = (Window(0, 10), Window(0, 900)),
    axis: str = "axial",
    weights: str = "feed",
    moved: RigidMove | None = None,
) -> Run:
    study = pair(a, b, windows=windows, moves=(moved, None))
    return describe_run(new_partial(study, axis, weights))


def test_a_run_describes_its_canvas() -> None:
    found = run()
    assert found.a == SourceIdentity("b2", "PT", "SUVbw", (0, 10), None)
    assert found.b == SourceIdentity("a1", "MR", "", (0, 900), None)
    assert (found.axis, found.reference, found.grid, found.weights_sha256) == ("axial", "b", (5, 8, 7), "feed")
    assert found.affine == tuple(map(tuple, IPL_AT_2_MM.tolist()))
    assert found.words == "PET + MRI"


def test_the_same_run_has_the_same_identity_on_any_day_and_computer() -> None:
    digest = hashlib.sha256(json.dumps(["a1" * 32, "b2" * 32], separators=(",", ":")).encode()).hexdigest()
    assert RUN.case_id == f"case-{digest[:16]}"
    # Recorded on one day; another value would make everything that was ever reviewed stale.
    assert RUN.run_id == "run-32b9ff6e77214571"


CHANGES: dict[str, Callable[[], Run]] = {
    "window": lambda: run(windows=(Window(0, 9), Window(0, 900))),
    "axis": lambda: run(axis="coronal"),
    "weights": lambda: run(weights="beef"),
    "place": lambda: run(moved=move()),
    "another place": lambda: run(moved=replace(move(), matrix=np.eye(4).tolist())),
    "unit": lambda: run(a=replace(PET, unit="Bq/ml")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_the_fused_image_makes_another_run_of_the_same_case(change: str) -> None:
    other = CHANGES[change]()
    assert other.run_id != run().run_id
    assert other.case_id == run().case_id


def test_another_source_makes_another_case() -> None:
    assert run(a=replace(PET, origin=Origin(sha256="c3"))).case_id != run().case_id


def test_the_order_of_the_sources_does_not_matter_for_the_case() -> None:
    assert replace(RUN, a=RUN.b, b=RUN.a).case_id == RUN.case_id


def test_what_sources_are_called_is_no_part_of_a_run() -> None:
    called = run(a=replace(PET, name="x"), b=replace(MRI, name="y", frame_of_reference="z"))
    assert called == run()
    assert CANARY not in json.dumps(asdict(run()))


def test_what_sources_were_called_when_they_were_moved_is_no_part_of_a_run() -> None:
    """A move holds the names of both volumes and the frame of reference: patient data, in a database."""
    assert run(moved=move("other")).run_id == run(moved=move()).run_id
    assert CANARY not in json.dumps(asdict(run(moved=move())))


def test_a_source_without_a_file_is_named_after_its_voxels_and_its_place() -> None:
    volume = replace(PET, origin=Origin(sha256=""))
    brighter, elsewhere = volume.data + 1, IPL_AT_2_MM.copy()
    elsewhere[0, 3] += 1.0
    assert content_sha256(volume) == content_sha256(replace(volume, data=volume.data.copy(), name="x"))
    assert content_sha256(volume) != content_sha256(replace(volume, data=brighter))
    assert content_sha256(volume) != content_sha256(replace(volume, affine=elsewhere))


def test_the_same_voxels_in_another_shape_are_another_source() -> None:
    volume = replace(PET, origin=Origin(sha256=""))
    assert content_sha256(volume) != content_sha256(replace(volume, data=volume.data.reshape(5, 7, 8)))


def test_a_source_is_called_by_its_modality() -> None:
    assert [replace(RUN.a, modality=one).word for one in ("PT", "NM", "MR", "CT", "")] == [
        "PET",
        "SPECT",
        "MRI",
        "CT",
        "source",
    ]
