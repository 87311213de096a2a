/*
 * Types as people write them to ask for one.
 */
#include "query/type_expr.h"

#include <stdlib.h>
#include <string.h>

#include "support/unit.h"
#include "util/util.h"

static void names_pointers_and_qualifiers_are_read(void **state)
{
        static const struct {
                const char *text, *name;
                uint32_t n_pointers;
        } cases[] = {
                {"struct sk_buff *", "struct sk_buff", 1},
                {"struct sk_buff", "struct sk_buff", 0},
                {" const\tstruct  sk_buff*const * ", "struct sk_buff", 2},
                {"struct sk_buff const *", "struct sk_buff", 1},
                {"long const unsigned int", "long unsigned int", 0},
                {"char *restrict volatile", "char", 1},
                {"void *", "void", 1},
                {"constant", "constant", 0},
                {"core::fmt::Error", "core::fmt::Error", 0},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct type_expr expr;
                struct type_expr_error error;

                assert_int_equal(type_expr_parse(cases[i].text, &expr, &error), 0);
                assert_string_equal(expr.name, cases[i].name);
                assert_int_equal(expr.n_pointers, cases[i].n_pointers);
        }
}

static void what_is_no_type_is_refused_where_it_begins_to_be_none(void **state)
{
        static const struct {
                const char *text;
                size_t position;
        } cases[] = {
                {"", 0},
                {"  ", 2},
                {"const", 5},
                {"*", 0},
                {"const *", 6},
                {"struct foo * bar", 13},
                {"int (*)(void)", 4},
                {"char[16]", 4},
                {"int;", 3},
                {"int, int", 3},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct type_expr expr;
                struct type_expr_error error;

                assert_int_equal(type_expr_parse(cases[i].text, &expr, &error), 1);
                assert_int_equal(error.position, cases[i].position);
                assert_non_null(error.expected);
        }
}

static void lengths_are_bounded(void **state)
{
        char text[64 << 10];
        struct type_expr expr;
        struct type_expr_error error;

        (void)state;
        memset(text, 'x', sizeof(text));
        text[TYPE_EXPR_MAX_NAME] = '\0';
        assert_int_equal(type_expr_parse(text, &expr, &error), 0);
        assert_int_equal(strlen(expr.name), TYPE_EXPR_MAX_NAME);
        text[TYPE_EXPR_MAX_NAME] = 'x';
        text[TYPE_EXPR_MAX_NAME + 1] = '\0';
        assert_int_equal(type_expr_parse(text, &expr, &error), 1);
        /* Two words are joined by a blank, which counts. */
        text[TYPE_EXPR_MAX_NAME - 1] = ' ';
        assert_int_equal(type_expr_parse(text, &expr, &error), 1);
        memset(text, '*', sizeof(text));
        text[0] = 'x';
        text[1 + BTF_MAX_DECLARATOR] = '\0';
        assert_int_equal(type_expr_parse(text, &expr, &error), 0);
        text[1 + BTF_MAX_DECLARATOR] = '*';
        text[sizeof(text) - 1] = '\0';
        assert_int_equal(type_expr_parse(text, &expr, &error), 1);
        assert_int_equal(error.position, 1 + BTF_MAX_DECLARATOR);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_pointers_and_qualifiers_are_read),
                cmocka_unit_test(what_is_no_type_is_refused_where_it_begins_to_be_none),
                cmocka_unit_test(lengths_are_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
