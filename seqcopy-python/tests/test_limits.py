"""The last value that is taken and the first that is not, for each limit; what messages say as a whole; and what a refused value leaves."""

import array
import ctypes
import subprocess
import sys
import unittest

import seqcopy
import test_seqcopy
from left import setUpModule, tearDownModule  # noqa: F401

try:
    import numpy
except ImportError:
    numpy = None


class Case(test_seqcopy.Case):
    def goes_both_ways(self, kind, values):
        with seqcopy.Writer.create(self.path, kind) as writer:
            for value in values:
                writer.write(value)
                self.assertEqual((seqcopy.Reader(self.path).read(), writer.read()), (value, value))
            writer.close()

    def says(self, error, message, call, *arguments):
        with self.assertRaises(error) as caught:
            call(*arguments)
        self.assertEqual(str(caught.exception), message)

    def refuses(self, kind, rows):
        with seqcopy.Writer.create(self.path, kind) as writer:
            for value, error, message in rows:
                version = writer.version
                self.says(error, message, writer.write, value)
                self.assertEqual(writer.version, version)
            writer.close()


class Limits(Case):
    def test_texts_and_lists_fill_their_space(self):
        self.goes_both_ways("SeqStr<8>", ["", "1234567", "12345678", "12\N{EURO SIGN}678"])
        self.refuses("SeqStr<8>", [("123456789", ValueError, "a text of 9 bytes, where there is space for 8")])
        for kind, wrong in [("SeqVec<u16, 3>", range(4)), (seqcopy.Schema.slice("u16", 3), [0] * 4), ("SeqVec<u8, 3>", b"1234")]:
            self.goes_both_ways(kind, [b"", b"1", b"123"] if wrong == b"1234" else [[], [1], [1, 2, 3]])
            self.refuses(kind, [(wrong, ValueError, "4 elements, where there is space for 3")])

    def test_lists_of_what_has_no_bytes(self):
        self.goes_both_ways("[[u8; 0]; 3]", [[b""] * 3])
        self.goes_both_ways("[[u16; 0]; 2]", [[[], []]])

    def test_characters_of_each_length(self):
        self.goes_both_ways("char", "a\xe9\N{EURO SIGN}\U0001f980\U0010ffff")
        self.refuses("char", [("ab", TypeError, "'ab' where one character is wanted"), ("", TypeError, "'' where one character is wanted")])

    def test_what_is_not_a_number_is_a_float(self):
        for kind in "f32", "f64":
            with seqcopy.Writer.create(self.path, kind) as writer:
                writer.write(float("nan"))
                self.assertNotEqual(writer.read(), writer.read())
                writer.close()
        self.refuses("f32", [(1e39, OverflowError, "1e+39 is too large for a float of 32 bits")])
        self.refuses("f64", [(2**1024, OverflowError, "int too large to convert to float")])

    def test_tuples_have_a_number_for_each_field(self):
        pair = {"0": "u8", "1": "f32"}
        self.goes_both_ways(pair, [(1, 0.5)])
        self.refuses(pair, [(wrong, TypeError, f"{wrong} where a tuple of 2 is wanted") for wrong in [(1,), (1, 2, 3), ()]])

    def test_bytes_are_a_list_of_bytes_alone(self):
        self.goes_both_ways("[u8; 2]", [b"12"])
        self.refuses("[i8; 2]", [(b"1", ValueError, "1 bytes, where the value has 2")])
        self.refuses({"a": "[i8; 2]"}, [({"a": b"12"}, TypeError, "b'12' where a list of `i8` is wanted")])

    def test_tags_have_a_sign(self):
        minus = -1 % (1 << 64)
        tags = test_seqcopy.encoded("seqcopy schema 1", b"\x08<d", 1, 1, "Way", 3, "Back", minus, 0, "Stay", 0, 0, "On", 1, 0)
        self.goes_both_ways(tags, ["Back", "Stay", "On"])
        self.refuses(tags, [("Up", TypeError, "'Up' where the name of a variant of `Way` (\"Back\", \"Stay\", \"On\") is wanted")])
        fields = test_seqcopy.encoded("seqcopy schema 1", b"\x08<|", 4, 2, "Step", b"i", 2, 2, 0, 2, "Back", minus, 1, "0", 2, b"u", 2, 2, "Stay", 0, 0)
        with seqcopy.Writer.create(self.path, fields) as writer:
            for value in ("Back", 1), ("Stay", {}):
                writer.write(value)
                self.assertEqual(seqcopy.Reader(self.path).read(), value)
            writer.close()
        self.refuses(fields, [(("Up", 1), TypeError, "('Up', 1) where a variant of `Step` is wanted")])
        if numpy is not None:
            self.assertEqual(seqcopy.Schema(tags).dtype, numpy.dtype("i1"))
            with seqcopy.Writer.create(self.path, seqcopy.Schema("[Way; 3]", types={"Way": tags})) as writer:
                writer.write(numpy.array([-1, 1, 0], "i1"))
                self.assertEqual(writer.read(), ["Back", "On", "Stay"])
                for wrong, error in ((numpy.array([1, 1, 0], "u1"), TypeError), (numpy.array([-1, 2, 0], "i1"), seqcopy.Invalid)):
                    with self.assertRaises(error):
                        writer.write(wrong)
                writer.close()


