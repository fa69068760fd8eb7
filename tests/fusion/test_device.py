import os
import subprocess
import sys

import pytest
import torch

from napari_refusion.fusion.device import choose_device, describe_device


def test_auto_takes_a_gpu_only_where_there_is_one() -> None:
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["cuda:9", "abacus"])
def test_a_device_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        choose_device(name)


def test_the_cpu_is_described_with_its_threads() -> None:
    assert describe_device(torch.device("cpu")) == "CPU, 1 thread"  # the tests run with one


@pytest.mark.parametrize(
    ("chosen", "threads"), [(None, max(1, (os.cpu_count() or 2) - 1)), ("2", min(2, os.cpu_count() or 2))]
)
def test_one_core_is_left_free_unless_the_user_chose_a_number_of_threads(chosen: str | None, threads: int) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    environment |= {} if chosen is None else {"OMP_NUM_THREADS": chosen}
    code = "import torch; from napari_refusion.fusion.device import prepare_cpu; prepare_cpu(); "
    code += "print(torch.get_num_threads())"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert int(done.stdout) == threads
