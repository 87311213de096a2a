/*
 * Whether a type is the one that is looked for, however it is spelled.
 */
#include "query/type_match.h"

#include "support/fixture.h"
#include "support/functions.h"
#include "support/unit.h"
#include "util/strbuf.h"

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

static int init(struct type_match *match, struct source_set *set, const struct selector *selector,
                struct query_error *error)
{
        struct type_expr expr;
        struct type_expr_error wrong;

        assert_int_equal(type_expr_parse(selector->name, &expr, &wrong), 0);
        return type_match_init(match, set, selector, &expr, error);
}

/* The functions of a source whose first parameter is it, by name, in the order of ids. */
static void assert_first_params(struct source_set *set, const struct selector *selector,
                                const char *source_name, const char *expected)
{
        const struct source *source = source_set_find(set, source_name);
        struct type_match match;
        struct query_error error;
        char buffer[512];
        struct strbuf text;

        if (init(&match, set, selector, &error) != 0)
                fail_msg("%s: %s", selector->name, error.message);
        strbuf_init(&text, buffer, sizeof(buffer));
        for (uint32_t id = source->base ? source->btf->start_id : 1; id < source->btf->n_types; id++) {
                struct btf_type proto;

                if (btf_kind(source->btf, id) != BTF_KIND_FUNC)
                        continue;
                proto = btf_type(source->btf, btf_target(source->btf, id));
                if (proto.vlen > 0 &&
                    type_match_test(&match, source->btf, btf_param(source->btf, &proto, 0).type))
                        strbuf_printf(&text, "%s ", btf_name_of(source->btf, id));
        }
        assert_string_equal(buffer, expected);
        type_match_deinit(&match);
}

static void types_match_by_what_they_are(void **state)
{
        static const char *const cases[][3] = {
                {"struct buff *", "vmlinux", "take_first take_alias bpf_lsm_file_open "},
                {"buff_t *", "vmlinux", "take_first take_alias bpf_lsm_file_open "},
                {"buff_p", "vmlinux", "take_first take_alias bpf_lsm_file_open "},
                {"const struct buff *const", "net", "net_take net_base net_later "},
                {"struct buff", "vmlinux", "take_value "},
                {"struct buff **", "vmlinux", ""},
                {"void *", "vmlinux", "__traceiter_wakeup __traceiter_renamed "},
                {"key_t", "vmlinux", "take_key "},
                {"lock_t", "vmlinux", "take_lock "},
                {"struct pair", "vmlinux", "take_pair "},
                {"int", "vmlinux", "take_third make twice twice differ "},
                {"long", "net", "take_first "},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                const struct selector selector = {.name = cases[i][0]};

                assert_first_params(*state, &selector, cases[i][1], cases[i][2]);
        }
}

/* A name alone does not say which of two structs it is; a size does, and then only that one counts: not what is only
 * declared, which may be either. */
static void different_definitions_of_a_name_are_told_apart(void **state)
{
        struct selector selector = {.name = "struct dev *"};
        struct type_match match;
        struct query_error error;

        assert_int_equal(init(&match, *state, &selector, &error), QUERY_AMBIGUOUS_NAME);
        assert_string_equal(error.name, "struct dev *");
        assert_int_equal(error.n_candidates, 2);
        selector.has_size = true;
        selector.size = 4;
        assert_first_params(*state, &selector, "vmlinux", "small_dev ");
        assert_first_params(*state, &selector, "net", "");
        selector.size = 8;
        assert_first_params(*state, &selector, "vmlinux", "large_dev ");
        assert_first_params(*state, &selector, "net", "net_dev ");
}

static void what_is_not_there_is_refused(void **state)
{
        const struct selector selector = {.name = "struct bufff *"};
        struct type_match match;
        struct query_error error;

        assert_int_equal(init(&match, *state, &selector, &error), QUERY_NAME_NOT_FOUND);
        assert_string_equal(error.name, "struct bufff *");
        assert_int_equal(error.n_near, 1);
}

/* Valid, though no compiler writes it: there is no end to the pointers that such a typedef stands for. */
static void a_typedef_of_a_pointer_to_itself_ends(void **state)
{
        enum { RING = 1, POINTER, INT, OTHER };
        const struct selector selector = {.name = "ring"};
        struct btf_builder *b = btf_builder_new();
        struct type_match match;
        struct query_error error;
        struct source_set *set;

        (void)state;
        assert_int_equal(btf_builder_typedef(b, "ring", POINTER), RING);
        assert_int_equal(btf_builder_ptr(b, RING), POINTER);
        assert_int_equal(btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED), INT);
        assert_int_equal(btf_builder_ptr(b, INT), OTHER);
        set = fixture_set(b);
        assert_int_equal(init(&match, set, &selector, &error), 0);
        assert_true(type_match_test(&match, set->sources[0]->btf, RING));
        assert_true(type_match_test(&match, set->sources[0]->btf, POINTER));
        assert_false(type_match_test(&match, set->sources[0]->btf, OTHER));
        type_match_deinit(&match);
        source_set_unref(set);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(types_match_by_what_they_are),
                cmocka_unit_test(different_definitions_of_a_name_are_told_apart),
                cmocka_unit_test(what_is_not_there_is_refused),
                cmocka_unit_test(a_typedef_of_a_pointer_to_itself_ends),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
