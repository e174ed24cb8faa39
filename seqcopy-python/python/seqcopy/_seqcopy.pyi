from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from os import PathLike
from types import GenericAlias
from typing import Any, Generic, Literal, Protocol, Self, final

from typing_extensions import TypeVar

__all__ = [
    "Closed",
    "Entry",
    "Error",
    "Full",
    "HasWriter",
    "Invalid",
    "MapReader",
    "MapWriter",
    "NoValue",
    "Notifier",
    "OtherType",
    "Reader",
    "Schema",
    "Writer",
    "survive_truncation",
]

__version__: str

_T = TypeVar("_T")
# Of what a reader reads, or a writer writes: `reader: Reader[Quote] = Reader(path)`. Nothing checks it but type checkers.
_K = TypeVar("_K", default=Any)
_V = TypeVar("_V", default=Any)
_Seen = TypeVar("_Seen", covariant=True)

# What `Schema` takes: a text such as "[f64; 3]", a dict of fields, a list of an enum's names, a numpy.dtype, a class of ctypes, a dataclass, a
# NamedTuple, a TypedDict, an Enum, bytes, or a Schema.
_Kind = Any
_Path = str | PathLike[str]
_WriterState = Literal["alive", "gone", "never", "orphaned", "held"]

class Error(Exception):
    """Why a region can't be opened, read or written."""
class NoValue(Error):
    """Nothing was written yet, or writes overlapped every attempt: try again."""
class Closed(Error):
    """The writer closed the region: there will be no more values."""
class Invalid(Error):
    """The bytes are not a value of the type."""
class OtherType(Error):
    """The region has another type, or no type that is known here."""
class HasWriter(Error):
    """Another process writes the region, or another writer of this one."""
class Full(Error):
    """The map, or the slice, has space for fewer."""

def survive_truncation() -> None:
    """From now on, a read of a region whose file was truncated raises `Error`, where it would end the process by SIGBUS;
    so does each write after the one that finds it. Call it after `faulthandler.enable()`.
    """
def _list(folders: list[_Path], all: bool) -> str: ...
def _only_wakes() -> None: ...
def _run(arguments: list[str]) -> int: ...

@final
class Schema:
    """A type, as regions have it. `Schema("f64")`, `Schema({"at": "u64", "bid": "f64"}, name="Quote")`,
    `Schema(numpy.dtype(..))`, `Schema(SomeStructure)` and `Schema(bytes)`. A list of names is an enum. `types` has
    other structs and enums, which texts may name.
    """
    def __new__(cls, kind: _Kind, *, name: str = "Value", types: dict[str, _Kind] | None = None) -> Self: ...
    @staticmethod
    def slice(element: _Kind, capacity: int, *, name: str = "Value", types: dict[str, _Kind] | None = None) -> Schema:
        """The schema of slices of such values, with space for that many."""
    @staticmethod
    def map(key: _Kind, value: _Kind, *, name: str = "Value", types: dict[str, _Kind] | None = None) -> Schema:
        """The schema of maps with such keys and values."""
    @staticmethod
    def load(path: _Path) -> Schema:
        """The schema that a file describes in JSON, as `seqcopy header --type` takes it."""
    def to_json(self) -> str:
        """The description in JSON that `load` takes."""
    @property
    def size(self) -> int:
        """How many bytes a value has."""
    @property
    def name(self) -> str:
        """The name of the type, as Rust writes it."""
    @property
    def fields(self) -> dict[str, str]:
        """The fields of a struct, by name, with their types as texts; of a map those of a slot, and none of anything else."""
    @property
    def dtype(self) -> Any:
        """The `numpy.dtype` of a value."""
    def __bytes__(self) -> bytes: ...
    def __hash__(self) -> int: ...

