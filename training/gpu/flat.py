"""A network as one vector of parameters: one Adam, one average, one symmetry for all of them, and several at once."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call

from napari_refusion.model.fusion_net import FusionNet


class FlatNetwork:
    """A network without parameters of its own: they are views into a vector that is given with every call."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.shapes = {name: param.shape for name, param in network.named_parameters()}
        self.start = torch.cat([param.detach().flatten() for param in network.parameters()])
        """The parameters that `network` had, (P,)."""

    def named(self, vector: Tensor) -> dict[str, Tensor]:
        """Return the parameters in a vector (P,) by name, views."""
        parts = vector.split([math.prod(shape) for shape in self.shapes.values()])
        return {name: part.view(shape) for (name, shape), part in zip(self.shapes.items(), parts, strict=True)}

    def vector_of(self, state: Mapping[str, Tensor]) -> Tensor:
        """Return parameters by name as a vector, (P,): the inverse of `named`.

        Raises
        ------
        ValueError
            If they are not those of the network.
        """
        if state.keys() != self.shapes.keys():
            raise ValueError(f"name weights of a {type(self.network).__name__}: these are of another network.")
        return torch.cat([state[name].flatten() for name in self.shapes])

    def __call__(self, vector: Tensor, images: Tensor) -> Tensor:
        """Return what the network with the parameters (P,) makes of the images."""
        return functional_call(self.network, self.named(vector), (images,))


def swapped_places(network: FusionNet) -> Tensor:
    """Return which parameter does for swapped sources what each one does, (P,) places in the flat vector.

    A fusion network F whose parameters are equal under this exchange gives F(a, b) = F(b, a). The branches of both
    sources change places; merged features change their halves, in every layer that follows.
    """
    flat = FlatNetwork(network)
    place = flat.named(torch.arange(len(flat.start)))
    moved = {}
    for name in place:
        other = place[_partner(name)]
        rows, columns = _groups(name)
        moved[name] = _halves(_halves(other, 0, rows), 1, columns)
    return torch.cat([moved[name].flatten() for name in place])


def _partner(name: str) -> str:
    """Return the name of the same parameter in the other source's branch; its own where there is one for both."""
    head, _, tail = name.partition(".")
    if head in ("embed_a", "encoder_a"):
        return f"{head[:-1]}b.{tail}"
    if head in ("embed_b", "encoder_b"):
        return f"{head[:-1]}a.{tail}"
    if head != "cross_fusion":
        return name
    for mine, other in (("_a_", "_b_"), ("_b_", "_a_"), ("_a.", "_b."), ("_b.", "_a.")):
        if mine in tail:
            return f"{head}.{tail.replace(mine, other)}"
    return {"temperature_a": f"{head}.temperature_b", "temperature_b": f"{head}.temperature_a"}.get(tail, name)


def _groups(name: str) -> tuple[int, int]:
    """Return how many groups of output and of input channels have halves that change places; 0 for none."""
    if name.startswith("decoder"):
        depthwise = "depthwise" in name
        outputs = 3 if ".qkv" in name else 2 if ".expand" in name else 1
        vector = any(kind in name for kind in ("norm_", "temperature"))
        return outputs, 0 if vector or depthwise else 1
    if name.startswith("cross_fusion.gate"):
        return 1, 0 if "depthwise" in name else 1
    if name.startswith("cross_fusion.output"):
        return 1, 0
    if name.startswith("shrink"):
        return 1, 1
    return (0, 1) if name.startswith("output") else (0, 0)


def _halves(places: Tensor, dim: int, groups: int) -> Tensor:
    """Return the tensor with both halves of each of its groups along a dimension exchanged."""
    if not groups:
        return places
    parts = places.unflatten(dim, (groups, 2, -1)).flip(dim + 1)
    return parts.flatten(dim, dim + 2)


def new_fusion_network() -> FusionNet:
    """Return a random fusion network that an all-black source does not upset.

    With the usual biases of 0 a black source has features of exactly 0. Attention divides by their norm, and the
    gradient of the first steps is 1e11; with some spread in the biases of the norms it is as in all later steps.
    """
    network = FusionNet()
    for name, param in network.named_parameters():
        if name.endswith(".bias"):
            torch.nn.init.normal_(param, std=0.05)
    return network


def symmetric_start(network: FusionNet, places: Tensor) -> Tensor:
    """Return the network's parameters made equal under the exchange, (P,), at their former spread.

    The mean of two independent weights has less spread by the root of 2, which is put back, except where a parameter
    is its own partner or both are equal already, as in norms and temperatures.
    """
    vector = FlatNetwork(network).start
    partner = vector[places]
    return torch.where(vector == partner, vector, (vector + partner) / math.sqrt(2))


def averaged_over(places: Tensor) -> Callable[[Tensor], Tensor]:
    """Return the projection of a vector (P,) to what is equal under an exchange of places."""
    return lambda vector: (vector + vector[places]) / 2
