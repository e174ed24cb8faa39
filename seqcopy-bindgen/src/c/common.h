@=prelude@
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

@truncation@

/* One condition each: Clang 15 and 16 warn of `&&` between constants. */
static_assert(sizeof(void *) == 8, "this header is for another pointer width: run `seqcopy header` on this machine");
static_assert(__BYTE_ORDER__ == __ORDER_@order@_ENDIAN__, "this header is for another byte order: run `seqcopy header` on this machine");

/* The type. A struct that is packed in Rust may contain types that are aligned where they stand alone. */

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpacked-not-aligned"
#endif

@types@

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

@=other@
#elif @NAME@_FINGERPRINT != UINT64_C(@fingerprint@)
#error "two types have a header with the name @name@: generate one with another name, by `seqcopy header --name` or `Bindings::name`"
#endif
@=number@
/* The number at `offset` of some bytes: of the header, or of a value. */
static inline uint64_t @name@_number(const unsigned char *bytes, size_t offset, size_t width)
{
    uint64_t wide;
    uint32_t narrow;
    if (width == 1)
        return bytes[offset];
    if (width == 4) {
        memcpy(&narrow, bytes + offset, 4);
        return narrow;
    }
    memcpy(&wide, bytes + offset, 8);
    return wide;
}

@=rest@
/* Whether the rest of the header is as writers leave it: reserved bytes are zeros, the time of creation is one. */
static inline int @name@_check_rest(const unsigned char *header)
{
    return header[14] == 0 && header[15] == 0 && @name@_number(header, 108, 4) == 0
        && @name@_number(header, 96, 8) <= INT64_MAX && @name@_number(header, 104, 4) < 1000000000;
}

@=open@
static inline void @name@_unmap_bytes(const void *base, size_t size)
{
#ifdef __linux__
    if (SEQCOPY_SIGBUS_IS_THERE(seqcopy_sigbus_leave))
        seqcopy_sigbus_leave(base);
#endif
    munmap((void *)(uintptr_t)base, size);
}

static inline const unsigned char *@name@_map_bytes(int fd, size_t size)
{
    void *base = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return NULL;
#ifdef __linux__
    if (SEQCOPY_SIGBUS_IS_THERE(seqcopy_sigbus_enter))
        seqcopy_sigbus_enter(base, size);
#endif
    return (const unsigned char *)base;
}

static inline void @name@_close(@name@_region *region)
{
    if (region->base != NULL)
        @name@_unmap_bytes(region->base, region->size);
    region->base = NULL;
}

/* Whether the schema has that hash (FNV-1a). Each byte is loaded once, so that what was checked is what counts. */
static inline int @name@_schema_has(const @name@_region *region, uint64_t len, uint64_t fingerprint)
{
    const unsigned char *end = region->base + region->size, *at = end - len;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; at != end; at++)
        hash = (hash ^ __atomic_load_n(at, __ATOMIC_RELAXED)) * UINT64_C(0x100000001b3);
    return hash == fingerprint;
}

/* Maps a region whose header was checked. */
static inline int @name@_map_checked(@name@_region *region, int fd, const unsigned char *header)
{
    struct stat file;
    uint32_t state;
    if (fstat(fd, &file) != 0)
        return @NAME@_OPEN_FAILED;
    if ((uint64_t)file.st_size < region->size)
        return @NAME@_OPEN_TRUNCATED;
    region->base = @name@_map_bytes(fd, region->size);
    if (region->base == NULL)
        return @NAME@_OPEN_FAILED;
    state = __atomic_load_n((const uint32_t *)(const void *)(region->base + @NAME@_STATE_OFFSET), __ATOMIC_RELAXED);
    region->fingerprint = @name@_number(header, 16, 8);
    /* Open, or closed. */
    if (state != 1 && state != 2) {
        @name@_close(region);
        return @NAME@_OPEN_DAMAGED;
    }
    return @NAME@_READ_OK;
}

