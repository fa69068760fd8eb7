import math

import pytest
import torch
from torch.func import functional_call

from napari_refusion.model.fusion_net import FusionNet
from training.gpu.flat import FlatNetwork, averaged_over, new_fusion_network, swapped_places, symmetric_start


def _random_network(seed: int = 0) -> FusionNet:
    """A network in which no two parameters are equal, temperatures and norms among them."""
    torch.manual_seed(seed)
    network = FusionNet()
    with torch.no_grad():
        for param in network.parameters():
            param += 0.05 * torch.randn_like(param)
    return network


def test_the_vector_holds_every_parameter_once_and_in_order() -> None:
    network = _random_network()
    flat = FlatNetwork(network)
    assert len(flat.start) == sum(param.numel() for param in network.parameters()) == 59856
    for name, param in network.named_parameters():
        assert torch.equal(flat.named(flat.start)[name], param)


def test_a_flat_network_gives_what_a_network_with_these_parameters_gives() -> None:
    first, second = _random_network(0), _random_network(1)
    images = torch.rand(1, 2, 16, 20)
    found = FlatNetwork(first)(FlatNetwork(second).start, images)
    expected = functional_call(first, dict(second.named_parameters()), (images,))
    assert torch.equal(found, expected)


def test_the_exchange_covers_all_parameters_and_undoes_itself() -> None:
    places = swapped_places(FusionNet())
    everything = torch.arange(59856)
    assert torch.equal(places.sort().values, everything)
    assert torch.equal(places[places], everything)
    assert int((places != everything).sum()) > 59856 // 2


def test_exchanged_parameters_give_for_swapped_sources_what_the_others_give() -> None:
    flat = FlatNetwork(_random_network().double())
    exchanged = flat.start[swapped_places(FusionNet())]
    images = torch.rand(2, 2, 24, 20, dtype=torch.float64)
    with torch.no_grad():
        straight, swapped = flat(flat.start, images), flat(exchanged, images.flip(1))
        as_before = flat(flat.start, images.flip(1))
    assert float((straight - swapped).abs().max()) < 1e-12
    assert float((straight - as_before).abs().max()) > 1e-4  # so the exchange is what made them equal


@pytest.mark.parametrize("makes", ["start", "projection"])
def test_symmetric_parameters_fuse_swapped_sources_alike(makes: str) -> None:
    network = _random_network()
    places, flat = swapped_places(network), FlatNetwork(network.double())
    vector = symmetric_start(network, places) if makes == "start" else averaged_over(places)(flat.start)
    assert torch.equal(vector, vector[places])
    images = torch.rand(2, 2, 24, 20, dtype=torch.float64)
    with torch.no_grad():
        assert float((flat(vector, images) - flat(vector, images.flip(1))).abs().max()) < 1e-12


def test_a_symmetric_start_keeps_the_spread_of_the_weights_and_what_is_equal_already() -> None:
    torch.manual_seed(0)
    network = FusionNet()
    flat = FlatNetwork(network)
    start = flat.named(symmetric_start(network, swapped_places(network)))
    for name, param in network.named_parameters():
        if "temperature" in name or ".norm" in name:
            assert torch.equal(start[name], param)
        elif param.numel() > 1000:
            assert float(start[name].std()) == pytest.approx(float(param.std()), rel=0.1)


def test_the_projection_changes_nothing_that_is_symmetric_already() -> None:
    network = _random_network()
    project = averaged_over(swapped_places(network))
    once = project(FlatNetwork(network).start)
    assert torch.allclose(project(once), once, atol=1e-7)


def _first_gradient(network: FusionNet) -> float:
    image = torch.rand(2, 1, 32, 32)
    sources = torch.cat([torch.zeros_like(image), image], dim=1)
    loss = (network(sources) - image).abs().mean()
    return math.sqrt(sum(float(part.square().sum()) for part in torch.autograd.grad(loss, list(network.parameters()))))


def test_a_black_source_upsets_no_new_network() -> None:
    for seed in range(3):
        torch.manual_seed(seed)
        norm = _first_gradient(new_fusion_network())
        assert math.isfinite(norm)
        assert norm < 100


def test_parameters_by_name_are_the_vector_again_and_those_of_another_network_are_refused() -> None:
    network = FlatNetwork(FusionNet())
    vector = torch.arange(len(network.start), dtype=torch.float32)
    state = network.named(vector)
    assert torch.equal(network.vector_of(dict(reversed(state.items()))), vector)
    with pytest.raises(ValueError, match="name weights of a FusionNet"):
        network.vector_of(dict(list(state.items())[1:]))
