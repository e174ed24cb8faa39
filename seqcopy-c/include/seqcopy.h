/* Writes and reads regions of seqcopy from C11 and C++17. Made by cbindgen from the crate seqcopy-c, of the version
 * SEQCOPY_VERSION: don't edit it, and don't mix versions of header and library.
 *
 * `seqcopy header` prints a struct, its schema, and functions that take the struct in place of `void *` and `size`; it includes this
 * header. seqcopy.hpp has classes over both.
 *
 * What the comments name as duties is the caller's part; and of all functions: a place that one writes to overlaps nothing else that it was
 * given. */

#ifndef SEQCOPY_H
#define SEQCOPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEQCOPY_VERSION "0.1.0"

/* A constant of a type, as C and C++ write it. Headers of types use it. */
#ifdef __cplusplus
#define SEQCOPY_CONSTANT(type, value) static_cast<type>(value)
#else
#define SEQCOPY_CONSTANT(type, value) ((type)(value))
#endif

/* The beginning of what a handle leads to, for the functions that `seqcopy header` prints. Not for programs. */
typedef struct seqcopy_direct {
    /* The word of the region, or null: then values are read or written by calls only. */
    uint64_t *word;
    /* Of a writer: 1 as long as this process may write. */
    const uint8_t *may_write;
    /* The number of buffers, less one. */
    uint64_t last;
    /* Moves bytes out of the region, or into it: the first place is what they are copied from. */
    void (*move)(const uint8_t *, uint8_t *, size_t);
    /* Not 0 while a thread is in a call. */
    uint8_t in_use;
} seqcopy_direct;

// The number of the binary interface that `seqcopy_abi` returns in a library that fits this header.
#define SEQCOPY_ABI 1

// What came of a call.
typedef enum seqcopy_status {
    // Success.
    SEQCOPY_OK = 0,
    // A write was in progress during every attempt: try again while there is a writer.
    SEQCOPY_BUSY = 1,
    // Writes overlapped every attempt: try again.
    SEQCOPY_TORN = 2,
    // No value has been written yet.
    SEQCOPY_EMPTY = 3,
    // The writer closed the region: there will be no more values.
    SEQCOPY_CLOSED = 4,
    // The bytes are not a value of the type: those that were read, or those that were to be written.
    SEQCOPY_INVALID = 5,
    // The system refused something: `errno`'s text is in the message.
    SEQCOPY_FAILED = 6,
    // The file is not a region, or one of another format, byte order or pointer width.
    SEQCOPY_FOREIGN = 7,
    // The region has another type; the message names the first difference.
    SEQCOPY_OTHER_TYPE = 8,
    // The header or the schema of the region is damaged.
    SEQCOPY_DAMAGED = 9,
    // The file is shorter than its region, or its pages were never written.
    SEQCOPY_SHORT = 10,
    // The key has no entry.
    SEQCOPY_ABSENT = 11,
    // There are no more entries.
    SEQCOPY_END = 12,
    // The file was truncated while it was used, and the program called `seqcopy_survive_truncation`.
    SEQCOPY_TRUNCATED = 13,
    // The writer died in the middle of a write.
    SEQCOPY_WRITER_GONE = 14,
    // Another process writes the region, or another handle of this one.
    SEQCOPY_HAS_WRITER = 15,
    // There is something at the path.
    SEQCOPY_EXISTS = 16,
    // There is nothing at the path.
    SEQCOPY_NOT_FOUND = 17,
    // The file's owner or its permissions are not as required, or a descriptor is not sealed.
    SEQCOPY_NOT_TRUSTED = 18,
    // This process was forked from the one that opened the handle.
    SEQCOPY_FORKED = 19,
    // The map has as many entries as it can have. Other changes of the call were made.
    SEQCOPY_FULL = 20,
    // A slice has more elements than there is space for.
    SEQCOPY_TOO_LONG = 21,
    // An argument is null, or not what the function takes: a size that is not that of the type, for example.
    SEQCOPY_ARGUMENT = 22,
    // Another thread is using the handle.
    SEQCOPY_IN_USE = 23,
    // A mistake of this library: please report the message.
    SEQCOPY_PANIC = 24,
} seqcopy_status;

// How a wait has ended.
typedef enum seqcopy_waited {
    // The time is over, or the wait has failed. It is 0, so a condition can treat it as false.
    SEQCOPY_WAITED_TIME_OUT = 0,
    // There is a newer version.
    SEQCOPY_WAITED_NEWER = 1,
    // The writer closed the region, and there is no other region at its path yet.
    SEQCOPY_WAITED_CLOSED = 2,
    // The writer closed the region, and there is another one at its path: call `reopen_if_removed`.
    SEQCOPY_WAITED_REPLACED = 3,
} seqcopy_waited;

