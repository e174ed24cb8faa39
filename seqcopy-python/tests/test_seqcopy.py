"""The package, as its users have it: `python -m unittest discover seqcopy-python/tests`, with the wheel installed. What needs NumPy is
skipped without it."""

import array
import asyncio
import ctypes
import dataclasses
import importlib.metadata
import importlib.util
import mmap
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import seqcopy
from left import setUpModule, tearDownModule  # noqa: F401

try:
    import numpy
except ImportError:
    numpy = None

QUOTE = {
    "open": "bool",
    "at": "u64",
    "bid": "f64",
    "name": "SeqStr<8>",
    "side": "SeqOption<u16>",
    "levels": "[f32; 3]",
    "tail": "SeqVec<i16, 4>",
    "raw": "[u8; 4]",
    "letter": "char",
    "wide": "u128",
}


def quote(n):
    return {
        "open": n % 2 == 1,
        "at": n,
        "bid": n / 2,
        "name": f"n{n}"[:8],
        "side": None if n % 2 else n % 1000,
        "levels": [0.5, 1.0, float(n % 100)],
        "tail": list(range(n % 5)),
        "raw": bytes([n % 256] * 4),
        "letter": "ß",
        "wide": n << 70,
    }


def encoded(*parts):
    """The bytes of a schema: numbers, texts after their length, and letters."""
    number = lambda value: value.to_bytes(8, "little")
    return b"".join(
        part if isinstance(part, bytes) else number(part) if isinstance(part, int) else number(len(part)) + part.encode() for part in parts
    )


# An enum with fields, which only Rust declares: { None, Key(u16), Moved { x: i8, y: u32 } }.
MOVED = ("Moved", 2, 2, "x", 1, b"i", 1, 1, "y", 4, b"u", 4, 4)
EVENT = encoded("seqcopy schema 1", b"\x08<|", 8, 4, "Event", b"u", 1, 1, 0, 3, "None", 0, 0, "Key", 1, 1, "0", 2, b"u", 2, 2, *MOVED)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm")
        self.path = os.path.join(self.folder.name, "region")

    def tearDown(self):
        self.folder.cleanup()


