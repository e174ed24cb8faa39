_MASK = (1 << 64) - 1
_LOCK = threading.Lock()
# x86-64 keeps loads in their order.
_NEEDS_LOCK = {"x86_64": False, "AMD64": False, "aarch64": True, "arm64": True}.get(platform.machine())


def _fence():
    """Between two loads: see the promise above."""
    if _NEEDS_LOCK:
        with _LOCK:
            pass
        with _LOCK:
            pass


def plain(data):
    """A value, of the bytes of a copy that was checked, in Python's own types."""
    return _VALUE.plain(data, 0)


@functools.lru_cache(maxsize=None)
def structure():
    """The type of a value for ctypes."""
    return _VALUE.ctype()


def structured(data):
    """A value as a ctypes structure."""
    return structure().from_buffer_copy(data)


@functools.lru_cache(maxsize=None)
def dtype():
    """The type of a value for NumPy."""
    if numpy is None:
        raise RuntimeError("NumPy is not installed: read without it, by `plain` or `structured`")
    return numpy.dtype(_VALUE.dtype())


def array(data):
    """A value as NumPy has it: a scalar, a record, or an array; with memory of its own."""
    return numpy.frombuffer(data, dtype(), 1)[0].copy() if dtype().itemsize else numpy.zeros((), dtype())


def _open(path):
    # O_NONBLOCK: a path to a pipe must not make this program wait for its other end.
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


def writer_is_alive(path):
    """Whether a process holds the lock of the region's writer; the system releases it when the writer ends, however it ends."""
    if sys.platform != "linux":
        raise OSError("the lock of a writer can be asked for on Linux only")
    import fcntl

    file = _open(path)
    try:
        # F_OFD_GETLK, with the `struct flock` of 64-bit Linux: a lock for reading would conflict with the writer's.
        lock = fcntl.fcntl(file, 36, struct.pack("hh4xqqi4x", fcntl.F_RDLCK, os.SEEK_SET, 0, 1, 0))
    finally:
        os.close(file)
    return struct.unpack_from("h", lock)[0] != fcntl.F_UNLCK


class _Reads:
    """What a `memoryview` of the mapping would be, by system calls: a file that was truncated is an error then, and no signal."""

    def __init__(self, file):
        self._file = file

    def __getitem__(self, span):
        data = os.pread(self._file, span.stop - span.start, span.start)
        if len(data) != span.stop - span.start:
            raise Truncated("the file was truncated: have the region created again, and open it again")
        return data

    def release(self):
        pass


class _OneNumber:
    """The number in that place, as the only element."""

    def __init__(self, view, at, size):
        self._view, self._span = view, slice(at, at + size)

    def __getitem__(self, _):
        return int.from_bytes(self._view[self._span], sys.byteorder)

    def release(self):
        pass