// Whether a region has a writer.
typedef enum seqcopy_writer_state {
    // No process has written it yet.
    SEQCOPY_WRITER_NEVER = 0,
    // A process writes it: this one, as far as process numbers can tell.
    SEQCOPY_WRITER_ALIVE = 1,
    // A process writes it that is not known here, as in another container.
    SEQCOPY_WRITER_HELD = 2,
    // The writer has ended; a child that it forked still holds its lock.
    SEQCOPY_WRITER_ORPHANED = 3,
    // The writer has ended.
    SEQCOPY_WRITER_ENDED = 4,
} seqcopy_writer_state;

// The entries of one generation of a map: a copy. One thread at a time uses it.
typedef struct seqcopy_entries seqcopy_entries;

// A handle to an entry of a map: a key, and where its entry was found last. Looked at there first, an entry is found
// without a search as long as it has not moved. It belongs to no reader and no writer, and finds the key in each state
// of each map with such keys. Any number of threads may use it, while none frees it.
typedef struct seqcopy_entry seqcopy_entry;

// A reader of a map. Any number of threads may use it, while none frees it or calls `reopen_if_removed`.
typedef struct seqcopy_map_reader seqcopy_map_reader;

// The writer of a map, of which there is one at a time. One thread at a time uses it.
typedef struct seqcopy_map_writer seqcopy_map_writer;

// A descriptor that is readable when a registered region has a newer value, is closed, or was lost. Any number of
// threads may use it, while none frees it.
//
// The first registration of a process starts a thread, which sleeps on the words of up to 127 registered regions.
// Further regions get another thread. A thread sees a value when its writer calls `wake`, or at most half a second
// later.
typedef struct seqcopy_notifier seqcopy_notifier;

// A reader of a value, or of slices. Any number of threads may use it, while none frees it or calls
// `reopen_if_removed`.
typedef struct seqcopy_reader seqcopy_reader;

// The region that a reader reads. It belongs to the reader: it is there until that is freed. Any number of threads may
// use it, also while one calls `reopen_if_removed` with its reader: a call that has begun goes on with the region that
// was removed.
typedef struct seqcopy_region seqcopy_region;

// The writer of a region, of which there is one at a time. One thread at a time uses it.
typedef struct seqcopy_writer seqcopy_writer;

// How a region is created, and what is required of one that is opened. seqcopy_options_init sets the defaults;
// null stands for these.
typedef struct seqcopy_options {
    // `sizeof(seqcopy_options)` of the program, which the library compares with its own.
    size_t size;
    // For how many elements of a slice there is space in a new region; for how many entries in a new map, which has to
    // be set. 0 for a slice: as many as its schema says.
    size_t capacity;
    // How many buffers a new region has: 1, or a power of two. 2 is the default: readers never wait for the writer.
    uint32_t buffers;
    // The permissions of a new file, at most 0777, less the process's mask: 0644 is the default.
    uint32_t mode;
    // The user that must own the file, if `require_owner` is set.
    uint32_t owner;
    // Whether the file must belong to `owner`, or to root, and no other user may write it.
    bool require_owner;
    // Whether a region of another type at the path is replaced, once its writer has ended.
    bool replace_other_type;
    // Whether a map with space for fewer entries is replaced by a larger one, which keeps them.
    bool replace_smaller;
    // For how many nanoseconds a reader that is opened at a path waits for an open region to appear there. 0 is the
    // default: it fails at once.
    uint64_t wait_nanoseconds;
} seqcopy_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Opens a map, to read it. Compares its types with a schema, that of a slot; null and 0 take any. `options` may be
// null. On failure `*reader` is null.
//
// Duties:
// The contract of seqcopy_reader_open.
enum seqcopy_status seqcopy_map_reader_open(const char *path,
                                            const void *schema,
                                            size_t schema_len,
                                            const struct seqcopy_options *options,
                                            struct seqcopy_map_reader **reader);

// Opens a map whose values have every field of those of the schema, that of a slot, as `seqcopy_reader_open_by_fields`
// opens a region; its keys have the same bytes as those of the schema. Otherwise as `seqcopy_map_reader_open`.
//
// Duties:
// The contract of seqcopy_reader_open.
enum seqcopy_status seqcopy_map_reader_open_by_fields(const char *path,
                                                      const void *schema,
                                                      size_t schema_len,
                                                      const struct seqcopy_options *options,
                                                      struct seqcopy_map_reader **reader);

