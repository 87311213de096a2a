/*
 * Does a bitfield's recipe read the bitfield's bits?
 */
#pragma once

#include "query/value.h"

/*
 * Follows the recipe that `value` has for the bitfield at `bit_offset` of an object, whose load lies at byte `load_offset`,
 * and reads the bits one by one: both must give the same. The load must end where the object does, or before; one whose
 * size is not known has UINT64_MAX bytes.
 */
void ask_bits(const struct value *value, const struct btf *btf, uint64_t bit_offset, uint64_t load_offset,
              uint64_t object_size);