class Values(Case):
    def test_a_value_comes_back_as_it_was_written(self):
        for buffers in (1, 2, 8):
            with seqcopy.Writer.open_or_create(self.path, QUOTE, name="Quote", buffers=buffers) as writer:
                self.assertTrue(writer.was_created)
                reader = seqcopy.Reader(self.path, QUOTE, name="Quote")
                with self.assertRaises(seqcopy.NoValue):
                    reader.read()
                for n in range(1, 40):
                    writer.write(quote(n))
                    self.assertEqual(reader.read_versioned(), (quote(n), n))
                    self.assertEqual(writer.read(), quote(n))
                self.assertEqual(reader.read_if_changed(38), (quote(39), 39))
                self.assertIsNone(reader.read_if_changed(39))
                self.assertEqual((reader.schema.name, reader.version, writer.version), ("Quote", 39, 39))
                self.assertEqual(reader.writer_state, "alive")
            self.assertEqual(reader.writer_state, "gone")
            with seqcopy.Writer.take_over(self.path) as writer:
                self.assertFalse(writer.was_created)
                self.assertEqual(writer.read(), quote(39))
                writer.close()
            with self.assertRaises(seqcopy.Closed):
                reader.read()
            for known in (39, 0):
                with self.assertRaises(seqcopy.Closed):
                    reader.read_if_changed(known)
            self.assertTrue(reader.is_closed and reader.is_removed)

    def test_an_enum_has_the_fields_of_its_variant(self):
        with seqcopy.Writer.create(self.path, EVENT) as writer:
            reader = seqcopy.Reader(self.path)
            for value in (("Moved", {"x": -3, "y": 1 << 31}), ("Key", 7), ("None", {})):
                writer.write(value)
                self.assertEqual((reader.read(), writer.read()), (value, value))
            # Nothing of what was there before.
            self.assertEqual(reader.read_bytes(), bytes(8))
            for wrong, error in ((("Lost", 1), TypeError), ("Key", TypeError), (("Key", 1 << 16), OverflowError), (("Moved", {"x": 1}), ValueError)):
                with self.subTest(wrong=wrong), self.assertRaises(error):
                    writer.write(wrong)
            with self.assertRaisesRegex(TypeError, "'Key' where a tuple of a variant of `Event` and its fields is wanted"):
                writer.write("Key")

    def test_a_file_is_made_as_it_was_asked_for(self):
        schema = seqcopy.Schema.map("u8", "[u8; 4096]")
        makers = [
            lambda **options: seqcopy.Writer.create(self.path, "[u8; 4096]", **options),
            lambda **options: seqcopy.Writer.open_or_create(self.path, "[u8; 4096]", **options),
            lambda **options: seqcopy.MapWriter.create(self.path, schema, 1, **options),
            lambda **options: seqcopy.MapWriter.open_or_create(self.path, schema, 1, **options),
        ]
        for index, make in enumerate(makers):
            found = []
            for options in ({}, {"mode": 0o600}, {"buffers": 4}):
                with self.subTest(index=index, options=options), make(**options) as writer:
                    status = os.stat(self.path)
                    found.append((status.st_mode & 0o777, status.st_size))
                    writer.close()
            (usual, size), (private, _), (_, larger) = found
            self.assertEqual((usual & 0o077, private), (0o044 & ~self.umask(), 0o600))
            self.assertGreaterEqual(larger, size + 8192)
            for mode, found in [(644, "1204"), (0o4755, "4755")]:
                end = rf"at most 777 in octal, such as `mode=0o644`, found {found} in octal$"
                with self.subTest(index=index, mode=mode), self.assertRaisesRegex(ValueError, end):
                    make(mode=mode)
                self.assertFalse(os.path.exists(self.path))

    def umask(self):
        mask = os.umask(0)
        os.umask(mask)
        return mask

    def test_whole_numbers_of_every_width_are_written_to_their_limits(self):
        for bits in (8, 16, 32, 64, 128):
            for kind, least, most in [("u", 0, (1 << bits) - 1), ("i", -1 << bits - 1, (1 << bits - 1) - 1)]:
                with self.subTest(type=f"{kind}{bits}"), seqcopy.Writer.create(self.path, f"{kind}{bits}") as writer:
                    for number in (least, 0, 1, most):
                        writer.write(number)
                        self.assertEqual(writer.read(), number)
                    for number in (least - 1, most + 1):
                        with self.assertRaisesRegex(OverflowError, f"{number} does not fit into .*signed {bits} bits"):
                            writer.write(number)
                    writer.close()

    def test_the_keys_of_a_dict_have_any_order_and_are_all_fields(self):
        with seqcopy.Writer.create(self.path, {"a": "u8", "b": "u8", "c": "u8"}) as writer:
            writer.write({"c": 3, "a": 1, "b": 2})
            self.assertEqual(writer.read(), {"a": 1, "b": 2, "c": 3})
            for wrong in ({"a": 1, "b": 2}, {"a": 1, "c": 2, 3: 4}, {"a": 1, "b": 2, "c": 3, b"c": 4}, {}):
                with self.assertRaises(ValueError):
                    writer.write(wrong)

            class Changes:
                """Changes the dict while it is written."""

                def __index__(self):
                    changing.clear()
                    return 9

            changing = {"a": Changes(), "b": 5, "c": 6}
            writer.write(changing)
            self.assertEqual((changing, writer.read()), ({}, {"a": 9, "b": 5, "c": 6}))

    def test_a_writer_is_not_closed_by_what_it_writes(self):
        with seqcopy.Writer.create(self.path, "u8") as writer:

            class Closes:
                def __index__(self):
                    writer.close()

            with self.assertRaisesRegex(RuntimeError, "writer is in use"):
                writer.write(Closes())
            writer.write(5)
            self.assertEqual(writer.read(), 5)

    def test_a_type_inside_of_itself_is_refused(self):
        fields = {}
        fields["inner"] = fields
        with self.assertRaisesRegex(ValueError, "64 deep"):
            seqcopy.Schema(fields)

    def test_what_is_not_a_value_is_refused_and_named(self):
        writer = seqcopy.Writer.create(self.path, QUOTE, name="Quote")
        writer.write(quote(1))
        for field, wrong, error in [
            ("open", 1, TypeError),
            ("at", -1, OverflowError),
            ("at", 1 << 64, OverflowError),
            ("at", 0.5, TypeError),
            ("name", "a long name", ValueError),
            ("name", 5, TypeError),
            ("side", 1 << 16, OverflowError),
            ("levels", [1.0, 2.0], TypeError),
            ("levels", [1.0] * 4, ValueError),
            ("tail", range(5), ValueError),
            ("raw", b"12345", ValueError),
            ("letter", "ab", TypeError),
        ]:
            with self.subTest(field=field, wrong=wrong):
                with self.assertRaises(error) as caught:
                    writer.write({**quote(2), field: wrong})
                self.assertIn(f"in field `{field}` of `Quote`", caught.exception.__notes__)
        with self.assertRaisesRegex(ValueError, "`Quote` has no field 'other'"):
            writer.write({**quote(2), "other": 1})
        with self.assertRaisesRegex(ValueError, "field `at` of `Quote` is missing"):
            writer.write({"open": True})
        bad = bytearray(seqcopy.Reader(self.path).read_bytes())
        bad[0] = 2
        with self.assertRaisesRegex(seqcopy.Invalid, "`open` at byte 0 is 0x2"):
            writer.write(bytes(bad))
        self.assertEqual((writer.version, seqcopy.Reader(self.path).read()), (1, quote(1)))

    def test_regions_are_opened_by_their_type(self):
        seqcopy.Writer.create(self.path, "f64").release()
        with self.assertRaisesRegex(seqcopy.OtherType, "f64 there, u32 here"):
            seqcopy.Reader(self.path, "u32")
        with self.assertRaises(FileExistsError):
            seqcopy.Writer.create(self.path, "f64")
        with self.assertRaises(FileNotFoundError):
            seqcopy.Reader(self.path + "x")
        one = seqcopy.Writer.take_over(self.path, "f64")
        with self.assertRaises(seqcopy.HasWriter):
            seqcopy.Writer.open_or_create(self.path, "f64")
        one.release()
        other = seqcopy.Writer.open_or_create(self.path, "u32", replace_other_type=True)
        other.write(7)
        self.assertEqual(seqcopy.Reader(self.path).read(), 7)
        other.close()
        with self.assertRaisesRegex(ValueError, "closed"):
            other.write(8)

    def test_a_region_that_was_removed_comes_back(self):
        writer = seqcopy.Writer.create(self.path, "u64")
        writer.write(5)
        reader = seqcopy.Reader(self.path)
        os.remove(self.path)
        self.assertTrue(writer.restore_if_removed())
        self.assertFalse(writer.restore_if_removed())
        self.assertTrue(reader.reopen_if_removed())
        self.assertFalse(reader.reopen_if_removed())
        self.assertEqual((reader.read(), reader.version), (5, 1))

    def test_a_truncated_file_is_an_error(self):
        source = f"""
import os, seqcopy
seqcopy.survive_truncation()
reader = seqcopy.Reader({self.path!r})
assert reader.read() == [7] * 2000
os.truncate({self.path!r}, 0)
try:
    reader.read()
except seqcopy.Error as error:
    print(error)
"""
        # A handler of Python's own gets what is not about a region.
        for options in [], ["-X", "faulthandler"]:
            writer = seqcopy.Writer.create(self.path, "[u64; 2000]")
            writer.write([7] * 2000)
            # It did not ask to survive.
            writer.release()
            found = subprocess.run([sys.executable, *options, "-c", source], stdout=subprocess.PIPE, text=True, timeout=60)
            self.assertEqual((found.returncode, "truncated" in found.stdout), (0, True), options)
            os.remove(self.path)

    def test_dataclasses_go_both_ways(self):
        @dataclasses.dataclass
        class Point:
            x: float
            y: float

        @dataclasses.dataclass
        class Pose:
            at: int
            place: Point

        globals().update(Point=Point, Pose=Pose)
        writer = seqcopy.Writer.create(self.path, {"at": "u64", "place": {"x": "f32", "y": "f32"}}, name="Pose")
        writer.write(Pose(3, Point(0.5, 1.5)))
        reader = seqcopy.Reader(self.path)
        self.assertEqual(reader.read_as(Pose), Pose(3, Point(0.5, 1.5)))
        self.assertEqual(reader.read_as(dict), {"at": 3, "place": {"x": 0.5, "y": 1.5}})

    def test_ctypes_structures_go_both_ways(self):
        class Level(ctypes.Structure):
            _fields_ = [("price", ctypes.c_double), ("count", ctypes.c_uint16)]

        class Book(ctypes.Structure):
            _fields_ = [("on", ctypes.c_bool), ("levels", Level * 2), ("id", ctypes.c_int64)]

        writer = seqcopy.Writer.create(self.path, Book)
        book = Book(True, (Level * 2)(Level(0.5, 1), Level(1.5, 2)), -7)
        writer.write(book)
        reader = seqcopy.Reader(self.path, Book)
        levels = [{"price": 0.5, "count": 1}, {"price": 1.5, "count": 2}]
        self.assertEqual(reader.read(), {"on": True, "levels": levels, "id": -7})
        found = Book()
        self.assertEqual(reader.read_into(found), 1)
        self.assertEqual((found.on, found.levels[1].count, found.id), (True, 2, -7))
        self.assertEqual((reader.schema.name, seqcopy.Schema(Book, name="Other").name), ("Book", "Book"))
        with self.assertRaisesRegex(TypeError, "field of bits"):
            seqcopy.Schema(type("Bits", (ctypes.Structure,), {"_fields_": [("a", ctypes.c_int, 3)]}))
        with self.assertRaisesRegex(TypeError, "can't lie in a region"):
            seqcopy.Schema(type("Address", (ctypes.Structure,), {"_fields_": [("a", ctypes.c_void_p)]}))

    def test_what_is_read_into_is_as_large(self):
        writer = seqcopy.Writer.create(self.path, "[u16; 4]")
        writer.write([1, 2, 3, 4])
        reader, into = seqcopy.Reader(self.path), bytearray(8)
        reader.read_into(into)
        self.assertEqual(bytes(into), reader.read_bytes())
        for wrong in (bytearray(7), bytearray(9)):
            with self.assertRaisesRegex(ValueError, "where the value has 8"):
                reader.read_into(wrong)
        for wrong in (bytes(8), 5, memoryview(bytearray(16))[::2]):
            with self.assertRaisesRegex(TypeError, "writable buffer, contiguous"):
                reader.read_into(wrong)

    def test_schemas_are_bytes_and_equal(self):
        schema = seqcopy.Schema(QUOTE, name="Quote")
        self.assertEqual(seqcopy.Schema(bytes(schema)), schema)
        self.assertEqual({schema: 1}[seqcopy.Schema(bytes(schema))], 1)
        self.assertNotEqual(schema, seqcopy.Schema(QUOTE, name="Other"))
        self.assertIn("Quote", repr(schema))
        for wrong in ("u7", "[u8; x]", b"nonsense", 5, {"a": "u8", "b": "String"}, None, {"a": None}, object(), object):
            with self.subTest(wrong=wrong), self.assertRaises((TypeError, ValueError, seqcopy.OtherType)):
                seqcopy.Schema(wrong)
        for wrong, why in [
            ({"": "u8"}, '"" is not a valid name of a field'),
            ({"a b": "u8"}, '"a b" is not a valid name of a field'),
            ({"a": {"": "u8"}}, '"" is not a valid name of a field'),
            ([], "an enum without fields needs variants"),
            (["A", "A"], "two variants are called `A`"),
        ]:
            for use in seqcopy.Schema, lambda kind: seqcopy.Writer.create(self.path, kind):
                with self.subTest(wrong=wrong), self.assertRaisesRegex(ValueError, f"^this can't be a type: {why}"):
                    use(wrong)
        for key in ("f32", {"a": "u8", "b": "u16"}, "SeqOption<u8>"):
            with self.subTest(key=key), self.assertRaisesRegex(ValueError, "a key of a map can't have"):
                seqcopy.Schema.map(key, "u8")
        self.assertFalse(os.path.exists(self.path))

    def test_types_have_names(self):
        side = ["Buy", "Sell"]
        schema = seqcopy.Schema({"at": "u64", "side": side, "sides": "[Side; 3]"}, name="Order", types={"Side": side})
        with seqcopy.Writer.create(self.path, schema) as writer:
            value = {"at": 1, "side": "Sell", "sides": ["Buy", "Sell", "Buy"]}
            writer.write(value)
            self.assertEqual(seqcopy.Reader(self.path, schema).read(), value)
            with self.assertRaises(TypeError) as raised:
                writer.write(value | {"side": "Hold"})
            self.assertIn('where the name of a variant of `Side` ("Buy", "Sell") is wanted', str(raised.exception))
            writer.close()
        with self.assertRaisesRegex(ValueError, '"Side" is not a type'):
            seqcopy.Schema({"side": "Side"}, types={"Sides": side})
        # Each may use those before it.
        self.assertEqual(seqcopy.Schema("B", types={"A": {"x": "u8"}, "B": "[A; 2]"}).size, 2)
        with self.assertRaisesRegex(ValueError, '"B" is not a type'):
            seqcopy.Schema("A", types={"A": "B", "B": "u8"})
        self.assertEqual(seqcopy.Schema([f"V{n}" for n in range(256)]).size, 1)
        self.assertEqual(seqcopy.Schema([f"V{n}" for n in range(257)]).size, 2)

    def test_a_file_describes_a_type(self):
        def load(text):
            with open(self.path, "w") as file:
                file.write(text)
            return seqcopy.Schema.load(self.path)

        quote = load('{ "name": "Quote", "types": { "Side": ["Buy", "Sell"] }, "value": { "at": "u64", "best_side": "Side", "top_level": { "bid": "f64" } } }')
        side, level = seqcopy.Schema(["Buy", "Sell"], name="Side"), {"bid": "f64"}
        self.assertEqual(quote.name, "Quote")
        # A schema may be a part of another, by its name.
        self.assertEqual(quote, seqcopy.Schema({"at": "u64", "best_side": side, "top_level": level}, name="Quote"))
        self.assertEqual(quote, seqcopy.Schema({"at": "u64", "best_side": bytes(side), "top_level": level}, name="Quote"))
        self.assertEqual(quote, seqcopy.Schema({"at": "u64", "best_side": "Side", "top_level": level}, name="Quote", types={"Side": ["Buy", "Sell"]}))
        self.assertNotEqual(quote, seqcopy.Schema({"at": "u64", "best_side": ["Buy", "Sell"], "top_level": level}, name="Quote"))
        self.assertEqual(load('{ "slice": "u16", "capacity": 7 }'), seqcopy.Schema.slice("u16", 7))
        self.assertEqual(load('{ "key": "u32", "value": "f64" }'), seqcopy.Schema.map("u32", "f64"))
        with self.assertRaisesRegex(ValueError, "can't have padding"):
            load('{ "key": { "venue": "u16", "symbol": "SeqStr<8>" }, "value": "f64" }')
        for wrong in ["{}", '{ "slice": "u16" }', '{ "key": "u32" }', '{ "value": "u8", "capacity": 5 }']:
            with self.assertRaisesRegex(ValueError, 'expected "value", or "slice" and "capacity"'):
                load(wrong)
        for wrong, why in [("[5]", "expected a map"), ("5", "expected a map"), ('{ "value": "u8", "typos": {} }', '"typos" means nothing here')]:
            with self.assertRaisesRegex(ValueError, why):
                load(wrong)


