/* Functions of the library for one type, part by part: what stands around them, those of values, of slices and of maps. A value is written
 * `direct`, if its data lies in the same places in each. */
@=library@

#if defined(SEQCOPY_H) && !defined(SEQCOPY_@NAME@_LIBRARY_H)
#define SEQCOPY_@NAME@_LIBRARY_H

/* With the library seqcopy_c: writing, and waiting. For this, seqcopy.h, or seqcopy.hpp, stands before this header. What a function
 * returns is explained there, and seqcopy_message() has the text. */

/* The type, as regions have it. */
static const unsigned char @name@_schema[] = {
@schema@
};

/* The writer of a region, of which there is one at a time, and a reader of the library. They are handles of seqcopy.h. */
typedef struct @name@_writer @name@_writer;
typedef struct @name@_reader @name@_reader;

@+handles@
#ifdef SEQCOPY_HPP
template <> struct seqcopy::Type<@name@> {
    static constexpr const unsigned char *schema = @name@_schema;
    static constexpr size_t schema_len = sizeof @name@_schema;
@+functions_of_type@
};
#endif
#endif
@=value_handles@
static inline seqcopy_writer *@name@_writer_handle(const @name@_writer *self)
{
    return (seqcopy_writer *)(uintptr_t)self;
}

/* Opens a writer by one of seqcopy_writer_create, .._open_or_create and .._take_over; the options may be null. */
static inline seqcopy_status @name@_writer_open(
    seqcopy_status (*make)(const char *, const void *, size_t, const seqcopy_options *, seqcopy_writer **), const char *path,
    const seqcopy_options *options, @name@_writer **self)
{
    seqcopy_writer *handle = NULL;
    seqcopy_status status = make(path, @name@_schema, sizeof @name@_schema, options, &handle);
    *self = (@name@_writer *)(uintptr_t)handle;
    return status;
}

static inline seqcopy_status @name@_writer_create(const char *path, @name@_writer **self)
{
    return @name@_writer_open(seqcopy_writer_create, path, NULL, self);
}

static inline seqcopy_status @name@_writer_open_or_create(const char *path, @name@_writer **self)
{
    return @name@_writer_open(seqcopy_writer_open_or_create, path, NULL, self);
}

static inline seqcopy_status @name@_writer_take_over(const char *path, @name@_writer **self)
{
    return @name@_writer_open(seqcopy_writer_take_over, path, NULL, self);
}

@+write@
/* The last value, for a writer that goes on from it. */
static inline seqcopy_status @name@_writer_read(@name@_writer *self, @name@ *out)
{
    return seqcopy_writer_read(@name@_writer_handle(self), out, sizeof *out);
}

/* A copy of the last value, of zeros before the first, to be changed in place until @name@_writer_end publishes it. */
static inline @name@ *@name@_writer_begin(@name@_writer *self)
{
    void *out = NULL;
    seqcopy_writer_begin(@name@_writer_handle(self), &out);
    return (@name@ *)out;
}

static inline seqcopy_status @name@_writer_end(@name@_writer *self)
{
    return seqcopy_writer_end(@name@_writer_handle(self));
}

/* Wakes those that wait. */
static inline seqcopy_status @name@_writer_wake(@name@_writer *self)
{
    return seqcopy_writer_wake(@name@_writer_handle(self));
}

/* Closes the region: readers learn that there will be no more values, and its path is removed. */
static inline seqcopy_status @name@_writer_close(@name@_writer **self)
{
    seqcopy_writer *handle = @name@_writer_handle(*self);
    *self = NULL;
    return seqcopy_writer_close(&handle);
}

/* Ends the writer, and leaves the region for the next one. */
static inline seqcopy_status @name@_writer_free(@name@_writer **self)
{
    seqcopy_writer *handle = @name@_writer_handle(*self);
    *self = NULL;
    return seqcopy_writer_free(&handle);
}

static inline seqcopy_reader *@name@_reader_handle(const @name@_reader *self)
{
    return (seqcopy_reader *)(uintptr_t)self;
}

static inline seqcopy_status @name@_reader_open(const char *path, @name@_reader **self)
{
    seqcopy_reader *handle = NULL;
    seqcopy_status status = seqcopy_reader_open(path, @name@_schema, sizeof @name@_schema, NULL, &handle);
    *self = (@name@_reader *)(uintptr_t)handle;
    return status;
}

