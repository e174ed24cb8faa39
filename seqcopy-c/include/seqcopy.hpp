// Writers and readers of seqcopy's regions for C++17: classes over seqcopy.h, for the types of headers that `seqcopy header` prints,
// which include this one.
//
// Nothing throws, but what `update`, `batch` and the vectors of the standard library throw. What fails returns `false` or an empty optional;
// `seqcopy::error()` then has the status and the text. A writer that is destroyed leaves its region for the next one; `close` ends it.
//
// One thread at a time uses a writer. Any number of threads use a reader, apart from `reopen_if_removed`, and its `Region`, also during that.

#ifndef SEQCOPY_HPP
#define SEQCOPY_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
#if __cplusplus >= 202002L && defined(__has_include)
#if __has_include(<span>)
#include <span>
#endif
#endif

#include "seqcopy.h"

namespace seqcopy {

// What regions know of a type: its schema; and how a value is read and written. Headers that `seqcopy header` prints define it for theirs.
template <class T>
struct Type {
    static_assert(sizeof(T) == 0, "this type has no header: include the one that `seqcopy header` prints for its region or its schema");
};

// The functions of a type with a header, for a struct of the program with the same layout: the header's macro `.._IS` compares them.
template <class T, class Of>
struct SameLayout {
    static_assert(std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T>, "a struct of plain members");
    static constexpr const unsigned char *schema = Type<Of>::schema;
    static constexpr size_t schema_len = Type<Of>::schema_len;

    static seqcopy_status write(seqcopy_writer *handle, const T *from) noexcept
    {
        return Type<Of>::write(handle, reinterpret_cast<const Of *>(from));
    }
    static seqcopy_status read(const seqcopy_reader *handle, T *out, uint64_t *version) noexcept
    {
        return Type<Of>::read(handle, reinterpret_cast<Of *>(out), version);
    }
};

// The text of a `SeqStr`, which generated headers declare as a struct of `len` and `bytes`. Of one that was not validated, at most its capacity.
template <class Text>
inline auto text(const Text &from) noexcept -> decltype(void(from.len), void(from.bytes[0]), std::string_view())
{
    std::size_t len = from.len < sizeof from.bytes ? from.len : sizeof from.bytes;
    return std::string_view(reinterpret_cast<const char *>(from.bytes), len);
}

// Sets a `SeqStr`, with zeros after the text. False, and nothing is changed, if the text is too long. A write refuses text that is not UTF-8.
template <class Text>
[[nodiscard]] inline auto set_text(Text &to, std::string_view text) noexcept -> decltype(void(to.len), void(to.bytes[0]), bool())
{
    if (text.size() > sizeof to.bytes)
        return false;
    std::memset(to.bytes, 0, sizeof to.bytes);
    if (!text.empty())
        std::memcpy(to.bytes, text.data(), text.size());
    to.len = static_cast<decltype(to.len)>(text.size());
    return true;
}

#ifdef __cpp_lib_span
// The elements of a `SeqVec`, which generated headers declare as a struct of `len` and `elements`. Of one that was not validated, at most its capacity.
template <class Vec>
inline auto elements(Vec &from) noexcept -> decltype(void(from.len), std::span<std::remove_reference_t<decltype(from.elements[0])>>())
{
    std::size_t capacity = sizeof from.elements / sizeof from.elements[0];
    return {from.elements, from.len < capacity ? from.len : capacity};
}
#endif

struct Error {
    seqcopy_status status;
    std::string message;
};

// Why the last call of this thread failed.
inline Error error() { return Error{seqcopy_last_status(), seqcopy_message()}; }

// The defaults, to be changed.
inline seqcopy_options options()
{
    seqcopy_options all;
    seqcopy_options_init(&all, sizeof all);
    return all;
}

namespace detail {

template <class H, seqcopy_status (*Free)(H **)>
struct Deleter {
    void operator()(H *handle) const noexcept { Free(&handle); }
};

template <class H, seqcopy_status (*Free)(H **)>
using Handle = std::unique_ptr<H, Deleter<H, Free>>;

// The value of an entry. One without bytes is no member of a struct in C: 0 bytes at the place of another are passed then.
template <class E, class = void>
struct ValueOf {
    struct Type {};
    static constexpr std::size_t size = 0;
    static void *of(E &entry) noexcept { return &entry.stamp; }
};

template <class E>
struct ValueOf<E, std::void_t<decltype(E::value)>> {
    using Type = decltype(E::value);
    static constexpr std::size_t size = sizeof(Type);
    static void *of(E &entry) noexcept { return &entry.value; }
};

inline bool is_ok(seqcopy_status status) noexcept { return status == SEQCOPY_OK; }

inline std::uint64_t nanoseconds(std::chrono::nanoseconds time) noexcept
{
    return time.count() < 0 ? 0 : static_cast<std::uint64_t>(time.count());
}

}  // namespace detail

// How a wait has ended.
enum class Waited {
    time_out = SEQCOPY_WAITED_TIME_OUT,
    newer = SEQCOPY_WAITED_NEWER,
    // The writer closed the region, and there is no other region at its path yet.
    closed = SEQCOPY_WAITED_CLOSED,
    // There is another region at the path: call `reopen_if_removed`.
    replaced = SEQCOPY_WAITED_REPLACED,
};

// The region of a reader, which keeps it.
class Region {
public:
    explicit Region(const seqcopy_region *region) noexcept : region_(region) {}