class Slices(Case):
    def test_slices_have_a_length(self):
        writer = seqcopy.Writer.create(self.path, seqcopy.Schema.slice("u16", 10))
        reader = seqcopy.Reader(self.path)
        self.assertEqual(reader.capacity, 10)
        for length in (0, 3, 10):
            writer.write(list(range(length)))
            self.assertEqual(reader.read(), list(range(length)))
            for start in range(12):
                for stop in range(12):
                    if start > stop or stop - start > 10:
                        error = ValueError
                    elif stop <= length:
                        self.assertEqual(reader.read_range(start, stop), list(range(length))[start:stop])
                        continue
                    else:
                        error = seqcopy.Full
                    with self.assertRaises(error):
                        reader.read_range(start, stop)
        with self.assertRaisesRegex(ValueError, "space for 10"):
            writer.write(range(11))
        with self.assertRaises(seqcopy.Full):
            reader.read_into(bytearray(6))
        into = bytearray(20)
        self.assertEqual(reader.read_into(into), 10)
        self.assertEqual(into[18:], (9).to_bytes(2, sys.byteorder))
        # Bytes lie in memory as elements do.
        for bytes_ in (b"\1\2\3\4", bytearray(b"\1\2\3\4"), memoryview(b"\1\2\3\4")):
            writer.write([])
            writer.write(bytes_)
            self.assertEqual(reader.read_bytes()[64:], b"\1\2\3\4")
        with self.assertRaisesRegex(ValueError, "3 bytes, where each element has 2"):
            writer.write(b"123")

    @unittest.skipIf(numpy is None, "no NumPy")
    def test_arrays_of_numpy_are_slices(self):
        kind = numpy.dtype([("x", "f4"), ("id", "i8")], align=True)
        writer = seqcopy.Writer.create(self.path, seqcopy.Schema.slice(kind, 100, name="Point"))
        points = numpy.zeros(7, kind)
        points["id"] = range(7)
        writer.write(points)
        reader = seqcopy.Reader(self.path)
        self.assertEqual(reader.read()[6], {"x": 0.0, "id": 6})
        found = reader.read_array()
        self.assertEqual((len(found), list(found["id"])), (7, list(range(7))))


