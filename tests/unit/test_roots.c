/*
 * Paths that begin at a function's argument, at what it returns, or at a variable.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "query/offset.h"
#include "query/type_name.h"
#include "query/variable.h"
#include "support/fixture.h"
#include "support/unit.h"

enum {
        INT = 1,
        LONG,
        WIDE, /* 16 bytes */
        DOUBLE,
        INNER, /* struct inner { int a, b; } */
        PTR,   /* struct inner * */
        PAIR,  /* struct pair { long n; struct inner *p; } */
        BIG,   /* struct big { struct pair pair; long x; } */
        EMPTY, /* struct empty { } */
        INNER_T,
        INT_T,
};

static void build_types(struct btf_builder *b, uint32_t pointer_size)
{
        uint32_t p = pointer_size;

        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_int(b, "long unsigned int", p, p * 8, 0);
        btf_builder_int(b, "__int128", 16, 128, BTF_INT_SIGNED);
        btf_builder_float(b, "double", 8);
        btf_builder_struct(b, "inner", 8, false);
        btf_builder_member(b, "a", INT, 0, 0);
        btf_builder_member(b, "b", INT, 32, 0);
        btf_builder_ptr(b, INNER);
        btf_builder_struct(b, "pair", 2 * p, false);
        btf_builder_member(b, "n", LONG, 0, 0);
        btf_builder_member(b, "p", PTR, p * 8, 0);
        btf_builder_struct(b, "big", 3 * p, false);
        btf_builder_member(b, "pair", PAIR, 0, 0);
        btf_builder_member(b, "x", LONG, 2 * p * 8, 0);
        btf_builder_struct(b, "empty", 0, false);
        assert_int_equal(btf_builder_typedef(b, "inner_t", PTR), INNER_T);
        assert_int_equal(btf_builder_typedef(b, "int_t", INT), INT_T);
}

struct param {
        const char *name;
        uint32_t type;
};

static void add_func(struct btf_builder *b, const char *name, uint32_t returns, const struct param *params)
{
        uint32_t proto = btf_builder_func_proto(b, returns);

        for (; params && params->name; params++)
                btf_builder_param(b, params->name, params->type);
        btf_builder_func(b, name, proto, 1);
}

#define PARAMS(...)                                                                                          \
        (const struct param[])                                                                               \
        {                                                                                                    \
                __VA_ARGS__,                                                                                 \
                {                                                                                            \
                        NULL, 0                                                                              \
                }                                                                                            \
        }

static void build_functions(struct btf_builder *b)
{
        add_func(b, "mixed", LONG,
                 PARAMS({"p", PTR}, {"pair", PAIR}, {"n", INT}, {"w", WIDE}, {"t", INNER_T}, {"big", BIG},
                        {"tail", INT}));
        add_func(b, "floating", 0, PARAMS({"n", INT}, {"d", DOUBLE}, {"m", INT}));
        add_func(b, "made", PAIR, PARAMS({"", INT}, {"e", EMPTY}, {"after", INT}));
        add_func(b, "found", PTR, NULL);
        add_func(b, "printed", INT, PARAMS({"p", PTR}, {"", 0}));
        /* The same prototype twice, and two different ones. */
        add_func(b, "twin", 0, PARAMS({"first", INT}, {"p", PTR}));
        add_func(b, "twin", 0, PARAMS({"one", INT}, {"q", PTR}));
        add_func(b, "other", 0, PARAMS({"p", PTR}));
        add_func(b, "other", 0, PARAMS({"n", INT}, {"p", PTR}));
        /* Also where the second one calls its types otherwise. */
        add_func(b, "alias", 0, PARAMS({"n", INT}));
        add_func(b, "alias", 0, PARAMS({"m", INT_T}));
        /* A function and a struct of one name. */
        add_func(b, "inner", 0, PARAMS({"p", PTR}));
}

static void build_variables(struct btf_builder *b)
{
        uint32_t array = btf_builder_array(b, INNER, INT, 4);
        uint32_t pair = btf_builder_var(b, "a_pair", PAIR, 1);
        uint32_t inners = btf_builder_var(b, "inners", array, 0);
        uint32_t pointer = btf_builder_var(b, "pointer", PTR, 1);

        btf_builder_var(b, "homeless", PAIR, 2);
        btf_builder_datasec(b, ".data..percpu", 4096);
        btf_builder_secinfo(b, pair, 64, 16);
        btf_builder_secinfo(b, inners, 128, 32);
        btf_builder_datasec(b, ".data", 64);
        btf_builder_secinfo(b, pointer, 8, 8);
}

static struct source_set *build(uint32_t pointer_size)
{
        struct btf_builder *b = btf_builder_new();

        build_types(b, pointer_size);
        build_functions(b);
        build_variables(b);
        return fixture_set(b);
}

