"""Reads regions by the Python package, and writes what was read to others, which must be equal: `reads.py DIR`. `ci/header.sh` makes them:
`DIR/NAME.0` and so on, and the maps `DIR/NAME.map`; `PATH.py` has what was written."""

import os
import sys

import seqcopy

try:
    import numpy
except ImportError:
    numpy = None


def value(path, copy):
    reader = seqcopy.Reader(path)
    found = reader.read()
    with seqcopy.Writer.create(copy, reader.schema) as writer:
        writer.write(found)
        again = seqcopy.Reader(copy, reader.schema)
        # By their texts: a NaN does not equal itself.
        assert repr(again.read()) == repr(found), path
        if numpy is not None:
            array = reader.read_array()
            assert array.dtype.itemsize == reader.schema.size, path
            writer.write(array)
            assert again.read_bytes() == reader.read_bytes(), path
    return 1


def entries(path, copy):
    reader = seqcopy.MapReader(path)
    items = reader.items()
    with seqcopy.MapWriter.create(copy, reader.schema, 100) as writer:
        for key, found in items:
            assert repr(reader[key]) == repr(found), path
            writer[key] = found
    again = seqcopy.MapReader(copy, reader.schema)
    assert sorted(map(repr, again.items())) == sorted(map(repr, items)) != [], path
    return len(items)


def main():
    wrote = 0
    folder = sys.argv[1]
    for name in sorted(os.listdir(folder)):
        kind = name.rsplit(".", 1)[-1]
        path = os.path.join(folder, name)
        if kind.isdigit():
            wrote += value(path, path + ".py")
        elif kind == "map":
            wrote += entries(path, path + ".py")
    assert wrote > 0
    print(f"{wrote} values read and written, none of them wrong, {'with' if numpy else 'without'} NumPy")


main()
