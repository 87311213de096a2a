/*
 * Pages of a list and the cursors between them: nothing twice, nothing left out, and nothing accepted that was not given.
 */
#include <string.h>

#include "query/page.h"
#include "support/fixture.h"
#include "support/unit.h"

#define QUESTION UINT64_C(0x1234567890abcdef)

/* `n` declarations, named in an order that is not that of their ids; the last name is of the greatest length. */
static struct source_set *build_set(size_t n)
{
        struct btf_builder *b = btf_builder_new();
        static char longest[BTF_MAX_STRING + 1];

        memset(longest, 'z', BTF_MAX_STRING);
        btf_builder_fwd(b, longest, false);
        for (size_t i = n - 1; i > 0; i--) {
                char name[] = "type_??";

                name[5] = (char)('a' + i / 26);
                name[6] = (char)('a' + i % 26);
                btf_builder_fwd(b, name, false);
        }
        return fixture_set(b);
}

static void list_all(const struct page *page, const struct name_order *order, struct page_list *ret)
{
        ret->n_entries = 0;
        for (uint32_t i = page_first(page, order, 0); i < order->n_entries; i++) {
                if (!page_add(page, ret, i))
                        return;
        }
}

static void test_gives_everything_once(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set(40);
        struct name_order order;

        (void)state;
        assert_int_equal(name_order_init(&order, set->sources, set->n_sources, &set->modules, NULL), 0);
        for (uint64_t limit = 1; limit <= 41; limit++) {
                char cursor[PAGE_CURSOR_SIZE];
                uint32_t n = 0;
                struct page page;
                struct page_list list;
                struct query_error error;

                do {
                        assert_int_equal(page_begin(&page, QUESTION, limit, n > 0 ? cursor : NULL, &error),
                                         0);
                        list_all(&page, &order, &list);
                        for (size_t i = 0; i < list.n_entries; i++)
                                assert_int_equal(list.entries[i], n++);
                        assert_true(list.n_entries == limit || !list.has_more);
                        if (list.has_more)
                                page_write_cursor(&page, &order, &list, cursor);
                } while (list.has_more);
                assert_int_equal(n, 40);
        }
        name_order_deinit(&order);
}

static void test_begins_where_a_range_does(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set(40);
        struct name_order order;
        struct page page;
        struct page_list list = {.entries = {9}, .n_entries = 1};
        char cursor[PAGE_CURSOR_SIZE];
        struct query_error error;

        (void)state;
        assert_int_equal(name_order_init(&order, set->sources, set->n_sources, &set->modules, NULL), 0);
        assert_int_equal(page_begin(&page, QUESTION, 3, NULL, &error), 0);
        assert_int_equal(page_first(&page, &order, 7), 7);
        page_write_cursor(&page, &order, &list, cursor);
        assert_int_equal(page_begin(&page, QUESTION, 3, cursor, &error), 0);
        assert_int_equal(page_first(&page, &order, 7), 10);
        assert_int_equal(page_first(&page, &order, 12), 12);
        name_order_deinit(&order);
}

static void assert_stale(const char *cursor, uint64_t question)
{
        struct page page;
        struct query_error error;

        assert_int_equal(page_begin(&page, question, 3, cursor, &error), QUERY_STALE_CURSOR);
        assert_int_equal(error.reason, QUERY_STALE_CURSOR);
        assert_true(strlen(error.message) > 0);
}