class Refused(Case):
    def test_an_invalid_value_leaves_a_buffer(self):
        for kind in "[bool; 4]", seqcopy.Schema.slice("bool", 4):
            with seqcopy.Writer.create(self.path, kind, buffers=1) as writer:
                writer.write([True] * 4)
                with open(self.path, "r+b") as file:
                    at = file.read().rindex(b"\1\1\1\1")
                    file.seek(at + 3)
                    file.write(b"\2")
                for into in bytearray(b"\5" * 4), (ctypes.c_bool * 4)():
                    before = bytes(into)
                    with self.assertRaisesRegex(seqcopy.Invalid, "3.* 0x2, expected a `bool`: 0 or 1"):
                        seqcopy.Reader(self.path).read_into(into)
                    self.assertEqual(bytes(into), before)
                writer.close()

    def test_whole_messages(self):
        self.says(ValueError, "the timeout is not a number of seconds", lambda: seqcopy.Reader(self.path, wait=float("nan")))
        self.says(ValueError, "-1 is no descriptor", seqcopy.Reader.from_fd, -1)
        with self.assertRaises((OSError, seqcopy.Error)):
            seqcopy.Reader.from_fd(0)  # Whatever it is, it may be one.
        self.says(TypeError, "None where a type is wanted", seqcopy.Schema, None)
        self.assertEqual(repr(seqcopy.Schema({"a": "u8"}, name="Level")), "<seqcopy.Schema of Level, 1 bytes>")
        shape = "where the shape (2) of `[f64; 2]` is wanted"
        self.refuses(
            "[f64; 2]",
            [
                (array.array("f", [1]), ValueError, f"array('f', [1.0]), {shape}"),
                (memoryview(array.array("i", [1, 2, 3])), ValueError, f"an array of shape (3,) of i, {shape}"),
                ([1], TypeError, "[1] where an array of 2 is wanted"),
                (5, TypeError, "5 where a list of `f64` is wanted"),
            ],
        )
        self.refuses({"a": "u8", "b": "u8"}, [({"a": 1}, ValueError, "the field `b` of `Value` is missing")])
        if numpy is not None:
            for kind, instead, way in ("c16", "pairs of floats", "f8"), ("c8", "pairs of floats", "f4"), ("f2", "a u16", "u2"), ("m8[s]", "an i64", "i8"):
                message = f"{numpy.dtype(kind)!r} can't lie in a region: store it as {instead}, `array.view(\"{way}\")`"
                self.says(TypeError, message, seqcopy.Schema, numpy.dtype(kind))
            self.refuses({"a": "f64"}, [({"a": numpy.ones(1)}, TypeError, "an array of shape (1,) of float64 where one number is wanted")])
        with seqcopy.Writer.create(self.path, "[f64; 2]") as writer:
            writer.write([1, 2])
            self.says(TypeError, "the values are no slices", seqcopy.Reader(self.path).read_range, 0, 1)
            writer.close()
        with seqcopy.MapWriter.create(self.path, seqcopy.Schema.map("u32", "bool"), 4) as map:
            map[1] = True
            map.begin()
            self.says(ValueError, "a batch was begun before: commit or discard it first", map.begin)
            map.discard()
            entry = seqcopy.MapReader(self.path).entry(1)
            self.says(TypeError, "the entry of a reader can't be set: take it from the map's writer", entry.set, True)
            map.close()

    def test_a_map_is_taken_over_by_its_type(self):
        ours = seqcopy.Schema.map("u32", "u64")
        seqcopy.MapWriter.create(self.path, ours, 4).release()
        for other in seqcopy.Schema.map("u32", "i64"), seqcopy.Schema.map("i32", "u64"):
            with self.assertRaises(seqcopy.OtherType):
                seqcopy.MapWriter.take_over(self.path, other)
        with self.assertRaisesRegex(ValueError, "its type should be a slot of stamp, key and value, found u64"):
            seqcopy.MapWriter.take_over(self.path, seqcopy.Schema("u64"))
        for schema in ours, None:
            seqcopy.MapWriter.take_over(self.path, schema).release()

    def test_a_list_that_grows_while_it_is_written_is_refused(self):
        """One that says less than it has, as well; and one without a length is taken up to the capacity."""

        class Few(list):
            def __len__(self):
                return 1

        class Grows:
            def __init__(self, values):
                self.values = values

            def __index__(self):
                self.values.append(5)
                return 5

        with seqcopy.Writer.create(self.path, seqcopy.Schema.slice("u64", 4)) as writer:
            growing = []
            growing.append(Grows(growing))
            for values in Few([1, 2, 3]), growing:
                with self.assertRaisesRegex(ValueError, r"^there are more elements than `len\(\)` said$"):
                    writer.write(values)
            self.assertEqual(writer.version, 0)
            writer.write(iter([1, 2, 3, 4]))
            self.assertEqual(writer.read(), [1, 2, 3, 4])
            for values in iter(range(5)), range(5), Few(range(5)):
                with self.assertRaises(ValueError):
                    writer.write(values)
            self.assertEqual(seqcopy.Reader(self.path).read(), [1, 2, 3, 4])

    @unittest.skipUnless(numpy, "needs NumPy")
    def test_memory_is_taken_for_what_is_written(self):
        """Not for what there is space for. Where there is none for a value, that is an error, and not the end of the process."""
        program = """
import resource, sys
import numpy, seqcopy
space = 1 << 24
slices = seqcopy.Writer.create(sys.argv[1] + "-slices", seqcopy.Schema.slice("u64", space), buffers=1)
values = seqcopy.Writer.create(sys.argv[1] + "-values", f"[u64; {space}]", buffers=1)
elements, whole = (seqcopy.Reader(sys.argv[1] + name) for name in ("-slices", "-values"))
values.write(numpy.ones(space, "u8"))
slices.write([1])
print(elements.read_array(), whole.version)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20),) * 2)
for count in 3, 64, 65, 0, 1000, 5:
    wanted = list(range(count))
    slices.write(wanted)
    assert elements.read() == wanted and len(elements.read_bytes()) == 64 + 8 * count, count
    assert elements.read_array().tolist() == wanted and elements.read_versioned()[0] == wanted, count
    assert elements.read_range(0, count) == wanted, count
    assert slices.read() == wanted, count
    slices.write(iter(wanted[::-1]))
    assert slices.read() == wanted[::-1] == elements.read(), count
slices.write(numpy.arange(7, dtype="u8"))
assert elements.read() == list(range(7))
for call in whole.read, whole.read_bytes, values.read, lambda: values.write([1] * 3), lambda: elements.read_range(0, space):
    try:
        call()
    except MemoryError as error:
        assert str(error) == f"there is no memory for {8 * space} bytes", error
    else:
        raise AssertionError(call)
values.close()
slices.close()
print("ok")
"""
        found = subprocess.run([sys.executable, "-c", program, self.path], capture_output=True, text=True)
        self.assertEqual((found.returncode, found.stdout), (0, "[1] 1\nok\n"), found.stderr)

    def test_keys_of_numbered_fields_are_tuples(self):
        for kind, keys, wrong in [
            ({"0": "u32", "1": "u32"}, [(1, 2), (3, 4)], [(1,), (1, 2, 3)]),
            ({"a": "u32", "b": "u32"}, [(1, 2), (3, 4)], [(1,), (1, 2, 3)]),
            ("[u32; 2]", [(1, 2), (3, 4)], [(1,), (1, 2, 3)]),
            ("SeqStr<4>", ["a", "abcd"], ["abcde", ("a", 1), ("a",)]),
        ]:
            with self.subTest(kind=kind), seqcopy.MapWriter.create(self.path, seqcopy.Schema.map(kind, "u8"), 4) as map:
                for number, key in enumerate(keys):
                    map[key] = number
                self.assertEqual(seqcopy.MapReader(self.path).to_dict(), {key: number for number, key in enumerate(keys)})
                for key in wrong:
                    with self.assertRaises((TypeError, ValueError)):
                        map[key] = 1
                self.assertEqual(len(map), 2)
                map.close()


