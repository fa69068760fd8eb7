"""Large libraries are imported by one thread at a time."""

import sys
import threading
from pathlib import Path

import pytest

from napari_refusion.importing import import_alone


def test_two_threads_that_import_modules_which_need_each_other_both_get_them_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the lock each thread holds one of the modules and waits for the other."""
    for name, other in (("ring_one", "ring_two"), ("ring_two", "ring_one")):
        text = f"import time\ntime.sleep(0.05)\nimport {other}\nwhole = True\n"
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    got: list[bool] = []
    threads = [
        threading.Thread(target=lambda name=name: got.append(import_alone(name).whole))
        for name in ("ring_one", "ring_two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [True, True]
    for name in ("ring_one", "ring_two"):
        monkeypatch.delitem(sys.modules, name)