// `seqcopy_map_reader_open` by a descriptor, which stays the caller's. Its file has to be sealed against shrinking.
//
// Duties:
// The contract of seqcopy_map_reader_open; `fd` is an open descriptor.
enum seqcopy_status seqcopy_map_reader_from_fd(int fd,
                                               const void *schema,
                                               size_t schema_len,
                                               struct seqcopy_map_reader **reader);

// The region that it reads: its generation, its writer, and waiting. Null for null.
//
// Duties:
// `reader` is null, or one that was not freed.
const struct seqcopy_region *seqcopy_map_reader_region(const struct seqcopy_map_reader *reader);

// Looks up a key: stores the bytes of its value, and the generation that set it to `*generation`, which may be null.
// `SEQCOPY_ABSENT` if it has no entry; then, and on failure, the bytes of `*value` are unspecified.
//
// Several look-ups are of one generation if `seqcopy_region_version` is the same before the first and after the last.
//
// Duties:
// * `reader` is null, or one that was not freed.
// * `key` is null, or readable for `key_size` bytes; `value` is null, or writable for `value_size` bytes; `generation`
//   is null, or writable.
enum seqcopy_status seqcopy_map_reader_get(const struct seqcopy_map_reader *reader,
                                           const void *key,
                                           size_t key_size,
                                           void *value,
                                           size_t value_size,
                                           uint64_t *generation);

// Copies all entries of one generation. The caller frees them.
//
// Duties:
// `reader` is null, or one that was not freed; `entries` is null, or writable.
enum seqcopy_status seqcopy_map_reader_entries(const struct seqcopy_map_reader *reader,
                                               struct seqcopy_entries **entries);

// How many entries there are; 0 for null.
//
// Duties:
// `entries` is null, or some that were not freed.
size_t seqcopy_entries_len(const struct seqcopy_entries *entries);

// Which generation they are of; 0 for null.
//
// Duties:
// `entries` is null, or some that were not freed.
uint64_t seqcopy_entries_generation(const struct seqcopy_entries *entries);

// The next entry, in no particular order: its key, its value, and the generation that set it, which may be null.
// `SEQCOPY_END` after the last.
//
// Duties:
// * `entries` is null, or some that were not freed, and no other thread uses them.
// * `key` and `value` are null, or writable for these sizes; `generation` is null, or writable.
enum seqcopy_status seqcopy_entries_next(struct seqcopy_entries *entries,
                                         void *key,
                                         size_t key_size,
                                         void *value,
                                         size_t value_size,
                                         uint64_t *generation);

// Frees entries, and sets `*entries` to null; does nothing if it is null.
//
// Duties:
// `entries` is null, or leads to null or to some that no other thread uses, and none will.
enum seqcopy_status seqcopy_entries_free(struct seqcopy_entries **entries);

// If the map was removed, and there is a new one at its path, of the same types: reads that from now on. `*reopened`
// says whether that is so, and is false on failure. After that, generations begin again.
//
// Duties:
// `reader` is null, or one that no other thread uses during the call; `reopened` is null, or writable.
enum seqcopy_status seqcopy_map_reader_reopen_if_removed(struct seqcopy_map_reader *reader, bool *reopened);

// Frees a reader, and sets `*reader` to null; does nothing if it is null.
//
// Duties:
// `reader` is null, or leads to null or to a reader that no other thread uses, and none will.
enum seqcopy_status seqcopy_map_reader_free(struct seqcopy_map_reader **reader);

// Creates a map with the types of a schema, that of a slot, and becomes its writer. The options have its capacity.
// Fails if there is something at the path. On failure `*writer` is null.
//
// Duties:
// * `path` is null, or a text with a 0 at its end.
// * `schema` is null, or readable for `schema_len` bytes; `options` is null, or leads to options.
// * `writer` is null, or writable.
enum seqcopy_status seqcopy_map_writer_create(const char *path,
                                              const void *schema,
                                              size_t schema_len,
                                              const struct seqcopy_options *options,
                                              struct seqcopy_map_writer **writer);

// For a program that is started again and again: takes over the map if its writer has ended, and creates it if it is
// not there.
//
// Duties:
// The contract of seqcopy_map_writer_create.
enum seqcopy_status seqcopy_map_writer_open_or_create(const char *path,
                                                      const void *schema,
                                                      size_t schema_len,
                                                      const struct seqcopy_options *options,
                                                      struct seqcopy_map_writer **writer);

