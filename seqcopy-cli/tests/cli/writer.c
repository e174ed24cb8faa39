/* Writes a region of `struct { n: u64, more: [u64; 500], end: u64 }` by the page "The format of regions", without the library:
 *
 *     writer create PATH SCHEMA BUFFERS
 *     writer take PATH
 *
 * Then, for each line of its input: `w N` writes that number everywhere, `s` writes numbers until it is killed, `c` closes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SIZE (8u * 502)
#define ALIGN 8u

static unsigned char *base;
static uint64_t buffers, stride, offset;
static int fd;

static _Atomic uint64_t *at64(size_t place) { return (_Atomic uint64_t *)(void *)(base + place); }
static _Atomic uint32_t *at32(size_t place) { return (_Atomic uint32_t *)(void *)(base + place); }
static void put64(size_t place, uint64_t n) { memcpy(base + place, &n, 8); }
static void put32(size_t place, uint32_t n) { memcpy(base + place, &n, 4); }
static uint64_t get64(size_t place) { uint64_t n; memcpy(&n, base + place, 8); return n; }
static uint32_t get32(size_t place) { uint32_t n; memcpy(&n, base + place, 4); return n; }

static int fail(const char *what)
{
    printf("%s: %s\n", what, strerror(errno));
    return 1;
}

/* Locks or unlocks one byte of the file, for this open file description. */
static int lock(short kind, off_t byte)
{
    struct flock it;
    memset(&it, 0, sizeof it);
    it.l_type = kind;
    it.l_whence = SEEK_SET;
    it.l_start = byte;
    it.l_len = 1;
    return fcntl(fd, F_OFD_SETLK, &it);
}

static int take_lock(void)
{
    if (lock(F_RDLCK, 1) == 0 && lock(F_WRLCK, 0) == 0)
        return 0;
    lock(F_UNLCK, 1);
    return -1;
}

static void record(void)
{
    atomic_store_explicit(at64(160), 0, memory_order_relaxed);
    atomic_store_explicit(at64(136), 0, memory_order_relaxed);
    atomic_store_explicit(at64(152), 0, memory_order_relaxed);
    atomic_store_explicit(at32(132), (uint32_t)getpid(), memory_order_relaxed);
    atomic_store_explicit(at64(144), atomic_load_explicit(at64(144), memory_order_relaxed) + 1, memory_order_relaxed);
    lock(F_UNLCK, 1);
}

static void wake(void)
{
    size_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 196 : 192;
    syscall(SYS_futex, base + low, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void store_value(uint64_t buffer, uint64_t n)
{
    for (size_t i = 0; i < SIZE / 8; i++)
        atomic_store_explicit(at64((size_t)(offset + buffer * stride) + 8 * i), n, memory_order_relaxed);
}

static void write_value(uint64_t n)
{
    uint64_t word = atomic_load_explicit(at64(192), memory_order_relaxed);
    if (buffers == 1) {
        word |= 1;
        atomic_store_explicit(at64(192), word, memory_order_relaxed); /* w1 */
        atomic_thread_fence(memory_order_release);                    /* w2 */
        store_value(0, n);                                            /* w3 */
        word = word + 1 == 0 ? 2 : word + 1;
        atomic_store_explicit(at64(192), word, memory_order_release); /* w4 */
    } else {
        atomic_thread_fence(memory_order_release);                        /* l1 */
        store_value((word + 1) % buffers, n);                             /* l2 */
        atomic_store_explicit(at64(192), word + 1, memory_order_release); /* l3 */
    }
    wake();
}

static uint64_t up(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

static int create(const char *path, const char *schema_path, uint64_t count)
{
    static unsigned char schema[65536], zeros[4096];
    char directory[4096], link[64];
    uint64_t fingerprint = UINT64_C(0xcbf29ce484222325), end, size, len;
    struct timespec now;
    FILE *file = fopen(schema_path, "rb");
    if (file == NULL)
        return fail("schema");
    len = fread(schema, 1, sizeof schema, file);
    fclose(file);
    for (size_t i = 0; i < len; i++)
        fingerprint = (fingerprint ^ schema[i]) * UINT64_C(0x100000001b3);
    /* A value of more than 48 bytes: from byte 256 on, at multiples of 64. */
    buffers = count;
    offset = up(256, ALIGN < 64 ? 64 : ALIGN);
    stride = up(SIZE, ALIGN < 64 ? 64 : ALIGN);
    end = offset + buffers * stride;
    size = end + len;

    snprintf(directory, sizeof directory, "%s", path);
    *strrchr(directory, '/') = 0;
    fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail("create");
    for (uint64_t i = 0; i < size; i += sizeof zeros)
        if (pwrite(fd, zeros, size - i < sizeof zeros ? size - i : sizeof zeros, (off_t)i) < 0)
            return fail("fill");
    if (pwrite(fd, schema, len, (off_t)end) != (ssize_t)len)
        return fail("fill");
    base = (unsigned char *)mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return fail("map");
    if (take_lock() != 0)
        return fail("lock");
    memcpy(base, "seqcopy\x01", 8);
    put32(8, 1);
    base[12] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : 2;
    base[13] = 8;
    put64(16, fingerprint);
    put64(24, size);
    put64(32, SIZE);
    put32(40, ALIGN);
    put32(44, (uint32_t)buffers);
    put64(48, offset);
    put64(56, stride);
    put64(64, end);
    put64(72, len);
    put64(80, 192);
    put64(88, 128);
    clock_gettime(CLOCK_REALTIME, &now);
    put64(96, (uint64_t)now.tv_sec);
    put32(104, (uint32_t)now.tv_nsec);
    atomic_store_explicit(at32(128), 1, memory_order_release);
    record();
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : fail("link");
}

static int take(const char *path)
{
    struct stat here, there;
    uint32_t state;
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &here) != 0)
        return fail("open");
    base = (unsigned char *)mmap(NULL, (size_t)here.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return fail("map");
    /* This test trusts what it made; others compare the whole header, and the schema. */
    if (get64(32) != SIZE || get64(24) != (uint64_t)here.st_size)
        return fail("another type");
    buffers = get32(44);
    offset = get64(48);
    stride = get64(56);
    if (take_lock() != 0)
        return fail("lock");
    if (stat(path, &there) != 0 || there.st_ino != here.st_ino || there.st_dev != here.st_dev)
        return fail("replaced");
    state = atomic_load_explicit(at32(128), memory_order_acquire);
    if (state == 2 && atomic_load_explicit(at64(192), memory_order_relaxed) == 0)
        return fail("closed");
    if (state == 2)
        atomic_store_explicit(at32(128), 1, memory_order_release);
    record();
    wake();
    return 0;
}

int main(int argc, char **argv)
{
    char line[64];
    int status = argc == 5 ? create(argv[2], argv[3], strtoull(argv[4], NULL, 10)) : argc == 3 ? take(argv[2]) : 2;
    if (status != 0)
        return status;
    puts("ok");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (line[0] == 'w')
            write_value(strtoull(line + 2, NULL, 10));
        if (line[0] == 's')
            for (uint64_t n = 1000;; n++) {
                if (n == 1000)
                    puts("ok"), fflush(stdout);
                write_value(n);
            }
        if (line[0] == 'c') {
            atomic_store_explicit(at32(128), 2, memory_order_release);
            atomic_store_explicit(at64(192), 0, memory_order_release);
            wake();
            unlink(argv[2]);
        }
        puts("ok");
        fflush(stdout);
    }
    atomic_store_explicit(at64(136), UINT64_MAX, memory_order_relaxed);
    lock(F_UNLCK, 0);
    return 0;
}
