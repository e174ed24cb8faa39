/* Parts of the header of `Rare` in samples.rs, as they were when they were read last. */

#pragma push_macro("Default")
#undef Default
#pragma push_macro("Pair")
#undef Pair
#pragma push_macro("Payload")
#undef Payload
#pragma push_macro("all_bytes")
#undef all_bytes
#pragma push_macro("elements")
#undef elements
#pragma push_macro("errno")
#undef errno
#pragma push_macro("far")
#undef far
#pragma push_macro("first")
#undef first
#pragma push_macro("flags")
#undef flags
#pragma push_macro("high")
#undef high
#pragma push_macro("int_")
#undef int_
#pragma push_macro("len")
#undef len
#pragma push_macro("level")
#undef level
#pragma push_macro("list")
#undef list
#pragma push_macro("low")
#undef low
#pragma push_macro("message")
#undef message
#pragma push_macro("packed")
#undef packed
#pragma push_macro("payload")
#undef payload
#pragma push_macro("signed_wide")
#undef signed_wide
#pragma push_macro("skipped")
#undef skipped
#pragma push_macro("tag")
#undef tag
#pragma push_macro("then")
#undef then

/* `Ids` */
typedef struct seqcopy_Rare_Ids {
    int64_t _0; /* never 0 */
    int8_t _1; /* 0: none */
} seqcopy_Rare_Ids;
static_assert(sizeof(seqcopy_Rare_Ids) == 16, "seqcopy_Rare_Ids: size");
static_assert(alignof(seqcopy_Rare_Ids) == 8, "seqcopy_Rare_Ids: alignment");
static_assert(offsetof(seqcopy_Rare_Ids, _0) == 0, "seqcopy_Rare_Ids._0");
static_assert(offsetof(seqcopy_Rare_Ids, _1) == 8, "seqcopy_Rare_Ids._1");

typedef struct __attribute__((__aligned__(16))) seqcopy_Rare_i128 {
    uint64_t low;
    int64_t high;
} seqcopy_Rare_i128;
static_assert(sizeof(seqcopy_Rare_i128) == 16, "seqcopy_Rare_i128: size");
static_assert(alignof(seqcopy_Rare_i128) == 16, "seqcopy_Rare_i128: alignment");

/* `Level` */
typedef int32_t seqcopy_Rare_Level;
#define SEQCOPY_RARE_LEVEL_TAG_LEAST ((seqcopy_Rare_Level)(-INT32_C(2147483647) - 1))
#define SEQCOPY_RARE_LEVEL_TAG_BELOW ((seqcopy_Rare_Level)-7)
#define SEQCOPY_RARE_LEVEL_TAG_MOST ((seqcopy_Rare_Level)2147483647)

/* `Far` */
typedef int64_t seqcopy_Rare_Far;
#define SEQCOPY_RARE_FAR_TAG_LEAST ((seqcopy_Rare_Far)(-INT64_C(9223372036854775807) - 1))
#define SEQCOPY_RARE_FAR_TAG_MOST ((seqcopy_Rare_Far)INT64_C(9223372036854775807))

/* `Message::Default` */
typedef struct seqcopy_Rare_Message_Default {
    uint8_t tag;
    uint32_t payload;
} seqcopy_Rare_Message_Default;
static_assert(sizeof(seqcopy_Rare_Message_Default) == 8, "seqcopy_Rare_Message_Default: size");
static_assert(alignof(seqcopy_Rare_Message_Default) == 4, "seqcopy_Rare_Message_Default: alignment");
static_assert(offsetof(seqcopy_Rare_Message_Default, tag) == 0, "seqcopy_Rare_Message_Default.tag");
static_assert(offsetof(seqcopy_Rare_Message_Default, payload) == 4, "seqcopy_Rare_Message_Default.payload");

/* `Pair` */
typedef struct seqcopy_Rare_Pair {
    uint8_t _0;
    uint64_t _1;
} seqcopy_Rare_Pair;
static_assert(sizeof(seqcopy_Rare_Pair) == 16, "seqcopy_Rare_Pair: size");
static_assert(alignof(seqcopy_Rare_Pair) == 8, "seqcopy_Rare_Pair: alignment");
static_assert(offsetof(seqcopy_Rare_Pair, _0) == 0, "seqcopy_Rare_Pair._0");
static_assert(offsetof(seqcopy_Rare_Pair, _1) == 8, "seqcopy_Rare_Pair._1");