/* A region whose type has every field of @name@, by name and with the same type, wherever it lies. */
static inline seqcopy_status @name@_reader_open_by_fields(const char *path, @name@_reader **self)
{
    seqcopy_reader *handle = NULL;
    seqcopy_status status = seqcopy_reader_open_by_fields(path, @name@_schema, sizeof @name@_schema, NULL, &handle);
    *self = (@name@_reader *)(uintptr_t)handle;
    return status;
}

/* The region of a reader: its version, its writer, whether it is closed. */
static inline const seqcopy_region *@name@_reader_region(const @name@_reader *self)
{
    return seqcopy_reader_region(@name@_reader_handle(self));
}

@+read@
/* Waits until there is another version than `known`, for at most that many nanoseconds. */
static inline seqcopy_status @name@_reader_wait(const @name@_reader *self, uint64_t known, uint64_t nanoseconds, bool *newer)
{
    return seqcopy_region_wait(@name@_reader_region(self), known, nanoseconds, newer);
}

static inline seqcopy_status @name@_reader_reopen_if_removed(@name@_reader *self, bool *reopened)
{
    return seqcopy_reader_reopen_if_removed(@name@_reader_handle(self), reopened);
}

static inline seqcopy_status @name@_reader_free(@name@_reader **self)
{
    seqcopy_reader *handle = @name@_reader_handle(*self);
    *self = NULL;
    return seqcopy_reader_free(&handle);
}

@=slice_handles@
/* Publishes some elements. The capacity of the region may be another than that of the struct. */
static inline seqcopy_status @name@_writer_write_elements(@name@_writer *self, const void *elements, size_t count)
{
    return seqcopy_writer_write_elements(@name@_writer_handle(self), elements, sizeof ((@name@ *)0)->elements[0], count);
}

/* Reads the elements to a place for `capacity` of them; `*count` becomes how many there are. */
static inline seqcopy_status @name@_reader_read_elements(
    const @name@_reader *self, void *elements, size_t capacity, size_t *count, uint64_t *version)
{
    return seqcopy_reader_read_elements(
        @name@_reader_handle(self), elements, sizeof ((@name@ *)0)->elements[0], capacity, count, version);
}

@=map_handles@
static inline seqcopy_map_writer *@name@_writer_handle(const @name@_writer *self)
{
    return (seqcopy_map_writer *)(uintptr_t)self;
}

/* Opens a writer by one of seqcopy_map_writer_create, .._open_or_create and .._take_over. */
static inline seqcopy_status @name@_writer_open(
    seqcopy_status (*make)(const char *, const void *, size_t, const seqcopy_options *, seqcopy_map_writer **), const char *path,
    const seqcopy_options *options, @name@_writer **self)
{
    seqcopy_map_writer *handle = NULL;
    seqcopy_status status = make(path, @name@_schema, sizeof @name@_schema, options, &handle);
    *self = (@name@_writer *)(uintptr_t)handle;
    return status;
}

/* A map for at least `capacity` entries, if it is not there. */
static inline seqcopy_status @name@_writer_open_or_create(const char *path, size_t capacity, @name@_writer **self)
{
    seqcopy_options options;
    seqcopy_options_init(&options, sizeof options);
    options.capacity = capacity;
    return @name@_writer_open(seqcopy_map_writer_open_or_create, path, &options, self);
}

/* Sets the value of a key: entry->key and entry->value. */
static inline seqcopy_status @name@_writer_insert(@name@_writer *self, const @name@ *entry)
{
    return seqcopy_map_writer_insert(
        @name@_writer_handle(self), &entry->key, sizeof entry->key, &entry->value, sizeof entry->value);
}

/* Removes entry->key. */
static inline seqcopy_status @name@_writer_remove(@name@_writer *self, const @name@ *entry)
{
    return seqcopy_map_writer_remove(@name@_writer_handle(self), &entry->key, sizeof entry->key);
}

/* Looks up entry->key, and sets entry->value and entry->stamp. */
static inline seqcopy_status @name@_writer_get(@name@_writer *self, @name@ *entry)
{
    return seqcopy_map_writer_get(
        @name@_writer_handle(self), &entry->key, sizeof entry->key, &entry->value, sizeof entry->value, &entry->stamp);
}

/* Readers see what is changed between these two at once. */
static inline seqcopy_status @name@_writer_begin(@name@_writer *self)
{
    return seqcopy_map_writer_begin(@name@_writer_handle(self));
}

static inline seqcopy_status @name@_writer_commit(@name@_writer *self)
{
    return seqcopy_map_writer_commit(@name@_writer_handle(self));
}

/* Wakes those that wait. */
static inline seqcopy_status @name@_writer_wake(@name@_writer *self)
{
    return seqcopy_map_writer_wake(@name@_writer_handle(self));
}

