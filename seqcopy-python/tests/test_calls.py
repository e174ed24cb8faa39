"""Every call of the package: how it fails, what is left then, and that the same call succeeds once the cause is gone."""

import os
import re
import sys
import tempfile
import unittest

import seqcopy
from left import setUpModule, tearDownModule  # noqa: F401

FLAG = seqcopy.Schema({"at": "u64", "ok": "bool"}, name="Flag")
GOOD = {"at": 0x1122334455667788, "ok": True}
MAP = seqcopy.Schema.map("u32", FLAG)


class Calls(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.path = os.path.join(self.folder.name, "region")

    def tearDown(self):
        self.folder.cleanup()

    def bytes(self):
        with open(self.path, "rb") as file:
            return file.read()

    def fails(self, error, call, mend, state=None, message=""):
        """Fails, leaves what `state` gives, and succeeds after `mend`."""
        state = state or (lambda: os.path.exists(self.path) and self.bytes())
        before = state()
        with self.assertRaisesRegex(error, message):
            call()
        self.assertEqual(state(), before)
        mend()
        return call()

    def put(self, byte):
        """The flag of the only value, as a process without one would have it."""
        mark = re.escape(GOOD["at"].to_bytes(8, sys.byteorder))
        places = [found.end() for found in re.finditer(mark, self.bytes())]
        with open(self.path, "r+b") as file:
            for at in places:
                file.seek(at)
                file.write(bytes([byte]))

    def test_what_opens(self):
        def value():
            seqcopy.Writer.create(self.path, FLAG).release()

        def of_map():
            seqcopy.MapWriter.create(self.path, MAP, 4).release()

        def other():
            with open(self.path, "w") as file:
                file.write("no region")

        def removed():
            os.remove(self.path)

        for opens, mend in [
            (lambda: seqcopy.Reader(self.path, FLAG), value),
            (lambda: seqcopy.Writer.take_over(self.path), value),
            (lambda: seqcopy.Writer.take_over(self.path, FLAG), value),
            (lambda: seqcopy.MapReader(self.path, MAP), of_map),
            (lambda: seqcopy.MapWriter.take_over(self.path), of_map),
            (lambda: seqcopy.MapWriter.take_over(self.path, MAP), of_map),
            (lambda: seqcopy.Schema.load(self.path), lambda: self.write_schema()),
        ]:
            self.fails(FileNotFoundError, opens, mend)
            os.remove(self.path)
        for makes in [
            lambda: seqcopy.Writer.create(self.path, FLAG),
            lambda: seqcopy.Writer.open_or_create(self.path, FLAG),
            lambda: seqcopy.MapWriter.create(self.path, MAP, 4),
            lambda: seqcopy.MapWriter.open_or_create(self.path, MAP, 4),
        ]:
            other()
            with self.fails((seqcopy.Error, FileExistsError), makes, removed) as made:
                self.assertTrue(made.was_created)
            if os.path.exists(self.path):
                os.remove(self.path)
        # Another type, and the same.
        value()
        for opens, other_type in [
            (lambda kind: seqcopy.Reader(self.path, kind), "u64"),
            (lambda kind: seqcopy.Writer.take_over(self.path, kind), "u64"),
        ]:
            kinds = [other_type]
            self.fails(seqcopy.OtherType, lambda: opens(kinds[0]), lambda: kinds.__setitem__(0, FLAG))
        # Of two writers one.
        with seqcopy.Writer.take_over(self.path) as writer:
            self.fails(seqcopy.HasWriter, lambda: seqcopy.Writer.take_over(self.path), writer.release)

    def write_schema(self):
        with open(self.path, "w") as file:
            file.write('{"value": {"at": "u64", "ok": "bool"}}')

    def test_a_value(self):
        with seqcopy.Writer.create(self.path, FLAG, buffers=1) as writer:
            self.assertTrue(writer.was_created and writer.schema == FLAG)
            with seqcopy.Reader(self.path) as reader:
                buffer = bytearray(reader.schema.size)
                reads = [
                    reader.read,
                    reader.read_versioned,
                    lambda: reader.read_if_changed(0),
                    reader.read_bytes,
                    lambda: reader.read_as(dict),
                    lambda: reader.read_into(buffer),
                    lambda: next(iter(reader)),
                    lambda: next(iter(reader.follow())),
                ]
                # What was never written is no change, either.
                self.assertIsNone(reader.read_if_changed(0))
                self.assertEqual(reader.since(0), [])
                for read in (read for read in reads[:-2] if read is not reads[2]):
                    with self.assertRaises(seqcopy.NoValue):
                        read()
                self.assertEqual(buffer, bytes(len(buffer)))
                bad = dict(GOOD, ok=2)
                value = [bad]
                self.fails(
                    (TypeError, ValueError), lambda: writer.write(value[0]), lambda: value.__setitem__(0, GOOD), message="True or False"
                )
                self.assertEqual((writer.version, reader.version, writer.read()), (1, 1, GOOD))
                for read in reads:
                    self.put(7)
                    self.fails(seqcopy.Invalid, read, lambda: self.put(1), message="`ok`")
                self.put(7)
                self.fails(seqcopy.Invalid, writer.read, lambda: self.put(1), message="`ok`")
                with self.assertRaisesRegex(TypeError, "no slices"):
                    reader.read_range(0, 1)
                self.assertEqual(reader.read_as(lambda at, ok: (at, ok)), (GOOD["at"], True))
                self.assertEqual((reader.capacity, reader.is_closed, reader.is_removed), (None, False, False))
                self.assertFalse(reader.wait(0) or reader.reopen_if_removed() or writer.restore_if_removed())
                self.assertEqual(reader.writer_state, "alive")
                writer.wake()
                writer.close()
                self.assertTrue(reader.is_closed and reader.is_removed and reader.wait(0))
                with self.assertRaises(seqcopy.Closed):
                    reader.read()
        for call in [writer.wake, writer.read, lambda: writer.write(GOOD), lambda: writer.version, lambda: writer.schema]:
            with self.assertRaises((seqcopy.Error, ValueError)):
                call()

    def test_a_map(self):
        with seqcopy.MapWriter.create(self.path, MAP, 6) as writer, seqcopy.MapReader(self.path, MAP) as reader:
            self.assertEqual((writer.was_created, writer.generation, reader.schema), (True, reader.generation, MAP))
            key = [9]
            get = lambda of: lambda: of[key[0]]  # noqa: E731
            for of in (reader, writer):
                self.fails(KeyError, get(of), lambda: writer.__setitem__(9, GOOD), lambda: len(of))
                self.assertEqual((of.get(9), of.get(8), of.get(8, 5), 9 in of, 8 in of), (GOOD, None, 5, True, False))
                del writer[9]
            entry = reader.entry(7)
            self.assertEqual((entry.get(), entry.get(5)), (None, 5))
            with self.assertRaisesRegex(TypeError, "take it from the map's writer"):
                entry.set(GOOD)
            entry, bad = writer.entry(7), [{"at": 1}]
            self.fails(ValueError, lambda: entry.set(bad[0]), lambda: bad.__setitem__(0, GOOD), lambda: len(reader), message="`ok`")
            self.assertEqual((entry.get(), reader.entry(7).get(), reader[7]), (GOOD, GOOD, GOOD))
            key = ["seven"]
            self.fails((TypeError, ValueError), lambda: of.entry(key[0]), lambda: key.__setitem__(0, 7), lambda: len(reader))
            del writer[7]
            self.fails(ValueError, writer.commit, writer.begin, message="no batch")
            writer.begin()
            self.fails(ValueError, writer.begin, writer.discard, message="begun before")
            writer.discard()
            value = [{"at": 1}]
            self.fails(
                ValueError, lambda: writer.__setitem__(1, value[0]), lambda: value.__setitem__(0, GOOD), message="`ok`"
            )
            writer.remove(1)
            for n in range(writer.capacity):
                writer[n] = {"at": n, "ok": False}
            self.assertEqual(reader.to_dict(), dict(reader.items()))
            everything = sorted(reader.keys())
            self.fails(seqcopy.Full, lambda: writer.__setitem__(99, GOOD), lambda: writer.remove(0), lambda: sorted(reader.items(), key=str))
            self.assertEqual((sorted(writer.keys()), sorted(map(str, writer.values()))), (sorted(reader.keys()), sorted(map(str, reader.values()))))
            self.assertEqual((sorted(writer), dict(writer.items())), (sorted(reader), reader.to_dict()))
            self.put(7)
            self.fails(seqcopy.Invalid, writer.items, lambda: self.put(1), lambda: 0, message="ok")
            self.assertEqual(sorted(reader), sorted(set(everything) - {0} | {99}))
            self.assertEqual((len(reader), len(writer), len(reader.values())), (writer.capacity,) * 3)
            before = writer.generation
            with self.assertRaises(ZeroDivisionError), writer.batch():
                writer.remove(99)
                raise ZeroDivisionError
            with writer.batch():
                writer.remove(99)
                writer[0] = GOOD
            self.assertEqual((writer.generation, reader.generation, 99 in reader), (before + 1, before + 1, False))
            self.put(7)
            self.fails(seqcopy.Invalid, lambda: reader[0], lambda: self.put(1), lambda: 0, message="ok")
            writer.wake()
            self.assertFalse(reader.wait(0) or reader.reopen_if_removed() or writer.restore_if_removed() or reader.is_closed)
            self.assertEqual(reader.writer_state, "alive")
            writer.close()
            self.assertTrue(reader.is_closed)
            with self.assertRaises(seqcopy.Closed):
                reader.get(0)

    def test_without_a_path(self):
        for reader, make in [
            (seqcopy.Reader, lambda kind: seqcopy.Writer.create_memfd(kind)),
            (seqcopy.MapReader, lambda kind: seqcopy.MapWriter.create_memfd(kind, 4)),
        ]:
            kinds = [None]
            good = MAP if reader is seqcopy.MapReader else FLAG
            with self.fails(TypeError, lambda: make(kinds[0]), lambda: kinds.__setitem__(0, good), lambda: 0) as writer:
                fds = [-1]
                self.fails(ValueError, lambda: reader.from_fd(fds[0]), lambda: fds.__setitem__(0, writer.share()), lambda: 0)
                os.close(fds[0])
        self.assertTrue(seqcopy.Reader.from_fd and seqcopy.MapReader.from_fd and writer.share)

    def test_a_descriptor(self):
        notifier = seqcopy.Notifier()
        with seqcopy.Writer.create(self.path, FLAG), seqcopy.Reader(self.path) as reader:
            readers = [self.path]
            self.fails(TypeError, lambda: notifier.register(readers[0]), lambda: readers.__setitem__(0, reader), message="a MapReader")
            notifier.unregister(reader)
            self.fails(KeyError, lambda: notifier.unregister(reader), lambda: notifier.register(reader))
            notifier.clear()
        self.assertEqual(os.get_blocking(notifier.fileno()), False)

    def test_descriptions(self):
        for kind, good in [("[u8; four]", "[u8; 4]"), ({"a": "f31"}, {"a": "f32"}), ([], ["A"]), (b"no schema", bytes(FLAG))]:
            kinds = [kind]
            schema = self.fails(
                (TypeError, ValueError, seqcopy.Error), lambda: seqcopy.Schema(kinds[0]), lambda: kinds.__setitem__(0, good), lambda: 0
            )
            self.assertTrue(schema.size > 0 and schema.name and schema.fields is not None and hash(schema) == hash(seqcopy.Schema(good)))
        # An enum whose only tag is 1 has no description.
        schema = seqcopy.Schema(["One"], name="One")
        schemas = [seqcopy.Schema(bytes(schema)[:-16] + (1).to_bytes(8, "little") + bytes(8))]
        json = self.fails(ValueError, lambda: schemas[0].to_json(), lambda: schemas.__setitem__(0, schema), lambda: 0)
        self.assertEqual(json, schema.to_json())
        capacity = [-1]
        self.fails((OverflowError, ValueError), lambda: seqcopy.Schema.slice("u8", capacity[0]), lambda: capacity.__setitem__(0, 4), lambda: 0)
        key = ["f64"]
        self.fails(ValueError, lambda: seqcopy.Schema.map(key[0], "u8"), lambda: key.__setitem__(0, "u64"), lambda: 0)

    def test_every_call_is_here(self):
        with open(__file__) as own:
            text = own.read()
        named = {"Reader": "reader", "Writer": "writer", "MapReader": "reader", "MapWriter": "writer", "Entry": "entry", "Schema": "schema", "Notifier": "notifier"}
        for of, own in named.items():
            for name in (name for name in vars(getattr(seqcopy, of)) if not name.startswith("_")):
                if name in ("read_array", "dtype", "to_numpy", "to_columns"):
                    continue  # These need NumPy, as does what tests them: test_arrays.py.
                self.assertRegex(text, rf"\b({own}|seqcopy\.{of}|of)\.{name}\b", f"{of}.{name} is not called here")
