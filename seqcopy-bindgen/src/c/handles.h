/* The functions of handles, part by part: those of all, and then those of values, of slices and of maps. */

@=handles@
static inline @library@_writer *@name@_writer_handle(const @name@_writer *self)
{
    return (@library@_writer *)(uintptr_t)self;
}

/* Opens a writer by one of @library@_writer_create, .._open_or_create and .._take_over; the options may be null. */
static inline seqcopy_status @name@_writer_open(
    seqcopy_status (*make)(const char *, const void *, size_t, const seqcopy_options *, @library@_writer **), const char *path,
    const seqcopy_options *options, @name@_writer **self)
{
    @library@_writer *handle = NULL;
    seqcopy_status status = make(path, @name@_schema, sizeof @name@_schema, options, &handle);
    *self = (@name@_writer *)(uintptr_t)handle;
    return status;
}

static inline seqcopy_status @name@_writer_take_over(const char *path, @name@_writer **self)
{
    return @name@_writer_open(@library@_writer_take_over, path, NULL, self);
}

/* Wakes those that wait. */
static inline seqcopy_status @name@_writer_wake(@name@_writer *self)
{
    return @library@_writer_wake(@name@_writer_handle(self));
}

/* Closes the region: readers learn that nothing will change any more, and its path is removed. */
static inline seqcopy_status @name@_writer_close(@name@_writer **self)
{
    @library@_writer *handle = @name@_writer_handle(*self);
    *self = NULL;
    return @library@_writer_close(&handle);
}

/* Ends the writer, and leaves the region for the next one. */
static inline seqcopy_status @name@_writer_free(@name@_writer **self)
{
    @library@_writer *handle = @name@_writer_handle(*self);
    *self = NULL;
    return @library@_writer_free(&handle);
}

static inline @library@_reader *@name@_reader_handle(const @name@_reader *self)
{
    return (@library@_reader *)(uintptr_t)self;
}

static inline seqcopy_status @name@_reader_open(const char *path, @name@_reader **self)
{
    @library@_reader *handle = NULL;
    seqcopy_status status = @library@_reader_open(path, @name@_schema, sizeof @name@_schema, NULL, &handle);
    *self = (@name@_reader *)(uintptr_t)handle;
    return status;
}

/* A region whose type has every field of @name@, or of the values of a map, by name and with the same type, wherever it lies. */
static inline seqcopy_status @name@_reader_open_by_fields(const char *path, @name@_reader **self)
{
    @library@_reader *handle = NULL;
    seqcopy_status status = @library@_reader_open_by_fields(path, @name@_schema, sizeof @name@_schema, NULL, &handle);
    *self = (@name@_reader *)(uintptr_t)handle;
    return status;
}

/* The region of a reader: its version or generation, its writer, whether it is closed. */
static inline const seqcopy_region *@name@_reader_region(const @name@_reader *self)
{
    return @library@_reader_region(@name@_reader_handle(self));
}

/* Waits until there is another version than `known`, for at most that many nanoseconds. */
static inline seqcopy_status @name@_reader_wait(const @name@_reader *self, uint64_t known, uint64_t nanoseconds, seqcopy_waited *waited)
{
    return seqcopy_region_wait(@name@_reader_region(self), known, nanoseconds, waited);
}

static inline seqcopy_status @name@_reader_reopen_if_removed(@name@_reader *self, bool *reopened)
{
    return @library@_reader_reopen_if_removed(@name@_reader_handle(self), reopened);
}

static inline seqcopy_status @name@_reader_free(@name@_reader **self)
{
    @library@_reader *handle = @name@_reader_handle(*self);
    *self = NULL;
    return @library@_reader_free(&handle);
}

@=value@
static inline seqcopy_status @name@_writer_create(const char *path, @name@_writer **self)
{
    return @name@_writer_open(seqcopy_writer_create, path, NULL, self);
}

static inline seqcopy_status @name@_writer_open_or_create(const char *path, @name@_writer **self)
{
    return @name@_writer_open(seqcopy_writer_open_or_create, path, NULL, self);
}

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

@+write@
@+read@
@=slice@
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

@=map@
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
        @name@_writer_handle(self), @key@, @value@);
}

/* As of a reader. */
static inline seqcopy_status @name@_writer_entry(@name@_writer *self, const @name@ *entry, seqcopy_entry **handle)
{
    return seqcopy_map_writer_entry(@name@_writer_handle(self), @key@, handle);
}