/* Closes the map: readers learn that there will be no more changes, and its path is removed. */
static inline seqcopy_status @name@_writer_close(@name@_writer **self)
{
    seqcopy_map_writer *handle = @name@_writer_handle(*self);
    *self = NULL;
    return seqcopy_map_writer_close(&handle);
}

/* Ends the writer, and leaves the map for the next one. */
static inline seqcopy_status @name@_writer_free(@name@_writer **self)
{
    seqcopy_map_writer *handle = @name@_writer_handle(*self);
    *self = NULL;
    return seqcopy_map_writer_free(&handle);
}

static inline seqcopy_map_reader *@name@_reader_handle(const @name@_reader *self)
{
    return (seqcopy_map_reader *)(uintptr_t)self;
}

static inline seqcopy_status @name@_reader_open(const char *path, @name@_reader **self)
{
    seqcopy_map_reader *handle = NULL;
    seqcopy_status status = seqcopy_map_reader_open(path, @name@_schema, sizeof @name@_schema, NULL, &handle);
    *self = (@name@_reader *)(uintptr_t)handle;
    return status;
}

/* A map whose values have every field of entry->value, by name and with the same type, wherever it lies. */
static inline seqcopy_status @name@_reader_open_by_fields(const char *path, @name@_reader **self)
{
    seqcopy_map_reader *handle = NULL;
    seqcopy_status status = seqcopy_map_reader_open_by_fields(path, @name@_schema, sizeof @name@_schema, NULL, &handle);
    *self = (@name@_reader *)(uintptr_t)handle;
    return status;
}

/* The region of a reader: its generation, its writer, whether it is closed. */
static inline const seqcopy_region *@name@_reader_region(const @name@_reader *self)
{
    return seqcopy_map_reader_region(@name@_reader_handle(self));
}

/* Looks up entry->key, and sets entry->value and entry->stamp. */
static inline seqcopy_status @name@_reader_get(const @name@_reader *self, @name@ *entry)
{
    return seqcopy_map_reader_get(
        @name@_reader_handle(self), &entry->key, sizeof entry->key, &entry->value, sizeof entry->value, &entry->stamp);
}

/* A copy of all entries of one generation: seqcopy_entries_free frees them. */
static inline seqcopy_status @name@_reader_entries(const @name@_reader *self, seqcopy_entries **entries)
{
    return seqcopy_map_reader_entries(@name@_reader_handle(self), entries);
}

/* The next of them; SEQCOPY_END after the last. */
static inline seqcopy_status @name@_entries_next(seqcopy_entries *entries, @name@ *entry)
{
    return seqcopy_entries_next(entries, &entry->key, sizeof entry->key, &entry->value, sizeof entry->value, &entry->stamp);
}

/* Waits until there is another generation than `known`, for at most that many nanoseconds. */
static inline seqcopy_status @name@_reader_wait(const @name@_reader *self, uint64_t known, uint64_t nanoseconds, bool *newer)
{
    return seqcopy_region_wait(@name@_reader_region(self), known, nanoseconds, newer);
}

static inline seqcopy_status @name@_reader_reopen_if_removed(@name@_reader *self, bool *reopened)
{
    return seqcopy_map_reader_reopen_if_removed(@name@_reader_handle(self), reopened);
}

static inline seqcopy_status @name@_reader_free(@name@_reader **self)
{
    seqcopy_map_reader *handle = @name@_reader_handle(*self);
    *self = NULL;
    return seqcopy_map_reader_free(&handle);
}

@=write_by_call@
static inline seqcopy_status @name@_writer_write(@name@_writer *self, const @name@ *from)
{
    return seqcopy_writer_write(@name@_writer_handle(self), from, sizeof *from);
}

@=write_direct@
/* Publishes a value: here, as the library does it, if there are several buffers and nothing stands in the way; or else by the library,
 * which says what does. */
static inline seqcopy_status @name@_writer_write(@name@_writer *self, const @name@ *from)
{
    const seqcopy_direct *direct = (const seqcopy_direct *)(const void *)self;
    const unsigned char *bytes = (const unsigned char *)from;
    if (__builtin_expect(direct != NULL && bytes != NULL && direct->word != NULL && __atomic_load_n(&direct->in_use, __ATOMIC_RELAXED) == 0
        && __atomic_load_n(direct->may_write, __ATOMIC_RELAXED) == 1 && @name@_bits_are_valid(bytes), 1)) {
        /* Only the writer changes the word. */
        const uint64_t next = __atomic_load_n(direct->word, __ATOMIC_RELAXED) + 1;
        unsigned char *base = (unsigned char *)direct->word - @NAME@_WORD_OFFSET;
        /* Before the stores: a reader that sees one of them also sees all counts until here, and so that the buffer's value is outdated. */
        __atomic_thread_fence(__ATOMIC_RELEASE);
@+store@
        /* Pairs with the fence of a reader that sees this count: it sees the stores. */
        __atomic_store_n(direct->word, next, __ATOMIC_RELEASE);
        return SEQCOPY_OK;
    }
    return seqcopy_writer_write(@name@_writer_handle(self), from, sizeof *from);
}