/* `Message::Pair` */
typedef struct seqcopy_Rare_Message_Pair {
    seqcopy_Rare_Pair _0;
} seqcopy_Rare_Message_Pair;
static_assert(sizeof(seqcopy_Rare_Message_Pair) == 16, "seqcopy_Rare_Message_Pair: size");
static_assert(alignof(seqcopy_Rare_Message_Pair) == 8, "seqcopy_Rare_Message_Pair: alignment");
static_assert(offsetof(seqcopy_Rare_Message_Pair, _0) == 0, "seqcopy_Rare_Message_Pair._0");

#define SEQCOPY_RARE_MESSAGE_TAG_NOTHING ((uint16_t)1)
#define SEQCOPY_RARE_MESSAGE_TAG_DEFAULT ((uint16_t)300)
#define SEQCOPY_RARE_MESSAGE_TAG_PAIR ((uint16_t)65535)
/* the fields of `Message` */
typedef union seqcopy_Rare_Message_payload {
    seqcopy_Rare_Message_Default Default;
    seqcopy_Rare_Message_Pair Pair;
} seqcopy_Rare_Message_payload;

/* `Message` */
typedef struct seqcopy_Rare_Message {
    uint16_t tag;
    seqcopy_Rare_Message_payload payload;
} seqcopy_Rare_Message;
static_assert(sizeof(seqcopy_Rare_Message) == 24, "seqcopy_Rare_Message: size");
static_assert(alignof(seqcopy_Rare_Message) == 8, "seqcopy_Rare_Message: alignment");
static_assert(offsetof(seqcopy_Rare_Message, tag) == 0, "seqcopy_Rare_Message.tag");
static_assert(offsetof(seqcopy_Rare_Message, payload) == 8, "seqcopy_Rare_Message.payload");

/* `SeqVec<Pair, 2>` */
typedef struct seqcopy_Rare_SeqVec_Pair__2 {
    uint32_t len;
    seqcopy_Rare_Pair elements[2];
} seqcopy_Rare_SeqVec_Pair__2;
static_assert(sizeof(seqcopy_Rare_SeqVec_Pair__2) == 40, "seqcopy_Rare_SeqVec_Pair__2: size");
static_assert(alignof(seqcopy_Rare_SeqVec_Pair__2) == 8, "seqcopy_Rare_SeqVec_Pair__2: alignment");
static_assert(offsetof(seqcopy_Rare_SeqVec_Pair__2, len) == 0, "seqcopy_Rare_SeqVec_Pair__2.len");
static_assert(offsetof(seqcopy_Rare_SeqVec_Pair__2, elements) == 8, "seqcopy_Rare_SeqVec_Pair__2.elements");

/* `Packed` */
typedef struct __attribute__((__packed__, __aligned__(1))) seqcopy_Rare_Packed {
    uint8_t first;
    uint32_t then;
} seqcopy_Rare_Packed;
static_assert(sizeof(seqcopy_Rare_Packed) == 5, "seqcopy_Rare_Packed: size");
static_assert(alignof(seqcopy_Rare_Packed) == 1, "seqcopy_Rare_Packed: alignment");
static_assert(offsetof(seqcopy_Rare_Packed, first) == 0, "seqcopy_Rare_Packed.first");
static_assert(offsetof(seqcopy_Rare_Packed, then) == 1, "seqcopy_Rare_Packed.then");

