/*
 * What the kernel's full checker asks of members and btf_new() does not: that each has a size and all its bytes lie in
 * the struct, as it would copy them to print a value.
 */
#include "support/findings.h"
#include "support/fixture.h"
#include "support/unit.h"

#define BITFIELD(bit_offset, bits) ((uint32_t)(bits) << 24 | (bit_offset))

/* A struct of `size` bytes with one member. */
struct member_case {
        const char *name;
        bool kind_flag;
        uint32_t size; /* bytes */
        uint32_t type;
        uint32_t offset_word;
        enum btf_error_reason reason;
        size_t i_word; /* 0: nothing is wrong */
};

static const struct member_case member_cases[] = {
        {"int that fits", false, 16, TYPES_INT, 64, 0, 0},
        {"int beyond the end", false, 15, TYPES_INT, 64, BTF_ERROR_BAD_MEMBER, 5},
        {"int at the end", false, 8, TYPES_INT, 64, BTF_ERROR_BAD_MEMBER, 5},
        {"int of kind_flag beyond the end", true, 15, TYPES_INT, 64, BTF_ERROR_BAD_MEMBER, 5},
        {"part of an int", false, 1, TYPES_PART, 5, 0, 0},
        {"part of an int with kind_flag", true, 4, TYPES_PART, 0, BTF_ERROR_BAD_REFERENCE, 4},
        {"bitfield", true, 8, TYPES_INT, BITFIELD(7, 57), 0, 0},
        {"pointer that fits", false, 16, TYPES_PTR, 64, 0, 0},
        {"pointer beyond the end", false, 15, TYPES_PTR, 64, BTF_ERROR_BAD_MEMBER, 5},
        {"pointer of kind_flag beyond the end", true, 15, TYPES_PTR, 64, BTF_ERROR_BAD_MEMBER, 5},
        {"struct that fits", false, 16, TYPES_STRUCT, 64, 0, 0},
        {"struct beyond the end", false, 15, TYPES_STRUCT, 64, BTF_ERROR_BAD_MEMBER, 5},
        {"array that fits", false, 24, TYPES_NEXT, 64, 0, 0},
        {"array beyond the end", false, 23, TYPES_NEXT, 64, BTF_ERROR_BAD_MEMBER, 5},
        {"enum that fits", false, 1, TYPES_BYTE_ENUM, 0, 0, 0},
        {"enum at the end", false, 1, TYPES_BYTE_ENUM, 8, BTF_ERROR_BAD_MEMBER, 5},
        {"enum of kind_flag, 4 bytes to the kernel", true, 4, TYPES_BYTE_ENUM, 0, 0, 0},
        {"enum of kind_flag, 3 bytes left", true, 4, TYPES_BYTE_ENUM, 8, BTF_ERROR_BAD_MEMBER, 5},
        {"enum's bitfield", true, 1, TYPES_BYTE_ENUM, BITFIELD(3, 5), 0, 0},
        {"float that fits", false, 16, TYPES_FLOAT, 64, 0, 0},
        {"float beyond the end", false, 15, TYPES_FLOAT, 64, BTF_ERROR_BAD_MEMBER, 5},
        {"float that is not aligned", false, 16, TYPES_FLOAT, 32, BTF_ERROR_BAD_MEMBER, 5},
        {"float of kind_flag that is not aligned", true, 16, TYPES_FLOAT, 8, BTF_ERROR_BAD_MEMBER, 5},
};

static void members_fit_their_struct(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(member_cases); i++) {
                const struct member_case *c = &member_cases[i];
                struct btf_builder *b = fixture_types();
                uint32_t id;

                btf_builder_array(b, TYPES_INT, TYPES_INT, 2); /* TYPES_NEXT */
                id = btf_builder_record(b, "s", BTF_KIND_STRUCT, c->kind_flag, 1, c->size);
                btf_builder_word(b, 0);
                btf_builder_word(b, c->type);
                btf_builder_word(b, c->offset_word);
                if (c->i_word == 0)
                        findings_expect_none(c->name, b);
                else
                        findings_expect_one(c->name, b, c->reason, id, c->i_word);
        }
}

