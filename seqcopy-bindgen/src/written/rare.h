/* Parts of the headers of `Rare` and `Low` in samples.rs, as they were when they were read last. */

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
#ifdef __cplusplus
enum class seqcopy_Rare_Level : int32_t {
    Least = (-INT32_C(2147483647) - 1),
    Below = -7,
    Most = 2147483647,
};
#else
typedef int32_t seqcopy_Rare_Level;
#endif
#define SEQCOPY_RARE_LEVEL_TAG_LEAST SEQCOPY_CONSTANT(seqcopy_Rare_Level, (-INT32_C(2147483647) - 1))
#define SEQCOPY_RARE_LEVEL_TAG_BELOW SEQCOPY_CONSTANT(seqcopy_Rare_Level, -7)
#define SEQCOPY_RARE_LEVEL_TAG_MOST SEQCOPY_CONSTANT(seqcopy_Rare_Level, 2147483647)

/* `Far` */
#ifdef __cplusplus
enum class seqcopy_Rare_Far : int64_t {
    Least = (-INT64_C(9223372036854775807) - 1),
    Most = INT64_C(9223372036854775807),
};
#else
typedef int64_t seqcopy_Rare_Far;
#endif
#define SEQCOPY_RARE_FAR_TAG_LEAST SEQCOPY_CONSTANT(seqcopy_Rare_Far, (-INT64_C(9223372036854775807) - 1))
#define SEQCOPY_RARE_FAR_TAG_MOST SEQCOPY_CONSTANT(seqcopy_Rare_Far, INT64_C(9223372036854775807))

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

#define SEQCOPY_RARE_MESSAGE_TAG_NOTHING SEQCOPY_CONSTANT(uint16_t, 1)
#define SEQCOPY_RARE_MESSAGE_TAG_DEFAULT SEQCOPY_CONSTANT(uint16_t, 300)
#define SEQCOPY_RARE_MESSAGE_TAG_PAIR SEQCOPY_CONSTANT(uint16_t, 65535)
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

/* `Sparse::Some` */
typedef struct seqcopy_Rare_Sparse_Some {
    uint8_t tag;
    bool _0;
} seqcopy_Rare_Sparse_Some;
static_assert(sizeof(seqcopy_Rare_Sparse_Some) == 2, "seqcopy_Rare_Sparse_Some: size");
static_assert(alignof(seqcopy_Rare_Sparse_Some) == 1, "seqcopy_Rare_Sparse_Some: alignment");
static_assert(offsetof(seqcopy_Rare_Sparse_Some, tag) == 0, "seqcopy_Rare_Sparse_Some.tag");
static_assert(offsetof(seqcopy_Rare_Sparse_Some, _0) == 1, "seqcopy_Rare_Sparse_Some._0");

#define SEQCOPY_RARE_SPARSE_TAG_ALIGNED SEQCOPY_CONSTANT(uint8_t, 0)
#define SEQCOPY_RARE_SPARSE_TAG_SOME SEQCOPY_CONSTANT(uint8_t, 1)
/* `Sparse`: the tag names the member */
typedef union __attribute__((__aligned__(8))) seqcopy_Rare_Sparse {
    uint8_t tag;
    seqcopy_Rare_Sparse_Some Some;
    uint8_t all_bytes[8];
} seqcopy_Rare_Sparse;
static_assert(sizeof(seqcopy_Rare_Sparse) == 8, "seqcopy_Rare_Sparse: size");
static_assert(alignof(seqcopy_Rare_Sparse) == 8, "seqcopy_Rare_Sparse: alignment");
static_assert(offsetof(seqcopy_Rare_Sparse, tag) == 0, "seqcopy_Rare_Sparse.tag");
static_assert(offsetof(seqcopy_Rare_Sparse, Some) == 0, "seqcopy_Rare_Sparse.Some");

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
    uint8_t padding_at_157[3];
    seqcopy_Rare_Sparse sparse;
    uint8_t skipped[6]; /* not read */
    uint8_t padding_at_174[18];
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
static_assert(offsetof(seqcopy_Rare, sparse) == 160, "seqcopy_Rare.sparse");
static_assert(offsetof(seqcopy_Rare, skipped) == 168, "seqcopy_Rare.skipped");

