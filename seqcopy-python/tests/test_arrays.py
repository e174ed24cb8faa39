"""What has a buffer, in every kind, order, shape and layout, against what must become of it: by loops, and judged by NumPy's own `astype` and `tobytes`."""

import array
import collections
import ctypes
import itertools
import mmap
import os
import signal
import sys
import tempfile
import time
import unittest
import warnings

import seqcopy
from left import Left, setUpModule, tearDownModule  # noqa: F401

try:
    import numpy
except ImportError:
    numpy = None

OTHER = ">" if sys.byteorder == "little" else "<"
# Types of numbers, as Rust and as NumPy have them.
NUMBERS = {
    "bool": "?",
    "i8": "i1",
    "u8": "u1",
    "i16": "i2",
    "u16": "u2",
    "i32": "i4",
    "u32": "u4",
    "i64": "i8",
    "u64": "u8",
    "f32": "f4",
    "f64": "f8",
}
# Of what arrays consist, and whether numbers of one kind become numbers of another.
KINDS = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g", "c8", "c16", "M8[s]", "m8[s]", "S2", "S8", "U2", "V8", "O"]
KINDS += [[("a", "f4"), ("b", "u4")]]
SHAPES = [(), (1,), (3,), (6,), (2, 3), (3, 2), (1, 6), (2, 3, 1), (0,)]
LAYOUTS = ["C", "F", "strided", "reversed", "transposed", "readonly", "subclass"]


def laid_out(values, layout):
    """The same values elsewhere in memory."""
    if layout == "F":
        return numpy.asfortranarray(values)
    if layout == "strided" and values.ndim:
        return numpy.repeat(values, 2, axis=-1)[..., ::2]
    if layout == "reversed" and values.ndim:
        return numpy.ascontiguousarray(values[::-1])[::-1]
    if layout == "transposed":
        return numpy.ascontiguousarray(values.T).T
    values = values.copy()
    if layout == "readonly":
        values.flags.writeable = False
    if layout == "subclass":

        class Lies(numpy.ndarray):
            """One whose own methods give something else."""

            def reshape(self, *_arguments, **_named):
                return numpy.zeros(values.size, values.dtype)

            def tobytes(self, *_arguments):
                return bytes(values.nbytes)

        return values.view(Lies)
    return values


def array_of(kind, shape):
    """1, 2, 3 .. in the kind's way."""
    count = int(numpy.prod(shape))
    numbers = numpy.arange(1, count + 1)
    dtype = numpy.dtype(kind)
    if dtype.names:
        found = numpy.zeros(count, dtype)
        found["a"], found["b"] = numbers, numbers
    elif dtype.kind == "V":
        found = numpy.frombuffer(numbers.astype("i8").tobytes(), dtype)
    else:
        found = (numbers % 2 if dtype.kind == "b" else numbers).astype(dtype)
    return found.reshape(shape)


def swapped(values):
    return values.astype(values.dtype.newbyteorder(OTHER))


def arrays():
    for kind, shape, layout, order in itertools.product(KINDS, SHAPES, LAYOUTS, ("=", OTHER)):
        values = array_of(kind, shape)
        values = swapped(values) if order == OTHER else values
        yield f"{kind} {shape} {layout} {order}", laid_out(values, layout)


def types():
    """Each with the dtype and the shape of its numbers; the length of a slice is any."""
    for name, dtype in NUMBERS.items():
        yield name, name, dtype, ()
        yield f"[{name}; 3]", f"[{name}; 3]", dtype, (3,)
        yield f"[[{name}; 3]; 2]", f"[[{name}; 3]; 2]", dtype, (2, 3)
        yield f"slice of {name}", seqcopy.Schema.slice(name, 8), dtype, (None,)
        yield f"slice of [{name}; 3]", seqcopy.Schema.slice(f"[{name}; 3]", 8), dtype, (None, 3)
    yield "record", seqcopy.Schema({"a": "f32", "b": "u32"}), [("a", "f4"), ("b", "u4")], ()
    yield "text", "[u8; 8]", "u1", (8,)
    yield "texts", seqcopy.Schema.slice("[u8; 8]", 8), "u1", (None, 8)


def is_text(dtype):
    return dtype.kind in "SV" and dtype.names is None


