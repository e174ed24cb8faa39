/* `SeqStr<12>` to `Leg` in C11 or C++17, as regions of seqcopy have it: the type, and what writes and reads it by the library seqcopy_c. Generated
 * by seqcopy-bindgen, which `seqcopy header` calls; generate it again when the type changes.
 *
 *     seqcopy_Map_Leg_reader *reader;
 *     seqcopy_Map_Leg entry;
 *     seqcopy_status status = seqcopy_Map_Leg_reader_open("/dev/shm/...", &reader);
 *     entry.key = ...;
 *     if (status == SEQCOPY_OK)
 *         status = seqcopy_Map_Leg_reader_get(reader, &entry);
 *     if (status == SEQCOPY_OK)
 *         use(entry.value);
 *     else
 *         puts(seqcopy_message());
 *     seqcopy_Map_Leg_reader_free(&reader);
 *
 * A read returns one value that was written, whole and with valid bits: every bool is 0 or 1, every enum one of its variants, the
 * length of a SeqStr or SeqVec at most its capacity, a SeqStr's text UTF-8 (without a 0 at its end: use its length). The Rust
 * type's own `check`, if it has one, is not known here. What the functions return is explained in seqcopy.h.
 *
 * Members have the names of the fields; where that name is a keyword or already in use, a comment next to the member has the field's
 * name. Where it is a macro, such as errno or st_atime, write `#undef errno` before the first use of the member, or put that use
 * between push_macro and pop_macro, as is done here. The tags of enums are SEQCOPY_MAP_LEG_.._TAG_VARIANT; in C++, an enum without fields is also an
 * enum class with these variants.
 */

#ifndef SEQCOPY_SEQCOPY_MAP_LEG_H
#define SEQCOPY_SEQCOPY_MAP_LEG_H

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#include <seqcopy.hpp>
#else
#include <seqcopy.h>
#endif

/* One condition each: Clang 15 and 16 warn of `&&` between constants. */
static_assert(sizeof(void *) == 8, "this header is for another pointer width: run `seqcopy header` on this machine");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "this header is for another byte order: run `seqcopy header` on this machine");

/* This header is C, also where a program in C++ includes it. */
#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#endif

/* The type. A struct that is packed in Rust may contain types that are aligned where they stand alone. */

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpacked-not-aligned"
#endif

#pragma push_macro("Some")
#undef Some
#pragma push_macro("bytes")
#undef bytes
#pragma push_macro("far")
#undef far
#pragma push_macro("height")
#undef height
#pragma push_macro("id")
#undef id
#pragma push_macro("key")
#undef key
#pragma push_macro("len")
#undef len
#pragma push_macro("length")
#undef length
#pragma push_macro("payload")
#undef payload
#pragma push_macro("ready")
#undef ready
#pragma push_macro("stamp")
#undef stamp
#pragma push_macro("tag")
#undef tag
#pragma push_macro("value")
#undef value

/* `SeqStr<12>` */
typedef struct seqcopy_Map_Leg_SeqStr_12 {
    uint32_t len;
    uint8_t bytes[12];
} seqcopy_Map_Leg_SeqStr_12;
static_assert(sizeof(seqcopy_Map_Leg_SeqStr_12) == 16, "seqcopy_Map_Leg_SeqStr_12: size");
static_assert(alignof(seqcopy_Map_Leg_SeqStr_12) == 4, "seqcopy_Map_Leg_SeqStr_12: alignment");
static_assert(offsetof(seqcopy_Map_Leg_SeqStr_12, len) == 0, "seqcopy_Map_Leg_SeqStr_12.len");
static_assert(offsetof(seqcopy_Map_Leg_SeqStr_12, bytes) == 4, "seqcopy_Map_Leg_SeqStr_12.bytes");

