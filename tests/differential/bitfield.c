#include "bitfield.h"

static uint8_t byte_of_object(const struct bits *bits, uint64_t offset)
{
        unsigned int byte = 0;

        for (uint64_t bit = 0; bit < 8; bit++) {
                uint64_t number = offset * 8 + bit;

                if (number >= bits->first && number < bits->first + bits->n)
                        byte |= bits->is_big_endian ? 0x80U >> bit : 1U << bit;
        }
        return (uint8_t)byte;
}

int64_t load_execute(const struct load *load, const struct bits *bits, bool inverted)
{
        uint64_t value = 0;

        for (uint32_t i = 0; i < load->size; i++) {
                uint8_t byte = byte_of_object(bits, load->offset + i);
                uint32_t place = bits->is_big_endian ? load->size - 1 - i : i;

                value |= (uint64_t)(inverted ? (uint8_t)~byte : byte) << (place * 8);
        }
        value <<= load->lshift;
        if (load->is_signed)
                return (int64_t)value >> load->rshift;
        return (int64_t)(value >> load->rshift);
}