/* `Rare` */
typedef struct __attribute__((__packed__, __aligned__(32))) seqcopy_Rare {
    int8_t int_; /* `int` in Rust */
    uint8_t padding_at_1_2[3];
    int32_t _1;
    uint16_t padding_at_1;
    uint8_t padding_at_10[6];
    int64_t Payload;
    uint64_t all_bytes;
    seqcopy_Rare_Ids errno;
    seqcopy_Rare_i128 signed_wide;
    bool flags[3][2];
    uint8_t padding_at_70[2];
    seqcopy_Rare_Level level;
    uint8_t padding_at_76[4];
    seqcopy_Rare_Far far;
    seqcopy_Rare_Message message;
    seqcopy_Rare_SeqVec_Pair__2 list;
    seqcopy_Rare_Packed packed;
    uint8_t padding_at_157[1];
    uint8_t skipped[6]; /* not read */
    uint8_t padding_at_164[28];
} seqcopy_Rare;
static_assert(sizeof(seqcopy_Rare) == 192, "seqcopy_Rare: size");
static_assert(alignof(seqcopy_Rare) == 32, "seqcopy_Rare: alignment");
static_assert(offsetof(seqcopy_Rare, int_) == 0, "seqcopy_Rare.int_");
static_assert(offsetof(seqcopy_Rare, _1) == 4, "seqcopy_Rare._1");
static_assert(offsetof(seqcopy_Rare, padding_at_1) == 8, "seqcopy_Rare.padding_at_1");
static_assert(offsetof(seqcopy_Rare, Payload) == 16, "seqcopy_Rare.Payload");
static_assert(offsetof(seqcopy_Rare, all_bytes) == 24, "seqcopy_Rare.all_bytes");
static_assert(offsetof(seqcopy_Rare, errno) == 32, "seqcopy_Rare.errno");
static_assert(offsetof(seqcopy_Rare, signed_wide) == 48, "seqcopy_Rare.signed_wide");
static_assert(offsetof(seqcopy_Rare, flags) == 64, "seqcopy_Rare.flags");
static_assert(offsetof(seqcopy_Rare, level) == 72, "seqcopy_Rare.level");
static_assert(offsetof(seqcopy_Rare, far) == 80, "seqcopy_Rare.far");
static_assert(offsetof(seqcopy_Rare, message) == 88, "seqcopy_Rare.message");
static_assert(offsetof(seqcopy_Rare, list) == 112, "seqcopy_Rare.list");
static_assert(offsetof(seqcopy_Rare, packed) == 152, "seqcopy_Rare.packed");
static_assert(offsetof(seqcopy_Rare, skipped) == 158, "seqcopy_Rare.skipped");

#pragma pop_macro("Default")
#pragma pop_macro("Pair")
#pragma pop_macro("Payload")
#pragma pop_macro("all_bytes")
#pragma pop_macro("elements")
#pragma pop_macro("errno")
#pragma pop_macro("far")
#pragma pop_macro("first")
#pragma pop_macro("flags")
#pragma pop_macro("high")
#pragma pop_macro("int_")
#pragma pop_macro("len")
#pragma pop_macro("level")
#pragma pop_macro("list")
#pragma pop_macro("low")
#pragma pop_macro("message")
#pragma pop_macro("packed")
#pragma pop_macro("payload")
#pragma pop_macro("signed_wide")
#pragma pop_macro("skipped")
#pragma pop_macro("tag")
#pragma pop_macro("then")

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/* Where the parts of a region of this type lie: offsets in bytes. */
#define SEQCOPY_RARE_BUFFER_OFFSET 256
#define SEQCOPY_RARE_BUFFER_STRIDE 192
#define SEQCOPY_RARE_WORD_OFFSET 192

/* The accesses by which a value is copied out: relaxed, aligned to 8 bytes or to their width, none of padding. Of an enum with fields
 * the tag is copied first, and then what the variant that it names has. */

static inline void seqcopy_Rare_copy8(unsigned char *to, const unsigned char *from)
{
    *to = __atomic_load_n(from, __ATOMIC_RELAXED);
}

static inline void seqcopy_Rare_copy16(unsigned char *to, const unsigned char *from)
{
    uint16_t word = __atomic_load_n((const uint16_t *)(const void *)from, __ATOMIC_RELAXED);
    memcpy(to, &word, sizeof word);
}

static inline void seqcopy_Rare_copy32(unsigned char *to, const unsigned char *from)
{
    uint32_t word = __atomic_load_n((const uint32_t *)(const void *)from, __ATOMIC_RELAXED);
    memcpy(to, &word, sizeof word);
}

static inline void seqcopy_Rare_copy64(unsigned char *to, const unsigned char *from)
{
    uint64_t word = __atomic_load_n((const uint64_t *)(const void *)from, __ATOMIC_RELAXED);
    memcpy(to, &word, sizeof word);
}

/* 16 bytes at once where assembly can move them, whatever they are. SEQCOPY_PORTABLE, defined before, leaves that out: for sanitizers,
 * which don't see what assembly does. */
