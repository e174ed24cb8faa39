class Region(_Mapped):
    """A region with one value.

    with Region("/dev/shm/...") as region:
        value = region.read()
    """

    def _stride(self, buffers, slots):
        self._is_power(buffers, 1, 65536)
        return BUFFER_STRIDE

    def version(self):
        """How many values have been published."""
        return self._word[0] >> (self._buffers == 1)

    def try_read(self):
        """One attempt to read the value; wait-free. Raises Busy, Torn, Empty, Closed, or Invalid."""
        before, at = self._published(), BUFFER_OFFSET
        if self._buffers > 1:
            # The number of buffers is a power of two: whatever the count is, this is one of them.
            at += (before & (self._buffers - 1)) * BUFFER_STRIDE
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
