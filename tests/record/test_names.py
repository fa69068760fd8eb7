"""Names of files stay inside their folder, whatever they are called."""

import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.io.reserved_names import is_reserved
from napari_refusion.record.names import inside, safe_name
from napari_refusion.volume.finding import RefusedError
from tests.recorded import examples

RESERVED = ["CON", "PRN", "AUX", "NUL", *(f"{name}{digit}" for name in ("COM", "LPT") for digit in range(10))]
"""learn.microsoft.com, Naming Files, Paths, and Namespaces; the superscript digits are named there, too."""

NASTY = st.one_of(
    st.text(max_size=300),
    st.text("./\\:~ \x00-", max_size=12),
    st.lists(
        st.sampled_from(["..", ".", "", "a", "CON", "nul.txt", "~", "C:", "\x00", "ä", "猫" * 90]), max_size=6
    ).map("/".join),
    st.sampled_from([*RESERVED, *(f"{name.lower()}.gz" for name in RESERVED), "/etc/passwd", "C:\\x", "\\\\server\\x"]),
    st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=300),
)

EVIL = [
    *[
        "",
        ".",
        "..",
        "...",
        "../x",
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\Windows",
        "\\\\server\\share",
        "a/b",
        "a\\b",
    ],
    *[
        "a\x00b",
        "a\nb",
        "x.",
        "x ",
        " x",
        ".hidden",
        "-rf",
        "x" * 300,
        "猫" * 300,
        "a:b",
        "a*?<>|b",
        '"',
        "~",
        "\ud800",
    ],
    *["e\u0301", "\u202egnp", "COM\u00b9", "con.txt", "NUL .txt", "LPT1.x.y"],
]


@pytest.mark.parametrize("text", ["case-1a2b", "sub-003_ses-01", "Größe 猫", "a.b", "v1.0 final", "CONrad", "x" * 120])
def test_harmless_names_stay_as_they_are(text: str) -> None:
    assert safe_name(text) == text


@pytest.mark.parametrize("text", [*EVIL, *RESERVED, *map(str.lower, RESERVED)])
def test_evil_names_are_changed_and_marked(text: str) -> None:
    name = safe_name(text)
    assert name != text
    stem, _, digits = name.rpartition("~")
    assert stem
    assert len(digits) == 12
    assert_harmless(name)


def assert_harmless(name: str) -> None:
    assert 1 <= len(name.encode()) <= 140
    assert not set(name) & set('/\\:*?"<>|\x00')
    assert all(one.isprintable() for one in name)
    assert name == name.strip(" .")
    assert not name.startswith("-")
    assert name.split(".")[0].strip().upper() not in RESERVED
    assert not is_reserved(name)
    assert not is_reserved(f"{name}_review.json")


@examples(1000, 10_000)
@given(text=NASTY)
def test_every_name_is_harmless_stays_inside_and_is_the_same_each_time(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    name = safe_name(text)
    assert_harmless(name)
    assert safe_name(text) == name
    assert inside(folder, f"{name}_review.json").parent == folder.resolve()


@examples(1000, 10_000)
@given(texts=st.tuples(NASTY, NASTY))
def test_different_texts_have_different_names(texts: tuple[str, str]) -> None:
    one, other = texts
    assert (safe_name(one) == safe_name(other)) == (one == other)
    assert safe_name(safe_name(one)) != safe_name(one) or safe_name(one) == one


def test_a_thousand_names_make_a_thousand_files_in_the_folder(tmp_path: Path) -> None:
    texts = {"../" * (index % 7) + chr(33 + index) * (index % 300 + 1) + str(index) for index in range(1000)}
    (tmp_path / "project").mkdir()
    for text in texts:
        path = inside(tmp_path / "project", f"{safe_name(text)}_slices.tsv")
        assert not path.exists()
        path.touch()
    assert len(list((tmp_path / "project").iterdir())) == len(texts) == 1000
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


@examples(1000, 10_000)
@given(name=NASTY)
def test_no_name_at_all_leads_out_of_a_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "inside"
    try:
        path = inside(folder, name)
    except RefusedError:
        return
    # An independent oracle: the textual rules of POSIX, since nothing in the folder is a link.
    expected = os.path.normpath(os.path.join(folder, name))  # noqa: PTH118
    assert str(path) == expected
    assert expected.startswith(f"{folder}{os.sep}")


@pytest.mark.parametrize("name", ["..", "../x", "../inside2/x", "/etc/passwd", "a/../../x", ".", "", "a/..", "a\x00b"])
def test_a_path_that_is_not_inside_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "inside2").mkdir()
    with pytest.raises(RefusedError):
        inside(tmp_path / "inside", name)


def test_links_that_lead_out_or_in_circles_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    (folder / "one").symlink_to(folder / "two")
    (folder / "two").symlink_to(folder / "one")
    for name in ("out", "out/x", "one/x"):
        with pytest.raises(RefusedError):
            inside(folder, name)
    (tmp_path / "link").symlink_to(folder)
    assert inside(tmp_path / "link", "x") == folder / "x"
