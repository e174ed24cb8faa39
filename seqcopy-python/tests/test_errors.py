"""Each class of error, against the table of the page "C, C++ and Python": what brings it about, and what the table says of it."""

import os
import struct
import subprocess
import sys
import tempfile
import unittest

import seqcopy
from left import setUpModule, tearDownModule  # noqa: F401

PAGE = os.path.join(os.path.dirname(__file__), "../../seqcopy-shm/docs/guide/other-languages.md")
CLASSES = ["NoValue", "Closed", "Invalid", "OtherType", "HasWriter", "Full", "Error"]


def table():
    """The class of each status."""
    with open(PAGE, encoding="utf-8") as page:
        lines = iter(page)
        for line in lines:
            if line.startswith("| C: "):
                break
        found = {}
        for line in lines:
            if not line.startswith("| `"):
                if line.startswith("|---"):
                    continue
                break
            status, name, _ = [column.strip() for column in line.split("|")[1:4]]
            found[status.strip("`")] = name.strip("`")
    return found


class Errors(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.path = os.path.join(self.folder.name, "region")

    def tearDown(self):
        self.folder.cleanup()

    def change(self, at, bytes_):
        with open(self.path, "r+b") as file:
            file.seek(at)
            file.write(bytes_)

    def made(self, of="bool", value=True):
        with seqcopy.Writer.open_or_create(self.path, of) as writer:
            if value is not None:
                writer.write(value)
        return self.path

    # What brings each status about.

    def empty(self):
        seqcopy.Reader(self.made(value=None)).read()

    def closed(self):
        writer = seqcopy.Writer.create(self.path, "bool")
        reader = seqcopy.Reader(self.path)
        writer.close()
        reader.read()

    def invalid(self):
        with open(self.made(), "rb") as file:
            offset, stride = struct.unpack("=QQ", file.read(64)[48:])
        for buffer in range(2):
            self.change(offset + buffer * stride, b"\x02")
        seqcopy.Reader(self.path).read()

    def other_type(self):
        seqcopy.Reader(self.made("u32", 1), "f32")

    def foreign(self):
        with open(self.path, "w") as file:
            file.write("no region")
        seqcopy.Reader(self.path)

    def has_writer(self):
        writer = seqcopy.Writer.create(self.path, "bool")
        try:
            seqcopy.Writer.take_over(self.path)
        finally:
            writer.release()

    def full(self):
        with seqcopy.MapWriter.create(self.path, seqcopy.Schema.map("u32", "u32"), 4) as writer:
            for key in range(100):
                writer[key] = 1

    def exists(self):
        self.made()
        seqcopy.Writer.create(self.path, "bool")

    def not_found(self):
        seqcopy.Reader(self.path)

    def damaged(self):
        self.made()
        self.change(44, struct.pack("=I", 3))
        seqcopy.Reader(self.path)

    def short(self):
        os.truncate(self.made(), 210)
        seqcopy.Reader(self.path)

    def failed(self):
        seqcopy.Writer.create(os.path.join(self.folder.name, "n" * 300), "bool")

    def test_each_class_is_that_of_the_table(self):
        classes = table()
        self.assertEqual(len(classes), 19)
        # Of others the table names a class that there is.
        builtin = {"FileExistsError", "FileNotFoundError"}
        self.assertEqual(set(classes.values()), set(CLASSES) | builtin)
        # What takes a race, another program, or options that Python does not have.
        elsewhere = {"BUSY", "TORN", "WRITER_GONE", "TOO_LONG", "NOT_TRUSTED", "TRUNCATED", "FORKED"}
        tried = set()
        for status, name in classes.items():
            if status in elsewhere:
                continue
            self.tearDown()
            self.setUp()
            with self.subTest(status=status), self.assertRaises(Exception) as raised:
                getattr(self, status.lower())()
            tried.add(status)
            with self.subTest(status=status):
                self.assertEqual(type(raised.exception).__name__, name, raised.exception)
        self.assertEqual(len(tried), 12)

    def test_a_fork_and_a_truncated_file(self):
        classes = table()
        program = f"""
import os, seqcopy
seqcopy.survive_truncation()
writer = seqcopy.Writer.create({self.path!r}, "u32")
writer.write(1)
child = os.fork()
if child == 0:
    try:
        writer.write(2)
    except Exception as error:
        os._exit(type(error).__name__ != {classes["FORKED"]!r})
    os._exit(1)
assert os.waitpid(child, 0)[1] == 0, "a fork"
reader = seqcopy.Reader({self.path!r})
os.truncate({self.path!r}, 0)
try:
    reader.read()
except Exception as error:
    assert type(error).__name__ == {classes["TRUNCATED"]!r}, error
else:
    raise AssertionError("read")
"""
        subprocess.run([sys.executable, "-c", program], check=True)


if __name__ == "__main__":
    unittest.main()
