"""Waits that nothing but a wake-up ends: no thread of this process, and no loop, looks at a region before an hour is over. Where a wake-up is lost, the
program does not end by itself: after 20 seconds it says where it waits.

    python tests/wakes.py
"""

import asyncio
import faulthandler
import os
import select
import tempfile
import threading
import time

import seqcopy
from seqcopy import _helpers, _seqcopy

_seqcopy._only_wakes()
_helpers.LOOK = seqcopy._LOOK = 3600


def by_wait(reader, quiet, known):
    assert reader.wait(known=known)


def by_wait_any(reader, quiet, known):
    assert seqcopy.wait_any({quiet: 1, reader: known}) == [reader]


def by_loop(reader, quiet, known):
    for _ in reader:
        if version(reader) != known:
            break


def by_async_loop(reader, quiet, known):
    async def read():
        async for _ in reader:
            if version(reader) != known:
                break

    asyncio.run(read())


def by_notifier(reader, quiet, known):
    notifier = seqcopy.Notifier()
    notifier.register(quiet)
    notifier.register(reader, known)
    while version(reader) == known and not reader.is_closed:
        select.select([notifier], [], [])
        notifier.clear()


# Of readers of maps no loop waits.
WAYS = {seqcopy.Reader: (by_wait, by_wait_any, by_notifier, by_loop, by_async_loop), seqcopy.MapReader: (by_wait, by_wait_any, by_notifier)}


def version(reader):
    return reader.version if isinstance(reader, seqcopy.Reader) else reader.generation


def create(kind, path):
    if kind is seqcopy.Reader:
        return seqcopy.Writer.create(path, "u64")
    return seqcopy.MapWriter.create(path, seqcopy.Schema.map("u32", "u64"), 4)


def write(writer, number):
    if isinstance(writer, seqcopy.Writer):
        writer.write(number)
    else:
        writer[1] = number


def main():
    waits = 0
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        never = create(seqcopy.Reader, os.path.join(folder, "quiet"))
        write(never, 1)
        quiet = seqcopy.Reader(os.path.join(folder, "quiet"))
        for kind, way, end in ((kind, way, end) for kind in WAYS for way in WAYS[kind] for end in ("write", "close")):
            for pause in (0, 0.0002, 0.001, 0.005) * 6:
                faulthandler.dump_traceback_later(20, exit=True)
                waits += 1
                path = os.path.join(folder, str(waits))
                writer = create(kind, path)
                write(writer, 1)
                reader = kind(path)
                thread = threading.Thread(target=way, args=(reader, quiet, version(reader)))
                thread.start()
                time.sleep(pause)
                if end == "write":
                    write(writer, 2)
                    writer.wake()
                else:
                    writer.close()
                thread.join()
                writer.close()
        never.close()
    faulthandler.cancel_dump_traceback_later()
    print(waits, "waits")


if __name__ == "__main__":
    main()