# What both kinds of reader have.
class _Opened:
    def wait(self, timeout: float | None = None, known: int | None = None) -> bool:
        """Waits until there is another version than `known`, by default the present one, or the region is closed: whether
        that is so.
        """
    def reopen_if_removed(self) -> bool:
        """If the region was removed and there is a new one at its path: reads that from now on."""
    @property
    def _reopened(self) -> int: ...
    @property
    def schema(self) -> Schema:
        """The type that is read; of a map, that of a slot."""
    @property
    def writer_state(self) -> _WriterState:
        """"alive", "gone", "never", "orphaned" or "held"."""
    @property
    def is_closed(self) -> bool:
        """Whether the writer closed the region: there will be nothing newer."""
    @property
    def is_removed(self) -> bool:
        """Whether the path leads elsewhere by now, or nowhere."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...
    @classmethod
    def __class_getitem__(cls, of: Any) -> GenericAlias: ...

# What `Reader.follow` returns.
class _Follow(Protocol[_Seen]):
    def __iter__(self) -> Iterator[_Seen]: ...
    def __aiter__(self) -> AsyncIterator[_Seen]: ...

@final
class Reader(_Opened, Generic[_V]):
    """Reads a region: `Reader("/dev/shm/quote")`. With a type, a region of another one is refused."""
    def __new__(
        cls, path: _Path, kind: _Kind | None = None, *, name: str = "Value", by_fields: bool = False, wait: float | None = None
    ) -> Self: ...
    @staticmethod
    def from_fd(fd: int, kind: _Kind | None = None, *, name: str = "Value") -> Reader[Any]:
        """Reads a region by a descriptor that was received or inherited, which stays the caller's."""
    def read(self) -> _V:
        """The value: a dict for a struct, a list for an array or a slice."""
    def read_versioned(self) -> tuple[_V, int]:
        """The value and its version."""
    def read_if_changed(self, known: int) -> tuple[_V, int] | None:
        """The value and its version, or `None` if the version is `known`."""
    def _newer(self, known: int, reopened: int) -> tuple[tuple[_V, int] | None, int]: ...
    def read_bytes(self) -> bytes:
        """The bytes of the value."""
    def read_as(self, make: Callable[..., _T]) -> _T:
        """The value as a dataclass, or as what another callable makes of its fields."""
    def read_array(self) -> Any:
        """The value as a NumPy scalar or array; a slice as an array of its elements."""
    def since(self, version: int) -> list[tuple[_V, int]]:
        """The values after a version that the region still has, the oldest first, each with its version: for a program that
        wants each value, and calls this again and again. A region keeps one value fewer than it has buffers, so a writer
        made with `buffers=64` may write 63 values between two calls. The first call has the newest value only.
        """
    def read_into(self, buffer: Any) -> int:
        """Reads into a writable buffer, such as a NumPy array or a `ctypes` structure, without a copy in between; returns
        how many elements a slice has, or 1.
        """
    def read_range(self, start: int, stop: int) -> list[Any]:
        """Some elements of a slice, without copying the others: a list. `Full` if the slice ends before."""
    def follow(self, on_event: Callable[[Literal["replaced", "closed"]], object] | None = None) -> _Follow[_V]:
        """The values until the end of the program, in a loop or in a task, also after the writer was upgraded or restarted.
        `on_event` is called with "replaced" when another region is read, and with "closed" when the writer has closed
        the region and there is no other one yet.
        """
    @property
    def _dtype(self) -> Any: ...
    @property
    def version(self) -> int:
        """The version of the newest value."""
    @property
    def dtype(self) -> Any:
        """The `numpy.dtype` of a value, or of an element of a slice."""
    @property
    def capacity(self) -> int | None:
        """How many elements a slice can have; `None` if the values are no slices."""
    def __iter__(self) -> Iterator[_V]: ...
    def __aiter__(self) -> AsyncIterator[_V]: ...

