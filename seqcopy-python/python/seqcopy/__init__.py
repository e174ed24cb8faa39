"""Sequence locks in shared memory: one process writes a value, others read it at any time, whole and validated.

    import seqcopy

    with seqcopy.Writer.open_or_create("/dev/shm/quote", {"at": "u64", "bid": "f64"}, name="Quote") as writer:
        writer.write({"at": 1, "bid": 0.5})

    reader = seqcopy.Reader("/dev/shm/quote")  # in another process, of any language
    print(reader.read())
"""

from collections.abc import Mapping as _Mapping

from ._seqcopy import *
from ._seqcopy import __version__

_Mapping.register(MapReader)
