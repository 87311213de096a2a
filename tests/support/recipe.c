#include "support/recipe.h"

uint64_t recipe_execute(const uint8_t *object, uint64_t offset, const struct value_bitfield *bitfield,
                        bool big_endian)
{
        uint64_t value = 0;

        for (uint32_t i = 0; i < bitfield->load_size; i++) {
                if (big_endian)
                        value = value << 8 | object[offset + i];
                else
                        value |= (uint64_t)object[offset + i] << (8 * i);
        }
        value <<= bitfield->lshift;
        if (bitfield->is_signed)
                return (uint64_t)((int64_t)value >> bitfield->rshift);
        return value >> bitfield->rshift;
}
