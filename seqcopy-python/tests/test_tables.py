"""Whole maps as arrays and columns, loops that follow a region through upgrades, wakes, and types that classes of Python describe."""

import asyncio
import dataclasses
import enum
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import threading
import typing
import unittest

import seqcopy
from left import setUpModule, tearDownModule  # noqa: F401

try:
    import numpy
except ImportError:
    numpy = None


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.path = os.path.join(self.folder.name, "region")

    def tearDown(self):
        self.folder.cleanup()


@unittest.skipIf(numpy is None, "NumPy is not installed")
class Tables(Folder):
    KEYS = {
        "u32": [0, 7, 1 << 31],
        "i64": [-1, 0, 1 << 40],
        "bool": [False, True],
        "SeqStr<8>": ["", "\0", "a\0", "a\0b", "äö", "abcdefgh", "\0\0"],
        "[u8; 4]": [b"abcd", bytes(4)],
        "pair": [(1, "a"), (2, "ü")],
    }
    VALUES = {
        "f64": [1.5, float("inf"), -0.0],
        "[f32; 2]": [[1.0, 2.0], [3.0, 4.0], [0.0, 0.5]],
        "SeqStr<4>": ["", "ab\0", "üü"],
        "SeqVec<u16, 3>": [[], [1], [1, 2, 3]],
        "SeqOption<f64>": [None, 1.5, 0.0],
        "SeqOption<u8>": [None, 1, 0],
        "side": ["Sell", "Buy", "Sell"],
        "struct": [
            {"key": n, "side": side, "leg": {"speed": n / 2, "at": [n, n + 1]}, "limit": limit, "name": name, "list": [n]}
            for n, side, limit, name in [(1, "Buy", None, "x"), (2, "Sell", 5, "\0"), (3, "Buy", 0, "ß")]
        ],
    }
    TYPES = {
        "pair": {"x": "u32", "y": "SeqStr<4>"},
        "side": ["Buy", "Sell"],
        "struct": {"key": "u64", "side": ["Buy", "Sell"], "leg": {"speed": "f64", "at": "[i16; 2]"}, "limit": "SeqOption<u32>", "name": "SeqStr<5>", "list": "SeqVec<u8, 3>"},
    }

    def each(self):
        """A map of each key and value, with its entries."""
        for key, keys in self.KEYS.items():
            for value, values in self.VALUES.items():
                schema = seqcopy.Schema.map(self.TYPES.get(key, key), self.TYPES.get(value, value))
                with self.subTest(key=key, value=value), seqcopy.MapWriter.create(self.path, schema, 20) as writer:
                    reader = seqcopy.MapReader(self.path)
                    yield reader, 0
                    for number, of in enumerate(keys):
                        writer[of] = values[number % len(values)]
                    yield reader, len(keys)
                    writer.close()

    def test_columns_are_the_entries(self):
        def flat(value, path, single):
            """The columns of a value as `items` has it."""
            if isinstance(value, dict):
                return {key: item for name, part in value.items() for key, item in flat(part, f"{path}.{name}" if path else name, single).items()}
            if isinstance(value, list) and path.split(".")[-1] != "list" and single != "list":
                return {key: item for index, part in enumerate(value) for key, item in flat(part, f"{path}[{index}]", single).items()}
            return {path or single: value}

        for reader, count in self.each():
            columns = reader.to_columns()
            self.assertEqual({len(column) for column in columns.values()}, {count})
            is_list = reader.schema.fields["value"].startswith("SeqVec")
            rows = []
            for key, value in reader.items():
                key = dict(zip(("key.x", "key.y"), key)) if isinstance(key, tuple) else {"key": key}
                parts = {"value": value} if is_list else flat(value, "", "value")
                rows.append(key | {f"value.{name}" if name in key else name: part for name, part in parts.items()})
            found = [dict(zip(columns, row)) for row in zip(*(column.tolist() for column in columns.values()))]
            # A missing float is NaN.
            for row in found:
                row.update({name: None for name, part in row.items() if part != part})
            self.assertEqual(found, rows)

    def test_arrays_are_the_entries(self):
        for reader, count in self.each():
            keys, values = reader.to_numpy()
            self.assertEqual((len(keys), len(values)), (count, count))
            # A value is taken as its bytes, which an array of NumPy has.
            kind = reader.schema.fields["value"]
            with seqcopy.MapWriter.create(self.path + "-2", reader.schema if count == 0 else seqcopy.Schema(bytes(reader.schema)), 20) as copy:
                for (key, value), array, own in zip(reader.items(), values, keys):
                    copy[key] = array.tobytes()
                    self.assertEqual(copy[key], value, kind)
                    if not isinstance(key, (tuple, bytes)):
                        self.assertEqual(own, key)
                copy.close()

    def test_values_without_bytes(self):
        schema = seqcopy.Schema.map("u8", seqcopy.Schema({}, name="Nothing"))
        with seqcopy.MapWriter.create(self.path, schema, 4) as writer:
            writer[1] = {}
            reader = seqcopy.MapReader(self.path)
            keys, values = reader.to_numpy()
            self.assertEqual((keys.tolist(), len(values), list(reader.to_columns())), ([1], 1, ["key"]))
            writer.close()

    def test_columns_have_the_names_of_a_recording(self):
        kind = seqcopy.Schema(self.TYPES["struct"] | {"pair": "[[u16; 2]; 2]", "bytes": "[u8; 3]"}, name="All")
        with seqcopy.Writer.create(self.path + "-1", kind) as writer, seqcopy.MapWriter.create(self.path, seqcopy.Schema.map("u8", kind), 4) as of_map:
            writer.write(bytes(kind.size))
            file = self.path + ".csv"
            subprocess.run([sys.executable, "-m", "seqcopy", "record", self.path + "-1", "-o", file, "--seconds", "0.1"], check=True, stdout=subprocess.DEVNULL)
            with open(file) as lines:
                names = lines.readline().strip().split(",")
            # Before the values: time, path, version, missed, event. A field named `key` becomes `value.key`, because the key of the map has that name.
            wanted = ["key", *("value.key" if name == "key" else name for name in names[5:])]
            self.assertEqual(list(seqcopy.MapReader(self.path).to_columns()), wanted)
            writer.close()
            of_map.close()

    def test_what_can_not_be_read(self):
        many = seqcopy.Schema.map("u8", {f"f{n}": "[u8; 1]" if n == 0 else "[u16; 64]" for n in range(65)})
        with seqcopy.MapWriter.create(self.path, many, 4) as writer:
            reader = seqcopy.MapReader(self.path)
            with self.assertRaisesRegex(ValueError, "more than 4096 columns: use `to_numpy`"):
                reader.to_columns()
            self.assertEqual(len(reader.to_numpy()[0]), 0)
            writer.close()
            for call in (reader.to_numpy, reader.to_columns):
                with self.assertRaises(seqcopy.Closed):
                    call()
        with seqcopy.MapWriter.create(self.path, seqcopy.Schema.map("u8", "bool"), 4) as writer:
            writer[1] = True
            self.assertTrue(reader.reopen_if_removed())
            self.assertEqual(reader.to_columns()["value"].tolist(), [True])
            self.assertEqual(reader.to_numpy()[1].tolist(), [True])
            writer.close()

    def test_an_array_belongs_to_its_caller(self):
        with seqcopy.Writer.create(self.path, {"a": "u32", "b": "f64"}, name="Pair") as writer:
            writer.write({"a": 1, "b": 2.0})
            reader = seqcopy.Reader(self.path)
            first = reader.read_array()
            self.assertIs(reader.read_array().dtype, first.dtype)
            first.dtype.names = ("x", "y")
            self.assertEqual(reader.read_array().dtype.names, ("a", "b"))
            writer.close()


