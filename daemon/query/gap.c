#include "query/gap.h"

struct extent extent_of(const struct btf *btf, const struct btf_member *member, uint64_t holder)
{
        uint64_t bytes = 0, unit, last_bit;
        struct extent extent;

        /* Members without a size have been refused: composite_check_member(). */
        (void)btf_type_size(btf, member->type, &bytes);
        extent.begin = holder + member->bit_offset;
        extent.end = extent.begin + (member->bitfield_size > 0 ? member->bitfield_size : bytes * 8);
        extent.unit_begin = extent.begin;
        extent.unit_end = extent.end;
        if (member->bitfield_size > 0 && bytes > 0) {
                unit = bytes * 8;
                last_bit = member->bit_offset + member->bitfield_size - 1;
                extent.unit_begin = holder + member->bit_offset / unit * unit;
                extent.unit_end = holder + (last_bit / unit + 1) * unit;
        }
        return extent;
}

static size_t add_piece(struct gap_piece *pieces, size_t n_pieces, uint64_t begin, uint64_t end, bool is_bits)
{
        if (begin >= end)
                return n_pieces;
        /* Bits before and behind no byte are one hole. */
        if (n_pieces > 0 && is_bits && pieces[n_pieces - 1].is_bits) {
                pieces[n_pieces - 1].bit_size += end - begin;
                return n_pieces;
        }
        pieces[n_pieces] = (struct gap_piece){begin, end - begin, is_bits};
        return n_pieces + 1;
}

static uint64_t at_least(uint64_t a, uint64_t b)
{
        return a > b ? a : b;
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
        return a < b ? a : b;
}

size_t gap_pieces(uint64_t begin, uint64_t end, uint64_t unit_end, uint64_t unit_begin,
                  struct gap_piece ret[GAP_MAX_PIECES])
{
        uint64_t first_byte = at_most(at_least((begin + 7) / 8 * 8, unit_end), end);
        uint64_t last_byte = at_least(at_most(end / 8 * 8, unit_begin), first_byte);
        size_t n;

        n = add_piece(ret, 0, begin, first_byte, /* is_bits= */ true);
        n = add_piece(ret, n, first_byte, last_byte, /* is_bits= */ false);
        return add_piece(ret, n, last_byte, end, /* is_bits= */ true);
}
