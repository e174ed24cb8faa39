"""Reads regions by the modules of `seqcopy header --lang python`, and compares: `reads.py DIR MODULES`.

`MODULES/seqcopy_NAME.py` is for the regions `DIR/NAME.0` and so on, and `MODULES/seqcopy_NAME_map.py` for the map `DIR/NAME.map`; the
files next to them that end in `.image` have the bytes that a C program gets, which mean the same. `ci/header.sh` makes all of them.
"""

import ctypes
import importlib
import itertools
import os
import sys


def image_of(path):
    with open(path, "rb") as file:
        return file.read()


def check_types(module, value):
    """That ctypes and NumPy have types of the same size, into which the value goes."""
    assert ctypes.sizeof(module.structure()) == module._VALUE.size
    module.structured(value)
    if module.numpy:
        assert module.dtype().itemsize == module._VALUE.size
        module.array(value)


def check_map(module, path):
    entries = 0
    with module.Map(path) as map, module.Map(path, bytes) as raw:
        for number in itertools.count():
            if not os.path.exists(f"{path}.{number}.image"):
                break
            image = image_of(f"{path}.{number}.image")
            key = module._KEY.plain(image, module.KEY_OFFSET)
            value = image[module.VALUE_OFFSET : module.VALUE_OFFSET + module._VALUE.size]
            # By their texts: a NaN does not equal itself.
            assert repr(map.get(key)) == repr(module.plain(value)), (path, key)
            check_types(module, raw.get(key))
            entries += 1
        assert entries == len(map.items()) > 0, path
    return entries


def check_regions(module, path):
    for number in itertools.count():
        if not os.path.exists(f"{path}.{number}.image"):
            return number
        image = image_of(f"{path}.{number}.image")
        with module.Region(f"{path}.{number}") as region, module.Region(f"{path}.{number}", bytes) as raw:
            assert repr(region.read()) == repr(module.plain(image)), (path, number)
            check_types(module, raw.read())


def main():
    sys.path.insert(0, sys.argv[2])
    read, numpy = 0, "without NumPy"
    for file in sorted(os.listdir(sys.argv[2])):
        name = file.removesuffix(".py")
        if name == file:
            continue
        # Without the prefix, a type `stat` would be hidden by Python's own module.
        module = importlib.import_module(name)
        name = name.removeprefix("seqcopy_")
        numpy = "with NumPy" if module.numpy else numpy
        if hasattr(module, "Map"):
            read += check_map(module, f"{sys.argv[1]}/{name.removesuffix('_map')}.map")
        else:
            read += check_regions(module, f"{sys.argv[1]}/{name}")
    assert read > 0
    print(f"{read} values read, none of them wrong, {numpy}")


main()