/* What the table has no TYPES_INT or ENUM for. */
static void bitfields_are_what_the_kernel_can_copy(void **state)
{
        struct btf_builder *b = fixture_types();
        uint32_t id;

        (void)state;
        btf_builder_int(b, "wide", 16, 128, 0); /* TYPES_NEXT */
        id = btf_builder_struct(b, "s", 48, true);
        btf_builder_member(b, "fits", TYPES_NEXT, 8, 128);
        btf_builder_member(b, "spills", TYPES_NEXT, 137, 128);
        findings_expect_one("128 bits behind a bit", b, BTF_ERROR_BAD_MEMBER, id, 8);

        b = fixture_types();
        btf_builder_int(b, "half", 8, 32, 0); /* TYPES_NEXT: 32 bits that are kept in 8 bytes */
        id = btf_builder_struct(b, "s", 8, true);
        btf_builder_member(b, "x", TYPES_NEXT, 0, 33);
        findings_expect_one("bitfield wider than its int's bits", b, BTF_ERROR_BAD_MEMBER, id, 5);

        b = fixture_types();
        btf_builder_enum64(b, "e64", 8, false); /* TYPES_NEXT */
        id = btf_builder_struct(b, "s", 8, true);
        btf_builder_member(b, "x", TYPES_NEXT, 0, 33);
        findings_expect_one("bitfield of an enum wider than 32 bits", b, BTF_ERROR_BAD_MEMBER, id, 5);

        b = fixture_types();
        btf_builder_int_at(b, "late", 16, 121, 0, 0); /* TYPES_NEXT */
        btf_builder_struct(b, "s", 32, false);
        btf_builder_member(b, "fits", TYPES_NEXT, 7, 0);
        findings_expect_none("121 bits behind 7", b);

        b = fixture_types();
        btf_builder_int_at(b, "late", 16, 122, 0, 0); /* TYPES_NEXT */
        id = btf_builder_struct(b, "s", 32, false);
        btf_builder_member(b, "x", TYPES_NEXT, 7, 0);
        findings_expect_one("122 bits behind 7", b, BTF_ERROR_BAD_MEMBER, id, 5);
}

/* On a machine of 32 bits a pointer has 4 bytes, and `double` is aligned as one. */
static void a_pointer_is_as_wide_as_long(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t id;

        (void)state;
        btf_builder_int(b, "long int", 4, 32, BTF_INT_SIGNED);
        btf_builder_ptr(b, 1);
        btf_builder_float(b, "double", 8);
        btf_builder_struct(b, "fits", 16, false);
        btf_builder_member(b, "p", 2, 0, 0);
        btf_builder_member(b, "d", 3, 32, 0);
        btf_builder_member(b, "q", 2, 96, 0);
        findings_expect_none("32 bits", b);

        b = btf_builder_new();
        btf_builder_int(b, "long int", 4, 32, BTF_INT_SIGNED);
        btf_builder_float(b, "double", 8);
        id = btf_builder_struct(b, "s", 16, false);
        btf_builder_member(b, "d", 2, 16, 0);
        findings_expect_one("double at byte 2", b, BTF_ERROR_BAD_MEMBER, id, 5);
}

/* What is wrong with a type is wrong with its record, and must not keep anyone from looking at members of it. */
static void a_float_of_no_bytes_is_no_member_to_blame(void **state)
{
        struct btf_builder *b = fixture_types();
        uint32_t id = btf_builder_float(b, "nothing", 0);

        (void)state;
        btf_builder_struct(b, "s", 8, false);
        btf_builder_member(b, "m", id, 8, 0);
        findings_expect_one("float of 0 bytes", b, BTF_ERROR_BAD_SIZE, id, 2);
}

static void members_stand_in_order(void **state)
{
        struct btf_builder *b = fixture_types();
        struct finding expected[2];
        uint32_t id;

        (void)state;
        /* Rust's order: each step back is one warning. */
        id = btf_builder_struct(b, "rust", 24, false);
        btf_builder_member(b, "c", TYPES_INT, 128, 0);
        btf_builder_member(b, "a", TYPES_INT, 0, 0);
        btf_builder_member(b, "b", TYPES_INT, 64, 0);
        findings_expect_one("descending", b, BTF_ERROR_BAD_MEMBER, id, 8);

        b = fixture_types();
        id = btf_builder_struct(b, "s", 24, true);
        btf_builder_member(b, "a", TYPES_INT, 64, 3); /* the bits' number must not count */
        btf_builder_member(b, "b", TYPES_INT, 64, 2);
        btf_builder_member(b, "c", TYPES_INT, 63, 1);
        btf_builder_member(b, "d", TYPES_INT, 0, 0);
        expected[0] = findings_warning(b, BTF_ERROR_BAD_MEMBER, id, 11);
        expected[1] = findings_warning(b, BTF_ERROR_BAD_MEMBER, id, 14);
        findings_expect_file("descending bitfields", b, expected, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(members_fit_their_struct),
                cmocka_unit_test(bitfields_are_what_the_kernel_can_copy),
                cmocka_unit_test(a_pointer_is_as_wide_as_long),
                cmocka_unit_test(a_float_of_no_bytes_is_no_member_to_blame),
                cmocka_unit_test(members_stand_in_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