class _Written:
    def share(self) -> int: ...
    def wake(self) -> None: ...
    def restore_if_removed(self) -> bool: ...
    def close(self) -> None: ...
    def release(self) -> None: ...
    @property
    def was_created(self) -> bool: ...
    @property
    def schema(self) -> Schema: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...
    @classmethod
    def __class_getitem__(cls, of: Any) -> GenericAlias: ...

@final
class Writer(_Written, Generic[_V]):
    """The writer of a region, of which there is one at a time: `Writer.open_or_create(path, type)`."""
    @staticmethod
    def create(path: _Path, kind: _Kind, *, name: str = "Value", buffers: int = 2, mode: int = 0o644, wakes: bool = True) -> Writer[Any]:
        """Creates a region. Fails if there is something at the path."""
    @staticmethod
    def create_memfd(kind: _Kind, *, name: str = "Value", buffers: int = 2, title: str = "seqcopy", wakes: bool = True) -> Writer[Any]:
        """Creates a region without a path, which no process can truncate: `share()` gives its descriptor. `title` is shown
        in `/proc`.
        """
    @staticmethod
    def open_or_create(
        path: _Path,
        kind: _Kind,
        *,
        name: str = "Value",
        buffers: int = 2,
        mode: int = 0o644,
        replace_other_type: bool = False,
        wakes: bool = True,
    ) -> Writer[Any]:
        """Takes over the region if its writer has ended, and creates it if it is not there."""
    @staticmethod
    def take_over(path: _Path, kind: _Kind | None = None, *, name: str = "Value", wakes: bool = True) -> Writer[Any]:
        """Becomes the writer of a region whose writer has ended. Without a type: of any."""
    def write(self, value: _V) -> None:
        """Publishes a value: a dict or an object with its fields, a NumPy scalar or array, a `ctypes` structure, or its
        bytes.
        """
    def read(self) -> _V:
        """The last value."""
    @property
    def version(self) -> int:
        """The version of the newest value."""

@final
class Notifier:
    """A descriptor that becomes readable when a registered region has something newer: for `select`, and `loop.add_reader`
    of asyncio.
    """
    def __new__(cls) -> Self: ...
    def register(self, reader: _Opened, known: int | None = None) -> None:
        """From now on, the descriptor becomes readable when the region of a `Reader` or `MapReader` has another version
        than `known`, by default the present one, is closed, or was lost. Once more after `reopen_if_removed`.
        """
    def unregister(self, reader: _Opened) -> None:
        """Ends that."""
    def clear(self) -> None:
        """Makes the descriptor unreadable until a region changes after this call: call it, and then look at the regions."""
    def fileno(self) -> int:
        """The descriptor: not to be read, written or closed."""

@final
class Entry(Generic[_V]):
    """A handle to an entry, which is found without a search as long as it is where it was: `price = reader.entry("AAPL")`,
    `price.get()`.
    """
    def get(self, default: Any = None) -> _V | Any:
        """The value of the entry."""
    def set(self, value: _V) -> None:
        """Sets the value of the entry, which is inserted if the map does not have it. Of a writer."""
    @classmethod
    def __class_getitem__(cls, of: Any) -> GenericAlias: ...

