def _fold(a, b):
    product = a * b
    return (product ^ product >> 64) & _MASK


def _hash(seed, key):
    """The hash of a key's bytes."""
    number = seed ^ len(key)
    for start in range(0, len(key), 8):
        word = key[start : start + 8]
        factor = 0xA0761D6478BD642F if len(word) == 8 else 0xE7037ED1A0B428DB
        number = _fold(number ^ int.from_bytes(word, "little"), factor)
    return _fold(number, 0xE7037ED1A0B428DB)


class Map(_Open):
    """A map. Keys are given as `plain` would show them; a struct may also be a tuple or a dict, an array of u8 a shorter text, which is
    followed by zeros. ValueError or OverflowError if a key can't be one of this map.

    with Map("/dev/shm/...") as map:
        value = map.get("a key")        # None if it has no entry
        for key, value in map.items():  # all of one generation
            ...
    """

    def _stride(self, buffers, slots):
        self._is_power(buffers, 2, 65536)
        self._is_power(slots, 8, 1 << 32)
        return -(-(TABLE_HEADER + slots * PAYLOAD_SIZE) // TABLE_HEADER) * TABLE_HEADER

    def generation(self):
        """The number of the newest generation."""
        return self._word[0]

    def view(self):
        """The newest generation: a view into the past as soon as the writer commits the next."""
        return View(self)

    def get(self, key, default=None):
        """The value of a key in the newest generation, in up to 10000 attempts."""
        data = _key(key)
        return _repeat(lambda: View(self)._get(data, default))

    def items(self):
        """All entries of one generation as a list, in no particular order, in up to 10000 attempts."""
        return _repeat(lambda: list(View(self).items()))


def _key(key):
    data = _KEY.put(key)
    try:
        _KEY.check(data, 0)
    except Invalid as error:
        raise ValueError(f"{key!r} is not a key of this map: {error}") from None
    return data


class View:
    """One generation of a map. Its methods raise Torn once it can't be read any more: then a new view is needed."""

    def __init__(self, map):
        self._map = map
        self.generation = map._published()
        self._table = BUFFER_OFFSET + (self.generation & (map._buffers - 1)) * map._buffer_stride + TABLE_HEADER

    def _slots(self, first, count):
        """Yields copies of slots from one on, as bytes that are of this generation, and where each begins."""
        map, run = self._map, max(1, (1 << 16) // PAYLOAD_SIZE)
        slot, end, some = first, first + count, min(16, run)
        while slot < end:
            # Up to the end of the table, where it goes on at its beginning. The number of slots is a power of two.
            start = slot & (map._slots - 1)
            number = min(some, map._slots - start, end - slot)
            at = self._table + start * PAYLOAD_SIZE
            data = bytes(map._view[at : at + number * PAYLOAD_SIZE])
            map._check_word(self.generation)
            yield from ((data, place) for place in range(0, len(data), PAYLOAD_SIZE))
            slot, some = slot + number, run

    def get(self, key, default=None):
        """The value of a key, or `default` if it has no entry."""
        return self._get(_key(key), default)

    def _get(self, key, default):
        map = self._map
        for data, at in self._slots(_hash(map._seed, key) & (map._slots - 1), map._slots):
            if not any(data[at : at + 8]):
                return default
            if data[at + KEY_OFFSET : at + KEY_OFFSET + len(key)] == key:
                return map.form(_value(data, at))
        return default

    def items(self):
        """An iterator over all entries, in no particular order. After Invalid it goes on with the next entry."""
        return _Items(self)


def _value(data, at):
    data = data[at + VALUE_OFFSET : at + VALUE_OFFSET + _VALUE.size]
    _VALUE.check(data, 0)
    return data


class _Items:
    def __init__(self, view):
        self._form, self._slots = view._map.form, view._slots(0, view._map._slots)

    def __iter__(self):
        return self

    def __next__(self):
        for data, at in self._slots:
            if any(data[at : at + 8]):
                key = data[at + KEY_OFFSET : at + KEY_OFFSET + _KEY.size]
                _KEY.check(key, 0)
                return _KEY.plain(key, 0), self._form(_value(data, at))
        raise StopIteration


def _show(path):
    with Map(path) as map:
        for key, value in map.items():
            print(f"{key!r}: {value!r}")


if __name__ == "__main__":
    sys.exit(_main(_show))
