"""What a program can do to a reader or a writer beside the plain calls: reopen it while a loop reads, send it to a process elsewhere, lack memory."""

import asyncio
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
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
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "region")


class Reopened(Folder):
    """Versions begin again in another region, so one may have the same version as the region before."""

    def setUp(self):
        super().setUp()
        self.writer = seqcopy.Writer.create(self.path, "u64")
        self.reader = seqcopy.Reader(self.path)
        self.write(1, 2, 3)

    def write(self, *values):
        for value in values:
            self.writer.write(value)
        self.writer.wake()

    def renew(self, end, *values):
        """The writer's program starts again."""
        end(self.writer)
        if os.path.exists(self.path):
            os.remove(self.path)
        self.writer = seqcopy.Writer.create(self.path, "u64")
        self.addCleanup(self.writer.release)
        self.write(*values)
        self.assertTrue(self.reader.reopen_if_removed())

    ENDS = (seqcopy.Writer.close, seqcopy.Writer.release)

    def test_a_loop_yields_the_value_of_the_new_region(self):
        for end in self.ENDS:
            values = iter(self.reader)
            found = [next(values)]
            self.renew(end, 66, 77, 88)
            found.append(next(values))
            self.writer.write(99)
            found.append(next(values))
            self.assertEqual(found[1:], [88, 99])

    def test_a_loop_that_waits_goes_on_in_the_new_region(self):
        for end in self.ENDS:
            found, begun = [], threading.Event()

            def read():
                for value in self.reader:
                    found.append(value)
                    begun.set()
                    if value == 100:
                        return

            thread = threading.Thread(target=read)
            thread.start()
            begun.wait()
            # It waits for the old region now, or is about to.
            self.renew(seqcopy.Writer.release, 4, 5, 100)
            thread.join()
            self.assertEqual(found[-1], 100)
            self.renew(end, 1, 2, 3)

    def test_a_task_goes_on_in_the_new_region(self):
        async def main():
            found = []
            async for value in self.reader:
                found.append(value)
                if len(found) == 1:
                    self.renew(seqcopy.Writer.close, 66, 77, 88)
                else:
                    return found

        self.assertEqual(asyncio.run(main()), [3, 88])

    def test_a_reader_that_was_reopened_is_one_of_those_that_are_waited_for(self):
        for timeout in (None, float("inf"), 1e300):
            known = {self.reader: self.reader.version}
            found = []
            thread = threading.Thread(target=lambda: found.append(seqcopy.wait_any(known, timeout)))
            thread.start()
            time.sleep(0.05)
            # With the same version.
            self.renew(seqcopy.Writer.release, 7, 8, 9)
            thread.join()
            self.assertEqual(found, [[self.reader]])

    def test_a_time_is_a_number_and_what_is_known_a_dict(self):
        with self.assertRaisesRegex(ValueError, "not a number of seconds"):
            seqcopy.wait_any({self.reader: 3}, float("nan"))
        with self.assertRaisesRegex(TypeError, "where a dict is wanted"):
            seqcopy.wait_any([self.reader], 0)
        self.assertEqual(seqcopy.wait_any({self.reader: 3}, -1), [])


