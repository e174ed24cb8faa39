"""Reads a region while another process writes: `reads.py PATH N CHANGES` goes on until N reads were whole and CHANGES of them new.

In each value every part follows from its number. Prints the reads, the attempts that failed, the changes, and whether NumPy is there.
"""

import sys

import quote


def check(value):
    number = value.number
    if (
        value.odd != (number % 2 == 1)
        or value.list != (number % 2**32,) * 100
        or any((part.tag, part.wide) != (number % 256, number) for part in value.parts)
        or value.half != (number // 2 % 2**32 if number % 2 else None)
        or value.last != 2**64 - 1 - number
    ):
        sys.exit(f"not a value that was written: {value}")


def main():
    path, wanted, wanted_changes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    reads = failed = changes = newest = 0
    with quote.Region(path) as region, quote.Region(path, quote.structured) as structured:
        arrays = quote.Region(path, quote.array) if quote.numpy else None
        unmapped = quote.Region(path, mapped=False)
        while reads < wanted or changes < wanted_changes:
            try:
                value = region.try_read()
            except (quote.Torn, quote.Busy):
                failed += 1
                continue
            check(value)
            if value.number < newest:
                sys.exit(f"{value.number} after {newest}")
            reads += 1
            changes += value.number != newest
            newest = value.number
            if reads % 100 == 0:
                # Without mapping the file; and the other forms, of values of their own.
                check(unmapped.read())
                other = structured.read()
                if (other.last, other.list[99]) != (2**64 - 1 - other.number, other.number % 2**32):
                    sys.exit("not a value that was written, as a structure")
                if arrays:
                    other = arrays.read()
                    number = int(other["number"])
                    if int(other["last"]) != 2**64 - 1 - number or set(other["list"].tolist()) != {number % 2**32}:
                        sys.exit("not a value that was written, as an array")
        if region.version() < changes:
            sys.exit("fewer values than were read")
    print(reads, failed, changes, "with" if quote.numpy else "without")


main()
