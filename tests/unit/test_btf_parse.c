/*
 * Valid BTF of every kind, in every form that a file may have, read back through the accessors.
 */
#include <stdio.h>

#include "support/fixture.h"
#include "support/unit.h"

static void check_head(const struct btf *btf, uint32_t id, enum btf_kind kind, const char *name,
                       uint32_t vlen, uint32_t size_or_type)
{
        struct btf_type type = btf_type(btf, id);

        assert_int_equal(type.id, id);
        assert_int_equal(type.kind, kind);
        assert_string_equal(btf_name(btf, &type), name);
        assert_int_equal(type.vlen, vlen);
        assert_int_equal(type.size_or_type, size_or_type);
}

static void check_heads(const struct btf *btf)
{
        assert_int_equal(btf->n_types, EVERY_END);
        check_head(btf, EVERY_INT, BTF_KIND_INT, "int", 0, 4);
        check_head(btf, EVERY_UCHAR, BTF_KIND_INT, "unsigned char", 0, 1);
        check_head(btf, EVERY_PTR, BTF_KIND_PTR, "", 0, EVERY_STRUCT);
        check_head(btf, EVERY_STRUCT, BTF_KIND_STRUCT, "node", 3, 16);
        check_head(btf, EVERY_UNION, BTF_KIND_UNION, "either", 2, 4);
        check_head(btf, EVERY_ENUM, BTF_KIND_ENUM, "colour", 2, 4);
        check_head(btf, EVERY_ENUM64, BTF_KIND_ENUM64, "wide", 1, 8);
        check_head(btf, EVERY_FWD, BTF_KIND_FWD, "later", 0, 0);
        check_head(btf, EVERY_FWD_UNION, BTF_KIND_FWD, "later_union", 0, 0);
        check_head(btf, EVERY_TYPEDEF, BTF_KIND_TYPEDEF, "node_t", 0, EVERY_STRUCT);
        check_head(btf, EVERY_VOLATILE, BTF_KIND_VOLATILE, "", 0, EVERY_INT);
        check_head(btf, EVERY_CONST, BTF_KIND_CONST, "", 0, EVERY_VOLATILE);
        check_head(btf, EVERY_RESTRICT, BTF_KIND_RESTRICT, "", 0, EVERY_PTR);
        check_head(btf, EVERY_FUNC_PROTO, BTF_KIND_FUNC_PROTO, "", 2, EVERY_INT);
        check_head(btf, EVERY_FUNC, BTF_KIND_FUNC, "frob", 1, EVERY_FUNC_PROTO);
        check_head(btf, EVERY_VAR, BTF_KIND_VAR, "counter", 0, EVERY_INT);
        check_head(btf, EVERY_DATASEC, BTF_KIND_DATASEC, ".data", 1, 8);
        check_head(btf, EVERY_FLOAT, BTF_KIND_FLOAT, "double", 0, 8);
        check_head(btf, EVERY_DECL_TAG, BTF_KIND_DECL_TAG, "tagged", 0, EVERY_STRUCT);
        check_head(btf, EVERY_TYPE_TAG, BTF_KIND_TYPE_TAG, "user", 0, EVERY_STRUCT);
        check_head(btf, EVERY_ARRAY, BTF_KIND_ARRAY, "", 0, 0);

        assert_true(btf_type(btf, EVERY_STRUCT).kind_flag);
        assert_true(btf_type(btf, EVERY_FWD_UNION).kind_flag);
        assert_true(btf_type(btf, EVERY_ENUM).kind_flag);
        assert_false(btf_type(btf, EVERY_FWD).kind_flag);
        assert_false(btf_type(btf, EVERY_UNION).kind_flag);
        assert_int_equal(btf_type(btf, 0).kind, BTF_KIND_VOID);
}

static void check_member(const struct btf *btf, uint32_t id, uint32_t i, const char *name, uint32_t type,
                         uint32_t bit_offset, uint32_t bitfield_size)
{
        struct btf_type composite = btf_type(btf, id);
        struct btf_member member = btf_member(btf, &composite, i);

        assert_string_equal(member.name, name);
        assert_int_equal(member.type, type);
        assert_int_equal(member.bit_offset, bit_offset);
        assert_int_equal(member.bitfield_size, bitfield_size);
}