@final
class MapReader(_Opened, Generic[_K, _V]):
    """Looks up the entries of a map: `MapReader("/dev/shm/prices")["AAPL"]`."""
    def __new__(
        cls, path: _Path, schema: Schema | None = None, *, by_fields: bool = False, wait: float | None = None
    ) -> Self: ...
    @staticmethod
    def from_fd(fd: int, schema: Schema | None = None) -> MapReader[Any, Any]:
        """Reads a map by a descriptor that was received or inherited, which stays the caller's."""
    def get(self, key: Any, default: Any = None) -> _V | Any:
        """The value of a key, or `default`."""
    def entry(self, key: Any) -> Entry[_V]:
        """A handle to the entry of a key, which need not have one yet."""
    def items(self) -> list[tuple[_K, _V]]:
        """All entries of one generation."""
    def to_dict(self) -> dict[_K, _V]:
        """The entries of one generation, in a dict."""
    def to_numpy(self) -> tuple[Any, Any]:
        """The keys and the values of one generation, as two arrays of NumPy in the same order. Keys that are texts are an
        array of texts; values of structs are a structured array.
        """
    def to_columns(self) -> dict[str, Any]:
        """The entries of one generation as a dict of columns, each an array of NumPy: for `pandas.DataFrame`,
        `polars.DataFrame` and `pyarrow.table`. Fields are named as `seqcopy record` names them (`pos[0]`, `leg.speed`).
        """
    def _table(self) -> tuple[list[tuple[bytearray, Any]], tuple[int, int] | None]: ...
    def _columns(self) -> tuple[list[bytearray], list[int], list[Any]]: ...
    def keys(self) -> list[_K]:
        """The keys of one generation."""
    def values(self) -> list[_V]:
        """The values of one generation."""
    @property
    def generation(self) -> int:
        """The generation that is newest."""
    def __getitem__(self, key: Any, /) -> _V: ...
    def __contains__(self, key: Any, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[_K]: ...

@final
class MapWriter(_Written, Generic[_K, _V]):
    """The writer of a map, of which there is one at a time: `MapWriter.open_or_create(path, Schema.map("u32", "f64"),
    100)`.
    """
    @staticmethod
    def create(path: _Path, schema: Schema, capacity: int, *, buffers: int = 2, mode: int = 0o644, wakes: bool = True) -> MapWriter[Any, Any]:
        """Creates a map. Fails if there is something at the path."""
    @staticmethod
    def create_memfd(schema: Schema, capacity: int, *, buffers: int = 2, title: str = "seqcopy", wakes: bool = True) -> MapWriter[Any, Any]:
        """Creates a map without a path, which no process can truncate: `share()` gives its descriptor. `title` is shown in
        `/proc`.
        """
    @staticmethod
    def open_or_create(
        path: _Path,
        schema: Schema,
        capacity: int,
        *,
        buffers: int = 2,
        mode: int = 0o644,
        replace_other_type: bool = False,
        replace_smaller: bool = False,
        wakes: bool = True,
    ) -> MapWriter[Any, Any]:
        """Takes over the map if its writer has ended, and creates it if it is not there."""
    @staticmethod
    def take_over(path: _Path, schema: Schema | None = None, *, wakes: bool = True) -> MapWriter[Any, Any]:
        """Becomes the writer of a map whose writer has ended."""
    def items(self) -> list[tuple[_K, _V]]:
        """All entries, with the changes of a batch that was begun."""
    def keys(self) -> list[_K]:
        """The keys, with the changes of a batch that was begun."""
    def values(self) -> list[_V]:
        """The values, with the changes of a batch that was begun."""
    def get(self, key: Any, default: Any = None) -> _V | Any:
        """The value of a key in the newest generation, with the changes of a batch that was begun."""
    def entry(self, key: Any) -> Entry[_V]:
        """A handle to the entry of a key, which need not have one yet."""
    def remove(self, key: Any) -> None:
        """Removes a key, also if it has no entry."""
    def begin(self) -> None:
        """Begins a batch: readers see what is changed from here to `commit` at once. `batch()` does both."""
    def commit(self) -> None:
        """Publishes the batch as one generation."""
    def discard(self) -> None:
        """Ends the batch without its changes."""
    def batch(self) -> AbstractContextManager[Self]:
        """`with map.batch():` readers see what is changed in the block at once; nothing of it, if an exception leaves it."""
    @property
    def generation(self) -> int:
        """The generation that is newest."""
    @property
    def capacity(self) -> int:
        """How many entries there can be."""
    def __getitem__(self, key: Any, /) -> _V: ...
    def __setitem__(self, key: Any, value: _V, /) -> None: ...
    def __delitem__(self, key: Any, /) -> None: ...
    def __contains__(self, key: Any, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[_K]: ...
