#include "fuzz/ask_bits.h"

#include "fuzz/fuzz.h"
#include "support/recipe.h"

/* An object in memory, of any size. */
static uint8_t byte_at(uint64_t offset)
{
        return (uint8_t)(((offset + 1) * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

static uint64_t extend(uint64_t value, uint32_t n_bits, bool is_signed)
{
        if (is_signed && value >> (n_bits - 1) & 1 && n_bits < 64)
                value |= ~UINT64_C(0) << n_bits;
        return value;
}

/* As BTF numbers bits: from the least significant one of a byte, on a big-endian machine from the most significant one. */
static uint64_t read_bits(uint64_t bit_offset, uint32_t n_bits, bool big_endian)
{
        uint64_t value = 0;

        for (uint32_t i = 0; i < n_bits; i++) {
                uint64_t at = bit_offset + i;
                unsigned int shift = (unsigned int)(big_endian ? 7 - at % 8 : at % 8);
                uint64_t bit = byte_at(at / 8) >> shift & 1;

                value = big_endian ? value << 1 | bit : value | bit << i;
        }
        return value;
}

static uint64_t follow_recipe(const struct value_bitfield *recipe, uint64_t load_offset, bool big_endian)
{
        uint8_t bytes[8];

        for (uint32_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = byte_at(load_offset + i);
        return recipe_execute(bytes, /* offset= */ 0, recipe, big_endian);
}

void ask_bits(const struct value *value, const struct btf *btf, uint64_t bit_offset, uint64_t load_offset,
              uint64_t object_size)
{
        const struct value_bitfield *recipe = &value->bitfield;
        uint64_t end = (bit_offset + recipe->bit_size + 7) / 8;
        uint64_t bits;

        fuzz_check(value->is_bitfield && recipe->bit_size > 0);
        fuzz_check(load_offset * 8 + recipe->bit_offset == bit_offset);
        /* No register holds what begins and ends in more than eight bytes. */
        fuzz_check(recipe->has_load == (end - bit_offset / 8 <= 8));
        if (!recipe->has_load)
                return;
        fuzz_check(recipe->load_size >= 1 && recipe->load_size <= 8);
        fuzz_check(recipe->lshift < 64 && recipe->rshift == 64 - recipe->bit_size);
        /* Where BTF claims a member beyond its struct's end, its bits are there all the same. */
        fuzz_check(load_offset + recipe->load_size <= (object_size > end ? object_size : end));
        bits = read_bits(bit_offset, recipe->bit_size, btf->big_endian);
        fuzz_check(follow_recipe(recipe, load_offset, btf->big_endian) ==
                   extend(bits, recipe->bit_size, recipe->is_signed));
}
