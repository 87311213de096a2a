/*
 * The order in which named things are listed, and where it begins and ends for a name. The kernel here:
 *
 *   vmlinux                        b                               a
 *   int                            typedef int word;               typedef int word;
 *   struct pair { int x; }         struct pair { int y; }          struct pair { int x; }
 *   struct pair { int x; }         int work(void)                  int work(void)
 *   int work(void), twice          struct pairs { int x; }         struct pairs { int x; }
 *   struct Pair { int x; }         section .data                   section .data
 */
#include <errno.h>
#include <stdio.h>

#include "index/set_index.h"
#include "support/fixture.h"
#include "support/unit.h"
#include "util/strbuf.h"

enum {
        INT = 1,
        PAIR,
        PAIR_AGAIN,
        WORK_PROTO,
        WORK,
        WORK_AGAIN,
        PAIR_UPPER,
        BASE_END,
};

static uint32_t add_struct(struct btf_builder *b, const char *name, const char *member)
{
        uint32_t id = btf_builder_struct(b, name, 4, false);

        btf_builder_member(b, member, INT, 0, 0);
        return id;
}

static struct btf_builder *build_base(void)
{
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        add_struct(b, "pair", "x");
        add_struct(b, "pair", "x");
        btf_builder_func_proto(b, INT);
        btf_builder_func(b, "work", WORK_PROTO, 0);
        btf_builder_func(b, "work", WORK_PROTO, 0);
        assert_int_equal(add_struct(b, "Pair", "x"), PAIR_UPPER);
        return b;
}

static struct btf_builder *build_module(const struct btf_builder *base, const char *member)
{
        struct btf_builder *b = btf_builder_new_split(base);

        btf_builder_typedef(b, "word", INT);
        add_struct(b, "pair", member);
        btf_builder_func(b, "work", WORK_PROTO, 0);
        add_struct(b, "pairs", "x");
        btf_builder_datasec(b, ".data", 4);
        return b;
}

static struct source_set *build_set(void)
{
        struct btf_builder *base = build_base();
        const struct fixture_module modules[] = {
                {"a", build_module(base, "x")},
                {"b", build_module(base, "y")},
        };

        return fixture_set_with(base, modules, ARRAY_LENGTH(modules));
}

/* The order as text: `name source id` and `*` for a copy, a line each. */
static void assert_order(const struct name_order *order, const char *expected)
{
        char text[2048];
        struct strbuf lines;

        strbuf_init(&lines, text, sizeof(text));
        for (uint32_t i = 0; i < order->n_entries; i++)
                strbuf_printf(&lines, "%s %s %u%s\n", name_order_name(order, i),
                              name_order_source(order, i)->name, name_order_id(order, i),
                              name_order_is_copy(order, i) ? "*" : "");
        assert_false(lines.overflow);
        assert_string_equal(text, expected);
}

static void test_orders_by_name_source_and_id(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();
        struct name_order order;

        (void)state;
        assert_int_equal(name_order_init(&order, set->sources, set->n_sources, &set->modules, NULL), 0);
        /* b's typedef and its struct pairs say what a's do, and a's struct pair what vmlinux's does. */
        assert_order(&order, ".data a 12\n"
                             ".data b 12\n"
                             "Pair vmlinux 7\n"
                             "int vmlinux 1\n"
                             "pair vmlinux 2\n"
                             "pair vmlinux 3*\n"
                             "pair b 9\n"
                             "pairs a 11\n"
                             "word a 8\n"
                             "work vmlinux 5\n"
                             "work vmlinux 6\n"
                             "work a 10\n"
                             "work b 10\n");
        name_order_deinit(&order);
}

static void test_orders_all_of_one_source(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();
        struct name_order order;

        (void)state;
        assert_int_equal(name_order_init_source(&order, &set->sources[2], NULL), 0);
        assert_order(&order, ".data b 12\npair b 9\npairs b 11\nword b 8\nwork b 10\n");
        name_order_deinit(&order);
        assert_int_equal(name_order_init_source(&order, &set->sources[0], NULL), 0);
        assert_order(&order, "Pair vmlinux 7\nint vmlinux 1\npair vmlinux 2\npair vmlinux 3\n"
                             "work vmlinux 5\nwork vmlinux 6\n");
        name_order_deinit(&order);
}

static void test_finds_where_a_prefix_begins_and_ends(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();
        static const struct {
                const char *prefix;
                size_t length;
                uint32_t begin, end;
        } cases[] = {
                {"", 0, 0, 13},    {"pair", 4, 4, 8},  {"pair", 5, 4, 7},    {"pairs", 6, 7, 8},
                {"paix", 4, 8, 8}, {"work", 4, 9, 13}, {"zebra", 5, 13, 13}, {"", 1, 0, 0},
        };
        const struct name_order *order;

        (void)state;
        assert_int_equal(source_set_build(set, SET_INDEX_ORDER, NULL), 0);
        order = source_set_order(set);
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                assert_int_equal(name_order_begin(order, cases[i].prefix, cases[i].length), cases[i].begin);
                assert_int_equal(name_order_end(order, cases[i].prefix, cases[i].length), cases[i].end);
        }
}