static inline void seqcopy_Rare_copy(unsigned char *to, const unsigned char *from)
{
    seqcopy_Rare_copy8(to + 0, from + 0);
    memset(to + 1, 0, 3);
    seqcopy_Rare_copy32(to + 4, from + 4);
    seqcopy_Rare_copy16(to + 8, from + 8);
    memset(to + 10, 0, 6);
    seqcopy_Rare_copy_words(to + 16, from + 16, 3);
    seqcopy_Rare_copy8(to + 40, from + 40);
    memset(to + 41, 0, 7);
    seqcopy_Rare_copy_words(to + 48, from + 48, 2);
    seqcopy_Rare_copy32(to + 64, from + 64);
    seqcopy_Rare_copy16(to + 68, from + 68);
    memset(to + 70, 0, 2);
    seqcopy_Rare_copy32(to + 72, from + 72);
    memset(to + 76, 0, 4);
    seqcopy_Rare_copy64(to + 80, from + 80);
    seqcopy_Rare_copy16(to + 88, from + 88);
    memset(to + 90, 0, 22);
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
    memset(to + 116, 0, 4);
    for (size_t i1 = 0; i1 < 2; i1++) {
        unsigned char *to1 = to + 120 + i1 * 16;
        const unsigned char *from1 = from + 120 + i1 * 16;
        seqcopy_Rare_copy8(to1 + 0, from1 + 0);
        memset(to1 + 1, 0, 7);
        seqcopy_Rare_copy64(to1 + 8, from1 + 8);
    }
    seqcopy_Rare_copy32(to + 152, from + 152);
    seqcopy_Rare_copy8(to + 156, from + 156);
    memset(to + 157, 0, 3);
    seqcopy_Rare_copy8(to + 160, from + 160);
    memset(to + 161, 0, 31);
    {
        uint8_t tag2;
        memcpy(&tag2, to + 160, sizeof tag2);
        switch (tag2) {
        case 1:
            seqcopy_Rare_copy8(to + 161, from + 161);
            break;
        default:
            break;
        }
    }
}

static inline int seqcopy_Rare_Ids_bits_are_valid_(const unsigned char *at, int to_write)
{
    (void)to_write;
    if (seqcopy_Rare_is_zero(at + 0, 8))
        return 0;
    return 1;
}

