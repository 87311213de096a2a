/*
 * From a name and selectors to the one type that they mean, or to an error that names all that they may mean.
 */
#include <stdio.h>
#include <string.h>

#include "query/lookup.h"
#include "support/fixture.h"
#include "support/unit.h"

/* The ids of what begin() builds. */
enum {
        INT = 1,
        S,           /* struct s { int x; } */
        U,           /* union u { int y; } */
        E,           /* enum e { A } */
        E64,         /* enum e64 { B }, an ENUM64 */
        T_STRUCT,    /* struct t, beside which there is */
        T_TYPEDEF,   /* typedef union u t */
        X_STRUCT,    /* struct x, beside which there is */
        X_UNION,     /* union x */
        LATER,       /* struct later; */
        BOTH_FWD,    /* struct both; and */
        BOTH,        /* struct both { int x; } */
        MIXED_FWD,   /* union mixed; and */
        MIXED,       /* struct mixed { int x; } */
        EMPTY_ENUM,  /* enum full; and */
        FULL_ENUM,   /* enum full { C } */
        PROTO,       /* int (void) */
        FUNC,        /* int s(void): a function may have a struct's name */
        VAR,         /* int s: in BTF so may a variable, static in another file */
        DATASEC,     /* .data */
        DOUBLE,      /* float: double */
        CONSOLE,     /* struct console { int x; }, 4 bytes */
        CONSOLE_BIG, /* struct console { int x, flags; }, 8 bytes */
        CONSOLE_T,   /* typedef struct console console_t, of the first */
        CONSOLE_T2,  /* typedef struct console console_t, of the second */
        LAST = CONSOLE_T2,
};

static void add_composite(struct btf_builder *b, const char *name, bool is_union, const char *member)
{
        if (is_union)
                btf_builder_union(b, name, 4, false);
        else
                btf_builder_struct(b, name, 4, false);
        btf_builder_member(b, member, INT, 0, 0);
}

static void build_tags(struct btf_builder *b)
{
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        add_composite(b, "s", false, "x");
        add_composite(b, "u", true, "y");
        btf_builder_enum(b, "e", 4, false);
        btf_builder_value(b, "A", 0);
        btf_builder_enum64(b, "e64", 8, false);
        btf_builder_value(b, "B", 0);
        add_composite(b, "t", false, "x");
        btf_builder_typedef(b, "t", U);
        add_composite(b, "x", false, "x");
        add_composite(b, "x", true, "x");
        btf_builder_fwd(b, "later", false);
        btf_builder_fwd(b, "both", false);
        add_composite(b, "both", false, "x");
        btf_builder_fwd(b, "mixed", true);
        add_composite(b, "mixed", false, "x");
        btf_builder_enum(b, "full", 4, false);
        btf_builder_enum(b, "full", 4, false);
        btf_builder_value(b, "C", 0);
}

