# Types. Each has `size`; `rules`: whether some bits are invalid; `check`, which raises Invalid; `plain`, the value at an offset of bytes
# that were checked; `put`, the bytes of a value; `ctype` and `dtype`.


class _Number:
    """An integer, of which 0 is a number, or "nothing" (None), or "invalid"."""

    def __init__(self, size, signed=False, zero="number"):
        self.size, self.signed, self.zero, self.rules = size, signed, zero, zero == "invalid"
        self.may_be_none = zero == "nothing"

    def number(self, data, at):
        return int.from_bytes(data[at : at + self.size], sys.byteorder, signed=self.signed)

    def check(self, data, at):
        if self.rules and not any(data[at : at + self.size]):
            raise Invalid(f"byte {at}: 0, where a number is never 0")

    def plain(self, data, at):
        number = self.number(data, at)
        return None if number == 0 and self.may_be_none else number

    def put(self, value):
        if value is None and self.may_be_none:
            value = 0
        elif isinstance(value, bool) or not isinstance(value, int) or (value == 0 and self.zero != "number"):
            raise ValueError(f"{value!r} where a number is wanted")
        return value.to_bytes(self.size, sys.byteorder, signed=self.signed)

    def ctype(self):
        if self.size == 16:
            return ctypes.c_uint8 * 16
        return getattr(ctypes, f"c_{'' if self.signed else 'u'}int{8 * self.size}")

    def dtype(self):
        return "V16" if self.size == 16 else f"={'i' if self.signed else 'u'}{self.size}"


class _Float:
    rules = may_be_none = False

    def __init__(self, size):
        self.size, self.code = size, {2: "e", 4: "f", 8: "d"}.get(size)

    def check(self, data, at):
        pass

    def plain(self, data, at):
        return struct.unpack_from(f"={self.code}", data, at)[0] if self.code else data[at : at + self.size]

    def put(self, value):
        raise ValueError("a key has no floating-point numbers")

    def ctype(self):
        return {4: ctypes.c_float, 8: ctypes.c_double}.get(self.size) or ctypes.c_uint8 * self.size

    def dtype(self):
        return f"=f{self.size}" if self.code else f"V{self.size}"


class _Bool:
    size, rules, may_be_none = 1, True, False

    def check(self, data, at):
        if data[at] > 1:
            raise Invalid(f"byte {at}: {data[at]}, where a bool is 0 or 1")

    def plain(self, data, at):
        return data[at] == 1

    def put(self, value):
        if not isinstance(value, bool):
            raise ValueError(f"{value!r} where True or False is wanted")
        return bytes([value])

    def ctype(self):
        return ctypes.c_bool

    def dtype(self):
        return "?"


class _Char:
    size, rules, may_be_none = 4, True, False

    def check(self, data, at):
        number = int.from_bytes(data[at : at + 4], sys.byteorder)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise Invalid(f"byte {at}: {number:#x} is not a valid character")

    def plain(self, data, at):
        return chr(int.from_bytes(data[at : at + 4], sys.byteorder))

    def put(self, value):
        if not isinstance(value, str) or len(value) != 1:
            raise ValueError(f"{value!r} where one character is wanted")
        return ord(value).to_bytes(4, sys.byteorder)

    def ctype(self):
        return ctypes.c_uint32

    def dtype(self):
        return "=u4"


class _Raw:
    """Bytes of which nothing else is known; `skipped` if the writer does not publish them."""

    rules = may_be_none = False

    def __init__(self, size, skipped=False):
        self.size, self.skipped = size, skipped

    def check(self, data, at):
        pass

    def plain(self, data, at):
        return None if self.skipped else data[at : at + self.size]

    def put(self, value):
        if not isinstance(value, bytes) or len(value) != self.size:
            raise ValueError(f"{value!r} where {self.size} bytes are wanted")
        return value

    def ctype(self):
        return ctypes.c_uint8 * self.size

    def dtype(self):
        return f"V{self.size}"


