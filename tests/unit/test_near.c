/*
 * What somebody may have meant who asked for what is not there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/near.h"
#include "support/fixture.h"
#include "support/unit.h"
#include "util/strbuf.h"

static struct source_set *with_types(const char *const *names, size_t n_names)
{
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "int", 4, 32, 0);
        for (size_t i = 0; i < n_names; i++)
                btf_builder_struct(b, names[i], (uint32_t)i, false);
        return fixture_set(b);
}

/* All near names, with their prefixes, in order: "struct a, union b". */
static void check_near(const struct query_error *error, const char *expected)
{
        char buffer[512];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        for (size_t i = 0; i < error->n_near; i++)
                strbuf_printf(&text, "%s%s%s", i > 0 ? ", " : "", error->near[i].prefix, error->near[i].name);
        assert_string_equal(buffer, expected);
}

static void check_types(const struct source_set *set, const char *asked, const char *expected)
{
        struct query_error error = {0};

        near_types(&error, set, /* only= */ NULL, asked, strlen(asked), /* kind= */ NULL);
        check_near(&error, expected);
}

static void check_types_of_kind(const struct source_set *set, const char *asked, enum btf_kind kind,
                                const char *expected)
{
        struct query_error error = {0};

        near_types(&error, set, /* only= */ NULL, asked, strlen(asked), &kind);
        check_near(&error, expected);
}

static void types_one_slip_away_are_near(void **state)
{
        static const char *const names[] = {"task_struct", "list_head", "mm_struct"};
        CLEANUP(source_set_cleanup) struct source_set *set = with_types(names, ARRAY_LENGTH(names));

        (void)state;
        check_types(set, "task_strct", "struct task_struct");   /* one missing */
        check_types(set, "task_structt", "struct task_struct"); /* one too many */
        check_types(set, "tsak_struct", "struct task_struct");  /* two swapped */
        check_types(set, "task-struct", "struct task_struct");  /* one wrong */
        check_types(set, "ask_struct", "struct task_struct");   /* at the beginning */
        check_types(set, "task_struc", "struct task_struct");   /* at the end */
        check_types(set, "Task_struct", "struct task_struct");
        check_types(set, "tsk_strct", "");
        check_types(set, "xyz", "");
        check_types(set, "", "");
        /* There, but of another kind than was asked for. */
        check_types(set, "list_head", "struct list_head");
}

static void near_types_say_what_they_are(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        uint32_t proto;

        (void)state;
        btf_builder_int(b, "ab1", 4, 32, 0);
        btf_builder_union(b, "ab2", 4, false);
        btf_builder_enum(b, "ab3", 4, false);
        btf_builder_fwd(b, "ab4", true);
        btf_builder_typedef(b, "ab5", 1);
        proto = btf_builder_func_proto(b, 0);
        btf_builder_func(b, "ab0", proto, 1);
        btf_builder_var(b, "ab_", 1, 1);
        set = fixture_set(b);
        /* No function and no variable: a path or a type cannot mean them. */
        check_types(set, "abx", "ab1, union ab2, enum ab3, union ab4, ab5");
        /* Unless they are what was asked for, and nothing else is. */
        check_types_of_kind(set, "abx", BTF_KIND_FUNC, "ab0");
        check_types_of_kind(set, "abx", BTF_KIND_VAR, "ab_");
        check_types_of_kind(set, "abx", BTF_KIND_UNION, "union ab2");
        check_types_of_kind(set, "abx", BTF_KIND_STRUCT, "");
}

static void at_most_five_names_once_each(void **state)
{
        static const char *const names[] = {"aa", "ab", "ac", "ad", "ae", "af", "ag", "aa", "ab"};
        CLEANUP(source_set_cleanup) struct source_set *set = with_types(names, ARRAY_LENGTH(names));

        (void)state;
        check_types(set, "a_", "struct aa, struct ab, struct ac, struct ad, struct ae");
        check_types(set, "a", "struct aa, struct ab, struct ac, struct ad, struct ae");
}

/* Lengths around the bound, in blocks of exactly their size. */
static void long_names_are_not_compared(void **state)
{
        char name[NEAR_MAX_LENGTH + 3];

        (void)state;
        for (size_t length = NEAR_MAX_LENGTH - 2; length <= NEAR_MAX_LENGTH + 2; length++) {
                const char *names[] = {name};
                struct source_set *set;
                struct query_error error = {0};
                char *asked = malloc(length);
                struct btf_type type;

                assert_non_null(asked);
                memset(name, 'x', length);
                name[length] = '\0';
                memset(asked, 'x', length);
                asked[length / 2] = 'y';
                set = with_types(names, 1);
                near_types(&error, set, /* only= */ NULL, asked, length, /* kind= */ NULL);
                assert_int_equal(error.n_near, length <= NEAR_MAX_LENGTH);
                type = btf_type(set->sources[0]->btf, 2);
                near_members(&error, set->sources[0]->btf, &type, asked, length);
                source_set_unref(set);
                free(asked);
        }
}

static void check_members(const char *const *names, size_t n_names, const char *asked, const char *expected)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        struct query_error error = {0};
        struct btf_type type;

        btf_builder_int(b, "int", 4, 32, 0);
        btf_builder_struct(b, "s", 4, false);
        for (size_t i = 0; i < n_names; i++)
                btf_builder_member(b, names[i], 1, 0, 0);
        set = fixture_set(b);
        type = btf_type(set->sources[0]->btf, 2);
        near_members(&error, set->sources[0]->btf, &type, asked, strlen(asked));
        check_near(&error, expected);
}

static void members_are_near_by_edits_and_by_words(void **state)
{
        static const char *const task[] = {"__state",    "flags", "prio",  "static_prio", "normal_prio",
                                           "comm",       "pid",   "tgid",  "mm",          "active_mm",
                                           "start_time", "utime", "stack", "signal",      "rcu_users"};

        (void)state;
        check_members(task, ARRAY_LENGTH(task), "state", "__state, stack");
        check_members(task, ARRAY_LENGTH(task), "flag", "flags");
        check_members(task, ARRAY_LENGTH(task), "comn", "comm");
        check_members(task, ARRAY_LENGTH(task), "xxxxxxxxxxxx", "");
}

static void the_nearest_members_come_first(void **state)
{
        static const char *const names[] = {"abcdxy", "abcdefgx", "abcdef", "abcxyz", "abcdexx"};
        static const char *const equal[] = {"ax", "bx", "cx", "dx", "ex", "fx", "gx"};

        (void)state;
        check_members(names, ARRAY_LENGTH(names), "abcdefg", "abcdefgx, abcdef, abcdexx, abcdxy");
        /* Among equals the order of declaration, and no more than five. */
        check_members(equal, ARRAY_LENGTH(equal), "_x", "ax, bx, cx, dx, ex");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(types_one_slip_away_are_near),
                cmocka_unit_test(near_types_say_what_they_are),
                cmocka_unit_test(at_most_five_names_once_each),
                cmocka_unit_test(long_names_are_not_compared),
                cmocka_unit_test(members_are_near_by_edits_and_by_words),
                cmocka_unit_test(the_nearest_members_come_first),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