class Paths(Folder):
    def setUp(self):
        super().setUp()
        before = os.getcwd()
        os.chdir(self.folder.name)
        self.addCleanup(os.chdir, before)
        self.name = f"seqcopy-test-paths-{os.getpid()}"

    def make(self, path, value):
        writer = seqcopy.Writer.create(path, "u64")
        self.addCleanup(writer.close)
        writer.write(value)

    def test_a_reader_is_sent_with_the_place_where_it_was_opened(self):
        here, shared = f"./{self.name}", f"/dev/shm/{self.name}"
        self.make(here, 1)
        self.make(shared, 2)
        os.mkdir("below")
        self.make("below/region", 3)
        opened = {path: seqcopy.Reader(path) for path in (here, shared, self.name, "below/region", "below/../below/region")}
        self.assertEqual([reader.read() for reader in opened.values()], [1, 2, 2, 3, 3])
        as_map = seqcopy.MapWriter.create("./map", seqcopy.Schema.map("u8", "u8"), 4)
        as_map[1] = 5
        reader = seqcopy.MapReader("./map")
        os.chdir("/")
        for path, own in opened.items():
            with self.subTest(path=path):
                self.assertEqual(pickle.loads(pickle.dumps(own)).read(), own.read())
                # It stays what it is, sent on.
                self.assertEqual(pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(own)))).read(), own.read())
        self.assertEqual(pickle.loads(pickle.dumps(reader))[1], 5)
        as_map.close()

    def test_a_path_is_no_name_of_shared_memory(self):
        self.make(f"./{self.name}", 1)
        self.make(f"/dev/shm/{self.name}", 2)
        for path, value in [
            (pathlib.Path(self.name), 1),
            (pathlib.Path(".") / self.name, 1),
            (f"./{self.name}", 1),
            (self.name, 2),
            (pathlib.Path("/dev/shm") / self.name, 2),
        ]:
            with self.subTest(path=path):
                self.assertEqual(seqcopy.Reader(path).read(), value)
        # Where it is made, too.
        for of, kind in [(seqcopy.Writer, ("u8",)), (seqcopy.MapWriter, (seqcopy.Schema.map("u8", "u8"), 4))]:
            for make in (of.create, of.open_or_create):
                make(pathlib.Path("made"), *kind).close()
                make(pathlib.Path("made"), *kind).release()
                self.assertTrue(os.path.exists("made"))
                of.take_over(pathlib.Path("made")).close()

    def test_arguments_are_refused_by_the_exception_of_python(self):
        folder = self.folder.name
        schema = seqcopy.Schema.map("u8", "u8")
        for make in (
            lambda **more: seqcopy.Writer.create(self.path, "u8", **more),
            lambda **more: seqcopy.Writer.open_or_create(self.path, "u8", **more),
            lambda **more: seqcopy.MapWriter.create(self.path, schema, 4, **more),
            lambda **more: seqcopy.MapWriter.open_or_create(self.path, schema, 4, **more),
        ):
            for more in ({"buffers": 0}, {"buffers": 3}, {"mode": 0o7777}):
                with self.assertRaises(ValueError):
                    make(**more)
        with self.assertRaises(ValueError):
            seqcopy.Writer.create_memfd("u8", buffers=0)
        for opens in (
            lambda: seqcopy.Reader(folder),
            lambda: seqcopy.MapReader(folder),
            lambda: seqcopy.Writer.take_over(folder, "u8"),
            lambda: seqcopy.Writer.open_or_create(folder, "u8"),
        ):
            with self.assertRaises(IsADirectoryError):
                opens()
        # A region that is damaged is no argument.
        seqcopy.Writer.create(self.path, "u8").release()
        with open(self.path, "r+b") as file:
            file.seek(24)
            file.write(bytes(24))
        with self.assertRaises(seqcopy.Error):
            seqcopy.Writer.open_or_create(self.path, "u8")


