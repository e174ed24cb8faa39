"""As library.c, by the Python package."""

import sys

import seqcopy

CAPACITY, KEYS = 50, 8
BEAT = {
    "odd": "bool",
    "n": "u64",
    "words": "[u64; 12]",
    "name": "SeqStr<6>",
    "side": "SeqOption<u32>",
}
TABLE = seqcopy.Schema.map("u32", {"odd": "bool", "n": "u64"}, name="Entry")


def beat(n):
    return {"odd": n % 2 == 1, "n": n, "words": [n] * 12, "name": "beat", "side": n % (1 << 32) if n % 2 else None}


def numbers(first, last):
    n = first
    while last == 0 or n <= last:
        yield n
        n += 1


def write(kind, path, last):
    if kind == "value":
        writer = seqcopy.Writer.open_or_create(path, BEAT, name="Beat")
        publish = lambda n: writer.write(beat(n))
        newest = lambda: writer.read()["n"]
    elif kind == "slice":
        writer = seqcopy.Writer.open_or_create(path, seqcopy.Schema.slice("u64", CAPACITY))
        publish = lambda n: writer.write([n] * (1 + n % CAPACITY))
        newest = lambda: writer.read()[0]
    else:
        writer = seqcopy.MapWriter.open_or_create(path, TABLE, 2 * KEYS)

        def publish(n):
            with writer.batch():
                for key in range(KEYS):
                    writer[key] = {"odd": n % 2 == 1, "n": n}

        newest = lambda: writer.get(0, {"n": 0})["n"]
    try:
        first = newest() + 1
    except (seqcopy.NoValue, IndexError):
        first = 1
    for n in numbers(first, last):
        publish(n)
        if n == first:
            print("ready", flush=True)
        if n % 16 == 0 or n == last:
            writer.wake()
    writer.release()


def read(kind, path, last):
    reads = torn = invalid = back = newest = 0
    reader = seqcopy.MapReader(path, TABLE) if kind == "map" else seqcopy.Reader(path)
    while newest < last:
        try:
            if kind == "value":
                value = reader.read()
                n, is_whole = value["n"], value == beat(value["n"])
            elif kind == "slice":
                value = reader.read()
                n, is_whole = value[0], value == [value[0]] * (1 + value[0] % CAPACITY)
            else:
                value = dict(reader.items())
                n = value[0]["n"] if value else 0
                is_whole = value == {key: {"odd": n % 2 == 1, "n": n} for key in range(KEYS)} or not value
        except seqcopy.NoValue:
            continue
        except seqcopy.Invalid:
            invalid += 1
            continue
        reads += 1
        torn += not is_whole
        back += n < newest
        newest = n
    print(f"torn {torn} invalid {invalid} back {back}, {reads} reads")


if __name__ == "__main__":
    role, kind, path, last = sys.argv[1:]
    (write if role == "write" else read)(kind, path, int(last))
