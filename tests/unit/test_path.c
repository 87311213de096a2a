/*
 * The grammar of paths: what it takes, and where it says that something else was expected.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/path.h"
#include "support/unit.h"
#include "util/strbuf.h"
#include "util/util.h"

/* A path with its form made plain: `.mm>owner[3]`, and `(file*)`, `&`, `{inode:1}` for casts, & and container_of(). */
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
                case PATH_CAST:
                        strbuf_printf(&text, "(%.*s%.*s)", (int)c->length, c->text, (int)c->count, "*****");
                        break;
                case PATH_ADDRESS:
                        strbuf_append(&text, "&");
                        break;
                case PATH_CONTAINER:
                        strbuf_printf(&text, "{%.*s:%u}", (int)c->length, c->text, c->count);
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

                {".", ""},
                {" . ", ""},
                {".->a", ">a"},
                {".[3]", "[3]"},
                {"(a)", ".a"},
                {"((a).b)->c", ".a.b>c"},
                {"(a)[1].b", ".a[1].b"},
                {"(->a)", ">a"},
                {"(.)", ""},
                {"(.).a", ".a"},
                /* A cast applies to all of the postfix expression behind it, as in C. */
                {"(struct file *)a->b.c", ".a>b.c(struct file*)"},
                {"((struct file *)a)->b", ".a(struct file*)>b"},
                {"((struct tty_file_private *)private_data)->tty->name",
                 ".private_data(struct tty_file_private*)>tty>name"},
                {"(struct a *)(struct b **)x", ".x(struct b**)(struct a*)"},
                {"(unsigned  long *)x", ".x(unsigned  long*)"},
                {"( const struct a * ) x", ".x(const struct a*)"},
                {"((u8 *)x)[3]", ".x(u8*)[3]"},
                {"((u8 *).)[3]", "(u8*)[3]"},
                {"(ptr_t)x", ".x(ptr_t)"},
                {"(ptr_t)(x)", ".x(ptr_t)"},
                {"(ptr_t)&x", ".x&(ptr_t)"},
                {"(unsigned long)x", ".x(unsigned long)"}, /* what it is is not known here */
                {"&a.b", ".a.b&"},
                {"(&a)->b", ".a&>b"},
                {"(&a)[1]", ".a&[1]"},
                {"&.", "&"},
                {"((struct a *)&b)->c", ".b&(struct a*)>c"},
                {"container_of(a, struct b, c)", ".a{struct b:1}.c"},
                {"container_of(a->b, struct c, d.e[2])->f", ".a>b{struct c:3}.d.e[2]>f"},
                {"container_of ( &. , struct b , c ) -> d", "&{struct b:1}.c>d"},
                {"container_of(container_of(a, b_t, c)->d, struct e, f)->g", ".a{b_t:1}.c>d{struct e:1}.f>g"},
                {"((struct x *)container_of(a, b, c))->d", ".a{b:1}.c(struct x*)>d"},
                {"container_of", ".container_of"},
                {"container_of.x", ".container_of.x"},
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
                {"a.", 2, "member's name"},
                {"a..b", 2, "member's name"},
                {"a->", 3, "member's name"},
                {"a->.b", 3, "member's name"},
                {"a.[3]", 2, "member's name"},
                {"a.3", 2, "member's name"},
                {"3", 0, "member's name"},
                {"*a", 0, "member's name"},
                {"(", 1, "member's name"},
                {"()", 1, "member's name"},
                {"(a", 2, "')'"},
                {"(a b)", 5, "member's name"}, /* a cast of nothing */
                {"(a))", 3, "'.'"},
                {"(a]", 2, "')'"},
                {"(*a)", 1, "member's name"},
                {"(struct a *)", 12, "member's name"},
                {"(struct a *", 8, "')'"},
                {"(struct a * b)x", 8, "')'"},
                {"&", 1, "member's name"},
                {"a&", 1, "'.'"},
                {"a.&b", 2, "member's name"},
                {"a.(b)", 2, "member's name"},
                {"a->(b)", 3, "member's name"},
                {"..", 1, "member's name"},
                {". a b", 4, "'.'"},
                {"container_of(", 13, "member's name"},
                {"container_of(a)", 14, "','"},
                {"container_of(a,", 15, "type"},
                {"container_of(a, 3, b)", 16, "type"},
                {"container_of(a, struct b)", 24, "','"},
                {"container_of(a, struct b *, c)", 25, "','"},
                {"container_of(a, struct b,)", 25, "member's name"},
                {"container_of(a, struct b, .c)", 26, "member's name"},
                {"container_of(a, struct b, c->d)", 27, "')'"},
                {"container_of(a, struct b, c", 27, "')'"},
                {"container_of(a, struct b, c d)", 28, "')'"},
                {".container_of(a, struct b, c)", 13, "'.'"},
                {"a->container_of(a, struct b, c)", 15, "'.'"},
                {"a.container_of(a, struct b, c)", 14, "'.'"},
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