static inline void seqcopy_Rare_copy128(unsigned char *to, const unsigned char *from)
{
#if defined(__x86_64__) && !defined(SEQCOPY_PORTABLE)
    __asm__ volatile("movups %1, %%xmm0\n\tmovups %%xmm0, %0"
                     : "=m"(*(unsigned char(*)[16])to)
                     : "m"(*(const unsigned char(*)[16])from)
                     : "xmm0");
#else
    seqcopy_Rare_copy64(to, from);
    seqcopy_Rare_copy64(to + 8, from + 8);
#endif
}

/* Words of 8 bytes. */
static inline void seqcopy_Rare_copy_words(unsigned char *to, const unsigned char *from, size_t count)
{
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        seqcopy_Rare_copy128(to + i * 8, from + i * 8);
        seqcopy_Rare_copy128(to + i * 8 + 16, from + i * 8 + 16);
        seqcopy_Rare_copy128(to + i * 8 + 32, from + i * 8 + 32);
        seqcopy_Rare_copy128(to + i * 8 + 48, from + i * 8 + 48);
    }
    for (; i + 2 <= count; i += 2)
        seqcopy_Rare_copy128(to + i * 8, from + i * 8);
    for (; i < count; i++)
        seqcopy_Rare_copy64(to + i * 8, from + i * 8);
}

static inline void seqcopy_Rare_copy_long(unsigned char *to, const unsigned char *from, size_t len)
{
    size_t i = 0, words;
    for (; i < len && (uintptr_t)(from + i) % 8 != 0; i++)
        seqcopy_Rare_copy8(to + i, from + i);
    words = (len - i) / 8;
    seqcopy_Rare_copy_words(to + i, from + i, words);
    for (i += words * 8; i < len; i++)
        seqcopy_Rare_copy8(to + i, from + i);
}

static inline void seqcopy_Rare_copy(unsigned char *to, const unsigned char *from)
{
    seqcopy_Rare_copy8(to + 0, from + 0);
    seqcopy_Rare_copy32(to + 4, from + 4);
    seqcopy_Rare_copy16(to + 8, from + 8);
    seqcopy_Rare_copy_words(to + 16, from + 16, 3);
    seqcopy_Rare_copy8(to + 40, from + 40);
    seqcopy_Rare_copy_words(to + 48, from + 48, 2);
    seqcopy_Rare_copy32(to + 64, from + 64);
    seqcopy_Rare_copy16(to + 68, from + 68);
    seqcopy_Rare_copy32(to + 72, from + 72);
    seqcopy_Rare_copy64(to + 80, from + 80);
    seqcopy_Rare_copy16(to + 88, from + 88);
    {
        uint16_t tag0;
        memcpy(&tag0, to + 88, sizeof tag0);
        switch (tag0) {
        case 300:
            seqcopy_Rare_copy8(to + 96, from + 96);
            seqcopy_Rare_copy32(to + 100, from + 100);
            break;
        case 65535:
            seqcopy_Rare_copy8(to + 96, from + 96);
            seqcopy_Rare_copy64(to + 104, from + 104);
            break;
        default:
            break;
        }
    }
    seqcopy_Rare_copy32(to + 112, from + 112);
    for (size_t i1 = 0; i1 < 2; i1++) {
        unsigned char *to1 = to + 120 + i1 * 16;
        const unsigned char *from1 = from + 120 + i1 * 16;
        seqcopy_Rare_copy8(to1 + 0, from1 + 0);
        seqcopy_Rare_copy64(to1 + 8, from1 + 8);
    }
    seqcopy_Rare_copy32(to + 152, from + 152);
    seqcopy_Rare_copy8(to + 156, from + 156);
}

/* Whether the bits of a copy are valid. */

/* The length of a text or a list. */
static inline uint32_t seqcopy_Rare_length(const unsigned char *at)
{
    uint32_t length;
    memcpy(&length, at, sizeof length);
    return length;
}

static inline int seqcopy_Rare_is_char(const unsigned char *at)
{
    uint32_t c;
    memcpy(&c, at, sizeof c);
    return c < 0xd800 || (c > 0xdfff && c <= 0x10ffff);
}

static inline int seqcopy_Rare_is_zero(const unsigned char *at, size_t len)
{
    unsigned char bits = 0;
    for (size_t i = 0; i < len; i++)
        bits |= at[i];
    return bits == 0;
}

static inline int seqcopy_Rare_is_utf8(const unsigned char *at, size_t len)
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

