"""Sequence locks in shared memory: one process writes a value, others read it at any time, whole and validated.

    import seqcopy

    with seqcopy.Writer.open_or_create("/dev/shm/quote", {"at": "u64", "bid": "f64"}, name="Quote") as writer:
        writer.write({"at": 1, "bid": 0.5})

    reader = seqcopy.Reader("/dev/shm/quote")  # in another process, of any language
    print(reader.read())
"""

import json as _json
from collections.abc import Mapping as _Mapping
from os import PathLike as _PathLike
from typing import Any as _Any

from ._seqcopy import *
from ._seqcopy import __version__, _list

_Mapping.register(MapReader)


def regions(*folders: str | _PathLike[str], all: bool = False) -> list[dict[str, _Any]]:
    """The regions in these folders, or in those of shared memory and of the user: what `seqcopy list --json` prints of each.

    With `all`, also what running processes have mapped, wherever it is.
    """
    return list(_json.loads(_list(list(folders), all))["regions"])
