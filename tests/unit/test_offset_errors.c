/*
 * Paths that lead nowhere: the reason, the component that is to blame, and what a person wants to know next.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/offset.h"
#include "query/type_name.h"
#include "support/fixture.h"
#include "support/sample.h"
#include "support/unit.h"

static int begin(void **state)
{
        struct btf_builder *b = btf_builder_new();

        sample_build(b);
        *state = fixture_set(b);
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

/* Asks for what cannot be answered; returns the error. */
static struct query_error ask(const struct source_set *set, const char *type, const char *path)
{
        struct selector selector = {.name = type};
        struct query_error error = {0};
        struct found also;
        struct plan plan;
        int r = field_offset(set, &selector, path, &plan, &also, &error);

        if (r == 0)
                fail_msg("%s %s: resolves, but should not", type, path);
        assert_int_equal(r, error.reason);
        return error;
}

struct bad_path {
        const char *type, *path;
        enum query_reason reason;
        const char *component;
        size_t position;
        size_t i_component;
        const char *in;   /* the type it was looked up in */
        const char *hint; /* part of the message */
};

static const struct bad_path bad_paths[] = {
        {"outer", "nope", QUERY_MEMBER_NOT_FOUND, "nope", 0, 0, "struct outer", "struct outer"},
        {"outer", ".nope", QUERY_MEMBER_NOT_FOUND, "nope", 1, 0, "struct outer", "nope"},
        {"outer", "in.nope", QUERY_MEMBER_NOT_FOUND, "nope", 3, 1, "struct inner", "struct inner"},
        {"outer", "ptr->nope", QUERY_MEMBER_NOT_FOUND, "nope", 5, 1, "struct inner", "nope"},
        {"outer", "arr[1].nope", QUERY_MEMBER_NOT_FOUND, "nope", 7, 2, "struct inner", "nope"},
        {"outer", "arr->nope", QUERY_MEMBER_NOT_FOUND, "nope", 5, 1, "struct inner", "nope"},
        {"outer", "pipe_index", QUERY_MEMBER_NOT_FOUND, "pipe_index", 0, 0, "struct outer", "pipe_index"},
        {"outer", "i", QUERY_MEMBER_NOT_FOUND, "i", 0, 0, "struct outer", "'i'"},     /* a prefix of `in` */
        {"outer", "inn", QUERY_MEMBER_NOT_FOUND, "inn", 0, 0, "struct outer", "inn"}, /* `in` is one of it */

        {"outer", "ptr.b", QUERY_WRONG_KIND, "b", 4, 1, "struct inner *", "'->b'"},
        {"outer", "arr.b", QUERY_WRONG_KIND, "b", 4, 1, "struct inner[3]", "'[n]'"},
        {"outer", "in->b", QUERY_WRONG_KIND, "b", 4, 1, "struct inner", "'.b'"},
        {"outer", "in.a.b", QUERY_WRONG_KIND, "b", 5, 2, "int", "int"},
        {"outer", "in.a->b", QUERY_WRONG_KIND, "b", 6, 2, "int", "int"},
        {"outer", "in[0]", QUERY_WRONG_KIND, "0", 3, 1, "struct inner", "index"},
        {"outer", "in.a[0]", QUERY_WRONG_KIND, "0", 5, 2, "int", "index"},
        {"outer", "comm[1][2]", QUERY_WRONG_KIND, "2", 8, 2, "char", "several dimensions"},
        {"outer", "mode.x", QUERY_WRONG_KIND, "x", 5, 1, "unsigned int", "bitfield"},
        {"outer", "mode[0]", QUERY_WRONG_KIND, "0", 5, 1, "unsigned int", "bitfield"},
        {"outer", "fn->x", QUERY_WRONG_KIND, "x", 4, 1, "int (int)", "'int (int)'"},
        {"int", "x", QUERY_WRONG_KIND, "x", 0, 0, "int", "int"},

        {"outer", "arr[3]", QUERY_INDEX_OUT_OF_RANGE, "3", 4, 1, "struct inner[3]", "3 elements"},
        {"outer", "comm[16]", QUERY_INDEX_OUT_OF_RANGE, "16", 5, 1, "char[16]", "16"},
        {"outer", "comm[ 0x10 ]", QUERY_INDEX_OUT_OF_RANGE, "0x10", 6, 1, "char[16]", "16"},
        {"outer", "matrix[0][3]", QUERY_INDEX_OUT_OF_RANGE, "3", 10, 2, "int[3]", "3"},
        {"outer", "matrix[2]", QUERY_INDEX_OUT_OF_RANGE, "2", 7, 1, "int[2][3]", "2"},
        {"outer", "zero[0]", QUERY_INDEX_OUT_OF_RANGE, "0", 5, 1, "int[0]", "0 elements"},
        {"outer", "table[0][4]", QUERY_INDEX_OUT_OF_RANGE, "4", 9, 2, "struct inner[4]", "4"},
        {"outer", "comm[18446744073709551615]", QUERY_INDEX_OUT_OF_RANGE, "18446744073709551615", 5, 1,
         "char[16]", "16"},

        {"outer", "opaque->x", QUERY_INCOMPLETE_TYPE, "x", 8, 1, "void", "void"},
        {"outer", "opaque[1]", QUERY_INCOMPLETE_TYPE, "1", 7, 1, "void *", "void"},
        {"outer", "later->x", QUERY_INCOMPLETE_TYPE, "x", 7, 1, "struct later", "later"},
        {"outer", "later[0]", QUERY_INCOMPLETE_TYPE, "0", 6, 1, "struct later *", "'struct later'"},
        {"outer", "fn[0]", QUERY_INCOMPLETE_TYPE, "0", 3, 1, "int (*)(int)", "'int (int)'"},
        {"struct later", "x", QUERY_INCOMPLETE_TYPE, "x", 0, 0, "struct later", "later"},

        {"outer", "ptr[1125899906842624]", QUERY_OVERFLOW, "1125899906842624", 4, 1, "struct inner", "2^53"},
        {"outer", "ptr[2305843009213693952]", QUERY_OVERFLOW, "2305843009213693952", 4, 1, "struct inner *",
         "2^53"},
        {"outer", "flex[4611686018427387904]", QUERY_OVERFLOW, "4611686018427387904", 5, 1, "int[0]", "2^53"},
        {"huge_ptr", "[4294967296]", QUERY_OVERFLOW, "4294967296", 1, 0, "huge_t", "2^53"},
};

