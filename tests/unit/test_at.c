/*
 * type.at: what lies at a byte or a bit. The sample's types are in support/sample.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "query/at.h"
#include "support/fixture.h"
#include "support/sample.h"
#include "support/unit.h"
#include "util/strbuf.h"

static int begin(void **state)
{
        struct btf_builder *b = btf_builder_new();

        sample_build(b);
        *state = fixture_set(b);
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

static struct query_type find(const struct source_set *set, const char *name)
{
        struct name_cursor cursor = name_index_find(&set->sources[0]->names, name, strlen(name));
        uint32_t id = 0;

        assert_true(name_index_next(&set->sources[0]->names, &cursor, &id));
        return (struct query_type){set->sources[0], id};
}

/* Writes "comm 320, comm[3] 344; " for a member's levels, in bits, and "hole 28+36 after a before b; ". */
static bool append_alternative(void *context, const struct at_alternative *alternative)
{
        struct strbuf *text = context;

        for (size_t i = 0; i < alternative->n_levels; i++) {
                const struct at_level *level = &alternative->levels[i];

                strbuf_printf(text, "%s%.*s %" PRIu64, i > 0 ? ", " : "", (int)level->path_length,
                              alternative->path, level->bit_offset);
        }
        if (alternative->kind != AT_MEMBER)
                strbuf_printf(
                        text, "%s%s %" PRIu64 "+%" PRIu64 "%s%s%s%s%s", alternative->n_levels > 0 ? ", " : "",
                        alternative->kind == AT_HOLE ? "hole" : "padding", alternative->gap.bit_offset,
                        alternative->gap.bit_size, alternative->gap.is_bits ? " bits" : "",
                        alternative->after ? " after " : "", alternative->after ? alternative->after : "",
                        alternative->before ? " before " : "",
                        alternative->before ? alternative->before : "");
        strbuf_append(text, "; ");
        return true;
}

static void expect_at(const struct source_set *set, const char *type, uint64_t bit_offset, uint32_t n_bits,
                      const char *expected)
{
        struct query_error error = {0};
        char buffer[4096];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        if (at_visit(find(set, type), (struct at_question){bit_offset, n_bits}, append_alternative, &text,
                     &error) != 0)
                fail_msg("%s at %" PRIu64 ": %s", type, bit_offset, error.message);
        if (strcmp(buffer, expected) != 0)
                fail_msg("%s at bit %" PRIu64 ": '%s', expected '%s'", type, bit_offset, buffer, expected);
}

static void expect_byte(const struct source_set *set, const char *type, uint64_t byte, const char *expected)
{
        expect_at(set, type, byte * 8, 8, expected);
}

static void members_have_all_their_levels(void **state)
{
        expect_byte(*state, "outer", 0, "in 0, in.a 0; ");
        expect_byte(*state, "outer", 6, "in 0, in.b 32; ");
        expect_byte(*state, "outer", 8, "ptr 64; ");
        expect_byte(*state, "outer", 37, "arr 128, arr[2] 256, arr[2].b 288; ");
        expect_byte(*state, "outer", 43, "comm 320, comm[3] 344; ");
        expect_byte(*state, "outer", 136, "matrix 960, matrix[1] 1056, matrix[1][1] 1088; ");
        expect_byte(*state, "outer_t", 8, "ptr 64; ");
}

static void members_of_unions_are_alternatives(void **state)
{
        expect_byte(*state, "outer", 65, "u1 512; pad 512; ");
        expect_byte(*state, "outer", 84, "head_tail 640; tail 672; ");
        /* Where one member of a union ends, others go on. */
        expect_byte(*state, "outer", 68, "hole 544+32 after pad before deep; ");
        expect_byte(*state, "outer", 72, "deep 576; ");
}

static void bitfields_share_bytes(void **state)
{
        expect_byte(*state, "outer", 160, "ready 1280; mode 1281; prio 1284; ");
        expect_byte(*state, "outer", 161, "prio 1284; ");
        expect_at(*state, "outer", 1281, 1, "mode 1281; ");
        expect_at(*state, "outer", 1283, 1, "mode 1281; ");
        expect_at(*state, "outer", 1288, 1, "prio 1284; ");
        /* What is left of their unit, and what is not of it. */
        expect_at(*state, "outer", 1289, 1, "hole 1289+23 bits after prio before table; ");
        expect_byte(*state, "outer", 162, "hole 1289+23 bits after prio before table; ");
        expect_byte(*state, "outer", 166, "hole 1312+32 after prio before table; ");
}

