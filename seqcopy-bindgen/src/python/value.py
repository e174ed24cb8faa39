def _fnv(data, start=0xCBF29CE484222325):
    """FNV-1a, by which types are compared."""
    for byte in data:
        start = (start ^ byte) * 0x100000001B3 & _MASK
    return start


class Region(_Open):
    """A region with one value.

    with Region("/dev/shm/...") as region:
        value = region.read()

    With `by_fields=True` its type may have grown: it has the fields of this module's type as its first, with the same names, types and
    places. OtherType names the first field for which that is not so.
    """

    def __init__(self, path, form=plain, by_fields=False, mapped=True):
        self._by_fields = by_fields
        super().__init__(path, form, mapped)

    def _grown(self, file, at, length, fingerprint, size, align):
        other = functools.partial(super()._grown, file, at, length, fingerprint, size, align)
        if not self._by_fields or not FIELDS:
            return other()
        self._is_power(align, 1, 4096)
        if length > 1 << 18 or at >> 62:
            raise Damaged("the region's header is damaged: remove the file and have the writer create it again")
        schema = os.pread(file, length, at)
        if len(schema) != length:
            raise Damaged("the file is shorter than its region: remove it and have the writer create it again")
        if _fnv(schema[:27]) != SCHEMA_START:
            return other()
        number = lambda at: int.from_bytes(schema[at : at + 8], "little")
        # Size and alignment, the name of the type, the number of fields, the fields.
        at, fields = 51 + number(43) + 8, _fnv(b"")
        for name, length, expected in FIELDS:
            fields, at = _fnv(schema[at : at + length], fields), at + length
            if fields != expected:
                raise OtherType(f"the region has no field {name}, or another one, or has it in another place")
        if _fnv(schema) != fingerprint or (number(27), number(35)) != (size, align):
            raise Damaged("the region's schema is damaged: remove the file and have the writer create it again")
        # In a type that some program has, these fields would not be larger than all of it.
        if size < PAYLOAD_SIZE or align < PAYLOAD_ALIGN:
            return other()
        least, start = (16, 200) if size <= 48 else (64, 256)
        align = max(align, least)
        return -(-start // align) * align, -(-size // align) * align

    def _stride(self, buffers, slots):
        self._is_power(buffers, 1, 65536)
        return BUFFER_STRIDE

    def version(self):
        """How many values have been published."""
        return self._word[0] >> (self._buffers == 1)

    def try_read(self):
        """One attempt to read the value; wait-free. Raises Busy, Torn, Empty, Closed, or Invalid."""
        before, at = self._published(), self._first
        if self._buffers > 1:
            # The number of buffers is a power of two: whatever the count is, this is one of them.
            at += (before & (self._buffers - 1)) * self._buffer_stride
        elif before % 2:
            raise Busy("a write is in progress, or its writer died in the middle of it: try again while there is a writer")
        is_slice = isinstance(_VALUE, _Slice)
        data = _VALUE.copy(self._view, at) if is_slice else bytes(self._view[at : at + PAYLOAD_SIZE])
        self._check_word(before)
        _VALUE.check(data, 0)
        return self.form(data)

    def read(self):
        """Reads the value, in up to 10000 attempts."""
        return _repeat(self.try_read)


def _show(path):
    with Region(path) as region:
        print(repr(region.read()))


if __name__ == "__main__":
    sys.exit(_main(_show))
