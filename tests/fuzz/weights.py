"""Weights files: safetensors with edited headers, numbers and metadata, and the authors' archives."""

import io
import json
import pickle
import struct
import zipfile
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import torch

from napari_refusion.model.authors_keys import AUTHORS_KEYS
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.weights import Weights, WeightsError
from napari_refusion.model.weights_files import load_weights, save_weights
from tests.fuzz.case import Case, Result
from tests.fuzz.edits import FLOATS, INTEGERS, edited
from tests.fuzz.looks import by_cause

_TYPES = (
    "F64",
    "F32",
    "F16",
    "BF16",
    "F8_E4M3",
    "F8_E5M2",
    "F8_E8M0",
    "F4",
    "I64",
    "I8",
    "U8",
    "U16",
    "U64",
    "BOOL",
    "C64",
    "",
)

_VALUES: tuple[Any, ...] = (
    *(
        "",
        "x",
        "fusion",
        "proposal",
        "null",
        "NaN",
        "[1, 2]",
        "{}",
        '{"a": 1}',
        "[" * 5000,
        "[" * 200_000,
        "1" * 10_000,
    ),
    *('["a", "b"]', '["a"]', '{"a": NaN}', '{"a": 1e999}', '{"a": true}', "1e999", "\ud800", "\0", "\u202e", "medical"),
    *('{"a": ' + "9" * 4000 + "}", '{"a": ' + "9" * 5000 + "}"),
)


@cache
def seeds() -> dict[str, bytes]:
    """Return file names -> contents."""
    torch.manual_seed(0)
    found = {}
    networks = {"fusion": FusionNet(), "reconstruction": ReconstructionNet(), "proposal": LossProposalNet()}
    with TemporaryDirectory() as folder:
        for name, network in networks.items():
            path = Path(folder) / f"{name}.safetensors"
            save_weights(Weights(network.state_dict(), name, metrics={"medical qabf": 0.5}), path)
            found[path.name] = path.read_bytes()
    ours = networks["fusion"].state_dict()
    with io.BytesIO() as file:
        torch.save({theirs: ours[mine] for theirs, mine in AUTHORS_KEYS.items()}, file)
        found["ReFusion_MIF.pth"] = file.getvalue()
    return found


def header_edited(content: bytes, random: Random) -> bytes:
    """Change what the header of a safetensors file says of one tensor, or of the file."""
    [length] = struct.unpack_from("<Q", content)
    header, data = json.loads(content[8 : 8 + length]), content[8 + length :]
    name = random.choice([one for one in header if one != "__metadata__"])
    entry = header[name]
    match random.randrange(10):
        case 0:
            entry["dtype"] = random.choice(_TYPES)
        case 1:
            entry["shape"] = random.choice(
                ([], [0], [-1], [2**63, 2], [*entry["shape"], 1], [*entry["shape"][::-1]], ["a"], 1)
            )
        case 2:
            entry["data_offsets"][random.randrange(2)] = random.choice((*INTEGERS, -1, 1.5, "0"))
        case 3:
            del entry[random.choice(list(entry))]
        case 4:
            header[random.choice(("extra", "", "\ud800", "__metadata__", name + " "))] = header.pop(name)
        case 5:
            start, end = entry["data_offsets"]
            data = (
                data[:start]
                + struct.pack("<f", random.choice(FLOATS[:10] + FLOATS[11:])) * ((end - start) // 4)
                + data[end:]
            )
        case 6:
            header["__metadata__"] = random.choice((None, {}, [], {"network": 1}, {"network": "fusion"}))
        case _:
            about = header["__metadata__"]
            key = random.choice([*about, "new"])
            if random.random() < 0.2:
                about.pop(key, None)
            else:
                about[key] = random.choice(_VALUES)
    try:
        text = json.dumps(header).encode()
    except (UnicodeEncodeError, ValueError):
        return content
    return struct.pack("<Q", len(text)) + text + data


def archive_edited(content: bytes, random: Random) -> bytes:
    """Change one member of an archive, mostly the pickle that says what the others are."""
    with io.BytesIO() as file, zipfile.ZipFile(io.BytesIO(content)) as old:
        names = old.namelist()
        target = random.choice([*[one for one in names if one.endswith("data.pkl")] * 4, *names])
        with zipfile.ZipFile(file, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as new:
            for name in names:
                new.writestr(name, _member(old.read(name), random) if name == target else old.read(name))
        return file.getvalue()


def _member(content: bytes, random: Random) -> bytes:
    if random.random() < 0.1:
        return pickle.dumps(random.choice(({"a": 1}, [], None, {1: torch.nn.ReLU}, {"a": torch.zeros(2).to_sparse()})))
    return edited(content, random)


def weights_case(random: Random) -> Case:
    """Return a weights file that something was done to."""
    name = random.choice(list(seeds()))
    content = seeds()[name]
    own = header_edited if name.endswith(".safetensors") else archive_edited
    if random.random() < 0.7:
        content = own(content, random)
    if content == seeds()[name] or random.random() < 0.1:
        content = edited(content, random)
    return Case({name: content}, name, name)


def look_at_weights(path: Path, _case: Case) -> tuple[Result, str]:
    """Load weights and build their network."""
    try:
        loaded = load_weights(path)
    except WeightsError as error:
        return by_cause(error)
    if loaded.network == "fusion":
        build_fusion_net(loaded)
    return "read", ""