static const char *in_text(const struct query_error *error)
{
        static char buffer[TYPE_NAME_SIZE];
        struct strbuf text;

        if (!error->in.source)
                return "nothing";
        strbuf_init(&text, buffer, sizeof(buffer));
        type_name_append(&text, error->in.source->btf, error->in.id);
        return buffer;
}

static void errors_name_what_is_wrong(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(bad_paths); i++) {
                const struct bad_path *c = &bad_paths[i];
                struct query_error error = ask(*state, c->type, c->path);

                if (error.reason != c->reason || error.position != c->position ||
                    error.i_component != c->i_component || strcmp(in_text(&error), c->in) != 0)
                        print_error("%s %s: reason %d, position %zu, component %zu in %s: %s\n", c->type,
                                    c->path, error.reason, error.position, error.i_component, in_text(&error),
                                    error.message);
                assert_int_equal(error.reason, c->reason);
                assert_int_equal(error.position, c->position);
                assert_int_equal(error.i_component, c->i_component);
                assert_string_equal(in_text(&error), c->in);
                assert_non_null(error.component);
                assert_int_equal(error.component_length, strlen(c->component));
                assert_memory_equal(error.component, c->component, error.component_length);
                /* The component is the asked text itself, not a copy that dies. */
                assert_ptr_equal(error.component, c->path + c->position);
                if (!strstr(error.message, c->hint))
                        fail_msg("%s %s: '%s' does not mention %s", c->type, c->path, error.message, c->hint);
        }
}

static void no_path_no_lookup(void **state)
{
        struct query_error error = ask(*state, "no such type", "a..b");

        /* What is wrong with the path is said first: it is so whatever the type. */
        assert_int_equal(error.reason, QUERY_BAD_PATH);
        assert_int_equal(error.position, 2);
        assert_int_equal(error.i_component, 1);
        assert_string_equal(error.component, ".b");
        assert_non_null(strstr(error.message, "byte 2"));
        error = ask(*state, "no such type", "a");
        assert_int_equal(error.reason, QUERY_NAME_NOT_FOUND);
        assert_null(error.component);
        error = ask(*state, "outer", "");
        assert_int_equal(error.reason, QUERY_BAD_PATH);
        assert_int_equal(error.position, 0);
}

/* A message has an end, however long what it repeats. */
static void long_names_are_cut_in_messages(void **state)
{
        size_t length = 100000;
        char *path = malloc(length + 1);
        struct query_error error;

        assert_non_null(path);
        memset(path, 'x', length);
        path[length] = '\0';
        error = ask(*state, "outer", path);
        assert_int_equal(error.reason, QUERY_MEMBER_NOT_FOUND);
        assert_int_equal(error.component_length, length);
        assert_true(strlen(error.message) < QUERY_MESSAGE_SIZE);
        error = ask(*state, path, "a");
        assert_int_equal(error.reason, QUERY_NAME_NOT_FOUND);
        assert_true(strlen(error.message) < QUERY_MESSAGE_SIZE);
        free(path);
}

/* Each candidate of an ambiguous name tells whether the path leads anywhere in it. */
static void candidates_tell_where_the_path_resolves(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        struct query_error error;

        (void)state;
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_struct(b, "console", 8, false);
        btf_builder_member(b, "name", 1, 0, 0);
        btf_builder_member(b, "flags", 1, 32, 0);
        btf_builder_struct(b, "console", 4, false);
        btf_builder_member(b, "device", 1, 0, 0);
        set = fixture_set(b);
        error = ask(set, "console", "flags");
        assert_int_equal(error.reason, QUERY_AMBIGUOUS_NAME);
        assert_int_equal(error.n_definitions, 2);
        assert_int_equal(error.n_candidates, 2);
        assert_int_equal(error.candidates[0].type.id, 2);
        assert_true(error.candidates[0].resolves);
        assert_int_equal(error.candidates[1].type.id, 3);
        assert_false(error.candidates[1].resolves);
        assert_string_equal(error.name, "console");
}

/* Unnamed structs that hold the same unnamed struct twice, 31 times over: 2^31 members if
 * one looks for long. */
static void a_search_without_end_is_given_up(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        struct query_error error;

        (void)state;
        btf_builder_int(b, "int", 4, 32, 0);
        for (uint32_t id = 2; id <= 32; id++) {
                btf_builder_struct(b, id == 32 ? "bomb" : "", 4, false);
                btf_builder_member(b, id == 2 ? "x" : "", id - 1, 0, 0);
                btf_builder_member(b, id == 2 ? "y" : "", id - 1, 0, 0);
        }
        set = fixture_set(b);
        error = ask(set, "bomb", "z");
        assert_int_equal(error.reason, QUERY_OVERFLOW);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(errors_name_what_is_wrong),
                cmocka_unit_test(no_path_no_lookup),
                cmocka_unit_test(long_names_are_cut_in_messages),
                cmocka_unit_test(candidates_tell_where_the_path_resolves),
                cmocka_unit_test(a_search_without_end_is_given_up),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
