/* Reading and writing without a call, part by part: the accesses that copy a value out and those that store it, the check of its bits, and the
functions, each with that which calls the library instead. */

@=write_by_call@
static inline seqcopy_status @name@_writer_write(@name@_writer *self, const @name@ *from)
{
    return seqcopy_writer_write(@name@_writer_handle(self), from, sizeof *from);
}

@=read_by_call@
/* Reads the value; its version is stored too, unless `version` is null. */
static inline seqcopy_status @name@_reader_read(const @name@_reader *self, @name@ *out, uint64_t *version)
{
    return seqcopy_reader_read(@name@_reader_handle(self), out, sizeof *out, version);
}

@=places@
/* Where the parts of a region of this type lie: offsets in bytes. */
#define @NAME@_BUFFER_OFFSET @buffer_offset@
#define @NAME@_BUFFER_STRIDE @buffer_stride@
#define @NAME@_WORD_OFFSET @word_offset@

@=write_direct@
/* Publishes a value: here, as the library does it, if nothing stands in the way; or else by the library, which says what does. */
static inline seqcopy_status @name@_writer_write(@name@_writer *self, const @name@ *from)
{
    const seqcopy_direct *direct = (const seqcopy_direct *)(const void *)self;
    const unsigned char *bytes = (const unsigned char *)from;
    if (__builtin_expect(direct != NULL && bytes != NULL && direct->word != NULL && __atomic_load_n(&direct->in_use, __ATOMIC_RELAXED) == 0
        && __atomic_load_n(direct->may_write, __ATOMIC_RELAXED) == 1 && @name@_bits_are_valid(bytes, 1), 1)) {
        /* Only the writer changes the word. While a single buffer is written, it is odd; a writer that died may have left it so. */
        const uint64_t last = direct->last, is_single = ~last & 1;
        const uint64_t busy = __atomic_load_n(direct->word, __ATOMIC_RELAXED) | is_single;
        /* In a single buffer, 0 means that there is no value yet: after the last count comes 2. */
        const uint64_t next = is_single && busy == UINT64_MAX ? 2 : busy + 1;
        unsigned char *base = (unsigned char *)direct->word - @NAME@_WORD_OFFSET;
        if (is_single)
            __atomic_store_n(direct->word, busy, __ATOMIC_RELAXED);
        /* Before the stores: a reader that sees one of them also sees the word until here, and so that the buffer's value is outdated. */
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
        unsigned char *to = (unsigned char *)out;
        /* Copies: behind a fence, what another thread could have changed is loaded again. */
        const uint64_t *word = direct->word, last = direct->last, before = __atomic_load_n(word, __ATOMIC_RELAXED);
        const unsigned char *base = (const unsigned char *)word - @NAME@_WORD_OFFSET;
@+before@
        /* Pairs with the store that published the value: what lies in the buffer is at least as new. */
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        /* While a single buffer is written, its word is odd. */
        if (__builtin_expect(before != 0 && (before & ~last & 1) == 0, 1)) {
            /* The number of buffers is a power of two: whatever the count is, this is one of them. */
@+load@
            /* Pairs with the fence of a writer whose stores were seen: then the word that it found, or left, before is seen as well. */
            __atomic_thread_fence(__ATOMIC_ACQUIRE);
            /* A buffer of a latch is written again only after that many more values were published; a single one after none. */
            if (__builtin_expect(
                __atomic_load_n(word, __ATOMIC_RELAXED) - before <= (last & ~UINT64_C(1)) && @name@_bits_are_valid(to, 0), 1)) {
                if (version != NULL)
                    *version = before >> (~last & 1);
                return SEQCOPY_OK;
            }
        }
    }
    return seqcopy_reader_read(@name@_reader_handle(self), out, sizeof *out, version);
}

@=store_each@
        @name@_store(base + @NAME@_BUFFER_OFFSET + (size_t)(next & last) * @NAME@_BUFFER_STRIDE, bytes);
@=store_whole@
        direct->move(bytes, base + @NAME@_BUFFER_OFFSET + (size_t)(next & last) * @NAME@_BUFFER_STRIDE, sizeof *from);
@=load_each@
            @name@_copy(to, base + @NAME@_BUFFER_OFFSET + (size_t)(before & last) * @NAME@_BUFFER_STRIDE);
@=load_whole@
            move(base + @NAME@_BUFFER_OFFSET + (size_t)(before & last) * @NAME@_BUFFER_STRIDE, to, sizeof *out);
@=mover@
        /* Loaded here, so that a call need not wait for it. */
        void (*const move)(const uint8_t *, uint8_t *, size_t) = direct->move;
@=copies@
/* The accesses by which a value is copied out: relaxed, aligned to 8 bytes or to their width, none of padding, which becomes zeros. Of an
 * enum with fields the tag is copied first, and then the fields of the variant that it names. */

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

static inline void @name@_copy(unsigned char *to, const unsigned char *from)
{
@copy@
}

@=valid@
/* Whether bits are valid. For those to write, a text must be followed by zeros: other bytes there may be a secret, and the library writes
 * the value without them. */

/* The length of a text or a list. */
static inline uint32_t @name@_length(const unsigned char *at)
{
    uint32_t length;
    memcpy(&length, at, sizeof length);
    return length;
}

static inline int @name@_is_char(const unsigned char *at)
{
    uint32_t c;
    memcpy(&c, at, sizeof c);
    return c < 0xd800 || (c > 0xdfff && c <= 0x10ffff);
}

static inline int @name@_is_zero(const unsigned char *at, size_t len)
{
    uint64_t bits = 0, word;
    size_t i = 0;
    for (; i + sizeof word <= len; i += sizeof word) {
        memcpy(&word, at + i, sizeof word);
        bits |= word;
    }
    for (; i < len; i++)
        bits |= at[i];
    return bits == 0;
}

static inline int @name@_is_utf8(const unsigned char *at, size_t len)
{
    size_t i = 0, more;
    while (i < len) {
        unsigned char first, low = 0x80, high = 0xbf;
        uint64_t word = UINT64_MAX;
        /* Eight letters of ASCII at once. */
        if (len - i >= sizeof word)
            memcpy(&word, at + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) == 0) {
            i += sizeof word;
            continue;
        }
        first = at[i++];
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

@=stores@
/* The accesses by which a value is stored, as those by which it is copied. Of an enum with fields, those of its variant alone are stored. */

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

