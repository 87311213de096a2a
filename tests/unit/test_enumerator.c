/*
 * Enums by their names and by their enumerators.
 */
#include "support/unit.h"

#include "index/set_index.h"
#include "query/enumerator.h"
#include "support/fixture.h"

enum {
        COLOUR = 1,       /* enum colour { RED, GREEN = 5, BLUE = -1 } */
        UNNAMED,          /* enum { RED = 1 } */
        UNNAMED_T,        /* typedef of it */
        SIZES,            /* enum sizes { SMALL = 2^32 } of 8 bytes */
        LATER,            /* enum later; */
        LATER_T,          /* typedef enum later later_t */
        NEVER,            /* enum never; */
        NEVER_T,          /* typedef enum never never_t */
        INT,              /* int */
        REPEATS,          /* enum repeats { TWICE, TWICE } with one value */
        COLOUR_QUALIFIED, /* const enum colour */
        COLOUR_T,         /* typedef const enum colour colour_t */
        POINTER,          /* int * */
        N_VMLINUX,
};

enum {
        M_LATER = N_VMLINUX, /* enum later { AT_LAST = 9 } */
        M_COLOUR,            /* as vmlinux has it */
        M_GREEN,             /* enum { GREEN = 6 } */
        M_OWN,               /* enum own { MINE = 1 } */
        M_COLOUR_T,          /* typedef enum colour m_colour_t, of vmlinux's */
};

static void build_colour(struct btf_builder *b)
{
        btf_builder_enum(b, "colour", 4, true);
        btf_builder_value(b, "RED", 0);
        btf_builder_value(b, "GREEN", 5);
        btf_builder_value(b, "BLUE", (uint64_t)-1);
}

static struct btf_builder *build_vmlinux(void)
{
        struct btf_builder *b = btf_builder_new();

        build_colour(b);
        btf_builder_enum(b, "", 4, false);
        btf_builder_value(b, "RED", 1);
        btf_builder_typedef(b, "unnamed_t", UNNAMED);
        btf_builder_enum64(b, "sizes", 8, false);
        btf_builder_value(b, "SMALL", UINT64_C(1) << 32);
        btf_builder_enum(b, "later", 4, false);
        btf_builder_typedef(b, "later_t", LATER);
        btf_builder_enum(b, "never", 4, false);
        btf_builder_typedef(b, "never_t", NEVER);
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_enum(b, "repeats", 4, false);
        btf_builder_value(b, "TWICE", 3);
        btf_builder_value(b, "TWICE", 3);
        btf_builder_const(b, COLOUR);
        assert_int_equal(btf_builder_typedef(b, "colour_t", COLOUR_QUALIFIED), COLOUR_T);
        assert_int_equal(btf_builder_ptr(b, INT), POINTER);
        return b;
}

static struct btf_builder *build_module(const struct btf_builder *base)
{
        struct btf_builder *b = btf_builder_new_split(base);

        assert_int_equal(btf_builder_enum(b, "later", 4, false), M_LATER);
        btf_builder_value(b, "AT_LAST", 9);
        build_colour(b);
        btf_builder_enum(b, "", 4, false);
        btf_builder_value(b, "GREEN", 6);
        btf_builder_enum(b, "own", 4, false);
        btf_builder_value(b, "MINE", 1);
        assert_int_equal(btf_builder_typedef(b, "m_colour_t", COLOUR), M_COLOUR_T);
        return b;
}