// Becomes the writer of a map that is there, and whose writer has ended. It keeps its capacity.
//
// Duties:
// The contract of seqcopy_map_writer_create.
enum seqcopy_status seqcopy_map_writer_take_over(const char *path,
                                                 const void *schema,
                                                 size_t schema_len,
                                                 const struct seqcopy_options *options,
                                                 struct seqcopy_map_writer **writer);

// Sets the value of a key: as one generation, or as part of a batch that was begun. `SEQCOPY_FULL` if there is no
// space for another key. An equal value is a generation, too.
//
// Duties:
// * `writer` is null, or one that was not closed, and no other thread uses it.
// * `key` is null, or readable for `key_size` bytes; `value` is null, or readable for `value_size` bytes.
enum seqcopy_status seqcopy_map_writer_insert(struct seqcopy_map_writer *writer,
                                              const void *key,
                                              size_t key_size,
                                              const void *value,
                                              size_t value_size);

// Removes a key: as one generation, or as part of a batch that was begun. Does nothing if it has no entry.
//
// Duties:
// The contract of seqcopy_map_writer_insert.
enum seqcopy_status seqcopy_map_writer_remove(struct seqcopy_map_writer *writer, const void *key, size_t key_size);

// The value of a key in the newest generation, with the changes of a batch that was begun: as
// `seqcopy_map_reader_get`.
//
// Duties:
// The contract of seqcopy_map_writer_insert; `value` is null, or writable for `value_size` bytes.
enum seqcopy_status seqcopy_map_writer_get(struct seqcopy_map_writer *writer,
                                           const void *key,
                                           size_t key_size,
                                           void *value,
                                           size_t value_size,
                                           uint64_t *generation);

// Begins a batch: readers see what is inserted and removed from here to `seqcopy_map_writer_commit` at once. Fails if
// one was begun before.
//
// Duties:
// The contract of seqcopy_map_writer_insert.
enum seqcopy_status seqcopy_map_writer_begin(struct seqcopy_map_writer *writer);

// Publishes a batch as one generation, unless nothing was changed in it. A key that found no space is not in it:
// `seqcopy_map_writer_insert` has said so.
//
// Duties:
// The contract of seqcopy_map_writer_insert.
enum seqcopy_status seqcopy_map_writer_commit(struct seqcopy_map_writer *writer);

// Ends a batch without its changes.
//
// Duties:
// The contract of seqcopy_map_writer_insert.
enum seqcopy_status seqcopy_map_writer_discard(struct seqcopy_map_writer *writer);

// Wakes the threads of all processes that wait for this map. A system call
// of about 0.5 us, whether or not a thread waits. Without it, a thread that waits finds the change within 500 ms.
//
// Duties:
// The contract of seqcopy_map_writer_insert.
enum seqcopy_status seqcopy_map_writer_wake(struct seqcopy_map_writer *writer);

// How many entries the newest generation has, with the changes of a batch that was begun; 0 for null.
//
// Duties:
// The contract of seqcopy_map_writer_insert.
size_t seqcopy_map_writer_len(const struct seqcopy_map_writer *writer);

// How many entries there can be; 0 for null.
//
// Duties:
// The contract of seqcopy_map_writer_insert.
size_t seqcopy_map_writer_capacity(const struct seqcopy_map_writer *writer);

// The number of the newest generation; 0 for null.
//
// Duties:
// The contract of seqcopy_map_writer_insert.
uint64_t seqcopy_map_writer_generation(const struct seqcopy_map_writer *writer);

// Whether this writer created the map, rather than take it over.
//
// Duties:
// The contract of seqcopy_map_writer_insert.
bool seqcopy_map_writer_was_created(const struct seqcopy_map_writer *writer);

// A descriptor to give to another process, which can read with it but not write. The caller closes it. On
// failure `*fd` is -1.
//
// Duties:
// The contract of seqcopy_map_writer_insert; `fd` is null, or writable.
enum seqcopy_status seqcopy_map_writer_share(struct seqcopy_map_writer *writer, int *fd);

// Puts the map back if its file was removed: `*restored`, which may be null, says whether that was so, and is false on
// failure.
//
// Duties:
// The contract of seqcopy_map_writer_insert; `restored` is null, or writable.
enum seqcopy_status seqcopy_map_writer_restore_if_removed(struct seqcopy_map_writer *writer, bool *restored);

