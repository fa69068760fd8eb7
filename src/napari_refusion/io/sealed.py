"""Records that hold a hash of themselves, so that a number that was changed after they were written is noticed.

It guards against an editor, a script and a damaged disk, not against somebody who computes the hash anew.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

SEAL: Final = "record_sha256"
"""Entry of a record that holds the SHA-256 of all others."""


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return named values that JSON can hold with their `SEAL` behind them; one that was there is made anew."""
    plain = {key: value for key, value in content.items() if key != SEAL}
    return {**plain, SEAL: _digest(plain)}


def is_changed(content: Mapping[str, Any]) -> bool:
    """Return whether a record, as read, is not what was sealed; False for one of earlier versions, without a seal."""
    return SEAL in content and content[SEAL] != sealed(content)[SEAL]


def _digest(plain: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the values, whatever the order, the blanks and the letters that JSON writes them with."""
    return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