static void check_enumerator(const struct btf *btf, uint32_t id, uint32_t i, const char *name, uint64_t value)
{
        struct btf_type type = btf_type(btf, id);
        struct btf_enumerator enumerator = btf_enumerator(btf, &type, i);

        assert_string_equal(enumerator.name, name);
        assert_true(enumerator.value == value);
}

static void check_tails(const struct btf *btf)
{
        struct btf_type type;
        struct btf_param param;

        check_member(btf, EVERY_STRUCT, 0, "next", EVERY_PTR, 0, 0);
        check_member(btf, EVERY_STRUCT, 1, "low", EVERY_INT, 64, 5);
        check_member(btf, EVERY_STRUCT, 2, "high", EVERY_INT, 69, 27);
        check_member(btf, EVERY_UNION, 1, "y", EVERY_UCHAR, 0, 0);
        check_enumerator(btf, EVERY_ENUM, 0, "RED", UINT64_MAX);
        check_enumerator(btf, EVERY_ENUM, 1, "BLUE", 2);
        check_enumerator(btf, EVERY_ENUM64, 0, "BIG", UINT64_C(0xfedcba9876543210));

        type = btf_type(btf, EVERY_FUNC_PROTO);
        param = btf_param(btf, &type, 0);
        assert_string_equal(param.name, "n");
        assert_int_equal(param.type, EVERY_PTR);
        param = btf_param(btf, &type, 1);
        assert_string_equal(param.name, "");
        assert_int_equal(param.type, 0);

        type = btf_type(btf, EVERY_DATASEC);
        assert_int_equal(btf_secinfo(btf, &type, 0).type, EVERY_VAR);
        assert_int_equal(btf_secinfo(btf, &type, 0).offset, 4);
        assert_int_equal(btf_secinfo(btf, &type, 0).size, 4);
        type = btf_type(btf, EVERY_ARRAY);
        assert_int_equal(btf_array(btf, &type).type, EVERY_CONST);
        assert_int_equal(btf_array(btf, &type).index_type, EVERY_INT);
        assert_int_equal(btf_array(btf, &type).nelems, 7);
        type = btf_type(btf, EVERY_INT);
        assert_int_equal(btf_word(btf, &type), BTF_INT_SIGNED << 24 | 32);
        type = btf_type(btf, EVERY_VAR);
        assert_int_equal(btf_word(btf, &type), 1);
        type = btf_type(btf, EVERY_DECL_TAG);
        assert_int_equal(btf_word(btf, &type), 1);
}

struct form {
        const char *name;
        bool foreign;
        uint32_t header_length;
        bool has_layout;
        uint32_t layout_length;
};

static void every_kind_in_every_form(void **state)
{
        static const struct form forms[] = {
                {"24-byte header", false, 24, false, 0},
                {"32-byte header without layout", false, 32, false, 0},
                {"empty layout", false, 32, true, 0},
                {"layout of 19 kinds", false, 32, true, 80},
                {"header of a later version, all zero", false, 40, false, 0},
                {"header of an odd length, all zero", false, 27, false, 0},
                {"foreign", true, 24, false, 0},
                {"foreign with layout", true, 32, true, 80},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
                struct btf_builder *b = btf_builder_new();
                struct btf_image image;
                struct btf *btf;
                bool host_is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

                print_message("  %s\n", forms[i].name);
                if (forms[i].foreign)
                        btf_builder_foreign(b);
                btf_builder_header_length(b, forms[i].header_length);
                if (forms[i].has_layout)
                        btf_builder_layout(b, forms[i].layout_length);
                fixture_every_kind(b);
                image = btf_builder_steal(b);
                btf = fixture_btf(&image);
                check_heads(btf);
                check_tails(btf);
                assert_int_equal(btf->big_endian, host_is_big != forms[i].foreign);
                /* A copy is made where it is needed, and only there. */
                assert_int_equal(btf->swapped != NULL, forms[i].foreign);
                btf_free(btf);
                btf_image_free(&image);
        }
}

