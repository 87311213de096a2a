/*
 * func.find: what is listed, in which order, page by page, and what is not.
 */
#include "query/func_find.h"

#include "index/set_index.h"
#include "support/fixture.h"
#include "support/functions.h"
#include "support/unit.h"

/* A question in words; what is NULL or 0 is not asked. */
struct asking {
        enum prototype_category category;
        const char *name, *source, *tag, *param, *returns;
        uint64_t position_plus_1, within;
        bool ignore_case;
};

static int begin(void **state)
{
        struct source_set *set = functions_set();

        assert_int_equal(source_set_build(set, SET_INDEX_ORDER, NULL), 0);
        *state = set;
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

static struct type_match *prepare(struct type_match *match, const struct source_set *set, const char *text)
{
        const struct selector selector = {.name = text};
        struct type_expr_error wrong;
        struct type_expr expr;
        struct query_error error;

        if (!text)
                return NULL;
        assert_int_equal(type_expr_parse(text, &expr, &wrong), 0);
        assert_int_equal(type_match_init(match, set, &selector, &expr, &error), 0);
        return match;
}

/* `source:name`, and `@index` of each parameter that was asked for. */
static void append_hit(struct strbuf *text, const struct func_question *question, struct query_type type)
{
        struct prototype prototype;
        struct prototype_walk walk;
        struct prototype_param param;

        assert_true(prototype_of(type, &prototype));
        strbuf_printf(text, "%s:%s", type.source->name,
                      question->category == PROTOTYPE_FUNCTION ? prototype.name : prototype.hook);
        walk = prototype_params_begin(&prototype);
        while (question->param && prototype_params_next(&walk, &param)) {
                if (func_find_param(question, type.source->btf, param.i_param, param.value.type))
                        strbuf_printf(text, "@%u", param.i_param);
        }
        strbuf_append(text, " ");
}

static void list_all(struct source_set *set, const struct func_question *question, uint64_t limit,
                     struct strbuf *text)
{
        const struct name_order *order = source_set_order(set);
        char cursor[PAGE_CURSOR_SIZE];
        const char *resume = NULL;
        struct page_list list;
        struct page page;

        do {
                struct query_error error;

                assert_int_equal(page_begin(&page, 1, limit, resume, &error), 0);
                assert_int_equal(func_find(question, order, &page, NULL, &list, &error), 0);
                assert_true(list.n_entries <= limit);
                for (size_t i = 0; i < list.n_entries; i++)
                        append_hit(text, question,
                                   (struct query_type){name_order_source(order, list.entries[i]),
                                                       name_order_id(order, list.entries[i])});
                if (list.has_more)
                        page_write_cursor(&page, order, &list, cursor);
                resume = cursor;
        } while (list.has_more);
}

static void assert_found(struct source_set *set, const struct asking *asking, const char *expected)
{
        struct type_match param, returns;
        struct glob names;
        struct glob_error wrong;
        struct func_question question = {
                .category = asking->category,
                .names = asking->name ? &names : NULL,
                .tag = asking->tag,
                .source = asking->source ? source_set_find(set, asking->source) : NULL,
                .param = prepare(&param, set, asking->param),
                .has_position = asking->position_plus_1 > 0,
                .position = asking->position_plus_1 - 1,
                .has_within = asking->within > 0,
                .within = asking->within,
                .returns = prepare(&returns, set, asking->returns),
        };
        char buffer[4096];
        struct strbuf text;

        if (asking->name)
                assert_int_equal(
                        glob_compile(&names, asking->name, GLOB_PATTERN, asking->ignore_case, &wrong), 0);
        /* Pages of any size add up to the same. */
        for (uint64_t limit = 1; limit < 5; limit++) {
                strbuf_init(&text, buffer, sizeof(buffer));
                list_all(set, &question, limit, &text);
                assert_string_equal(buffer, expected);
        }
        if (asking->param)
                type_match_deinit(&param);
        if (asking->returns)
                type_match_deinit(&returns);
}

/* A question and its answer. */
struct found_case {
        struct asking asking;
        const char *expected;
};

static void names_sources_and_tags_are_matched(void **state)
{
        static const struct found_case cases[] = {
                {{.name = "take_*"},
                 "vmlinux:take_alias vmlinux:take_big vmlinux:take_first net:take_first vmlinux:take_key "
                 "vmlinux:take_lock vmlinux:take_pair vmlinux:take_third vmlinux:take_value "},
                {{.name = "TAKE_?i*", .ignore_case = true},
                 "vmlinux:take_big vmlinux:take_first net:take_first "},
                {{.name = "TAKE_?i*"}, ""},
                {{.name = "*first*"}, "vmlinux:take_first net:take_first "},
                {{.name = "take_first", .source = "net"}, "net:take_first "},
                {{.name = "twice"}, "vmlinux:twice vmlinux:twice "},
                {{.name = "buff"}, ""},
                {{.tag = "kfunc"}, "vmlinux:make vmlinux:take_first "},
                {{.tag = "ref"}, ""},
                {{.tag = "kfunc", .name = "m*"}, "vmlinux:make "},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
                assert_found(*state, &cases[i].asking, cases[i].expected);
}

static void parameters_and_what_is_returned_are_matched(void **state)
{
        static const struct found_case cases[] = {
                {{.param = "struct buff *"},
                 "net:__bpf_trace_net_rx@1 vmlinux:__traceiter_wakeup@1 vmlinux:bpf_lsm_file_open@0 "
                 "net:net_base@0 "
                 "net:net_later@0 net:net_take@0 vmlinux:take_alias@0 vmlinux:take_first@0 "
                 "vmlinux:take_third@2 "},
                {{.param = "struct buff *", .within = 2, .name = "*t*", .source = "vmlinux"},
                 "vmlinux:__traceiter_wakeup@1 vmlinux:take_alias@0 vmlinux:take_first@0 "},
                {{.param = "struct buff *", .position_plus_1 = 3}, "vmlinux:take_third@2 "},
                {{.param = "struct buff"}, "vmlinux:take_value@0 "},
                {{.param = "int", .name = "take_third"}, "vmlinux:take_third@0@1 "},
                {{.param = "int", .name = "take_third", .within = 1}, "vmlinux:take_third@0 "},
                {{.param = "void"}, ""},
                {{.returns = "struct buff *"}, "vmlinux:make "},
                {{.returns = "void", .name = "take_*"},
                 "vmlinux:take_alias vmlinux:take_key vmlinux:take_lock vmlinux:take_third "
                 "vmlinux:take_value "},
                {{.returns = "int", .param = "struct buff *", .tag = "kfunc"}, "vmlinux:take_first@0 "},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
                assert_found(*state, &cases[i].asking, cases[i].expected);
}

static void hooks_and_tracepoints_are_known_by_what_is_behind_the_prefix(void **state)
{
        static const struct found_case cases[] = {
                {{.category = PROTOTYPE_LSM}, "vmlinux:file_open "},
                {{.category = PROTOTYPE_LSM, .name = "file_*"}, "vmlinux:file_open "},
                {{.category = PROTOTYPE_LSM, .name = "bpf_*"}, ""},
                {{.category = PROTOTYPE_TRACEPOINT}, "net:net_rx vmlinux:renamed vmlinux:wakeup "},
                {{.category = PROTOTYPE_TRACEPOINT, .name = "w*"}, "vmlinux:wakeup "},
                {{.category = PROTOTYPE_TRACEPOINT, .source = "net"}, "net:net_rx "},
                {{.category = PROTOTYPE_TRACEPOINT, .param = "struct buff *", .within = 1},
                 "net:net_rx@0 vmlinux:wakeup@0 "},
                {{.category = PROTOTYPE_TRACEPOINT, .param = "struct buff *", .position_plus_1 = 2}, ""},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
                assert_found(*state, &cases[i].asking, cases[i].expected);
}

/* BPF's own functions about LSMs are no hooks, as the union of all hooks has no member for them. */
static void only_hooks_are_hooks(void **state)
{
        const struct asking hooks = {.category = PROTOTYPE_LSM}, functions = {.name = "*"};
        struct btf_builder *b = btf_builder_new();
        struct source_set *set;
        uint32_t proto;

        (void)state;
        btf_builder_int(b, "long", 8, 64, 0);
        proto = btf_builder_func_proto(b, 1);
        btf_builder_union(b, "security_list_options", 8, false);
        btf_builder_member(b, "file_open", btf_builder_next_id(b), 0, 0);
        btf_builder_ptr(b, proto);
        btf_builder_func(b, "bpf_lsm_file_open", proto, 1);
        btf_builder_func(b, "bpf_lsm_verify_prog", proto, 1);
        set = fixture_set(b);
        assert_int_equal(source_set_build(set, SET_INDEX_ORDER, NULL), 0);
        assert_found(set, &hooks, "vmlinux:file_open ");
        assert_found(set, &functions, "vmlinux:bpf_lsm_file_open vmlinux:bpf_lsm_verify_prog ");
        source_set_unref(set);
}

static void a_search_stops_when_it_is_told(void **state)
{
        const struct func_question question = {.category = PROTOTYPE_FUNCTION};
        atomic_bool cancelled;
        const struct stop stop = {.cancelled = &cancelled, .deadline_nsec = INT64_MAX};
        struct page_list list;
        struct query_error error;
        struct page page;

        atomic_init(&cancelled, true);
        assert_int_equal(page_begin(&page, 1, 10, NULL, &error), 0);
        assert_int_equal(func_find(&question, source_set_order(*state), &page, &stop, &list, &error),
                         QUERY_DEADLINE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_sources_and_tags_are_matched),
                cmocka_unit_test(parameters_and_what_is_returned_are_matched),
                cmocka_unit_test(hooks_and_tracepoints_are_known_by_what_is_behind_the_prefix),
                cmocka_unit_test(only_hooks_are_hooks),
                cmocka_unit_test(a_search_stops_when_it_is_told),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