/* Sets the value of its key: entry->value. */
static inline seqcopy_status @name@_writer_insert_entry(
    @name@_writer *self, const seqcopy_entry *handle, const @name@ *entry)
{
    return seqcopy_map_writer_insert_entry(@name@_writer_handle(self), handle, @value@);
}

/* Removes entry->key. */
static inline seqcopy_status @name@_writer_remove(@name@_writer *self, const @name@ *entry)
{
    return seqcopy_map_writer_remove(@name@_writer_handle(self), @key@);
}

/* Looks up entry->key, and sets entry->value and entry->stamp. */
static inline seqcopy_status @name@_writer_get(@name@_writer *self, @name@ *entry)
{
    return seqcopy_map_writer_get(
        @name@_writer_handle(self), @key@, @value@, &entry->stamp);
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

/* Looks up entry->key, and sets entry->value and entry->stamp. */
static inline seqcopy_status @name@_reader_get(const @name@_reader *self, @name@ *entry)
{
    return seqcopy_map_reader_get(
        @name@_reader_handle(self), @key@, @value@, &entry->stamp);
}

/* A handle to the entry of entry->key, which is found without a search as long as it is where it was: seqcopy_entry_free frees it. */
static inline seqcopy_status @name@_reader_entry(
    const @name@_reader *self, const @name@ *entry, seqcopy_entry **handle)
{
    return seqcopy_map_reader_entry(@name@_reader_handle(self), @key@, handle);
}

/* Sets entry->value and entry->stamp to those of its key. */
static inline seqcopy_status @name@_reader_read_entry(
    const @name@_reader *self, const seqcopy_entry *handle, @name@ *entry)
{
    return seqcopy_map_reader_read_entry(@name@_reader_handle(self), handle, @value@, &entry->stamp);
}

/* A copy of all entries of one generation: seqcopy_entries_free frees them. */
static inline seqcopy_status @name@_reader_entries(const @name@_reader *self, seqcopy_entries **entries)
{
    return seqcopy_map_reader_entries(@name@_reader_handle(self), entries);
}

/* The next of them; SEQCOPY_END after the last. */
static inline seqcopy_status @name@_entries_next(seqcopy_entries *entries, @name@ *entry)
{
    return seqcopy_entries_next(entries, @key@, @value@, &entry->stamp);
}

@=use_value@
 *     @name@_reader *reader;
 *     @name@ value;
 *     seqcopy_status status = @name@_reader_open("/dev/shm/...", &reader);
 *     if (status == SEQCOPY_OK)
 *         status = @name@_reader_read(reader, &value, NULL);
 *     if (status != SEQCOPY_OK)
 *         puts(seqcopy_message());
 *     @name@_reader_free(&reader);
@=use_map@
 *     @name@_reader *reader;
 *     @name@ entry;
 *     seqcopy_status status = @name@_reader_open("/dev/shm/...", &reader);
 *     entry.key = ...;
 *     if (status == SEQCOPY_OK)
 *         status = @name@_reader_get(reader, &entry);
 *     if (status == SEQCOPY_OK)
 *         use(entry.value);
 *     else
 *         puts(seqcopy_message());
 *     @name@_reader_free(&reader);
@=type@

    static seqcopy_status write(seqcopy_writer *handle, const @name@ *from) noexcept
    {
        return @name@_writer_write((@name@_writer *)(uintptr_t)handle, from);
    }
    static seqcopy_status read(const seqcopy_reader *handle, @name@ *out, uint64_t *version) noexcept
    {
        return @name@_reader_read((const @name@_reader *)(uintptr_t)handle, out, version);
    }
@=same@

/* For a struct STRUCT of your own: the compiler stops unless it has the same members at the same offsets. A pointer to it may then be cast to
 * one to @name@. In C++, at namespace scope, STRUCT is a type of seqcopy::Writer and seqcopy::Reader afterwards. */
#define @NAME@_IS(STRUCT) \
@same@
    static_assert(alignof(STRUCT) == alignof(@name@), "`" #STRUCT "` has another alignment than `@name@`"); \
    static_assert(sizeof(STRUCT) == sizeof(@name@), "`" #STRUCT "` has another size than `@name@`") @NAME@_IS_TYPE(STRUCT)
#ifdef __cplusplus
#define @NAME@_SIZEOF(STRUCT, member) sizeof(STRUCT::member)
#define @NAME@_IS_TYPE(STRUCT) \
    ; template <> struct seqcopy::Type<STRUCT> : seqcopy::SameLayout<STRUCT, @name@> {}
#else
#define @NAME@_SIZEOF(STRUCT, member) sizeof(((STRUCT *)0)->member)
#define @NAME@_IS_TYPE(STRUCT)
#endif