static int begin(void **state)
{
        *state = build(/* pointer_size= */ 8);
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

/* "1@3: 8 -> 4  int", with '=' before the steps if they start at a struct by value, '-' for no slot. */
static const char *plan_text(const struct plan *plan)
{
        static char buffer[1024];
        const struct argument *argument = &plan->argument;
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        if (plan->start == PLAN_ARGUMENT && argument->is_return)
                strbuf_append(&text, "return");
        else if (plan->start == PLAN_ARGUMENT && argument->has_slot)
                strbuf_printf(&text, "%u@%u", argument->index, argument->slot);
        else if (plan->start == PLAN_ARGUMENT)
                strbuf_printf(&text, "%u@-", argument->index);
        if (plan->start == PLAN_ARGUMENT)
                strbuf_append(&text, argument->by_value ? ":= " : ": ");
        for (size_t i = 0; i < plan->n_steps; i++)
                strbuf_printf(&text, "%" PRId64 "%s", plan->steps[i].offset,
                              plan->steps[i].dereference ? " -> " : "  ");
        type_name_append_pointer(&text, plan->source->btf, plan->value.type, plan->value.n_stars);
        return buffer;
}

struct root_case {
        const char *name, *path, *expected;
};

static void check(const struct source_set *set, enum btf_kind kind, const struct root_case *cases,
                  size_t n_cases)
{
        for (size_t i = 0; i < n_cases; i++) {
                struct selector selector = {.name = cases[i].name, .has_kind = true, .kind = kind};
                struct query_error error = {0};
                struct found also;
                struct plan plan;

                if (field_offset(set, &selector, cases[i].path, &plan, &also, &error) != 0)
                        fail_msg("%s %s: %s", cases[i].name, cases[i].path, error.message);
                if (strcmp(plan_text(&plan), cases[i].expected) != 0)
                        fail_msg("%s %s: %s; expected %s", cases[i].name, cases[i].path, plan_text(&plan),
                                 cases[i].expected);
        }
}

static void the_first_step_starts_at_the_argument_s_value(void **state)
{
        static const struct root_case cases[] = {
                {"mixed", "p", "0@0: struct inner *"},
                {"mixed", "p->b", "0@0: 4  int"},
                {"mixed", "p[2].b", "0@0: 20  int"},
                {"mixed", "t->b", "4@6: 4  int"},
                {"mixed", "n", "2@3: int"},
                {"mixed", "((struct pair *)p)->p->a", "0@0: 8 -> 0  int"},
                {"mixed", "(struct pair *)p", "0@0: struct pair *"},
                {"mixed", "(&p->b)[1]", "0@0: 8  int"},
                {"mixed", "container_of(&p->b, struct inner, b)->a", "0@0: 0  int"},
                {"twin", "p->b", "1@1: 4  int"},
                {"twin", "q->b", "1@1: 4  int"}, /* as the other one calls it */
                {"alias", "n", "0@0: int"},
                {"alias", "m", "0@0: int_t"},
                {"inner", "p->b", "0@0: 4  int"},
                {"printed", "p->a", "0@0: 0  int"},
        };

        check(*state, BTF_KIND_FUNC, cases, ARRAY_LENGTH(cases));
}

/* A struct lies in as many slots as it fills; what is not in registers leaves open where the rest is. */
static void slots_are_counted_as_a_trampoline_does(void **state)
{
        static const struct root_case cases[] = {
                {"mixed", "pair", "1@1:= 0  struct pair"},
                {"mixed", "pair.p", "1@1:= 8  struct inner *"},
                {"mixed", "pair.p->b", "1@1:= 8 -> 4  int"},
                {"mixed", "w", "3@4: __int128"},
                {"mixed", "big.x", "5@-:= 16  long unsigned int"},
                {"mixed", "tail", "6@-: int"},
                {"floating", "n", "0@0: int"},
                {"floating", "d", "1@-: double"},
                {"floating", "m", "2@-: int"},
        };

        check(*state, BTF_KIND_FUNC, cases, ARRAY_LENGTH(cases));
}

static void slots_are_as_large_as_pointers(void **state)
{
        static const struct root_case cases[] = {
                {"mixed", "pair.p", "1@1:= 4  struct inner *"},
                {"mixed", "n", "2@3: int"},
                {"mixed", "w", "3@4: __int128"},
                {"mixed", "t", "4@8: inner_t"},
                {"mixed", "big", "5@9:= 0  struct big"}, /* 12 bytes here */
                {"mixed", "tail", "6@12: int"},
        };
        CLEANUP(source_set_cleanup) struct source_set *set = build(/* pointer_size= */ 4);

        (void)state;
        check(set, BTF_KIND_FUNC, cases, ARRAY_LENGTH(cases));
}

static void what_is_returned_is_a_root_as_well(void **state)
{
        static const struct root_case cases[] = {
                {"mixed", "return", "return: long unsigned int"},
                {"found", "return->b", "return: 4  int"},
                {"made", "return.p->a", "return:= 8 -> 0  int"},
                {"floating", "return", "return: void"},
        };

        check(*state, BTF_KIND_FUNC, cases, ARRAY_LENGTH(cases));
}

static void the_first_step_starts_at_the_variable(void **state)
{
        static const struct root_case cases[] = {
                {"a_pair", ".", "0  struct pair"},
                {"a_pair", "p->b", "8 -> 4  int"},
                {"inners", "[2].b", "20  int"},
                {"pointer", "->b", "0 -> 4  int"},
                {"homeless", "n", "0  long unsigned int"},
        };

        check(*state, BTF_KIND_VAR, cases, ARRAY_LENGTH(cases));
}

static void variables_know_their_section(void **state)
{
        static const struct {
                const char *name, *section;
                uint32_t offset, size;
        } cases[] = {
                {"a_pair", ".data..percpu", 64, 16},
                {"inners", ".data..percpu", 128, 32},
                {"pointer", ".data", 8, 8},
                {"homeless", NULL, 0, 0},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct selector selector = {.name = cases[i].name, .has_kind = true, .kind = BTF_KIND_VAR};
                struct query_error error;
                struct looked_up found;
                struct variable variable;

                assert_int_equal(lookup(*state, &selector, &found, &error), 0);
                assert_int_equal(variable_find(found.type.source, found.type.id, &variable),
                                 cases[i].section != NULL);
                if (!cases[i].section)
                        continue;
                assert_string_equal(variable.section, cases[i].section);
                assert_int_equal(variable.offset, cases[i].offset);
                assert_int_equal(variable.size, cases[i].size);
        }
}

struct bad_root {
        const char *name, *path;
        enum query_reason reason;
        size_t i_component;
        const char *hint; /* part of the message */
        const char *near;
};

static void errors_say_what_a_function_has(void **state)
{
        static const struct bad_root cases[] = {
                {"mixed", "nn", QUERY_MEMBER_NOT_FOUND, 0, "no parameter 'nn' of function mixed", "n"},
                {"mixed", "pairs.p", QUERY_MEMBER_NOT_FOUND, 0, "parameter", "pair"},
                {"mixed", "pair.q", QUERY_MEMBER_NOT_FOUND, 1, "struct pair", NULL},
                {"mixed", "pair->p", QUERY_WRONG_KIND, 1, "'.p'", NULL},
                {"mixed", "p.a", QUERY_WRONG_KIND, 1, "'->a'", NULL},
                {"mixed", "n->a", QUERY_WRONG_KIND, 1, "'int'", NULL},
                {"mixed", "((struct inner *)n)->a", QUERY_WRONG_KIND, 1, "'int'", NULL},
                {"mixed", "&p", QUERY_WRONG_KIND, 1, "in registers", NULL},
                {"mixed", ".", QUERY_BAD_PATH, 0, "parameter's name", NULL},
                {"mixed", "->a", QUERY_BAD_PATH, 0, "parameter's name", NULL},
                {"mixed", "[0]", QUERY_BAD_PATH, 0, "parameter's name", NULL},
                {"mixed", "&.", QUERY_BAD_PATH, 0, "parameter's name", NULL},
                {"mixed", "p", QUERY_NAME_NOT_FOUND, 0, NULL, NULL}, /* as a variable */
                {"found", "p", QUERY_MEMBER_NOT_FOUND, 0, "parameter", NULL},
                {"floating", "return->x", QUERY_WRONG_KIND, 1, "'void'", NULL},
                {"other", "p->b", QUERY_AMBIGUOUS_NAME, 0, "2 different", NULL},
                {"twin", "r->b", QUERY_MEMBER_NOT_FOUND, 0, "parameter", NULL},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                const struct bad_root *c = &cases[i];
                enum btf_kind kind = c->hint ? BTF_KIND_FUNC : BTF_KIND_VAR;
                struct selector selector = {.name = c->name, .has_kind = true, .kind = kind};
                struct query_error error = {0};
                struct found also;
                struct plan plan;
                int r = field_offset(*state, &selector, c->path, &plan, &also, &error);

                if (r != (int)c->reason || error.i_component != c->i_component ||
                    (c->hint && !strstr(error.message, c->hint)))
                        fail_msg("%s %s: %d, component %zu: %s", c->name, c->path, r, error.i_component,
                                 error.message);
                if (c->near ? error.n_near == 0 || !string_equal(error.near[0].name, c->near)
                            : error.n_near > 0)
                        fail_msg("%s %s: near: %s", c->name, c->path,
                                 error.n_near > 0 ? error.near[0].name : "none");
        }
}

/* Which of them has the parameter is told. */
static void different_prototypes_are_ambiguous(void **state)
{
        struct selector other = {.name = "other", .has_kind = true, .kind = BTF_KIND_FUNC};
        struct query_error error = {0};
        struct found also;
        struct plan plan;

        assert_int_equal(field_offset(*state, &other, "n", &plan, &also, &error), QUERY_AMBIGUOUS_NAME);
        assert_int_equal(error.n_candidates, 2);
        assert_false(error.candidates[0].resolves);
        assert_true(error.candidates[1].resolves);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_first_step_starts_at_the_argument_s_value),
                cmocka_unit_test(slots_are_counted_as_a_trampoline_does),
                cmocka_unit_test(slots_are_as_large_as_pointers),
                cmocka_unit_test(what_is_returned_is_a_root_as_well),
                cmocka_unit_test(the_first_step_starts_at_the_variable),
                cmocka_unit_test(variables_know_their_section),
                cmocka_unit_test(errors_say_what_a_function_has),
                cmocka_unit_test(different_prototypes_are_ambiguous),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