class _Array:
    may_be_none = False

    def __init__(self, element, length):
        self.element, self.length, self.size = element, length, element.size * length
        self.rules = element.rules and self.size > 0
        self.code = None
        if isinstance(element, _Float):
            self.code = element.code
        elif isinstance(element, _Number) and element.zero == "number" and element.size <= 8:
            self.code = " bh i   q"[element.size] if element.signed else " BH I   Q"[element.size]

    def check(self, data, at, length=None):
        length = self.length if length is None else length
        end = at + length * self.element.size
        if self.rules and isinstance(self.element, _Bool) and not data[at:end].translate(None, b"\0\1"):
            return
        if self.rules:
            for place in range(at, end, self.element.size):
                self.element.check(data, place)

    def plain(self, data, at, length=None):
        length = self.length if length is None else length
        if self.element.size == 0:
            return ()
        if self.code == "B":
            return data[at : at + length]
        if self.code:
            return struct.unpack_from(f"={length}{self.code}", data, at)
        return tuple(self.element.plain(data, at + i * self.element.size) for i in range(length))

    def put(self, value, may_be_shorter=False):
        if self.code == "B" and isinstance(value, (str, bytes)):
            # As `seqcopy show --key` has it: a text with zeros after it.
            value, may_be_shorter = value.encode() if isinstance(value, str) else value, True
        if not isinstance(value, (bytes, tuple, list)) or len(value) > self.length:
            raise ValueError(f"{value!r} where {self.length} elements are wanted")
        if len(value) < self.length and not may_be_shorter:
            raise ValueError(f"{len(value)} elements where {self.length} are wanted")
        return b"".join(map(self.element.put, value)).ljust(self.size, b"\0")

    def ctype(self):
        return self.element.ctype() * self.length if self.size else ctypes.c_uint8 * 0

    def dtype(self):
        return numpy.dtype((self.element.dtype(), (self.length,))) if self.size else "V0"


def _overlay(base, name, size, parts):
    """A ctypes structure, or a union, of parts (name, offset, type), of which those without bytes are left out."""
    parts = sorted((part for part in parts if part[2].size), key=lambda part: part[1])
    if base is ctypes.Union:
        fields = [("_bytes", ctypes.c_uint8 * size)]
    else:
        fields = []
    end = 0
    for part, offset, type_ in parts:
        if offset > end:
            fields.append((f"_padding{end}", ctypes.c_uint8 * (offset - end)))
        # Names that Python and ctypes have a use for begin with an underscore.
        fields.append((f"field{part}" if part.startswith("_") or part.isdigit() else part, type_.ctype()))
        end = offset + (type_.size if base is ctypes.Structure else 0)
    if base is ctypes.Structure and size > end:
        fields.append((f"_padding{end}", ctypes.c_uint8 * (size - end)))
    return type(name, (base,), {"_pack_": 1, "_layout_": "ms", "_fields_": fields})


def _record(size, parts):
    parts = [part for part in parts if part[2].size]
    names, offsets = [part[0] for part in parts], [part[1] for part in parts]
    formats = [part[2].dtype() for part in parts]
    return numpy.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


class _Struct:
    def __init__(self, name, size, fields):
        self.name, self.size, self.fields = name, size, fields
        self.rules = any(type_.rules for _, _, type_ in fields)
        self.read = [field for field in fields if not getattr(field[2], "skipped", False)]
        names = [field[0] for field in self.read]
        self.is_tuple = bool(names) and names == [str(i) for i in range(len(names))]
        self.may_be_none = self.is_tuple and len(names) == 1 and self.read[0][2].may_be_none
        shown = name if name.isidentifier() and not keyword.iskeyword(name) else "Fields"
        self.make = tuple if self.is_tuple else collections.namedtuple(shown, names, rename=True)._make

    def check(self, data, at):
        for _, offset, type_ in self.fields:
            if type_.rules:
                type_.check(data, at + offset)

    def plain(self, data, at):
        values = self.make([type_.plain(data, at + offset) for _, offset, type_ in self.read])
        return values[0] if self.is_tuple and len(values) == 1 else values

    def put(self, value):
        if self.is_tuple and len(self.fields) == 1:
            value = (value,)
        if isinstance(value, dict):
            if set(value) != {field[0] for field in self.fields}:
                raise ValueError(f"{value!r} where the fields {', '.join(field[0] for field in self.fields)} are wanted")
            value = [value[field[0]] for field in self.fields]
        if not isinstance(value, (tuple, list)) or len(value) != len(self.fields):
            raise ValueError(f"{value!r} where {len(self.fields)} fields are wanted")
        out = bytearray(self.size)
        for (_, offset, type_), part in zip(self.fields, value):
            out[offset : offset + type_.size] = type_.put(part)
        return bytes(out)

    def ctype(self):
        return _overlay(ctypes.Structure, self.name, self.size, self.fields)

    def dtype(self):
        return _record(self.size, self.fields)


