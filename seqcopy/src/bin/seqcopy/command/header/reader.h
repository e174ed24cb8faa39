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
#define @NAME@_CELLS @cells@
#define @NAME@_CELL_OFFSET @cell_offset@
#define @NAME@_CELL_STRIDE @cell_stride@
#define @NAME@_WORD_OFFSET @word_offset@
#define @NAME@_STATE_OFFSET @state_offset@
#define @NAME@_REGION_SIZE @size@

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
#define @NAME@_OPEN_OTHER_PLACES 9
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
    case @NAME@_OPEN_OTHER_PLACES:
        return "the region has another number of cells: make this header again";
    case @NAME@_OPEN_TRUNCATED:
        return "the file is shorter than its region: have it made anew";
    default:
        return "no status of this header";
    }
}

/* A region that is mapped. */
typedef struct @name@_region {
    const unsigned char *base;
} @name@_region;

/* Whether `want` lies at `offset` of the header. */
static inline int @name@_header_has(const unsigned char *base, size_t offset, uint64_t want, size_t width)
{
    uint64_t found = 0;
    uint32_t found32;
    switch (width) {
    case 1:
        found = base[offset];
        break;
    case 4:
        memcpy(&found32, base + offset, 4);
        found = found32;
        break;
    default:
        memcpy(&found, base + offset, 8);
        break;
    }
    return found == want;
}

static inline int @name@_check_header(const unsigned char *base)
{
    /* Byte order and width come before all numbers wider than a byte. */
    if (memcmp(base, "seqcopy\x01", 8) != 0 || !@name@_header_has(base, 12, @byte_order@, 1)
        || !@name@_header_has(base, 13, sizeof(void *), 1) || !@name@_header_has(base, 8, @NAME@_FORMAT, 4))
        return @NAME@_OPEN_FOREIGN;
    if (!@name@_header_has(base, 16, @NAME@_FINGERPRINT, 8) || !@name@_header_has(base, 32, @payload_size@, 8)
        || !@name@_header_has(base, 40, @payload_align@, 4))
        return @NAME@_OPEN_OTHER_TYPE;
    if (!@name@_header_has(base, 24, @NAME@_REGION_SIZE, 8) || !@name@_header_has(base, 44, @NAME@_CELLS, 4)
        || !@name@_header_has(base, 48, @NAME@_CELL_OFFSET, 8) || !@name@_header_has(base, 56, @NAME@_CELL_STRIDE, 8)
        || !@name@_header_has(base, 80, @NAME@_WORD_OFFSET, 8) || !@name@_header_has(base, 88, @NAME@_STATE_OFFSET, 8))
        return @NAME@_OPEN_OTHER_PLACES;
    return @NAME@_READ_OK;
}

static inline void @name@_close(@name@_region *region)
{
    if (region->base != NULL)
        munmap((void *)(uintptr_t)region->base, @NAME@_REGION_SIZE);
    region->base = NULL;
}

/* Maps a region by a descriptor, which may be closed afterwards. One that came from a stranger should be a memfd that is sealed
 * against shrinking: a file that is made shorter while it is mapped ends its readers by SIGBUS. */
static inline int @name@_open_fd(@name@_region *region, int fd)
{
    struct stat file;
    void *base;
    int status;
    region->base = NULL;
    if (fstat(fd, &file) != 0)
        return @NAME@_OPEN_FAILED;
    /* The header has 128 bytes. */
    if (!S_ISREG(file.st_mode) || file.st_size < 128)
        return @NAME@_OPEN_FOREIGN;
    base = mmap(NULL, @NAME@_REGION_SIZE, PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return @NAME@_OPEN_FAILED;
    region->base = (const unsigned char *)base;
    status = @name@_check_header(region->base);
    if (status == @NAME@_READ_OK && (uint64_t)file.st_size < @NAME@_REGION_SIZE)
        status = @NAME@_OPEN_TRUNCATED;
    if (status != @NAME@_READ_OK)
        @name@_close(region);
    return status;
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

/* The accesses by which a value is copied out: relaxed, each as wide as a writer's or narrower, none of padding. */

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

//@ one copy
/* How many values have been published so far. */
static inline uint64_t @name@_version(const @name@_region *region)
{
    return @name@_load_word(region) >> 1;
}

//@ latch
/* How many values have been published so far. */
static inline uint64_t @name@_version(const @name@_region *region)
{
    return @name@_load_word(region);
}

//@ end
/* One attempt to read the value; wait-free. On failure `out` is all zeros. */
static inline int @name@_try_read(const @name@_region *region, @name@ *out)
{
    unsigned char *to = (unsigned char *)out;
    int status = @NAME@_READ_OK;
    uint64_t before, after;
    /* Padding, which is not copied, is zeros. */
    memset(to, 0, sizeof *out);
    before = @name@_load_word(region);
    /* Pairs with the store that published the value: what lies in the cell is at least as new. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (before == 0)
        return @name@_why_empty(region);
//@ one copy
    if (before % 2 != 0)
        return @NAME@_READ_BUSY;
    @name@_copy(to, region->base + @NAME@_CELL_OFFSET);
    /* Pairs with the fence of a writer whose stores were seen: then its odd word is seen as well. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    after = @name@_load_word(region);
    if (after != before)
        status = @NAME@_READ_TORN;
//@ latch
    @name@_copy(to, region->base + @NAME@_CELL_OFFSET + before % @NAME@_CELLS * @NAME@_CELL_STRIDE);
    /* Pairs with the fence of a writer whose stores were seen: then the count that it found is seen as well. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    after = @name@_load_word(region);
    /* The cell is written again only after that many more values were published. */
    if (after - before > @NAME@_CELLS - 2)
        status = @NAME@_READ_TORN;
//@ end
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
