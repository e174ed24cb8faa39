"""Lines of a script (tests/harness/src/script.rs), answered by the Python package: `script.py value|slice|map PATH BUFFERS`."""

import os
import select
import sys

import seqcopy

KIND, PATH, BUFFERS = sys.argv[1], sys.argv[2], int(sys.argv[3])
CAPACITY = {"open": 7, "create": 7, "take": 7, "grow": 14}
VALUE, ELEMENT = {"at": "u32", "ok": "bool"}, {"at": "u16", "ok": "bool"}
SCHEMA = {
    "value": lambda: seqcopy.Schema(VALUE, name="Value"),
    "slice": lambda: seqcopy.Schema.slice(ELEMENT, 7, name="Element"),
    "map": lambda: seqcopy.Schema.map("[u8; 2]", ELEMENT, name="Element"),
}[KIND]()
NUMBER = 4 if KIND == "value" else 2


def value_of(bytes):
    """What is not a `bool` is given as the number that it is, which the package refuses."""
    number, ok = int.from_bytes(bytes[:NUMBER], sys.byteorder), bytes[NUMBER]
    return {"at": number, "ok": ok == 1 if ok < 2 else ok}


def hex_of(value):
    return value["at"].to_bytes(NUMBER, sys.byteorder).hex() + ("01" if value["ok"] else "00")


def yes(is_so):
    return "yes" if is_so else "no"


class Program:
    writer = reader = notifier = None
    seen = 0
    told = (0, False)

    def open(self, verb):
        named = {"buffers": BUFFERS}
        if KIND == "map":
            capacity = CAPACITY[verb]
            if verb == "create":
                new = seqcopy.MapWriter.create(PATH, SCHEMA, capacity, **named)
            elif verb == "take":
                new = seqcopy.MapWriter.take_over(PATH, SCHEMA)
            else:
                new = seqcopy.MapWriter.open_or_create(PATH, SCHEMA, capacity, replace_smaller=verb == "grow", **named)
        elif verb == "create":
            new = seqcopy.Writer.create(PATH, SCHEMA, **named)
        elif verb == "take":
            new = seqcopy.Writer.take_over(PATH, SCHEMA)
        else:
            new = seqcopy.Writer.open_or_create(PATH, SCHEMA, **named)
        if self.writer is not None:
            self.writer.release()
        self.writer = new
        return "ok"

    def line(self, verb, *words):
        first, second = [bytes.fromhex(word) for word in words] + [b""] * (2 - len(words))
        if verb == "grow" and KIND == "slice":
            return "skipped"  # By its schema, a slice of another capacity is of another type.
        if verb in CAPACITY:
            return self.open(verb)
        if verb == "unlink":
            os.unlink(PATH)
            return "ok"
        if verb == "ropen":
            new = seqcopy.MapReader(PATH, SCHEMA) if KIND == "map" else seqcopy.Reader(PATH, SCHEMA)
            self.reader, self.seen, self.notifier = new, 0, None
            return "ok"
        if verb.startswith("r") and verb not in ("remove", "restore"):
            return "none" if self.reader is None else self.read(verb, first)
        if self.writer is None:
            return "none"
        return self.write(verb, first, second)

    def write(self, verb, first, second):
        size = NUMBER * 2
        if verb == "write" and KIND == "value":
            self.writer.write(value_of(first))
        elif verb == "write":
            self.writer.write([value_of(first[at : at + size]) for at in range(0, len(first), size)])
        elif verb == "set":
            self.writer[list(first)] = value_of(second)
        elif verb == "remove":
            self.writer.remove(list(first))
        elif verb in ("begin", "commit", "discard"):
            # `discard` does not say whether there was a batch.
            try:
                getattr(self.writer, "begin" if verb == "discard" else verb)()
                was_refused = False
            except ValueError:
                was_refused = True
            if verb == "discard":
                self.writer.discard()
            return yes(was_refused == (verb == "discard"))
        elif verb == "get":
            value = self.writer.get(list(first))
            return "absent" if value is None else hex_of(value)
        elif verb == "len":
            return str(len(self.writer))
        elif verb == "version":
            return str(self.writer.generation if KIND == "map" else self.writer.version)
        elif verb == "restore":
            return yes(self.writer.restore_if_removed())
        elif verb == "drop":
            self.writer.release()
            self.writer = None
        elif verb == "close":
            self.writer.close()
            self.writer = None
        else:
            return "skipped"
        return "ok"

    def read(self, verb, key):
        if verb == "rdrop":
            self.reader = self.notifier = None
            return "ok"
        if verb == "rlisten":
            self.notifier, self.told = seqcopy.Notifier(), (self.seen, False)
            self.notifier.register(self.reader, self.seen)
            return "ok"
        if verb == "rtold":
            return "none" if self.notifier is None else self.is_told()
        if verb == "rreopen":
            is_new = self.reader.reopen_if_removed()
            if is_new:
                self.seen, self.notifier = 0, None
            return yes(is_new)
        if verb == "rwait":
            return yes(self.reader.wait(0, self.seen))
        if verb == "rget":
            return "skipped"
        if KIND == "map":
            entries = sorted((bytes(key).hex(), hex_of(value)) for key, value in self.reader.items())
            self.seen = self.reader.generation
            text = "".join(f"{key}={value}," for key, value in entries)
            return f"{self.seen} {text}".rstrip()
        value, self.seen = self.reader.read_versioned()
        text = hex_of(value) if KIND == "value" else "".join(map(hex_of, value))
        return f"{self.seen} {text}".rstrip()


    def is_told(self):
        """What there is to tell is told in the end: a descriptor that forgets it answers late, and wrongly."""
        version = self.reader.generation if KIND == "map" else self.reader.version
        is_newer = version not in (0, self.told[0]) or self.reader.is_closed and not self.told[1]
        is_told = bool(select.select([self.notifier], [], [], 20 if is_newer else 0)[0])
        if is_told:
            self.notifier.clear()
            self.told = version, self.reader.is_closed
        return yes(is_told)


ANSWERS = {
    seqcopy.Closed: "closed",
    seqcopy.NoValue: "empty",
    seqcopy.Full: "full",
    seqcopy.HasWriter: "already",
    FileExistsError: "exists",
    FileNotFoundError: "missing",
    KeyError: "ok",  # there is no such entry, which the others don't say
    (seqcopy.Invalid, TypeError, ValueError): "invalid",
}

program = Program()
for line in sys.stdin:
    try:
        answer = program.line(*line.split())
    except Exception as error:
        known = [answer for kind, answer in ANSWERS.items() if isinstance(error, kind)]
        answer = known[0] if known else f"{type(error).__name__}: {error}".replace("\n", " ")
    if program.writer is not None:
        program.writer.wake()
    print(answer, flush=True)