class _Text(_Struct):
    """A SeqStr: its length, and its bytes from `start` on."""

    def __init__(self, name, size, fields):
        super().__init__(name, size, fields)
        (_, _, self.length), (_, self.start, self.content) = fields
        self.rules = True

    def text(self, data, at):
        length = self.length.number(data, at)
        if length > self.content.size:
            raise Invalid(f"byte {at}: a length of {length}, where there is space for {self.content.size}")
        return data[at + self.start : at + self.start + length]

    def check(self, data, at):
        try:
            self.text(data, at).decode()
        except UnicodeDecodeError as error:
            raise Invalid(f"byte {at}: the text is not UTF-8: {error.reason}") from None

    def plain(self, data, at):
        return self.text(data, at).decode()

    def put(self, value):
        if not isinstance(value, str) or len(value.encode()) > self.content.size:
            raise ValueError(f"{value!r} where a text of at most {self.content.size} bytes is wanted")
        return (self.length.put(len(value.encode())).ljust(self.start, b"\0") + value.encode()).ljust(self.size, b"\0")


class _List(_Struct):
    """A SeqVec: its length, and its elements from `start` on."""

    def __init__(self, name, size, fields):
        super().__init__(name, size, fields)
        (_, _, self.length), (_, self.start, self.content) = fields
        self.rules = True

    def check(self, data, at):
        length = self.length.number(data, at)
        if length > self.content.length:
            raise Invalid(f"byte {at}: a length of {length}, where there is space for {self.content.length}")
        self.content.check(data, at + self.start, self.used(length))

    def used(self, length):
        """How many elements are part of the value: of a SeqVec all."""
        return self.content.length

    def plain(self, data, at):
        return self.content.plain(data, at + self.start, self.length.number(data, at))

    def put(self, value):
        content = self.content.put(value, may_be_shorter=True)
        return (self.length.put(len(value)).ljust(self.start, b"\0") + content).ljust(self.size, b"\0")


class _Slice(_List):
    """A slice: the elements past its length are any bytes."""

    def used(self, length):
        return length

    def copy(self, view, at):
        """A copy of the length and of the elements in use, followed by zeros."""
        length = bytes(view[at : at + 4])
        number, start = self.length.number(length, 0), at + self.start
        # A length that is not valid is refused later.
        end = start + (number * self.content.element.size if number <= self.content.length else 0)
        return (length.ljust(self.start, b"\0") + bytes(view[start:end])).ljust(self.size, b"\0")


class _Tags(_Number):
    """An enum without fields: the names of its variants by their numbers."""

    def __init__(self, size, signed, variants):
        super().__init__(size, signed)
        self.variants, self.rules = variants, size > 2 or len(variants) < 1 << (8 * size)

    def check(self, data, at):
        number = self.number(data, at)
        if number not in self.variants:
            raise Invalid(f"byte {at}: {number} is not a valid variant")

    def plain(self, data, at):
        return self.variants[self.number(data, at)]

    def put(self, value):
        for number, name in self.variants.items():
            if name == value:
                return number.to_bytes(self.size, sys.byteorder, signed=self.signed)
        raise ValueError(f"{value!r} where the name of a variant is wanted")


class _Enum:
    """An enum with fields: its tag, and by the tag the names and the fields of variants."""

    rules = True

    def __init__(self, name, size, tag, variants, is_option=False):
        self.name, self.size, self.tag, self.may_be_none = name, size, tag, is_option
        self.variants = {number: (name, _Struct(name, size, fields)) for number, (name, fields) in variants.items()}
        self.is_nested = is_option and any(type_.may_be_none for _, s in self.variants.values() for _, _, type_ in s.fields)

    def check(self, data, at):
        number = self.tag.number(data, at)
        if number not in self.variants:
            raise Invalid(f"byte {at}: {number} is not a valid variant")
        self.variants[number][1].check(data, at)

    def plain(self, data, at):
        name, fields = self.variants[self.tag.number(data, at)]
        value = fields.plain(data, at)
        if not self.may_be_none:
            return (name, value)
        if not fields.fields:
            return None
        return (value,) if self.is_nested else value

    def put(self, value):
        raise ValueError("a key has no enum with fields")

    def parts(self):
        parts, names = [("tag", 0, self.tag)], {"tag"}
        for name, fields in self.variants.values():
            while name in names:
                name += "_"
            names.add(name)
            if any(type_.size for _, _, type_ in fields.fields):
                parts.append((name, 0, fields))
        return parts

    def ctype(self):
        return _overlay(ctypes.Union, self.name, self.size, self.parts())

    def dtype(self):
        return _record(self.size, self.parts())
