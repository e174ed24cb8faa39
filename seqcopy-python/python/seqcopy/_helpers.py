"""What the classes of the package do in Python: iteration, batches, dataclasses and arrays."""

import asyncio
import contextlib
import dataclasses
import typing

from ._seqcopy import Closed, NoValue


def _next(reader, known):
    """The next value with its version, or nothing, and whether there will be no more."""
    try:
        return reader.read_if_changed(known), False
    except NoValue:
        return None, False
    except Closed:
        return None, True


def values(reader):
    """Each newer value, until the region is closed."""
    known = 0
    while True:
        reader.wait(None, known)
        found, is_over = _next(reader, known)
        if is_over:
            return
        if found is not None:
            value, known = found
            yield value


async def values_async(reader):
    """The same without blocking the loop: a thread waits, for a short time at once."""
    known = 0
    while True:
        if not await asyncio.to_thread(reader.wait, 0.5, known):
            continue
        found, is_over = _next(reader, known)
        if is_over:
            return
        if found is not None:
            value, known = found
            yield value


def made(make, value):
    """A value as a dataclass, whose fields that are dataclasses themselves are made too, or by any callable with its fields as keywords."""
    if not isinstance(value, dict):
        return make(value)
    if dataclasses.is_dataclass(make):
        hints = typing.get_type_hints(make)
        inner = {name: hint for name, hint in hints.items() if dataclasses.is_dataclass(hint)}
        value = {name: made(inner[name], part) if name in inner and part is not None else part for name, part in value.items()}
    return make(**value)


def array(reader):
    """A value as a NumPy scalar, or an array; a slice as an array of its elements."""
    import numpy

    if reader.capacity is None:
        all_ = numpy.zeros((), reader.dtype)
        reader.read_into(all_)
        return all_[()]
    all_ = numpy.zeros(reader.capacity, reader.dtype)
    return all_[: reader.read_into(all_)]


@contextlib.contextmanager
def batch(writer):
    """Readers see what is changed in the block at once; nothing of it, if an exception leaves it."""
    writer.begin()
    try:
        yield writer
    except BaseException:
        writer.discard()
        raise
    writer.commit()