/* `Leap` */
typedef struct seqcopy_Map_Leg_Leap {
    uint16_t height;
    bool far;
} seqcopy_Map_Leg_Leap;
static_assert(sizeof(seqcopy_Map_Leg_Leap) == 4, "seqcopy_Map_Leg_Leap: size");
static_assert(alignof(seqcopy_Map_Leg_Leap) == 2, "seqcopy_Map_Leg_Leap: alignment");
static_assert(offsetof(seqcopy_Map_Leg_Leap, height) == 0, "seqcopy_Map_Leg_Leap.height");
static_assert(offsetof(seqcopy_Map_Leg_Leap, far) == 2, "seqcopy_Map_Leg_Leap.far");

/* `SeqOption<Leap>::Some` */
typedef struct seqcopy_Map_Leg_SeqOption_Leap_Some {
    seqcopy_Map_Leg_Leap _0;
} seqcopy_Map_Leg_SeqOption_Leap_Some;
static_assert(sizeof(seqcopy_Map_Leg_SeqOption_Leap_Some) == 4, "seqcopy_Map_Leg_SeqOption_Leap_Some: size");
static_assert(alignof(seqcopy_Map_Leg_SeqOption_Leap_Some) == 2, "seqcopy_Map_Leg_SeqOption_Leap_Some: alignment");
static_assert(offsetof(seqcopy_Map_Leg_SeqOption_Leap_Some, _0) == 0, "seqcopy_Map_Leg_SeqOption_Leap_Some._0");

#define SEQCOPY_MAP_LEG_SEQ_OPTION_LEAP_TAG_NONE SEQCOPY_CONSTANT(uint8_t, 0)
#define SEQCOPY_MAP_LEG_SEQ_OPTION_LEAP_TAG_SOME SEQCOPY_CONSTANT(uint8_t, 1)
/* the fields of `SeqOption<Leap>` */
typedef union seqcopy_Map_Leg_SeqOption_Leap_payload {
    seqcopy_Map_Leg_SeqOption_Leap_Some Some;
} seqcopy_Map_Leg_SeqOption_Leap_payload;

/* `SeqOption<Leap>` */
typedef struct seqcopy_Map_Leg_SeqOption_Leap {
    uint8_t tag;
    seqcopy_Map_Leg_SeqOption_Leap_payload payload;
} seqcopy_Map_Leg_SeqOption_Leap;
static_assert(sizeof(seqcopy_Map_Leg_SeqOption_Leap) == 6, "seqcopy_Map_Leg_SeqOption_Leap: size");
static_assert(alignof(seqcopy_Map_Leg_SeqOption_Leap) == 2, "seqcopy_Map_Leg_SeqOption_Leap: alignment");
static_assert(offsetof(seqcopy_Map_Leg_SeqOption_Leap, tag) == 0, "seqcopy_Map_Leg_SeqOption_Leap.tag");
static_assert(offsetof(seqcopy_Map_Leg_SeqOption_Leap, payload) == 2, "seqcopy_Map_Leg_SeqOption_Leap.payload");

/* `Leg` */
typedef struct seqcopy_Map_Leg_Leg {
    uint8_t id;
    uint32_t length;
    seqcopy_Map_Leg_SeqOption_Leap ready;
} seqcopy_Map_Leg_Leg;
static_assert(sizeof(seqcopy_Map_Leg_Leg) == 16, "seqcopy_Map_Leg_Leg: size");
static_assert(alignof(seqcopy_Map_Leg_Leg) == 4, "seqcopy_Map_Leg_Leg: alignment");
static_assert(offsetof(seqcopy_Map_Leg_Leg, id) == 0, "seqcopy_Map_Leg_Leg.id");
static_assert(offsetof(seqcopy_Map_Leg_Leg, length) == 4, "seqcopy_Map_Leg_Leg.length");
static_assert(offsetof(seqcopy_Map_Leg_Leg, ready) == 8, "seqcopy_Map_Leg_Leg.ready");

