// As library.c, by the classes of seqcopy.hpp.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <seqcopy.hpp>

#include "beat.h"
#include "beats.h"
#include "beat_map.h"

namespace {

constexpr std::size_t capacity = 50;
constexpr std::uint32_t keys = 8;

[[noreturn]] void fail(const char *what)
{
    seqcopy::Error error = seqcopy::error();
    std::fprintf(stderr, "%s: %d: %s\n", what, static_cast<int>(error.status), error.message.c_str());
    std::exit(1);
}

void check(bool ok, const char *what)
{
    if (!ok)
        fail(what);
}

void set(beat &value, std::uint64_t n)
{
    std::memset(&value, 0xee, sizeof value);
    value.odd = n % 2 == 1;
    value.n = n;
    for (std::uint64_t &word : value.words)
        word = n;
    check(seqcopy::set_text(value.name, "beat"), "set_text");
    value.side.tag = static_cast<std::uint8_t>(n % 2);
    if (n % 2 == 1)
        value.side.payload.Some._0 = static_cast<std::uint32_t>(n);
}

bool is_whole(const beat &value)
{
    bool whole = value.odd == (value.n % 2 == 1) && seqcopy::text(value.name) == "beat"
        && value.side.tag == value.n % 2 && (value.n % 2 == 0 || value.side.payload.Some._0 == static_cast<std::uint32_t>(value.n));
    for (std::uint64_t word : value.words)
        whole = whole && word == value.n;
    return whole;
}

// Whether to wake.
template <class W>
void written(W &writer, std::uint64_t n, std::uint64_t first, std::uint64_t last)
{
    if (n == first) {
        std::puts("ready");
        std::fflush(stdout);
    }
    if (n % 16 == 0 || n == last)
        check(writer.wake(), "wake");
}

void write_values(const char *path, std::uint64_t last)
{
    auto writer = seqcopy::Writer<beat>::open_or_create(path);
    check(writer.has_value(), "open");
    std::optional<beat> before = writer->read();
    const std::uint64_t first = before ? before->n + 1 : 1;
    beat value;
    for (std::uint64_t n = first; last == 0 || n <= last; n++) {
        if (n % 3 == 0) {
            check(writer->update([n](beat &inside) { set(inside, n); }), "update");
        } else {
            set(value, n);
            check(writer->write(value), "write");
        }
        written(*writer, n, first, last);
    }
}

void write_slices(const char *path, std::uint64_t last)
{
    seqcopy_options options = seqcopy::options();
    options.capacity = capacity;
    auto writer = seqcopy::Writer<beats>::open_or_create(path, &options);
    check(writer.has_value(), "open");
    std::optional<beats> before = writer->read();
    const std::uint64_t first = before && before->len > 0 ? before->elements[0] + 1 : 1;
    for (std::uint64_t n = first; last == 0 || n <= last; n++) {
        std::vector<std::uint64_t> elements(1 + n % capacity, n);
        check(seqcopy::write_elements(*writer, elements.data(), elements.size()), "write");
        written(*writer, n, first, last);
    }
}

void write_maps(const char *path, std::uint64_t last)
{
    auto writer = seqcopy::MapWriter<beat_map>::open_or_create(path, 2 * keys);
    check(writer.has_value(), "open");
    std::optional<beat_map> before = writer->get(0);
    const std::uint64_t first = before ? before->value.n + 1 : 1;
    for (std::uint64_t n = first; last == 0 || n <= last; n++) {
        bool ok = writer->batch([n](auto &batch) {
            for (std::uint32_t key = 0; key < keys; key++) {
                seqcopy::MapWriter<beat_map>::Value value;
                std::memset(&value, 0xee, sizeof value);
                value.odd = n % 2 == 1;
                value.n = n;
                check(batch.insert(key, value), "insert");
            }
        });
        check(ok, "batch");
        written(*writer, n, first, last);
    }
}

std::uint64_t reads, torn, invalid, back, newest;

void saw(std::uint64_t n, bool whole)
{
    reads++;
    torn += !whole;
    back += n < newest;
    newest = n;
}

void missed(const char *what)
{
    seqcopy_status status = seqcopy_last_status();
    if (status == SEQCOPY_INVALID)
        invalid++;
    else if (status != SEQCOPY_EMPTY && status != SEQCOPY_TORN && status != SEQCOPY_BUSY)
        fail(what);
}

void read_values(const char *path, std::uint64_t last)
{
    auto reader = seqcopy::Reader<beat>::open(path);
    check(reader.has_value(), "open");
    std::uint64_t version = 0;
    while (newest < last) {
        if (std::optional<beat> value = reader->read(&version))
            saw(value->n, is_whole(*value));
        else
            missed("read");
        bool failed = true;
        if (std::optional<beat> value = reader->read_if_changed(version, &failed))
            saw(value->n, is_whole(*value));
        else if (failed)
            missed("read");
        if (reads % 64 == 0)
            (void)reader->wait(version, std::chrono::milliseconds(1));
    }
}

void read_slices(const char *path, std::uint64_t last)
{
    auto reader = seqcopy::Reader<beats>::open(path);
    check(reader.has_value(), "open");
    std::vector<std::uint64_t> elements;
    while (newest < last) {
        if (!seqcopy::read_elements(*reader, elements)) {
            missed("read");
            continue;
        }
        bool whole = elements.size() == 1 + elements[0] % capacity;
        for (std::uint64_t element : elements)
            whole = whole && element == elements[0];
        saw(elements[0], whole);
    }
}

void read_maps(const char *path, std::uint64_t last)
{
    auto reader = seqcopy::MapReader<beat_map>::open(path);
    check(reader.has_value(), "open");
    while (newest < last) {
        std::optional<std::vector<beat_map>> all = reader->entries();
        if (!all) {
            missed("entries");
            continue;
        }
        std::uint64_t n = 0;
        bool whole = all->empty() || all->size() == keys;
        for (const beat_map &entry : *all) {
            whole = whole && (n == 0 || n == entry.value.n) && entry.value.odd == (entry.value.n % 2 == 1);
            n = entry.value.n;
        }
        saw(n, whole);
        if (std::optional<beat_map> entry = reader->get(3))
            saw(entry->value.n, entry->value.odd == (entry->value.n % 2 == 1));
        else if (seqcopy_last_status() != SEQCOPY_ABSENT)
            missed("get");
    }
}

#include "fails.hpp"

}  // namespace

int main(int count, char **words)
{
    if (count != 5)
        return 2;
    const std::string role = words[1], kind = words[2];
    const std::uint64_t last = std::strtoull(words[4], nullptr, 10);
    const char *path = words[3];
    if (role == "fails") {
        calls::fail_and_succeed(path);
        return 0;
    }
    if (role == "write") {
        kind == "value" ? write_values(path, last) : kind == "slice" ? write_slices(path, last) : write_maps(path, last);
        return 0;
    }
    kind == "value" ? read_values(path, last) : kind == "slice" ? read_slices(path, last) : read_maps(path, last);
    std::printf("torn %llu invalid %llu back %llu, %llu reads\n", static_cast<unsigned long long>(torn),
        static_cast<unsigned long long>(invalid), static_cast<unsigned long long>(back), static_cast<unsigned long long>(reads));
    return 0;
}
