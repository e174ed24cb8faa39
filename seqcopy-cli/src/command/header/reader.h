/* Reads a region of `@rust@` from C11 or C++17. Made by `seqcopy header`; make it again when the type changes.
 *
 *     @name@_region region;
 *     @name@ value;
 *     int status = @name@_open(&region, "/dev/shm/...");
 *     if (status == @NAME@_READ_OK)
 *         status = @name@_read(&region, &value);
 *     if (status != @NAME@_READ_OK)
 *         puts(@name@_message(status));
 *     @name@_close(&region);
 *
 * For GCC and Clang on 64-bit Unix. The region is mapped read-only; any number of threads may read through one
 * @name@_region. What is read is one value that was written, whole, and its bits are valid: bools are 0 or 1, enums are one
 * of their variants. Invariants that the Rust type checks by hooks of its own are not known here.
 *
 * Members are called as the fields are; where a macro or a keyword stands in the way, a comment beside the member says so. The
 * tags of enums are @NAME@_.._TAG_VARIANT.
 */
#ifndef SEQCOPY_@NAME@_H
#define SEQCOPY_@NAME@_H

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(sizeof(void *) == 8 && __BYTE_ORDER__ == __ORDER_@order@_ENDIAN__, "the machine that the region is for");

/* The type. What is packed in Rust may hold types that are aligned elsewhere. */

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpacked-not-aligned"
#endif

@types@

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/* Where everything lies in the region. */

#define @NAME@_FINGERPRINT UINT64_C(@fingerprint@)
#define @NAME@_FORMAT 1
#define @NAME@_CELL_OFFSET @buffer_offset@
#define @NAME@_CELL_STRIDE @buffer_stride@
#define @NAME@_WORD_OFFSET @word_offset@
#define @NAME@_STATE_OFFSET @state_offset@
#define @NAME@_SCHEMA_LEN @schema_len@

/* What the functions return. */

#define @NAME@_READ_OK 0
#define @NAME@_READ_BUSY 1
#define @NAME@_READ_TORN 2
#define @NAME@_READ_EMPTY 3
#define @NAME@_READ_CLOSED 4
#define @NAME@_READ_INVALID 5
#define @NAME@_OPEN_FAILED 6
#define @NAME@_OPEN_FOREIGN 7
#define @NAME@_OPEN_OTHER_TYPE 8
#define @NAME@_OPEN_DAMAGED 9
#define @NAME@_OPEN_TRUNCATED 10

static inline const char *@name@_message(int status)
{
    switch (status) {
    case @NAME@_READ_OK:
        return "all is well";
    case @NAME@_READ_BUSY:
        return "a write is in progress, or its writer died in the middle of it: try again";
    case @NAME@_READ_TORN:
        return "the value was written while it was being read: try again";
    case @NAME@_READ_EMPTY:
        return "no value has been written yet: wait for the first";
    case @NAME@_READ_CLOSED:
        return "the writer closed the region: there will be no more values";
    case @NAME@_READ_INVALID:
        return "the bits in the region are no value of the type";
    case @NAME@_OPEN_FAILED:
        return "the region can't be opened: errno says why";
    case @NAME@_OPEN_FOREIGN:
        return "this is no region of this machine";
    case @NAME@_OPEN_OTHER_TYPE:
        return "the region holds another type: make this header again";
    case @NAME@_OPEN_DAMAGED:
        return "the region's header is damaged: have the region made anew";
    case @NAME@_OPEN_TRUNCATED:
        return "the file is shorter than its region: have it made anew";
    default:
        return "no status of this header";
    }
}

/* A region that is mapped. */
typedef struct @name@_region {
    const unsigned char *base;
    size_t size;
    /* 1: one copy, read while it is not being written. 2, 4, 8, ..: a latch, whose readers never wait. */
    uint32_t buffers;
} @name@_region;

/* The number at `offset` of the header. */
static inline uint64_t @name@_header_number(const unsigned char *header, size_t offset, size_t width)
{
    uint64_t wide;
    uint32_t narrow;
    if (width == 1)
        return header[offset];
    if (width == 4) {
        memcpy(&narrow, header + offset, 4);
        return narrow;
    }
    memcpy(&wide, header + offset, 8);
    return wide;
}