/* `Slot` */
typedef struct seqcopy_Map_Leg {
    uint64_t stamp;
    seqcopy_Map_Leg_SeqStr_12 key;
    seqcopy_Map_Leg_Leg value;
} seqcopy_Map_Leg;
static_assert(sizeof(seqcopy_Map_Leg) == 40, "seqcopy_Map_Leg: size");
static_assert(alignof(seqcopy_Map_Leg) == 8, "seqcopy_Map_Leg: alignment");
static_assert(offsetof(seqcopy_Map_Leg, stamp) == 0, "seqcopy_Map_Leg.stamp");
static_assert(offsetof(seqcopy_Map_Leg, key) == 8, "seqcopy_Map_Leg.key");
static_assert(offsetof(seqcopy_Map_Leg, value) == 24, "seqcopy_Map_Leg.value");

#pragma pop_macro("Some")
#pragma pop_macro("bytes")
#pragma pop_macro("far")
#pragma pop_macro("height")
#pragma pop_macro("id")
#pragma pop_macro("key")
#pragma pop_macro("len")
#pragma pop_macro("length")
#pragma pop_macro("payload")
#pragma pop_macro("ready")
#pragma pop_macro("stamp")
#pragma pop_macro("tag")
#pragma pop_macro("value")

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/* The type, as regions have it. */
#define SEQCOPY_MAP_LEG_FINGERPRINT UINT64_C(0xeb5fc60b1f962c98)
static const unsigned char seqcopy_Map_Leg_schema[] = {
};

/* The writer of a region, of which there is one at a time, and a reader. They are handles of seqcopy.h: each function here that takes one
 * does what that one does which has `seqcopy_map` for seqcopy_Map_Leg in its name. */
typedef struct seqcopy_Map_Leg_writer seqcopy_Map_Leg_writer;
typedef struct seqcopy_Map_Leg_reader seqcopy_Map_Leg_reader;

static inline seqcopy_map_writer *seqcopy_Map_Leg_writer_handle(const seqcopy_Map_Leg_writer *self)
{
    return (seqcopy_map_writer *)(uintptr_t)self;
}

/* Opens a writer by one of seqcopy_map_writer_create, .._open_or_create and .._take_over; the options may be null. */
static inline seqcopy_status seqcopy_Map_Leg_writer_open(
    seqcopy_status (*make)(const char *, const void *, size_t, const seqcopy_options *, seqcopy_map_writer **), const char *path,
    const seqcopy_options *options, seqcopy_Map_Leg_writer **self)
{
    seqcopy_map_writer *handle = NULL;
    seqcopy_status status = make(path, seqcopy_Map_Leg_schema, sizeof seqcopy_Map_Leg_schema, options, &handle);
    *self = (seqcopy_Map_Leg_writer *)(uintptr_t)handle;
    return status;
}

static inline seqcopy_status seqcopy_Map_Leg_writer_take_over(const char *path, seqcopy_Map_Leg_writer **self)
{
    return seqcopy_Map_Leg_writer_open(seqcopy_map_writer_take_over, path, NULL, self);
}

/* Wakes those that wait. */
static inline seqcopy_status seqcopy_Map_Leg_writer_wake(seqcopy_Map_Leg_writer *self)
{
    return seqcopy_map_writer_wake(seqcopy_Map_Leg_writer_handle(self));
}

/* Closes the region: readers learn that nothing will change any more, and its path is removed. */
static inline seqcopy_status seqcopy_Map_Leg_writer_close(seqcopy_Map_Leg_writer **self)
{
    seqcopy_map_writer *handle = seqcopy_Map_Leg_writer_handle(*self);
    *self = NULL;
    return seqcopy_map_writer_close(&handle);
}

/* Ends the writer, and leaves the region for the next one. */
static inline seqcopy_status seqcopy_Map_Leg_writer_free(seqcopy_Map_Leg_writer **self)
{
    seqcopy_map_writer *handle = seqcopy_Map_Leg_writer_handle(*self);
    *self = NULL;
    return seqcopy_map_writer_free(&handle);
}

static inline seqcopy_map_reader *seqcopy_Map_Leg_reader_handle(const seqcopy_Map_Leg_reader *self)
{
    return (seqcopy_map_reader *)(uintptr_t)self;
}