static void sizes_see_through_what_has_none(void **state)
{
        static const struct {
                uint32_t id;
                int result;
                uint64_t bytes;
        } sizes[] = {
                {0, BTF_SIZE_NONE, 0},
                {EVERY_INT, 0, 4},
                {EVERY_PTR, 0, sizeof(void *)},
                {EVERY_STRUCT, 0, 16},
                {EVERY_UNION, 0, 4},
                {EVERY_ENUM, 0, 4},
                {EVERY_ENUM64, 0, 8},
                {EVERY_FWD, BTF_SIZE_NONE, 0},
                {EVERY_TYPEDEF, 0, 16},
                {EVERY_CONST, 0, 4},
                {EVERY_RESTRICT, 0, sizeof(void *)},
                {EVERY_FUNC_PROTO, BTF_SIZE_NONE, 0},
                {EVERY_FUNC, BTF_SIZE_NONE, 0},
                {EVERY_VAR, 0, 4},
                {EVERY_DATASEC, 0, 8},
                {EVERY_FLOAT, 0, 8},
                {EVERY_DECL_TAG, BTF_SIZE_NONE, 0},
                {EVERY_TYPE_TAG, 0, 16},
                {EVERY_ARRAY, 0, 28},
        };
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;
        struct btf *btf;

        (void)state;
        fixture_every_kind(b);
        image = btf_builder_steal(b);
        btf = fixture_btf(&image);
        for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
                uint64_t bytes = 0;

                assert_int_equal(btf_type_size(btf, sizes[i].id, &bytes), sizes[i].result);
                assert_true(bytes == sizes[i].bytes);
        }
        assert_int_equal(btf_strip(btf, EVERY_CONST).id, EVERY_INT);
        assert_int_equal(btf_strip(btf, EVERY_TYPEDEF).id, EVERY_STRUCT);
        assert_int_equal(btf_strip(btf, EVERY_TYPE_TAG).id, EVERY_STRUCT);
        assert_int_equal(btf_strip(btf, EVERY_PTR).id, EVERY_PTR);
        btf_free(btf);
        btf_image_free(&image);
}

static uint32_t pointer_size_with(const char *name, uint32_t size, uint32_t bits)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;
        struct btf *btf;
        uint32_t pointer_size;

        btf_builder_int(b, name, size, bits, 0);
        image = btf_builder_steal(b);
        btf = fixture_btf(&image);
        pointer_size = btf->pointer_size;
        btf_free(btf);
        btf_image_free(&image);
        return pointer_size;
}

static void a_long_tells_the_pointer_size(void **state)
{
        static const char *const spellings[] = {
                "long",
                "long int",
                "int long",
                "unsigned long",
                "long unsigned",
                "unsigned long int",
                "unsigned int long",
                "long unsigned int",
                "long int unsigned",
                "int unsigned long",
                "int long unsigned",
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(spellings); i++) {
                assert_int_equal(pointer_size_with(spellings[i], 4, 32), 4);
                assert_int_equal(pointer_size_with(spellings[i], 8, 64), 8);
        }
        assert_int_equal(pointer_size_with("unsigned int", 4, 32), sizeof(void *));
        assert_int_equal(pointer_size_with("long long int", 4, 32), sizeof(void *));
        assert_int_equal(pointer_size_with("long", 2, 16), sizeof(void *));
        assert_int_equal(pointer_size_with("long", 4, 20), sizeof(void *));
}

/* More than the 16 bits that vlen had before 2026. */
static void vlen_has_24_bits(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t n_values = 70000;
        uint32_t id = btf_builder_enum(b, "many", 4, false), after;
        struct btf_image image;
        struct btf *btf;
        struct btf_type type;

        (void)state;
        for (uint32_t i = 0; i < n_values; i++)
                btf_builder_value(b, "", i);
        after = btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        image = btf_builder_steal(b);
        btf = fixture_btf(&image);
        type = btf_type(btf, id);
        assert_int_equal(type.vlen, n_values);
        assert_true(btf_enumerator(btf, &type, n_values - 1).value == n_values - 1);
        check_head(btf, after, BTF_KIND_INT, "int", 0, 4);
        btf_free(btf);
        btf_image_free(&image);
}

