/*
 * func.get: prototypes as C programmers write them and as data, of functions, LSM hooks and tracepoints.
 */
#include "query/func.h"

#include "support/fixture.h"
#include "support/functions.h"
#include "support/unit.h"

static int begin(void **state)
{
        *state = functions_set();
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

/* Must succeed. */
static struct prototype get(struct source_set *set, const char *func, const char *source,
                            const char *tracepoint)
{
        const struct selector selector = {.name = func, .source = source};
        struct prototype prototype;
        struct query_error error;
        struct found also;

        if (func_get(set, &selector, tracepoint, &prototype, &also, &error) != 0)
                fail_msg("%s: %s", func ? func : tracepoint, error.message);
        return prototype;
}

static void assert_text(const struct prototype *prototype, const char *expected)
{
        char buffer[TYPE_NAME_SIZE];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        prototype_append(&text, prototype);
        assert_string_equal(buffer, expected);
}

static void functions_read_as_c_declares_them(void **state)
{
        static const char *const cases[][2] = {
                {"take_first", "int take_first(struct buff *b)"},
                {"take_third", "void take_third(int a, int b, const buff_t *const c)"},
                {"make", "struct buff *make(int n, ...)"},
                {"callback", "void callback(int (*fn)(void *), int (*table)[3], char names[4], "
                             "char __attribute__((btf_type_tag(\"user\"))) *text)"},
                {"empty", "int empty(void)"},
                {"twice", "int twice(int a)"},
                {"net_take", "void net_take(struct buff *b)"},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct prototype prototype = get(*state, cases[i][0], NULL, NULL);

                assert_text(&prototype, cases[i][1]);
                assert_int_equal(prototype.category, PROTOTYPE_FUNCTION);
                assert_null(prototype.hook);
        }
}

/* Slots as `first+n`, `-` for none. */
static void assert_params(const struct prototype *prototype, const char *expected)
{
        struct prototype_walk walk = prototype_params_begin(prototype);
        struct prototype_param param;
        char buffer[256];
        struct strbuf text;
        uint32_t n = 0;

        strbuf_init(&text, buffer, sizeof(buffer));
        while (prototype_params_next(&walk, &param)) {
                assert_int_equal(param.i_param, n++);
                strbuf_printf(&text, "%s:", param.name);
                if (param.has_slot)
                        strbuf_printf(&text, "%u+%u ", param.slot, param.n_slots);
                else
                        strbuf_append(&text, "- ");
        }
        assert_int_equal(n, prototype->n_params);
        assert_string_equal(buffer, expected);
}

static void parameters_have_slots_of_registers(void **state)
{
        static const char *const cases[][2] = {
                {"take_third", "a:0+1 b:1+1 c:2+1 "},
                {"take_value", "v:0+1 after:1+1 "},
                {"take_pair", "p:0+2 after:2+1 "},
                {"take_big", "p:- after:- "},
                {"callback", "fn:0+1 table:1+1 names:2+1 text:3+1 "},
                {"make", "n:0+1 "},
                {"empty", ""},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct prototype prototype = get(*state, cases[i][0], NULL, NULL);

                assert_params(&prototype, cases[i][1]);
                assert_int_equal(prototype.is_variadic, i == 5);
        }
}

static void lsm_hooks_are_functions_with_a_hook(void **state)
{
        struct prototype prototype = get(*state, "bpf_lsm_file_open", NULL, NULL);

        assert_int_equal(prototype.category, PROTOTYPE_LSM);
        assert_string_equal(prototype.hook, "file_open");
        assert_text(&prototype, "int bpf_lsm_file_open(struct buff *file)");
}

/* Names come from a function that takes the same; where none does, there are none. */
static void tracepoints_lack_the_probes_own_parameter(void **state)
{
        struct prototype prototype = get(*state, NULL, NULL, "wakeup");

        assert_text(&prototype, "void wakeup(struct buff *b, int cpu)");
        assert_params(&prototype, "b:0+1 cpu:1+1 ");
        assert_string_equal(prototype.hook, "wakeup");
        assert_string_equal(prototype.name, "btf_trace_wakeup");
        prototype = get(*state, NULL, NULL, "renamed");
        assert_text(&prototype, "void renamed(int)");
        assert_params(&prototype, ":0+1 ");
        prototype = get(*state, NULL, NULL, "net_rx");
        assert_text(&prototype, "void net_rx(struct buff *skb)");
        assert_string_equal(prototype.type.source->name, "net");
}

static void ids_are_of_functions_and_tracepoints(void **state)
{
        struct source_set *set = *state;
        struct prototype wakeup = get(set, NULL, NULL, "wakeup"), empty = get(set, "empty", NULL, NULL);
        const struct prototype *expected[] = {&wakeup, &empty};
        struct selector selector = {.source = "vmlinux", .has_id = true, .instance = 1};
        struct prototype prototype;
        struct query_error error;
        struct found also;

        for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
                selector.id = expected[i]->type.id;
                assert_int_equal(func_get(set, &selector, NULL, &prototype, &also, &error), 0);
                assert_string_equal(prototype.name, expected[i]->name);
        }
        selector.id = 1;
        assert_int_equal(func_get(set, &selector, NULL, &prototype, &also, &error), QUERY_WRONG_KIND);
        assert_string_equal(error.message, "type 1 of vmlinux is a int, no function or tracepoint");
        selector.id = empty.type.id;
        selector.name = "make";
        assert_int_equal(func_get(set, &selector, NULL, &prototype, &also, &error), QUERY_NAME_NOT_FOUND);
}

