from pathlib import Path

import pytest

from training.gpu.recipe import read_timed_recipe

TIMED = Path(__file__).parents[3] / "training/recipes/timed"

WHOLE = 'task = "medical"\n[loss]\nqabf = 1.0\n'


def _written(folder: Path, text: str) -> Path:
    path = folder / "recipe.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", sorted(TIMED.glob("*.toml")), ids=lambda path: path.stem)
def test_the_recipes_of_the_project_can_be_read(path: Path) -> None:
    recipe = read_timed_recipe(path)
    assert recipe.task in path.stem
    assert len(recipe.sha256) == 64


def test_keys_of_a_recipe_are_its_values_and_the_others_are_the_defaults(tmp_path: Path) -> None:
    text = 'task = "medical"\nsides = [64, 96]\nrate = 1\nwhole = 0\n[loss]\nqabf = 2\nlesion_kept = 0.8\n'
    recipe = read_timed_recipe(_written(tmp_path, text))
    assert (recipe.task, recipe.sides, recipe.rate, recipe.whole) == ("medical", (64, 96), 1.0, 0)
    assert (recipe.loss.qabf, recipe.loss.lesion_kept, recipe.loss.ssim) == (2.0, 0.8, 0.0)
    assert recipe.symmetric


def test_the_hash_is_of_the_values_and_not_of_the_file(tmp_path: Path) -> None:
    first, same, other = (
        read_timed_recipe(_written(tmp_path, text)).sha256
        for text in (
            'task = "medical"\nseed = 0\nrate = 2e-3\n[loss]\nqabf = 1.0\n',
            '# a remark\nrate = 0.002\ntask = "medical"\n\n[loss]\nqabf = 1\n',
            'task = "medical"\nrate = 3e-3\n[loss]\nqabf = 1.0\n',
        )
    )
    assert first == same != other


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (WHOLE.replace("qabf", "qabff"), "unknown key loss.qabff"),
        ("speed = 3\n" + WHOLE, "unknown key speed"),
        ('sha256 = "abc"\n' + WHOLE, "unknown key sha256"),
        ("[loss]\nqabf = 1.0\n", "the key task is missing"),
        ('task = "medical"\n', "loss has no factor other than 0"),
        ('task = "medical"\nloss = 3\n', "loss = 3 should be a table"),
        (WHOLE.replace("1.0", '"much"'), "loss.qabf = 'much' should be of type float"),
        (WHOLE.replace("1.0", "-1.0"), "loss.qabf = -1.0 is impossible"),
        (WHOLE.replace("1.0", "nan"), "loss.qabf = nan is impossible"),
        ("seed = 1.5\n" + WHOLE, "seed = 1.5 should be of type int"),
        ("seed = -1\n" + WHOLE, "seed = -1 is impossible"),
        ("augment = 1\n" + WHOLE, "augment = 1 should be of type bool"),
        ("sides = 64\n" + WHOLE, "sides = 64 should be of type list"),
        ("sides = []\n" + WHOLE, r"sides = \(\) is empty"),
        ("sides = [64, 16]\n" + WHOLE, r"sides = \(64, 16\) is impossible"),
        ('sides = ["64"]\n' + WHOLE, r"sides = \('64',\) is impossible"),
        ("whole = 8\n" + WHOLE, "whole = 8 is impossible"),
        ("pixels = 1000\n" + WHOLE, "pixels = 1000 are less than four crops"),
        ("rate = 0.0\n" + WHOLE, "rate = 0.0 is impossible"),
        ("rate = inf\n" + WHOLE, "rate = inf is impossible"),
        ("clip = -5.0\n" + WHOLE, "clip = -5.0 is impossible"),
        ("average = 1.1\n" + WHOLE, "average = 1.1 is impossible"),
        ("whole_from = -0.1\n" + WHOLE, "whole_from = -0.1 is impossible"),
        ('precision = "float16"\n' + WHOLE, "precision = 'float16' is not one of float32, bfloat16"),
        (WHOLE.replace("medical", "surgical"), "task = 'surgical' is not one of medical"),
        ("rate = = 3", "not a readable recipe"),
    ],
)
def test_a_recipe_that_cannot_be_used_is_refused_by_file_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=rf"recipe\.toml: {sentence}") as refused:
        read_timed_recipe(_written(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_a_missing_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"absent\.toml: not a readable recipe \([^\[/]+\)\.$"):
        read_timed_recipe(tmp_path / "absent.toml")