@unittest.skipIf(numpy is None, "no NumPy")
class Arrays(Case):
    def test_a_structured_scalar_is_a_value(self):
        inner = numpy.dtype([("a", "u1"), ("b", "f8")], align=True)
        kind = numpy.dtype([("on", "?"), ("grid", "i2", (2, 3)), ("inner", inner)], align=True)
        writer = seqcopy.Writer.create(self.path, kind, name="Frame")
        value = numpy.zeros((), kind)
        value["grid"] = [[1, 2, 3], [4, 5, 6]]
        value["on"] = True
        value["inner"]["b"] = 0.5
        reader = seqcopy.Reader(self.path, kind, name="Frame")
        for one in (value, value[()]):
            writer.write(one)
            found = reader.read_array()
            self.assertEqual((found["grid"].tolist(), found["inner"]["b"], found["on"]), ([[1, 2, 3], [4, 5, 6]], 0.5, True))
            self.assertEqual(found.dtype, reader.dtype)
        self.assertEqual(reader.read()["grid"], [[1, 2, 3], [4, 5, 6]])
        into = numpy.zeros((), kind)
        reader.read_into(into)
        self.assertEqual(into["grid"].tolist(), value["grid"].tolist())

    def test_options_and_texts_have_fields(self):
        writer = seqcopy.Writer.create(self.path, QUOTE, name="Quote")
        writer.write(quote(6))
        found = seqcopy.Reader(self.path).read_array()
        self.assertEqual((found["side"]["is_some"], found["side"]["value"], found["name"]["len"]), (True, 6, 2))

    def test_each_number_is_as_wide_in_numpy(self):
        for kind, name in (("i8", "i1"), ("i64", "i8"), ("u16", "u2"), ("f32", "f4"), ("bool", "?"), ("char", "u4"), ("[i16; 3]", ("i2", 3))):
            schema = seqcopy.Schema(kind)
            self.assertEqual(schema.dtype, numpy.dtype(name))
        self.assertEqual(seqcopy.Schema(["A", "B"]).dtype, numpy.dtype("u1"))
        self.assertEqual(seqcopy.Schema(numpy.dtype("S5")).name, "[u8; 5]")

    def test_numbers_of_another_kind_are_converted(self):
        other = ">" if sys.byteorder == "little" else "<"
        with seqcopy.Writer.create(self.path, seqcopy.Schema.slice("f32", 10)) as writer:
            reader = seqcopy.Reader(self.path)
            kinds = ("i4", "u4", "f8", other + "f4", "f4")
            arrays = [numpy.array([1, 2, 3], kind) for kind in kinds] + [array.array("i", [1, 2, 3]), (ctypes.c_int32 * 3)(1, 2, 3)]
            for numbers in arrays:
                writer.write([0.0])
                writer.write(numbers)
                self.assertEqual(reader.read(), [1.0, 2.0, 3.0], numbers)
            for wrong in (numpy.zeros(3, "i4"), numpy.zeros(3, "u4"), array.array("i", [0] * 3), numpy.zeros(3, other + "f4")):
                with self.assertRaisesRegex(TypeError, "of bytes or of `f32` is wanted"):
                    reader.read_into(wrong)
            for into in (numpy.zeros(3, "f4"), array.array("f", [0] * 3), (ctypes.c_float * 3)(), bytearray(12), memoryview(numpy.zeros(12, "u1"))):
                self.assertEqual(reader.read_into(into), 3)
                self.assertEqual(bytes(into), numpy.array([1, 2, 3], "f4").tobytes())
            writer.close()
        with seqcopy.Writer.create(self.path, "f64") as writer:
            for number in (numpy.int64(7), numpy.uint8(7), numpy.float32(7), numpy.array(7), numpy.float64(7), 7):
                writer.write(0.0)
                writer.write(number)
                self.assertEqual(writer.read(), 7.0, repr(number))
            writer.close()
        with seqcopy.Writer.create(self.path, "[u8; 2]") as writer:
            with self.assertRaises(OverflowError):
                writer.write(numpy.array([-1, 1], "i1"))
            writer.write(numpy.array([1, 2], "i1"))
            self.assertEqual(writer.read(), b"\1\2")

    def test_what_numpy_has_no_type_for_is_bytes(self):
        for kind, value in ((EVENT, ("Key", 7)), (seqcopy.Schema.slice(EVENT, 3), [("Key", 7), ("Moved", {"x": 1, "y": 2})])):
            with seqcopy.Writer.create(self.path, kind) as writer:
                reader = seqcopy.Reader(self.path)
                writer.write(value)
                found = reader.read_array()
                self.assertEqual(found.dtype, numpy.dtype("V8"))
                writer.write(("None", {}) if kind == EVENT else [])
                writer.write(found)
                self.assertEqual(reader.read(), value)
                writer.close()

    def test_a_record_has_its_fields_by_their_names(self):
        with seqcopy.Writer.create(self.path, {"a": "u32", "b": "f32"}) as writer:
            for kind in ([("a", "u4"), ("b", "f4")], [("b", "f4"), ("a", "u4")], [("b", "f8"), ("a", "i8")]):
                record = numpy.zeros((), kind)
                record["a"], record["b"] = 3, 0.5
                for one in (record, record[()]):
                    writer.write({"a": 0, "b": 0.0})
                    writer.write(one)
                    self.assertEqual(writer.read(), {"a": 3, "b": 0.5}, kind)
            with self.assertRaisesRegex(TypeError, "writable buffer, contiguous"):
                seqcopy.Reader(self.path).read_into(numpy.zeros((), [("b", "f4"), ("a", "u4")]))
        matrix = seqcopy.Schema("[[i16; 3]; 2]")
        self.assertEqual(matrix.dtype, numpy.dtype(("i2", (2, 3))))

    def test_other_machines_are_refused(self):
        other = ">u4" if sys.byteorder == "little" else "<u4"
        with self.assertRaisesRegex(ValueError, "byte order"):
            seqcopy.Schema(numpy.dtype(other))


