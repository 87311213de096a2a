/*
 * What a value is to whoever reads it. Bitfields by brute force: every position in every small object, the
 * recipe executed to the letter, against the bits picked one by one; and against what the compiler reads.
 */
#include <string.h>

#include "query/value.h"
#include "support/fixture.h"
#include "support/recipe.h"
#include "support/unit.h"

#define MAX_OBJECT 17U

/* What the INTs of the fixture are: ids 1 to 8. */
static const struct {
        const char *name;
        uint32_t size;
        bool is_signed;
} integers[] = {
        {"u8", 1, false}, {"u16", 2, false}, {"u32", 4, false}, {"u64", 8, false},
        {"s8", 1, true},  {"s16", 2, true},  {"s32", 4, true},  {"s64", 8, true},
};

struct fixture {
        struct btf_image image;
        struct btf *btf;
};

static struct fixture fixture_begin(bool foreign)
{
        struct btf_builder *b = btf_builder_new();
        struct fixture fixture;

        if (foreign)
                btf_builder_foreign(b);
        for (size_t i = 0; i < ARRAY_LENGTH(integers); i++)
                btf_builder_int(b, integers[i].name, integers[i].size, integers[i].size * 8,
                                integers[i].is_signed ? BTF_INT_SIGNED : 0);
        fixture.image = btf_builder_steal(b);
        fixture.btf = fixture_btf(&fixture.image);
        return fixture;
}

static void fixture_end(struct fixture *fixture)
{
        btf_free(fixture->btf);
        btf_image_free(&fixture->image);
}

/* The bit that BTF gives this number: from the least significant one of byte 0, or from the most. */
static uint64_t bit_at(const uint8_t *object, uint64_t number, bool big_endian)
{
        unsigned int shift = big_endian ? 7 - (unsigned int)(number % 8) : (unsigned int)(number % 8);

        return (uint64_t)(object[number / 8] >> shift) & 1;
}

/* The field's value, bit by bit. */
static uint64_t pick(const uint8_t *object, uint64_t bit_offset, uint32_t bit_size, bool is_signed,
                     bool big_endian)
{
        uint64_t value = 0;

        for (uint32_t i = 0; i < bit_size; i++)
                value |= bit_at(object, bit_offset + i, big_endian) << (big_endian ? bit_size - 1 - i : i);
        if (is_signed && bit_size < 64 && value >> (bit_size - 1))
                value |= ~UINT64_C(0) << bit_size;
        return value;
}

static uint32_t next_power_of_two(uint64_t n)
{
        uint32_t power = 1;

        while (power < n)
                power *= 2;
        return power;
}

/* What is promised of the recipe whatever it reads. */
static void check_recipe(const struct value_bitfield *bitfield, uint64_t offset, uint64_t bit_offset,
                         uint32_t bit_size, uint64_t object_size)
{
        uint64_t span = (bit_offset + bit_size + 7) / 8 - bit_offset / 8;
        uint32_t size = bitfield->load_size;

        assert_int_equal(bitfield->bit_size, bit_size);
        assert_true(offset * 8 + bitfield->bit_offset == bit_offset);
        assert_int_equal(bitfield->has_load, span <= 8);
        if (!bitfield->has_load)
                return;
        assert_true(size >= 1 && size <= 8);
        assert_true(offset + size <= object_size);
        assert_true(bitfield->bit_offset + bit_size <= size * 8);
        assert_true(bitfield->lshift < 64 && bitfield->rshift < 64);
        /* Another size than a power of two is hard on a tracer: only where each would leave the object. */
        if ((size & (size - 1)) != 0)
                assert_true(next_power_of_two(span) > object_size);
}