static int begin(void **state)
{
        struct btf_builder *b = btf_builder_new();

        build_tags(b);
        btf_builder_func_proto(b, INT);
        btf_builder_func(b, "s", PROTO, 1);
        btf_builder_var(b, "s", INT, 1);
        btf_builder_datasec(b, ".data", 4);
        btf_builder_secinfo(b, VAR, 0, 4);
        btf_builder_float(b, "double", 8);
        add_composite(b, "console", false, "x");
        btf_builder_struct(b, "console", 8, false);
        btf_builder_member(b, "x", INT, 0, 0);
        btf_builder_member(b, "flags", INT, 32, 0);
        btf_builder_typedef(b, "console_t", CONSOLE);
        btf_builder_typedef(b, "console_t", CONSOLE_BIG);
        assert_int_equal(btf_builder_next_id(b), LAST + 1);
        *state = fixture_set(b);
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

struct name_case {
        const char *name;
        uint32_t id; /* 0: not found; UINT32_MAX: ambiguous */
};

#define AMBIGUOUS UINT32_MAX

static const struct name_case name_cases[] = {
        {"int", INT},
        {"double", DOUBLE},
        {"struct s", S},
        {"s", S},
        {"union u", U},
        {"u", U},
        {"enum e", E},
        {"e", E},
        {"enum e64", E64},
        {"e64", E64},
        {"struct    s", S},
        {"struct\ts", S},
        {"union s", 0},
        {"enum s", 0},
        {"struct u", 0},
        {"struct int", 0},
        {"structs", 0},
        {"struct", 0},
        {"struct ", 0},
        {"struct s ", S}, /* a blank that nobody sees */
        {" struct s", 0},
        {"Struct s", 0},
        {"const struct s", 0},
        {"s *", 0},
        {".data", 0},

        /* A bare name is the typedef as in C, the tag only when it is spelled out. */
        {"t", T_TYPEDEF},
        {"struct t", T_STRUCT},
        {"union t", 0},
        /* A bare tag of two kinds is neither. */
        {"x", AMBIGUOUS},
        {"struct x", X_STRUCT},
        {"union x", X_UNION},
        /* A definition wins over a declaration, also over that of another kind. */
        {"later", LATER},
        {"struct later", LATER},
        {"union later", 0},
        {"both", BOTH},
        {"struct both", BOTH},
        {"mixed", MIXED},
        {"struct mixed", MIXED},
        {"union mixed", MIXED_FWD},
        {"enum full", FULL_ENUM},
        {"full", FULL_ENUM},
        {"console", AMBIGUOUS},
        {"struct console", AMBIGUOUS},
        {"console_t", AMBIGUOUS},
};

static void names_mean_what_they_mean_in_c(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(name_cases); i++) {
                struct selector selector = {.name = name_cases[i].name};
                struct query_error error = {0};
                struct looked_up found = {0};
                int r = lookup(*state, &selector, &found, &error);
                int expected = name_cases[i].id == 0           ? QUERY_NAME_NOT_FOUND
                               : name_cases[i].id == AMBIGUOUS ? QUERY_AMBIGUOUS_NAME
                                                               : 0;

                if (r != expected || (r == 0 && found.type.id != name_cases[i].id))
                        fail_msg("'%s': result %d, id %u: %s", name_cases[i].name, r, found.type.id,
                                 error.message);
                if (r != 0) {
                        assert_int_equal(error.reason, r);
                        assert_non_null(error.name);
                }
        }
}

struct selector_case {
        const char *what;
        struct selector selector;
        int result;
        uint32_t id;
};

#define KIND(k) .has_kind = true, .kind = BTF_KIND_##k
#define SIZE(n) .has_size = true, .size = n

static const struct selector_case selector_cases[] = {
        {"a function", {.name = "s", KIND(FUNC)}, 0, FUNC},
        {"a variable", {.name = "s", KIND(VAR)}, 0, VAR},
        {"a section", {.name = ".data", KIND(DATASEC)}, 0, DATASEC},
        {"the struct among them", {.name = "s", KIND(STRUCT)}, 0, S},
        {"the tag beside a typedef", {.name = "t", KIND(STRUCT)}, 0, T_STRUCT},
        {"the typedef", {.name = "t", KIND(TYPEDEF)}, 0, T_TYPEDEF},
        {"one of two tags", {.name = "x", KIND(UNION)}, 0, X_UNION},
        {"a declaration", {.name = "both", KIND(FWD)}, 0, BOTH_FWD},
        {"an enum64", {.name = "e64", KIND(ENUM64)}, 0, E64},
        {"a kind it has not", {.name = "s", KIND(UNION)}, QUERY_NAME_NOT_FOUND, 0},
        {"a prefix against the kind", {.name = "struct x", KIND(UNION)}, QUERY_NAME_NOT_FOUND, 0},
        {"a prefix with its kind", {.name = "union x", KIND(UNION)}, 0, X_UNION},

        {"a size", {.name = "console", SIZE(8)}, 0, CONSOLE_BIG},
        {"the other size", {.name = "struct console", SIZE(4)}, 0, CONSOLE},
        {"no such size", {.name = "console", SIZE(5)}, QUERY_NAME_NOT_FOUND, 0},
        {"a size through a typedef", {.name = "console_t", SIZE(8)}, 0, CONSOLE_T2},
        {"a size of what has none", {.name = "later", SIZE(0)}, QUERY_NAME_NOT_FOUND, 0},
        {"a variable's size", {.name = "s", KIND(VAR), SIZE(4)}, 0, VAR},

        {"a member", {.name = "console", .has = "flags"}, 0, CONSOLE_BIG},
        {"a member of both", {.name = "console", .has = "x"}, QUERY_AMBIGUOUS_NAME, 0},
        {"a member of neither", {.name = "console", .has = "y"}, QUERY_NAME_NOT_FOUND, 0},
        {"a member through a typedef", {.name = "console_t", .has = "flags"}, 0, CONSOLE_T2},
        {"a member of an int", {.name = "int", .has = "x"}, QUERY_NAME_NOT_FOUND, 0},
        {"size and member", {.name = "console", .has = "x", SIZE(4)}, 0, CONSOLE},
        {"size against member", {.name = "console", .has = "flags", SIZE(4)}, QUERY_NAME_NOT_FOUND, 0},
        {"a size that leaves the tag", {.name = "t", .has = "x"}, 0, T_STRUCT},

        {"the source", {.name = "s", .source = "vmlinux"}, 0, S},
        {"another source", {.name = "s", .source = "nf_conntrack"}, QUERY_SOURCE_NOT_FOUND, 0},
        {"a source's beginning", {.name = "s", .source = "vm"}, QUERY_SOURCE_NOT_FOUND, 0},
};