static void test_refuses_cursors_that_it_has_not_given(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set(3);
        char cursor[PAGE_CURSOR_SIZE], changed[PAGE_CURSOR_SIZE + 1];
        struct name_order order;
        struct page page;
        struct page_list list = {.entries = {1}, .n_entries = 1};
        struct query_error error;
        size_t length;

        (void)state;
        assert_int_equal(name_order_init(&order, set->sources, set->n_sources, &set->modules, NULL), 0);
        assert_int_equal(page_begin(&page, QUESTION, 3, NULL, &error), 0);
        page_write_cursor(&page, &order, &list, cursor);
        length = strlen(cursor);
        assert_stale(cursor, QUESTION + 1);
        assert_stale("", QUESTION);
        assert_stale("type_ab", QUESTION);
        for (size_t i = 0; i < length; i++) {
                memcpy(changed, cursor, length + 1);
                changed[i] = cursor[i] == 'x' ? 'y' : 'x';
                assert_stale(changed, QUESTION);
                changed[i] = ' ';
                assert_stale(changed, QUESTION);
                changed[i] = '\0';
                assert_stale(changed, QUESTION);
        }
        memcpy(changed, cursor, length + 1);
        strcat(changed, "A");
        assert_stale(changed, QUESTION);
        assert_int_equal(page_begin(&page, QUESTION, 3, cursor, &error), 0);
        name_order_deinit(&order);
}

/* The longest name and source make the longest cursor; what is longer is none. */
static void test_bounds_cursors(void **state)
{
        static char cursor[PAGE_CURSOR_SIZE], longer[2 * PAGE_CURSOR_SIZE];
        CLEANUP(source_set_cleanup) struct source_set *set = build_set(3);
        struct name_order order;
        struct page page;
        struct page_list list = {.entries = {2}, .n_entries = 1};
        struct query_error error;

        (void)state;
        memset(set->sources[0]->name, 's', SOURCE_NAME_SIZE - 1);
        set->sources[0]->name[SOURCE_NAME_SIZE - 1] = '\0';
        assert_int_equal(name_order_init(&order, set->sources, set->n_sources, &set->modules, NULL), 0);
        assert_int_equal(page_begin(&page, QUESTION, 3, NULL, &error), 0);
        page_write_cursor(&page, &order, &list, cursor);
        assert_int_equal(strlen(cursor), PAGE_CURSOR_SIZE - 1);
        assert_int_equal(page_begin(&page, QUESTION, 3, cursor, &error), 0);
        assert_int_equal(strlen(page.name), BTF_MAX_STRING);
        assert_int_equal(strlen(page.source), SOURCE_NAME_SIZE - 1);
        assert_int_equal(page_first(&page, &order, 0), 3);
        memset(longer, 'A', sizeof(longer) - 1);
        assert_stale(longer, QUESTION);
        name_order_deinit(&order);
}

/* A checksum that fits does not make sense of what does not: bytes made as whoever knows the code would make them. */
static void test_takes_no_cursor_apart_that_has_no_parts(void **state)
{
        static const struct {
                const char *bytes; /* behind checksum and id: source and name, each with its NUL */
                size_t n_bytes;
        } cases[] = {{"vmlinux", 7}, {"vmlinux\0", 8}, {"vmlinux\0a", 9}, {"vmlinux\0a\0b\0", 12}, {"", 0}};
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                uint8_t bytes[64] = {0};
                size_t n_bytes = 12 + cases[i].n_bytes;
                uint64_t sum;
                char text[96] = {0};

                memcpy(bytes + 12, cases[i].bytes, cases[i].n_bytes);
                sum = page_hash(QUESTION, bytes + 8, n_bytes - 8);
                for (size_t j = 0; j < 8; j++)
                        bytes[j] = (uint8_t)(sum >> 8 * j);
                for (size_t bit = 0; bit < n_bytes * 8; bit += 6) {
                        uint32_t pair = (uint32_t)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];

                        text[bit / 6] = alphabet[pair >> (10 - bit % 8) & 63];
                }
                assert_stale(text, QUESTION);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_gives_everything_once),
                cmocka_unit_test(test_begins_where_a_range_does),
                cmocka_unit_test(test_refuses_cursors_that_it_has_not_given),
                cmocka_unit_test(test_bounds_cursors),
                cmocka_unit_test(test_takes_no_cursor_apart_that_has_no_parts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
