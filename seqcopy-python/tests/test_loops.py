"""Readers in event loops, in other processes and on the screen: descriptors, tasks, pickles, texts."""

import asyncio
import collections.abc
import contextlib
import copy
import gc
import os
import pickle
import select
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import seqcopy
from left import setUpModule, tearDownModule  # noqa: F401

QUOTE = seqcopy.Schema({"at": "u64", "bid": "f64"}, name="Quote")


def is_ready(notifier, timeout=0):
    return select.select([notifier], [], [], timeout)[0] == [notifier]


class Loops(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "region")

    def writer(self, name="region"):
        writer = seqcopy.Writer.create(os.path.join(self.folder.name, name), QUOTE)
        self.addCleanup(writer.release)
        return writer

    def write(self, writer, at):
        writer.write({"at": at, "bid": at / 2})
        writer.wake()

    def test_a_descriptor_tells_of_each_region_that_is_registered(self):
        writers = [self.writer("a"), self.writer("b")]
        readers = [seqcopy.Reader(os.path.join(self.folder.name, name)) for name in "ab"]
        notifier = seqcopy.Notifier()
        self.assertFalse(is_ready(notifier))
        for reader in readers:
            notifier.register(reader)
        self.assertFalse(is_ready(notifier, 0.05))
        for writer, reader in zip(writers, readers):
            self.write(writer, 3)
            self.assertTrue(is_ready(notifier, 5))
            notifier.clear()
            self.assertFalse(is_ready(notifier, 0.05))
            self.assertEqual(reader.read()["at"], 3)
        notifier.unregister(readers[0])
        self.write(writers[0], 4)
        self.assertFalse(is_ready(notifier, 0.05))
        with self.assertRaises(KeyError):
            notifier.unregister(readers[0])
        # Of a version that was known before, it tells at once.
        notifier.register(readers[0], 1)
        self.assertTrue(is_ready(notifier, 5))
        notifier.clear()
        writers[1].close()
        self.assertTrue(is_ready(notifier, 5))
        self.assertTrue(readers[1].is_closed)

    def test_a_map_is_registered_and_nothing_else(self):
        notifier, map_ = seqcopy.Notifier(), seqcopy.MapWriter.create(self.path, seqcopy.Schema.map("u32", "f64"), 4)
        self.addCleanup(map_.release)
        notifier.register(seqcopy.MapReader(self.path))
        # The notifier keeps the reader.
        gc.collect()
        self.assertFalse(is_ready(notifier, 0.05))
        map_[1] = 0.5
        map_.wake()
        self.assertTrue(is_ready(notifier, 5))
        for other in (None, map_, self.path, notifier):
            with self.assertRaisesRegex(TypeError, "Reader or a MapReader"):
                notifier.register(other)

    def test_a_region_that_is_reopened_is_registered_again(self):
        first = self.writer()
        reader, notifier = seqcopy.Reader(self.path), seqcopy.Notifier()
        notifier.register(reader)
        os.remove(self.path)
        second = self.writer()
        self.assertTrue(reader.reopen_if_removed())
        notifier.register(reader)
        notifier.clear()
        self.write(first, 1)
        self.assertFalse(is_ready(notifier, 0.05), "the old region is registered no more")
        self.write(second, 2)
        self.assertTrue(is_ready(notifier, 5))

    def test_in_a_fork_it_is_refused_and_another_one_works(self):
        writer = self.writer()
        reader, notifier = seqcopy.Reader(self.path), seqcopy.Notifier()
        notifier.register(reader)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                notifier.clear()
            except seqcopy.Error as error:
                own = seqcopy.Notifier()
                own.register(reader)
                os.kill(os.getppid(), 0)
                code = 0 if "fork" in str(error) and not is_ready(own) else 2
            os._exit(code)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.write(writer, 1)
        self.assertTrue(is_ready(notifier, 5))

    def test_tasks_that_wait_take_no_thread(self):
        writer, found = self.writer(), []

        async def first():
            async for value in seqcopy.Reader(self.path):
                found.append(value["at"])
                return

        async def main():
            before = threading.active_count()
            tasks = [asyncio.create_task(first()) for _ in range(50)]
            await asyncio.sleep(0.05)
            self.assertEqual(threading.active_count(), before, "a thread waits")
            self.write(writer, 7)
            for task in tasks:
                await asyncio.wait_for(task, 20)

        asyncio.run(main())
        self.assertEqual(found, [7] * 50)

    def test_a_busy_writer_leaves_the_loop_its_turns(self):
        self.write(self.writer(), 0)
        reader = seqcopy.Reader(self.path)
        os.remove(self.path)
        # Another process, which does not share this one's lock: there is something newer each time.
        source = f"import seqcopy, time; writer = seqcopy.Writer.create({self.path!r}, {{'at': 'u64', 'bid': 'f64'}}, name='Quote')\n"
        source += "value, until = {'at': 0, 'bid': 0.5}, time.monotonic() + 300\n"
        source += "while time.monotonic() < until:\n    value['at'] += 1\n    writer.write(value)"
        process = subprocess.Popen([sys.executable, "-c", source])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        while not reader.reopen_if_removed():
            time.sleep(0.01)

        async def main():
            values = ticks = last = before = 0

            async def tick():
                nonlocal ticks
                while True:
                    ticks += 1
                    await asyncio.sleep(0)

            task, end = asyncio.create_task(tick()), time.monotonic() + 20
            async for value in reader:
                self.assertGreater(value["at"], last)
                self.assertTrue(values == 0 or ticks > before, "two values came, and no other task had a turn")
                last, before = value["at"], ticks
                values += 1
                # A writer that has no turn is waited for, and does not tell: then few come.
                if values == 2000 or values > 1 and time.monotonic() > end:
                    break
            task.cancel()

        asyncio.run(main())

    def test_a_loop_follows_a_region_that_is_replaced(self):
        first, reader = self.writer(), seqcopy.Reader(self.path)
        self.write(first, 1)

        async def main():
            found, task = [], None

            async def follow():
                async for value in reader:
                    found.append(value["at"])

            task = asyncio.create_task(follow())
            while not found:
                await asyncio.sleep(0.01)
            os.remove(self.path)
            second = self.writer()
            self.assertTrue(reader.reopen_if_removed())
            # Its first version has the number of one that the task knows, and is another value. One after the other: a task that does not register
            # the new region looks at it twice a second.
            for at in range(2, 42):
                self.write(second, at)
                while found[-1] != at:
                    await asyncio.sleep(0.001)
            task.cancel()
            return found

        self.assertEqual(asyncio.run(asyncio.wait_for(main(), 10))[-1], 41)

    def test_readers_and_schemas_are_sent_to_other_processes(self):
        writer, reader = self.writer(), seqcopy.Reader(self.path)
        self.write(writer, 5)
        sent = pickle.dumps(reader)
        # As `multiprocessing` does it where it spawns.
        source = "import pickle, sys; print(pickle.load(sys.stdin.buffer).read()['at'])"
        self.assertEqual(subprocess.run([sys.executable, "-c", source], input=sent, stdout=subprocess.PIPE, check=True).stdout, b"5\n")
        self.assertEqual(pickle.loads(pickle.dumps(QUOTE)), QUOTE)
        self.assertEqual(pickle.loads(sent).read(), reader.read())
        # What is there by then has to be of the same type.
        os.remove(self.path)
        with self.assertRaises(FileNotFoundError):
            pickle.loads(sent)
        other = seqcopy.Writer.create(self.path, "u64")
        self.addCleanup(other.release)
        with self.assertRaises(seqcopy.OtherType):
            pickle.loads(sent)

    def test_a_map_is_a_mapping_and_a_dict_of_one_generation(self):
        with seqcopy.MapWriter.create(self.path, seqcopy.Schema.map("u32", "f64"), 8) as map_:
            reader = seqcopy.MapReader(self.path)
            self.assertIsInstance(reader, collections.abc.Mapping)
            self.assertEqual(reader.to_dict(), {})
            with map_.batch():
                map_[1], map_[2] = 0.5, 1.5
            self.assertEqual(reader.to_dict(), {1: 0.5, 2: 1.5})
            self.assertEqual(dict(reader), reader.to_dict())
            self.assertEqual(pickle.loads(pickle.dumps(reader)).to_dict(), reader.to_dict())

    def test_what_is_shown(self):
        writer, reader = self.writer(), seqcopy.Reader(self.path)
        self.write(writer, 1)
        self.assertEqual(repr(reader), f"<seqcopy.Reader of Quote at {self.path}, version 1, writer alive>")
        writer.release()
        self.assertIn("writer gone", repr(reader))
        seqcopy.Writer.take_over(self.path).close()
        self.assertIn("writer closed", repr(reader))
        os.makedirs(os.path.join(self.folder.name, "maps"))
        path = os.path.join(self.folder.name, "maps", "map")
        with seqcopy.MapWriter.create(path, seqcopy.Schema.map("u32", QUOTE), 8):
            self.assertEqual(repr(seqcopy.MapReader(path)), f"<seqcopy.MapReader of u32 to Quote at {path}, version 1, writer alive>")
        self.assertRegex(seqcopy.__version__, r"^\d+\.\d+\.\d+$")

    def test_a_writer_says_what_it_writes_and_is_not_pickled(self):
        map_path = self.path + ".map"
        table = (
            (seqcopy.Writer.open_or_create(self.path + ".value", QUOTE), f"Quote at {self.path}.value"),
            (seqcopy.Writer.create_memfd("u8"), "u8 without a path"),
            (seqcopy.MapWriter.create(map_path, seqcopy.Schema.map("u32", QUOTE), 10), f"u32 to Quote at {map_path}"),
        )
        for writer, what in table:
            with self.subTest(what):
                name, place = type(writer).__name__, what[what.rindex(" at ") + 1 :] if " at " in what else "without a path"
                version = writer.version if name == "Writer" else writer.generation
                self.assertEqual(repr(writer), f"<seqcopy.{name} of {what}, version {version}>")
                self.assertEqual(writer.schema.fields.get("key"), "u32" if name == "MapWriter" else None)
                self.assertTrue(writer.was_created)
                for pickled in (pickle.dumps, copy.copy):
                    with self.assertRaisesRegex(TypeError, "open it in the process that writes, by open_or_create"):
                        pickled(writer)
                writer.close()
                writer.close()
                self.assertEqual(repr(writer), f"<seqcopy.{name} {place}: the writer was closed>")

    def test_one_of_several_readers_is_waited_for(self):
        writers = [self.writer("a"), self.writer("b")]
        for writer in writers:
            self.write(writer, 1)
        table = seqcopy.MapWriter.create(os.path.join(self.folder.name, "map"), seqcopy.Schema.map("u32", "f64"), 8)
        self.addCleanup(table.release)
        readers = [seqcopy.Reader(os.path.join(self.folder.name, name)) for name in "ab"]
        prices = seqcopy.MapReader(os.path.join(self.folder.name, "map"))
        known = {readers[0]: 1, readers[1]: 1, prices: prices.generation}
        began = time.monotonic()
        self.assertEqual(seqcopy.wait_any(known, 0.05), [])
        self.assertEqual(seqcopy.wait_any({}, 0), [])
        self.assertGreater(time.monotonic() - began, 0.04)
        # What was written before the call is newer, too.
        self.write(writers[1], 2)
        self.assertEqual(seqcopy.wait_any(known), [readers[1]])
        known[readers[1]] = 2

        def later():
            time.sleep(0.05)
            table[1] = 0.5
            table.wake()

        thread = threading.Thread(target=later)
        thread.start()
        self.assertEqual(seqcopy.wait_any(known, 60), [prices])
        thread.join()
        known[prices] = prices.generation
        writers[0].close()
        self.assertEqual(seqcopy.wait_any(known, 60), [readers[0]])
        # Its version is 0 by then.
        self.assertEqual(seqcopy.wait_any({readers[0]: 0}, 1), [readers[0]])
        with self.assertRaisesRegex(TypeError, "expected a Reader or a MapReader"):
            seqcopy.wait_any({"a": 1}, 0)

    def test_a_loop_that_is_left_has_no_descriptor_any_more(self):
        """However it is left: by `break`, by an exception, or by the end of the region."""
        writer, reader = self.writer(), seqcopy.Reader(self.path)
        self.write(writer, 1)

        async def read(leave):
            values = aiter(reader)
            await anext(values)
            leave()
            with contextlib.suppress(StopAsyncIteration):
                await asyncio.wait_for(anext(values), 0.1)
            await values.aclose()

        async def main():
            def fails():
                raise LookupError

            for leave in (lambda: None, fails, writer.close):
                with contextlib.suppress(TimeoutError, LookupError):
                    await read(leave)

        # It looks what the loop waits for at its end (`left.py`).
        asyncio.run(main())

    def test_each_wait_ends_by_a_wake_up(self):
        """In a process of its own, where no look hides a wake-up that is lost."""
        program = os.path.join(os.path.dirname(__file__), "wakes.py")
        ran = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=120)
        self.assertEqual((ran.returncode, ran.stderr, ran.stdout), (0, "", "384 waits\n"))

    def test_what_changes_while_it_is_waited_for_is_not_missed(self):
        """Before the descriptor is cleared: then there is no other word of it."""
        writer, reader = self.writer(), seqcopy.Reader(self.path)
        self.write(writer, 1)
        test = self

        class Late:
            def __init__(self):
                self.notifier, self.times = notifier(), 0
                self.register, self.fileno = self.notifier.register, self.notifier.fileno

            def clear(self):
                self.times += 1
                if self.times == 1:
                    test.write(writer, 2)
                    select.select([self.notifier], [], [], 10)
                self.notifier.clear()

        notifier, seqcopy.Notifier = seqcopy.Notifier, Late
        began = time.monotonic()
        try:
            self.assertEqual(seqcopy.wait_any({reader: 1}, 5), [reader])
        finally:
            seqcopy.Notifier = notifier
        # Without a time it would wait forever.
        self.assertLess(time.monotonic() - began, 4)


if __name__ == "__main__":
    unittest.main()