static void check_selector(const struct source_set *set, const struct selector_case *c)
{
        struct query_error error = {0};
        struct looked_up found = {0};
        int r = lookup(set, &c->selector, &found, &error);

        if (r != c->result || found.type.id != c->id)
                fail_msg("%s: result %d, id %u: %s; expected result %d, id %u", c->what, r, found.type.id,
                         r ? error.message : "", c->result, c->id);
        if (r == 0)
                assert_ptr_equal(found.type.source, set->sources[0]);
}

static void selectors_narrow_a_name(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(selector_cases); i++)
                check_selector(*state, &selector_cases[i]);
}

#define ID(n) .source = "vmlinux", .has_id = true, .id = n, .instance = 1

static const struct selector_case id_cases[] = {
        {"an id", {ID(CONSOLE_BIG)}, 0, CONSOLE_BIG},
        {"an id of what has no name", {ID(PROTO)}, 0, PROTO},
        {"an id with its name", {.name = "console", ID(CONSOLE_BIG)}, 0, CONSOLE_BIG},
        {"an id with its name and prefix", {.name = "struct console", ID(CONSOLE)}, 0, CONSOLE},
        {"an id with another name", {.name = "s", ID(CONSOLE)}, QUERY_NAME_NOT_FOUND, 0},
        {"an id with another prefix", {.name = "union console", ID(CONSOLE)}, QUERY_NAME_NOT_FOUND, 0},
        {"an id with its name and kind", {.name = "s", ID(FUNC), KIND(FUNC)}, 0, FUNC},
        {"the last id", {ID(LAST)}, 0, LAST},
        {"an id beyond the last", {ID(LAST + 1)}, QUERY_NAME_NOT_FOUND, 0},
        {"an id beyond 32 bits", {ID(UINT64_C(0x100000001))}, QUERY_NAME_NOT_FOUND, 0},
        {"an id of an earlier instance",
         {.source = "vmlinux", .has_id = true, .id = S, .instance = 0},
         QUERY_STALE_ID,
         0},
        {"an id of a later instance",
         {.source = "vmlinux", .has_id = true, .id = S, .instance = 2},
         QUERY_STALE_ID,
         0},
        {"an id of an unknown source",
         {.source = "snd", .has_id = true, .id = S, .instance = 1},
         QUERY_SOURCE_NOT_FOUND,
         0},
};

static void ids_count_with_their_instance(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(id_cases); i++)
                check_selector(*state, &id_cases[i]);
}

