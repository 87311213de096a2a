/*
 * Executes the load recipe of a bitfield.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bits of an object, as BTF numbers them: from the least significant bit of byte 0 on a little-endian machine, from the
 * most significant on a big-endian one. */
struct bits {
        uint64_t first;
        uint32_t n;
        bool is_big_endian;
};

/* As the daemon describes it. */
struct load {
        uint64_t offset; /* bytes from the object's start */
        uint32_t size;   /* bytes, 1 to 8 */
        uint32_t lshift, rshift;
        bool is_signed;
};

/* What the load gives on an object in which exactly these bits are set, or if `inverted` exactly these are not. */
int64_t load_execute(const struct load *load, const struct bits *bits, bool inverted);
