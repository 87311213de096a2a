/*
 * Reads a bitfield as a tracer would: one load, two shifts.
 */
#pragma once

#include "query/value.h"

/* Executes the recipe, to the letter, on the bytes at `offset` in an object. */
uint64_t recipe_execute(const uint8_t *object, uint64_t offset, const struct value_bitfield *bitfield,
                        bool big_endian);
