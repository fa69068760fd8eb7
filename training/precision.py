"""Networks that compute in bfloat16, for speed on a GPU; what they return, and every loss, is float32."""

import torch
from torch import Tensor, nn


def called(network: nn.Module, images: Tensor, *, bfloat16: bool) -> Tensor:
    """Return what a network makes of images, in their precision; inside it may compute in bfloat16.

    Only calls of networks belong in autocast. A loss in there would have its convolutions in bfloat16, too, and of the
    gradient of a structural similarity nothing but noise is left.
    """
    with torch.autocast(images.device.type, torch.bfloat16, enabled=bfloat16):
        made: Tensor = network(images)
    return made.to(images.dtype)