class Following(Folder):
    KINDS = ({"at": "u64"}, {"at": "u64", "more": "f64"})

    def writes(self, rounds, seen):
        """Each round has another type, waits until its value was seen, and ends in another way."""
        seen[0].wait(20)
        for number in range(1, rounds + 1):
            kind = self.KINDS[number % 2]
            writer = seqcopy.Writer.open_or_create(self.path, kind, name="Value", replace_other_type=True)
            writer.write(dict.fromkeys(kind, number))
            seen[number].wait(20)
            writer.close() if number % 3 == 0 else writer.release()

    def begin(self, rounds):
        with seqcopy.Writer.create(self.path, self.KINDS[0], name="Value") as writer:
            writer.write({"at": 0})
        reader, seen, events = seqcopy.Reader(self.path), [threading.Event() for _ in range(rounds + 1)], []
        thread = threading.Thread(target=self.writes, args=(rounds, seen))
        thread.start()
        return reader, seen, events, thread

    def check(self, found, events, rounds):
        self.assertEqual(found, list(range(rounds + 1)))
        # A region that was closed may have another one at its path before the reader looks.
        self.assertEqual(events.count("replaced"), rounds)
        self.assertLessEqual(set(events), {"replaced", "closed"})

    def test_a_loop(self):
        rounds = 30
        reader, seen, events, thread = self.begin(rounds)
        found = []
        for value in reader.follow(events.append):
            found.append(int(value["at"]))
            seen[found[-1]].set()
            if found[-1] == rounds:
                break
        thread.join()
        self.check(found, events, rounds)

    def test_a_task(self):
        async def follows():
            async for value in reader.follow(events.append):
                found.append(int(value["at"]))
                seen[found[-1]].set()
                if found[-1] == rounds:
                    break

        rounds = 30
        reader, seen, events, thread = self.begin(rounds)
        found = []
        asyncio.run(asyncio.wait_for(follows(), 60))
        thread.join()
        self.check(found, events, rounds)

    def test_a_region_that_is_removed_and_still_written(self):
        """Nothing takes its place, so its values go on, each once."""

        async def follows(reader, found):
            async for value in reader.follow(events.append):
                found.append(value)
                writes(value)
                if value == 30:
                    break

        def writes(value):
            if value == 1:
                os.remove(self.path)
            threading.Timer(0.03, writer.write, (value + 1,)).start()

        for is_task in (False, True):
            events, found = [], []
            with seqcopy.Writer.create(self.path, "u64") as writer:
                writer.write(1)
                reader = seqcopy.Reader(self.path)
                if is_task:
                    asyncio.run(asyncio.wait_for(follows(reader, found), 60))
                else:
                    for value in reader.follow(events.append):
                        found.append(value)
                        writes(value)
                        if value == 30:
                            break
                threading.Event().wait(0.1)  # for the last write
                writer.close()
            self.assertEqual((found, events), (list(range(1, 31)), []), f"in a task: {is_task}")

    def test_a_reader_with_a_type_does_not_take_another(self):
        with seqcopy.Writer.create(self.path, self.KINDS[0], name="Value") as writer:
            writer.write({"at": 1})
        typed, any_type = seqcopy.Reader(self.path, self.KINDS[0]), seqcopy.Reader(self.path)
        by_fields = seqcopy.Reader(self.path, self.KINDS[0], by_fields=True)
        with seqcopy.Writer.open_or_create(self.path, self.KINDS[1], name="Value", replace_other_type=True) as writer:
            writer.write({"at": 2, "more": 0.5})
            with self.assertRaisesRegex(seqcopy.OtherType, "open readers with `by_fields=True`, or replace the region"):
                next(iter(typed.follow()))
            self.assertEqual(next(iter(any_type.follow())), {"at": 2, "more": 0.5})
            self.assertEqual(next(iter(by_fields.follow())), {"at": 2})
            writer.close()