@unittest.skipIf(numpy is None, "no NumPy")
class Places(Case):
    def test_a_dtype_is_as_large_as_its_type(self):
        for kind, places in [
            ({"a": "u64", "b": "u8"}, {"a": 0, "b": 8}),
            ({"a": "u8", "b": "[u16; 0]", "c": "u8"}, {"a": 0, "c": 2}),
            ({"a": "char", "b": "SeqOption<u16>", "c": "u8"}, {"a": 0, "b": 4, "c": 8}),
        ]:
            schema = seqcopy.Schema(kind)
            found = {name: offset for name, (_, offset, *_) in schema.dtype.fields.items()}
            self.assertEqual((schema.dtype.itemsize, found), (schema.size, places), kind)

    def test_a_struct_with_fewer_fields_is_another(self):
        with seqcopy.Writer.create(self.path, {"a": "u32", "b": "u32"}) as writer:
            for names in ["a"], ["b"], []:
                formats, offsets = ["u4"] * len(names), [0] * len(names)
                kind = numpy.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": 8})
                with self.assertRaisesRegex(TypeError, "a dict or an object with the fields of `Value` is wanted"):
                    writer.write(numpy.zeros((), kind))
            self.assertEqual(writer.version, 0)

    def test_fields_without_bytes_are_no_part_of_a_struct(self):
        schema = seqcopy.Schema({"a": "u32", "nothing": "[u64; 0]", "b": "u64"})
        ours = numpy.array((7, 9), numpy.dtype([("a", "u4"), ("b", "u8")], align=True))
        with seqcopy.Writer.create(self.path, schema) as writer:
            writer.write(ours)
            found = numpy.zeros_like(ours)
            seqcopy.Reader(self.path).read_into(found)
            self.assertEqual(found, ours)
            self.assertEqual(writer.read(), {"a": 7, "nothing": [], "b": 9})

    def test_what_has_no_type_in_numpy_is_bytes_and_nothing_else(self):
        with seqcopy.Writer.create(self.path, {"a": "u128"}) as writer:
            for kind in "V16", ("u1", 16):
                writer.write({"a": 0})
                writer.write(numpy.frombuffer(b"\1" * 16, [("a", *kind) if isinstance(kind, tuple) else ("a", kind)])[0])
                self.assertEqual(writer.read(), {"a": int.from_bytes(b"\1" * 16, "little")})
            for kind in ("u2", 8), ("i1", 16), ("f8", 2):
                with self.assertRaises((TypeError, ValueError)):
                    writer.write(numpy.ones((), [("a", *kind)]))
            self.assertEqual(writer.version, 4)


if __name__ == "__main__":
    unittest.main()
