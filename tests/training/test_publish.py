from training.publish import table


def test_the_table_has_a_row_for_each_set_and_contender() -> None:
    row = {"vif": 0.61, "qabf": 0.7, "ssim_sum": 1.5, "background": 0.0123}
    lines = table({"MRI-CT": {"ours": row, "theirs": row}}).splitlines()
    assert lines[0] == "| set | weights | vif | qabf | ssim_sum | background |"
    assert lines[2:] == [f"| MRI-CT | {name} | 0.610 | 0.700 | 1.500 | 0.0123 |" for name in ("ours", "theirs")]