/* The same, and its schema must be that of the type. */
static inline int @name@_map_exact(@name@_region *region, int fd, const unsigned char *header)
{
    int status = @name@_map_checked(region, fd, header);
    if (status == @NAME@_READ_OK && !@name@_schema_has(region, @NAME@_SCHEMA_LEN, region->fingerprint)) {
        @name@_close(region);
        status = @NAME@_OPEN_DAMAGED;
    }
    return status;
}

/* Makes a private copy of the header. */
static inline int @name@_load_header(unsigned char header[128], int fd)
{
    struct stat file;
    const unsigned char *base;
    if (fstat(fd, &file) != 0)
        return @NAME@_OPEN_FAILED;
    if (!S_ISREG(file.st_mode) || file.st_size < 128)
        return @NAME@_OPEN_FOREIGN;
    base = @name@_map_bytes(fd, 128);
    if (base == NULL)
        return @NAME@_OPEN_FAILED;
    memcpy(header, base, 128);
    @name@_unmap_bytes(base, 128);
    return @NAME@_READ_OK;
}

/* Maps a region by a descriptor, which may be closed afterwards. If another user sent it, it should be a memfd that is sealed
 * against shrinking: truncating a file ends the programs that read its mapping by SIGBUS. */
static inline int @name@_open_fd(@name@_region *region, int fd)
{
    unsigned char header[128];
    int status = @name@_load_header(header, fd);
    memset(region, 0, sizeof *region);
    if (status == @NAME@_READ_OK)
        status = @name@_check_header(region, header);
    return status == @NAME@_READ_OK ? @name@_map_exact(region, fd, header) : status;
}

static inline int @name@_open_file(const char *path)
{
    /* O_NONBLOCK: a path to a pipe must not make this program wait for its other end. */
    int flags = O_RDONLY | O_NONBLOCK;
#ifdef O_CLOEXEC
    flags |= O_CLOEXEC;
#endif
    return open(path, flags);
}

static inline void @name@_close_file(int fd)
{
    int error = errno;
    close(fd);
    errno = error;
}

/* Maps a region by its path. On failure there is nothing to close, but closing does no harm. */
static inline int @name@_open(@name@_region *region, const char *path)
{
    int status, fd;
    memset(region, 0, sizeof *region);
    fd = @name@_open_file(path);
    if (fd < 0)
        return @NAME@_OPEN_FAILED;
    status = @name@_open_fd(region, fd);
    @name@_close_file(fd);
    return status;
}

#ifdef __linux__

/* Whether a process holds the lock of the region's writer: 1 yes, 0 no, -1 not known, see errno. The system releases that lock
 * when the writer ends, however it ends; a process that the writer has forked keeps it until it ends as well. For the open file
 * description that holds the lock, the answer is 0: ask by a descriptor that this program opened itself. */
static inline int @name@_writer_is_alive_fd(int fd)
{
#ifdef F_OFD_GETLK
    const int command = F_OFD_GETLK;
#else
    /* Not declared in the strict modes of the C library; the same number for all processors. */
    const int command = 36;
#endif
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    /* A lock for reading would conflict with the writer's, which is exclusive, and not with those of processes that only read. */
    lock.l_type = F_RDLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 0;
    lock.l_len = 1;
    if (fcntl(fd, command, &lock) != 0)
        return -1;
    return lock.l_type != F_UNLCK;
}

/* The same by the region's path. A region that was removed and created again is another one: then this is about the new one, and a
 * @name@_region that is open has to be closed and opened again. */
static inline int @name@_writer_is_alive(const char *path)
{
    int answer, fd = @name@_open_file(path);
    if (fd < 0)
        return -1;
    answer = @name@_writer_is_alive_fd(fd);
    @name@_close_file(fd);
    return answer;
}

#endif

@=copies@
/* The accesses by which a value is copied out: relaxed, aligned to 8 bytes or to their width, none of padding. Of an enum with fields
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

/* 16 bytes at once where assembly can move them, whatever they are. SEQCOPY_PORTABLE, defined before, leaves that out: for sanitizers,
 * which don't see what assembly does. */