class Fields(Folder):
    def test_a_field_that_is_named_twice_is_refused(self):
        class Name(str):
            def __hash__(self):
                return 1

            def __eq__(self, other):
                return self is other

        with seqcopy.Writer.create(self.path, {"a": "u8", "b": "u8"}) as writer:
            for twice in ({Name("a"): 7, "a": 9}, {Name("a"): 7, Name("a"): 9}, {Name("a"): 7, Name("a"): 9, "b": 1}):
                with self.assertRaises(ValueError):
                    writer.write(twice)
            writer.write({"a": 1, "b": 2})
            self.assertEqual((writer.read(), writer.version), ({"a": 1, "b": 2}, 1))

    def test_what_interrupts_a_length_is_not_swallowed(self):
        class Interrupted:
            def __init__(self, error):
                self.error = error

            def __len__(self):
                raise self.error

            def __iter__(self):
                return iter((1, 2))

        with seqcopy.Writer.create(self.path, seqcopy.Schema.slice("u8", 4)) as writer:
            for error in (KeyboardInterrupt(), SystemExit(), MemoryError()):
                with self.assertRaises(type(error)):
                    writer.write(Interrupted(error))
            self.assertEqual(writer.version, 0)
            writer.write(Interrupted(TypeError()))
            self.assertEqual(writer.read(), b"\1\2")

    def test_keys_of_structs_in_structs_are_tuples(self):
        types = {"Side": ["Buy", "Sell"], "Pair": {"a": "u8", "b": "u8"}, "Inner": {"pair": "Pair", "pairs": "[Pair; 2]", "side": "Side", "n": "u8"}}
        schema = seqcopy.Schema.map({"inner": "Inner", "more": "SeqVec<Pair, 2>"}, "u8", types=types)
        pair, other = {"a": 1, "b": 2}, {"a": 3, "b": 4}
        as_dict = {"inner": {"pair": pair, "pairs": [pair, other], "side": "Sell", "n": 5}, "more": [other]}
        as_tuple = (((1, 2), ((1, 2), (3, 4)), "Sell", 5), ((3, 4),))
        with seqcopy.MapWriter.create(self.path, schema, 4) as writer:
            writer[as_dict] = 1
            self.assertEqual((writer[as_tuple], list(writer)), (1, [as_tuple]))
            writer[as_tuple] = 2
            reader = seqcopy.MapReader(self.path)
            self.assertEqual((reader.to_dict(), len(reader)), ({as_tuple: 2}, 1))
            self.assertEqual((reader[as_dict], reader.entry(as_tuple).get()), (2, 2))

    def test_a_writer_of_a_map_iterates_over_its_keys(self):
        for kind, keys in (("u8", [0, 1, 2]), ("SeqStr<4>", ["a", "b"])):
            with seqcopy.MapWriter.create(self.path, seqcopy.Schema.map(kind, "u16"), 8) as writer:
                for value, key in enumerate(keys):
                    writer[key] = 10 * value
                self.assertEqual(sorted(writer), keys)
                self.assertEqual(dict(writer.items()), {key: writer[key] for key in writer.keys()})
                # With the changes of a batch, as `len` and `get` have them.
                with writer.batch():
                    del writer[keys[0]]
                    self.assertEqual((sorted(writer), len(writer), len(writer.values())), (keys[1:], len(keys) - 1, len(keys) - 1))
                writer.close()

    def test_an_equal_value_is_a_generation(self):
        """As `write` of an equal value is a version; in a batch it is part of the batch."""
        with seqcopy.MapWriter.create(self.path, seqcopy.Schema.map("u8", "u8"), 4) as writer:
            reader = seqcopy.MapReader(self.path)
            entry = writer.entry(1)
            for round in range(1, 4):
                before = reader.generation
                writer[1] = 7
                entry.set(7)
                self.assertEqual(reader.generation, before + 2)
                with writer.batch():
                    writer[1] = 7
                    entry.set(7)
                with writer.batch():
                    pass
                writer.remove(9)
                self.assertEqual(reader.generation, before + 3)

    @unittest.skipIf(numpy is None, "NumPy is not installed")
    def test_what_a_dtype_runs_when_it_is_dropped_may_use_the_reader(self):
        program = """
            import faulthandler, gc, sys
            import numpy, seqcopy, seqcopy._helpers
            faulthandler.dump_traceback_later(60, exit=True)
            writer = seqcopy.Writer.create(sys.argv[1], {"a": "u32", "b": "u32"})
            writer.write({"a": 1, "b": 2})
            reader = seqcopy.Reader(sys.argv[1])
            plain = [("a", "u4"), ("b", "u4")]

            class Held:
                def __del__(self):
                    reader.read_into(numpy.zeros((), plain))
                    print("dropped")

            kind = numpy.dtype(plain, metadata={"of": Held()})
            reader.read_into(numpy.zeros((), kind))
            del kind
            seqcopy._helpers._schema.cache_clear()
            gc.collect()
            reader.read_into(numpy.zeros((), plain))
            writer.close()
        """
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(program), self.path], capture_output=True, text=True)
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("dropped\n", "", 0))


