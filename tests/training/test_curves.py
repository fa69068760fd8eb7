from pathlib import Path

import pytest

from training.curves import draw, read_log


def log_in(folder: Path, text: str) -> Path:
    path = folder / "log.csv"
    path.write_text(text)
    return path


def test_values_are_read_with_their_cycles_and_empty_cells_left_out(tmp_path: Path) -> None:
    path = log_in(tmp_path, "cycle,fusion_loss,qabf\n0,0.5,\n1,0.25,0.6\n")
    assert read_log(path) == {"cycle": [(0, 0), (1, 1)], "fusion_loss": [(0, 0.5), (1, 0.25)], "qabf": [(1, 0.6)]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,qabf\np1.png,0.5\n", r"is no log of a run: none of its columns is cycle or steps"),
        ("", r"is no log of a run"),
        ("cycle,qabf\n0,much\n", r"line 2 holds something else than numbers"),
        ("cycle,qabf\nfirst,0.5\n", r"line 2 holds something else than numbers"),
        ("cycle,qabf\n0,0.5,0.6\n", r"line 2 holds something else than numbers"),
    ],
)
def test_a_file_that_is_no_log_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = log_in(tmp_path, text)
    with pytest.raises(ValueError, match=rf"log\.csv: {said}"):
        read_log(path)


def test_a_log_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"log\.csv: cannot be read \(No such file or directory\)"):
        read_log(tmp_path / "log.csv")
    (tmp_path / "log.csv").write_bytes(b"cycle\n\xff\xfe\n")
    with pytest.raises(ValueError, match=r"log\.csv: cannot be read"):
        read_log(tmp_path / "log.csv")


def test_curves_are_written_as_a_picture_over_an_older_one_and_never_over_a_log(tmp_path: Path) -> None:
    path = log_in(tmp_path, "cycle,fusion_loss\n0,0.5\n1,0.25\n")
    for name in ("curves.svg", "curves.png", "curves.png"):
        draw(read_log(path), tmp_path / name)
    assert b"<svg" in (tmp_path / "curves.svg").read_bytes()
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(found.name for found in tmp_path.iterdir()) == ["curves.png", "curves.svg", "log.csv"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("log.csv", r"end the name in \.svg or \.png"),
        ("curves", r"end the name"),
        ("no/curves.svg", r"Create it first"),
    ],
)
def test_a_place_that_curves_cannot_be_written_to_is_named(tmp_path: Path, name: str, said: str) -> None:
    path = log_in(tmp_path, "cycle,fusion_loss\n0,0.5\n1,0.25\n")
    before = path.read_bytes()
    with pytest.raises(ValueError, match=said):
        draw(read_log(path), tmp_path / name)
    assert path.read_bytes() == before