class Wakes(Folder):
    """In a process where nothing but a wake ends a sleep."""

    def run_program(self, program):
        before = """
            import sys, threading, seqcopy
            from seqcopy import _seqcopy
            _seqcopy._only_wakes()
            path = sys.argv[1]

            def sleeper(reader, known):
                thread = threading.Thread(target=reader.wait, args=(20, known))
                thread.start()
                thread.join(0.2)
                assert thread.is_alive()
                return thread

            def woken(reader, call):
                thread = sleeper(reader, reader.version if isinstance(reader, seqcopy.Reader) else reader.generation)
                call()
                thread.join(10)
                return not thread.is_alive()
        """
        text = textwrap.dedent(before) + textwrap.dedent(program)
        done = subprocess.run([sys.executable, "-c", text, self.path], capture_output=True, text=True, timeout=120)
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("end\n", "", 0))

    def test_each_call_that_publishes(self):
        self.run_program("""
            with seqcopy.Writer.create(path, "u64") as writer:
                writer.write(1)
                assert woken(seqcopy.Reader(path), lambda: writer.write(2))
                writer.close()
            with seqcopy.MapWriter.create(path, seqcopy.Schema.map("u8", "u8"), 8) as writer:
                writer[1] = 1
                reader, entry = seqcopy.MapReader(path), writer.entry(2)
                for call in [lambda: writer.__setitem__(3, 3), lambda: entry.set(4), lambda: writer.remove(3), lambda: writer.__delitem__(1)]:
                    assert woken(reader, call)
                writer.begin()
                writer[7] = 7
                assert woken(reader, writer.commit)
                writer.close()
            print("end")
        """)

    def test_a_writer_that_does_not_wake(self):
        self.run_program("""
            with seqcopy.Writer.create(path, "u64", wakes=False) as writer:
                writer.write(1)
                reader = seqcopy.Reader(path)
                thread = sleeper(reader, 1)
                writer.write(2)
                thread.join(0.3)
                assert thread.is_alive()
                writer.wake()
                thread.join(10)
                assert not thread.is_alive()
                writer.close()
            print("end")
        """)


