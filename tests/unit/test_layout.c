/*
 * type.layout on structs of every kind of gap, in both byte orders, and on what is made to be too much.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "query/layout.h"
#include "query/member.h"
#include "support/fixture.h"
#include "support/unit.h"

/* What the fixture begins with. */
enum {
        CHAR = 1,
        INT,
        UNSIGNED,
        LONG,
        NO_INTS, /* int[0] */
        FIRST_STRUCT,
};

static struct btf_builder *builder(bool foreign)
{
        struct btf_builder *b = btf_builder_new();

        if (foreign)
                btf_builder_foreign(b);
        btf_builder_int(b, "char", 1, 8, BTF_INT_SIGNED);
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_int(b, "unsigned int", 4, 32, 0);
        btf_builder_int(b, "long unsigned int", 8, 64, 0);
        btf_builder_array(b, INT, INT, 0);
        return b;
}

static void append_path(struct strbuf *text, const struct layout *layout, uint32_t i_member)
{
        char buffer[LAYOUT_PATH_SIZE];
        struct strbuf path;

        strbuf_init(&path, buffer, sizeof(buffer));
        layout_member_path(layout, i_member, &path);
        strbuf_append(text, buffer);
}

static void append_scope(struct strbuf *text, const struct layout_scope *scope)
{
        strbuf_printf(text, "%s%s align %" PRIu32, scope->name, scope->is_packed ? " packed" : "",
                      scope->align);
        if (scope->bit_padding > 0)
                strbuf_printf(text, " padding %" PRIu64 " bits", scope->bit_padding);
        if (scope->padding > 0)
                strbuf_printf(text, " padding %" PRIu64, scope->padding);
        strbuf_printf(text, "%s; ", scope->is_forced ? " forced" : "");
}

/* All that a layout says: "c 0; i 32; hole 8+24 after c; align 4; ", in bits. */
static void append_layout(struct strbuf *text, const struct layout *layout)
{
        for (uint32_t i = 0; i < layout->n_members; i++) {
                append_path(text, layout, i);
                strbuf_printf(text, " %" PRIu64 "; ", layout->members[i].bit_offset);
        }
        for (uint32_t i = 0; i < layout->n_holes; i++) {
                const struct layout_hole *hole = &layout->holes[i];

                strbuf_printf(text, "%s %" PRIu64 "+%" PRIu64, hole->piece.is_bits ? "bits" : "hole",
                              hole->piece.bit_offset, hole->piece.bit_size);
                if (hole->i_scope > 0)
                        strbuf_printf(text, " in %" PRIu32, hole->i_scope);
                if (hole->after != LAYOUT_NONE) {
                        strbuf_append(text, " after ");
                        append_path(text, layout, hole->after);
                }
                strbuf_printf(text, "%s; ", hole->is_forced ? " forced" : "");
        }
        for (uint32_t i = 0; i < layout->n_scopes; i++)
                append_scope(text, &layout->scopes[i]);
}

/* Builds with `build`, whose last type is the one to lay out, in both byte orders. */
static void expect_layout(void (*build)(struct btf_builder *b), uint32_t expand, const char *expected)
{
        for (int foreign = 0; foreign < 2; foreign++) {
                struct btf_builder *b = builder(foreign);
                struct query_error error = {0};
                struct layout *layout;
                struct source *source;
                char buffer[4096];
                struct strbuf text;

                build(b);
                source = fixture_source(b, "vmlinux", 1, NULL);
                if (layout_new(&layout, (struct query_type){source, source->btf->n_types - 1}, expand,
                               &error) != 0)
                        fail_msg("%s", error.message);
                strbuf_init(&text, buffer, sizeof(buffer));
                append_layout(&text, layout);
                assert_string_equal(buffer, expected);
                layout_free(layout);
                source_unref(source);
        }
}

static void build_gaps(struct btf_builder *b)
{
        btf_builder_struct(b, "gaps", 32, /* kind_flag= */ true);
        btf_builder_member(b, "c", CHAR, 0, 0);
        btf_builder_member(b, "i", INT, 32, 0);
        btf_builder_member(b, "a", UNSIGNED, 64, 3);
        btf_builder_member(b, "b", UNSIGNED, 80, 4);
        btf_builder_member(b, "l", LONG, 128, 0);
        btf_builder_member(b, "last", CHAR, 192, 0);
}

static void gaps_are_bytes_and_what_bitfields_leave(void **state)
{
        (void)state;
        expect_layout(build_gaps, 0,
                      "c 0; i 32; a 64; b 80; l 128; last 192; "
                      "hole 8+24 after c; bits 67+13 after a forced; bits 84+12 after b; hole 96+32 after b; "
                      " align 8 padding 7; ");
}

static void build_aligned(struct btf_builder *b)
{
        btf_builder_struct(b, "aligned", 64, false);
        btf_builder_member(b, "c", CHAR, 0, 0);
        btf_builder_member(b, "i", INT, 256, 0);
}