// Closes the map: readers get `SEQCOPY_CLOSED` from now on, its path is removed, and `*writer` becomes null. Does
// nothing if it is null.
//
// Duties:
// `writer` is null, or leads to null or to a writer that no other thread uses, and none will.
enum seqcopy_status seqcopy_map_writer_close(struct seqcopy_map_writer **writer);

// Ends the writer, and leaves the map for the next one. `*writer` becomes null. Does nothing if it is null.
//
// Duties:
// The contract of seqcopy_map_writer_close.
enum seqcopy_status seqcopy_map_writer_free(struct seqcopy_map_writer **writer);

// A handle to the entry of a key, which need not have one yet. The caller frees it. On failure `*entry` is null.
//
// Duties:
// * `reader` is null, or one that was not freed.
// * `key` is null, or readable for `key_size` bytes; `entry` is null, or writable.
enum seqcopy_status seqcopy_map_reader_entry(const struct seqcopy_map_reader *reader,
                                             const void *key,
                                             size_t key_size,
                                             struct seqcopy_entry **entry);

// A handle to the entry of a key, of a writer: as `seqcopy_map_reader_entry`.
//
// Duties:
// * `writer` is null, or one that was not closed, and no other thread uses it.
// * `key` is null, or readable for `key_size` bytes; `entry` is null, or writable.
enum seqcopy_status seqcopy_map_writer_entry(struct seqcopy_map_writer *writer,
                                             const void *key,
                                             size_t key_size,
                                             struct seqcopy_entry **entry);

// Reads an entry, which is found without a search if it is still where it was. Otherwise as `seqcopy_map_reader_get`.
//
// Duties:
// * `reader` is null, or one that was not freed; `entry` is null, or one that was not freed.
// * `value` is null, or writable for `value_size` bytes; `generation` is null, or writable.
enum seqcopy_status seqcopy_map_reader_read_entry(const struct seqcopy_map_reader *reader,
                                                  const struct seqcopy_entry *entry,
                                                  void *value,
                                                  size_t value_size,
                                                  uint64_t *generation);

// Sets the value of an entry, which is found without a search if it is still where it was. Otherwise as
// `seqcopy_map_writer_insert`.
//
// Duties:
// * `writer` is null, or one that was not closed, and no other thread uses it; `entry` is null, or one that was not
//   freed.
// * `value` is null, or readable for `value_size` bytes.
enum seqcopy_status seqcopy_map_writer_insert_entry(struct seqcopy_map_writer *writer,
                                                    const struct seqcopy_entry *entry,
                                                    const void *value,
                                                    size_t value_size);

// Frees a handle to an entry, and sets `*entry` to null; does nothing if it is null.
//
// Duties:
// `entry` is null, or leads to null or to one that no other thread uses, and none will.
enum seqcopy_status seqcopy_entry_free(struct seqcopy_entry **entry);

// Makes a notifier without regions. On failure `*notifier` is null.
//
// Duties:
// `notifier` is null, or writable.
enum seqcopy_status seqcopy_notifier_new(struct seqcopy_notifier **notifier);

// From now on, the descriptor becomes readable when the region has another version than `known`, is closed, or was
// lost. If this region is registered already, the new registration replaces the old one. After `reopen_if_removed` has
// opened another region, call this again. The registration ends with `seqcopy_notifier_unregister` or
// `seqcopy_notifier_free`. It may outlive the reader.
//
// Duties:
// `notifier` is null, or was not freed; `region` is null, or that of a reader that was not freed.
enum seqcopy_status seqcopy_notifier_register(const struct seqcopy_notifier *notifier,
                                              const struct seqcopy_region *region,
                                              uint64_t known);

// Ends the registration of a region. `SEQCOPY_ARGUMENT` if it is not registered.
//
// Duties:
// `notifier` is null, or was not freed. `region` is only compared: its reader may have been freed.
enum seqcopy_status seqcopy_notifier_unregister(const struct seqcopy_notifier *notifier,
                                                const struct seqcopy_region *region);

// The descriptor, for `poll` and `epoll`: wait until it is readable, but do not read from it, and do not close it. -1
// for null.
//
// Duties:
// `notifier` is null, or was not freed.
int seqcopy_notifier_fd(const struct seqcopy_notifier *notifier);

// Makes the descriptor unreadable until a region changes after this call. Call it first, and then look at all
// registered regions.
//
// Duties:
// `notifier` is null, or was not freed.
enum seqcopy_status seqcopy_notifier_clear(const struct seqcopy_notifier *notifier);