static void test_resumes_behind_what_need_not_be_there(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();
        static const struct {
                const char *name, *source;
                uint32_t id;
                uint32_t after;
        } cases[] = {
                {"", "vmlinux", 0, 0},      {"pair", "vmlinux", 2, 5}, {"pair", "vmlinux", 99, 6},
                {"pair", "aaa", 1, 6},      {"pair", "b", 8, 6},       {"pair", "b", 9, 7},
                {"pair", "zzz", 0, 7},      {"pairr", "b", 9, 7},      {"work", "a", 10, 12},
                {"work", "vmlinux", 6, 11}, {"work", "a0", 0, 12},     {"work", "b", 10, 13},
                {"zzz", "vmlinux", 0, 13},
        };
        const struct name_order *order;

        (void)state;
        assert_int_equal(source_set_build(set, SET_INDEX_ORDER, NULL), 0);
        order = source_set_order(set);
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
                assert_int_equal(name_order_after(order, cases[i].name, cases[i].source, cases[i].id),
                                 cases[i].after);
}

/* Names that share all of the longest name but its end, and that end where eight bytes do. */
static void test_orders_long_names(void **state)
{
        static char longest[BTF_MAX_STRING + 1];
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        struct name_order order;

        (void)state;
        memset(longest, 'n', BTF_MAX_STRING);
        btf_builder_fwd(b, longest, false);
        btf_builder_fwd(b, longest, true);
        for (size_t length = BTF_MAX_STRING - 1; length > BTF_MAX_STRING - 20; length--) {
                longest[length] = '\0';
                btf_builder_fwd(b, longest, false);
        }
        btf_builder_fwd(b, "nnnnnnnn", false);
        btf_builder_fwd(b, "nnnnnnn\xff", false);
        btf_builder_fwd(b, "nnnnnnn", false);
        set = fixture_set(b);
        assert_int_equal(name_order_init(&order, set->sources, set->n_sources, &set->modules, NULL), 0);
        assert_int_equal(order.n_entries, 24);
        assert_string_equal(name_order_name(&order, 0), "nnnnnnn");
        assert_string_equal(name_order_name(&order, 1), "nnnnnnnn");
        for (uint32_t i = 2; i < 21; i++)
                assert_int_equal(strlen(name_order_name(&order, i)), BTF_MAX_STRING - 21 + i);
        assert_int_equal(name_order_id(&order, 21), 1);
        assert_int_equal(name_order_id(&order, 22), 2);
        assert_string_equal(name_order_name(&order, 23), "nnnnnnn\xff");
        name_order_deinit(&order);
}

static void test_builds_once_and_only_what_is_asked(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();
        const uint64_t *entries;

        (void)state;
        assert_true(source_set_has(set, 0));
        assert_int_equal(source_set_build(set, 0, NULL), 0);
        assert_false(source_set_has(set, SET_INDEX_ORDER));
        assert_null(source_set_order(set));
        assert_int_equal(source_set_build(set, SET_INDEX_ORDER, NULL), 0);
        assert_true(source_set_has(set, SET_INDEX_ORDER));
        entries = source_set_order(set)->entries;
        assert_int_equal(source_set_build(set, SET_INDEX_ORDER, NULL), 0);
        assert_ptr_equal(source_set_order(set)->entries, entries);
}

static void test_stops(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();
        atomic_bool cancelled = true;
        const struct stop stop = {.cancelled = &cancelled, .deadline_nsec = INT64_MAX};

        (void)state;
        assert_int_equal(source_set_build(set, SET_INDEX_ORDER, &stop), SET_INDEX_STOPPED);
        assert_false(source_set_has(set, SET_INDEX_ORDER));
        cancelled = false;
        assert_int_equal(source_set_build(set, SET_INDEX_ORDER, &stop), 0);
        assert_true(source_set_has(set, SET_INDEX_ORDER));
}

/* Of a whole kernel: nothing stands before what is less, and as much is there as a plain count finds. */
static void test_orders_whole_kernels(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = fixture_corpus_set("debian-7.2-cloud-amd64");
        const struct name_order *order;
        size_t n = 0;

        (void)state;
        if (!set)
                skip();
        assert_int_equal(source_set_build(set, SET_INDEX_ORDER, NULL), 0);
        order = source_set_order(set);
        for (uint32_t i = 1; i < order->n_entries; i++) {
                int difference = strcmp(name_order_name(order, i - 1), name_order_name(order, i));

                if (difference == 0)
                        difference = order->entries[i - 1] < order->entries[i] ? -1 : 1;
                assert_true(difference < 0);
        }
        for (size_t i = 0; i < set->n_sources; i++) {
                const struct btf *btf = set->sources[i]->btf;

                for (uint32_t id = i == 0 ? 1 : btf->start_id; id < btf->n_types; id++) {
                        enum btf_kind kind = btf_kind(btf, id);

                        if (i == 0)
                                n += kind != BTF_KIND_DECL_TAG && kind != BTF_KIND_TYPE_TAG &&
                                     btf_name_of(btf, id)[0] != '\0';
                        else
                                n += kind == BTF_KIND_FUNC || kind == BTF_KIND_VAR ||
                                     kind == BTF_KIND_DATASEC;
                }
        }
        for (uint32_t i = 0; i < set->modules.n_entries; i++) {
                struct module_entry entry = module_index_entry(&set->modules, i);
                enum btf_kind kind = btf_kind(set->sources[entry.i_source]->btf, entry.id);

                n += kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR && kind != BTF_KIND_DATASEC;
        }
        assert_int_equal(order->n_entries, n);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_orders_by_name_source_and_id),
                cmocka_unit_test(test_orders_all_of_one_source),
                cmocka_unit_test(test_finds_where_a_prefix_begins_and_ends),
                cmocka_unit_test(test_resumes_behind_what_need_not_be_there),
                cmocka_unit_test(test_orders_long_names),
                cmocka_unit_test(test_builds_once_and_only_what_is_asked),
                cmocka_unit_test(test_stops),
                cmocka_unit_test(test_orders_whole_kernels),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
