"""Reads a region of a u64 while its word is changed at each fence of the read: `interleavings.py PATH`.

A fence stands between the two loads of the word and the copy, so a change there is one by a writer on another processor.
"""

import os
import struct
import sys

import number

OPEN, CLOSED = 1, 2


def main():
    file = os.open(sys.argv[1], os.O_RDWR)
    region = number.Region(sys.argv[1])
    buffers = region._buffers
    for buffer in range(buffers):
        os.pwrite(file, struct.pack("=Q", buffer), number.BUFFER_OFFSET + buffer * number.BUFFER_STRIDE)

    def attempt(words, read=region.try_read):
        """The first word, and those that each fence brings; what a read says, and how many fences it had."""
        passed = 0

        def put(word):
            os.pwrite(file, struct.pack("=Q", word % 2**64), number.WORD_OFFSET)

        def fence():
            nonlocal passed
            passed += 1
            if passed < len(words):
                put(words[passed])

        number._fence = fence
        put(words[0])
        try:
            return read(), passed
        except number.Error as error:
            return type(error), passed

    def expect(words, what, fences, read=region.try_read):
        found = attempt(words, read)
        if found != (what, fences):
            sys.exit(f"{buffers} buffers, words {words}: {found}, expected {what} after {fences} fences")

    expect([0], number.Empty, 1)
    os.pwrite(file, struct.pack("=I", CLOSED), number.STATE_OFFSET)
    expect([0], number.Closed, 1)
    # What was published before stays readable.
    expect([4], 4 % buffers, 2)
    os.pwrite(file, struct.pack("=I", OPEN), number.STATE_OFFSET)
    for first in [1, 2, 3, 4, 7, 8, 2**63, 2**64 - 2, 2**64 - 1]:
        for more in range(-3, 20):
            # At the first fence the copy has not begun, at the second it is complete: neither may be a later version's.
            for place in (1, 2):
                words = [first] * place + [first + more]
                if (first + more) % 2**64 == 0:
                    continue
                if buffers == 1 and first % 2 != 0:
                    expect(words, number.Busy, 1)
                elif (more != 0) if buffers == 1 else not 0 <= more <= buffers - 2:
                    expect(words, number.Torn, 2)
                else:
                    expect(words, first % buffers, 2)

    # A read gives up after 10000 attempts.
    if buffers == 1:
        expect([1], number.Busy, 10000, region.read)
        expect([1, 1, 1, 2], 0, 5, region.read)
    else:
        words = [step * buffers + 1 for step in range(20001)]
        expect(words, number.Torn, 20000, region.read)
    for versions in (0, 1, 5):
        os.pwrite(file, struct.pack("=Q", versions << (buffers == 1)), number.WORD_OFFSET)
        if region.version() != versions:
            sys.exit(f"version {region.version()}, expected {versions}")
    region.close()
    os.close(file)


main()
