/* Reads regions by the page "The format of regions", without the library:
 *
 *     reader value PATH SCHEMA     a region of `struct { n: u64, more: [u64; 500], end: u64 }`
 *     reader map PATH SCHEMA       a map of `[u8; 13]` to `struct { number: u64, half: SeqOption<u32>, is_open: bool }`
 *
 * Prints "ok", or why it can't be opened. Then, for each line of its input: `r` reads the value, `t N` reads until it has seen N other values, `g KEY`
 * looks up, `a` walks through all entries, `w` asks whether there is a writer. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sizes and offsets of the two types: of a value, and of a slot, which has the stamp, the key and the value. */
#define SIZE (8u * 502)
#define SLOT 48u
#define KEY 8u
#define VALUE 24u
#define FIRST 256u

static const unsigned char *base;
static uint64_t buffers, stride, slots, seed;
static int fd;

static uint64_t get64(const unsigned char *at) { uint64_t n; memcpy(&n, at, 8); return n; }
static uint32_t get32(const unsigned char *at) { uint32_t n; memcpy(&n, at, 4); return n; }
static uint64_t up(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

static uint64_t load64(const unsigned char *at, memory_order order)
{
    return atomic_load_explicit((const _Atomic uint64_t *)(const void *)at, order);
}

static uint32_t state(void)
{
    return atomic_load_explicit((const _Atomic uint32_t *)(const void *)(base + 128), memory_order_relaxed);
}

static int is_power(uint64_t n) { return n != 0 && (n & (n - 1)) == 0; }

/* Why a file is no such region, by a copy of the header: everything in it follows from the type, the number of buffers and that of slots. */
static const char *check(const unsigned char *header, uint64_t fingerprint, int is_map, uint64_t len, uint64_t *size)
{
    uint64_t end;
    if (memcmp(header, "seqcopy\x01", 8) != 0 || header[12] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : 2) || header[13] != 8
        || get32(header + 8) != (is_map ? 2u : 1u))
        return "not a region of this kind";
    if (get64(header + 16) != fingerprint || get64(header + 32) != (is_map ? SLOT : SIZE) || get32(header + 40) != 8)
        return "another type";
    buffers = get32(header + 44);
    slots = get64(header + 112);
    seed = get64(header + 120);
    if (!is_power(buffers) || buffers > 65536)
        return "damaged";
    if (is_map ? buffers < 2 || !is_power(slots) || slots < 8 || slots > UINT64_C(1) << 32 : slots != 0 || seed != 0)
        return "damaged";
    stride = is_map ? up(64 + slots * SLOT, 64) : up(SIZE, 64);
    end = FIRST + buffers * stride;
    *size = end + len;
    if (get64(header + 24) != *size || get64(header + 48) != FIRST || get64(header + 56) != stride || get64(header + 64) != end
        || get64(header + 72) != len || get64(header + 80) != 192 || get64(header + 88) != 128)
        return "damaged";
    if (header[14] != 0 || header[15] != 0 || get32(header + 108) != 0 || get64(header + 96) > INT64_MAX || get32(header + 104) >= 1000000000)
        return "damaged";
    return NULL;
}

static const char *open_region(const char *path, const char *schema_path, int is_map)
{
    unsigned char header[128];
    uint64_t fingerprint = UINT64_C(0xcbf29ce484222325), len = 0, size = 0;
    FILE *schema = fopen(schema_path, "rb");
    const char *why;
    struct stat file;
    for (int c; schema != NULL && (c = getc(schema)) != EOF; len++)
        fingerprint = (fingerprint ^ (uint64_t)c) * UINT64_C(0x100000001b3);
    if (schema != NULL)
        fclose(schema);
    fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &file) != 0)
        return "not there";
    if (!S_ISREG(file.st_mode) || pread(fd, header, sizeof header, 0) != sizeof header)
        return "not a region of this kind";
    why = check(header, fingerprint, is_map, len, &size);
    if (why != NULL)
        return why;
    if ((uint64_t)file.st_size < size)
        return "too short";
    base = (const unsigned char *)mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return "not mapped";
    return state() == 1 || state() == 2 ? NULL : "damaged";
}

/* Whether what was copied since the word was `before` is what was published by it. */
static int is_consistent(uint64_t before)
{
    atomic_thread_fence(memory_order_acquire);
    uint64_t after = load64(base + 192, memory_order_relaxed);
    return buffers == 1 ? before % 2 == 0 && after == before : after - before <= buffers - 2;
}

static const char *why_empty(void)
{
    return state() == 2 ? "closed" : "empty";
}

static void copy(unsigned char *to, const unsigned char *from, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = atomic_load_explicit((const _Atomic unsigned char *)(from + i), memory_order_relaxed);
}