static inline int seqcopy_Rare_Ids_bits_are_valid_(const unsigned char *at)
{
    if (seqcopy_Rare_is_zero(at + 0, 8))
        return 0;
    return 1;
}

static inline int seqcopy_Rare_Level_bits_are_valid_(const unsigned char *at)
{
    {
        int32_t tag;
        memcpy(&tag, at + 0, sizeof tag);
        switch (tag) {
        case (-INT32_C(2147483647) - 1):
        case -7:
        case 2147483647:
            break;
        default:
            return 0;
        }
    }
    return 1;
}

static inline int seqcopy_Rare_Far_bits_are_valid_(const unsigned char *at)
{
    {
        int64_t tag;
        memcpy(&tag, at + 0, sizeof tag);
        switch (tag) {
        case (-INT64_C(9223372036854775807) - 1):
        case INT64_C(9223372036854775807):
            break;
        default:
            return 0;
        }
    }
    return 1;
}

static inline int seqcopy_Rare_Message_bits_are_valid_(const unsigned char *at)
{
    {
        uint16_t tag;
        memcpy(&tag, at + 0, sizeof tag);
        switch (tag) {
        case 1:
            break;
        case 300:
            break;
        case 65535:
            break;
        default:
            return 0;
        }
    }
    return 1;
}

static inline int seqcopy_Rare_SeqVec_Pair__2_bits_are_valid_(const unsigned char *at)
{
    if (seqcopy_Rare_length(at + 0) > 2)
        return 0;
    return 1;
}

static inline int seqcopy_Rare_bits_are_valid(const unsigned char *at)
{
    if (!seqcopy_Rare_Ids_bits_are_valid_(at + 32))
        return 0;
    for (size_t i0 = 0; i0 < 3; i0++) {
        const unsigned char *at1 = at + 64 + i0 * 2;
        for (size_t i1 = 0; i1 < 2; i1++) {
            const unsigned char *at2 = at1 + 0 + i1 * 1;
            if (at2[0] > 1)
                return 0;
        }
    }
    if (!seqcopy_Rare_Level_bits_are_valid_(at + 72))
        return 0;
    if (!seqcopy_Rare_Far_bits_are_valid_(at + 80))
        return 0;
    if (!seqcopy_Rare_Message_bits_are_valid_(at + 88))
        return 0;
    if (!seqcopy_Rare_SeqVec_Pair__2_bits_are_valid_(at + 112))
        return 0;
    return 1;
}

static inline seqcopy_status seqcopy_Rare_writer_create(const char *path, seqcopy_Rare_writer **self)
{
    return seqcopy_Rare_writer_open(seqcopy_writer_create, path, NULL, self);
}

static inline seqcopy_status seqcopy_Rare_writer_open_or_create(const char *path, seqcopy_Rare_writer **self)
{
    return seqcopy_Rare_writer_open(seqcopy_writer_open_or_create, path, NULL, self);
}

/* The last value, for a writer that goes on from it. */
static inline seqcopy_status seqcopy_Rare_writer_read(seqcopy_Rare_writer *self, seqcopy_Rare *out)
{
    return seqcopy_writer_read(seqcopy_Rare_writer_handle(self), out, sizeof *out);
}

/* A copy of the last value, of zeros before the first, to be changed in place until seqcopy_Rare_writer_end publishes it. */
static inline seqcopy_Rare *seqcopy_Rare_writer_begin(seqcopy_Rare_writer *self)
{
    void *out = NULL;
    seqcopy_writer_begin(seqcopy_Rare_writer_handle(self), &out);
    return (seqcopy_Rare *)out;
}

static inline seqcopy_status seqcopy_Rare_writer_end(seqcopy_Rare_writer *self)
{
    return seqcopy_writer_end(seqcopy_Rare_writer_handle(self));
}

static inline seqcopy_status seqcopy_Rare_writer_write(seqcopy_Rare_writer *self, const seqcopy_Rare *from)
{
    return seqcopy_writer_write(seqcopy_Rare_writer_handle(self), from, sizeof *from);
}

