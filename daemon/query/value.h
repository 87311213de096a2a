/*
 * What a value of a type is to whoever reads it from memory: how many bytes, how to interpret them, what an
 * index would step over, and for a bitfield how to get at its bits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "btf/btf.h"

/* Offsets and sizes beyond 2^53 - 1 bytes cannot travel as JSON numbers, and no kernel object has them. */
#define VALUE_MAX_BYTES ((UINT64_C(1) << 53) - 1)

enum value_encoding {
        VALUE_NO_ENCODING,
        VALUE_SIGNED,
        VALUE_UNSIGNED,
        VALUE_BOOL,
        VALUE_CHAR,
};

/*
 * How to read a bitfield: load `load_size` bytes at the place's offset as one integer in the target's byte
 * order into a 64-bit register, shift it left by `lshift`, then right by `rshift`, arithmetically if
 * `is_signed`.
 */
struct value_bitfield {
        uint32_t bit_offset; /* from the offset of the load, as BTF numbers bits */
        uint32_t bit_size;
        bool has_load;      /* false if no 8 bytes cover it */
        uint32_t load_size; /* bytes: 1, 2, 4 or 8; another number up to 7 only if each of these would leave
                               the object */
        uint32_t lshift;
        uint32_t rshift;
        bool is_signed;
};

struct value {
        uint32_t type; /* as declared, typedefs and qualifiers included */
        uint32_t
                n_stars; /* it is so many pointers in front of that: from a cast, as BTF need not have such a type */
        struct btf_type base; /* without them */
        bool has_size;        /* false for void, forward declarations and functions */
        uint64_t size;        /* bytes */
        enum value_encoding encoding;

        bool has_element;      /* an array or a pointer */
        uint32_t element;      /* the type behind one index step */
        bool has_element_size; /* false if it is void, a forward declaration or a function */
        uint64_t element_size; /* bytes */
        uint32_t nelems;       /* of an array */

        bool is_bitfield;
        struct value_bitfield bitfield;
};

/*
 * Whether two values are read in the same way; what their types are called is not compared. What a pointer leads to may be
 * declared in one place and defined in another: the one says less, not otherwise.
 */
bool value_agrees(const struct value *a, const struct value *b);

/* Describes a value of type `id`. */
struct value value_of(const struct btf *btf, uint32_t id);
/* Describes a pointer to it, by way of `n_stars` - 1 other ones. */
struct value value_of_pointer(const struct btf *btf, uint32_t id, uint32_t n_stars);

/*
 * Makes `value` the bitfield of `bit_size` bits that begins `bit_offset` bits into an object of `object_size`
 * bytes, and returns the byte offset from the object's start at which its load begins. The load never leaves
 * the object.
 */
uint64_t value_place_bitfield(struct value *value, const struct btf *btf, uint64_t bit_offset,
                              uint32_t bit_size, uint64_t object_size);