/* Checks a private copy of the header: all offsets are those that follow from the type and the number of buffers. */
static inline int @name@_check_header(@name@_region *region, const unsigned char *header)
{
    uint64_t buffers, end;
    /* Byte order and width come before all numbers wider than a byte. */
    if (memcmp(header, "seqcopy\x01", 8) != 0 || @name@_header_number(header, 12, 1) != @byte_order@
        || @name@_header_number(header, 13, 1) != sizeof(void *) || @name@_header_number(header, 8, 4) != @NAME@_FORMAT)
        return @NAME@_OPEN_FOREIGN;
    if (@name@_header_number(header, 16, 8) != @NAME@_FINGERPRINT || @name@_header_number(header, 32, 8) != @payload_size@
        || @name@_header_number(header, 40, 4) != @payload_align@)
        return @NAME@_OPEN_OTHER_TYPE;
    buffers = @name@_header_number(header, 44, 4);
    if (buffers == 0 || buffers > 65536 || (buffers & (buffers - 1)) != 0)
        return @NAME@_OPEN_DAMAGED;
    end = @NAME@_CELL_OFFSET + buffers * UINT64_C(@buffer_stride@);
    if (@name@_header_number(header, 24, 8) != end + @NAME@_SCHEMA_LEN
        || @name@_header_number(header, 48, 8) != @NAME@_CELL_OFFSET
        || @name@_header_number(header, 56, 8) != @NAME@_CELL_STRIDE || @name@_header_number(header, 64, 8) != end
        || @name@_header_number(header, 72, 8) != @NAME@_SCHEMA_LEN
        || @name@_header_number(header, 80, 8) != @NAME@_WORD_OFFSET
        || @name@_header_number(header, 88, 8) != @NAME@_STATE_OFFSET)
        return @NAME@_OPEN_DAMAGED;
    region->buffers = (uint32_t)buffers;
    region->size = (size_t)end + @NAME@_SCHEMA_LEN;
    return @NAME@_READ_OK;
}

static inline void @name@_close(@name@_region *region)
{
    if (region->base != NULL)
        munmap((void *)(uintptr_t)region->base, region->size);
    region->base = NULL;
}

/* Maps a region by a descriptor, which may be closed afterwards. One that came from a stranger should be a memfd that is sealed
 * against shrinking: a file that is made shorter while it is mapped ends its readers by SIGBUS. */