/* Before kind_flag, a bitfield's size and part of its offset were those of an INT made for it. */
static void legacy_bitfields_hide_in_the_int(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t whole = btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        uint32_t part = btf_builder_int_at(b, "int", 4, 3, 2, 0);
        uint32_t alias = btf_builder_typedef(b, "part_t", part);
        uint32_t old = btf_builder_struct(b, "old", 8, /* kind_flag= */ false);
        struct btf_image image;
        struct btf *btf;

        (void)state;
        btf_builder_member(b, "a", part, 4, 0);
        btf_builder_member(b, "b", alias, 16, 0);
        btf_builder_member(b, "c", whole, 32, 0);
        image = btf_builder_steal(b);
        btf = fixture_btf(&image);
        check_member(btf, old, 0, "a", part, 6, 3);
        check_member(btf, old, 1, "b", alias, 18, 3);
        check_member(btf, old, 2, "c", whole, 32, 0);
        btf_free(btf);
        btf_image_free(&image);
}

static void forward_declarations_are_known(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t fwd = btf_builder_fwd(b, "f", false);
        uint32_t empty_enum = btf_builder_enum(b, "e", 4, false);
        uint32_t empty_enum64 = btf_builder_enum64(b, "e64", 8, false);
        uint32_t unnamed_enum = btf_builder_enum(b, "", 4, false);
        uint32_t empty_struct = btf_builder_struct(b, "s", 0, false);
        uint32_t full_enum = btf_builder_enum(b, "full", 4, false);
        struct btf_image image;
        struct btf *btf;
        uint32_t ids[] = {fwd, empty_enum, empty_enum64, unnamed_enum, empty_struct, full_enum};
        bool expected[] = {true, true, true, false, false, false};

        (void)state;
        btf_builder_value(b, "A", 0);
        image = btf_builder_steal(b);
        btf = fixture_btf(&image);
        for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
                struct btf_type type = btf_type(btf, ids[i]);

                assert_int_equal(btf_is_forward(btf, &type), expected[i]);
        }
        btf_free(btf);
        btf_image_free(&image);
}

static void kind_names_go_both_ways(void **state)
{
        (void)state;
        for (int i = BTF_KIND_INT; i <= BTF_KIND_ENUM64; i++) {
                enum btf_kind kind = BTF_KIND_VOID;

                assert_true(btf_kind_from_name(btf_kind_name((enum btf_kind)i), &kind));
                assert_int_equal(kind, i);
        }
        assert_string_equal(btf_kind_name(BTF_KIND_FUNC_PROTO), "func_proto");
        assert_string_equal(btf_kind_name(BTF_KIND_DECL_TAG), "decl_tag");
        assert_false(btf_kind_from_name("void", &(enum btf_kind){BTF_KIND_VOID}));
        assert_false(btf_kind_from_name("Struct", &(enum btf_kind){BTF_KIND_VOID}));
        assert_false(btf_kind_from_name("", &(enum btf_kind){BTF_KIND_VOID}));
}

/* Every name of a real kernel lies in the string section, and every type can be sized. */
static void a_real_kernel_parses(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = fixture_real_set();
        const struct btf *btf;
        uint32_t n_structs = 0;

        (void)state;
        if (!set)
                skip();
        btf = set->sources[0]->btf;
        assert_true(btf->n_types > 10000);
        for (uint32_t id = 1; id < btf->n_types; id++) {
                struct btf_type type = btf_type(btf, id);
                uint64_t bytes;

                n_structs += type.kind == BTF_KIND_STRUCT;
                if (btf_kind_is_composite(type.kind)) {
                        assert_int_equal(btf_type_size(btf, id, &bytes), 0);
                        assert_true(bytes == type.size_or_type);
                }
        }
        assert_true(n_structs > 1000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_kind_in_every_form),
                cmocka_unit_test(sizes_see_through_what_has_none),
                cmocka_unit_test(a_long_tells_the_pointer_size),
                cmocka_unit_test(vlen_has_24_bits),
                cmocka_unit_test(legacy_bitfields_hide_in_the_int),
                cmocka_unit_test(forward_declarations_are_known),
                cmocka_unit_test(kind_names_go_both_ways),
                cmocka_unit_test(a_real_kernel_parses),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
