/*
 * The pass before the parser: how deep, how many tokens, and which string stands before a place.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/prescan.h"
#include "support/unit.h"
#include "util/util.h"

struct scan_case {
        const char *line;
        size_t n_tokens, depth;
};

static const struct scan_case scan_cases[] = {
        {"", 0, 0},
        {"  \t\r\n ", 0, 0},
        {"1", 1, 0},
        {"true", 1, 0},
        {"-1.5e+10", 1, 0},
        {"{}", 2, 1},
        {"[]", 2, 1},
        {"[1,2,3]", 7, 1},
        {"[ 1 , 2 , 3 ]", 7, 1},
        {"{\"a\":1}", 5, 1},
        {"{\"a\":[{}]}", 8, 3},
        {"[[],[],[]]", 10, 2},
        {"[[[]],[]]", 9, 3},
        {"[1 2]", 4, 1},
        {"\"a\"\"b\"", 2, 0},
        {"\"a\"b\"c\"", 3, 0},
        {"12\"a\"", 2, 0},

        /* Nothing inside a string counts. */
        {"\"{[,:]}\"", 1, 0},
        {"[\"]\",\"[[[[\"]", 5, 1},
        {"\"\\\"[[[\"", 1, 0},
        {"\"\\\\\"[", 2, 1},
        {"\"\\\\\\\"[[\"", 1, 0},
        {"\"\\u005b\\n\"", 1, 0},

        /* Nonsense is counted as well as it can be. */
        {"]]]]", 4, 0},
        {"]][", 3, 1},
        {"[}", 2, 1},
        {"[[[[", 4, 4},
        {"{[{[", 4, 4},
        {"\"", 1, 0},
        {"\"abc", 1, 0},
        {"\"abc\\", 1, 0},
        {"\"abc\\\"", 1, 0},
        {"[\"[[[", 2, 1},
        {"\x01\x02", 1, 0},
        {"\xff\xfe[", 2, 1},
};

/* In a block of exactly its length, without a NUL behind it. */
static char *copy(const char *line, size_t length)
{
        char *data = malloc(length ? length : 1);

        assert_non_null(data);
        memcpy(data, line, length);
        return data;
}

static void tokens_and_depth_are_counted(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(scan_cases); i++) {
                const struct scan_case *c = &scan_cases[i];
                char *line = copy(c->line, strlen(c->line));
                struct prescan found = prescan(line, strlen(c->line));

                if (found.n_tokens != c->n_tokens || found.depth != c->depth)
                        fail_msg("%s: %zu tokens, depth %zu; expected %zu, %zu", c->line, found.n_tokens,
                                 found.depth, c->n_tokens, c->depth);
                free(line);
        }
}

struct locate_case {
        const char *line;
        size_t position;
        size_t depth;
        const char *string; /* NULL if there is none */
};

static const struct locate_case locate_cases[] = {
        {"", 0, 0, NULL},
        {"{\"a\":1}", 0, 0, NULL},
        {"{\"a\":1}", 1, 1, NULL},
        {"{\"a\":1}", 3, 1, NULL}, /* inside the string: it has not ended */
        {"{\"a\":1}", 4, 1, "a"},
        {"{\"a\":1}", 7, 0, "a"},
        {"{\"a\":1}", 100, 0, "a"},
        {"{\"a\":{\"b\":1,\"c\":2}}", 11, 2, "b"},
        {"{\"a\":{\"b\":1,\"c\":2}}", 15, 2, "c"},
        {"{\"a\":{\"b\":1,\"c\":2}}", 19, 0, "c"},
        {"{ \"a\" : \"b\" , \"a\" ", 17, 1, "a"},
        {"{\"\":1", 3, 1, ""},
        {"{\"x\\\"y\":1", 7, 1, "x\\\"y"},
        {"{\"[[\":1", 5, 1, "[["},
};

/* A string that does not end is none that ends before the place. */
static const struct locate_case unterminated_cases[] = {
        {"\"", 1, 0, NULL},         {"\"abc", 4, 0, NULL},           {"\"abc\\", 5, 0, NULL},
        {"{\"a\":\"bc", 8, 1, "a"}, {"{\"a\":\"bc\\\"", 10, 1, "a"}, {"{\"a\":\"", 6, 1, "a"},
};

static void check_locations(const struct locate_case *cases, size_t n_cases)
{
        size_t n_failed = 0;

        for (size_t i = 0; i < n_cases; i++) {
                const struct locate_case *c = &cases[i];
                char *line = copy(c->line, strlen(c->line));
                struct prescan_location found = prescan_locate(line, strlen(c->line), c->position);
                bool is_same = found.depth == c->depth && !found.string == !c->string;

                if (is_same && c->string)
                        is_same = found.string_length == strlen(c->string) &&
                                  memcmp(found.string, c->string, found.string_length) == 0;
                if (!is_same) {
                        print_error("%s at %zu: depth %zu, string %s of %zu bytes; expected %zu, %s\n",
                                    c->line, c->position, found.depth, found.string ? "there" : "NULL",
                                    found.string_length, c->depth, c->string ? c->string : "NULL");
                        n_failed++;
                }
                free(line);
        }
        assert_int_equal(n_failed, 0);
}

static void the_last_string_before_a_place_is_found(void **state)
{
        (void)state;
        check_locations(locate_cases, ARRAY_LENGTH(locate_cases));
}

static void strings_that_do_not_end_are_not_found(void **state)
{
        (void)state;
        check_locations(unterminated_cases, ARRAY_LENGTH(unterminated_cases));
}

/* Whatever the bytes, both end and stay inside the line. */
static void no_bytes_lead_astray(void **state)
{
        static const char alphabet[] = "{}[]:,\"\\ a1\x80";
        uint64_t random = UINT64_C(88172645463325252);

        (void)state;
        for (int round = 0; round < 20000; round++) {
                size_t length = (size_t)round % 24;
                char *line = malloc(length ? length : 1);
                struct prescan found;

                assert_non_null(line);
                for (size_t i = 0; i < length; i++) {
                        random ^= random << 13;
                        random ^= random >> 7;
                        random ^= random << 17;
                        line[i] = alphabet[(random >> 32) % (sizeof(alphabet) - 1)];
                }
                found = prescan(line, length);
                assert_true(found.n_tokens <= length && found.depth <= length);
                for (size_t at = 0; at <= length; at++) {
                        struct prescan_location location = prescan_locate(line, length, at);

                        assert_true(location.depth <= found.depth);
                        if (!location.string)
                                continue;
                        assert_true(location.string > line && location.string <= line + length);
                        assert_true(location.string_length <= (size_t)(line + length - location.string));
                }
                free(line);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(tokens_and_depth_are_counted),
                cmocka_unit_test(the_last_string_before_a_place_is_found),
                cmocka_unit_test(strings_that_do_not_end_are_not_found),
                cmocka_unit_test(no_bytes_lead_astray),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
