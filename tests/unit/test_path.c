/*
 * The grammar of paths: what it takes, and where it says that something else was expected.
 */
#include <stdio.h>
#include <string.h>

#include "query/path.h"
#include "support/unit.h"
#include "util/strbuf.h"
#include "util/util.h"

/* A path with its form made plain: `.mm>owner[3]`. */
static const char *plain(const struct path *path)
{
        static char buffer[1024];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        for (size_t i = 0; i < path->n_components; i++) {
                const struct path_component *c = &path->components[i];

                switch (c->kind) {
                case PATH_MEMBER:
                        strbuf_printf(&text, ".%.*s", (int)c->length, c->text);
                        break;
                case PATH_ARROW:
                        strbuf_printf(&text, ">%.*s", (int)c->length, c->text);
                        break;
                case PATH_INDEX:
                        strbuf_printf(&text, "[%llu]", (unsigned long long)c->index);
                        break;
                }
        }
        return buffer;
}

static void good_paths_are_taken_apart(void **state)
{
        static const struct {
                const char *text, *expected;
        } cases[] = {
                {"a", ".a"},
                {".a", ".a"},
                {"->a", ">a"},
                {"[3]", "[3]"},
                {"mm->owner->comm", ".mm>owner>comm"},
                {"se.avg.util_avg", ".se.avg.util_avg"},
                {"files->fdt->fd[3]->f_inode", ".files>fdt>fd[3]>f_inode"},
                {"a[1][2]", ".a[1][2]"},
                {"[0]->x", "[0]>x"},
                {"_a1_B2", "._a1_B2"},
                {"a[0]", ".a[0]"},
                {"a[0x1f]", ".a[31]"},
                {"a[0XAbC]", ".a[2748]"},
                {"a[18446744073709551615]", ".a[18446744073709551615]"},
                {"a[0xffffffffffffffff]", ".a[18446744073709551615]"},
                {"  a \t. b ->\tc [ 3 ] \t", ".a.b>c[3]"},
                {"a [3] .b", ".a[3].b"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct path path;
                struct path_error error = {0};

                if (path_parse(cases[i].text, &path, &error) != 0)
                        fail_msg("'%s': byte %zu: expected %s", cases[i].text, error.position,
                                 error.expected);
                assert_string_equal(plain(&path), cases[i].expected);
        }
}

static void bad_paths_are_refused_where_they_are_bad(void **state)
{
        static const struct {
                const char *text;
                size_t position;
                const char *expected; /* part of what is said */
        } cases[] = {
                {"", 0, "member's name"},
                {"   ", 3, "member's name"},
                {".", 1, "member's name"},
                {"a.", 2, "member's name"},
                {"a..b", 2, "member's name"},
                {"a->", 3, "member's name"},
                {"a->.b", 3, "member's name"},
                {"a.[3]", 2, "member's name"},
                {"a.3", 2, "member's name"},
                {"3", 0, "member's name"},
                {"*a", 0, "member's name"},
                {"(a)", 0, "member's name"},
                {"\xc3\xa4", 0, "member's name"},
                {"a\xc3\xa4", 1, "'.'"},
                {"a b", 2, "'.'"},
                {"a-b", 1, "quote the path"},
                {"a- >b", 1, "quote the path"},
                {"mm-", 2, "quote the path"},
                {"a>b", 1, "'.'"},
                {"a]", 1, "'.'"},
                {"a,b", 1, "'.'"},
                {"a\nb", 1, "'.'"},
                {"a[3]b", 4, "'.'"},
                {"a[", 2, "index"},
                {"a[]", 2, "index"},
                {"a[-1]", 2, "index"},
                {"a[+1]", 2, "index"},
                {"a[i]", 2, "index"},
                {"a[0x]", 4, "index"},
                {"a[0xg]", 4, "index"},
                {"a[007]", 2, "leading zeros"},
                {"a[00]", 2, "leading zeros"},
                {"a[1", 3, "']'"},
                {"a[1.5]", 3, "']'"},
                {"a[1 2]", 4, "']'"},
                {"a[1u]", 3, "']'"},
                {"a[12a]", 4, "']'"},
                {"a[18446744073709551616]", 2, "2^64"},
                {"a[0x10000000000000000]", 2, "2^64"},
                {"a[99999999999999999999999999]", 2, "2^64"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct path path;
                struct path_error error = {.position = 999};

                if (path_parse(cases[i].text, &path, &error) != 1)
                        fail_msg("'%s': taken as %s", cases[i].text, plain(&path));
                if (error.position != cases[i].position || !strstr(error.expected, cases[i].expected))
                        fail_msg("'%s': byte %zu: expected %s", cases[i].text, error.position,
                                 error.expected);
        }
}

static void components_know_their_place(void **state)
{
        const char *text = " mm -> owner [ 0x10 ] . comm";
        static const struct {
                size_t position, length;
        } expected[] = {{1, 2}, {7, 5}, {15, 4}, {24, 4}};
        struct path path;
        struct path_error error;

        (void)state;
        assert_int_equal(path_parse(text, &path, &error), 0);
        assert_int_equal(path.n_components, ARRAY_LENGTH(expected));
        for (size_t i = 0; i < path.n_components; i++) {
                assert_int_equal(path.components[i].position, expected[i].position);
                assert_int_equal(path.components[i].length, expected[i].length);
                assert_ptr_equal(path.components[i].text, text + expected[i].position);
        }
}

/* `n` components of every form. */
static void write_path(char *text, size_t size, int n)
{
        static const char *const forms[] = {".a", "->bc", "[1]"};
        struct strbuf buffer;

        strbuf_init(&buffer, text, size);
        for (int i = 0; i < n; i++)
                strbuf_append(&buffer, forms[i % 3]);
        assert_false(buffer.overflow);
}

static void paths_have_at_most_64_components(void **state)
{
        char text[1024];
        struct path path;
        struct path_error error;
        size_t length_of_64;

        (void)state;
        write_path(text, sizeof(text), 64);
        length_of_64 = strlen(text);
        assert_int_equal(path_parse(text, &path, &error), 0);
        assert_int_equal(path.n_components, 64);
        strcat(text, "  ");
        assert_int_equal(path_parse(text, &path, &error), 0);

        write_path(text, sizeof(text), 65);
        assert_int_equal(path_parse(text, &path, &error), 1);
        assert_int_equal(error.position, length_of_64);
        assert_non_null(strstr(error.expected, "64"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(good_paths_are_taken_apart),
                cmocka_unit_test(bad_paths_are_refused_where_they_are_bad),
                cmocka_unit_test(components_know_their_place),
                cmocka_unit_test(paths_have_at_most_64_components),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