class Side(enum.Enum):
    BUY = "b"
    SELL = "s"


@dataclasses.dataclass
class Leg:
    speed: float
    is_on: bool


@dataclasses.dataclass
class Quote:
    at: typing.Annotated[int, "uint64"]
    side: Side
    leg: Leg
    limit: float | None
    name: typing.Annotated[str, "SeqStr<8>"]


class Row(typing.NamedTuple):
    x: float
    n: typing.Annotated[int, "i32"]


class Named(typing.TypedDict):
    x: float


class Earlier(Folder):
    def test_each_value_is_read_while_the_region_has_it(self):
        for kind, value in ("u64", lambda n: n), ({"a": "u8", "b": "f64"}, lambda n: {"a": n % 256, "b": n / 2}):
            with seqcopy.Writer.open_or_create(self.path, kind, buffers=8, replace_other_type=True) as writer:
                reader = seqcopy.Reader(self.path)
                self.assertEqual(reader.since(0), [])
                for number in range(1, 6):
                    writer.write(value(number))
                self.assertEqual(reader.since(0), [(value(number), number) for number in range(1, 6)])
                self.assertEqual((reader.since(3), reader.since(5), reader.since(99)), ([(value(4), 4), (value(5), 5)], [], []))
                for number in range(6, 20):
                    writer.write(value(number))
                self.assertEqual(reader.since(5), [(value(number), number) for number in range(13, 20)])
                # A new reader has the newest one at first, and from then on those that are written.
                other = seqcopy.Reader(self.path)
                self.assertEqual(other.since(0), [(value(19), 19)])
                writer.write(value(20))
                writer.write(value(21))
                self.assertEqual(other.since(19), [(value(20), 20), (value(21), 21)])

    def test_a_slice_and_another_region(self):
        with seqcopy.Writer.create(self.path, seqcopy.Schema.slice("u16", 5), buffers=4) as writer:
            reader = seqcopy.Reader(self.path)
            self.assertEqual(reader.since(0), [])
            writer.write([1])
            writer.write([1, 2, 3])
            self.assertEqual(reader.since(0), [([1], 1), ([1, 2, 3], 2)])
            writer.close()
        with seqcopy.Writer.create(self.path, seqcopy.Schema.slice("u16", 5), buffers=4) as writer:
            with self.assertRaises(seqcopy.Closed):
                reader.since(2)
            self.assertTrue(reader.reopen_if_removed())
            writer.write([7])
            self.assertEqual(reader.since(0), [([7], 1)])

    def test_bits_of_another_program_are_checked(self):
        mark = 0x1122334455667788
        with seqcopy.Writer.create(self.path, {"at": "u64", "ok": "bool"}, buffers=4) as writer:
            reader = seqcopy.Reader(self.path)
            self.assertEqual(reader.since(0), [])
            writer.write({"at": mark, "ok": True})
            with open(self.path, "r+b") as file:
                place = file.read().index(mark.to_bytes(8, sys.byteorder)) + 8
                os.pwrite(file.fileno(), b"\x02", place)
                with self.assertRaisesRegex(seqcopy.Invalid, "`ok` at byte 8 is 0x2"):
                    reader.since(0)
            # The next value is read.
            writer.write({"at": 2, "ok": False})
            self.assertEqual(reader.since(1), [({"at": 2, "ok": False}, 2)])

    def test_some_readers_have_no_earlier_values(self):
        with seqcopy.Writer.create_memfd("u8") as writer:
            descriptor = writer.share()
            with self.assertRaisesRegex(TypeError, "newest value only"):
                seqcopy.Reader.from_fd(descriptor).since(0)
            os.close(descriptor)
        with seqcopy.Writer.create(self.path, {"a": "u8"}) as writer:
            writer.write({"a": 1})
            with self.assertRaisesRegex(TypeError, "without `by_fields`"):
                seqcopy.Reader(self.path, {"a": "u8"}, by_fields=True).since(0)