static inline void @name@_copy128(unsigned char *to, const unsigned char *from)
{
#if defined(__x86_64__) && !defined(SEQCOPY_PORTABLE)
    __asm__ volatile("movups %1, %%xmm0\n\tmovups %%xmm0, %0"
                     : "=m"(*(unsigned char(*)[16])to)
                     : "m"(*(const unsigned char(*)[16])from)
                     : "xmm0");
#else
    @name@_copy64(to, from);
    @name@_copy64(to + 8, from + 8);
#endif
}

/* Words of 8 bytes. */
static inline void @name@_copy_words(unsigned char *to, const unsigned char *from, size_t count)
{
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        @name@_copy128(to + i * 8, from + i * 8);
        @name@_copy128(to + i * 8 + 16, from + i * 8 + 16);
        @name@_copy128(to + i * 8 + 32, from + i * 8 + 32);
        @name@_copy128(to + i * 8 + 48, from + i * 8 + 48);
    }
    for (; i + 2 <= count; i += 2)
        @name@_copy128(to + i * 8, from + i * 8);
    for (; i < count; i++)
        @name@_copy64(to + i * 8, from + i * 8);
}

static inline void @name@_copy_long(unsigned char *to, const unsigned char *from, size_t len)
{
    size_t i = 0, words;
    for (; i < len && (uintptr_t)(from + i) % 8 != 0; i++)
        @name@_copy8(to + i, from + i);
    words = (len - i) / 8;
    @name@_copy_words(to + i, from + i, words);
    for (i += words * 8; i < len; i++)
        @name@_copy8(to + i, from + i);
}

@=valid@
/* Whether the bits of a copy are valid. */

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

static inline int @name@_is_utf8(const unsigned char *at, size_t len)
{
    size_t i = 0, more;
    while (i < len) {
        unsigned char first = at[i++], low = 0x80, high = 0xbf;
        if (first < 0x80)
            continue;
        if (first < 0xc2 || first > 0xf4)
            return 0;
        /* The second byte makes neither a longer form than needed, nor a surrogate, nor more than U+10FFFF. */
        if (first == 0xe0)
            low = 0xa0;
        else if (first == 0xed)
            high = 0x9f;
        else if (first == 0xf0)
            low = 0x90;
        else if (first == 0xf4)
            high = 0x8f;
        for (more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3; more > 0; more--) {
            if (i == len || at[i] < low || at[i] > high)
                return 0;
            i++;
            low = 0x80;
            high = 0xbf;
        }
    }
    return 1;
}

@checks@

@=words@
static inline uint64_t @name@_load_word(const @name@_region *region)
{
    return __atomic_load_n((const uint64_t *)(const void *)(region->base + @NAME@_WORD_OFFSET), __ATOMIC_RELAXED);
}

/* Whether the header still names the type that it had when the region was opened: some program may have overwritten it. */
static inline int @name@_is_intact(const @name@_region *region)
{
    return __atomic_load_n((const uint64_t *)(const void *)(region->base + 16), __ATOMIC_RELAXED) == region->fingerprint;
}

static inline int @name@_why_empty(const @name@_region *region)
{
    const void *place = region->base + @NAME@_STATE_OFFSET;
    uint32_t state = __atomic_load_n((const uint32_t *)place, __ATOMIC_RELAXED);
    /* No region that can be opened has state 0: there are zeros in its place. */
    return state == 0 ? @NAME@_READ_TRUNCATED : state == 2 ? @NAME@_READ_CLOSED : @NAME@_READ_EMPTY;
}

/* Why a value is not taken whose region names another type. There are zeros in the place of a file that was truncated. */
static inline int @name@_why_not_intact(const @name@_region *region)
{
    return @name@_load_word(region) == 0 ? @name@_why_empty(region) : @NAME@_OPEN_DAMAGED;
}

