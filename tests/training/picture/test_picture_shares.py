import pytest

from training.picture.shares import Shares


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("qabf", -1.0, "loss.qabf = -1.0 is impossible"),
        ("vif", float("nan"), "loss.vif = nan is impossible"),
        ("lesion", float("inf"), "loss.lesion = inf is impossible"),
        ("lesion_kept", 1.5, "loss.lesion_kept = 1.5 is impossible"),
        ("lesion_size", 1.0, "loss.lesion_size = 1.0 is too small"),
    ],
)
def test_impossible_factors_are_refused_by_name(key: str, value: float, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Shares(**{key: value})


def test_settings_are_no_factors() -> None:
    factors = Shares(qabf=2.0, lesion_kept=0.5, lesion_size=9.0).factors()
    assert factors.keys().isdisjoint({"lesion_kept", "lesion_size"})
    assert {name: factor for name, factor in factors.items() if factor} == {"qabf": 2.0}
