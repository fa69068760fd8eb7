"""The parameter names of the authors' published files, and what they are called here."""

from typing import Final

AUTHORS_FILES: Final = {
    "IVIF": "infrared_visible",
    "MFIF": "multi_focus",
    "MEIF": "multi_exposure",
    "MIF": "medical",
}
"""Marks in the names of the authors' files, the longer ones first."""

_BLOCK_KEYS = {
    "norm1.body.weight": "norm_attention.weight",
    "norm1.body.bias": "norm_attention.bias",
    "attn.temperature": "attention.temperature",
    "attn.qkv.weight": "attention.qkv.weight",
    "attn.qkv_dwconv.weight": "attention.qkv_depthwise.weight",
    "attn.project_out.weight": "attention.project.weight",
    "norm2.body.weight": "norm_feed_forward.weight",
    "norm2.body.bias": "norm_feed_forward.bias",
    "ffn.project_in.weight": "feed_forward.expand.weight",
    "ffn.dwconv.weight": "feed_forward.expand_depthwise.weight",
    "ffn.project_out.weight": "feed_forward.project.weight",
}

_BLOCKS = {
    f"{theirs}.{index}": f"{ours}.{index}"
    for theirs, ours in (("encoder1", "encoder_a"), ("encoder2", "encoder_b"), ("decoder", "decoder"))
    for index in (0, 1)
}

AUTHORS_KEYS: Final[dict[str, str]] = {
    "project_in_1.weight": "embed_a.weight",
    "project_in_2.weight": "embed_b.weight",
    "FM.temperature1": "cross_fusion.temperature_a",
    "FM.temperature2": "cross_fusion.temperature_b",
    "FM.qkv1.weight": "cross_fusion.qkv_a.weight",
    "FM.qkv1_dwconv.weight": "cross_fusion.qkv_a_depthwise.weight",
    "FM.qkv2.weight": "cross_fusion.qkv_b.weight",
    "FM.qkv2_dwconv.weight": "cross_fusion.qkv_b_depthwise.weight",
    "FM.project_mid1.weight": "cross_fusion.project_a.weight",
    "FM.project_mid2.weight": "cross_fusion.project_b.weight",
    "FM.project_E.weight": "cross_fusion.gate.weight",
    "FM.project_E_d.weight": "cross_fusion.gate_depthwise.weight",
    "FM.project_E1.weight": "cross_fusion.content_a.weight",
    "FM.project_E1_d.weight": "cross_fusion.content_a_depthwise.weight",
    "FM.project_E2.weight": "cross_fusion.content_b.weight",
    "FM.project_E2_d.weight": "cross_fusion.content_b_depthwise.weight",
    "FM.project_out1.weight": "cross_fusion.output_a.weight",
    "FM.project_out2.weight": "cross_fusion.output_b.weight",
    "project_out_0.weight": "shrink.weight",
    "project_out_1.weight": "output.weight",
} | {
    f"{theirs}.{their_key}": f"{ours}.{our_key}"
    for theirs, ours in _BLOCKS.items()
    for their_key, our_key in _BLOCK_KEYS.items()
}
"""Parameter names of the authors' fusion network -> ours, 86 of them."""
