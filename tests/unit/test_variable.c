/*
 * Variables: each is one of its own, even beside another of its name and type.
 */
#include "support/unit.h"

#include "query/variable.h"
#include "support/fixture.h"

enum {
        INT = 1,
        COUNTER,   /* int counter */
        SHARED,    /* static int shared */
        ELSEWHERE, /* extern int elsewhere, in no section */
        OTHER,     /* int other, in .data */
        PERCPU,
        DATA,
        SHARED_STRUCT, /* struct shared: variables are a name space of their own */
        N_VMLINUX,
};

enum {
        M_SHARED = N_VMLINUX, /* static int shared */
        M_TWIN,               /* static int twin */
        M_PERCPU,
};

static struct btf_builder *build_vmlinux(void)
{
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_var(b, "counter", INT, 1);
        btf_builder_var(b, "shared", INT, 0);
        btf_builder_var(b, "elsewhere", INT, 2);
        btf_builder_var(b, "other", INT, 1);
        assert_int_equal(btf_builder_datasec(b, ".data..percpu", 64), PERCPU);
        btf_builder_secinfo(b, COUNTER, 8, 4);
        btf_builder_secinfo(b, SHARED, 40, 4);
        assert_int_equal(btf_builder_datasec(b, ".data", 64), DATA);
        btf_builder_secinfo(b, OTHER, 16, 4);
        assert_int_equal(btf_builder_struct(b, "shared", 0, false), SHARED_STRUCT);
        return b;
}

static struct btf_builder *build_module(const struct btf_builder *base, uint32_t twin_at)
{
        struct btf_builder *b = btf_builder_new_split(base);

        assert_int_equal(btf_builder_var(b, "shared", INT, 0), M_SHARED);
        btf_builder_var(b, "twin", INT, 0);
        assert_int_equal(btf_builder_datasec(b, ".data..percpu", 64), M_PERCPU);
        btf_builder_secinfo(b, M_SHARED, 0, 4);
        btf_builder_secinfo(b, M_TWIN, twin_at, 4);
        return b;
}

static int begin(void **state)
{
        struct btf_builder *vmlinux = build_vmlinux();
        struct fixture_module modules[] = {{"m", build_module(vmlinux, 4)}, {"n", build_module(vmlinux, 12)}};

        *state = fixture_set_with(vmlinux, modules, ARRAY_LENGTH(modules));
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

static void a_variable_is_found_with_its_place(void **state)
{
        static const struct {
                struct selector selector;
                uint32_t id, linkage;
                const char *source, *section; /* NULL for none */
                uint32_t offset;
                bool is_percpu;
                size_t n_also;
        } cases[] = {
                {{.name = "counter"}, COUNTER, 1, "vmlinux", ".data..percpu", 8, true, 0},
                {{.name = "shared"}, SHARED, 0, "vmlinux", ".data..percpu", 40, true, 2},
                {{.name = "shared", .source = "n"}, M_SHARED, 0, "n", ".data..percpu", 0, true, 0},
                {{.name = "elsewhere"}, ELSEWHERE, 2, "vmlinux", NULL, 0, false, 0},
                {{.name = "other"}, OTHER, 1, "vmlinux", ".data", 16, false, 0},
                {{.name = "twin", .source = "n"}, M_TWIN, 0, "n", ".data..percpu", 12, true, 0},
                {{.source = "m", .has_id = true, .id = M_TWIN, .instance = 2},
                 M_TWIN,
                 0,
                 "m",
                 ".data..percpu",
                 4,
                 true,
                 0},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct query_error error = {0};
                struct variable_answer found;

                assert_int_equal(variable_lookup(*state, &cases[i].selector, &found, &error), 0);
                assert_int_equal(found.var.id, cases[i].id);
                assert_string_equal(found.var.source->name, cases[i].source);
                assert_int_equal(found.type, INT);
                assert_int_equal(found.linkage, cases[i].linkage);
                assert_int_equal(found.also.n_definitions, cases[i].n_also);
                assert_int_equal(found.is_percpu, cases[i].is_percpu);
                assert_int_equal(found.has_place, cases[i].section != NULL);
                if (!cases[i].section)
                        continue;
                assert_string_equal(found.place.section, cases[i].section);
                assert_int_equal(found.place.offset, cases[i].offset);
                assert_int_equal(found.place.size, 4);
        }
}

static void two_of_one_type_are_two_variables(void **state)
{
        struct query_error error = {0};
        struct variable_answer found;

        assert_int_equal(variable_lookup(*state, &(struct selector){.name = "twin"}, &found, &error),
                         QUERY_AMBIGUOUS_NAME);
        assert_int_equal(error.n_definitions, 2);
        assert_string_equal(error.candidates[0].type.source->name, "m");
        assert_string_equal(error.candidates[1].type.source->name, "n");
        assert_int_equal(variable_lookup(*state, &(struct selector){.name = "shared", .all_tiers = true},
                                         &found, &error),
                         QUERY_AMBIGUOUS_NAME);
        assert_int_equal(error.n_definitions, 3);
}

static void what_is_no_variable_is_not_found(void **state)
{
        const struct selector unknown = {.name = "countre"};
        const struct selector type = {.name = "int"};
        const struct selector id = {.source = "vmlinux", .has_id = true, .id = INT, .instance = 1};
        struct query_error error = {0};
        struct variable_answer found;

        assert_int_equal(variable_lookup(*state, &unknown, &found, &error), QUERY_NAME_NOT_FOUND);
        assert_string_equal(error.near[0].name, "counter");
        assert_string_equal(error.message, "no var 'countre' in any source");
        assert_int_equal(variable_lookup(*state, &type, &found, &error), QUERY_NAME_NOT_FOUND);
        assert_int_equal(variable_lookup(*state, &id, &found, &error), QUERY_NAME_NOT_FOUND);
        assert_string_equal(error.message, "type 1 of vmlinux is int 'int', which is not what is asked for");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_variable_is_found_with_its_place),
                cmocka_unit_test(two_of_one_type_are_two_variables),
                cmocka_unit_test(what_is_no_variable_is_not_found),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