    // How many values, or generations, have been published.
    std::uint64_t version() const noexcept { return seqcopy_region_version(region_); }
    bool is_closed() const noexcept { return seqcopy_region_is_closed(region_); }
    bool is_removed() const noexcept { return seqcopy_region_is_removed(region_); }
    seqcopy_writer_state writer_state() const noexcept { return seqcopy_region_writer_state(region_, nullptr); }

    // Waits for another version than `known`, or until the region is closed. False if the time is over.
    bool wait(std::uint64_t known, std::chrono::nanoseconds time) const noexcept
    {
        return wait_for(known, time) != Waited::time_out;
    }

    // Does the same, and says how the wait has ended.
    Waited wait_for(std::uint64_t known, std::chrono::nanoseconds time) const noexcept
    {
        seqcopy_waited waited = SEQCOPY_WAITED_TIME_OUT;
        seqcopy_region_wait(region_, known, detail::nanoseconds(time), &waited);
        return static_cast<Waited>(waited);
    }

    const seqcopy_region *handle() const noexcept { return region_; }

private:
    const seqcopy_region *region_;
};

// Reads values of type T.
template <class T>
class Reader {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    static std::optional<Reader> open(const char *path, const seqcopy_options *options = nullptr) noexcept
    {
        seqcopy_reader *handle = nullptr;
        if (!detail::is_ok(seqcopy_reader_open(path, Type<T>::schema, Type<T>::schema_len, options, &handle)))
            return std::nullopt;
        return Reader(handle);
    }

    // A region whose type has every field of T, by name and with the same type, wherever it lies.
    static std::optional<Reader> open_by_fields(const char *path, const seqcopy_options *options = nullptr) noexcept
    {
        seqcopy_reader *handle = nullptr;
        if (!detail::is_ok(seqcopy_reader_open_by_fields(path, Type<T>::schema, Type<T>::schema_len, options, &handle)))
            return std::nullopt;
        return Reader(handle);
    }

    // By a descriptor, which stays the caller's.
    static std::optional<Reader> from_fd(int fd) noexcept
    {
        seqcopy_reader *handle = nullptr;
        if (!detail::is_ok(seqcopy_reader_from_fd(fd, Type<T>::schema, Type<T>::schema_len, &handle)))
            return std::nullopt;
        return Reader(handle);
    }

    std::optional<T> read(std::uint64_t *version = nullptr) const noexcept
    {
        T value{};
        if (!read_to(value, version))
            return std::nullopt;
        return value;
    }

    // To a place of the caller's: without a copy. If it fails, the bytes of `value` are unspecified, and `*version` is as it was.
    bool read_to(T &value, std::uint64_t *version = nullptr) const noexcept
    {
        return detail::is_ok(Type<T>::read(handle_.get(), &value, version));
    }