static void build_packed(struct btf_builder *b)
{
        btf_builder_struct(b, "packed", 5, false);
        btf_builder_member(b, "c", CHAR, 0, 0);
        btf_builder_member(b, "i", INT, 8, 0);
}

static void build_odd_end(struct btf_builder *b)
{
        btf_builder_struct(b, "odd_end", 5, false);
        btf_builder_member(b, "i", INT, 0, 0);
        btf_builder_member(b, "c", CHAR, 32, 0);
}

static void attributes_show_where_types_ask_for_less_or_more(void **state)
{
        (void)state;
        expect_layout(build_aligned, 0,
                      "c 0; i 256; hole 8+248 after c forced;  align 4 padding 28 forced; ");
        expect_layout(build_packed, 0, "c 0; i 8;  packed align 1; ");
        expect_layout(build_odd_end, 0, "i 0; c 32;  packed align 1; ");
}

static void build_bit_end(struct btf_builder *b)
{
        btf_builder_struct(b, "bit_end", 16, true);
        btf_builder_member(b, "l", LONG, 0, 0);
        btf_builder_member(b, "a", UNSIGNED, 64, 3);
}

/* The next bitfield could have begun earlier in its unit. */
static void build_bit_begin(struct btf_builder *b)
{
        btf_builder_struct(b, "bit_begin", 4, true);
        btf_builder_member(b, "top", UNSIGNED, 31, 1);
}

static void what_bitfields_leave_of_their_units_is_bits(void **state)
{
        (void)state;
        expect_layout(build_bit_end, 0, "l 0; a 64;  align 8 padding 29 bits padding 4; ");
        expect_layout(build_bit_begin, 0, "top 31; bits 0+31 forced;  align 4; ");
}

static void build_empty_in_gap(struct btf_builder *b)
{
        btf_builder_struct(b, "empty_in_gap", 16, false);
        btf_builder_member(b, "c", CHAR, 0, 0);
        btf_builder_member(b, "none", NO_INTS, 32, 0);
        btf_builder_member(b, "l", LONG, 64, 0);
}

static void what_has_no_size_parts_a_gap(void **state)
{
        (void)state;
        expect_layout(build_empty_in_gap, 0,
                      "c 0; none 32; l 64; hole 8+24 after c; hole 32+32 after none;  align 8; ");
}

static void build_anonymous(struct btf_builder *b)
{
        btf_builder_struct(b, "", 16, false);
        btf_builder_member(b, "s", CHAR, 0, 0);
        btf_builder_member(b, "l", LONG, 64, 0);
        btf_builder_union(b, "", 16, false);
        btf_builder_member(b, "u", INT, 0, 0);
        btf_builder_member(b, "", FIRST_STRUCT, 0, 0);
        btf_builder_struct(b, "outer", 32, false);
        btf_builder_member(b, "c", CHAR, 0, 0);
        btf_builder_member(b, "", FIRST_STRUCT + 1, 64, 0);
        btf_builder_member(b, "end", INT, 224, 0);
}

static void anonymous_members_are_transparent(void **state)
{
        (void)state;
        /* `l` is the last declared before the hole that the anonymous union does not reach. */
        expect_layout(build_anonymous, 0,
                      "c 0; u 64; s 64; l 128; end 224; hole 72+56 in 2 after s; hole 8+56 after c; "
                      "hole 192+32 after l forced;  align 8;  align 8;  align 8; ");
}

static void build_nested(struct btf_builder *b)
{
        build_packed(b);
        btf_builder_struct(b, "middle", 12, false);
        btf_builder_member(b, "p", FIRST_STRUCT, 0, 0);
        btf_builder_member(b, "i", INT, 64, 0);
        btf_builder_array(b, FIRST_STRUCT + 1, INT, 2);
        btf_builder_struct(b, "outer", 40, false);
        btf_builder_member(b, "m", FIRST_STRUCT + 1, 0, 0);
        btf_builder_member(b, "many", FIRST_STRUCT + 2, 96, 0);
}

static void named_structs_are_expanded_as_deep_as_asked(void **state)
{
        (void)state;
        expect_layout(build_nested, 0, "m 0; many 96;  align 4 padding 4 forced; ");
        expect_layout(build_nested, 1,
                      "m 0; m.p 0; m.i 64; many 96; hole 40+24 in 1 after m.p;  align 4 padding 4 forced; "
                      "m align 4; ");
        expect_layout(build_nested, LAYOUT_MAX_EXPAND,
                      "m 0; m.p 0; m.p.c 0; m.p.i 8; m.i 64; many 96; hole 40+24 in 1 after m.p; "
                      " align 4 padding 4 forced; m align 4; p packed align 1; ");
}

static void build_unordered(struct btf_builder *b)
{
        btf_builder_struct(b, "unordered", 16, false);
        btf_builder_member(b, "l", LONG, 64, 0);
        btf_builder_member(b, "i", INT, 0, 0);
        btf_builder_member(b, "overlaps", CHAR, 8, 0);
}