class _Open:
    """A region that is open; `path` may also be a descriptor, which may be closed afterwards."""

    def __init__(self, path, form=plain, mapped=True):
        self.form = form
        self._map = self._view = self._file = None
        if _NEEDS_LOCK is None or struct.calcsize("P") != 8:
            raise Error(f"no order of loads is known for {platform.machine()} with pointers of {struct.calcsize('P')} bytes")
        self._file = file = os.dup(path) if isinstance(path, int) else _open(path)
        # For a program that leaves its regions to the collector.
        self._close_file = weakref.finalize(self, os.close, file)
        try:
            status = os.fstat(file)
            header = os.pread(file, 128, 0) if stat.S_ISREG(status.st_mode) else b""
            size = self._check_header(header, file)
            if status.st_size < size:
                raise Damaged("the file is shorter than its region: remove it and have the writer create it again")
            if mapped:
                try:
                    self._map = mmap.mmap(file, size, access=mmap.ACCESS_READ)
                except ValueError:
                    raise Damaged("the file was truncated while it was being opened") from None
                self._view = memoryview(self._map)
                # Elements of these are single loads.
                self._word = self._view[WORD_OFFSET : WORD_OFFSET + 8].cast("Q")
                self._state = self._view[STATE_OFFSET : STATE_OFFSET + 4].cast("I")
            else:
                self._view = _Reads(file)
                self._word = _OneNumber(self._view, WORD_OFFSET, 8)
                self._state = _OneNumber(self._view, STATE_OFFSET, 4)
            state = self._state[0]
        except BaseException:
            self.close()
            raise
        if state not in (1, 2):
            self.close()
            raise Damaged("the region's state is neither open nor closed: remove the file and have the writer create it again")

    def _check_header(self, header, file):
        """Checks a private copy: all offsets must be those that follow from the type. Returns the size of the region."""
        if len(header) != 128 or header[:8] != b"seqcopy\x01":
            raise Foreign("the file is not a region")
        # Before any number that is wider than a byte.
        if header[12] != {"little": 1, "big": 2}[sys.byteorder] or header[13] != 8:
            raise Foreign("the region has another byte order or pointer width")
        (form, zeros, fingerprint, size, payload_size, payload_align, buffers, first, stride, schema, schema_len, word, state, seconds, nanos) = (
            struct.unpack_from("=8xI2xHQQQIIQQQQQQQI", header)
        )
        more_zeros, slots, seed = struct.unpack_from("=IQQ", header, 108)
        if form != FORMAT:
            what = {1: "one value", 2: "a map"}.get(form, "an unknown format")
            raise Foreign(f"the region has {what}, and this module reads {'one value' if FORMAT == 1 else 'a map'}")
        expected_first, expected_len = BUFFER_OFFSET, SCHEMA_LEN
        if (fingerprint, payload_size, payload_align) == (FINGERPRINT, PAYLOAD_SIZE, PAYLOAD_ALIGN):
            expected_stride = self._stride(buffers, slots)
        else:
            expected_first, expected_stride = self._grown(file, schema, schema_len, fingerprint, payload_size, payload_align)
            self._stride(buffers, slots)
            expected_len = schema_len
        end = expected_first + buffers * expected_stride
        found = (size, first, stride, schema, schema_len, word, state)
        if found != (end + expected_len, expected_first, expected_stride, end, expected_len, WORD_OFFSET, STATE_OFFSET) or end >> 62:
            raise Damaged("the region's header is damaged: remove the file and have the writer create it again")
        # Reserved bytes; the time of creation; what only maps have.
        if zeros or more_zeros or seconds >> 63 or nanos >= 10**9 or (FORMAT == 1 and (slots or seed)):
            raise Damaged("the region's header is damaged: remove the file and have the writer create it again")
        self._buffers, self._first, self._buffer_stride, self._slots, self._seed = buffers, first, stride, slots, seed
        return size

    def _grown(self, file, at, length, fingerprint, size, align):
        """Where buffers of another type begin, and how far they are apart, if its values can be read."""
        raise OtherType("the region holds another type: generate this module again, by `seqcopy header --lang python`")

    @staticmethod
    def _is_power(number, least, most):
        if not least <= number <= most or number & (number - 1):
            raise Damaged("the region's header is damaged: remove the file and have the writer create it again")

    def close(self):
        """Closes the file, and unmaps it. Nothing can be read any more."""
        if self._view is not None:
            for view in (self._word, self._state, self._view):
                view.release()
            if self._map is not None:
                self._map.close()
            self._map = self._view = None
        if self._file is not None:
            self._close_file()
            self._file = None

    def writer_is_alive(self):
        """As the function of this name, of the region that is open, also where its path has become that of another."""
        if self._file is None:
            raise ValueError("the region is closed")
        # Opened again: to the description that holds the lock, a descriptor that was received from the writer, it is free.
        return writer_is_alive(f"/proc/self/fd/{self._file}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _published(self):
        """The word, and after it a fence, which pairs with the store that published the value."""
        word = self._word[0]
        _fence()
        if word == 0:
            if self._state[0] == 2:
                raise Closed("the writer closed the region")
            raise Empty("nothing has been written yet")
        return word

    def _check_word(self, before):
        """Behind a copy: whether it is what the word named before."""
        # Pairs with the fence of a writer whose stores were seen: then the word that it found, or left, before is seen as well.
        _fence()
        after = self._word[0]
        # A buffer of several is written again only after that many more values were published.
        if after != before if self._buffers == 1 else (after - before) & _MASK > self._buffers - 2:
            raise Torn("it was written while it was being read: try again")


def _repeat(attempt):
    """Up to 10000 attempts; from the 65th on, other threads get their turn after each."""
    for number in range(9999):
        try:
            return attempt()
        except (Torn, Busy):
            if number >= 64:
                time.sleep(0)
    return attempt()


def _line(text):
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text))


def _main(show):
    if len(sys.argv) != 2:
        print(f"usage: {_line(sys.argv[0])} PATH", file=sys.stderr)
        return 2
    try:
        show(sys.argv[1])
    except (Error, OSError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        print(f"{_line(sys.argv[0])}: {_line(sys.argv[1])}: {_line(why)}", file=sys.stderr)
        return 1
    return 0
