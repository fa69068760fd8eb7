import pytest
import torch
from torch import nn

from training.averaged import follow, remaining_part


def test_the_average_of_the_first_steps_forgets_the_start_soon() -> None:
    assert remaining_part(0.999, 1) == pytest.approx(1 / 11)
    assert remaining_part(0.999, 90) == pytest.approx(0.9)
    assert remaining_part(0.999, 10**5) == 0.999


def test_the_average_of_a_network_that_stands_still_comes_nearer_by_a_constant_part() -> None:
    averaged, network = nn.Linear(3, 2), nn.Linear(3, 2)
    gap = averaged.weight.detach() - network.weight.detach()
    for _ in range(4):
        follow(averaged, network, 0.5)
    torch.testing.assert_close(averaged.weight - network.weight, gap / 16, rtol=1e-5, atol=1e-7)


def test_an_average_of_which_nothing_stays_is_the_network_itself_and_the_network_is_left_alone() -> None:
    averaged, network = nn.Linear(3, 2), nn.Linear(3, 2)
    before = network.weight.detach().clone()
    follow(averaged, network, 0.0)
    assert torch.equal(averaged.weight, network.weight)
    assert torch.equal(network.weight, before)