def has_shape(values, wanted):
    """A text of NumPy is an array of bytes, and so is what has no type."""
    found = values.shape + (values.dtype.itemsize,) * is_text(values.dtype)
    return len(found) == len(wanted) and all(len_ is None or len_ == other for len_, other in zip(wanted, found))


def is_exact(values, dtype):
    is_same = values.dtype == numpy.dtype(dtype) or is_text(values.dtype) and dtype == "u1"
    return is_same and values.dtype.isnative


def bytes_as(values, dtype):
    values = numpy.asarray(values)
    if not values.size:
        return b""
    return (values if is_text(values.dtype) else values.astype(dtype)).tobytes()


def converts(values, dtype):
    """Whether each number stays what it is, by NumPy's rules, or is rounded to one that a float has."""
    theirs, ours = values.dtype, numpy.dtype(dtype)
    if ours.names or theirs.names:
        return bool(ours.names and theirs.names)
    if "O" in (theirs.kind, ours.kind):
        # Whole numbers of Python.
        return ours.kind in "iuf"
    return theirs.kind + ours.kind in ("bb", "bi", "bu", "ii", "iu", "ui", "uu", "if", "uf", "ff", "bf", "Su")


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm")
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "region")


@unittest.skipIf(numpy is None, "no NumPy")
class Table(Case):
    def setUp(self):
        super().setUp()
        self.arrays = list(arrays())
        # A number that is made of more than one is none.
        warnings.simplefilter("error")
        self.addCleanup(warnings.resetwarnings)

    def regions(self):
        for at, (name, kind, dtype, shape) in enumerate(types()):
            path = f"{self.path}{at}"
            with seqcopy.Writer.create(path, kind) as writer:
                yield name, writer, seqcopy.Reader(path), dtype, shape

    def test_what_is_written_is_what_was_given_or_refused(self):
        outcomes = collections.Counter()
        for name, writer, reader, dtype, shape in self.regions():
            start = 64 if None in shape else 0
            for what, values in self.arrays:
                version = reader.version
                fits = has_shape(values, shape)
                try:
                    writer.write(values)
                except (TypeError, ValueError, OverflowError) as error:
                    outcomes["refused"] += 1
                    self.assertFalse(fits and is_exact(values, dtype) and values.dtype.kind != "V", f"{what} to {name}: {error}")
                    self.assertEqual(reader.version, version, f"{what} to {name}: refused, and written")
                    self.assertRegex(str(error), r"shape|kind|dtype|where|does not fit|must be|interpreted|cannot|can't", f"{what} to {name}")
                    if values.ndim and not fits and values.dtype.kind in "iuf" and values.dtype.char != "g":
                        wanted = ", ".join("any" if len_ is None else str(len_) for len_ in shape)
                        words = f"shape {values.shape} of {values.dtype}, where the shape ({wanted}) of `"
                        words += "" if name in ("record", "text", "texts") else name.removeprefix("slice of ") + "` is wanted"
                        self.assertIn(words, str(error), f"{what} to {name}")
                else:
                    outcomes["written" if is_exact(values, dtype) else "converted"] += 1
                    self.assertTrue(fits and (is_exact(values, dtype) or converts(values, dtype)) or not values.size, f"{what} to {name} is {reader.read()}")
                    self.assertEqual(reader.read_bytes()[start:], bytes_as(values, dtype), f"{what} to {name}")
        # As NumPy 2.4 has it.
        self.assertTrue(outcomes["written"] > 900 and outcomes["converted"] > 13000 and outcomes["refused"] > 150000, outcomes)

    def test_what_is_read_into_has_the_value_or_is_as_it_was(self):
        outcomes = collections.Counter()
        for name, writer, reader, dtype, shape in self.regions():
            value = array_of(dtype, [3 if len_ is None else len_ for len_ in shape])
            writer.write(value)
            for what, given in self.arrays:
                marked = given
                if marked.flags.writeable and marked.dtype.kind not in "O":
                    marked[...] = numpy.zeros((), marked.dtype)
                before = marked.tolist() if marked.dtype.kind != "V" else marked.copy()
                may = has_shape(given, shape) and is_exact(given, dtype) and given.flags.c_contiguous and given.flags.writeable
                try:
                    count = reader.read_into(given)
                except (TypeError, ValueError, seqcopy.Full) as error:
                    outcomes["refused"] += 1
                    if isinstance(error, seqcopy.Full):
                        self.assertTrue(may and given.size < 9, f"{name} into {what}: {error}")
                        continue
                    self.assertFalse(may and given.dtype.kind != "V", f"{name} into {what}: {error}")
                    after = marked.tolist() if marked.dtype.kind != "V" else marked
                    self.assertTrue(numpy.all(after == before) or before != before, f"{name} into {what}: refused, and written")
                else:
                    outcomes["read"] += 1
                    self.assertTrue(may, f"{name} into {what}")
                    found = numpy.asarray(given).tobytes()
                    self.assertEqual(found[: value.nbytes if None in shape else None], value.tobytes(), f"{name} into {what}")
                    self.assertEqual(count, 3 if None in shape else 1)
        self.assertTrue(outcomes["read"] > 280 and outcomes["refused"] > 160000, outcomes)

    def test_views_and_arrays_without_numpy_are_judged_alike(self):
        letters = {"b": "i8", "B": "u8", "h": "i16", "H": "u16", "i": "i32", "I": "u32", "q": "i64", "Q": "u64", "f": "f32", "d": "f64"}
        outcomes = collections.Counter()
        for name, writer, reader, dtype, shape in self.regions():
            for letter, count in itertools.product(letters, (1, 3, 6)):
                numbers = array.array(letter, range(1, count + 1))
                of_c = dict(zip("bBhHiIqQfd", "byte ubyte short ushort int uint longlong ulonglong float double".split()))[letter]
                element = getattr(ctypes, f"c_{of_c}")
                ways = {"array": numbers, "view": memoryview(numbers), "ctypes": (element * count)(*numbers)}
                if count == 1:
                    ways["one"] = element(1)
                if count == 6:
                    ways["view of two"] = memoryview(memoryview(numbers).cast("B")).cast(letter, (2, 3))
                    ways["gaps"] = memoryview(array.array(letter, [n // 2 + 1 for n in range(12)]))[::2]
                    ways["ctypes of two"] = (element * 3 * 2)(*[(element * 3)(*numbers[at : at + 3]) for at in (0, 3)])
                for way, values in ways.items():
                    view = memoryview(values)
                    theirs = numpy.asarray(view)
                    if way in ("view", "gaps") and letter == "B":
                        # Bytes, as they lie.
                        size = numpy.dtype(dtype).itemsize * int(numpy.prod([len_ or 1 for len_ in shape]))
                        fits, expected = count % size == 0 if None in shape else count == size, view.tobytes()
                    else:
                        fits = has_shape(theirs, shape)
                        expected = theirs.astype(dtype).tobytes() if fits and converts(theirs, dtype) else None
                    try:
                        writer.write(values)
                    except (TypeError, ValueError, OverflowError, seqcopy.Invalid):
                        outcomes["refused"] += 1
                        self.assertFalse(fits and way != "one" and is_exact(theirs, dtype), f"{way} of {count} {letter} to {name}")
                    else:
                        outcomes["written"] += 1
                        found = reader.read_bytes()[64 if None in shape else 0 :]
                        self.assertEqual(found, expected, f"{way} of {count} {letter} to {name}")
        self.assertTrue(outcomes["written"] > 1400 and outcomes["refused"] > 6000, outcomes)


@unittest.skipIf(numpy is None, "no NumPy")
class Numbers(Case):
    def test_a_number_that_would_be_another_is_refused(self):
        most = numpy.finfo("f4").max
        for kind, kept, refused in [
            ("f32", [most, -most, numpy.float64(most), float("inf"), numpy.float32("-inf"), 2**100, True], [1e300, -1e300, numpy.float64(1e39), 2**128]),
            ("f64", [1e308, float("-inf"), numpy.longdouble("inf"), 2**1000], [numpy.longdouble("1e4000"), 2**1024, "1", b"1", 1j]),
            ("f64", [], [numpy.complex64(1), numpy.complex128(1), numpy.timedelta64(5, "s"), numpy.datetime64("2020"), numpy.ones(1), numpy.ones(1, "M8[s]")]),
            ("i64", [numpy.int8(-1), numpy.uint64(5)], [numpy.timedelta64(5, "ns"), numpy.datetime64(5, "ns"), numpy.float64(1), 1.0, numpy.uint64(1 << 63), numpy.ones(1, "i4")]),
            ("u8", [numpy.int64(255)], [numpy.int64(256), numpy.int64(-1), numpy.array([3], "u1"), numpy.void(b"1")]),
            ("bool", [numpy.bool_(True), False], [1, numpy.int8(1), 1.0, "True", numpy.array([True])]),
        ]:
            with self.subTest(type=kind), seqcopy.Writer.create(self.path, {"x": kind}) as writer:
                for value in kept:
                    for way in value, numpy.array(value) if isinstance(value, numpy.generic) else value:
                        writer.write({"x": 0 if kind != "bool" else not value})
                        writer.write({"x": way})
                        self.assertEqual(writer.read()["x"], value)
                version = writer.version
                for value in refused:
                    with self.subTest(value=value), warnings.catch_warnings(action="error"), self.assertRaises((TypeError, OverflowError, ValueError)):
                        writer.write({"x": value})
                self.assertEqual(writer.version, version)
                writer.close()

    def test_a_masked_array_has_values_that_are_none(self):
        masked = numpy.ma.array([1.0, 2.0], mask=[False, True])
        with seqcopy.Writer.create(self.path, "[f64; 2]") as writer:
            for call in writer.write, seqcopy.Reader(self.path).read_into:
                with self.assertRaisesRegex(TypeError, "without a mask"):
                    call(masked)
            writer.write(masked.filled(7))
            self.assertEqual(writer.read(), [1.0, 7.0])

    def test_texts_and_dates_of_records(self):
        kind = numpy.dtype([("symbol", "S8"), ("bid", "f8"), ("at", "i8")])
        rows = numpy.array([(b"AAPL", 1.5, 1), (b"GOOGGOOG", 2.5, 2)], kind)
        expected = [{"symbol": row["symbol"].ljust(8, b"\0"), "bid": row["bid"], "at": row["at"]} for row in rows]
        with seqcopy.Writer.create(self.path, seqcopy.Schema.slice(kind, 4)) as writer:
            reader, found = seqcopy.Reader(self.path), numpy.zeros(2, kind)
            for given in rows, rows[::-1][::-1], swapped(rows), rows[["at", "symbol", "bid"]], list(rows):
                writer.write([])
                writer.write(given)
                self.assertEqual(reader.read(), expected)
            self.assertEqual((reader.read_into(found), found.tobytes()), (2, rows.tobytes()))
            writer.close()
        with seqcopy.Writer.create(self.path, "[[u8; 4]; 2]") as writer:
            writer.write(numpy.array([b"ab", b"abcd"], "S4"))
            self.assertEqual(writer.read(), [b"ab\0\0", b"abcd"])
            writer.close()
        with self.assertRaisesRegex(TypeError, r"as an i64, `array.view\(\"i8\"\)`"):
            seqcopy.Schema(numpy.dtype("M8[ns]"))
        with self.assertRaisesRegex(TypeError, "can't lie in a region"):
            seqcopy.Schema(numpy.dtype("g"))

    def test_fields_are_where_they_are(self):
        def places(*offsets):
            return numpy.dtype({"names": ["a", "b"], "formats": ["u1", "u1"], "offsets": offsets, "itemsize": 4})

        with seqcopy.Writer.create(self.path, places(0, 1)) as writer:
            for offsets in ((0, 1), (0, 2), (1, 3), (3, 0)):
                row = numpy.zeros((), places(*offsets))
                row["a"], row["b"] = 1, 2
                writer.write({"a": 0, "b": 0})
                writer.write(row)
                self.assertEqual(writer.read(), {"a": 1, "b": 2}, offsets)

    def test_what_numpy_calls_a_type_is_taken_for_it(self):
        inner = {"names": ["a", "b"], "formats": ["u2", "f4"]}
        kinds = [("0", "f4", 3)], [("0", [("1", "u4")], 2)], [("0", inner)], [("_1", inner), ("x", "S3", 2)], [("a", "V3"), ("b", [("c", "?", (2, 2))])]
        for kind in map(numpy.dtype, kinds):
            with self.subTest(kind=kind), seqcopy.Writer.create(self.path, kind) as writer:
                value = numpy.frombuffer(b"\1" * kind.itemsize, kind)[0]
                writer.write(value)
                reader = seqcopy.Reader(self.path)
                found = numpy.zeros((), kind)
                reader.read_into(found)
                self.assertEqual((found.tobytes(), reader.read_array().tobytes()), (value.tobytes(), value.tobytes()))
                writer.close()

    def test_a_large_value_is_not_printed_as_a_whole(self):
        with seqcopy.Writer.create(self.path, "bool") as writer:
            for wrong in [0.5] * 10_000, "x" * 10_000, numpy.zeros((), [("a", "u1", 10_000)]):
                with self.assertRaises((TypeError, ValueError)) as caught:
                    writer.write(wrong)
                self.assertLess(len(str(caught.exception)), 400)

    def test_nothing_is_checked_where_another_process_changes_it(self):
        # A long one: there is time between the check of its last element and the copy of that.
        count = 1 << 18
        writer = seqcopy.Writer.create(self.path, f"[bool; {count}]")
        reader, shared = seqcopy.Reader(self.path), mmap.mmap(-1, count)
        values, raw = numpy.frombuffer(shared, "?"), numpy.frombuffer(shared, "u1")
        child = os.fork()
        if child == 0:
            signal.alarm(60)
            while True:
                raw[-1] = 2
                raw[-1] = 1
        try:
            found, counts = numpy.zeros(count, "?"), collections.Counter()
            end = time.monotonic() + 1
            while time.monotonic() < end:
                try:
                    writer.write(values)
                except seqcopy.Invalid:
                    counts["refused"] += 1
                else:
                    counts["written"] += 1
                    reader.read_into(found)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        self.assertTrue(counts["refused"] and counts["written"], counts)


class Structures(Case):
    def test_another_byte_order_is_refused_or_converted(self):
        swapped_structure = ctypes.BigEndianStructure if sys.byteorder == "little" else ctypes.LittleEndianStructure
        other = type("Other", (swapped_structure,), {"_fields_": [("a", ctypes.c_uint32), ("b", ctypes.c_uint32)]})
        number = ctypes.c_uint32.__ctype_be__ if sys.byteorder == "little" else ctypes.c_uint32.__ctype_le__
        for kind in other, number, number * 2, type("Inside", (ctypes.Structure,), {"_fields_": [("a", number)]}):
            with self.assertRaisesRegex(ValueError, "byte order of another machine"):
                seqcopy.Schema(kind)
        with seqcopy.Writer.create(self.path, {"a": "u32", "b": "u32"}) as writer:
            writer.write(other(1, 2))
            self.assertEqual(writer.read(), {"a": 1, "b": 2})
            into = other()
            with self.assertRaisesRegex(TypeError, "a writable buffer"):
                seqcopy.Reader(self.path).read_into(into)
            self.assertEqual((into.a, into.b), (0, 0))

    def test_inherited_fields_come_first(self):
        base = type("Base", (ctypes.Structure,), {"_fields_": [("a", ctypes.c_uint8), ("c", ctypes.c_uint64)]})
        derived = type("Derived", (base,), {"_fields_": [("b", ctypes.c_uint32)]})
        last = type("Last", (derived,), {})
        for kind in derived, last:
            with seqcopy.Writer.create(self.path, kind) as writer:
                writer.write(kind(1, 2, 3))
                found = kind()
                seqcopy.Reader(self.path, kind).read_into(found)
                self.assertEqual((writer.read(), found.a, found.c, found.b), ({"a": 1, "c": 2, "b": 3}, 1, 2, 3))
                writer.close()

    def test_a_structure_of_other_fields_is_converted_by_their_names(self):
        def structure(*fields):
            return type("Pair", (ctypes.Structure,), {"_fields_": list(fields)})

        same = structure(("a", ctypes.c_uint32), ("b", ctypes.c_float))
        others = [
            structure(("b", ctypes.c_float), ("a", ctypes.c_uint32)),
            structure(("a", ctypes.c_int32), ("b", ctypes.c_float)),
            structure(("a", ctypes.c_uint16), ("b", ctypes.c_float)),
            structure(("a", ctypes.c_uint64), ("b", ctypes.c_double)),
        ]
        with seqcopy.Writer.create(self.path, {"a": "u32", "b": "f32"}, name="Named") as writer:
            reader = seqcopy.Reader(self.path)
            for kind in [same, *others]:
                writer.write({"a": 0, "b": 0.0})
                writer.write(kind(a=3, b=0.5))
                self.assertEqual(reader.read(), {"a": 3, "b": 0.5})
                into = kind()
                if kind is same:
                    reader.read_into(into)
                    self.assertEqual((into.a, into.b), (3, 0.5))
                else:
                    with self.assertRaises((TypeError, ValueError)):
                        reader.read_into(into)
                    self.assertEqual((into.a, into.b), (0, 0))
            with self.assertRaisesRegex(TypeError, "a dict or an object with the fields"):
                writer.write(structure(("a", ctypes.c_uint32), ("c", ctypes.c_float))(1, 2))

    def test_a_struct_that_is_known_is_judged_as_one_that_is_new(self):
        """Each handle twice: one that has seen the struct before, and one that has not."""
        struct = numpy.dtype([("a", "u4"), ("b", "f4")])
        renamed = numpy.dtype([("a", "u4"), ("b", "f4")])
        mine = [struct, renamed, numpy.dtype([("a", "u4"), ("b", "f4")]), numpy.dtype([("b", "f4"), ("a", "u4")]), struct.newbyteorder()]
        calls = 0
        for is_slice in (False, True):
            kind = seqcopy.Schema.slice(struct, 8, name="Both") if is_slice else seqcopy.Schema(struct, name="Both")
            path = self.path
            for of, shape, layout in itertools.product(mine, SHAPES, LAYOUTS):
                # Its fields change places under a handle that knows the dtype.
                renamed.names = ("a", "b")
                values = numpy.zeros(shape, of)
                values["a"], values["b"] = 3, 0.5
                array = laid_out(values, layout)
                known = numpy.zeros((1,) if is_slice else (), of if of is renamed else struct)
                said = []
                for is_known in (True, False):
                    renamed.names = ("a", "b")
                    with seqcopy.Writer.create(path, kind) as writer:
                        reader = seqcopy.Reader(path)
                        if is_known:
                            writer.write(known)
                            reader.read_into(known)
                        if of is renamed:
                            renamed.names = ("b", "a")
                        try:
                            written = writer.write(array)
                            value = reader.read()
                            into = array.copy()
                            said.append((value, written, reader.read_into(into), into.tobytes()))
                        except (TypeError, ValueError) as error:
                            said.append((type(error), str(error)))
                        writer.close()
                calls += 1
                self.assertEqual(said[0], said[1], (of, shape, layout, is_slice))
        self.assertEqual(calls, 2 * len(mine) * len(SHAPES) * len(LAYOUTS))

    def test_types_inside_of_types_have_an_end(self):
        inner = ctypes.c_uint32
        for _ in range(2000):
            inner = type("Outer", (ctypes.Structure,), {"_fields_": [("a", inner)]})
        with self.assertRaisesRegex(ValueError, "64 deep"):
            seqcopy.Schema(inner)
        inner = ctypes.c_uint8
        for _ in range(2000):
            inner = inner * 1
        with self.assertRaisesRegex(ValueError, "64 deep"):
            seqcopy.Schema(inner)

    def test_what_is_behind_the_elements_stays(self):
        """Whether they are copied there at once, or judged first."""
        for kind, given in (("u8", bytearray(b"\x07" * 6)), ("bool", bytearray(b"\x01" * 6))):
            with self.subTest(kind=kind):
                with seqcopy.Writer.open_or_create(self.path, seqcopy.Schema.slice(kind, 6), replace_other_type=True) as writer:
                    writer.write([0, 1] if kind == "u8" else [False, True])
                before = bytes(given)
                self.assertEqual(seqcopy.Reader(self.path).read_into(given), 2)
                self.assertEqual(bytes(given), b"\0\1" + before[2:])


if __name__ == "__main__":
    unittest.main()
