"""A fusion network as an ONNX graph: one file, any size and number of images, and what it is inside the file."""

import json
import logging
import warnings
from typing import Final

import onnx
import torch

from napari_refusion import __version__
from napari_refusion.fusion.border import BORDER
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.weights import Weights
from napari_refusion.notice import NOTICE
from training.export.row_by_row import row_by_row

INPUT: Final = "sources"
OUTPUT: Final = "fused"

OPSET: Final = 20
"""Of ONNX's operators; the first that knows GELU."""

SIZES: Final = {0: "batch", 2: "height", 3: "width"}
"""Dimension -> its name. Two that are not told apart share memory in ONNX Runtime, which then refuses to run."""

_DESCRIPTION: Final = {
    "format": "refusion-1",
    "input": f"{INPUT}: float32 (batch, 2, height, width), finite, whole slices, each source windowed to [0, 1]",
    "input_range": "[0, 1]",
    "output": f"{OUTPUT}: float32 (batch, 1, height, width) in (0, 1), not to be rescaled",
    "empty": "where both sources are 0 everywhere the fused slice is 0; the graph alone answers with a faint pattern",
    "edges": f"where anything but 0 lies within {BORDER} pixels of an edge of either source, give both a border of "
    f"{BORDER} mirrored pixels (numpy.pad, reflect) then cut it off; the graph alone hides what is near an edge",
    "tiles": "none: attention is normalised over all pixels, so a tile gives another result than its whole slice",
}


def onnx_graph(weights: Weights) -> onnx.ModelProto:
    """Return the fusion network with its weights as an ONNX model, checked by ONNX.

    Raises
    ------
    ValueError
        If the weights are of another network.
    """
    if weights.network != "fusion":
        raise ValueError(f"Choose fusion weights: {weights.name} holds the {weights.network} network.")
    shape = {dimension: torch.export.Dim(name) for dimension, name in SIZES.items()}
    # no dimension of the example is 1, which would be taken for a constant
    example = torch.rand(2, 2, 24, 40, generator=torch.Generator().manual_seed(0))
    # what it says of torchvision and of its own deprecated names is of no use here
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(
            row_by_row(build_fusion_net(weights)),
            (example,),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes={INPUT: shape},
        )
    assert program is not None
    model = program.model_proto
    _forget_where_it_was_made(model)
    _describe(model, weights)
    onnx.checker.check_model(model, full_check=True)
    return model


def _forget_where_it_was_made(model: onnx.ModelProto) -> None:
    """Take out the traces of the exporting program: lines of source code and folders of the machine."""
    graph = model.graph
    for part in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer, graph, model):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")


def _describe(model: onnx.ModelProto, weights: Weights) -> None:
    model.producer_name, model.producer_version = "napari-refusion", __version__
    model.graph.name = f"refusion_{weights.task}"
    model.doc_string = f"ReFusion's fusion network, {weights.task}. {NOTICE}"
    named = {
        "task": weights.task,
        "sources": json.dumps(weights.sources),
        "weights": weights.name,
        "weights_sha256": weights.sha256,
        "licence": weights.licence,
        "data": weights.data,
        "notice": NOTICE,
    }
    onnx.helper.set_model_props(model, named | _DESCRIPTION)