static void modules_own_functions_are_told_apart(void **state)
{
        struct prototype prototype = get(*state, "take_first", "net", NULL);
        const struct selector selector = {.name = "take_first"};
        struct query_error error;
        struct found also;

        assert_text(&prototype, "int take_first(long other)");
        assert_int_equal(func_get(*state, &selector, NULL, &prototype, &also, &error), 0);
        assert_string_equal(prototype.type.source->name, "vmlinux");
        assert_int_equal(also.n_definitions, 1);
}

static void names_that_mean_nothing_or_several_things_are_refused(void **state)
{
        static const struct {
                const char *func, *tracepoint;
                enum query_reason reason;
                const char *message, *near;
        } cases[] = {
                {"tak_first", NULL, QUERY_NAME_NOT_FOUND, "no func 'tak_first' in any source", "take_first"},
                {"buff", NULL, QUERY_NAME_NOT_FOUND, "no func 'buff' in any source", NULL},
                {"file_open", NULL, QUERY_NAME_NOT_FOUND,
                 "no func 'file_open' in any source, but an LSM hook: bpf_lsm_file_open", NULL},
                {"wakeup", NULL, QUERY_NAME_NOT_FOUND,
                 "no func 'wakeup' in any source, but a tracepoint of that name", NULL},
                {NULL, "wakup", QUERY_NAME_NOT_FOUND, "no tracepoint 'wakup'", "wakeup"},
                {NULL, "none", QUERY_WRONG_KIND, NULL, NULL},
                {"differ", NULL, QUERY_AMBIGUOUS_NAME,
                 "'differ' has 2 different definitions: select one by source or id", NULL},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                const struct selector selector = {.name = cases[i].func};
                struct prototype prototype;
                struct query_error error;
                struct found also;

                assert_int_equal(func_get(*state, &selector, cases[i].tracepoint, &prototype, &also, &error),
                                 cases[i].reason);
                if (cases[i].message)
                        assert_string_equal(error.message, cases[i].message);
                assert_int_equal(error.n_near, cases[i].near ? 1 : 0);
                if (cases[i].near)
                        assert_string_equal(error.near[0].name, cases[i].near);
                if (cases[i].reason == QUERY_AMBIGUOUS_NAME)
                        assert_int_equal(error.n_candidates, 2);
        }
}

static void tags_are_found_from_what_they_are_on(void **state)
{
        struct source_set *set = *state;
        struct prototype prototype = get(set, "take_first", NULL, NULL);
        const struct source *source = prototype.type.source;
        const struct tag_entry *entries;
        size_t n;

        entries = tags_of(&source->tags, prototype.type.id, &n);
        assert_int_equal(n, 3);
        assert_string_equal(btf_name_of(source->btf, entries[0].tag), "kfunc");
        assert_string_equal(btf_name_of(source->btf, entries[1].tag), "ref");
        assert_string_equal(btf_name_of(source->btf, entries[2].tag), "fast");
        assert_int_equal(tag_component(source->btf, entries[0].tag), -1);
        assert_int_equal(tag_component(source->btf, entries[1].tag), 0);
        assert_true(tags_have(&source->tags, source->btf, prototype.type.id, "fast"));
        assert_false(tags_have(&source->tags, source->btf, prototype.type.id, "ref"));
        prototype = get(set, "make", NULL, NULL);
        assert_true(tags_have(&source->tags, source->btf, prototype.type.id, "kfunc"));
        tags_of(&source->tags, get(set, "empty", NULL, NULL).type.id, &n);
        assert_int_equal(n, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(functions_read_as_c_declares_them),
                cmocka_unit_test(parameters_have_slots_of_registers),
                cmocka_unit_test(lsm_hooks_are_functions_with_a_hook),
                cmocka_unit_test(tracepoints_lack_the_probes_own_parameter),
                cmocka_unit_test(ids_are_of_functions_and_tracepoints),
                cmocka_unit_test(modules_own_functions_are_told_apart),
                cmocka_unit_test(names_that_mean_nothing_or_several_things_are_refused),
                cmocka_unit_test(tags_are_found_from_what_they_are_on),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