// Ends all registrations and frees the notifier: `*notifier` becomes null. Does nothing if it is null.
//
// Duties:
// `notifier` is null, or leads to null, or to a notifier that no other thread is using.
enum seqcopy_status seqcopy_notifier_free(struct seqcopy_notifier **notifier);

// Opens a region, to read it. Compares its type with a schema of `schema_len` bytes; null and 0 take any type.
// `options` may be null. On failure `*reader` is null.
//
// Duties:
// * `path` is null, or a text with a 0 at its end.
// * `schema` is null, or readable for `schema_len` bytes; `options` is null, or leads to options.
// * `reader` is null, or writable.
enum seqcopy_status seqcopy_reader_open(const char *path,
                                        const void *schema,
                                        size_t schema_len,
                                        const struct seqcopy_options *options,
                                        struct seqcopy_reader **reader);

// Opens a region whose type has every field of this schema's, by name and with the same type, wherever it lies: so a
// program goes on when a field is added to the type, or moved. Values, or elements, are read as those of the schema;
// `*reader` follows to a newer region by the fields, too. Otherwise as `seqcopy_reader_open`.
//
// Duties:
// The contract of seqcopy_reader_open.
enum seqcopy_status seqcopy_reader_open_by_fields(const char *path,
                                                  const void *schema,
                                                  size_t schema_len,
                                                  const struct seqcopy_options *options,
                                                  struct seqcopy_reader **reader);

// `seqcopy_reader_open` by a descriptor, which stays the caller's. Its file has to be sealed against shrinking.
//
// Duties:
// The contract of seqcopy_reader_open; `fd` is an open descriptor.
enum seqcopy_status seqcopy_reader_from_fd(int fd,
                                           const void *schema,
                                           size_t schema_len,
                                           struct seqcopy_reader **reader);

// The region that it reads: its version, its writer, and waiting. Null for null.
//
// Duties:
// `reader` is null, or one that was not freed.
const struct seqcopy_region *seqcopy_reader_region(const struct seqcopy_reader *reader);

// Reads the value: `size` is that of the type. Its version is stored to `*version`, which may be null. Padding of
// `*value` stays as it is. On failure the other bytes are unspecified.
//
// Makes up to 10,000 attempts, for at most a quarter of a second; with two buffers or more one is mostly enough.
//
// Duties:
// `reader` is null, or one that was not freed; `value` is null, or writable for `size` bytes; `version` is null, or
// writable.
enum seqcopy_status seqcopy_reader_read(const struct seqcopy_reader *reader,
                                        void *value,
                                        size_t size,
                                        uint64_t *version);

// `seqcopy_reader_read`, by a single attempt: wait-free.
//
// Duties:
// The contract of seqcopy_reader_read.
enum seqcopy_status seqcopy_reader_try_read(const struct seqcopy_reader *reader,
                                            void *value,
                                            size_t size,
                                            uint64_t *version);

// Reads the value if its version is another than `*known`, which is set to it; `*changed` says whether it was read. 0
// is no version: then any value is read. On failure `*known` is as it was, and `*changed` false.
//
// Duties:
// The contract of seqcopy_reader_read; `known` is null, or readable and writable; `changed` is null, or writable.
enum seqcopy_status seqcopy_reader_read_if_changed(const struct seqcopy_reader *reader,
                                                   void *value,
                                                   size_t size,
                                                   uint64_t *known,
                                                   bool *changed);

// Reads the elements of a slice to a place for `capacity` elements of `element_size` bytes. `*count` becomes how many
// there are, also where there is no space for them: `SEQCOPY_TOO_LONG`. On other failures it is 0.
//
// Duties:
// `reader` is null, or one that was not freed; `elements` is null, or writable for as many; `count` and `version` are
// null, or writable.
enum seqcopy_status seqcopy_reader_read_elements(const struct seqcopy_reader *reader,
                                                 void *elements,
                                                 size_t element_size,
                                                 size_t capacity,
                                                 size_t *count,
                                                 uint64_t *version);

// The most elements that a slice of this region can have; 0 if its values are no slices.
//
// Duties:
// `reader` is null, or one that was not freed.
size_t seqcopy_reader_capacity(const struct seqcopy_reader *reader);

// If the region was removed, and there is a new one at its path, of the same type: reads that from now on. `*reopened`
// says whether that is so, and is false on failure. After that there are new versions, which begin with 1.
//
// Duties:
// `reader` is null, or one that no other thread uses during the call; `reopened` is null, or writable.
enum seqcopy_status seqcopy_reader_reopen_if_removed(struct seqcopy_reader *reader, bool *reopened);