static inline seqcopy_status seqcopy_Map_Leg_reader_open(const char *path, seqcopy_Map_Leg_reader **self)
{
    seqcopy_map_reader *handle = NULL;
    seqcopy_status status = seqcopy_map_reader_open(path, seqcopy_Map_Leg_schema, sizeof seqcopy_Map_Leg_schema, NULL, &handle);
    *self = (seqcopy_Map_Leg_reader *)(uintptr_t)handle;
    return status;
}

/* A region whose type has every field of seqcopy_Map_Leg, or of the values of a map, by name and with the same type, wherever it lies. */
static inline seqcopy_status seqcopy_Map_Leg_reader_open_by_fields(const char *path, seqcopy_Map_Leg_reader **self)
{
    seqcopy_map_reader *handle = NULL;
    seqcopy_status status = seqcopy_map_reader_open_by_fields(path, seqcopy_Map_Leg_schema, sizeof seqcopy_Map_Leg_schema, NULL, &handle);
    *self = (seqcopy_Map_Leg_reader *)(uintptr_t)handle;
    return status;
}

/* The region of a reader: its version or generation, its writer, whether it is closed. */
static inline const seqcopy_region *seqcopy_Map_Leg_reader_region(const seqcopy_Map_Leg_reader *self)
{
    return seqcopy_map_reader_region(seqcopy_Map_Leg_reader_handle(self));
}

/* Waits until there is another version than `known`, for at most that many nanoseconds. */
static inline seqcopy_status seqcopy_Map_Leg_reader_wait(const seqcopy_Map_Leg_reader *self, uint64_t known, uint64_t nanoseconds, seqcopy_waited *waited)
{
    return seqcopy_region_wait(seqcopy_Map_Leg_reader_region(self), known, nanoseconds, waited);
}

static inline seqcopy_status seqcopy_Map_Leg_reader_reopen_if_removed(seqcopy_Map_Leg_reader *self, bool *reopened)
{
    return seqcopy_map_reader_reopen_if_removed(seqcopy_Map_Leg_reader_handle(self), reopened);
}

static inline seqcopy_status seqcopy_Map_Leg_reader_free(seqcopy_Map_Leg_reader **self)
{
    seqcopy_map_reader *handle = seqcopy_Map_Leg_reader_handle(*self);
    *self = NULL;
    return seqcopy_map_reader_free(&handle);
}

/* A map for at least `capacity` entries, if it is not there. */
static inline seqcopy_status seqcopy_Map_Leg_writer_open_or_create(const char *path, size_t capacity, seqcopy_Map_Leg_writer **self)
{
    seqcopy_options options;
    seqcopy_options_init(&options, sizeof options);
    options.capacity = capacity;
    return seqcopy_Map_Leg_writer_open(seqcopy_map_writer_open_or_create, path, &options, self);
}

/* Sets the value of a key: entry->key and entry->value. */
static inline seqcopy_status seqcopy_Map_Leg_writer_insert(seqcopy_Map_Leg_writer *self, const seqcopy_Map_Leg *entry)
{
    return seqcopy_map_writer_insert(
        seqcopy_Map_Leg_writer_handle(self), &entry->key, sizeof entry->key, &entry->value, sizeof entry->value);
}

/* As of a reader. */
static inline seqcopy_status seqcopy_Map_Leg_writer_entry(seqcopy_Map_Leg_writer *self, const seqcopy_Map_Leg *entry, seqcopy_entry **handle)
{
    return seqcopy_map_writer_entry(seqcopy_Map_Leg_writer_handle(self), &entry->key, sizeof entry->key, handle);
}

/* Sets the value of its key: entry->value. */
static inline seqcopy_status seqcopy_Map_Leg_writer_insert_entry(
    seqcopy_Map_Leg_writer *self, const seqcopy_entry *handle, const seqcopy_Map_Leg *entry)
{
    return seqcopy_map_writer_insert_entry(seqcopy_Map_Leg_writer_handle(self), handle, &entry->value, sizeof entry->value);
}