class Recordings(Folder):
    def test_a_list_may_be_shorter_where_zeros_are_not_valid(self):
        kind = {"few": "SeqVec<NonZeroU16, 3>", "sides": "SeqVec<u8, 2>"}
        with seqcopy.Writer.open_or_create(self.path, kind) as writer:
            for few in [], [7], [1, 2, 3]:
                writer.write({"few": few, "sides": b""})
                self.assertEqual(seqcopy.Reader(self.path).read()["few"], few)
            with self.assertRaisesRegex(seqcopy.Invalid, "is 0x0"):
                writer.write({"few": [0], "sides": b""})

    def test_a_recording_is_played_back(self):
        kind = {"at": "u64", "x": "f64", "few": "SeqVec<NonZeroU8, 3>"}
        value = {"at": 1, "x": float("inf"), "few": [5]}
        file, copy = self.path + ".jsonl", self.path + "-again"
        command = [sys.executable, "-m", "seqcopy"]
        with seqcopy.Writer.open_or_create(self.path, kind) as writer:
            writer.write(value)
            subprocess.run([*command, "record", self.path, "-o", file, "--seconds", "0.1"], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([*command, "replay", file, "--to", copy, "--speed", "inf"], check=True, stdout=subprocess.DEVNULL)
            self.assertEqual(seqcopy.Reader(copy).read(), value)

    def test_a_recording_is_written_again(self):
        kind = {"at": "u64", "x": "f64", "y": "f32", "list": "SeqVec<f64, 3>", "side": ["Buy", "Sell"], "limit": "SeqOption<f64>"}
        values = [
            {"at": 1, "x": float("nan"), "y": float("-inf"), "list": [float("inf"), 1.5], "side": "Sell", "limit": None},
            {"at": 2, "x": 0.5, "y": 2.0, "list": [], "side": "Buy", "limit": float("nan")},
        ]
        file = self.path + ".jsonl"
        for value in values:
            with seqcopy.Writer.open_or_create(self.path, kind) as writer:
                writer.write(value)
            subprocess.run([sys.executable, "-m", "seqcopy", "record", self.path, "-o", file, "--seconds", "0.1"], check=True, stdout=subprocess.DEVNULL)
            with open(file) as lines:
                schema, recorded = map(json.loads, lines)
            os.remove(file)
            with seqcopy.Writer.create(self.path + "-2", bytes.fromhex(schema["schema"])) as writer:
                writer.write(recorded["value"])
                self.assertEqual(str(writer.read()), str(value))
                writer.close()


class Classes(Folder):
    def test_a_dataclass_is_a_type_and_a_value(self):
        value = Quote(1, Side.SELL, Leg(1.5, True), None, "x")
        with seqcopy.Writer.create(self.path, Quote) as writer:
            writer.write(value)
            reader = seqcopy.Reader(self.path)
            self.assertEqual(reader.read_as(Quote), value)
            fields = {"at": "u64", "side": "Side", "leg": "Leg", "limit": "SeqOption<f64>", "name": "SeqStr<8>"}
            self.assertEqual((reader.schema.name, reader.schema.fields), ("Quote", fields))
            writer.close()

    def test_what_classes_describe(self):
        own = seqcopy.Schema(["BUY", "SELL"], name="Side")
        for kind, same in [
            (Side, own),
            (Row, seqcopy.Schema({"x": "f64", "n": "i32"}, name="Row")),
            (Named, seqcopy.Schema({"x": "f64"}, name="Named")),
            (float, seqcopy.Schema("f64")),
            (bool, seqcopy.Schema("bool")),
            ("float64", seqcopy.Schema("f64")),
            ("double", seqcopy.Schema("f64")),
            ("uint32_t", seqcopy.Schema("u32")),
            ({"a": Side, "b": "[int16; 2]"}, seqcopy.Schema({"a": own, "b": "[i16; 2]"})),
        ]:
            with self.subTest(kind=kind):
                self.assertEqual(seqcopy.Schema(kind), same)

    def test_what_has_no_size_is_told(self):
        @dataclasses.dataclass
        class Bad:
            at: int

        for kind, error, says, note in [
            ("int", ValueError, "write `i64`", None),
            ("str", ValueError, "write `SeqStr<N>`", None),
            ("doubles", ValueError, "did you mean `double`", None),
            (int, TypeError, 'typing.Annotated[int, "i64"]', None),
            ({"a": {"b": "str"}}, ValueError, "write `SeqStr<N>`", "in field `b`"),
            (Bad, TypeError, 'typing.Annotated[int, "i64"]', "in field `at` of `Bad`"),
        ]:
            with self.subTest(kind=kind), self.assertRaises(error) as caught:
                seqcopy.Schema(kind)
            self.assertIn(says, str(caught.exception))
            self.assertIn(note, [None, *getattr(caught.exception, "__notes__", [])])

    def test_a_key_that_can_not_be_is_not_there(self):
        for kind, key, others in [("SeqStr<4>", "ab", ["abcde", "abcd"]), ("u8", 1, [256, -1, 2])]:
            with seqcopy.MapWriter.create(self.path, seqcopy.Schema.map(kind, "u8"), 4) as writer:
                writer[key] = 1
                for of in (writer, seqcopy.MapReader(self.path)):
                    self.assertEqual([key in of, *(other in of for other in others)], [True, *(False for _ in others)])
                    with self.assertRaises(TypeError):
                        3.5 in of
                writer.close()


if __name__ == "__main__":
    unittest.main()
