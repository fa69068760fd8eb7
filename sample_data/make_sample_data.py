"""Makes all sample data anew, byte for byte the same: ``python -m sample_data.make_sample_data``, about a minute."""

import argparse
from pathlib import Path

from sample_data.head_slice import write_head_slice
from sample_data.room import write_multi_exposure
from sample_data.shelf import write_multi_focus
from sample_data.street import write_infrared_visible
from sample_data.volumes import write_ct, write_mr, write_pet, write_spect, write_t1

WRITERS = (
    write_t1,
    write_pet,
    write_spect,
    write_ct,
    write_mr,
    write_head_slice,
    write_infrared_visible,
    write_multi_focus,
    write_multi_exposure,
)
"""What is made, in this order."""


def main() -> None:
    """Write everything into the folder given, or beside this script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent, help="default: this folder")
    root = parser.parse_args().folder
    for write in WRITERS:
        write(root)


if __name__ == "__main__":
    main()
