"""Sequence locks in shared memory: one process writes a value, others read it at any time, whole and validated.

    import seqcopy

    with seqcopy.Writer.open_or_create("/dev/shm/quote", {"at": "u64", "bid": "f64"}, name="Quote") as writer:
        writer.write({"at": 1, "bid": 0.5})

    reader = seqcopy.Reader("/dev/shm/quote")  # in another process, of any language
    print(reader.read())
"""

import json as _json
import select as _select
import time as _time
from collections.abc import Mapping as _Mapping
from os import PathLike as _PathLike
from typing import Any as _Any

from ._helpers import LOOK as _LOOK
from ._seqcopy import *
from ._seqcopy import __version__, _list

_Mapping.register(MapReader)


def regions(*folders: str | _PathLike[str], all: bool = False) -> list[dict[str, _Any]]:
    """The regions in these folders, or in those of shared memory and of the user: what `seqcopy list --json` prints of each.

    With `all`, also what running processes have mapped, wherever it is.
    """
    return list(_json.loads(_list(list(folders), all))["regions"])


def wait_any(known: dict[Reader | MapReader, int], timeout: float | None = None) -> list[Reader | MapReader]:
    """Waits until one of these readers has another version than the dict has for it, is closed, or has opened another region: those that have, or none when the time is over."""
    if not isinstance(known, _Mapping):
        raise TypeError(f"{known!r} where a dict is wanted, from readers to the versions that are known of them")
    if timeout is not None and timeout != timeout:
        raise ValueError("the timeout is not a number of seconds")
    notifier, end = Notifier(), _time.monotonic() + (float("inf") if timeout is None else timeout)
    reopened = {}
    for reader, version in known.items():
        notifier.register(reader, version)
        reopened[reader] = reader._reopened
    while True:
        notifier.clear()
        versions = {it: it.version if isinstance(it, Reader) else it.generation for it in known}
        found = [
            it for it, version in known.items() if versions[it] != version or it.is_closed or it._reopened != reopened[it]
        ]
        left = end - _time.monotonic()
        if found or left <= 0:
            return found
        # Not for longer: another thread may open another region for one of them, of which the notifier knows nothing.
        _select.select([notifier], [], [], min(left, _LOOK))
