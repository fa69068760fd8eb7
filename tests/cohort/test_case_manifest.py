"""Which files are manifests of cases."""

from pathlib import Path

import pytest

from napari_refusion.cohort.case_manifest import is_manifest


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.tsv", "case_id\ta_path\tb_path\n1\tgone.nii\tgone.nii\n", True),
        ("a.json", '{"cases": [{"case_id": 1, "a_path": "a", "b_path": "b"}]}', True),
        ("a.tsv", "participant_id\tage\nsub-01\t40\n", False),
        ("a.json", '{"Modality": "PT"}', False),
        ("a.json", "[1, 2", False),
        ("a.csv", "case_id,a_path,b_path\n", False),
        ("a.txt", "case_id\ta_path\tb_path\n1\ta\tb\n", False),
    ],
)
def test_a_manifest_is_told_from_other_tables_by_its_columns(
    tmp_path: Path, name: str, text: str, expected: bool
) -> None:
    (tmp_path / name).write_text(text)
    assert is_manifest(tmp_path / name) is expected
    assert not is_manifest(tmp_path / "gone.tsv")
    assert not is_manifest(tmp_path)
