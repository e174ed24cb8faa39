"""What the classes of the package do in Python: iteration, batches, dataclasses and arrays."""

import asyncio
import collections.abc
import contextlib
import ctypes
import dataclasses
import enum
import functools
import sys
import time
import types
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


def values(reader, following=None):
    """Each newer value, until the region is closed, or without an end."""
    at = _Loop(reader)
    while True:
        version = reader.version
        found, is_over = at.next()
        yield from found
        if found or following is not None and following.is_replaced(is_over):
            continue
        if not is_over:
            # Not for longer: a wait does not notice that another thread opens another region.
            reader.wait(LOOK, version)
        elif following is None:
            return
        else:
            time.sleep(LOOK_CLOSED)


async def values_async(reader, following=None):
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
            for value in found:
                yield value
                # Others have their turn, however fast values come.
                await asyncio.sleep(0)
            if found or following is not None and following.is_replaced(is_over):
                continue
            if is_over and following is None:
                return
            with contextlib.suppress(TimeoutError):
                # The descriptor of a region that was closed stays readable.
                await (asyncio.sleep(LOOK_CLOSED) if is_over else asyncio.wait_for(ready.wait(), LOOK))
            ready.clear()
            notifier.clear()
    finally:
        loop.remove_reader(notifier.fileno())


class Follow:
    """The values until the end of the program, in a loop or in a task, also after the writer was upgraded or restarted."""

    def __init__(self, reader, on_event):
        self.reader, self.on_event = reader, on_event

    def __iter__(self):
        return values(self.reader, _Following(self.reader, self.on_event))

    def __aiter__(self):
        return values_async(self.reader, _Following(self.reader, self.on_event))


class _Following:
    """What a loop does at the end of a region: it continues with the next one, and says what has happened."""

    def __init__(self, reader, on_event):
        self.reader, self.on_event, self.was_over = reader, on_event, False

    def is_replaced(self, is_over):
        """Whether there is another region by now."""
        replaced = self.reader.reopen_if_removed()
        if self.on_event is not None and (replaced or is_over and not self.was_over):
            self.on_event("replaced" if replaced else "closed")
        self.was_over = is_over and not replaced
        return replaced


# After how many seconds a loop looks whether a region that was closed has another one at its path.
LOOK_CLOSED = 0.01
# After how many seconds a loop looks whether another region is open there, or at its path.
LOOK = 0.5


def opened(reader, path, kind, by_fields):
    """A reader that was pickled."""
    return reader(path, kind, by_fields=by_fields)


def made(make, value):
    """A value as a dataclass, whose fields that are dataclasses themselves are made too, or by any callable with its fields as keywords."""
    if not isinstance(value, dict):
        return make(value)
    if dataclasses.is_dataclass(make):
        hints = typing.get_type_hints(make)
        is_enum = lambda hint: isinstance(hint, type) and issubclass(hint, enum.Enum)
        inner = {name: hint.__getitem__ if is_enum(hint) else functools.partial(made, hint) for name, hint in hints.items() if is_enum(hint) or dataclasses.is_dataclass(hint)}
        value = {name: inner[name](part) if name in inner and part is not None else part for name, part in value.items()}
    return make(**value)


# The types of Python that have a size.
_SIZED = {float: "f64", bool: "bool"}
_UNSIZED = {int: "i64", str: "SeqStr<12>", bytes: "[u8; 16]", list: "SeqVec<f64, 8>", tuple: "[f64; 3]"}


def _annotated(hint):
    """What an annotation says: a text, or another kind of type."""
    if typing.get_origin(hint) is typing.Annotated:
        return hint.__metadata__[0]
    parts = [part for part in typing.get_args(hint) if part is not type(None)]
    if typing.get_origin(hint) in (typing.Union, types.UnionType) and len(parts) == 1 and isinstance(_annotated(parts[0]), str):
        return f"SeqOption<{_annotated(parts[0])}>"
    if hint in _SIZED:
        return _SIZED[hint]
    plain = typing.get_origin(hint) or hint
    if plain in _UNSIZED:
        raise TypeError(f"`{plain.__name__}` has no size: annotate it with one, such as `typing.Annotated[{plain.__name__}, \"{_UNSIZED[plain]}\"]`")
    return hint


