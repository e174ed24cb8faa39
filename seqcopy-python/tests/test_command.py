"""The command, which the package has: `python -m seqcopy`."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import seqcopy
from left import setUpModule, tearDownModule  # noqa: F401

SIDE = ["Buy", "Sell"]
QUOTE = seqcopy.Schema({"at": "u64", "side": SIDE, "levels": "SeqVec<f32, 3>", "limit": "SeqOption<f64>"}, name="Quote")


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.path = os.path.join(self.folder.name, "region")

    def tearDown(self):
        self.folder.cleanup()

    def start(self, *words, **options):
        return subprocess.Popen(
            [sys.executable, "-m", "seqcopy", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )

    def run_(self, *words):
        running = self.start(*words)
        out, error = running.communicate(timeout=60)
        return running.returncode, out, error

    def test_it_shows_what_is_there(self):
        value = {"at": 7, "side": "Sell", "levels": [0.5, 1.5], "limit": None}
        with seqcopy.Writer.create(self.path, QUOTE) as writer:
            writer.write(value)
            status, out, error = self.run_("show", "--json", self.path)
            self.assertEqual((status, error), (0, ""))
            self.assertEqual(json.loads(out)["value"], value)
            writer.close()

    def test_a_header_needs_no_rust(self):
        described = os.path.join(self.folder.name, "quote.json")
        with open(described, "w") as file:
            file.write(QUOTE.to_json())
        status, out, error = self.run_("header", "--type", described)
        self.assertEqual((status, error), (0, ""))
        self.assertIn("seqcopy_Quote_reader_open(const char *path", out)
        with seqcopy.Writer.create(self.path, QUOTE) as writer:
            self.assertEqual(self.run_("header", self.path), (0, out, ""))
            self.assertEqual(self.run_("header", "--lang", "json", self.path)[1].strip(), QUOTE.to_json())
            writer.close()

    def test_the_regions_that_are_there(self):
        with seqcopy.Writer.create(self.path, QUOTE), seqcopy.MapWriter.create(self.path + "-map", seqcopy.Schema.map("u32", "f64"), 9):
            with open(self.path + "-text", "w") as file:
                file.write("no region")
            found = seqcopy.regions(self.folder.name)
            self.assertEqual([(each["path"], each["type"], each["kind"]) for each in found], [(self.path, "Quote", "value"), (self.path + "-map", "a map from u32 to f64", "map")])
            self.assertTrue(all(each["writer"]["pid"] == os.getpid() and each["writer"]["state"] == "alive" for each in found))
            self.assertEqual(json.loads(self.run_("list", "--json", self.folder.name)[1])["regions"], found)
            self.assertLessEqual({each["type"] for each in found}, {each.get("type") for each in seqcopy.regions(all=True)})
        self.assertRaisesRegex(OSError, "`/no/such/folder`: cannot open it", seqcopy.regions, "/no/such/folder")

    def test_a_name_is_that_of_shared_memory(self):
        name = f"seqcopy-python-{os.getpid()}"
        with seqcopy.Writer.create(name, "u64") as writer:
            writer.write(5)
            self.assertEqual((seqcopy.Reader(f"/dev/shm/{name}").read(), seqcopy.Reader(name).read()), (5, 5))
            self.assertEqual(self.run_("show", name, "--json")[0], 0)
            writer.close()

    def test_exit_statuses_are_those_of_the_command(self):
        status, out, error = self.run_("show", self.path)
        self.assertEqual((status, out), (1, ""))
        self.assertRegex(error, "^seqcopy: `.*`: cannot open it: .*\n$")
        status, out, error = self.run_("shwo", self.path)
        self.assertEqual((status, out), (2, ""))
        self.assertIn("Usage: seqcopy", error)
        self.assertEqual(self.run_("--version"), (0, f"seqcopy {seqcopy.__version__}\n", ""))

    def test_an_interrupt_ends_it(self):
        with seqcopy.Writer.create(self.path, "u64") as writer:
            writer.write(5)
            running = self.start("watch", "--json", "--interval", "600000", self.path)
            self.assertIn('"value":5', running.stdout.readline())
            running.send_signal(signal.SIGINT)
            running.communicate(timeout=20)
            self.assertEqual(running.returncode, -signal.SIGINT)
            writer.close()


class Descriptions(unittest.TestCase):
    def loaded(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(text)
            file.flush()
            return seqcopy.Schema.load(file.name)

    def test_what_is_described_is_loaded_again(self):
        level = {"price": "f64", "size": "u32"}
        shapes = [
            lambda kind, **named: seqcopy.Schema({"a": "u8", "b": kind}, **named),
            lambda kind, **named: seqcopy.Schema.slice(kind, 7, **named),
            lambda kind, **named: seqcopy.Schema.map("SeqStr<8>", {"b": kind}, **named),
        ]
        for kind in ["u8", "i128", "f32", "bool", "char", "NonZeroU16", "[i32; 3]", "SeqStr<5>", "SeqVec<Level, 2>", "SeqOption<Side>", "Level", level, SIDE]:
            for shape in shapes:
                schema = shape(kind, name="Own", types={"Side": SIDE, "Level": level})
                with self.subTest(kind=kind, schema=schema):
                    text = schema.to_json()
                    self.assertEqual(self.loaded(text), schema)
                    # What it says is what was given, by a reader of JSON that is not ours.
                    said = json.loads(text)
                    self.assertLessEqual(said.keys(), {"name", "types", "value", "slice", "capacity", "key"})
                    if isinstance(kind, str) and "slice" not in said:
                        self.assertEqual(said["value"]["b"], {"NonZeroU16": "NonZero<u16>"}.get(kind, kind))

    def test_what_can_not_be_described_says_so(self):
        self.assertRaisesRegex(ValueError, "laid out in another way", seqcopy.Schema(packed()).to_json)
        for text, why in [("{", "EOF"), ('{"value": "u7"}', "not a type that is known"), ('{"values": "u8"}', "means nothing here")]:
            self.assertRaisesRegex(ValueError, why, self.loaded, text)
        self.assertRaises(FileNotFoundError, seqcopy.Schema.load, "/no/such/file")


def packed():
    """A structure whose field lies where C would not put it."""
    import ctypes

    class Late(ctypes.Structure):
        _fields_ = [("a", ctypes.c_uint8), ("b", ctypes.c_uint32)]
        _pack_ = 1

    return Late


if __name__ == "__main__":
    unittest.main()