/* Whoever says more than the id means it: what does not fit must not be answered as if it did. */
static void selectors_beside_an_id_must_fit(void **state)
{
        static const struct selector_case cases[] = {
                {"its kind", {ID(CONSOLE), KIND(STRUCT)}, 0, CONSOLE},
                {"its size", {ID(CONSOLE), SIZE(4)}, 0, CONSOLE},
                {"its member", {ID(CONSOLE_BIG), .has = "flags"}, 0, CONSOLE_BIG},
                {"another kind", {ID(CONSOLE), KIND(UNION)}, QUERY_NAME_NOT_FOUND, 0},
                {"another size", {ID(CONSOLE), SIZE(8)}, QUERY_NAME_NOT_FOUND, 0},
                {"no such member", {ID(CONSOLE), .has = "flags"}, QUERY_NAME_NOT_FOUND, 0},
                {"its name but another size",
                 {.name = "console", ID(CONSOLE), SIZE(8)},
                 QUERY_NAME_NOT_FOUND,
                 0},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
                check_selector(*state, &cases[i]);
}

static struct query_error ask(const struct source_set *set, struct selector selector, int expected)
{
        struct query_error error = {0};
        struct looked_up found;

        assert_int_equal(lookup(set, &selector, &found, &error), expected);
        return error;
}

static void ambiguous_names_list_their_definitions(void **state)
{
        struct query_error error =
                ask(*state, (struct selector){.name = "struct console"}, QUERY_AMBIGUOUS_NAME);

        assert_int_equal(error.n_definitions, 2);
        assert_int_equal(error.n_candidates, 2);
        assert_int_equal(error.candidates[0].type.id, CONSOLE);
        assert_int_equal(error.candidates[1].type.id, CONSOLE_BIG);
        assert_string_equal(error.name, "struct console");
        assert_non_null(strstr(error.message, "2 different definitions"));
        assert_int_equal(error.n_near, 0);
}

/* What the selectors excluded is what somebody wants to see who got them wrong. */
static void excluded_definitions_are_candidates(void **state)
{
        struct query_error error =
                ask(*state, (struct selector){.name = "console", SIZE(5)}, QUERY_NAME_NOT_FOUND);

        assert_int_equal(error.n_definitions, 2);
        assert_int_equal(error.n_candidates, 2);
        assert_int_equal(error.candidates[1].type.id, CONSOLE_BIG);
        error = ask(*state, (struct selector){.name = "nonsuch", SIZE(5)}, QUERY_NAME_NOT_FOUND);
        assert_int_equal(error.n_definitions, 0);
}

static void check_many(uint32_t n)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        struct query_error error;

        for (uint32_t i = 0; i < n; i++)
                btf_builder_struct(b, "workspace", i, false);
        set = fixture_set(b);
        error = ask(set, (struct selector){.name = "workspace"}, QUERY_AMBIGUOUS_NAME);
        assert_int_equal(error.n_definitions, n);
        assert_int_equal(error.n_candidates, n < 16 ? n : 16);
        for (uint32_t i = 0; i < error.n_candidates; i++)
                assert_int_equal(error.candidates[i].type.id, i + 1);
}

static void at_most_16_candidates_are_listed_of_all_that_count(void **state)
{
        (void)state;
        check_many(15);
        check_many(16);
        check_many(17);
        check_many(20);
}

static void a_missing_source_is_named(void **state)
{
        struct query_error error =
                ask(*state, (struct selector){.name = "s", .source = "snd"}, QUERY_SOURCE_NOT_FOUND);

        assert_string_equal(error.name, "snd");
}

static void ambiguity_is_known_in_a_real_kernel(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = fixture_real_set();
        struct looked_up found;
        struct query_error error;

        (void)state;
        if (!set)
                skip();
        assert_int_equal(lookup(set, &(struct selector){.name = "task_struct"}, &found, &error), 0);
        assert_int_equal(lookup(set, &(struct selector){.name = "struct list_head"}, &found, &error), 0);
        assert_int_equal(lookup(set, &(struct selector){.name = "u32"}, &found, &error), 0);
        assert_int_equal(btf_type(found.type.source->btf, found.type.id).kind, BTF_KIND_TYPEDEF);
        assert_int_equal(lookup(set, &(struct selector){.name = "vfs_read", KIND(FUNC)}, &found, &error), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_mean_what_they_mean_in_c),
                cmocka_unit_test(selectors_narrow_a_name),
                cmocka_unit_test(ids_count_with_their_instance),
                cmocka_unit_test(selectors_beside_an_id_must_fit),
                cmocka_unit_test(ambiguous_names_list_their_definitions),
                cmocka_unit_test(excluded_definitions_are_candidates),
                cmocka_unit_test(at_most_16_candidates_are_listed_of_all_that_count),
                cmocka_unit_test(a_missing_source_is_named),
                cmocka_unit_test(ambiguity_is_known_in_a_real_kernel),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