static inline int @name@_open_fd(@name@_region *region, int fd)
{
    unsigned char header[128];
    struct stat file;
    void *base;
    int status;
    region->base = NULL;
    region->size = 0;
    region->buffers = 0;
    if (fstat(fd, &file) != 0)
        return @NAME@_OPEN_FAILED;
    if (!S_ISREG(file.st_mode) || file.st_size < (off_t)sizeof header)
        return @NAME@_OPEN_FOREIGN;
    base = mmap(NULL, sizeof header, PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return @NAME@_OPEN_FAILED;
    memcpy(header, base, sizeof header);
    munmap(base, sizeof header);
    status = @name@_check_header(region, header);
    if (status != @NAME@_READ_OK)
        return status;
    if ((uint64_t)file.st_size < region->size)
        return @NAME@_OPEN_TRUNCATED;
    base = mmap(NULL, region->size, PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return @NAME@_OPEN_FAILED;
    region->base = (const unsigned char *)base;
    return @NAME@_READ_OK;
}

/* Maps a region. On failure there is nothing to close, but closing does no harm. */
static inline int @name@_open(@name@_region *region, const char *path)
{
    int status, error, flags = O_RDONLY | O_NONBLOCK;
    int fd;
#ifdef O_CLOEXEC
    flags |= O_CLOEXEC;
#endif
    region->base = NULL;
    fd = open(path, flags);
    if (fd < 0)
        return @NAME@_OPEN_FAILED;
    status = @name@_open_fd(region, fd);
    error = errno;
    close(fd);
    errno = error;
    return status;
}

/* The accesses by which a value is copied out: relaxed, aligned, at most 8 bytes wide, none of padding. Of an enum with fields
 * the tag is copied first, and then what the variant that it names has. */

static inline void @name@_copy8(unsigned char *to, const unsigned char *from)
{
    *to = __atomic_load_n(from, __ATOMIC_RELAXED);
}

static inline void @name@_copy16(unsigned char *to, const unsigned char *from)
{
    uint16_t word = __atomic_load_n((const uint16_t *)(const void *)from, __ATOMIC_RELAXED);
    memcpy(to, &word, sizeof word);
}

static inline void @name@_copy32(unsigned char *to, const unsigned char *from)
{
    uint32_t word = __atomic_load_n((const uint32_t *)(const void *)from, __ATOMIC_RELAXED);
    memcpy(to, &word, sizeof word);
}

static inline void @name@_copy64(unsigned char *to, const unsigned char *from)
{
    uint64_t word = __atomic_load_n((const uint64_t *)(const void *)from, __ATOMIC_RELAXED);
    memcpy(to, &word, sizeof word);
}

static inline void @name@_copy_long(unsigned char *to, const unsigned char *from, size_t len)
{
    size_t i = 0;
    for (; i < len && (uintptr_t)(from + i) % 8 != 0; i++)
        @name@_copy8(to + i, from + i);
    for (; len - i >= 8; i += 8)
        @name@_copy64(to + i, from + i);
    for (; i < len; i++)
        @name@_copy8(to + i, from + i);
}

static inline void @name@_copy(unsigned char *to, const unsigned char *from)
{
@copy@
}

/* Whether the bits of a copy are a value. */

static inline int @name@_is_char(const unsigned char *at)
{
    uint32_t c;
    memcpy(&c, at, sizeof c);
    return c < 0xd800 || (c > 0xdfff && c <= 0x10ffff);
}

static inline int @name@_is_zero(const unsigned char *at, size_t len)
{
    unsigned char bits = 0;
    for (size_t i = 0; i < len; i++)
        bits |= at[i];
    return bits == 0;
}

@checks@

/* Reading. */

static inline uint64_t @name@_load_word(const @name@_region *region)
{
    return __atomic_load_n((const uint64_t *)(const void *)(region->base + @NAME@_WORD_OFFSET), __ATOMIC_RELAXED);
}

static inline int @name@_why_empty(const @name@_region *region)
{
    const void *state = region->base + @NAME@_STATE_OFFSET;
    return __atomic_load_n((const uint32_t *)state, __ATOMIC_RELAXED) == 2 ? @NAME@_READ_CLOSED : @NAME@_READ_EMPTY;
}

/* How many values have been published so far. */
static inline uint64_t @name@_version(const @name@_region *region)
{
    uint64_t word = @name@_load_word(region);
    return region->buffers == 1 ? word >> 1 : word;
}

/* One attempt to read the value; wait-free. On failure `out` is all zeros. */
static inline int @name@_try_read(const @name@_region *region, @name@ *out)
{
    unsigned char *to = (unsigned char *)out;
    const unsigned char *cell = region->base + @NAME@_CELL_OFFSET;
    int status = @NAME@_READ_OK;
    uint64_t before, after;
    /* Padding, which is not copied, is zeros. */
    memset(to, 0, sizeof *out);
    before = @name@_load_word(region);
    /* Pairs with the store that published the value: what lies in the cell is at least as new. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (before == 0)
        return @name@_why_empty(region);
    if (region->buffers == 1) {
        if (before % 2 != 0)
            return @NAME@_READ_BUSY;
    } else {
        /* The number of buffers is a power of two: whatever the count is, this is one of them. */
        cell += (size_t)(before & (region->buffers - 1)) * @NAME@_CELL_STRIDE;
    }
    @name@_copy(to, cell);
    /* Pairs with the fence of a writer whose stores were seen: then the word that it found, or left, before is seen as well. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    after = @name@_load_word(region);
    /* A latch's cell is written again only after that many more values were published. */
    if (region->buffers == 1 ? after != before : after - before > region->buffers - 2)
        status = @NAME@_READ_TORN;
    else if (!@name@_bits_are_valid(to))
        status = @NAME@_READ_INVALID;
    if (status != @NAME@_READ_OK)
        memset(to, 0, sizeof *out);
    return status;
}

/* The value; up to 10000 attempts, all but the first 64 with a yield to the scheduler in between. */
static inline int @name@_read(const @name@_region *region, @name@ *out)
{
    int status = @NAME@_READ_TORN;
    for (int attempt = 0; attempt < 10000; attempt++) {
        status = @name@_try_read(region, out);
        if (status != @NAME@_READ_BUSY && status != @NAME@_READ_TORN)
            break;
        if (attempt >= 64)
            sched_yield();
    }
    return status;
}

#endif
