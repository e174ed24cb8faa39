"""Opens copies of a region whose headers were damaged, and whose files were cut off: `headers.py MODULE PATH COPY`.

Each must be refused by an exception of the module with one line, or be read if the damage is in bytes that a reader does not use. Prints
how many were refused, and how many read.
"""

import importlib
import struct
import sys


def main():
    module = importlib.import_module(sys.argv[1])
    kind = module.Region if hasattr(module, "Region") else module.Map
    with open(sys.argv[2], "rb") as file:
        good = file.read()
    # The time of creation, unless it is none; the seed of a map.
    unused = set(range(96, 108)) | (set(range(120, 128)) if kind.__name__ == "Map" else set())
    refused = read = 0

    def look(data, may_open):
        nonlocal refused, read
        with open(sys.argv[3], "wb") as file:
            file.write(data)
        try:
            with kind(sys.argv[3]) as region:
                if kind.__name__ == "Map":
                    region.items()
                else:
                    region.read()
        except module.Error as error:
            if "\n" in str(error) or not str(error):
                sys.exit(f"not one line: {error}")
            refused += 1
            return
        if not may_open:
            sys.exit(f"opened: {data[:128].hex()}")
        read += 1

    # And the state, which lies behind it.
    for at in range(132):
        for bits in (1, 2, 0x41, 0x80, 0xFF):
            data = bytearray(good)
            data[at] ^= bits
            look(data, at in unused)
    for at in range(8, 128, 4):
        for number in (0, 1, 3, 7, 24, 2**31, 2**32 - 1):
            data = bytearray(good)
            data[at : at + 4] = number.to_bytes(4, sys.byteorder)
            look(data, at in unused or data == good)
    # Numbers of buffers that are not a power of two, or too few, where all offsets and the file agree with them.
    first, stride, behind = struct.unpack_from("=QQQ", good, 48)
    for buffers in (0, 3, 6) + ((1,) if kind.__name__ == "Map" else ()):
        end = first + buffers * stride
        data = bytearray(good[:first] + (good[first:behind] * 3)[: buffers * stride] + good[behind:])
        data[24:32], data[64:72] = struct.pack("=Q", end + len(good) - behind), struct.pack("=Q", end)
        data[44:48] = struct.pack("=I", buffers)
        look(data, False)
    for end in (0, 1, 8, 127, 128, 200, len(good) - 1):
        look(good[:end], False)
    look(good, True)
    print(refused, read)


main()