    // Empty if there is no other version than `known`, which is set to the one that was read, and if the read failed: then `failed` is true.
    std::optional<T> read_if_changed(std::uint64_t &known, bool *failed = nullptr) const noexcept
    {
        T value{};
        bool changed = false;
        bool ok = detail::is_ok(seqcopy_reader_read_if_changed(handle_.get(), &value, sizeof value, &known, &changed));
        if (failed != nullptr)
            *failed = !ok;
        if (!ok || !changed)
            return std::nullopt;
        return value;
    }

    Region region() const noexcept { return Region(seqcopy_reader_region(handle_.get())); }

    bool wait(std::uint64_t known, std::chrono::nanoseconds time) const noexcept { return region().wait(known, time); }
    Waited wait_for(std::uint64_t known, std::chrono::nanoseconds time) const noexcept { return region().wait_for(known, time); }

    // True if there is a new region at the path, which is read from now on.
    bool reopen_if_removed() noexcept
    {
        bool reopened = false;
        return detail::is_ok(seqcopy_reader_reopen_if_removed(handle_.get(), &reopened)) && reopened;
    }

    seqcopy_reader *handle() const noexcept { return handle_.get(); }

private:
    explicit Reader(seqcopy_reader *handle) noexcept : handle_(handle) {}

    detail::Handle<seqcopy_reader, seqcopy_reader_free> handle_;
};

// A descriptor that is readable when a registered region has a newer value, for `poll`, `epoll` and event loops. Any number of threads use it.
class Notifier {
public:
    static std::optional<Notifier> open() noexcept
    {
        seqcopy_notifier *handle = nullptr;
        if (!detail::is_ok(seqcopy_notifier_new(&handle)))
            return std::nullopt;
        return Notifier(handle);
    }

    // From now on, the descriptor becomes readable when the region has another version than `known`, is closed, or was lost. After
    // `reopen_if_removed` returned true, add the reader's region again.
    bool add(const Region &region, std::uint64_t known) noexcept
    {
        return detail::is_ok(seqcopy_notifier_register(handle_.get(), region.handle(), known));
    }

    bool remove(const Region &region) noexcept
    {
        return detail::is_ok(seqcopy_notifier_unregister(handle_.get(), region.handle()));
    }

    // To wait for it to be readable. Do not read from it, and do not close it.
    int fd() const noexcept { return seqcopy_notifier_fd(handle_.get()); }

    // Makes the descriptor unreadable until a region changes: call it first, and then look at all regions.
    bool clear() const noexcept { return detail::is_ok(seqcopy_notifier_clear(handle_.get())); }

private:
    explicit Notifier(seqcopy_notifier *handle) noexcept : handle_(handle) {}

    detail::Handle<seqcopy_notifier, seqcopy_notifier_free> handle_;
};

// Writes values of type T: one writer of a region at a time.
template <class T>
class Writer {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    static std::optional<Writer> create(const char *path, const seqcopy_options *options = nullptr) noexcept
    {
        return by(seqcopy_writer_create, path, options);
    }

    static std::optional<Writer> open_or_create(const char *path, const seqcopy_options *options = nullptr) noexcept
    {
        return by(seqcopy_writer_open_or_create, path, options);
    }

    static std::optional<Writer> take_over(const char *path, const seqcopy_options *options = nullptr) noexcept
    {
        return by(seqcopy_writer_take_over, path, options);
    }

    bool write(const T &value) noexcept
    {
        return detail::is_ok(Type<T>::write(handle_.get(), &value));
    }

    // The last value.
    std::optional<T> read() const noexcept
    {
        T value{};
        if (!detail::is_ok(seqcopy_writer_read(handle_.get(), &value, sizeof value)))
            return std::nullopt;
        return value;
    }

    // Changes the last value, zeros before the first, and publishes it. Nothing is published if `change` throws.
    template <class F>
    bool update(F &&change)
    {
        void *value = nullptr;
        if (!detail::is_ok(seqcopy_writer_begin(handle_.get(), &value)))
            return false;
        std::forward<F>(change)(*static_cast<T *>(value));
        return detail::is_ok(seqcopy_writer_end(handle_.get()));
    }

