// Each call of seqcopy.hpp that can fail, in a call that fails: what its page says of its places, of its object and of the region is so then,
// and the same call succeeds once the cause is gone.

#pragma once

namespace calls {

using seqcopy::MapReader;
using seqcopy::MapWriter;
using seqcopy::Reader;
using seqcopy::Writer;

// `state` is `left` after the failure, and `mend` takes its cause away.
template <class Call, class State, class Left, class Mend>
void fails(const char *name, seqcopy_status status, Call call, State state, const Left &left, Mend mend)
{
    if (static_cast<bool>(call()) || seqcopy::error().status != status) {
        std::fprintf(stderr, "%s is to fail with %d\n", name, static_cast<int>(status));
        fail(name);
    }
    // What it says is what the library says of that very call.
    check(!seqcopy::error().message.empty() && seqcopy::error().message == seqcopy_message(), name);
    if (!(state() == left)) {
        std::fprintf(stderr, "%s: what is left after %s\n", name, seqcopy::error().message.c_str());
        std::exit(1);
    }
    mend();
    check(static_cast<bool>(call()), name);
}

std::string bytes(const std::string &path)
{
    std::string all;
    if (std::FILE *file = std::fopen(path.c_str(), "rb")) {
        for (int byte; (byte = std::getc(file)) != EOF;)
            all += static_cast<char>(byte);
        std::fclose(file);
    }
    return all;
}

void put(const std::string &path, const std::string &text)
{
    std::FILE *file = std::fopen(path.c_str(), "wb");
    check(file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fclose(file) == 0, "a file");
}

void removes(const std::string &path) { check(unlink(path.c_str()) == 0, path.c_str()); }

// An object whose handle another took: its calls fail, and nothing else happens, until it is given back.
template <class T>
struct Moved {
    T &here;
    T taken;
    explicit Moved(T &object) : here(object), taken(std::move(object)) {}
    void back() { here = std::move(taken); }
};

template <class T, class Call, class State, class Left>
void moved(const char *name, T &object, Call call, State state, const Left &left)
{
    Moved<T> it(object);
    fails(name, SEQCOPY_ARGUMENT, call, state, left, [&] { it.back(); });
}

// Ends the region: not in a process that was forked, and not what another took, which is nothing.
template <class W>
void closes(const char *name, W &writer, const std::string &path)
{
    const std::string before = bytes(path);
    const pid_t child = fork();
    if (child == 0)
        _exit(writer.close() ? 0 : 1);
    int status = 1;
    check(waitpid(child, &status, 0) == child && status == 0 && bytes(path) == before, name);
    Moved<W> it(writer);
    check(writer.close() && bytes(path) == before, name);
    it.back();
    check(writer.close() && access(path.c_str(), F_OK) != 0, name);
}

// Puts a file back that was removed, once: not the region that a reader had before.
template <class W, class R>
void restores(const char *name, W &writer, R &reader, const std::string &path)
{
    check(!reader.region().is_removed() && !reader.region().is_closed(), "a region that is there");
    removes(path);
    check(reader.region().is_removed() && !reader.region().is_closed(), "a region that was removed");
    bool restored = true;
    const auto restore = [&] { return writer.restore_if_removed(&restored); };
    moved(name, writer, restore, [&] { return restored; }, false);
    check(restored && access(path.c_str(), F_OK) == 0 && restore() && !restored, name);
}

// A directory that nothing can be removed from, for a user that is not root.
template <class Make>
void can_not_be_removed(const char *name, const std::string &directory, Make make)
{
    const std::string path = directory + "/region";
    check(mkdir(directory.c_str(), 0755) == 0, "mkdir");
    auto writer = make(path.c_str());
    check(writer.has_value(), "create");
    const bool root = geteuid() == 0;
    check(chmod(directory.c_str(), 0555) == 0 && (!root || seteuid(65534) == 0), "another user");
    const bool closed = writer->close();
    const seqcopy_status status = seqcopy::error().status;
    check((!root || seteuid(0) == 0) && chmod(directory.c_str(), 0755) == 0, "the user");
    check(!closed && status == SEQCOPY_FAILED && access(path.c_str(), F_OK) == 0, name);
    writer = make(path.c_str());
    check(writer && writer->was_created() && writer->close() && rmdir(directory.c_str()) == 0, name);
}

template <class Open, class Mend>
void opens(const char *name, const std::string &path, const std::string &before, seqcopy_status status, Open open, Mend mend)
{
    if (!before.empty())
        put(path, before);
    fails(name, status, [&] { return open(path.c_str()); }, [&] { return bytes(path); }, before, mend);
    if (access(path.c_str(), F_OK) == 0)
        removes(path);
}

void what_opens(const std::string &path)
{
    const auto gone = [&] { removes(path); };
    const auto value = [&] { check(Writer<beat>::create(path.c_str()).has_value(), "create"); };
    const auto map = [&] { check(MapWriter<beat_map>::open_or_create(path.c_str(), 4).has_value(), "create"); };
    const std::string other(300, 'x');
    seqcopy_options four = seqcopy::options();
    four.capacity = 4;
    opens("Writer::create", path, other, SEQCOPY_EXISTS, [](const char *at) { return Writer<beat>::create(at); }, gone);
    opens("Writer::open_or_create", path, other, SEQCOPY_FOREIGN, [](const char *at) { return Writer<beat>::open_or_create(at); }, gone);
    opens("Writer::take_over", path, "", SEQCOPY_NOT_FOUND, [](const char *at) { return Writer<beat>::take_over(at); }, value);
    opens("Reader::open", path, "", SEQCOPY_NOT_FOUND, [](const char *at) { return Reader<beat>::open(at); }, value);
    const auto value_by_fields = [](const char *at) { return Reader<beat>::open_by_fields(at); };
    opens("Reader::open_by_fields", path, "", SEQCOPY_NOT_FOUND, value_by_fields, value);
    opens("MapWriter::create", path, other, SEQCOPY_EXISTS, [&](const char *at) { return MapWriter<beat_map>::create(at, four); }, gone);
    const auto with = [&](const char *at) { return MapWriter<beat_map>::open_or_create(at, four); };
    opens("MapWriter::open_or_create", path, other, SEQCOPY_FOREIGN, with, gone);
    const auto of = [](const char *at) { return MapWriter<beat_map>::open_or_create(at, 4); };
    opens("MapWriter::open_or_create", path, other, SEQCOPY_FOREIGN, of, gone);
    opens("MapWriter::take_over", path, "", SEQCOPY_NOT_FOUND, [](const char *at) { return MapWriter<beat_map>::take_over(at); }, map);
    opens("MapReader::open", path, "", SEQCOPY_NOT_FOUND, [](const char *at) { return MapReader<beat_map>::open(at); }, map);
    const auto map_by_fields = [](const char *at) { return MapReader<beat_map>::open_by_fields(at); };
    opens("MapReader::open_by_fields", path, "", SEQCOPY_NOT_FOUND, map_by_fields, map);
    // A file that can shrink, then a region in memory, which the program was started with.
    int fd = ::open("/proc/self/exe", O_RDONLY);
    const auto from = [&] { return Reader<beat>::from_fd(fd); };
    fails("Reader::from_fd", SEQCOPY_NOT_TRUSTED, from, [] { return 0; }, 0, [&] {
        ::close(fd);
        fd = 0;
    });
}

bool is_readable(int fd, int milliseconds)
{
    struct pollfd look = {fd, POLLIN, 0};
    return poll(&look, 1, milliseconds) == 1;
}

// A descriptor for an event loop. Publishes nothing, and the region has version 1.
void notifies(Reader<beat> &reader, Writer<beat> &writer)
{
    struct rlimit all, none;
    check(getrlimit(RLIMIT_NOFILE, &all) == 0, "getrlimit");
    none = all;
    none.rlim_cur = 0;
    check(setrlimit(RLIMIT_NOFILE, &none) == 0, "setrlimit");
    const auto zero = [] { return 0; };
    fails("Notifier::open", SEQCOPY_FAILED, [] { return seqcopy::Notifier::open(); }, zero, 0, [&] { setrlimit(RLIMIT_NOFILE, &all); });
    auto notifier = seqcopy::Notifier::open();
    check(notifier.has_value(), "a notifier");
    const auto unreadable = [&] { return is_readable(notifier->fd(), 0); };
    moved("Notifier::add", *notifier, [&] { return notifier->add(reader.region(), 0); }, [] { return false; }, false);
    check(is_readable(notifier->fd(), 20000), "a value that is newer than 0");
    check(notifier->clear() && notifier->add(reader.region(), 1), "add");
    check(notifier->clear() && !unreadable(), "nothing is newer than 1");
    moved("Notifier::clear", *notifier, [&] { return notifier->clear(); }, zero, 0);
    moved("Notifier::remove", *notifier, [&] { return notifier->remove(reader.region()); }, zero, 0);
    check(!notifier->remove(reader.region()) && seqcopy::error().status == SEQCOPY_ARGUMENT, "it was removed");
    check(writer.wake() && !unreadable(), "a region that was removed");
}

void with_a_value(const std::string &path)
{
    auto writer = Writer<beat>::create(path.c_str());
    auto reader = Reader<beat>::open(path.c_str());
    check(writer && reader, "create");
    beat good, bad, place{};
    set(good, 1);
    set(bad, 1);
    std::memset(&bad.odd, 7, sizeof bad.odd);
    const auto version = [&] { return writer->version(); };
    const auto write = [&] { check(writer->write(good), "write"); };

    // Nothing was written yet.
    std::uint64_t known = 77;
    fails("Writer::read", SEQCOPY_EMPTY, [&] { return writer->read(); }, version, 0u, write);
    check(writer->close(), "close");
    writer = Writer<beat>::create(path.c_str());
    check(reader->reopen_if_removed(), "reopen");
    const auto seen = [&] { return known; };
    const auto read_to = [&] { return reader->read_to(place, &known); };
    fails("Reader::read_to", SEQCOPY_EMPTY, read_to, seen, 77u, write);
    check(is_whole(place) && known == 1, "what was read");

    // What another took has nothing, and leaves alone what it is given.
    known = 77;
    moved("Reader::read", *reader, [&] { return reader->read(&known); }, [&] { return known; }, 77u);
    known = 77;
    moved("Reader::read_to", *reader, read_to, seen, 77u);
    bool failed = false;
    const auto newer = [&] { return reader->read_if_changed(known, &failed); };
    known = 77;
    moved("Reader::read_if_changed", *reader, newer, [&] { return failed && known == 77; }, true);
    check(!failed && known == 1, "read");
    check(!newer() && !failed && known == 1, "nothing newer is not a failure");
    known = 0;
    check(!reader->wait(1, std::chrono::milliseconds(1)), "a wait whose time is up");
    check(!reader->wait(1, std::chrono::milliseconds(-1)), "a wait whose time was up before it began");
    moved("Reader::wait", *reader, [&] { return reader->wait(0, std::chrono::seconds(0)); }, version, 1u);
    moved("Region::wait", *reader, [&] { return reader->region().wait(0, std::chrono::seconds(0)); }, version, 1u);
    check(reader->wait_for(0, std::chrono::seconds(0)) == seqcopy::Waited::newer, "a wait for a newer value");
    check(reader->wait_for(1, std::chrono::milliseconds(1)) == seqcopy::Waited::time_out, "a wait whose time is over");
    notifies(*reader, *writer);
    moved("Writer::read", *writer, [&] { return writer->read(); }, [&] { return reader->region().version(); }, 1u);
    moved("Writer::write", *writer, [&] { return writer->write(good); }, [&] { return reader->region().version(); }, 1u);
    moved("Writer::wake", *writer, [&] { return writer->wake(); }, [&] { return reader->region().version(); }, 2u);
    int changes = 0;
    const auto change = [&] { return writer->update([&](beat &inside) { changes++; set(inside, 3); }); };
    moved("Writer::update", *writer, change, [&] { return changes; }, 0);
    check(reader->read()->n == 3 && changes == 1, "update");

    // What is not valid is not published.
    const beat *next = &bad;
    fails("Writer::write", SEQCOPY_INVALID, [&] { return writer->write(*next); }, version, 3u, [&] { next = &good; });
    const auto updates = [&] { return writer->update([&](beat &inside) { inside = *next; }); };
    next = &bad;
    fails("Writer::update", SEQCOPY_INVALID, updates, version, 4u, [&] { next = &good; });
    check(reader->read()->n == 1 && version() == 5, "update");
    try {
        writer->update([](beat &inside) {
            inside.n = 9;
            throw 1;
        });
        check(false, "what `change` throws passes through");
    } catch (int) {
        check(version() == 5 && writer->read()->n == 1, "nothing is published by a change that threw");
    }
    check(writer->update([](beat &) {}) && writer->read()->n == 1, "a change that threw leaves nothing behind");

    restores("Writer::restore_if_removed", *writer, *reader, path);
    closes("Writer::close", *writer, path);
    can_not_be_removed("Writer::close", path + ".d", [](const char *at) { return Writer<beat>::create(at); });
    writer = Writer<beat>::create(path.c_str());
    check(writer.has_value(), "create");
    write();
    moved("Reader::reopen_if_removed", *reader, [&] { return reader->reopen_if_removed(); }, [&] { return version(); }, 1u);
    check(reader->read()->n == 1 && writer->close(), "reopen");
}

// A read that fails leaves no elements.
void with_a_slice(const std::string &path)
{
    seqcopy_options options = seqcopy::options();
    options.capacity = 4;
    auto writer = Writer<beats>::create(path.c_str(), &options);
    auto reader = Reader<beats>::open(path.c_str());
    check(writer && reader, "create");
    std::vector<std::uint64_t> elements(3, 7);
    std::size_t count = 5;
    const std::uint64_t five[5] = {5, 5, 5, 5, 5};
    const auto read = [&] { return seqcopy::read_elements(*reader, elements); };
    const auto write = [&] { return seqcopy::write_elements(*writer, five, count); };
    const auto empty = [&] { return elements.empty(); };
    fails("read_elements", SEQCOPY_EMPTY, read, empty, true, [&] { count = 2, check(write(), "write"); });
    check(elements == std::vector<std::uint64_t>(2, 5), "elements");
    count = 5;
    fails("write_elements", SEQCOPY_TOO_LONG, write, [&] { return writer->version(); }, 1u, [&] { count = 4; });
    check(read() && elements.size() == 4, "read");
    moved("read_elements", *reader, read, empty, true);
    moved("write_elements", *writer, write, [&] { return reader->region().version(); }, 2u);
    check(writer->close() && !read() && elements.empty() && seqcopy::error().status == SEQCOPY_CLOSED, "a closed region");
    check(reader->region().is_closed(), "a closed region");
}

void with_a_map(const std::string &path)
{
    using Value = MapWriter<beat_map>::Value;
    auto writer = MapWriter<beat_map>::open_or_create(path.c_str(), 4);
    auto reader = MapReader<beat_map>::open(path.c_str());
    check(writer && reader, "create");
    Value good, bad;
    std::memset(static_cast<void *>(&good), 0, sizeof good);
    std::memset(static_cast<void *>(&bad), 7, sizeof bad);
    const Value *value = &bad;
    std::uint32_t key = 1;
    const auto generation = [&] { return reader->region().version(); };
    const auto insert = [&] { return good.n++, writer->insert(key, *value); };
    const auto remove = [&] { return writer->remove(key); };
    const auto inserted = [&] { check(insert(), "insert"); };
    fails("MapWriter::insert", SEQCOPY_INVALID, insert, generation, 1u, [&] { value = &good; });
    for (key = 2; key <= writer->capacity(); key++)
        check(insert(), "insert");
    const std::uint64_t full = generation();
    fails("MapWriter::insert", SEQCOPY_FULL, insert, generation, full, [&] { check(writer->remove(1), "remove"); });
    const auto none = [&] { return writer->size(); };
    check(writer->remove(2) && writer->remove(2), "what has no entry is removed");
    key = 1;
    fails("MapReader::get", SEQCOPY_ABSENT, [&] { return reader->get(key); }, none, writer->capacity() - 1, inserted);
    check(remove(), "remove");
    fails("MapWriter::get", SEQCOPY_ABSENT, [&] { return writer->get(key); }, none, writer->capacity() - 1, inserted);

    const auto of_reader = reader->entry(key), of_writer = writer->entry(key);
    const auto again = [&] { return good.n++, writer->insert(*of_writer, *value); };
    check(of_reader && of_writer && reader->get(*of_reader)->value.n == good.n, "a handle");
    check(reader->get(*of_reader)->key == key && reader->get(key)->key == key && reader->get(*of_reader)->stamp == reader->get(key)->stamp, "a key");
    check(again() && reader->get(*of_writer)->value.n == good.n && remove(), "a handle");
    fails("MapReader::get", SEQCOPY_ABSENT, [&] { return reader->get(*of_reader); }, none, writer->capacity() - 1, [&] {
        check(again(), "insert");
    });
    moved("MapReader::entry", *reader, [&] { return reader->entry(key); }, none, writer->size());
    moved("MapWriter::entry", *writer, [&] { return writer->entry(key); }, generation, generation());

    const std::uint64_t now = generation();
    moved("MapWriter::get", *writer, [&] { return writer->get(key); }, generation, now);
    moved("MapWriter::insert", *writer, insert, generation, now);
    moved("MapWriter::remove", *writer, remove, generation, now + 1);
    moved("MapWriter::wake", *writer, [&] { return writer->wake(); }, generation, now + 2);
    int changes = 0;
    const auto batch = [&] { return writer->batch([&](auto &) { changes++, check(insert(), "insert"); }); };
    moved("MapWriter::batch", *writer, batch, [&] { return changes; }, 0);
    check(changes == 1 && generation() == now + 3, "batch");
    try {
        writer->batch([&](auto &inside) {
            check(inside.remove(key), "remove");
            throw 1;
        });
        check(false, "what `change` throws passes through");
    } catch (int) {
        check(generation() == now + 3 && reader->get(key) && insert(), "nothing is published by a batch that threw");
    }
    const std::uint64_t before = generation();
    // As long as there is no space.
    const auto too_many = [&] {
        return writer->batch([&](auto &) {
            bool all = true;
            for (key = 100; key < 104; key++)
                all = insert() && all;
            return all;
        });
    };
    fails("MapWriter::batch", SEQCOPY_FULL, too_many, none, writer->size(), [&] {
        check(generation() == before, "nothing is published by a batch that was refused");
        for (key = 3; key < 7; key++)
            check(remove(), "remove");
    });
    key = 1;
    check(generation() > before && insert(), "batch");
    const std::uint64_t last = generation();
    moved("MapReader::get", *reader, [&] { return reader->get(key); }, [&] { return writer->generation(); }, last);
    moved("MapReader::entries", *reader, [&] { return reader->entries(); }, [&] { return writer->generation(); }, last);
    check(reader->entries()->size() == writer->size(), "entries");
    moved("MapReader::wait", *reader, [&] { return reader->wait(0, std::chrono::seconds(0)); }, none, writer->capacity());

    restores("MapWriter::restore_if_removed", *writer, *reader, path);
    closes("MapWriter::close", *writer, path);
    can_not_be_removed("MapWriter::close", path + ".d", [](const char *at) { return MapWriter<beat_map>::open_or_create(at, 4); });
    writer = MapWriter<beat_map>::open_or_create(path.c_str(), 4);
    check(writer.has_value(), "create");
    const auto size = [&] { return writer->size(); };
    moved("MapReader::reopen_if_removed", *reader, [&] { return reader->reopen_if_removed(); }, size, 0u);
    check(reader->entries()->empty() && writer->close(), "reopen");
}

// `set_text` and `text`, for texts of each length, and for what no valid value has.
void texts()
{
    constexpr std::size_t most = sizeof beat{}.name.bytes;
    for (std::size_t len = 0; len <= most; len++) {
        beat value;
        std::memset(&value, 0xee, sizeof value);
        check(seqcopy::set_text(value.name, std::string(len, 'x')), "set_text");
        check(seqcopy::text(value.name) == std::string(len, 'x'), "text");
        for (std::size_t at = len; at < most; at++)
            check(value.name.bytes[at] == 0, "zeros after a text");
        const beat before = value;
        check(!seqcopy::set_text(value.name, std::string(most + 1, 'y')), "set_text of a longer text");
        check(std::memcmp(&before, &value, sizeof value) == 0, "a text that stays");
    }
    beat value{};
    value.name.len = UINT32_MAX;
    check(seqcopy::text(value.name).size() == most, "a length that is not valid");
}

void fail_and_succeed(const std::string &path)
{
    texts();
    what_opens(path);
    with_a_value(path);
    with_a_slice(path);
    with_a_map(path);
    std::puts("each fails, and succeeds");
}

}  // namespace calls
