"""What type checkers see: `mypy --strict` accepts this file."""

import asyncio
import dataclasses
import typing

import seqcopy


@dataclasses.dataclass
class Quote:
    at: int
    bid: float


def write(path: str) -> None:
    with seqcopy.Writer.open_or_create(path, {"at": "u64", "bid": "f64"}, name="Quote") as writer:
        writer.write(Quote(1, 0.5))
        writer.wake()


def read(path: str) -> Quote:
    reader = seqcopy.Reader(path)
    changed = reader.read_if_changed(reader.version)
    if changed is not None:
        print(changed[0])
    if reader.wait(0.1) and reader.writer_state == "alive":
        for value in reader:
            print(value)
    return reader.read_as(Quote)


class Pose(typing.TypedDict):
    x: float


def grown(path: str) -> float:
    reader: seqcopy.Reader[Pose] = seqcopy.Reader(path, {"x": "f64"}, name="Pose", by_fields=True, wait=0.1)
    prices: seqcopy.MapReader[str, float] = seqcopy.MapReader.from_fd(seqcopy.MapWriter.create_memfd(seqcopy.Schema.map("u32", "f64"), 4).share())
    return reader.read()["x"] + prices["AAPL"]


async def follow(path: str) -> None:
    async for value in seqcopy.Reader(path):
        print(value)


def watched(reader: seqcopy.Reader | seqcopy.MapReader) -> int:
    notifier = seqcopy.Notifier()
    notifier.register(reader, 1)
    notifier.clear()
    notifier.unregister(reader)
    return notifier.fileno()


def change(path: str) -> int:
    with seqcopy.MapWriter.open_or_create(path, seqcopy.Schema.map("u32", "f64"), 10) as prices:
        with prices.batch():
            prices[1] = 0.5
        price: seqcopy.Entry = prices.entry(1)
        price.set(price.get() + 0.5)
        return len(prices) + prices.generation


def typed(path: str) -> float:
    # A type checker refuses a value of another type.
    quotes: seqcopy.Writer[Quote] = seqcopy.Writer.open_or_create(path, {"at": "u64", "bid": "f64"}, wakes=False)
    quotes.write(Quote(1, 0.5))
    quotes.write({"at": 1, "bdi": 0.5})  # type: ignore[arg-type]
    prices: seqcopy.MapWriter[str, float] = seqcopy.MapWriter.create(path, seqcopy.Schema.map("SeqStr<8>", "f64"), 4)
    price = prices.entry("AAPL")
    price.set("1.5")  # type: ignore[arg-type]
    prices["AAPL"] = "1.5"  # type: ignore[assignment]
    for quote in seqcopy.Reader[Quote](path).follow(print):
        return quote.bid
    return prices["AAPL"]


def described(path: str) -> seqcopy.Schema:
    named = seqcopy.Schema({"side": "Side"}, name="Order", types={"Side": ["Buy", "Sell"]})
    return seqcopy.Schema.load(path) if named.size == 1 else named


if __name__ == "__main__":
    asyncio.run(follow("/dev/shm/quote"))