// Frees a reader, and sets `*reader` to null; does nothing if it is null.
//
// Duties:
// `reader` is null, or leads to null or to a reader that no other thread uses, and none will.
enum seqcopy_status seqcopy_reader_free(struct seqcopy_reader **reader);

// Sets the defaults. `size` is `sizeof(seqcopy_options)`.
//
// Duties:
// `options` is null, or writable for `size` bytes.
enum seqcopy_status seqcopy_options_init(struct seqcopy_options *options, size_t size);

// How many values have been published, or generations of a map; 0 for null.
//
// Duties:
// `region` is null, or that of a reader that was not freed.
uint64_t seqcopy_region_version(const struct seqcopy_region *region);

// Waits until there is another version than `known`, or the region is closed, for at most `nanoseconds`. `*waited` says
// how the wait has ended. The thread sleeps until a writer calls `wake`. 0 looks once.
//
// No other thread can end a wait. A thread that also waits for something else uses a `seqcopy_notifier`.
//
// Duties:
// `region` is null, or that of a reader that is not freed during the call; `waited` is null, or writable.
enum seqcopy_status seqcopy_region_wait(const struct seqcopy_region *region,
                                        uint64_t known,
                                        uint64_t nanoseconds,
                                        enum seqcopy_waited *waited);

// Whether the region has a writer, and the process number of that: 0 if it is not known. Makes system calls.
//
// Duties:
// `region` is null, or that of a reader that was not freed; `pid` is null, or writable.
enum seqcopy_writer_state seqcopy_region_writer_state(const struct seqcopy_region *region, uint32_t *pid);

// Whether the writer closed it: there will be no more values.
//
// Duties:
// `region` is null, or that of a reader that was not freed.
bool seqcopy_region_is_closed(const struct seqcopy_region *region);

// Whether its path leads to it no more: the file was removed or renamed, and perhaps there is a new one. Makes system
// calls.
//
// Duties:
// `region` is null, or that of a reader that was not freed.
bool seqcopy_region_is_removed(const struct seqcopy_region *region);

// The user that owns its file.
//
// Duties:
// `region` is null, or that of a reader that was not freed; `owner` is null, or writable.
enum seqcopy_status seqcopy_region_owner(const struct seqcopy_region *region, uint32_t *owner);

// The schema of its type, of a map that of a slot: bytes that are there until the reader is freed, also if it is
// reopened; then they are those of the first region, whose type may have been another one if the reader was opened by
// fields.
//
// Duties:
// `region` is null, or that of a reader that was not freed; `schema` and `len` are null, or writable.
enum seqcopy_status seqcopy_region_schema(const struct seqcopy_region *region, const uint8_t **schema, size_t *len);

// A descriptor to give to another process, which can read with it but not write. The caller closes it. On
// failure `*fd` is -1.
//
// Duties:
// `region` is null, or that of a reader that was not freed; `fd` is null, or writable.
enum seqcopy_status seqcopy_region_share(const struct seqcopy_region *region, int *fd);

// From now on, a read or a write of a region whose file was truncated fails with `SEQCOPY_TRUNCATED`, where it would
// end the program by SIGBUS. Handlers of SIGBUS that were set before get all other signals.
enum seqcopy_status seqcopy_survive_truncation(void);

// Returns the number of the library's binary interface. A program that loads the library at run time compares it with
// `SEQCOPY_ABI`: if they differ, the library does not fit the header that the program was compiled with. The number
// changes when a function or a struct changes incompatibly, not when one is added.
uint32_t seqcopy_abi(void);

// The text of the last failure of the calling thread: what was expected, what was found, where, and what to do. It
// stays until that thread's next call that fails; the empty text before the first.
const char *seqcopy_message(void);

// The status of the last failure of the calling thread; `SEQCOPY_OK` before the first.
enum seqcopy_status seqcopy_last_status(void);

// Creates a region for values of the type of a schema, and becomes its writer. Fails if there is something at the
// path. `options` may be null. On failure `*writer` is null.
//
// Duties:
// * `path` is null, or a text with a 0 at its end.
// * `schema` is null, or readable for `schema_len` bytes; `options` is null, or leads to options.
// * `writer` is null, or writable.
enum seqcopy_status seqcopy_writer_create(const char *path,
                                          const void *schema,
                                          size_t schema_len,
                                          const struct seqcopy_options *options,
                                          struct seqcopy_writer **writer);