    // Wakes those that wait.
    bool wake() noexcept { return detail::is_ok(seqcopy_writer_wake(handle_.get())); }

    std::uint64_t version() const noexcept { return seqcopy_writer_version(handle_.get()); }
    bool was_created() const noexcept { return seqcopy_writer_was_created(handle_.get()); }

    // Puts the region back if its file was removed. False on failure.
    bool restore_if_removed(bool *restored = nullptr) noexcept
    {
        return detail::is_ok(seqcopy_writer_restore_if_removed(handle_.get(), restored));
    }

    // Ends the region: there will be no more values, and its path is removed.
    bool close() noexcept
    {
        seqcopy_writer *handle = handle_.release();
        return detail::is_ok(seqcopy_writer_close(&handle));
    }

    seqcopy_writer *handle() const noexcept { return handle_.get(); }

private:
    using Make = seqcopy_status (*)(
        const char *, const void *, std::size_t, const seqcopy_options *, seqcopy_writer **);

    explicit Writer(seqcopy_writer *handle) noexcept : handle_(handle) {}

    static std::optional<Writer> by(Make make, const char *path, const seqcopy_options *options) noexcept
    {
        seqcopy_writer *handle = nullptr;
        if (!detail::is_ok(make(path, Type<T>::schema, Type<T>::schema_len, options, &handle)))
            return std::nullopt;
        return Writer(handle);
    }

    detail::Handle<seqcopy_writer, seqcopy_writer_free> handle_;
};

// Elements of a slice: S is the struct of length and elements that the header has.
template <class S>
using Element = std::remove_all_extents_t<decltype(S::elements)>;

template <class S>
bool write_elements(Writer<S> &writer, const Element<S> *elements, std::size_t count) noexcept
{
    static_assert(sizeof(Element<S>) == sizeof(S::elements[0]), "elements that are arrays: seqcopy_writer_write_elements");
    return detail::is_ok(seqcopy_writer_write_elements(writer.handle(), elements, sizeof *elements, count));
}

#ifdef __cpp_lib_span
template <class S>
bool write_elements(Writer<S> &writer, std::span<const Element<S>> elements) noexcept
{
    return write_elements(writer, elements.data(), elements.size());
}
#endif

// Reads all elements; the memory of the vector is used again.
template <class S>
bool read_elements(const Reader<S> &reader, std::vector<Element<S>> &elements)
{
    static_assert(sizeof(Element<S>) == sizeof(S::elements[0]), "elements that are arrays: seqcopy_reader_read_elements");
    std::size_t count = 0;
    seqcopy_status status;
    for (;;) {
        status = seqcopy_reader_read_elements(
            reader.handle(), elements.data(), sizeof(Element<S>), elements.size(), &count, nullptr);
        if (status != SEQCOPY_TOO_LONG || count <= elements.size())
            break;
        // Not to the capacity at once: a vector fills with zeros what it grows by.
        elements.resize(count);
    }
    elements.resize(detail::is_ok(status) ? count : 0);
    return detail::is_ok(status);
}

// A handle to an entry of a map of such E: it is found without a search as long as it is where it was. Of no reader and no writer.
template <class E>
class Entry {
public:
    const seqcopy_entry *handle() const noexcept { return handle_.get(); }

private:
    template <class>
    friend class MapReader;
    template <class>
    friend class MapWriter;

    template <class F, class H>
    static std::optional<Entry> of(F *make, H *map, const decltype(E::key) &key) noexcept
    {
        seqcopy_entry *handle = nullptr;
        if (!detail::is_ok(make(map, &key, sizeof key, &handle)))
            return std::nullopt;
        return Entry(handle, key);
    }

    explicit Entry(seqcopy_entry *handle, const decltype(E::key) &key) noexcept : handle_(handle)
    {
        std::memcpy(&key_, &key, sizeof key);
    }

    detail::Handle<seqcopy_entry, seqcopy_entry_free> handle_;
    decltype(E::key) key_;
};

// Looks up entries of a map: E is the struct of stamp, key and value that the header has.
template <class E>
class MapReader {
public:
    using Key = decltype(E::key);

