/* A place in a schema. Each byte is loaded once, so that what was checked is what counts, whatever another process writes there. */
typedef struct @name@_cursor {
    const unsigned char *at;
    const unsigned char *end;
    /* Of all bytes until here, and of those of the fields (FNV-1a). */
    uint64_t hash;
    uint64_t fields;
} @name@_cursor;

static inline void @name@_skip(@name@_cursor *it, uint64_t len)
{
    for (; len > 0 && it->at != it->end; len--) {
        unsigned char first = __atomic_load_n(it->at++, __ATOMIC_RELAXED);
        it->hash = (it->hash ^ first) * UINT64_C(0x100000001b3);
        it->fields = (it->fields ^ first) * UINT64_C(0x100000001b3);
    }
}

static inline uint64_t @name@_schema_number(@name@_cursor *it)
{
    uint64_t wide = 0;
    for (int i = 0; i < 8 && it->at != it->end; i++) {
        unsigned char first = __atomic_load_n(it->at, __ATOMIC_RELAXED);
        wide |= (uint64_t)first << (8 * i);
        @name@_skip(it, 1);
    }
    return wide;
}

/* Whether the type that a mapped region's schema describes has the fields of @name@ as its first: the same names, types and places. */
static inline int @name@_check_fields(const @name@_region *region, const unsigned char *header, const char **field)
{
    static const struct {
        const char *field;
        size_t len;
        uint64_t hash;
    } fields[] = {
@fields@
    };
    @name@_cursor it = { NULL, NULL, UINT64_C(0xcbf29ce484222325), 0 };
    uint64_t size, align;
    it.end = region->base + region->size;
    it.at = it.end - @name@_number(header, 72, 8);
    @name@_skip(&it, 27);
    if (it.hash != UINT64_C(@schema_start@))
        return @NAME@_OPEN_OTHER_TYPE;
    size = @name@_schema_number(&it);
    align = @name@_schema_number(&it);
    /* The name of the type, and the number of its fields. */
    @name@_skip(&it, @name@_schema_number(&it));
    @name@_skip(&it, 8);
    it.fields = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        *field = fields[i].field;
        @name@_skip(&it, fields[i].len);
        if (it.fields != fields[i].hash)
            return @NAME@_OPEN_OTHER_TYPE;
    }
    *field = NULL;
    @name@_skip(&it, UINT64_MAX);
    if (it.hash != @name@_number(header, 16, 8) || size != @name@_number(header, 32, 8) || align != @name@_number(header, 40, 4))
        return @NAME@_OPEN_DAMAGED;
    /* In a type that some program has, these fields would not be larger than all of it. */
    return size < @payload_size@ || align < @payload_align@ ? @NAME@_OPEN_OTHER_TYPE : @NAME@_READ_OK;
}

/* As @name@_open_by_fields, by a descriptor, which may be closed afterwards. */
static inline int @name@_open_fd_by_fields(@name@_region *region, int fd, const char **field)
{
    unsigned char header[128];
    const char *ignored = NULL;
    uint64_t size, align;
    int status = @name@_load_header(header, fd);
    memset(region, 0, sizeof *region);
    if (field == NULL)
        field = &ignored;
    *field = NULL;
    if (status == @NAME@_READ_OK)
        status = @name@_check_header(region, header);
    if (status == @NAME@_READ_OK)
        return @name@_map_exact(region, fd, header);
    if (status != @NAME@_OPEN_OTHER_TYPE)
        return status;
    size = @name@_number(header, 32, 8);
    align = @name@_number(header, 40, 4);
    if (size > INT64_MAX / 131072 || align > 4096 || (align & (align - 1)) != 0)
        return @NAME@_OPEN_DAMAGED;
    /* A value of at most 48 bytes begins in the cache line of the word, a larger one a line of its own. */
    if (align < (size <= 48 ? 16 : 64))
        align = size <= 48 ? 16 : 64;
    status = @name@_check_places(region, header, ((size <= 48 ? 200 : 256) + align - 1) / align * align,
        (size + align - 1) / align * align, @name@_number(header, 72, 8));
    if (status == @NAME@_READ_OK)
        status = @name@_map_checked(region, fd, header);
    if (status != @NAME@_READ_OK)
        return status;
    status = @name@_check_fields(region, header, field);
    if (status != @NAME@_READ_OK)
        @name@_close(region);
    return status;
}

/* Maps a region by its path, also if its type has grown since: if its first fields are those of @name@, with the same names, types
 * and places. On @NAME@_OPEN_OTHER_TYPE, `*field` is the first field for which that is not so, or NULL if the type is no struct, or
 * smaller. Otherwise as @name@_open. */
static inline int @name@_open_by_fields(@name@_region *region, const char *path, const char **field)
{
    int status, fd;
    memset(region, 0, sizeof *region);
    if (field != NULL)
        *field = NULL;
    fd = @name@_open_file(path);
    if (fd < 0)
        return @NAME@_OPEN_FAILED;
    status = @name@_open_fd_by_fields(region, fd, field);
    @name@_close_file(fd);
    return status;
}

