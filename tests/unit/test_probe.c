/*
 * What exists and what does not: definitions do, declarations do not, and an ambiguous name does.
 */
#include "support/unit.h"

#include "index/set_index.h"
#include "query/probe.h"
#include "support/fixture.h"

enum {
        LONG = 1,
        DECLARED,        /* struct declared; */
        LATER,           /* struct later;, which a module defines */
        TWO,             /* struct two { long a; } */
        TWO_OTHER,       /* struct two { long b; long c; } */
        COLOUR,          /* enum colour { RED } */
        COLOUR_DECLARED, /* enum declared_enum; */
        PROTO,
        FUNCTION,
        VARIABLE,
        BOTH,    /* struct both { long in_struct; } */
        INNER,   /* struct { long in_typedef; } */
        BOTH_T,  /* typedef struct { ... } both */
        TWO_PTR, /* struct two *, of the first one */
        N_VMLINUX,
};

static struct btf_builder *build_vmlinux(void)
{
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "long unsigned int", 8, 64, 0);
        btf_builder_fwd(b, "declared", false);
        btf_builder_fwd(b, "later", false);
        btf_builder_struct(b, "two", 8, false);
        btf_builder_member(b, "a", LONG, 0, 0);
        btf_builder_struct(b, "two", 16, false);
        btf_builder_member(b, "b", LONG, 0, 0);
        btf_builder_member(b, "c", LONG, 64, 0);
        btf_builder_enum(b, "colour", 4, false);
        btf_builder_value(b, "RED", 0);
        btf_builder_enum(b, "declared_enum", 4, false);
        btf_builder_func_proto(b, 0);
        btf_builder_param(b, "two", TWO_PTR);
        btf_builder_func(b, "function", PROTO, 1);
        btf_builder_var(b, "variable", BOTH, 1);
        btf_builder_struct(b, "both", 8, false);
        btf_builder_member(b, "in_struct", LONG, 0, 0);
        btf_builder_struct(b, "", 8, false);
        btf_builder_member(b, "in_typedef", LONG, 0, 0);
        assert_int_equal(btf_builder_typedef(b, "both", INNER), BOTH_T);
        btf_builder_ptr(b, TWO);
        return b;
}

static struct btf_builder *build_module(const struct btf_builder *base)
{
        struct btf_builder *b = btf_builder_new_split(base);

        assert_int_equal(btf_builder_struct(b, "later", 8, false), N_VMLINUX);
        btf_builder_member(b, "m", LONG, 0, 0);
        btf_builder_struct(b, "two", 8, false);
        btf_builder_member(b, "of_module", LONG, 0, 0);
        btf_builder_func(b, "module_function", PROTO, 1);
        btf_builder_enum(b, "", 4, false);
        btf_builder_value(b, "MINE", 0);
        return b;
}

static int begin(void **state)
{
        struct btf_builder *vmlinux = build_vmlinux();
        struct fixture_module module = {"m", build_module(vmlinux)};

        *state = fixture_set_with(vmlinux, &module, 1);
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

static void types_exist_that_are_defined_somewhere(void **state)
{
        static const struct {
                const char *name;
                bool exists;
        } cases[] = {
                {"struct two", true},     {"two", true},           {"union two", false},
                {"struct later", true},   {"later", true},         {"struct declared", false},
                {"declared", false},      {"enum colour", true},   {"colour", true},
                {"declared_enum", false}, {"unsigned long", true}, {"unsigned long int", true},
                {"long long", false},     {"both", true},          {"nonsuch", false},
                {"function", false},      {"variable", false},     {"struct ", false},
                {"struct\ttwo ", true},   {"RED", false},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
                assert_int_equal(probe_type(*state, cases[i].name), cases[i].exists);
}

static void functions_and_variables_are_name_spaces_of_their_own(void **state)
{
        assert_true(probe_kind(*state, "function", BTF_KIND_FUNC));
        assert_true(probe_kind(*state, "module_function", BTF_KIND_FUNC));
        assert_false(probe_kind(*state, "variable", BTF_KIND_FUNC));
        assert_false(probe_kind(*state, "functio", BTF_KIND_FUNC));
        assert_true(probe_kind(*state, "variable", BTF_KIND_VAR));
        assert_false(probe_kind(*state, "two", BTF_KIND_VAR));
}

/* In any of vmlinux's definitions; a module's does not count beside them. */
static bool probe_path(const struct source_set *set, const char *root, const enum btf_kind *kind,
                       const char *text)
{
        struct path_error path_error;
        struct path path;

        assert_int_equal(path_parse(text, &path, &path_error), 0);
        return probe_field(set, root, kind, &path);
}

static void fields_exist_in_the_tier_that_answers(void **state)
{
        static const struct {
                const char *type, *path;
                bool exists;
        } cases[] = {
                {"struct two", "a", true},
                {"two", "c", true},
                {"two", "d", false},
                {"two", "of_module", false},
                {"later", "m", true},
                {"struct later", "m.x", false},
                {"declared", "m", false},
                {"nonsuch", "m", false},
                {"both", "in_typedef", true},
                {"both", "in_struct", false},
                {"struct both", "in_struct", true},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                assert_int_equal(probe_path(*state, cases[i].type, /* kind= */ NULL, cases[i].path),
                                 cases[i].exists);
        }
}

static void a_path_may_begin_at_a_parameter_or_a_variable(void **state)
{
        static const enum btf_kind func = BTF_KIND_FUNC, var = BTF_KIND_VAR;

        assert_true(probe_path(*state, "function", &func, "two"));
        assert_true(probe_path(*state, "function", &func, "two->a"));
        assert_false(probe_path(*state, "function", &func, "two->b"));
        assert_false(probe_path(*state, "function", &func, "a"));
        assert_false(probe_path(*state, "function", &func, "->two"));
        assert_false(probe_path(*state, "variable", &func, "two"));
        assert_true(probe_path(*state, "variable", &var, "in_struct"));
        assert_false(probe_path(*state, "variable", &var, "in_typedef"));
        assert_false(probe_path(*state, "function", &var, "two"));
}

static void enumerators_exist_in_any_source(void **state)
{
        const struct source_set *set = *state;

        assert_int_equal(source_set_build(set, SET_INDEX_ENUMERATORS, /* stop= */ NULL), 0);
        assert_true(probe_enumerator(set, "RED"));
        assert_true(probe_enumerator(set, "MINE"));
        assert_false(probe_enumerator(set, "BLUE"));
        assert_false(probe_enumerator(set, "colour"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(types_exist_that_are_defined_somewhere),
                cmocka_unit_test(functions_and_variables_are_name_spaces_of_their_own),
                cmocka_unit_test(fields_exist_in_the_tier_that_answers),
                cmocka_unit_test(a_path_may_begin_at_a_parameter_or_a_variable),
                cmocka_unit_test(enumerators_exist_in_any_source),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