    static std::optional<MapReader> open(const char *path, const seqcopy_options *options = nullptr) noexcept
    {
        seqcopy_map_reader *handle = nullptr;
        if (!detail::is_ok(seqcopy_map_reader_open(path, Type<E>::schema, Type<E>::schema_len, options, &handle)))
            return std::nullopt;
        return MapReader(handle);
    }

    // A map whose values have every field of those of E, by name and with the same type, wherever it lies.
    static std::optional<MapReader> open_by_fields(const char *path, const seqcopy_options *options = nullptr) noexcept
    {
        seqcopy_map_reader *handle = nullptr;
        if (!detail::is_ok(seqcopy_map_reader_open_by_fields(path, Type<E>::schema, Type<E>::schema_len, options, &handle)))
            return std::nullopt;
        return MapReader(handle);
    }

    // Empty if the key has no entry, and if the look-up failed: `error().status` is `SEQCOPY_ABSENT` then, or another.
    std::optional<E> get(const Key &key) const noexcept
    {
        E entry{};
        std::memcpy(&entry.key, &key, sizeof key);
        if (!detail::is_ok(seqcopy_map_reader_get(
                handle_.get(), &key, sizeof key, detail::ValueOf<E>::of(entry), detail::ValueOf<E>::size, &entry.stamp)))
            return std::nullopt;
        return entry;
    }

    // A handle to the entry of a key, which need not have one yet.
    std::optional<Entry<E>> entry(const Key &key) const noexcept
    {
        return Entry<E>::of(seqcopy_map_reader_entry, handle_.get(), key);
    }

    // As that of the key, without a search if the entry is where it was.
    std::optional<E> get(const Entry<E> &entry) const noexcept
    {
        E found{};
        std::memcpy(&found.key, &entry.key_, sizeof found.key);
        if (!detail::is_ok(seqcopy_map_reader_read_entry(
                handle_.get(), entry.handle(), detail::ValueOf<E>::of(found), detail::ValueOf<E>::size, &found.stamp)))
            return std::nullopt;
        return found;
    }

    // All entries of one generation.
    std::optional<std::vector<E>> entries() const
    {
        seqcopy_entries *all = nullptr;
        if (!detail::is_ok(seqcopy_map_reader_entries(handle_.get(), &all)))
            return std::nullopt;
        detail::Handle<seqcopy_entries, seqcopy_entries_free> keep(all);
        std::vector<E> found(seqcopy_entries_len(all));
        for (E &entry : found)
            if (!detail::is_ok(seqcopy_entries_next(
                    all, &entry.key, sizeof entry.key, detail::ValueOf<E>::of(entry), detail::ValueOf<E>::size, &entry.stamp)))
                return std::nullopt;
        return found;
    }

    Region region() const noexcept { return Region(seqcopy_map_reader_region(handle_.get())); }

    bool wait(std::uint64_t known, std::chrono::nanoseconds time) const noexcept { return region().wait(known, time); }
    Waited wait_for(std::uint64_t known, std::chrono::nanoseconds time) const noexcept { return region().wait_for(known, time); }

    // True if there is a new map at the path, which is read from now on.
    bool reopen_if_removed() noexcept
    {
        bool reopened = false;
        return detail::is_ok(seqcopy_map_reader_reopen_if_removed(handle_.get(), &reopened)) && reopened;
    }

private:
    explicit MapReader(seqcopy_map_reader *handle) noexcept : handle_(handle) {}

    detail::Handle<seqcopy_map_reader, seqcopy_map_reader_free> handle_;
};

// Changes a map: one writer at a time.
template <class E>
class MapWriter {
public:
    using Key = decltype(E::key);
    // If the values have no bytes, a struct without members: `insert(key, {})`.
    using Value = typename detail::ValueOf<E>::Type;

    static std::optional<MapWriter> create(const char *path, const seqcopy_options &options) noexcept
    {
        return by(seqcopy_map_writer_create, path, options);
    }

    static std::optional<MapWriter> open_or_create(const char *path, const seqcopy_options &options) noexcept
    {
        return by(seqcopy_map_writer_open_or_create, path, options);
    }