static int begin(void **state)
{
        struct btf_builder *vmlinux = build_vmlinux();
        struct fixture_module modules[] = {{"m", build_module(vmlinux)}, {"n", build_module(vmlinux)}};

        *state = fixture_set_with(vmlinux, modules, ARRAY_LENGTH(modules));
        return source_set_build(*state, SET_INDEX_ENUMERATORS, /* stop= */ NULL);
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

#define NO_VALUE UINT32_MAX

struct found_case {
        struct selector selector;
        const char *enumerator;
        const char *source;
        uint32_t id, i_value;
        size_t n_also;
};

static void the_one_enum_is_found(void **state)
{
        static const struct found_case cases[] = {
                {{.name = "enum colour"}, NULL, "vmlinux", COLOUR, NO_VALUE, 0},
                {{.name = "colour"}, "BLUE", "vmlinux", COLOUR, 2, 0},
                {{.name = "colour_t"}, NULL, "vmlinux", COLOUR, NO_VALUE, 0},
                {{.name = "unnamed_t"}, "RED", "vmlinux", UNNAMED, 0, 0},
                {{.name = "m_colour_t"}, NULL, "vmlinux", COLOUR, NO_VALUE, 0},
                {{.name = "colour", .source = "n"}, "GREEN", "n", M_COLOUR, 1, 0},
                {{.source = "vmlinux", .has_id = true, .id = UNNAMED, .instance = 1},
                 NULL,
                 "vmlinux",
                 UNNAMED,
                 NO_VALUE,
                 0},
                {{.source = "n", .has_id = true, .id = M_GREEN, .instance = 3}, "GREEN", "n", M_GREEN, 0, 0},
                {{.name = "enum later"}, NULL, "m", M_LATER, NO_VALUE, 0},
                {{.name = "later_t"}, "AT_LAST", "m", M_LATER, 0, 0},
                {{0}, "BLUE", "vmlinux", COLOUR, 2, 0},
                {{0}, "SMALL", "vmlinux", SIZES, 0, 0},
                {{0}, "GREEN", "vmlinux", COLOUR, 1, 1},
                {{0}, "MINE", "m", M_OWN, 0, 0},
                {{0}, "TWICE", "vmlinux", REPEATS, 0, 0},
                {{.source = "n"}, "MINE", "n", M_OWN, 0, 0},
                {{.source = "n"}, "BLUE", "n", M_COLOUR, 2, 0},
                {{.source = "vmlinux"}, "GREEN", "vmlinux", COLOUR, 1, 0},
                {{.has_kind = true, .kind = BTF_KIND_ENUM64}, "SMALL", "vmlinux", SIZES, 0, 0},
                {{.has_size = true, .size = 8}, "SMALL", "vmlinux", SIZES, 0, 0},
        };
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                const struct found_case *c = &cases[i];
                struct query_error error = {0};
                struct enum_answer answer;
                int r = enum_find(*state, &c->selector, c->enumerator, &answer, &error);

                if (r != 0)
                        print_message("case %zu: %s\n", i, error.message);
                assert_int_equal(r, 0);
                assert_string_equal(answer.type.source->name, c->source);
                assert_int_equal(answer.type.id, c->id);
                assert_int_equal(answer.has_value, c->i_value != NO_VALUE);
                if (answer.has_value)
                        assert_int_equal(answer.i_value, c->i_value);
                assert_int_equal(answer.also.n_definitions, c->n_also);
        }
}

struct failed_case {
        struct selector selector;
        const char *enumerator;
        int reason;
        const char *name, *near; /* NULL for none */
};

static void what_is_none_is_said_so(void **state)
{
        static const struct failed_case cases[] = {
                {{.name = "int"}, NULL, QUERY_WRONG_KIND, NULL, NULL},
                {{.name = "never_t"}, NULL, QUERY_INCOMPLETE_TYPE, NULL, NULL},
                {{.name = "never"}, NULL, QUERY_INCOMPLETE_TYPE, NULL, NULL},
                {{.name = "later", .source = "vmlinux"}, NULL, QUERY_INCOMPLETE_TYPE, NULL, NULL},
                {{.name = "nonsuch"}, NULL, QUERY_NAME_NOT_FOUND, "nonsuch", NULL},
                {{.name = "colour"}, "GREN", QUERY_NAME_NOT_FOUND, "GREN", "GREEN"},
                {{.name = "colour"}, "SMALL", QUERY_NAME_NOT_FOUND, "SMALL", NULL},
                {{0}, "BLUEE", QUERY_NAME_NOT_FOUND, "BLUEE", "BLUE"},
                {{0}, "mine", QUERY_NAME_NOT_FOUND, "mine", "MINE"},
                {{0}, "colour", QUERY_NAME_NOT_FOUND, "colour", NULL},
                {{.source = "vmlinux"}, "MINE", QUERY_NAME_NOT_FOUND, "MINE", NULL},
                {{.source = "m"}, "SMALL", QUERY_NAME_NOT_FOUND, "SMALL", NULL},
                {{.source = "x"}, "MINE", QUERY_SOURCE_NOT_FOUND, "x", NULL},
                {{.has_size = true, .size = 1}, "SMALL", QUERY_NAME_NOT_FOUND, "SMALL", NULL},
                {{.source = "vmlinux", .has_id = true, .id = 1, .instance = 9},
                 NULL,
                 QUERY_STALE_ID,
                 NULL,
                 NULL},
        };
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                const struct failed_case *c = &cases[i];
                struct query_error error = {0};
                struct enum_answer answer;
                int r = enum_find(*state, &c->selector, c->enumerator, &answer, &error);

                if (r != c->reason)
                        print_message("case %zu: %d %s\n", i, r, error.message);
                assert_int_equal(r, c->reason);
                assert_int_equal(error.reason, c->reason);
                if (c->name)
                        assert_string_equal(error.name, c->name);
                if (c->near)
                        assert_string_equal(error.near[0].name, c->near);
        }
}