/* Reads the value; its version is stored too, unless `version` is null. The first attempt is made here, others by the library. */
static inline seqcopy_status seqcopy_Rare_reader_read(const seqcopy_Rare_reader *self, seqcopy_Rare *out, uint64_t *version)
{
    const seqcopy_direct *direct = (const seqcopy_direct *)(const void *)self;
    if (__builtin_expect(direct != NULL && out != NULL && direct->word != NULL, 1)) {
        unsigned char *to = (unsigned char *)out;
        /* Copies: behind a fence, what another thread could have changed is loaded again. */
        const uint64_t *word = direct->word, last = direct->last, before = __atomic_load_n(word, __ATOMIC_RELAXED);
        const unsigned char *base = (const unsigned char *)word - SEQCOPY_RARE_WORD_OFFSET;
        /* Padding, which is not copied, is zeros. */
        memset(to, 0, sizeof *out);
        /* Pairs with the store that published the value: what lies in the buffer is at least as new. */
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        /* While a single buffer is written, its word is odd. */
        if (__builtin_expect(before != 0 && (before & ~last & 1) == 0, 1)) {
            /* The number of buffers is a power of two: whatever the count is, this is one of them. */
            seqcopy_Rare_copy(to, base + SEQCOPY_RARE_BUFFER_OFFSET + (size_t)(before & last) * SEQCOPY_RARE_BUFFER_STRIDE);
            /* Pairs with the fence of a writer whose stores were seen: then the word that it found, or left, before is seen as well. */
            __atomic_thread_fence(__ATOMIC_ACQUIRE);
            /* A buffer of a latch is written again only after that many more values were published; a single one after none. */
            if (__builtin_expect(
                __atomic_load_n(word, __ATOMIC_RELAXED) - before <= (last & ~UINT64_C(1)) && seqcopy_Rare_bits_are_valid(to), 1)) {
                if (version != NULL)
                    *version = before >> (~last & 1);
                return SEQCOPY_OK;
            }
        }
    }
    return seqcopy_reader_read(seqcopy_Rare_reader_handle(self), out, sizeof *out, version);
}

#ifdef __cplusplus
template <> struct seqcopy::Type<seqcopy_Rare> {
    static constexpr const unsigned char *schema = seqcopy_Rare_schema;
    static constexpr size_t schema_len = sizeof seqcopy_Rare_schema;

    static seqcopy_status write(seqcopy_writer *handle, const seqcopy_Rare *from) noexcept
    {
        return seqcopy_Rare_writer_write((seqcopy_Rare_writer *)(uintptr_t)handle, from);
    }
    static seqcopy_status read(const seqcopy_reader *handle, seqcopy_Rare *out, uint64_t *version) noexcept
    {
        return seqcopy_Rare_reader_read((const seqcopy_Rare_reader *)(uintptr_t)handle, out, version);
    }
};
#endif

#elif SEQCOPY_RARE_FINGERPRINT != UINT64_C(0x7f55b24836e4a563)
#error "two types have a header with the name seqcopy_Rare: generate one with another name, by `seqcopy header --name` or `Bindings::name`"
#endif

static inline void seqcopy_Low_copy(unsigned char *to, const unsigned char *from)
{
    seqcopy_Low_copy64(to + 0, from + 0);
    seqcopy_Low_copy32(to + 8, from + 8);
    seqcopy_Low_copy16(to + 12, from + 12);
    for (size_t i0 = 0; i0 < 2; i0++) {
        unsigned char *to0 = to + 14 + i0 * 8;
        const unsigned char *from0 = from + 14 + i0 * 8;
        for (size_t i1 = 0; i1 < 3; i1++)
            seqcopy_Low_copy16(to0 + 0 + i1 * 2, from0 + 0 + i1 * 2);
        seqcopy_Low_copy8(to0 + 6, from0 + 6);
    }
}

static inline void seqcopy_Low_store(unsigned char *to, const unsigned char *from)
{
    seqcopy_Low_store64(to + 0, from + 0);
    seqcopy_Low_store32(to + 8, from + 8);
    seqcopy_Low_store16(to + 12, from + 12);
    for (size_t i0 = 0; i0 < 2; i0++) {
        unsigned char *to0 = to + 14 + i0 * 8;
        const unsigned char *from0 = from + 14 + i0 * 8;
        for (size_t i1 = 0; i1 < 3; i1++)
            seqcopy_Low_store16(to0 + 0 + i1 * 2, from0 + 0 + i1 * 2);
        seqcopy_Low_store8(to0 + 6, from0 + 6);
    }
}
