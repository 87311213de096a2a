/*
 * Gaps: bits of a struct in which no member lies.
 *
 * What is left of a bitfield's storage unit, the naturally placed integer of its declared type, is a hole of bits; all else,
 * as far as it is whole bytes, a hole of bytes. `unsigned int a : 3; char b;` with `b` at byte 8 has a hole of 29 bits, as `a`
 * could take them all, and one of 4 bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/btf.h"

/* Where a member lies: bits from the start of the outermost type. */
struct extent {
        uint64_t begin, end;           /* equal if it has no size */
        uint64_t unit_begin, unit_end; /* of a bitfield's first and last storage units; else the same */
};

/* The extent of a member of a struct or union that begins at bit `holder`. */
struct extent extent_of(const struct btf *btf, const struct btf_member *member, uint64_t holder);

/* A part of a gap. */
struct gap_piece {
        uint64_t bit_offset; /* from the start of the outermost type */
        uint64_t bit_size;
        bool is_bits; /* else it is whole bytes */
};

#define GAP_MAX_PIECES 3U

/*
 * The parts of the gap between two members, the first of whose unit ends at `unit_end` and the second's begins at `unit_begin`.
 * Returns how many there are.
 */
size_t gap_pieces(uint64_t begin, uint64_t end, uint64_t unit_end, uint64_t unit_begin,
                  struct gap_piece ret[GAP_MAX_PIECES]);