    static std::optional<MapWriter> open_or_create(const char *path, std::size_t capacity) noexcept
    {
        seqcopy_options with = seqcopy::options();
        with.capacity = capacity;
        return open_or_create(path, with);
    }

    static std::optional<MapWriter> take_over(const char *path) noexcept
    {
        return by(seqcopy_map_writer_take_over, path, seqcopy::options());
    }

    bool insert(const Key &key, const Value &value) noexcept
    {
        return detail::is_ok(seqcopy_map_writer_insert(handle_.get(), &key, sizeof key, &value, detail::ValueOf<E>::size));
    }

    // A handle to the entry of a key, which need not have one yet.
    std::optional<Entry<E>> entry(const Key &key) noexcept
    {
        return Entry<E>::of(seqcopy_map_writer_entry, handle_.get(), key);
    }

    // As by the key, without a search if the entry is where it was.
    bool insert(const Entry<E> &entry, const Value &value) noexcept
    {
        return detail::is_ok(
            seqcopy_map_writer_insert_entry(handle_.get(), entry.handle(), &value, detail::ValueOf<E>::size));
    }

    bool remove(const Key &key) noexcept
    {
        return detail::is_ok(seqcopy_map_writer_remove(handle_.get(), &key, sizeof key));
    }

    // As of a reader.
    std::optional<E> get(const Key &key) const noexcept
    {
        E entry{};
        std::memcpy(&entry.key, &key, sizeof key);
        if (!detail::is_ok(seqcopy_map_writer_get(
                handle_.get(), &key, sizeof key, detail::ValueOf<E>::of(entry), detail::ValueOf<E>::size, &entry.stamp)))
            return std::nullopt;
        return entry;
    }

    // Readers see all changes that `change` makes at once; none if it throws, or returns `false`.
    template <class F>
    bool batch(F &&change)
    {
        if (!detail::is_ok(seqcopy_map_writer_begin(handle_.get())))
            return false;
        struct Discard {
            seqcopy_map_writer *handle;
            ~Discard() { seqcopy_map_writer_discard(handle); }
        } discard{handle_.get()};
        if constexpr (std::is_same_v<decltype(std::forward<F>(change)(*this)), bool>) {
            if (!std::forward<F>(change)(*this))
                return false;
        } else {
            std::forward<F>(change)(*this);
        }
        return detail::is_ok(seqcopy_map_writer_commit(handle_.get()));
    }

    std::size_t size() const noexcept { return seqcopy_map_writer_len(handle_.get()); }
    std::size_t capacity() const noexcept { return seqcopy_map_writer_capacity(handle_.get()); }
    std::uint64_t generation() const noexcept { return seqcopy_map_writer_generation(handle_.get()); }
    bool was_created() const noexcept { return seqcopy_map_writer_was_created(handle_.get()); }

    // Wakes those that wait.
    bool wake() noexcept { return detail::is_ok(seqcopy_map_writer_wake(handle_.get())); }

    // Puts the map back if its file was removed. False on failure.
    bool restore_if_removed(bool *restored = nullptr) noexcept
    {
        return detail::is_ok(seqcopy_map_writer_restore_if_removed(handle_.get(), restored));
    }

    // Ends the map: there will be no more changes, and its path is removed.
    bool close() noexcept
    {
        seqcopy_map_writer *handle = handle_.release();
        return detail::is_ok(seqcopy_map_writer_close(&handle));
    }

private:
    using Make = seqcopy_status (*)(
        const char *, const void *, std::size_t, const seqcopy_options *, seqcopy_map_writer **);

    explicit MapWriter(seqcopy_map_writer *handle) noexcept : handle_(handle) {}

    static std::optional<MapWriter> by(Make make, const char *path, const seqcopy_options &options) noexcept
    {
        seqcopy_map_writer *handle = nullptr;
        if (!detail::is_ok(make(path, Type<E>::schema, Type<E>::schema_len, &options, &handle)))
            return std::nullopt;
        return MapWriter(handle);
    }

    detail::Handle<seqcopy_map_writer, seqcopy_map_writer_free> handle_;
};

}  // namespace seqcopy

#endif