class Maps(Case):
    def test_handles_find_what_a_dict_has(self):
        """Random changes, by keys and by handles, in and out of batches; a map that is put back, taken over and made larger."""
        for kind, keys in (("u32", range(20)), ("SeqStr<12>", [f"key {n}" for n in range(20)])):
            with self.subTest(kind=kind):
                schema, rng, model = seqcopy.Schema.map(kind, {"n": "u64", "text": "SeqStr<4>"}), random.Random(71), {}
                writer = seqcopy.MapWriter.create(self.path, schema, 14)
                reader = seqcopy.MapReader(self.path, schema)
                of_reader, of_writer = ({key: of.entry(key) for key in keys} for of in (reader, writer))
                for step in range(1500):
                    key, value, way = rng.choice(keys), {"n": step, "text": "ab"[: step % 3]}, rng.randrange(9)
                    if way < 5 and (key in model or len(model) < writer.capacity):
                        of_writer[key].set(value) if way < 3 else writer.__setitem__(key, value)
                        model[key] = value
                    elif way < 7:
                        writer.remove(key)
                        model.pop(key, None)
                    elif way == 7:
                        with writer.batch():
                            # What is changed there is seen there: nothing is lost.
                            for one in [one for one in keys if one in model][:3] * 2:
                                now = of_writer[one].get()
                                of_writer[one].set({"n": now["n"] + 1, "text": now["text"]})
                                model[one] = {"n": model[one]["n"] + 1, "text": model[one]["text"]}
                                self.assertEqual((writer[one], len(writer)), (model[one], len(model)))
                    elif step % 5 == 0:
                        writer.release()
                        larger = {"replace_smaller": True} if step % 10 == 0 else {}
                        writer = seqcopy.MapWriter.open_or_create(self.path, schema, min(14 + step // 90, 20), **larger)
                        reader.reopen_if_removed()
                        # Of a writer that has ended; those of the reader go on.
                        of_writer = {key: writer.entry(key) for key in keys}
                    for one in (key, rng.choice(keys)):
                        found = of_reader[one].get(), of_writer[one].get(), reader.get(one), writer.get(one)
                        self.assertEqual(found, (model.get(one),) * 4)
                self.assertEqual(dict(reader.items()), model)
                writer.close()

    def test_a_batch_that_is_interrupted_is_not_begun(self):
        """By whatever leaves it: Ctrl-C and a task that is cancelled are no `Exception`."""
        writer = seqcopy.MapWriter.create(self.path, seqcopy.Schema.map("u32", "u32"), 7)
        writer[1] = 1
        for left in (KeyboardInterrupt, asyncio.CancelledError, GeneratorExit, SystemExit, ValueError):
            with self.subTest(left=left):
                with self.assertRaises(left), writer.batch():
                    writer[1] = 2
                    writer[2] = 2
                    raise left
                self.assertEqual((writer.get(1), writer.get(2), len(writer)), (1, None, 1))
                with writer.batch():
                    writer[1] = 1
                self.assertEqual(seqcopy.MapReader(self.path).to_dict(), {1: 1})
        writer.close()

    def test_entries(self):
        schema = seqcopy.Schema.map("SeqStr<12>", {"price": "f64", "open": "bool"}, name="Price")
        with seqcopy.MapWriter.open_or_create(self.path, schema, 6) as writer:
            reader = seqcopy.MapReader(self.path, schema)
            self.assertEqual((len(writer), len(reader), writer.capacity), (0, 0, 7))
            writer["AAPL"] = {"price": 227.13, "open": True}
            self.assertEqual(reader["AAPL"], {"price": 227.13, "open": True})
            self.assertEqual((reader.get("GOOG"), reader.get("GOOG", 5)), (None, 5))
            self.assertTrue("AAPL" in reader and "AAPL" in writer and "GOOG" not in reader)
            with self.assertRaises(KeyError):
                reader["GOOG"]
            before = reader.generation
            with writer.batch():
                for n in range(4):
                    writer[f"k{n}"] = {"price": n, "open": False}
                writer.remove("AAPL")
                writer["k0"] = {"price": 9, "open": False}
                self.assertEqual(reader.generation, before)
            self.assertEqual((reader.generation, sorted(reader)), (before + 1, ["k0", "k1", "k2", "k3"]))
            self.assertEqual(reader["k0"]["price"], 9)
            with writer.batch() as outer:
                outer["k3"] = {"price": 5, "open": True}
                with self.assertRaisesRegex(ValueError, "begun before"), writer.batch():
                    self.fail("two batches")
            self.assertEqual(writer["k3"], {"price": 5, "open": True})
            with self.assertRaises(ZeroDivisionError), writer.batch():
                del writer["k1"]
                1 / 0
            self.assertIn("k1", reader)
            del writer["k1"]
            with self.assertRaises(KeyError):
                del writer["k1"]
            with self.assertRaises(seqcopy.Full):
                for n in range(20):
                    writer[f"x{n}"] = {"price": n, "open": False}
            self.assertEqual(dict(reader.items())["k2"], {"price": 2.0, "open": False})
            self.assertEqual(len(reader.keys()), len(reader.values()))
        again = seqcopy.MapWriter.take_over(self.path)
        self.assertEqual(again["k0"]["price"], 9)
        os.remove(self.path)
        self.assertTrue(again.restore_if_removed() and reader.reopen_if_removed())
        self.assertEqual(reader["k0"]["price"], 9)
        again.close()
        with self.assertRaises(seqcopy.Closed):
            reader["k0"]

    def test_a_map_is_opened_by_its_type(self):
        schema, other = seqcopy.Schema.map("u32", "u32"), seqcopy.Schema.map("u32", "f32")
        with seqcopy.MapWriter.create(self.path, schema, 6) as writer:
            writer[1] = 5
            with self.assertRaises(seqcopy.OtherType):
                seqcopy.MapReader(self.path, other)
            with self.assertRaises(seqcopy.OtherType):
                seqcopy.Reader(self.path)
        with self.assertRaises(seqcopy.OtherType):
            seqcopy.MapWriter.open_or_create(self.path, other, 6)
        for options, capacity in (({}, 7), ({"replace_smaller": True}, 112)):
            with seqcopy.MapWriter.open_or_create(self.path, schema, 100, **options) as writer:
                self.assertEqual((writer.capacity, writer[1], writer.was_created), (capacity, 5, False))
        with seqcopy.MapWriter.open_or_create(self.path, other, 6, replace_other_type=True) as writer:
            self.assertEqual((len(writer), writer.was_created), (0, True))
            writer.close()
        for capacity in (0, 1 << 40):
            with self.assertRaisesRegex(ValueError, "from 1 to"):
                seqcopy.MapWriter.create(self.path, schema, capacity)

    def test_a_map_is_waited_for(self):
        schema = seqcopy.Schema.map("u32", "u32")
        writer = seqcopy.MapWriter.create(self.path, schema, 6)
        reader = seqcopy.MapReader(self.path)
        self.assertEqual((reader.writer_state, reader.is_closed, reader.schema), ("alive", False, schema))
        self.assertFalse(reader.wait(0.01))
        known = reader.generation
        writer[1] = 5
        self.assertTrue(reader.wait(10, known) and not reader.wait(0))
        writer.close()
        self.assertTrue(reader.wait(10) and reader.is_closed)
        self.assertEqual(reader.writer_state, "gone")

    def test_a_key_that_was_found_finds_its_entry(self):
        two = {"a": "u16", "b": "u16"}
        for kind, keys in (
            ("SeqVec<u16, 4>", [(), (1,), (1, 2), (1, 2, 3)]),
            ("SeqVec<u8, 4>", [b"", b"a", b"ab"]),
            ("[u16; 2]", [(1, 2)]),
            ("SeqStr<4>", ["", "ab"]),
            (two, [(1, 2)]),
            ({"x": "u32", "list": "[Two; 1]"}, [(1, ((1, 2),))]),
        ):
            schema = seqcopy.Schema.map(kind, "u8", types={"Two": two})
            with self.subTest(kind=kind), seqcopy.MapWriter.create(self.path, schema, 10) as writer:
                for value, key in enumerate(keys):
                    writer[key] = value
                reader = seqcopy.MapReader(self.path)
                self.assertEqual(sorted(reader.keys()), keys)
                self.assertEqual([reader[key] for key in reader.keys()], [writer[key] for key in reader])
                self.assertEqual(sorted(reader.values()), list(range(len(keys))))
                writer.close()

    def test_keys_of_several_fields_are_tuples(self):
        schema = seqcopy.Schema.map({"host": "u32", "port": "u32"}, "u64")
        with seqcopy.MapWriter.create(self.path, schema, 10) as writer:
            writer[(1, 2)] = 5
            writer[{"host": 1, "port": 3}] = 6
            self.assertEqual(dict(seqcopy.MapReader(self.path).items()), {(1, 2): 5, (1, 3): 6})
            self.assertEqual(seqcopy.MapReader(self.path)[1, 2], 5)


class Waiting(Case):
    def write_later(self, writer, values):
        """Each value when the one before was taken, which the test says: a reader that has no turn would miss it."""
        taken = threading.Semaphore(0)

        def work():
            for value in values:
                time.sleep(0.02)
                writer.write(value)
                writer.wake()
                taken.acquire(timeout=60)
            time.sleep(0.02)
            writer.close()

        thread = threading.Thread(target=work)
        thread.start()
        self.addCleanup(thread.join)
        # Also if the test fails.
        self.addCleanup(taken.release, 9)
        return taken

    def test_wait_ends_with_a_value_or_the_time(self):
        writer = seqcopy.Writer.create(self.path, "u64")
        reader = seqcopy.Reader(self.path)
        began = time.monotonic()
        self.assertFalse(reader.wait(0.15))
        self.assertTrue(0.14 < time.monotonic() - began < 5)
        self.assertFalse(reader.wait(0) or reader.wait(-1))
        taken = self.write_later(writer, [5])
        self.assertTrue(reader.wait(10, known=0))
        self.assertEqual(reader.read(), 5)
        self.assertTrue(reader.wait(0, known=0), "another version than that is there")
        taken.release()
        with self.assertRaises(ValueError):
            reader.wait(float("nan"))
        for forever in (float("inf"), 1e300):
            self.write_later(writer, [])
            self.assertTrue(reader.wait(forever))

    def test_other_threads_run_while_one_waits(self):
        writer = seqcopy.Writer.create(self.path, "u64")
        reader, counted = seqcopy.Reader(self.path), 0
        thread = threading.Thread(target=reader.wait, args=(1, 0))
        thread.start()
        while thread.is_alive():
            time.sleep(0.001)
            counted += 1
        self.assertGreater(counted, 30, "a wait asks ten times in this second whether it was interrupted")
        thread = threading.Thread(target=reader.wait, args=(10, 0))
        thread.start()
        writer.write(1)
        writer.wake()
        thread.join(5)
        self.assertFalse(thread.is_alive())

    def test_iteration_ends_when_the_region_is_closed(self):
        writer = seqcopy.Writer.create(self.path, "u64")
        taken, values = self.write_later(writer, [1, 2, 3]), []
        for value in seqcopy.Reader(self.path):
            values.append(value)
            taken.release()
        self.assertEqual(values, [1, 2, 3])

    def test_iteration_in_a_loop(self):
        writer = seqcopy.Writer.create(self.path, "u64")
        reader = seqcopy.Reader(self.path)

        async def main():
            ticks = 0

            async def tick():
                nonlocal ticks
                while True:
                    await asyncio.sleep(0.005)
                    ticks += 1

            task, values = asyncio.create_task(tick()), []
            async for value in reader:
                values.append(value)
                taken.release()
            task.cancel()
            return values, ticks

        taken = self.write_later(writer, [1, 2, 3])
        values, ticks = asyncio.run(main())
        self.assertEqual(values, [1, 2, 3])
        self.assertGreater(ticks, 3, "the loop stood still")

    def test_a_value_that_is_there_already_comes_first(self):
        writer = seqcopy.Writer.create(self.path, "u64")
        self.addCleanup(writer.close)
        writer.write(7)
        reader = seqcopy.Reader(self.path)

        async def first():
            async for value in reader:
                return value

        self.assertEqual(next(iter(reader)), 7)
        self.assertEqual(asyncio.run(asyncio.wait_for(first(), 20)), 7)

    def test_a_writer_that_is_not_known(self):
        with seqcopy.Writer.create(self.path, "u64"):
            reader = seqcopy.Reader(self.path)
            with open(self.path, "r+b", buffering=0) as file:
                # In other namespaces than this process.
                file.seek(152)
                file.write(b"another!")
                self.assertEqual(reader.writer_state, "held")
                file.seek(132)
                file.write(bytes(36))
            self.assertEqual(reader.writer_state, "held")
        self.assertEqual(reader.writer_state, "never")

    def test_a_writer_may_leave_its_lock_to_a_fork(self):
        source = f"import os, sys, seqcopy; writer = seqcopy.Writer.create({self.path!r}, 'u64'); writer.write(1)\n"
        source += "if os.fork() == 0:\n    os.write(1, b'.'); os.read(0, 1)\nos._exit(0)"
        process = subprocess.Popen([sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.assertEqual(process.stdout.read(1), b".")
        process.wait()
        reader = seqcopy.Reader(self.path)
        self.assertEqual(reader.writer_state, "orphaned")
        process.stdin.write(b".")
        process.stdin.close()
        process.stdout.close()

    def test_a_value_that_a_writer_left_half_done_is_waited_for_in_sleep(self):
        writer = seqcopy.Writer.create(self.path, "[u64; 8]", buffers=1)
        writer.write([1] * 8)
        writer.release()
        # As after the first store of the next write.
        with open(self.path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
            (word,) = struct.unpack_from("Q", memory, 192)
            struct.pack_into("Q", memory, 192, word + 1)
        reader = seqcopy.Reader(self.path)
        with self.assertRaisesRegex(seqcopy.NoValue, "died in the middle"):
            reader.read()

        async def in_a_loop():
            async for value in reader:
                return value

        for way in (lambda: next(iter(reader)), lambda: asyncio.run(in_a_loop())):
            found = []
            thread = threading.Thread(target=lambda: found.append(way()))
            thread.start()
            began = time.process_time()
            time.sleep(0.5)
            self.assertLess(time.process_time() - began, 0.25, "it does not sleep")
            self.assertEqual(found, [])
            writer = seqcopy.Writer.take_over(self.path)
            writer.write([5] * 8)
            writer.wake()
            thread.join(10)
            self.assertEqual(found, [[5] * 8])
            writer.release()
            with open(self.path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
                (word,) = struct.unpack_from("Q", memory, 192)
                struct.pack_into("Q", memory, 192, word + 1)

    def test_an_interruption_ends_a_wait(self):
        seqcopy.Writer.create(self.path, "u64").release()
        # A program in the background of a script ignores interruptions, and so do its children.
        heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        source = f"{heeds}; import seqcopy; print('ready', flush=True); seqcopy.Reader({self.path!r}).wait()"
        child = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(child.kill)
        self.assertEqual(child.stdout.readline(), b"ready\n")
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=10)
        self.assertIn(b"KeyboardInterrupt", errors)

    def test_a_fork_writes_nothing(self):
        writer = seqcopy.Writer.create(self.path, "u64")
        writer.write(1)
        pid = os.fork()
        if pid == 0:
            try:
                writer.write(2)
                os._exit(1)
            except seqcopy.Error:
                os._exit(0)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.assertEqual(seqcopy.Reader(self.path).read(), 1)


class Page(Case):
    def blocks(self, page):
        with open(os.path.join(os.path.dirname(__file__), "..", page), encoding="utf-8") as file:
            return [block.split("```")[0] for block in file.read().split("```python\n")[1:]]

    def test_the_programs_of_the_guide_run(self):
        write, read = self.blocks("../seqcopy-shm/docs/guide/other-languages.md")
        for program, printed in ((write, ""), (read, "{'at': 1, 'bid': 0.5}\n")):
            program = program.replace("/dev/shm", self.folder.name)
            found = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, timeout=60, check=True)
            self.assertEqual(found.stdout, printed)

    def test_the_programs_of_the_page_run(self):
        blocks = self.blocks("README.md")
        self.assertEqual(len(blocks), 12)
        programs = [block.replace("/dev/shm", self.folder.name) for block in blocks]
        write, read, followed, types, *others, _plot = programs
        subprocess.run([sys.executable, "-c", types], timeout=60, check=True)
        others.insert(0, followed)
        # The writer goes on when the reader, which takes as long as it likes to start, has its first value.
        go = os.path.join(self.folder.name, "go")
        begun = f"time.sleep(0.01)\n        while not __import__('os').path.exists({go!r}): time.sleep(0.01)"
        self.assertEqual(write.count("time.sleep(0.01)"), 1)
        writer = subprocess.Popen([sys.executable, "-c", write.replace("time.sleep(0.01)", begun)])
        while not os.path.exists(os.path.join(self.folder.name, "quote")):
            time.sleep(0.01)
        with subprocess.Popen([sys.executable, "-u", "-c", read], stdout=subprocess.PIPE, text=True) as reader:
            lines = [reader.stdout.readline()]
            open(go, "w").close()
            lines += reader.communicate(timeout=60)[0].splitlines()
        self.assertEqual((writer.wait(60), reader.returncode), (0, 0))
        values = [eval(line) for line in lines]
        numbers = [value["at"] for value in values]
        self.assertTrue(numbers[0] == 0 and 1 < len(values) and numbers == sorted(set(numbers)) and numbers[-1] <= 99, numbers)
        self.assertTrue(all(value["bid"] == value["at"] / 2 and value["symbol"] == "AAPL" for value in values))
        order = "Order(at=1, way=<Way.UP: 1>, price=0.5, limit=None, name='first')\n"
        columns = "['left'] [1.5] [2.]\n"
        for program, printed in zip(others, ("1\n", order, "{'x': 0.5}\n", "227.13\n", columns, "5\n", "6\n", "0.5\n1.5\n2.5\n"), strict=True):
            if printed is columns and numpy is None:
                continue
            found = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, timeout=60, check=True)
            self.assertEqual(found.stdout, printed)


    def test_the_plot_of_the_page_is_drawn(self):
        if importlib.util.find_spec("matplotlib") is None:
            self.skipTest("matplotlib is not installed")
        *_others, plot = self.blocks("README.md")
        picture = os.path.join(self.folder.name, "plot.png")
        shown = f'[draw(0) for _ in range(3)]; assert bids == [0.5] * 3; figure.savefig("{picture}")'
        plot = plot.replace("/dev/shm", self.folder.name).replace("plt.show()", f"animation.pause(); {shown}")
        with seqcopy.Writer.create(os.path.join(self.folder.name, "quote"), {"bid": "f64"}) as writer:
            writer.write({"bid": 0.5})
            subprocess.run([sys.executable, "-W", "ignore", "-c", plot], timeout=60, check=True, env=os.environ | {"MPLBACKEND": "Agg"})
            writer.close()
        self.assertTrue(os.path.getsize(picture) > 0)


class Package(unittest.TestCase):
    def test_the_licences_are_in_it(self):
        files = importlib.metadata.files("seqcopy") or []
        self.assertEqual(sorted(file.name for file in files if "licenses" in str(file)), ["LICENSE-APACHE", "LICENSE-MIT"])
        self.assertEqual(importlib.metadata.metadata("seqcopy")["License-Expression"], "MIT OR Apache-2.0")


class Threads(Case):
    def test_eight_threads_on_one_reader_and_one_writer(self):
        """Each value is one number many times, and versions never go backwards."""
        writer = seqcopy.Writer.create(self.path, "[u64; 64]", buffers=4)
        writer.write([0] * 64)
        reader, wrong, counts = seqcopy.Reader(self.path), [], [0] * 8
        end = time.monotonic() + (60 if "SEQCOPY_LONG" in os.environ else 1)

        def goes_on():
            # A busy machine may give a thread nothing for a second.
            return time.monotonic() < (end if all(counts) else end + 60)

        def write():
            while goes_on():
                counts[0] += 1
                writer.write([counts[0]] * 64)

        def read(thread):
            last = 0
            while goes_on():
                value, version = reader.read_versioned()
                if len(set(value)) != 1 or version != value[0] + 1 or version < last:
                    wrong.append((last, version, value))
                last = version
                counts[thread] += 1

        threads = [threading.Thread(target=write)] + [threading.Thread(target=read, args=(n,)) for n in range(1, 8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertTrue(all(counts), counts)
        if "SEQCOPY_LONG" in os.environ:
            print(f"eight threads: {counts[0]} writes, {sum(counts[1:])} reads, 0 torn", file=sys.stderr)
        writer.close()

    def test_a_second_thread_in_a_writer_is_refused(self):
        writer = seqcopy.Writer.create(self.path, "u64")
        found = []

        class Number:
            def __index__(self):
                thread = threading.Thread(target=lambda: found.append(self.other()))
                thread.start()
                thread.join(5)
                return 7

            def other(self):
                try:
                    writer.write(1)
                except RuntimeError as error:
                    return str(error)

        writer.write(Number())
        self.assertEqual(len(found), 1, "it waits for itself")
        self.assertIn("another thread", found[0])
        self.assertEqual(seqcopy.Reader(self.path).read(), 7)


if __name__ == "__main__":
    unittest.main()