class Memory(Folder):
    """A process with 32 MiB more than it has: each call wants more, and gets `MemoryError`, or an error of the package."""

    BEFORE = """
        import itertools, os, resource, sys
        import seqcopy

        def limited(call, more=32 << 20):
            with open("/proc/self/statm") as file:
                used = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            before = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (used + more, before[1]))
            try:
                call()
            except (MemoryError, seqcopy.Error) as error:
                found = type(error).__name__
            else:
                found = "nothing"
            finally:
                resource.setrlimit(resource.RLIMIT_AS, before)
            print(found, flush=True)

        class Long(list):
            def __iter__(self):
                return itertools.repeat(1)
            def __len__(self):
                return 1 << 60

        N = 40 << 20
        path = sys.argv[1]
        slice = seqcopy.Schema.slice("u16", N)
    """

    # What is made before, and the calls.
    VALUES = {
        "u8": ("[u8; N]", "bytes(N)"),
        "u16": ("[u16; N]", "bytes(2 * N)"),
        "f64": ("[f64; N // 4]", "bytes(2 * N)"),
        "bool": ("[bool; N]", "bytes(N)"),
        "struct": ("[Pair; N // 16]", "bytes(N // 4)"),
        "nested": ("[[[u8; 64]; 1024]; N // 65536]", "bytes(N)"),
        "text": ("SeqStr<N>", "(N - 8).to_bytes(4, 'little') + b'a' * (N - 8) + bytes(8)"),
        "list": ("SeqVec<u16, N>", "N.to_bytes(4, 'little') + bytes(2 * N)"),
    }

    def run_calls(self, program, *calls):
        lines = [*(f"limited(lambda: {call})" for call in calls), "print('end')"]
        if os.path.exists(self.path):
            os.remove(self.path)
        text = textwrap.dedent(self.BEFORE) + textwrap.dedent(program) + "\n".join(["", *lines])
        done = subprocess.run([sys.executable, "-c", text, self.path], capture_output=True, text=True)
        said = done.stdout.split()
        self.assertEqual((done.returncode, done.stderr[-500:], len(said), said[-1:]), (0, "", len(calls) + 1, ["end"]), f"{program}: {said}")
        for call, found in zip(calls, said):
            self.assertIn(found, ("MemoryError", "Error"), call)

    def test_values(self):
        for name, (kind, value) in self.VALUES.items():
            # The numbers of a text of a type are written out.
            kind = kind.replace("N // 65536", str((40 << 20) // 65536)).replace("N // 16", str((40 << 20) // 16))
            kind = kind.replace("N // 4", str((40 << 20) // 4)).replace("N", str(40 << 20))
            program = f"""
                writer = seqcopy.Writer.create(path, {kind!r}, buffers=1)
                writer.write({value})
                reader = seqcopy.Reader(path)
                keep = bytearray(reader.schema.size)
            """
            if "Pair" in kind:
                program = program.replace(f"{kind!r}, buffers", f"seqcopy.Schema({kind!r}, types={{'Pair': {{'a': 'u16', 'b': 'u16'}}}}), buffers")
            with self.subTest(kind=kind):
                calls = ["reader.read()", "reader.read_versioned()", "reader.read_if_changed(0)", "reader.since(0)", "reader.read_as(list)", "writer.read()", "next(iter(reader))"]
                if name == "bool":
                    calls += ["reader.read_into(keep)", "writer.write(keep)"]
                if name in ("u16", "f64", "list"):
                    calls += ["reader.read_bytes()", "writer.write(itertools.repeat(1))", "writer.write(Long())"]
                self.run_calls(program, *calls)

    def test_slices(self):
        program = """
            writer = seqcopy.Writer.create(path, slice, buffers=1)
            writer.write(bytes(2 * N))
            reader = seqcopy.Reader(path)
        """
        calls = [
            "reader.read()",
            "reader.read_bytes()",
            "reader.read_range(0, N)",
            "reader.read_range(1, N)",
            "writer.read()",
            "writer.write(itertools.repeat(1))",
            "writer.write(iter(lambda: 1, 2))",
            "writer.write(Long())",
            "next(iter(reader))",
        ]
        self.run_calls(program, *calls)

    def test_maps(self):
        program = """
            few = seqcopy.Schema.map("u8", f"[u16; {N}]")
            writer = seqcopy.MapWriter.create(path, few, 1)
            writer[1] = bytes(2 * N)
            reader = seqcopy.MapReader(path)
            entry, own = reader.entry(1), writer.entry(1)
        """
        calls = ["reader.get(1)", "reader[1]", "1 in reader", "entry.get()", "own.get()", "writer.get(1)", "writer[1]"]
        everything = ["items()", "keys()", "values()"]
        calls += [f"{of}.{call}" for of in ("reader", "writer") for call in everything]
        calls += ["reader.to_dict()", "list(reader)", "list(writer)", "own.set(itertools.repeat(1))", "writer.__setitem__(1, itertools.repeat(1))"]
        self.run_calls(program, *calls)
        program = """
            many = seqcopy.Schema.map("u32", "u32")
            writer = seqcopy.MapWriter.create(path, many, 1 << 19)
            with writer.batch():
                for key in range(writer.capacity):
                    writer[key] = key
            reader = seqcopy.MapReader(path)
        """
        calls = [f"{of}.{call}" for of in ("reader", "writer") for call in everything]
        self.run_calls(program, *calls, "reader.to_dict()", "list(reader)", "list(writer)")

    def test_every_call_of_the_stub_is_called(self):
        """Those that take no more memory for a larger value are named."""
        fixed = {"wait", "reopen_if_removed", "from_fd", "share", "wake", "restore_if_removed", "close", "release", "batch", "begin", "commit", "discard", "remove", "entry", "follow"}
        makes = {"create", "create_memfd", "open_or_create", "take_over", "load", "map", "slice", "to_json"}
        numpy_only = {"read_array", "to_numpy", "to_columns"}
        with open(__file__) as own:
            text = own.read()
        for of in (seqcopy.Reader, seqcopy.Writer, seqcopy.MapReader, seqcopy.MapWriter, seqcopy.Entry):
            for name, found in vars(of).items():
                if name.startswith("_") or not callable(found) or name in fixed | makes | numpy_only:
                    continue
                self.assertRegex(text, rf"\.{name}\(|\"{name}\(\)\"", f"{of.__name__}.{name}")


if __name__ == "__main__":
    unittest.main()