static void padding_is_in_the_struct_that_has_it(void **state)
{
        expect_at(*state, "odd", 3, 1, "padding 3+5 bits after x; ");
        expect_at(*state, "holder", 24 * 8 + 4, 1, "odds 192, odds[0] 192, padding 195+5 bits after x; ");
}

static void what_has_no_size_lies_beside_what_has_one(void **state)
{
        expect_byte(*state, "outer", 144, "zero 1152; ptrs 1152, ptrs[0] 1152; ");
        expect_byte(*state, "outer", 145, "ptrs 1152, ptrs[0] 1152; ");
}

static void flexible_arrays_take_any_offset(void **state)
{
        expect_byte(*state, "outer", 176, "flex 1408, flex[0] 1408; ");
        expect_byte(*state, "outer", 183, "flex 1408, flex[1] 1440; ");
        expect_byte(*state, "tail", 3, "n 0; ");
        expect_at(*state, "tail", 14 * 8 + 1, 1, "odds 32, odds[10] 112, odds[10].x 112; ");
        /* 2^53 - 1 */
        expect_byte(*state, "tail", 9007199254740991,
                    "odds 32, odds[9007199254740987] 72057594037927928, "
                    "odds[9007199254740987].x 72057594037927928; ");
}

static int fail_at(struct query_type type, uint64_t bit_offset, struct query_error *error)
{
        char buffer[65536];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        return at_visit(type, (struct at_question){bit_offset, 8}, append_alternative, &text, error);
}

static void beyond_the_end_there_is_nothing(void **state)
{
        const struct source_set *set = *state;
        struct query_error error = {0};

        assert_int_equal(fail_at(find(set, "inner"), 64, &error), QUERY_INDEX_OUT_OF_RANGE);
        assert_string_equal(error.message, "byte 8 of a type of 8 bytes");
        assert_int_equal(fail_at(find(set, "holder"), UINT64_C(1) << 56, &error), QUERY_INDEX_OUT_OF_RANGE);
        assert_int_equal(fail_at(find(set, "name_t"), 0, &error), QUERY_WRONG_KIND);
        assert_int_equal(fail_at(find(set, "later"), 0, &error), QUERY_INCOMPLETE_TYPE);
}

/* Each level is a union of the one before, twice: 2^17 alternatives are at every byte. */
static void doubled_alternatives_are_too_many(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t last = btf_builder_int(b, "int", 4, 32, 0);
        struct query_error error = {0};
        struct source *source;

        (void)state;
        for (int i = 0; i < 17; i++) {
                uint32_t level = btf_builder_union(b, "level", 4, false);

                btf_builder_member(b, "a", last, 0, 0);
                btf_builder_member(b, "b", last, 0, 0);
                last = level;
        }
        source = fixture_source(b, "vmlinux", 1, NULL);
        assert_int_equal(fail_at((struct query_type){source, last}, 0, &error), QUERY_OVERFLOW);
        source_unref(source);
}

/* What compilers do not write, and nobody may trip over: members that overlap, and that end beyond the struct. */
static void members_at_odd_places_do_no_harm(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t integer = btf_builder_int(b, "int", 4, 32, 0);
        uint32_t array = btf_builder_array(b, integer, integer, 2);
        uint32_t inner = btf_builder_struct(b, "inner", 4, false);
        struct source *source;
        uint32_t outer;

        (void)state;
        btf_builder_member(b, "x", integer, 16, 0);
        outer = btf_builder_struct(b, "outer", 9, false);
        btf_builder_member(b, "many", array, 32, 0);
        btf_builder_member(b, "in", inner, 8, 0);
        source = fixture_source(b, "vmlinux", 1, NULL);
        for (uint64_t byte = 0; byte < 100; byte++) {
                struct query_error error = {0};
                int r = fail_at((struct query_type){source, outer}, byte * 8, &error);
                bool is_somewhere = byte < 12;

                assert_int_equal(r, is_somewhere ? 0 : QUERY_INDEX_OUT_OF_RANGE);
        }
        source_unref(source);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(members_have_all_their_levels),
                cmocka_unit_test(members_of_unions_are_alternatives),
                cmocka_unit_test(bitfields_share_bytes),
                cmocka_unit_test(padding_is_in_the_struct_that_has_it),
                cmocka_unit_test(what_has_no_size_lies_beside_what_has_one),
                cmocka_unit_test(flexible_arrays_take_any_offset),
                cmocka_unit_test(beyond_the_end_there_is_nothing),
                cmocka_unit_test(doubled_alternatives_are_too_many),
                cmocka_unit_test(members_at_odd_places_do_no_harm),
        };

        return cmocka_run_group_tests_name("at", tests, begin, end);
}