@=read_direct@
/* Reads the value; its version is stored too, unless `version` is null. The first attempt is made here, others by the library. */
static inline seqcopy_status @name@_reader_read(const @name@_reader *self, @name@ *out, uint64_t *version)
{
    const seqcopy_direct *direct = (const seqcopy_direct *)(const void *)self;
    if (__builtin_expect(direct != NULL && out != NULL && direct->word != NULL, 1)) {
        const @name@_region region = {
            (const unsigned char *)direct->word - @NAME@_WORD_OFFSET, 0, @NAME@_BUFFER_OFFSET, @NAME@_BUFFER_STRIDE, @NAME@_FINGERPRINT,
            (uint32_t)direct->last + 1
        };
        uint64_t found = 0;
        if (__builtin_expect(@name@_attempt(&region, out, &found, @move@) == @NAME@_READ_OK, 1)) {
            if (version != NULL)
                *version = found;
            return SEQCOPY_OK;
        }
    }
    return seqcopy_reader_read(@name@_reader_handle(self), out, sizeof *out, version);
}

@=read_by_call@
/* Reads the value; its version is stored too, unless `version` is null. */
static inline seqcopy_status @name@_reader_read(const @name@_reader *self, @name@ *out, uint64_t *version)
{
    return seqcopy_reader_read(@name@_reader_handle(self), out, sizeof *out, version);
}

@=functions_of_type@

    static seqcopy_status write(seqcopy_writer *handle, const @name@ *from) noexcept
    {
        return @name@_writer_write((@name@_writer *)(uintptr_t)handle, from);
    }
    static seqcopy_status read(const seqcopy_reader *handle, @name@ *out, uint64_t *version) noexcept
    {
        return @name@_reader_read((const @name@_reader *)(uintptr_t)handle, out, version);
    }

@=store_each@
        @name@_store(base + @NAME@_BUFFER_OFFSET + (size_t)(next & direct->last) * @NAME@_BUFFER_STRIDE, bytes);
@=store_whole@
        direct->move(bytes, base + @NAME@_BUFFER_OFFSET + (size_t)(next & direct->last) * @NAME@_BUFFER_STRIDE, sizeof *from);

@=stores@
/* The accesses by which a value is stored: as those by which it is copied. */

static inline void @name@_store8(unsigned char *to, const unsigned char *from)
{
    __atomic_store_n(to, *from, __ATOMIC_RELAXED);
}

static inline void @name@_store16(unsigned char *to, const unsigned char *from)
{
    uint16_t word;
    memcpy(&word, from, sizeof word);
    __atomic_store_n((uint16_t *)(void *)to, word, __ATOMIC_RELAXED);
}

static inline void @name@_store32(unsigned char *to, const unsigned char *from)
{
    uint32_t word;
    memcpy(&word, from, sizeof word);
    __atomic_store_n((uint32_t *)(void *)to, word, __ATOMIC_RELAXED);
}

static inline void @name@_store64(unsigned char *to, const unsigned char *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    __atomic_store_n((uint64_t *)(void *)to, word, __ATOMIC_RELAXED);
}

static inline void @name@_store_words(unsigned char *to, const unsigned char *from, size_t count)
{
    size_t i = 0;
#if defined(__x86_64__) && !defined(SEQCOPY_PORTABLE)
    i = count - count % 2;
    @name@_copy_words(to, from, i);
#endif
    for (; i < count; i++)
        @name@_store64(to + i * 8, from + i * 8);
}

static inline void @name@_store_long(unsigned char *to, const unsigned char *from, size_t len)
{
    size_t i = 0, words;
    for (; i < len && (uintptr_t)(to + i) % 8 != 0; i++)
        @name@_store8(to + i, from + i);
    words = (len - i) / 8;
    @name@_store_words(to + i, from + i, words);
    for (i += words * 8; i < len; i++)
        @name@_store8(to + i, from + i);
}

static inline void @name@_store(unsigned char *to, const unsigned char *from)
{
@stores@
}

