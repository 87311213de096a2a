/*
 * Searching by name: what counts as one definition over all sources and in one, and where searching ends. The kernel here,
 * in which a and b say the same of bag but mean another pad:
 *
 *   vmlinux               a                              b
 *   int                   struct pad { int a; }          struct pad { int b; }
 *   struct twin {}        struct bag { struct pad *p; }  struct bag { struct pad *p; }
 *   struct twin {}        struct twin {}                 enum twin;
 */
#include "index/set_index.h"
#include "query/find.h"
#include "support/fixture.h"
#include "support/unit.h"
#include "util/strbuf.h"

enum {
        INT = 1,
        TWIN,
        TWIN_AGAIN,
        BASE_END,
};

static struct btf_builder *build_module(const struct btf_builder *base, const char *member, bool has_enum)
{
        struct btf_builder *b = btf_builder_new_split(base);

        btf_builder_struct(b, "pad", 4, false);
        btf_builder_member(b, member, INT, 0, 0);
        btf_builder_ptr(b, BASE_END);
        btf_builder_struct(b, "bag", 8, false);
        btf_builder_member(b, "p", BASE_END + 1, 0, 0);
        if (has_enum)
                btf_builder_enum(b, "twin", 4, false);
        else
                btf_builder_struct(b, "twin", 0, false);
        return b;
}

static struct source_set *build_set(void)
{
        struct btf_builder *base = btf_builder_new();
        struct fixture_module modules[2];
        struct source_set *set;

        btf_builder_int(base, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_struct(base, "twin", 0, false);
        btf_builder_struct(base, "twin", 0, false);
        modules[0] = (struct fixture_module){"a", build_module(base, "a", false)};
        modules[1] = (struct fixture_module){"b", build_module(base, "b", true)};
        set = fixture_set_with(base, modules, ARRAY_LENGTH(modules));
        assert_int_equal(source_set_build(set, SET_INDEX_ORDER, NULL), 0);
        return set;
}

/* What is found, as `name source id` each. */
static void assert_finds(const struct source_set *set, const char *pattern, uint32_t kinds,
                         const char *source, const char *expected)
{
        struct find_question question = {.kinds = kinds,
                                         .source = source ? source_set_find(set, source) : NULL};
        struct glob names;
        struct glob_error glob_error;
        struct query_error error;
        struct found_page found;
        struct page page;
        char text[512];
        struct strbuf list;

        assert_int_equal(glob_compile(&names, pattern, GLOB_PATTERN, false, &glob_error), 0);
        question.names = &names;
        assert_int_equal(page_begin(&page, 0, 100, NULL, &error), 0);
        assert_int_equal(find(set, &question, &page, NULL, &found, &error), 0);
        strbuf_init(&list, text, sizeof(text));
        for (size_t i = 0; i < found.list.n_entries; i++)
                strbuf_printf(&list, "%s%s %s %u", i > 0 ? ", " : "",
                              name_order_name(found.order, found.list.entries[i]),
                              name_order_source(found.order, found.list.entries[i])->name,
                              name_order_id(found.order, found.list.entries[i]));
        assert_string_equal(text, expected);
        assert_int_equal(found.count, found.list.n_entries);
        assert_true(found.has_count);
        found_page_deinit(&found);
}

static void test_lists_each_definition_once(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();

        (void)state;
        assert_finds(set, "*", FIND_ALL_KINDS, NULL,
                     "bag a 6, int vmlinux 1, pad a 4, pad b 4, twin vmlinux 2, twin b 7");
        assert_finds(set, "bag", FIND_ALL_KINDS, NULL, "bag a 6");
        assert_finds(set, "t*", FIND_KIND(BTF_KIND_STRUCT), NULL, "twin vmlinux 2");
        assert_finds(set, "?ag", FIND_KIND(BTF_KIND_UNION), NULL, "");
}

static void test_lists_all_of_one_source(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();

        (void)state;
        assert_finds(set, "*", FIND_ALL_KINDS, "vmlinux", "int vmlinux 1, twin vmlinux 2, twin vmlinux 3");
        assert_finds(set, "*", FIND_ALL_KINDS, "a", "bag a 6, pad a 4, twin a 7");
        assert_finds(set, "*a*", FIND_ALL_KINDS, "b", "bag b 6, pad b 4");
}

static void test_ends_when_it_is_to(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();
        atomic_bool cancelled = true;
        const struct stop stop = {.cancelled = &cancelled, .deadline_nsec = INT64_MAX};
        struct glob names;
        struct find_question question = {.names = &names, .kinds = FIND_ALL_KINDS};
        struct glob_error glob_error;
        struct query_error error;
        struct found_page found;
        struct page page;

        (void)state;
        assert_int_equal(glob_compile(&names, "*", GLOB_PATTERN, false, &glob_error), 0);
        assert_int_equal(page_begin(&page, 0, 100, NULL, &error), 0);
        assert_int_equal(find(set, &question, &page, &stop, &found, &error), QUERY_DEADLINE);
        assert_int_equal(error.reason, QUERY_DEADLINE);
        question.source = set->sources[1];
        assert_int_equal(find(set, &question, &page, &stop, &found, &error), QUERY_DEADLINE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lists_each_definition_once),
                cmocka_unit_test(test_lists_all_of_one_source),
                cmocka_unit_test(test_ends_when_it_is_to),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