def _class(kind):
    """The name and the fields of a dataclass, a NamedTuple or a TypedDict, and the name and the members of an Enum. None for other types."""
    if not isinstance(kind, type):
        return None
    if issubclass(kind, enum.Enum):
        return kind.__name__, [member.name for member in kind]
    if not (dataclasses.is_dataclass(kind) or typing.is_typeddict(kind) or issubclass(kind, tuple) and hasattr(kind, "_fields")):
        return None
    fields = {}
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        try:
            fields[name] = _annotated(hint)
        except TypeError as error:
            error.add_note(f"in field `{name}` of `{kind.__name__}`")
            raise
    return kind.__name__, fields


def described(kind):
    """What a type of ctypes or NumPy is: a struct as its name, size, alignment and fields, an array as its element and length, a number as a text. And what a class of Python is."""
    found = _class(kind)
    if found is not None:
        return found
    if isinstance(kind, type) and (kind in _SIZED or kind in _UNSIZED):
        return _annotated(kind)
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
        wanted = "a text such as \"[f64; 3]\", a dict of fields, a list of an enum's names, a numpy.dtype, a class of ctypes, a dataclass, an Enum, or the bytes of a schema"
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

    if reader.capacity is None:
        found = numpy.empty((), reader._dtype)
        reader.read_into(found)
        return found[()]
    while True:
        # For as many as there are, not for what there is space for.
        found = numpy.empty(reader._count, reader._dtype)
        with contextlib.suppress(Full):
            return found[: reader.read_into(found)]


def _part(numpy, rows, size, kind, at):
    """What lies at an offset in each of the rows of a size."""
    # NumPy refuses an offset into nothing.
    return numpy.ndarray(len(rows) // size, kind, rows, at, size) if rows else numpy.empty(0, kind)


def _texts(numpy, rows, size, length_at, at, capacity):
    """The texts of rows of a size: at these offsets are their lengths, and their bytes with zeros after them."""
    count, lengths = len(rows) // size, _part(numpy, rows, size, "=u4", length_at)
    texts = _part(numpy, rows, size, f"S{capacity}", at) if capacity else numpy.zeros(count, "S1")
    try:
        found = texts.astype(f"U{max(capacity, 1)}")
    except UnicodeDecodeError:
        found = numpy.char.decode(texts, "utf-8")
    # NumPy ends a text before zeros at its end, which may belong to it.
    ends = numpy.arange(count) * size + at + lengths - 1
    for index in numpy.flatnonzero((lengths > 0) & (numpy.frombuffer(rows, "u1")[ends] == 0)):
        found = found.astype(object)
        found[index] = bytes(rows[index * size + at : ends[index] + 1]).decode()
    return found


def table(reader):
    """The keys and the values of a map, as two arrays."""
    import numpy

    ((keys, of_key), (values, of_value)), text = reader._table()
    found = numpy.frombuffer(keys, of_key) if text is None else _texts(numpy, keys, of_key.itemsize, 0, *text)
    if of_value.itemsize == 0:
        return found, numpy.empty(len(found), of_value)
    return found, numpy.frombuffer(values, of_value)


def columns(reader):
    """The entries of a map as a dict of columns."""
    import numpy

    rows, sizes, described = reader._columns()
    count, all = len(rows[0]) // sizes[0], {}

    def part(array, kind, at):
        return _part(numpy, rows[array], sizes[array], kind, at)

    for array, name, at, (kind, *detail) in described:
        if kind == "number":
            found = part(array, detail[0], at).copy()
        elif kind == "text":
            found = _texts(numpy, rows[array], sizes[array], at, at + detail[0], detail[1])
        elif kind == "tags":
            values, index = numpy.unique(part(array, detail[0], at), return_inverse=True)
            names = dict(detail[1])
            found = numpy.array([names[int(value)] for value in values], dtype=object)[index]
        elif kind == "optional":
            offset, form, size, some = detail
            is_some = part(array, f"=u{size}", at) == some
            numbers = part(array, form, at + offset)
            if numbers.dtype.kind == "f":
                found = numpy.where(is_some, numbers, numpy.nan)
            else:
                found = numbers.astype(object)
                found[~is_some] = None
        else:
            found = numpy.empty(count, object)
            found[:] = detail[0]
        # A field of the value may have the name of a key's column.
        all[f"value.{name}" if name in all else name] = found
    return all


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
