import csv
import math
from pathlib import Path

from training.figures.catalogue import FIGURES
from training.tables import figure_table, table, write_figures


def test_the_table_has_a_row_for_each_set_and_contender_and_empty_cells_for_no_value() -> None:
    row = {"vif": 0.61, "sd": 70.123, "background": 0.0123, "hidden": math.nan}
    lines = table({"MRI-CT": {"ours": row, "theirs": row}}).splitlines()
    assert lines[0] == "| set    | weights | vif   | sd    | background | hidden |"
    assert lines[2] == "| MRI-CT | ours    | 0.610 | 70.12 | 0.0123     |        |"
    assert [line.split()[3] for line in lines[2:]] == ["ours", "theirs"]


def test_a_readers_table_has_a_row_for_each_figure_that_any_contender_has_and_says_what_it_is() -> None:
    nothing = dict.fromkeys(FIGURES, math.nan)
    means = {"SET": {"ours": nothing | {"halo": 0.6, "qabf": 0.7}, "theirs": nothing}}
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in figure_table(means).splitlines()]
    assert lines[0] == ["set", "figure", "what", "unit", "ours", "theirs"]
    assert lines[2:] == [["SET", "halo", FIGURES["halo"].meaning, "grey levels", "0.600", ""]]


def test_a_file_has_a_row_for_each_contender_and_image_and_empty_cells_for_no_value(tmp_path: Path) -> None:
    row = {"vif": 0.25, "hidden": math.nan}
    write_figures({"ours": {"1.png": row}, "theirs": {"1.png": row}}, tmp_path / "figures.csv")
    with (tmp_path / "figures.csv").open() as opened:
        rows = list(csv.reader(opened))
    assert rows == [
        ["weights", "name", "vif", "hidden"],
        *([label, "1.png", "0.25000", ""] for label in ("ours", "theirs")),
    ]
