"""Looks up keys in a map of devices: `map_finds.py PATH COUNT`; a third of the keys below COUNT are not there.

Prints how many were found, absent, and invalid, and how many valid entries an iteration has.
"""

import sys

import devices


def main():
    found = absent = invalid = entries = 0
    with devices.Map(sys.argv[1]) as map:
        for number in range(int(sys.argv[2])):
            try:
                device = map.get(f"key {number:09}")
            except devices.Invalid:
                invalid += 1
                continue
            if device is None:
                absent += 1
            elif device != (7 * number, number, True):
                sys.exit(f"{number}: {device}")
            else:
                found += 1
        items = map.view().items()
        while True:
            try:
                key, device = next(items)
            except devices.Invalid:
                continue
            except StopIteration:
                break
            if device.number != 7 * int(key[4:]):
                sys.exit(f"{key}: {device}")
            entries += 1
        for bad in (7, "a text that is too long", b"", [1] * 12, [256] * 13):
            try:
                found += map.get(bad) is not None
            except (ValueError, OverflowError):
                pass
    print(found, absent, invalid, entries)


main()
