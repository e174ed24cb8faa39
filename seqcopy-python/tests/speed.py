"""64 bytes through a region, beside multiprocessing.shared_memory with a lock, and a map beside a dict of multiprocessing.Manager: nanoseconds of a write and of a read, medians of paired rounds.

    python tests/speed.py [ROUNDS]
"""

import multiprocessing
import os
import statistics
import struct
import sys
import time
from multiprocessing.shared_memory import SharedMemory

import seqcopy

try:
    import numpy
except ImportError:
    numpy = None

NAMES = "abcdefgh"
FIELDS = struct.Struct("8d")
CALLS = 20_000


def pairs(region: str, shared: SharedMemory):
    """Each row: its name, and in each way of sharing a function that writes and one that reads."""
    lock = multiprocessing.Lock()
    memory = shared.buf
    raw = bytes(range(64))
    fields = {name: float(at) for at, name in enumerate(NAMES)}

    def write_raw():
        with lock:
            memory[:64] = raw

    def read_raw():
        with lock:
            return bytes(memory[:64])

    def write_fields():
        with lock:
            FIELDS.pack_into(memory, 0, *fields.values())

    def read_fields():
        with lock:
            values = FIELDS.unpack_from(memory, 0)
        return dict(zip(NAMES, values))

    plain = seqcopy.Writer.create(f"{region}-raw", "[u8; 64]", wakes=False)
    named = seqcopy.Writer.create(f"{region}-fields", {name: "f64" for name in NAMES}, wakes=False)
    reads_raw, reads_fields = seqcopy.Reader(f"{region}-raw"), seqcopy.Reader(f"{region}-fields")
    yield "bytes", (lambda: plain.write(raw), reads_raw.read), (write_raw, read_raw)
    yield "8 fields", (lambda: named.write(fields), reads_fields.read), (write_fields, read_fields)
    plain.close()
    named.close()

    # The value of a key; the other dict is in a process of its own.
    with multiprocessing.Manager() as manager:
        theirs = manager.dict()
        ours = seqcopy.MapWriter.create(f"{region}-map", seqcopy.Schema.map("u64", "f64"), 8, wakes=False)
        reads_key = seqcopy.MapReader(f"{region}-map")
        yield "a key", (lambda: ours.__setitem__(1, 0.5), lambda: reads_key[1]), (lambda: theirs.__setitem__(1, 0.5), lambda: theirs[1])
        ours.close()
    if numpy is None:
        return

    # A struct of NumPy, written and read again and again; beside a view of the memory under the lock.
    struct = numpy.dtype([(name, "f8") for name in NAMES])
    record, mine, theirs = numpy.ones((), struct), numpy.zeros((), struct), numpy.zeros((), struct)
    view = numpy.ndarray((), struct, buffer=memory)

    def write_view():
        with lock:
            view[()] = record

    def read_view():
        with lock:
            theirs[()] = view[()]
        return 1

    recorded = seqcopy.Writer.create(f"{region}-struct", struct, name="Struct", wakes=False)
    reads = seqcopy.Reader(f"{region}-struct")
    yield "a struct", (lambda: recorded.write(record), lambda: reads.read_into(mine)), (write_view, read_view)
    assert mine == theirs == record
    del view
    recorded.close()


def nanoseconds(call) -> float:
    began = time.perf_counter_ns()
    for _ in range(CALLS):
        call()
    return (time.perf_counter_ns() - began) / CALLS


def main(rounds: int) -> None:
    shared = SharedMemory(create=True, size=64)
    try:
        print(f"{'':18}{'seqcopy':>9}{'the other':>13}   ratio (least to most)")
        for name, region, locked in pairs(f"/dev/shm/seqcopy-speed-{os.getpid()}", shared):
            assert region[0]() is None and locked[0]() is None and region[1]() == locked[1]()
            for what, ours, theirs in zip(("write", "read"), region, locked):
                times = [(nanoseconds(ours), nanoseconds(theirs)) for _ in range(rounds)]
                ratios = sorted(ours / theirs for ours, theirs in times)
                mine, other = (statistics.median(each) for each in zip(*times))
                spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
                print(f"{what + ', ' + name:18}{mine:9.0f}{other:13.0f}   {spread}")
    finally:
        shared.close()
        shared.unlink()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
