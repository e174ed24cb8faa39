"""What each module of tests has: a limit of time, after which it says where it waits, and nothing left at its end. And each event loop waits for no
more descriptors at the end of `asyncio.run` than at its beginning."""

import asyncio
import collections
import faulthandler
import gc
import os
import socket
import time
import unittest

_before = collections.Counter()


def _left():
    """What this process has that a test may forget to give back. (Elsewhere than on Linux nothing is counted.)"""
    all = collections.Counter()
    if not os.path.exists("/proc/self/maps"):
        return all
    for number in os.listdir("/proc/self/fd"):
        try:
            all["a descriptor of " + os.readlink(f"/proc/self/fd/{number}")] += 1
        except FileNotFoundError:
            pass  # The one by which the folder was read.
    all["a thread"] = len(os.listdir("/proc/self/task"))
    with open("/proc/self/maps") as maps:
        for line in maps:
            columns = line.split()
            if columns[1].endswith("s") and len(columns) > 5:
                all["a map of " + columns[5]] += 1
    return all


_run = asyncio.run


def _run_and_look(main, **how):
    async def looked_at():
        watched = lambda: set(asyncio.get_running_loop()._selector.get_map())
        before = watched()
        result = await main
        # What was suspended is closed by the loop.
        gc.collect()
        for _ in range(3):
            await asyncio.sleep(0)
        if watched() - before:
            raise AssertionError(f"the event loop still waits for the descriptors {watched() - before}")
        return result

    return _run(looked_at(), **how)


def setUpModule():
    global _before
    asyncio.run = _run_and_look
    faulthandler.dump_traceback_later(200, exit=True)
    _before = _left()


def tearDownModule():
    deadline = time.monotonic() + 1
    more = True
    while more and time.monotonic() < deadline:
        gc.collect()
        more = _left() - _before
        time.sleep(0.01 if more else 0)
    faulthandler.cancel_dump_traceback_later()
    if more:
        raise AssertionError("these tests have left " + ", ".join(f"{n} times {what}" for what, n in more.items()))


class Left(unittest.TestCase):
    def test_a_descriptor_that_a_loop_waits_for_is_seen(self):
        async def leave():
            left, right = socket.socketpair()
            self.addCleanup(left.close)
            self.addCleanup(right.close)
            asyncio.get_running_loop().add_reader(left, lambda: None)

        with self.assertRaisesRegex(AssertionError, "still waits for the descriptors"):
            _run_and_look(leave())

    def test_a_descriptor_is_seen(self):
        before = _left()
        with open(os.devnull):
            self.assertEqual(_left() - before, {"a descriptor of " + os.devnull: 1} if before else {})
        self.assertFalse(_left() - before)
