// Lines of a script (tests/harness/src/script.rs), answered by the classes of seqcopy.hpp: `script value|slice|map PATH BUFFERS`.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <seqcopy.hpp>

#include "script_value.h"
#include "script_slice.h"
#include "script_map.h"

namespace {

using Bytes = std::vector<unsigned char>;
using Element = seqcopy::Element<script_slice>;
using Value = seqcopy::MapWriter<script_map>::Value;

Bytes unhex(const std::string &text)
{
    Bytes bytes;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2)
        bytes.push_back(static_cast<unsigned char>(std::stoul(text.substr(at, 2), nullptr, 16)));
    return bytes;
}

std::string hex(const void *bytes, std::size_t len)
{
    std::string text;
    char digits[3];
    for (std::size_t at = 0; at < len; at++) {
        std::snprintf(digits, sizeof digits, "%02x", static_cast<const unsigned char *>(bytes)[at]);
        text += digits;
    }
    return text;
}

template <class T>
T from(const Bytes &bytes, std::size_t at = 0)
{
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

std::string yes(bool is) { return is ? "yes" : "no"; }

std::string failure()
{
    seqcopy::Error error = seqcopy::error();
    switch (error.status) {
    case SEQCOPY_OK: return "ok";
    case SEQCOPY_INVALID:
    case SEQCOPY_TOO_LONG: return "invalid";
    case SEQCOPY_FULL: return "full";
    case SEQCOPY_EMPTY: return "empty";
    case SEQCOPY_CLOSED: return "closed";
    case SEQCOPY_ABSENT: return "absent";
    case SEQCOPY_HAS_WRITER: return "already";
    case SEQCOPY_EXISTS: return "exists";
    case SEQCOPY_NOT_FOUND: return "missing";
    default: return error.message;
    }
}

std::string result(bool is_ok) { return is_ok ? "ok" : failure(); }

// What the handles of each kind have in common.
template <class W, class R>
struct Program {
    const char *path;
    seqcopy_options options;
    std::optional<W> writer{};
    std::optional<R> reader{};
    std::uint64_t seen = 0;

    template <class H>
    std::string keep(std::optional<H> &handle, std::optional<H> made)
    {
        if (!made)
            return failure();
        handle = std::move(made);
        return "ok";
    }

    // An empty optional: not one of these lines.
    std::optional<std::string> life(const std::string &verb)
    {
        if (verb == "unlink")
            return unlink(path) == 0 ? "ok" : "missing";
        if (verb == "ropen") {
            std::string answer = keep(reader, R::open(path));
            if (answer == "ok")
                seen = 0;
            return answer;
        }
        bool of_reader = verb[0] == 'r' && verb != "remove" && verb != "restore";
        if (of_reader && !reader)
            return "none";
        if (verb == "rdrop") {
            reader.reset();
            return "ok";
        }
        if (verb == "rreopen") {
            bool is_new = reader->reopen_if_removed();
            if (is_new)
                seen = 0;
            return yes(is_new);
        }
        if (verb == "rwait")
            return yes(reader->wait(seen, std::chrono::nanoseconds(-1)));
        if (of_reader)
            return std::nullopt;
        if (!writer)
            return "none";
        if (verb == "restore") {
            bool restored = false;
            return writer->restore_if_removed(&restored) ? yes(restored) : failure();
        }
        if (verb == "drop") {
            writer.reset();
            return "ok";
        }
        if (verb == "close") {
            std::string answer = result(writer->close());
            writer.reset();
            return answer;
        }
        return std::nullopt;
    }
};

template <class T>
struct Values : Program<seqcopy::Writer<T>, seqcopy::Reader<T>> {
    using W = seqcopy::Writer<T>;

    std::string line(const std::string &verb, const Bytes &first, const Bytes &)
    {
        if (verb == "create")
            return this->keep(this->writer, W::create(this->path, &this->options));
        if (verb == "open")
            return this->keep(this->writer, W::open_or_create(this->path, &this->options));
        if (verb == "take")
            return this->keep(this->writer, W::take_over(this->path, &this->options));
        // A slice has the capacity of its header.
        if (verb == "grow")
            return "skipped";
        if (std::optional<std::string> answer = this->life(verb))
            return *answer;
        if (verb == "version")
            return std::to_string(this->writer->version());
        if constexpr (std::is_same_v<T, script_value>) {
            if (verb == "write")
                return result(this->writer->write(from<T>(first)));
            if (verb == "edit") {
                std::string old;
                bool is_ok = this->writer->update([&](T &value) {
                    old = hex(&value, 5);
                    std::memcpy(&value, first.data(), sizeof value);
                });
                return old + " " + result(is_ok);
            }
            if (verb == "rread") {
                // By turns: both make the same of it.
                std::uint64_t version = this->seen;
                std::optional<T> value = this->reader->read(&version);
                if (!value)
                    return failure();
                this->seen = version;
                return std::to_string(version) + " " + hex(&*value, 5);
            }
        } else {
            if (verb == "write") {
                std::vector<Element> elements;
                for (std::size_t at = 0; at < first.size(); at += sizeof(Element))
                    elements.push_back(from<Element>(first, at));
                return result(seqcopy::write_elements(*this->writer, elements.data(), elements.size()));
            }
            if (verb == "rread") {
                std::vector<Element> elements;
                if (!seqcopy::read_elements(*this->reader, elements))
                    return failure();
                this->seen = this->reader->region().version();
                std::string text = std::to_string(this->seen) + " ";
                for (const Element &element : elements)
                    text += hex(&element, 3);
                return text;
            }
        }
        return "skipped";
    }
};

struct Maps : Program<seqcopy::MapWriter<script_map>, seqcopy::MapReader<script_map>> {
    using W = seqcopy::MapWriter<script_map>;
    using Key = W::Key;

    std::string line(const std::string &verb, const Bytes &first, const Bytes &second)
    {
        seqcopy_options with = options;
        with.capacity = verb == "grow" ? 14 : 7;
        with.replace_smaller = verb == "grow";
        if (verb == "create")
            return keep(writer, W::create(path, with));
        if (verb == "open" || verb == "grow")
            return keep(writer, W::open_or_create(path, with));
        if (verb == "take")
            return keep(writer, W::take_over(path));
        if (std::optional<std::string> answer = life(verb))
            return *answer;
        Key key;
        std::memset(&key, 0, sizeof key);
        if (first.size() >= sizeof key)
            std::memcpy(&key, first.data(), sizeof key);
        if (verb == "set")
            return result(writer->insert(key, from<Value>(second)));
        if (verb == "remove")
            return result(writer->remove(key));
        if (verb == "get") {
            std::optional<script_map> entry = writer->get(key);
            return entry ? hex(&entry->value, 3) : failure();
        }
        if (verb == "len")
            return std::to_string(writer->size());
        if (verb == "version")
            return std::to_string(writer->generation());
        if (verb == "rget") {
            std::optional<script_map> entry = reader->get(key);
            return entry ? std::to_string(entry->stamp) + " " + hex(&entry->value, 3) : failure();
        }
        if (verb == "rread") {
            std::optional<std::vector<script_map>> entries = reader->entries();
            if (!entries)
                return failure();
            std::sort(entries->begin(), entries->end(), [](const script_map &one, const script_map &other) {
                return std::memcmp(&one.key, &other.key, sizeof one.key) < 0;
            });
            seen = reader->region().version();
            std::string text = std::to_string(seen) + " ";
            for (const script_map &entry : *entries)
                text += hex(&entry.key, 2) + "=" + hex(&entry.value, 3) + ",";
            return text;
        }
        // Batches are closures.
        return "skipped";
    }
};

template <class P>
void run(P program)
{
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        std::string verb, first, second;
        words >> verb >> first >> second;
        if (verb.empty())
            continue;
        std::string answer = program.line(verb, unhex(first), unhex(second));
        if (program.writer)
            program.writer->wake();
        std::cout << answer << std::endl;
    }
}

}  // namespace

int main(int count, char **words)
{
    if (count != 4)
        return 2;
    seqcopy_options options = seqcopy::options();
    options.buffers = static_cast<std::uint32_t>(std::atoi(words[3]));
    switch (words[1][0]) {
    case 'v': run(Values<script_value>{{words[2], options}}); break;
    case 's': run(Values<script_slice>{{words[2], options}}); break;
    default: run(Maps{{words[2], options}});
    }
}