static void enums_that_selectors_exclude_are_named(void **state)
{
        static const struct {
                struct selector selector;
                const char *enumerator;
                uint32_t id;
        } cases[] = {
                {{.source = "vmlinux"}, "MINE", M_OWN},
                {{.source = "m"}, "SMALL", SIZES},
                {{.has_size = true, .size = 1}, "SMALL", SIZES},
                {{.has_kind = true, .kind = BTF_KIND_ENUM}, "SMALL", SIZES},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct query_error error = {0};
                struct enum_answer answer;

                assert_int_equal(enum_find(*state, &cases[i].selector, cases[i].enumerator, &answer, &error),
                                 QUERY_NAME_NOT_FOUND);
                assert_string_equal(error.name, cases[i].enumerator);
                assert_int_equal(error.n_definitions, 1);
                assert_int_equal(error.candidates[0].type.id, cases[i].id);
                assert_int_equal(error.n_near, 0);
        }
}

static void what_has_no_name_is_not_quoted(void **state)
{
        struct selector selector = {.source = "vmlinux", .has_id = true, .id = INT, .instance = 1};
        struct query_error error = {0};
        struct enum_answer answer;

        assert_int_equal(enum_find(*state, &selector, NULL, &answer, &error), QUERY_WRONG_KIND);
        assert_string_equal(error.message, "'int' is of kind int: expected an enum");
        selector.id = POINTER;
        assert_int_equal(enum_find(*state, &selector, NULL, &answer, &error), QUERY_WRONG_KIND);
        assert_string_equal(error.message, "the type is of kind ptr: expected an enum");
}

static void each_enum_of_an_ambiguous_enumerator_is_named(void **state)
{
        struct query_error error = {0};
        struct enum_answer answer;

        assert_int_equal(enum_find(*state, &(struct selector){0}, "RED", &answer, &error),
                         QUERY_AMBIGUOUS_NAME);
        assert_int_equal(error.n_definitions, 2);
        assert_string_equal(error.name, "RED");
        for (size_t i = 0; i < 2; i++) {
                assert_int_equal(error.candidates[i].type.id, COLOUR + i);
                assert_true(error.candidates[i].has_value);
                assert_int_equal(error.candidates[i].i_value, 0);
        }
        /* In scope all, what the modules have counts as much. */
        assert_int_equal(enum_find(*state, &(struct selector){.all_tiers = true}, "GREEN", &answer, &error),
                         QUERY_AMBIGUOUS_NAME);
        assert_int_equal(error.n_definitions, 2);
        assert_string_equal(error.candidates[1].type.source->name, "m");
        assert_int_equal(error.candidates[1].type.id, M_GREEN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_one_enum_is_found),
                cmocka_unit_test(what_is_none_is_said_so),
                cmocka_unit_test(enums_that_selectors_exclude_are_named),
                cmocka_unit_test(what_has_no_name_is_not_quoted),
                cmocka_unit_test(each_enum_of_an_ambiguous_enumerator_is_named),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