/* Removes entry->key. */
static inline seqcopy_status seqcopy_Map_Leg_writer_remove(seqcopy_Map_Leg_writer *self, const seqcopy_Map_Leg *entry)
{
    return seqcopy_map_writer_remove(seqcopy_Map_Leg_writer_handle(self), &entry->key, sizeof entry->key);
}

/* Looks up entry->key, and sets entry->value and entry->stamp. */
static inline seqcopy_status seqcopy_Map_Leg_writer_get(seqcopy_Map_Leg_writer *self, seqcopy_Map_Leg *entry)
{
    return seqcopy_map_writer_get(
        seqcopy_Map_Leg_writer_handle(self), &entry->key, sizeof entry->key, &entry->value, sizeof entry->value, &entry->stamp);
}

/* Readers see what is changed between these two at once. */
static inline seqcopy_status seqcopy_Map_Leg_writer_begin(seqcopy_Map_Leg_writer *self)
{
    return seqcopy_map_writer_begin(seqcopy_Map_Leg_writer_handle(self));
}

static inline seqcopy_status seqcopy_Map_Leg_writer_commit(seqcopy_Map_Leg_writer *self)
{
    return seqcopy_map_writer_commit(seqcopy_Map_Leg_writer_handle(self));
}

/* Looks up entry->key, and sets entry->value and entry->stamp. */
static inline seqcopy_status seqcopy_Map_Leg_reader_get(const seqcopy_Map_Leg_reader *self, seqcopy_Map_Leg *entry)
{
    return seqcopy_map_reader_get(
        seqcopy_Map_Leg_reader_handle(self), &entry->key, sizeof entry->key, &entry->value, sizeof entry->value, &entry->stamp);
}

/* A handle to the entry of entry->key, which is found without a search as long as it is where it was: seqcopy_entry_free frees it. */
static inline seqcopy_status seqcopy_Map_Leg_reader_entry(
    const seqcopy_Map_Leg_reader *self, const seqcopy_Map_Leg *entry, seqcopy_entry **handle)
{
    return seqcopy_map_reader_entry(seqcopy_Map_Leg_reader_handle(self), &entry->key, sizeof entry->key, handle);
}

/* Sets entry->value and entry->stamp to those of its key. */
static inline seqcopy_status seqcopy_Map_Leg_reader_read_entry(
    const seqcopy_Map_Leg_reader *self, const seqcopy_entry *handle, seqcopy_Map_Leg *entry)
{
    return seqcopy_map_reader_read_entry(seqcopy_Map_Leg_reader_handle(self), handle, &entry->value, sizeof entry->value, &entry->stamp);
}

/* A copy of all entries of one generation: seqcopy_entries_free frees them. */
static inline seqcopy_status seqcopy_Map_Leg_reader_entries(const seqcopy_Map_Leg_reader *self, seqcopy_entries **entries)
{
    return seqcopy_map_reader_entries(seqcopy_Map_Leg_reader_handle(self), entries);
}

/* The next of them; SEQCOPY_END after the last. */
static inline seqcopy_status seqcopy_Map_Leg_entries_next(seqcopy_entries *entries, seqcopy_Map_Leg *entry)
{
    return seqcopy_entries_next(entries, &entry->key, sizeof entry->key, &entry->value, sizeof entry->value, &entry->stamp);
}

#ifdef __cplusplus
template <> struct seqcopy::Type<seqcopy_Map_Leg> {
    static constexpr const unsigned char *schema = seqcopy_Map_Leg_schema;
    static constexpr size_t schema_len = sizeof seqcopy_Map_Leg_schema;
};

#pragma GCC diagnostic pop
#endif

#elif SEQCOPY_MAP_LEG_FINGERPRINT != UINT64_C(0xeb5fc60b1f962c98)
#error "two types have a header with the name seqcopy_Map_Leg: generate one with another name, by `seqcopy header --name` or `Bindings::name`"
#endif