static void check_place(const struct fixture *fixture, const uint8_t *object, uint32_t object_size,
                        uint32_t id, uint32_t bit_offset, uint32_t bit_size)
{
        const struct btf *btf = fixture->btf;
        bool is_signed = integers[id - 1].is_signed;
        struct value value;
        uint64_t offset, expected, got;

        value = value_of(btf, id);
        offset = value_place_bitfield(&value, btf, bit_offset, bit_size, object_size);
        assert_true(value.is_bitfield);
        check_recipe(&value.bitfield, offset, bit_offset, bit_size, object_size);
        if (!value.bitfield.has_load)
                return;
        assert_int_equal(value.bitfield.is_signed, is_signed);
        expected = pick(object, bit_offset, bit_size, is_signed, btf->big_endian);
        got = recipe_execute(object, offset, &value.bitfield, btf->big_endian);
        if (got != expected)
                fail_msg("%s, %u bits at %u of %u bytes, big endian %d: load %u at %llu << %u >> %u gives "
                         "%llx, expected %llx",
                         integers[id - 1].name, bit_size, bit_offset, object_size, btf->big_endian,
                         value.bitfield.load_size, (unsigned long long)offset, value.bitfield.lshift,
                         value.bitfield.rshift, (unsigned long long)got, (unsigned long long)expected);
}

static void fill(uint8_t *object, size_t size, uint64_t *random)
{
        for (size_t i = 0; i < size; i++) {
                *random ^= *random << 13;
                *random ^= *random >> 7;
                *random ^= *random << 17;
                object[i] = (uint8_t)(*random >> 32);
        }
}

static void check_every_place(bool foreign)
{
        struct fixture fixture = fixture_begin(foreign);
        uint64_t random = UINT64_C(88172645463325252);
        uint8_t object[MAX_OBJECT];

        for (uint32_t object_size = 1; object_size <= MAX_OBJECT; object_size++) {
                for (uint32_t id = 1; id <= ARRAY_LENGTH(integers); id++) {
                        for (uint32_t at = 0; at < object_size * 8; at++) {
                                fill(object, object_size, &random);
                                for (uint32_t bits = 1;
                                     bits <= integers[id - 1].size * 8 && at + bits <= object_size * 8;
                                     bits++)
                                        check_place(&fixture, object, object_size, id, at, bits);
                        }
                }
        }
        fixture_end(&fixture);
}

