/* @rust@ in C11 or C++17, as regions of seqcopy have it: the type, and what writes and reads it by the library seqcopy_c. Generated
 * by seqcopy-bindgen, which `seqcopy header` calls; generate it again when the type changes.
 *
@+use@
 *
 * A read returns one value that was written, whole and with valid bits: every bool is 0 or 1, every enum one of its variants, the
 * length of a SeqStr or SeqVec at most its capacity, a SeqStr's text UTF-8 (without a 0 at its end: use its length). The Rust
 * type's own `check`, if it has one, is not known here. What the functions return is explained in seqcopy.h.
 *
 * Members have the names of the fields; where that name is a keyword or already in use, a comment next to the member has the field's
 * name. Where it is a macro, such as errno or st_atime, write `#undef errno` before the first use of the member, or put that use
 * between push_macro and pop_macro, as is done here. The tags of enums are @NAME@_.._TAG_VARIANT; in C++, an enum without fields is also an
 * enum class with these variants.
 */

#ifndef SEQCOPY_@NAME@_H
#define SEQCOPY_@NAME@_H

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#include <seqcopy.hpp>
#else
#include <seqcopy.h>
#endif

/* One condition each: Clang 15 and 16 warn of `&&` between constants. */
static_assert(sizeof(void *) == 8, "this header is for another pointer width: run `seqcopy header` on this machine");
static_assert(__BYTE_ORDER__ == __ORDER_@order@_ENDIAN__, "this header is for another byte order: run `seqcopy header` on this machine");

/* This header is C, also where a program in C++ includes it. */
#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#endif

/* The type. A struct that is packed in Rust may contain types that are aligned where they stand alone. */

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpacked-not-aligned"
#endif

@types@

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/* The type, as regions have it. */
#define @NAME@_FINGERPRINT UINT64_C(@fingerprint@)
static const unsigned char @name@_schema[] = {
@schema@
};

/* The writer of a region, of which there is one at a time, and a reader. They are handles of seqcopy.h: each function here that takes one
 * does what that one does which has `@library@` for @name@ in its name. */
typedef struct @name@_writer @name@_writer;
typedef struct @name@_reader @name@_reader;

@+handles@
@+own@
#ifdef __cplusplus
template <> struct seqcopy::Type<@name@> {
    static constexpr const unsigned char *schema = @name@_schema;
    static constexpr size_t schema_len = sizeof @name@_schema;
@+type@
};

#pragma GCC diagnostic pop
#endif
@+same@

#elif @NAME@_FINGERPRINT != UINT64_C(@fingerprint@)
#error "two types have a header with the name @name@: generate one with another name, by `seqcopy header --name` or `Bindings::name`"
#endif