/* `n` times a text, then another one. */
static void write_repeated(char *buffer, size_t size, const char *text, int n, const char *end)
{
        struct strbuf buf;

        strbuf_init(&buf, buffer, size);
        for (int i = 0; i < n; i++)
                strbuf_append(&buf, text);
        strbuf_append(&buf, end);
        assert_false(buf.overflow);
}

/* Nothing that is open recurses, and no more of it is remembered than has room. */
static void what_is_open_is_bounded(void **state)
{
        static const struct {
                const char *text, *end;
                size_t n_bytes; /* of the text */
        } cases[] = {{"(", "a", 1}, {"&", "a", 1}, {"(u8 *)", "a", 6}, {"container_of(", "a", 13}};
        char text[16384];
        struct path path;
        struct path_error error;

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                write_repeated(text, sizeof(text), cases[i].text, 1000, cases[i].end);
                assert_int_equal(path_parse(text, &path, &error), 1);
                assert_non_null(strstr(error.expected, "64"));
                /* The 65th, or what stands behind it. */
                assert_in_range(error.position, 64 * cases[i].n_bytes, 65 * cases[i].n_bytes);
        }
        /* As many as there is room for, and one component fewer, as the name is one itself. */
        write_repeated(text, sizeof(text), "(", 64, "a");
        write_repeated(text + strlen(text), sizeof(text) - strlen(text), ")", 64, "");
        assert_int_equal(path_parse(text, &path, &error), 0);
        write_repeated(text, sizeof(text), "(u8 *)", 63, "a");
        assert_int_equal(path_parse(text, &path, &error), 0);
        assert_int_equal(path.n_components, 64);
        write_repeated(text, sizeof(text), "(u8 *)", 64, "a");
        assert_int_equal(path_parse(text, &path, &error), 1);
        assert_non_null(strstr(error.expected, "64"));
}

static void long_paths_end_where_they_are_bad(void **state)
{
        static const char *const pieces[] = {"a.", "a ", "(a ", "struct ", "x", "[1]", "& "};
        char *text = malloc(65536 + 1);
        struct path path;
        struct path_error error;

        (void)state;
        assert_non_null(text);
        for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++) {
                size_t length = strlen(pieces[i]);

                for (size_t at = 0; at < 65536; at++)
                        text[at] = pieces[i][at % length];
                text[65536] = '\0';
                if (path_parse(text, &path, &error) == 0)
                        assert_string_equal(pieces[i], "x"); /* one long name */
                else
                        assert_in_range(error.position, 0, 65536);
        }
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(good_paths_are_taken_apart),
                cmocka_unit_test(bad_paths_are_refused_where_they_are_bad),
                cmocka_unit_test(components_know_their_place),
                cmocka_unit_test(paths_have_at_most_64_components),
                cmocka_unit_test(what_is_open_is_bounded),
                cmocka_unit_test(long_paths_end_where_they_are_bad),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