static void every_little_endian_bitfield_reads_right(void **state)
{
        (void)state;
        check_every_place(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

static void every_big_endian_bitfield_reads_right(void **state)
{
        (void)state;
        check_every_place(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
}

/* Where nothing forces another, the load is the one that CO-RE gives: the storage type's,
 * aligned to itself. */
static void natural_loads_are_those_of_core(void **state)
{
        static const struct {
                uint32_t id;
                uint64_t bit_offset;
                uint32_t bit_size;
                uint64_t object_size;
                uint64_t offset;
                uint32_t load_size, lshift, rshift;
        } cases[] = {
                {3, 9539, 1, 9000, 1192, 4, 60, 63}, /* task_struct's in_execve */
                {3, 0, 32, 4, 0, 4, 32, 32},         /* all of it */
                {3, 30, 3, 8, 0, 8, 31, 61},         /* across two u32: one u64 */
                {3, 30, 3, 5, 3, 2, 55, 61},         /* likewise, at a packed object's end */
                {2, 17, 3, 4, 2, 2, 60, 61},         {1, 13, 2, 2, 1, 1, 57, 62}, {4, 64, 64, 16, 8, 8, 0, 0},
        };
        struct fixture fixture = fixture_begin(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct value value;
                uint64_t offset;

                value = value_of(fixture.btf, cases[i].id);
                offset = value_place_bitfield(&value, fixture.btf, cases[i].bit_offset, cases[i].bit_size,
                                              cases[i].object_size);
                assert_true(offset == cases[i].offset);
                assert_int_equal(value.bitfield.load_size, cases[i].load_size);
                assert_int_equal(value.bitfield.lshift, cases[i].lshift);
                assert_int_equal(value.bitfield.rshift, cases[i].rshift);
        }
        fixture_end(&fixture);
}

/* The compiler of this machine as the other judge. */
struct plain {
        unsigned int a : 3, b : 17, c : 12;
        int d : 5;
        unsigned long long e : 40;
        int f : 24, g : 31;
        unsigned char h : 7;
        unsigned short i : 9;
};

struct __attribute__((packed)) packed {
        unsigned int a : 5;
        int b : 31;
        unsigned long long c : 57;
        unsigned char d;
        long long e : 61;
        unsigned short f : 13;
        int g : 1;
};

struct __attribute__((packed)) tiny {
        unsigned int a : 1;
        int b : 6;
        unsigned int c : 9;
};

struct __attribute__((packed)) three_bytes {
        unsigned int a : 2;
        int b : 21;
};

/* struct, field, id of its declared type, bits */
#define FIELDS(X)                                                                                            \
        X(plain, a, 3, 3)                                                                                    \
        X(plain, b, 3, 17)                                                                                   \
        X(plain, c, 3, 12)                                                                                   \
        X(plain, d, 7, 5)                                                                                    \
        X(plain, e, 4, 40)                                                                                   \
        X(plain, f, 7, 24)                                                                                   \
        X(plain, g, 7, 31)                                                                                   \
        X(plain, h, 1, 7)                                                                                    \
        X(plain, i, 2, 9)                                                                                    \
        X(packed, a, 3, 5)                                                                                   \
        X(packed, b, 7, 31)                                                                                  \
        X(packed, c, 4, 57)                                                                                  \
        X(packed, e, 8, 61)                                                                                  \
        X(packed, f, 2, 13)                                                                                  \
        X(packed, g, 7, 1)                                                                                   \
        X(tiny, a, 3, 1)                                                                                     \
        X(tiny, b, 7, 6)                                                                                     \
        X(tiny, c, 3, 9)                                                                                     \
        X(three_bytes, a, 3, 2)                                                                              \
        X(three_bytes, b, 7, 21)

#define X(type, field, id, bits)                                                                             \
        static uint64_t read_##type##_##field(const uint8_t *bytes)                                          \
        {                                                                                                    \
                struct type object;                                                                          \
                memcpy(&object, bytes, sizeof(object));                                                      \
                return (uint64_t)object.field;                                                               \
        }
FIELDS(X)
#undef X

static const struct compiled_field {
        const char *name;
        uint64_t (*read)(const uint8_t *bytes);
        uint32_t size; /* of the struct, in bytes */
        uint32_t id;
        uint32_t bits;
} compiled_fields[] = {
#define X(type, field, id, bits) {#type "." #field, read_##type##_##field, sizeof(struct type), id, bits},
        FIELDS(X)
#undef X
};

/* The field's first bit as BTF numbers them, found by asking the compiler which bits make it non-zero. */
static uint32_t find_bit_offset(const struct compiled_field *field)
{
        bool big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

        for (uint32_t bit = 0; bit < field->size * 8; bit++) {
                uint8_t bytes[64] = {0};

                bytes[bit / 8] = (uint8_t)(1U << (big_endian ? 7 - bit % 8 : bit % 8));
                if (field->read(bytes) != 0)
                        return bit;
        }
        fail_msg("%s has no bits", field->name);
        return 0;
}

static void recipes_read_what_the_compiler_reads(void **state)
{
        struct fixture fixture = fixture_begin(/* foreign= */ false);
        uint64_t random = UINT64_C(0x2545f4914f6cdd1d);

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(compiled_fields); i++) {
                const struct compiled_field *field = &compiled_fields[i];
                uint32_t bit_offset = find_bit_offset(field);
                struct value value;
                uint64_t offset;

                value = value_of(fixture.btf, field->id);
                offset = value_place_bitfield(&value, fixture.btf, bit_offset, field->bits, field->size);
                check_recipe(&value.bitfield, offset, bit_offset, field->bits, field->size);
                assert_true(value.bitfield.has_load);
                for (int round = 0; round < 100; round++) {
                        uint8_t bytes[64];
                        uint64_t got;

                        fill(bytes, sizeof(bytes), &random);
                        got = recipe_execute(bytes, offset, &value.bitfield, fixture.btf->big_endian);
                        if (got != field->read(bytes))
                                fail_msg("%s: %llx, expected %llx", field->name, (unsigned long long)got,
                                         (unsigned long long)field->read(bytes));
                }
        }
        fixture_end(&fixture);
}

static void encodings_tell_how_to_read(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t plain = btf_builder_int(b, "unsigned int", 4, 32, 0);
        uint32_t negative = btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        uint32_t character = btf_builder_int(b, "char", 1, 8, BTF_INT_CHAR);
        uint32_t boolean = btf_builder_int(b, "_Bool", 1, 8, BTF_INT_BOOL);
        uint32_t enum_signed = btf_builder_enum(b, "s", 4, true);
        uint32_t enum_unsigned = btf_builder_enum64(b, "u", 8, false);
        uint32_t alias = btf_builder_typedef(b, "bool", boolean);
        uint32_t constant = btf_builder_const(b, alias);
        uint32_t real = btf_builder_float(b, "double", 8);
        uint32_t pointer = btf_builder_ptr(b, negative);
        struct btf_image image = btf_builder_steal(b);
        struct btf *btf = fixture_btf(&image);
        const struct {
                uint32_t id;
                enum value_encoding encoding;
                uint64_t size;
        } cases[] = {
                {plain, VALUE_UNSIGNED, 4},     {negative, VALUE_SIGNED, 4},
                {character, VALUE_CHAR, 1},     {boolean, VALUE_BOOL, 1},
                {enum_signed, VALUE_SIGNED, 4}, {enum_unsigned, VALUE_UNSIGNED, 8},
                {alias, VALUE_BOOL, 1},         {constant, VALUE_BOOL, 1},
                {real, VALUE_NO_ENCODING, 8},   {pointer, VALUE_NO_ENCODING, sizeof(void *)},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct value value;

                value = value_of(btf, cases[i].id);
                assert_int_equal(value.type, cases[i].id);
                assert_int_equal(value.encoding, cases[i].encoding);
                assert_true(value.has_size && value.size == cases[i].size);
                assert_false(value.is_bitfield);
        }
        btf_free(btf);
        btf_image_free(&image);
}

static void elements_are_what_an_index_steps_over(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t u32 = btf_builder_int(b, "unsigned int", 4, 32, 0);
        uint32_t array = btf_builder_array(b, u32, u32, 6);
        uint32_t nested = btf_builder_array(b, array, u32, 2);
        uint32_t pointer = btf_builder_ptr(b, array);
        uint32_t void_pointer = btf_builder_ptr(b, 0);
        uint32_t fwd = btf_builder_fwd(b, "f", false);
        struct btf_image image = btf_builder_steal(b);
        struct btf *btf = fixture_btf(&image);
        struct value value;

        (void)state;
        value = value_of(btf, nested);
        assert_true(value.has_element && value.has_element_size);
        assert_true(value.size == 48 && value.element_size == 24);
        assert_int_equal(value.element, array);
        assert_int_equal(value.nelems, 2);

        value = value_of(btf, pointer);
        assert_true(value.has_element && value.element == array && value.element_size == 24);
        value = value_of(btf, void_pointer);
        assert_true(value.has_element && value.element == 0 && !value.has_element_size);
        value = value_of(btf, fwd);
        assert_false(value.has_size);
        assert_false(value.has_element);
        btf_free(btf);
        btf_image_free(&image);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_little_endian_bitfield_reads_right),
                cmocka_unit_test(every_big_endian_bitfield_reads_right),
                cmocka_unit_test(natural_loads_are_those_of_core),
                cmocka_unit_test(recipes_read_what_the_compiler_reads),
                cmocka_unit_test(encodings_tell_how_to_read),
                cmocka_unit_test(elements_are_what_an_index_steps_over),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
