"""MONAI is imported where another thread is about to import it, too."""

import subprocess
import sys

_TWO_THREADS = """
import gc, sys, threading, time

gc.disable()  # importing takes a quarter less
ahead = threading.Thread(target=__import__, args=("monai",))
ahead.start()
while "{seen}" not in sys.modules:
    time.sleep(0.001)
from napari_refusion.io.by_monai import loaded
ahead.join()
"""


def test_a_file_can_be_read_while_another_thread_imports_monai() -> None:
    # a package that is half imported keeps nobody from importing its parts, which then import each other in circles
    for seen in ("monai.data", "monai.transforms"):
        done = subprocess.run([sys.executable, "-c", _TWO_THREADS.format(seen=seen)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
