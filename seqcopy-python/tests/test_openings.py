"""How readers come to their regions: by a path that is not there yet, by fields, by a descriptor, from another process."""

import os
import pickle
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

OLD = {"at": "u64", "bid": "f64", "side": "Side"}
TYPES = {"Side": ["Buy", "Sell"]}
VALUE = {"at": 7, "bid": 0.5, "side": "Sell"}


def schema(fields, shape="value"):
    """A type with these fields, of each shape."""
    if shape == "slice":
        return seqcopy.Schema.slice(fields, 4, name="Quote", types=TYPES)
    if shape == "map":
        return seqcopy.Schema.map("u32", fields, name="Quote", types=TYPES)
    return seqcopy.Schema(fields, name="Quote", types=TYPES)


class Openings(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.path = os.path.join(self.folder.name, "region")

    def tearDown(self):
        self.folder.cleanup()

    def published(self, fields, shape, value):
        """The writer of a region of that shape, with this value in it."""
        if shape == "map":
            writer = seqcopy.MapWriter.open_or_create(self.path, schema(fields, shape), 4, replace_other_type=True)
            writer[3] = value
        else:
            writer = seqcopy.Writer.open_or_create(self.path, schema(fields, shape), replace_other_type=True)
            writer.write(value if shape == "value" else [value, value])
        return writer

    def read(self, reader, shape):
        return {"value": lambda: reader.read(), "slice": lambda: reader.read()[1], "map": lambda: reader[3]}[shape]()

    def test_types_that_have_grown(self):
        """Each shape, each change of the writer's type; what is wanted is said by the dicts alone."""
        changes = {
            "the same": OLD,
            "a field more": OLD | {"size": "u32"},
            "in front": {"id": "u8"} | OLD,
            "in another order": dict(reversed(OLD.items())),
            "one fewer": {"at": "u64", "side": "Side"},
            "another type": OLD | {"bid": "f32"},
        }
        for shape in ("value", "slice", "map"):
            kind = seqcopy.MapReader if shape == "map" else seqcopy.Reader
            for change, fields in changes.items():
                with self.subTest(shape=shape, change=change):
                    value = {name: VALUE.get(name, 9) for name in fields}
                    with self.published(fields, shape, value):
                        grown = all(fields.get(name) == of for name, of in OLD.items())
                        if change == "the same":
                            self.assertEqual(self.read(kind(self.path, schema(OLD, shape)), shape), VALUE)
                        else:
                            with self.assertRaises(seqcopy.OtherType):
                                kind(self.path, schema(OLD, shape))
                        if not grown:
                            with self.assertRaisesRegex(seqcopy.OtherType, "`bid`|bid"):
                                kind(self.path, schema(OLD, shape), by_fields=True)
                            continue
                        reader = kind(self.path, schema(OLD, shape), by_fields=True)
                        self.assertEqual(self.read(reader, shape), VALUE)
                        self.assertEqual(reader.schema, schema(OLD, shape) if shape != "slice" else reader.schema)
                        copy = pickle.loads(pickle.dumps(reader))
                        self.assertEqual((type(copy), self.read(copy, shape)), (kind, VALUE))
                    os.remove(self.path)

    def test_a_type_that_grows_under_a_reader(self):
        for shape in ("value", "slice", "map"):
            with self.published(OLD, shape, VALUE):
                pass
            kind = seqcopy.MapReader if shape == "map" else seqcopy.Reader
            reader, strict = (kind(self.path, schema(OLD, shape), by_fields=by_fields) for by_fields in (True, False))
            with self.published(OLD | {"size": "u32"}, shape, VALUE | {"bid": 2.5, "size": 1}):
                self.assertTrue(reader.is_removed and reader.reopen_if_removed())
                self.assertEqual(self.read(reader, shape), VALUE | {"bid": 2.5})
                with self.assertRaises(seqcopy.OtherType):
                    strict.reopen_if_removed()
                # It is as it was: of the region that was replaced, and so closed.
                with self.assertRaises(seqcopy.Closed):
                    self.read(strict, shape)
            os.remove(self.path)

    def test_one_field_without_the_others(self):
        """The others are not looked at: what another process has broken in them does not matter."""
        fields = {"open": "bool", "bid": "f64", "side": "Side"}
        value = {"open": True, "bid": 0.1, "side": "Sell"}
        for shape in ("value", "slice", "map"):
            kind = seqcopy.MapReader if shape == "map" else seqcopy.Reader
            with self.subTest(shape=shape), self.published(fields, shape, value):
                one, all_fields = kind(self.path, schema({"bid": "f64"}, shape), by_fields=True), kind(self.path)
                self.assertEqual((self.read(one, shape), self.read(all_fields, shape)), ({"bid": 0.1}, value))
                with open(self.path, "r+b") as file:
                    held, bid = file.read(), struct.pack("d", 0.1)
                    found = [at for at in range(0, len(held), 8) if held[at : at + 8] == bid]
                    for at in found:
                        os.pwrite(file.fileno(), b"\7", at - 8)
                        os.pwrite(file.fileno(), b"\7", at + 8)
                self.assertTrue(found)
                self.assertEqual(self.read(one, shape), {"bid": 0.1})
                with self.assertRaisesRegex(seqcopy.Invalid, "open"):
                    self.read(all_fields, shape)
            os.remove(self.path)

    def test_without_a_type_there_are_no_fields(self):
        with self.published(OLD, "value", VALUE), self.assertRaisesRegex(TypeError, "by_fields"):
            seqcopy.Reader(self.path, by_fields=True)

    def test_a_region_that_is_not_there_yet(self):
        for shape in ("value", "map"):
            kind = seqcopy.MapReader if shape == "map" else seqcopy.Reader
            began, made = time.monotonic(), []
            thread = threading.Timer(0.3, lambda: made.append(self.published(OLD, shape, VALUE)))
            thread.start()
            reader = kind(self.path, schema(OLD, shape), wait=30.0)
            self.assertTrue(0.2 < time.monotonic() - began < 20)
            thread.join()
            self.assertEqual(self.read(reader, shape), VALUE)
            # One that is there is opened at once, and another type is no reason to wait.
            self.assertEqual(self.read(kind(self.path, wait=0), shape), VALUE)
            began = time.monotonic()
            with self.assertRaises(seqcopy.OtherType):
                kind(self.path, schema({"at": "u64"}, shape), wait=30.0)
            self.assertLess(time.monotonic() - began, 20)
            made[0].close()
            began = time.monotonic()
            with self.assertRaises(FileNotFoundError):
                kind(self.path, wait=0.2)
            self.assertGreaterEqual(time.monotonic() - began, 0.2)
        with self.assertRaises(ValueError):
            seqcopy.Reader(self.path, wait=float("nan"))

    def test_a_wait_that_is_interrupted(self):
        class Enough(Exception):
            pass

        def enough(*_):
            raise Enough

        before = signal.signal(signal.SIGALRM, enough)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with self.assertRaises(Enough):
                seqcopy.Reader(self.path, wait=float("inf"))
        finally:
            signal.signal(signal.SIGALRM, before)

    def test_a_memfd_has_as_many_buffers_as_were_asked_for(self):
        """Its size tells: two by default, and each as large as the others."""

        def size(kind, *more, **options):
            with kind.create_memfd(*more, **options) as writer:
                fd = writer.share()
                try:
                    return os.fstat(fd).st_size
                finally:
                    os.close(fd)

        large = seqcopy.Schema("[u64; 8192]")
        for kind, more in [(seqcopy.Writer, [large]), (seqcopy.MapWriter, [schema({"all": "[u64; 512]"}, "map"), 100])]:
            two, four = size(kind, *more, buffers=2), size(kind, *more, buffers=4)
            self.assertEqual(size(kind, *more), two, kind)
            self.assertGreater(four, 1.8 * two, kind)

    def test_a_descriptor(self):
        program = "import seqcopy, sys; print(seqcopy.{kind}.from_fd(int(sys.argv[1])).{read})"
        for shape, kind, read in [("value", seqcopy.Reader, "read()"), ("map", seqcopy.MapReader, "to_dict()[3]")]:
            if shape == "map":
                writer = seqcopy.MapWriter.create_memfd(schema(OLD, shape), 4)
                writer[3] = VALUE
            else:
                writer = seqcopy.Writer.create_memfd(schema(OLD, shape), title="openings")
                writer.write(VALUE)
            with writer:
                fd = writer.share()
                reader = kind.from_fd(fd, schema(OLD, shape))
                self.assertEqual(self.read(reader, shape), VALUE)
                self.fails_with(seqcopy.OtherType, lambda: kind.from_fd(fd, schema({"at": "u64"}, shape)))
                # It stays the caller's.
                os.fstat(fd)
                other = [sys.executable, "-c", program.format(kind=kind.__name__, read=read), str(fd)]
                found = subprocess.run(other, pass_fds=[fd], capture_output=True, text=True, check=True)
                self.assertEqual(found.stdout.strip(), str(VALUE))
                self.assertIn("by a descriptor", repr(reader))
                self.fails_with(TypeError, lambda: pickle.dumps(reader), "send the descriptor")
                # It only reads, and its length stays.
                self.fails_with(OSError, lambda: os.pwrite(fd, b"x", 0))
                self.fails_with(OSError, lambda: os.ftruncate(fd, 0))
                os.close(fd)
                self.assertEqual(self.read(reader, shape), VALUE)
            self.fails_with(OSError, lambda: kind.from_fd(fd))
            self.fails_with(ValueError, lambda: kind.from_fd(-1))
            read_end, write_end = os.pipe()
            for end in (read_end, write_end):
                self.fails_with(seqcopy.Error, lambda: kind.from_fd(end))
                os.close(end)
            # What lies at a path could be truncated by its sender.
            with self.published(OLD, shape, VALUE) as writer:
                fd = writer.share()
                self.fails_with(seqcopy.Error, lambda: kind.from_fd(fd), "F_SEAL_SHRINK")
                os.close(fd)
            os.remove(self.path)

    def fails_with(self, error, call, message=""):
        """No traceback keeps what the call had."""
        with self.assertRaisesRegex(error, message) as found:
            call()
        found.exception.__traceback__ = None

    def test_fields_are_in_sight(self):
        self.assertEqual(schema(OLD).fields, {"at": "u64", "bid": "f64", "side": "Side"})
        self.assertEqual(seqcopy.Schema("[f64; 3]").fields, {})
        self.assertEqual(list(schema(OLD, "map").fields.values())[-2:], ["u32", "Quote"])

    def test_every_attribute_is_described(self):
        for name in seqcopy.__all__ if hasattr(seqcopy, "__all__") else seqcopy._seqcopy.__all__:
            kind = getattr(seqcopy, name)
            self.assertTrue(kind.__doc__, name)
            if not issubclass(type(kind), type) or issubclass(kind, Exception):
                continue
            for attribute in (it for it in dir(kind) if not it.startswith("_")):
                self.assertTrue(getattr(kind, attribute).__doc__, f"{name}.{attribute}")

    def test_readers_say_what_they_are_of(self):
        self.assertEqual(seqcopy.Reader[int].__origin__, seqcopy.Reader)
        self.assertEqual(seqcopy.MapReader[str, float].__args__, (str, float))


if __name__ == "__main__":
    unittest.main()