static void build_union(struct btf_builder *b)
{
        btf_builder_array(b, CHAR, INT, 5);
        btf_builder_union(b, "either", 8, false);
        btf_builder_member(b, "five", FIRST_STRUCT, 0, 0);
        btf_builder_member(b, "i", INT, 0, 0);
}

/* In C an unnamed bitfield or integer is padding. */
static void build_unnamed(struct btf_builder *b)
{
        btf_builder_struct(b, "unnamed", 12, false);
        btf_builder_member(b, "i", INT, 0, 0);
        btf_builder_member(b, "", INT, 32, 0);
        btf_builder_member(b, "j", INT, 64, 0);
}

static void build_nothing(struct btf_builder *b)
{
        btf_builder_struct(b, "nothing", 8, false);
}

static void other_shapes_have_gaps_where_nothing_lies(void **state)
{
        (void)state;
        expect_layout(build_unordered, 0, "l 64; i 0; overlaps 8; hole 32+32 after i;  align 8; ");
        expect_layout(build_union, 0, "five 0; i 0;  align 4 padding 3; ");
        expect_layout(build_unnamed, 0, "i 0; j 64; hole 32+32 after i forced;  align 4; ");
        expect_layout(build_nothing, 0, " align 1 padding 8 forced; ");
}

static void expect_failure(struct btf_builder *b, uint32_t expand, int reason, const char *words)
{
        uint32_t id = btf_builder_next_id(b) - 1;
        struct source *source = fixture_source(b, "vmlinux", 1, NULL);
        struct query_error error = {0};
        struct layout *layout = NULL;

        assert_int_equal(layout_new(&layout, (struct query_type){source, id}, expand, &error), reason);
        assert_null(layout);
        assert_int_equal(error.reason, reason);
        if (!strstr(error.message, words))
                fail_msg("'%s' does not say '%s'", error.message, words);
        source_unref(source);
}

static void what_has_no_members_is_refused(void **state)
{
        struct btf_builder *b = builder(false);

        (void)state;
        btf_builder_ptr(b, INT);
        expect_failure(b, 0, QUERY_WRONG_KIND, "'int *' is a pointer");
        b = builder(false);
        expect_failure(b, 0, QUERY_WRONG_KIND, "'int[0]' is an array");
        b = builder(false);
        btf_builder_enum(b, "colour", 4, false);
        btf_builder_value(b, "RED", 1);
        btf_builder_typedef(b, "colour_t", FIRST_STRUCT);
        expect_failure(b, 0, QUERY_WRONG_KIND, "'colour_t' is an enum");
        b = builder(false);
        btf_builder_var(b, "counter", INT, 1);
        expect_failure(b, 0, QUERY_WRONG_KIND, "'counter' is a variable");
        b = builder(false);
        btf_builder_fwd(b, "later", false);
        expect_failure(b, 0, QUERY_INCOMPLETE_TYPE, "only declares 'struct later'");
        b = builder(false);
        btf_builder_fwd(b, "later", false);
        btf_builder_struct(b, "holder", 8, false);
        btf_builder_member(b, "unknown", FIRST_STRUCT, 0, 0);
        expect_failure(b, 0, QUERY_INCOMPLETE_TYPE, "the member 'unknown'");
}

/* Each level holds the one before twice: 2^17 members are in the last. */
static void doubled_members_are_too_many(void **state)
{
        struct btf_builder *b = builder(false);

        (void)state;
        btf_builder_struct(b, "level", 4, false);
        btf_builder_member(b, "x", INT, 0, 0);
        for (uint32_t i = 0; i < 17; i++) {
                btf_builder_struct(b, "level", 8U << i, false);
                btf_builder_member(b, "a", FIRST_STRUCT + i, 0, 0);
                btf_builder_member(b, "b", FIRST_STRUCT + i, 32U << i, 0);
        }
        expect_failure(b, 0, QUERY_OVERFLOW, "more than 65536 members");
}

static void paths_have_a_bound(void **state)
{
        struct btf_builder *b = builder(false);
        char name[LAYOUT_PATH_SIZE / 2 + 1];

        (void)state;
        memset(name, 'x', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        btf_builder_struct(b, "inner", 4, false);
        btf_builder_member(b, name, INT, 0, 0);
        btf_builder_struct(b, "outer", 4, false);
        btf_builder_member(b, name, FIRST_STRUCT, 0, 0);
        expect_failure(b, 1, QUERY_OVERFLOW, "a path of more than 4095 bytes");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(gaps_are_bytes_and_what_bitfields_leave),
                cmocka_unit_test(attributes_show_where_types_ask_for_less_or_more),
                cmocka_unit_test(what_bitfields_leave_of_their_units_is_bits),
                cmocka_unit_test(what_has_no_size_parts_a_gap),
                cmocka_unit_test(anonymous_members_are_transparent),
                cmocka_unit_test(named_structs_are_expanded_as_deep_as_asked),
                cmocka_unit_test(other_shapes_have_gaps_where_nothing_lies),
                cmocka_unit_test(what_has_no_members_is_refused),
                cmocka_unit_test(doubled_members_are_too_many),
                cmocka_unit_test(paths_have_a_bound),
        };

        return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
