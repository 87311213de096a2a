/* Compares the tables of a generated program; check.h has the model. */
#include "check.h"

static const check_u64 values[] = {
        0, 1, ~0ULL, 0x5555555555555555ULL, 0xaaaaaaaaaaaaaaaaULL, 0x123456789abcdef0ULL};
enum { N_VALUES = sizeof values / sizeof values[0] };

static void put(const char *text)
{
        unsigned long size = 0;

        while (text[size])
                size++;
        if (write(1, text, size) != (long)size)
                _exit(2);
}

static void put_number(const char *before, check_u64 value)
{
        char text[2 + 16 + 1];
        unsigned int i = sizeof text - 1;

        text[i] = '\0';
        do {
                text[--i] = "0123456789abcdef"[value & 15];
                value >>= 4;
        } while (value);
        text[--i] = 'x';
        text[--i] = '0';
        put(before);
        put(text + i);
}

static void report(int question, const char *what, check_s64 btfd, check_s64 compiler)
{
        put_number("", (check_u64)question);
        put(" ");
        put(what);
        put_number(": ", (check_u64)btfd);
        put_number(" ", (check_u64)compiler);
        put("\n");
}

static int compare_facts(void)
{
        int n_different = 0;

        for (unsigned int i = 0; i < check_n_facts; i++) {
                const struct check_fact *fact = &check_facts[i];

                if (fact->btfd == fact->compiler)
                        continue;
                report(fact->question, fact->what, fact->btfd, fact->compiler);
                n_different++;
        }
        return n_different;
}

/* Executes the recipe as protocol.md words it, for a little-endian target. */
static check_s64 load(const struct check_bits *bits, const unsigned char *object)
{
        check_u64 value = 0;

        for (unsigned int i = 0; i < bits->load_size; i++)
                value |= (check_u64)object[bits->offset + i] << (8 * i);
        value <<= bits->lshift;
        return bits->is_signed ? (check_s64)value >> bits->rshift : (check_s64)(value >> bits->rshift);
}

/* The byte that an object filled with `background` has at `i` once the bits in question, and no others, hold `value`. */
static unsigned char expected_byte(const struct check_bits *bits, check_u64 i, unsigned char background,
                                   check_u64 value)
{
        check_u64 first = bits->offset * 8 + bits->bit_offset;
        unsigned int byte = background;

        for (unsigned int bit = 0; bit < 8; bit++) {
                check_u64 at = i * 8 + bit;

                if (at < first || at - first >= bits->bit_size)
                        continue;
                byte &= ~(1U << bit);
                byte |= (unsigned int)(value >> (at - first) & 1) << bit;
        }
        return (unsigned char)byte;
}

static int compare_value(const struct check_bits *bits, unsigned char *object, unsigned char background,
                         check_u64 value)
{
        check_s64 theirs, ours;

        for (check_u64 i = 0; i < bits->object_size; i++)
                object[i] = background;
        bits->set(object, value);
        theirs = bits->get(object);
        for (check_u64 i = 0; i < bits->object_size; i++) {
                unsigned char expected = expected_byte(bits, i, background, (check_u64)theirs);

                if (object[i] == expected)
                        continue;
                report(bits->question, "bits of the object", expected, object[i]);
                return 1;
        }
        ours = load(bits, object);
        if (ours == theirs)
                return 0;
        report(bits->question, "bitfield's value", ours, theirs);
        return 1;
}

/* Whatever the recipe says, the load stays inside the object: else it would read what is not there. */
static int is_inside(const struct check_bits *bits)
{
        return bits->load_size >= 1 && bits->load_size <= 8 && bits->lshift < 64 && bits->rshift < 64 &&
               bits->offset < bits->object_size && bits->load_size <= bits->object_size - bits->offset;
}

static int compare_bits(const struct check_bits *bits)
{
        static unsigned char object[CHECK_OBJECT_MAX] __attribute__((aligned(64)));

        if (bits->object_size > sizeof object)
                _exit(2);
        if (!is_inside(bits)) {
                report(bits->question, "bitfield's load leaves the object", (check_s64)bits->offset,
                       (check_s64)bits->object_size);
                return 1;
        }
        for (unsigned int i = 0; i < N_VALUES; i++)
                if (compare_value(bits, object, 0x00, values[i]) ||
                    compare_value(bits, object, 0xff, values[i]))
                        return 1;
        return compare_value(bits, object, 0x00, 1ULL << (bits->bit_size - 1));
}

int main(void)
{
        int n_different = compare_facts();

        for (unsigned int i = 0; i < check_n_bits; i++)
                n_different += compare_bits(&check_bits[i]);
        return n_different > 0;
}
