"""What the classes of the package do in Python: iteration, batches, dataclasses and arrays."""

import asyncio
import collections.abc
import contextlib
import ctypes
import dataclasses
import functools
import sys
import typing

from ._seqcopy import Closed, Error, Full, NoValue, Notifier, Schema


class _Loop:
    """Where a loop over a reader is: in which region, and at which version. Another thread may open another region, whose versions begin again."""

    def __init__(self, reader):
        self.reader, self.known, self.reopened = reader, 0, reader._reopened

    def next(self):
        """A newer value, in a tuple, if there is one, and whether there will be no more."""
        try:
            found, reopened = self.reader._newer(self.known, self.reopened)
        except NoValue:
            return (), False
        except Closed:
            return (), True
        if reopened != self.reopened:
            self.known, self.reopened = 0, reopened
        if found is None:
            return (), False
        value, self.known = found
        return (value,), False


def values(reader):
    """Each newer value, until the region is closed."""
    at = _Loop(reader)
    while True:
        version = reader.version
        found, is_over = at.next()
        if is_over:
            return
        yield from found
        if not found:
            # Not for longer: a wait does not notice that another thread opens another region.
            reader.wait(LOOK, version)


# After how many seconds a loop looks whether another region is open there.
LOOK = 0.5


async def values_async(reader):
    """The same in an event loop: a descriptor tells that there is something newer, and no thread waits."""
    loop, ready, notifier, at = asyncio.get_running_loop(), asyncio.Event(), Notifier(), _Loop(reader)
    registered = reader._reopened
    notifier.register(reader, 0)
    loop.add_reader(notifier.fileno(), ready.set)
    try:
        while True:
            if reader._reopened != registered:
                registered = reader._reopened
                notifier.register(reader, 0)
            found, is_over = at.next()
            if is_over:
                return
            for value in found:
                yield value
                # Others have their turn, however fast values come.
                await asyncio.sleep(0)
            if found:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ready.wait(), LOOK)
            ready.clear()
            notifier.clear()
    finally:
        loop.remove_reader(notifier.fileno())


def opened(reader, path, kind, by_fields):
    """A reader that was pickled."""
    return reader(path, kind, by_fields=by_fields)


def made(make, value):
    """A value as a dataclass, whose fields that are dataclasses themselves are made too, or by any callable with its fields as keywords."""
    if not isinstance(value, dict):
        return make(value)
    if dataclasses.is_dataclass(make):
        hints = typing.get_type_hints(make)
        inner = {name: hint for name, hint in hints.items() if dataclasses.is_dataclass(hint)}
        value = {name: made(inner[name], part) if name in inner and part is not None else part for name, part in value.items()}
    return make(**value)


def described(kind):
    """What a type of ctypes or NumPy is: a struct as its name, size, alignment and fields, an array as its element and length, a number as a text."""
    if isinstance(kind, type) and issubclass(kind, ctypes.Structure):
        # Those that it inherits come first.
        own = [field for base in reversed(kind.__mro__) for field in base.__dict__.get("_fields_", ())]
        if any(len(field) > 2 for field in own):
            raise TypeError(f"`{kind.__name__}` has a field of bits, which a region can't have")
        fields = [(name, getattr(kind, name).offset, of) for name, of in own]
        return kind.__name__, ctypes.sizeof(kind), ctypes.alignment(kind), fields
    if isinstance(kind, type) and issubclass(kind, ctypes.Array):
        return kind._type_, kind._length_
    if isinstance(kind, type) and issubclass(kind, ctypes._SimpleCData):
        if getattr(kind, f"__ctype_{'be' if sys.byteorder == 'little' else 'le'}__", None) is kind and ctypes.sizeof(kind) > 1:
            raise ValueError(f"{kind!r} has the byte order of another machine")
        letters = {"?": "b"} | dict.fromkeys("bhilq", "i") | dict.fromkeys("BHILQc", "u") | dict.fromkeys("fd", "f")
        return _number(kind, letters.get(kind._type_), ctypes.sizeof(kind))
    try:
        import numpy

        dtype = numpy.dtype(kind)
    except (ImportError, TypeError):
        wanted = "a text such as \"[f64; 3]\", a dict of fields, a list of an enum's names, a numpy.dtype, a class of ctypes, or the bytes of a schema"
        raise TypeError(f"{kind!r} where a type is wanted: {wanted}") from None
    if dtype.subdtype is not None:
        element, shape = dtype.subdtype
        return (element, shape[0]) if len(shape) == 1 else (numpy.dtype((element, shape[1:])), shape[0])
    if dtype.names is not None:
        fields = [(name, dtype.fields[name][1], dtype.fields[name][0]) for name in dtype.names]
        return None, dtype.itemsize, dtype.alignment, fields
    if not dtype.isnative:
        raise ValueError(f"{dtype} has the byte order of another machine")
    if dtype.kind in "SV":
        return "u8", dtype.itemsize
    instead = {"m": "an i64", "M": "an i64", "c": "pairs of floats", "e": "a u16"}.get(dtype.char if dtype.kind == "f" else dtype.kind)
    if instead:
        as_ = "i8" if dtype.kind in "mM" else "u2" if dtype.kind == "f" else f"f{dtype.itemsize // 2}"
        raise TypeError(f"{dtype!r} can't lie in a region: store it as {instead}, `array.view(\"{as_}\")`")
    # A long double of C is no `f128`.
    return _number(dtype, dtype.kind if dtype.kind in "biuf" and dtype.char != "g" else None, dtype.itemsize)


def _made(kind):
    """None if it can't lie in a region."""
    try:
        return Schema(kind)
    except (Error, TypeError, ValueError, RecursionError):
        return None


_schema = functools.lru_cache(256)(_made)


def layout_of(value):
    """The schema of what an array consists of, or of a structure."""
    value = value.obj if isinstance(value, memoryview) else value
    kind = type(value)
    while issubclass(kind, ctypes.Array):
        kind = kind._type_
    if not issubclass(kind, (ctypes.Structure, ctypes._SimpleCData)):
        kind = getattr(value, "dtype", None)
    return _schema(kind) if isinstance(kind, collections.abc.Hashable) else None


def contiguous(value):
    """A copy in C's order, whatever class the array is of."""
    if not hasattr(value, "dtype"):
        return memoryview(value).tobytes()
    import numpy

    return numpy.array(value, order="C", subok=False)


def _number(kind, letter, size):
    if letter is None:
        raise TypeError(f"{kind!r} can't lie in a region")
    return "bool" if letter == "b" else f"{letter}{8 * size}"


def array(reader):
    """A value as a NumPy scalar, or an array; a slice as an array of its elements."""
    import numpy

    is_slice = reader.capacity is not None
    while True:
        # For as many as there are, not for what there is space for.
        found = numpy.zeros(reader._count if is_slice else (), reader.dtype)
        with contextlib.suppress(Full):
            count = reader.read_into(found)
            return found[:count] if is_slice else found[()]


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