/* The number of a value that is whole. */
static const char *read_value(uint64_t *n)
{
    static uint64_t value[SIZE / 8];
    for (int attempt = 0; attempt < 1000000; attempt++) {
        uint64_t before = load64(base + 192, memory_order_acquire);
        if (before == 0)
            return why_empty();
        for (size_t i = 0; i < SIZE / 8; i++)
            value[i] = load64(base + FIRST + before % buffers * stride + 8 * i, memory_order_relaxed);
        if (!is_consistent(before))
            continue;
        for (size_t i = 1; i < SIZE / 8; i++)
            if (value[i] != value[0]) {
                puts("half of it is another's");
                exit(1);
            }
        *n = value[0];
        return NULL;
    }
    return "busy";
}

static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const unsigned char key[16])
{
    uint64_t words[2] = {0, 0};
    for (int i = 0; i < 16; i++)
        words[i / 8] |= (uint64_t)key[i] << (8 * (i % 8));
    uint64_t hash = fold(seed ^ 13 ^ words[0], UINT64_C(0xa0761d6478bd642f));
    return fold(fold(hash ^ words[1], UINT64_C(0xe7037ed1a0b428db)), UINT64_C(0xe7037ed1a0b428db));
}

static const unsigned char *slot_of(uint64_t generation, uint64_t index)
{
    return base + FIRST + generation % buffers * stride + 64 + index % slots * SLOT;
}

/* Padding is left out: of the key's end, and of the option. */
static void copy_entry(unsigned char *to, const unsigned char *from)
{
    copy(to + KEY, from + KEY, 13);
    copy(to + VALUE, from + VALUE, 9);
    if (to[VALUE + 8] == 1)
        copy(to + VALUE + 12, from + VALUE + 12, 4);
    copy(to + VALUE + 16, from + VALUE + 16, 1);
}

static int is_valid(const unsigned char *entry)
{
    return entry[VALUE + 8] <= 1 && entry[VALUE + 16] <= 1;
}

static void look_up(const char *text)
{
    uint64_t generation = load64(base + 192, memory_order_acquire);
    unsigned char key[16] = {0}, entry[SLOT] = {0};
    const char *found = "absent";
    memcpy(key, text, 13);
    for (uint64_t i = 0, home = hash_of(key); generation != 0 && i < slots; i++) {
        const unsigned char *slot = slot_of(generation, home % slots + i);
        if (load64(slot, memory_order_relaxed) == 0)
            break;
        copy_entry(entry, slot);
        if (memcmp(entry + KEY, key, 13) == 0) {
            found = is_valid(entry) ? NULL : "invalid";
            break;
        }
    }
    if (generation == 0)
        puts(why_empty());
    else if (!is_consistent(generation))
        puts("torn");
    else if (found != NULL)
        puts(found);
    else
        printf("%llu %u %d\n", (unsigned long long)get64(entry + VALUE), (unsigned)get32(entry + VALUE + 12), entry[VALUE + 16]);
}

/* How many entries there are, and the sum of their numbers: those of one generation. */
static void walk(void)
{
    unsigned long long count = 0, sum = 0, invalid = 0;
    for (;;) {
        uint64_t generation = load64(base + 192, memory_order_acquire);
        if (generation == 0) {
            puts(why_empty());
            return;
        }
        count = sum = invalid = 0;
        for (uint64_t i = 0; i < slots; i++) {
            unsigned char entry[SLOT] = {0};
            const unsigned char *slot = slot_of(generation, i);
            if (load64(slot, memory_order_relaxed) == 0)
                continue;
            copy_entry(entry, slot);
            count += is_valid(entry) ? 1u : 0u;
            invalid += is_valid(entry) ? 0u : 1u;
            sum += get64(entry + VALUE);
        }
        if (is_consistent(generation))
            break;
    }
    printf("%llu %llu %llu\n", count, sum, invalid);
}

static const char *writer(void)
{
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_RDLCK;
    lock.l_whence = SEEK_SET;
    lock.l_len = 1;
    return fcntl(fd, F_OFD_GETLK, &lock) != 0 ? "unknown" : lock.l_type == F_UNLCK ? "gone" : "alive";
}

int main(int argc, char **argv)
{
    char line[64];
    const char *why = argc == 4 ? open_region(argv[2], argv[3], argv[1][0] == 'm') : "two arguments";
    puts(why == NULL ? "ok" : why);
    fflush(stdout);
    while (why == NULL && fgets(line, sizeof line, stdin) != NULL) {
        uint64_t n = 0, last = 0, other = 0, wanted = line[0] == 't' ? strtoull(line + 2, NULL, 10) : 0;
        const char *not_read = NULL;
        line[strcspn(line, "\n")] = 0;
        if (line[0] == 'r' || line[0] == 't') {
            do {
                not_read = read_value(&n);
                other += not_read == NULL && n != last;
                last = n;
            } while (other < wanted && (not_read == NULL || not_read[0] == 'b'));
            if (not_read != NULL)
                puts(not_read);
            else
                printf("%llu\n", (unsigned long long)(wanted != 0 ? other : n));
        } else if (line[0] == 'g') {
            look_up(line + 2);
        } else if (line[0] == 'a') {
            walk();
        } else {
            puts(writer());
        }
        fflush(stdout);
    }
    return 0;
}
