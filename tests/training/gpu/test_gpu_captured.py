import pytest
import torch
from torch import Tensor

from training.gpu.captured import Captured


def test_on_a_cpu_the_function_is_called_once_for_every_call() -> None:
    calls = []

    def doubled(values: Tensor) -> Tensor:
        calls.append(values)
        return 2 * values

    captured = Captured(doubled, (torch.zeros(3),))
    assert not calls
    assert captured(torch.ones(3)).tolist() == [2, 2, 2]
    assert len(calls) == 1
    assert captured.pool is None


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_replayed_graph_gives_what_the_function_gives() -> None:
    weight = torch.randn(8, 8, device="cuda")

    def product(values: Tensor) -> Tensor:
        return (values @ weight).tanh()

    captured = Captured(product, (torch.zeros(4, 8, device="cuda"),))
    for _ in range(2):
        values = torch.randn(4, 8, device="cuda")
        assert torch.allclose(captured(values), product(values), atol=1e-5)