static inline int seqcopy_Rare_Level_bits_are_valid_(const unsigned char *at, int to_write)
{
    (void)to_write;
    {
        int32_t tag;
        memcpy(&tag, at, sizeof tag);
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

static inline int seqcopy_Rare_Far_bits_are_valid_(const unsigned char *at, int to_write)
{
    (void)to_write;
    {
        int64_t tag;
        memcpy(&tag, at, sizeof tag);
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

static inline int seqcopy_Rare_Message_bits_are_valid_(const unsigned char *at, int to_write)
{
    (void)to_write;
    {
        uint16_t tag;
        memcpy(&tag, at, sizeof tag);
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

static inline int seqcopy_Rare_SeqVec_Pair__2_bits_are_valid_(const unsigned char *at, int to_write)
{
    (void)to_write;
    if (seqcopy_Rare_length(at) > 2)
        return 0;
    return 1;
}

static inline int seqcopy_Rare_Sparse_bits_are_valid_(const unsigned char *at, int to_write)
{
    (void)to_write;
    {
        uint8_t tag;
        memcpy(&tag, at, sizeof tag);
        switch (tag) {
        case 0:
            break;
        case 1:
            if (at[1] > 1)
                return 0;
            break;
        default:
            return 0;
        }
    }
    return 1;
}

static inline int seqcopy_Rare_bits_are_valid(const unsigned char *at, int to_write)
{
    (void)to_write;
    if (!seqcopy_Rare_Ids_bits_are_valid_(at + 32, to_write))
        return 0;
    for (size_t i0 = 0; i0 < 3; i0++) {
        const unsigned char *at1 = at + 64 + i0 * 2;
        for (size_t i1 = 0; i1 < 2; i1++) {
            const unsigned char *at2 = at1 + 0 + i1 * 1;
            if (at2[0] > 1)
                return 0;
        }
    }
    if (!seqcopy_Rare_Level_bits_are_valid_(at + 72, to_write))
        return 0;
    if (!seqcopy_Rare_Far_bits_are_valid_(at + 80, to_write))
        return 0;
    if (!seqcopy_Rare_Message_bits_are_valid_(at + 88, to_write))
        return 0;
    if (!seqcopy_Rare_SeqVec_Pair__2_bits_are_valid_(at + 112, to_write))
        return 0;
    if (!seqcopy_Rare_Sparse_bits_are_valid_(at + 160, to_write))
        return 0;
    return 1;
}

static inline void seqcopy_Rare_store(unsigned char *to, const unsigned char *from)
{
    seqcopy_Rare_store8(to + 0, from + 0);
    seqcopy_Rare_store32(to + 4, from + 4);
    seqcopy_Rare_store16(to + 8, from + 8);
    seqcopy_Rare_store_words(to + 16, from + 16, 3);
    seqcopy_Rare_store8(to + 40, from + 40);
    seqcopy_Rare_store_words(to + 48, from + 48, 2);
    seqcopy_Rare_store32(to + 64, from + 64);
    seqcopy_Rare_store16(to + 68, from + 68);
    seqcopy_Rare_store32(to + 72, from + 72);
    seqcopy_Rare_store64(to + 80, from + 80);
    seqcopy_Rare_store16(to + 88, from + 88);
    {
        uint16_t tag0;
        memcpy(&tag0, from + 88, sizeof tag0);
        switch (tag0) {
        case 300:
            seqcopy_Rare_store8(to + 96, from + 96);
            seqcopy_Rare_store32(to + 100, from + 100);
            break;
        case 65535:
            seqcopy_Rare_store8(to + 96, from + 96);
            seqcopy_Rare_store64(to + 104, from + 104);
            break;
        default:
            break;
        }
    }
    seqcopy_Rare_store32(to + 112, from + 112);
    for (size_t i1 = 0; i1 < 2; i1++) {
        unsigned char *to1 = to + 120 + i1 * 16;
        const unsigned char *from1 = from + 120 + i1 * 16;
        seqcopy_Rare_store8(to1 + 0, from1 + 0);
        seqcopy_Rare_store64(to1 + 8, from1 + 8);
    }
    seqcopy_Rare_store32(to + 152, from + 152);
    seqcopy_Rare_store8(to + 156, from + 156);
    seqcopy_Rare_store8(to + 160, from + 160);
    {
        uint8_t tag2;
        memcpy(&tag2, from + 160, sizeof tag2);
        switch (tag2) {
        case 1:
            seqcopy_Rare_store8(to + 161, from + 161);
            break;
        default:
            break;
        }
    }
}

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
        memset(to0 + 7, 0, 1);
    }
}

static inline int seqcopy_Low_Near_bits_are_valid_(const unsigned char *at, int to_write)
{
    (void)to_write;
    if (at[6] > 1)
        return 0;
    return 1;
}

static inline int seqcopy_Low_bits_are_valid(const unsigned char *at, int to_write)
{
    (void)to_write;
    if (at[3] > 1)
        return 0;
    for (size_t i0 = 0; i0 < 2; i0++) {
        const unsigned char *at1 = at + 14 + i0 * 8;
        if (!seqcopy_Low_Near_bits_are_valid_(at1 + 0, to_write))
            return 0;
    }
    return 1;
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