// For a program that is started again and again: takes over the region if its writer has ended, and creates it if it
// is not there.
//
// Duties:
// The contract of seqcopy_writer_create.
enum seqcopy_status seqcopy_writer_open_or_create(const char *path,
                                                  const void *schema,
                                                  size_t schema_len,
                                                  const struct seqcopy_options *options,
                                                  struct seqcopy_writer **writer);

// Becomes the writer of a region that is there, and whose writer has ended.
//
// Duties:
// The contract of seqcopy_writer_create.
enum seqcopy_status seqcopy_writer_take_over(const char *path,
                                             const void *schema,
                                             size_t schema_len,
                                             const struct seqcopy_options *options,
                                             struct seqcopy_writer **writer);

// Publishes a value: `size` is that of the type. Wait-free. Padding is not written, nor what has no meaning in the
// value. Nothing is written if it is not a value of the type.
//
// Duties:
// `writer` is null, or one that was not closed, and no other thread uses it; `value` is null, or readable for `size`
// bytes.
enum seqcopy_status seqcopy_writer_write(struct seqcopy_writer *writer, const void *value, size_t size);

// Publishes a slice of `count` elements of `element_size` bytes.
//
// Duties:
// `writer` is null, or one that was not closed, and no other thread uses it; `elements` is null, or readable for as
// many.
enum seqcopy_status seqcopy_writer_write_elements(struct seqcopy_writer *writer,
                                                  const void *elements,
                                                  size_t element_size,
                                                  size_t count);

// The last published value, for a writer that goes on from it: as `seqcopy_reader_read`.
//
// Duties:
// The contract of seqcopy_writer_write; `value` is null, or writable for `size` bytes.
enum seqcopy_status seqcopy_writer_read(struct seqcopy_writer *writer, void *value, size_t size);

// Begins to change the last value in place: `*value` becomes the address of a copy of it, of zeros before the first,
// aligned as the type. `seqcopy_writer_end` publishes that. Readers see nothing of it before.
//
// Duties:
// The contract of seqcopy_writer_write; `value` is null, or writable. The address is valid until the next call
// with this writer, and after a `seqcopy_writer_end` that failed.
enum seqcopy_status seqcopy_writer_begin(struct seqcopy_writer *writer, void **value);

// Publishes what `seqcopy_writer_begin` gave out. If that is not a value of the type, nothing is written, and it can
// be changed further.
//
// Duties:
// The contract of seqcopy_writer_write.
enum seqcopy_status seqcopy_writer_end(struct seqcopy_writer *writer);

// Wakes the threads of all processes that wait for this region. A system call
// of about 0.5 us, whether or not a thread waits. Without it, a thread that waits finds the change within 500 ms.
//
// Duties:
// The contract of seqcopy_writer_write.
enum seqcopy_status seqcopy_writer_wake(struct seqcopy_writer *writer);

// How many values have been published; 0 for null.
//
// Duties:
// The contract of seqcopy_writer_write.
uint64_t seqcopy_writer_version(const struct seqcopy_writer *writer);

// Whether this writer created the region, rather than take it over.
//
// Duties:
// The contract of seqcopy_writer_write.
bool seqcopy_writer_was_created(const struct seqcopy_writer *writer);

// A descriptor to give to another process, which can read with it but not write. The caller closes it. On
// failure `*fd` is -1.
//
// Duties:
// The contract of seqcopy_writer_write; `fd` is null, or writable.
enum seqcopy_status seqcopy_writer_share(struct seqcopy_writer *writer, int *fd);

// Puts the region back if its file was removed: `*restored`, which may be null, says whether that was so, and is false
// on failure. Readers that notice open the new one.
//
// Duties:
// The contract of seqcopy_writer_write; `restored` is null, or writable.
enum seqcopy_status seqcopy_writer_restore_if_removed(struct seqcopy_writer *writer, bool *restored);

// Closes the region: readers get `SEQCOPY_CLOSED` from now on, its path is removed, and `*writer` becomes null. Does
// nothing if it is null.
//
// Duties:
// `writer` is null, or leads to null or to a writer that no other thread uses, and none will.
enum seqcopy_status seqcopy_writer_close(struct seqcopy_writer **writer);

// Ends the writer, and leaves the region for the next one: readers keep the last value. `*writer` becomes null. Does
// nothing if it is null.
//
// Duties:
// The contract of seqcopy_writer_close.
enum seqcopy_status seqcopy_writer_free(struct seqcopy_writer **writer);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SEQCOPY_H */
