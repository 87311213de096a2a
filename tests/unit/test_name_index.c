/*
 * From names to types: everything that has a name is found by it, what says the same only once.
 */
#include <stdio.h>
#include <string.h>

#include "index/name_index.h"
#include "index/same.h"
#include "support/fixture.h"
#include "support/sample.h"
#include "support/unit.h"

#define MAX_IDS 64

/* All ids of a name, in the order in which they are found. */
static size_t find_all(const struct name_index *index, const char *name, uint32_t ids[MAX_IDS])
{
        struct name_cursor cursor = name_index_find(index, name, strlen(name));
        size_t n_ids = 0;

        while (n_ids < MAX_IDS && name_index_next(index, &cursor, &ids[n_ids]))
                n_ids++;
        return n_ids;
}

static void check_ids(const struct name_index *index, const char *name, size_t n_expected,
                      const uint32_t *expected)
{
        uint32_t ids[MAX_IDS];
        size_t n_ids = find_all(index, name, ids);

        if (n_ids != n_expected)
                fail_msg("%s: found %zu times, expected %zu", name, n_ids, n_expected);
        for (size_t i = 0; i < n_ids; i++)
                assert_int_equal(ids[i], expected[i]);
}

/* struct <name> { int <member>; } */
static uint32_t add_struct(struct btf_builder *b, const char *name, const char *member)
{
        uint32_t id = btf_builder_struct(b, name, 4, false);

        btf_builder_member(b, member, 1, 0, 0);
        return id;
}

static void the_same_is_found_once_and_the_different_in_order(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        const struct name_index *index;
        uint32_t first, other, fwd, alias, alias_again, function;

        (void)state;
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        fwd = btf_builder_fwd(b, "console", false);
        first = add_struct(b, "console", "name");
        add_struct(b, "console", "name"); /* the same as the first */
        other = add_struct(b, "console", "device");
        add_struct(b, "console", "device"); /* the same as the other */
        add_struct(b, "console", "name");
        btf_builder_fwd(b, "console", false);
        alias = btf_builder_typedef(b, "console", first);
        alias_again = btf_builder_typedef(b, "console", other); /* of the different one */
        btf_builder_typedef(b, "console", first);
        btf_builder_func_proto(b, 0);
        function = btf_builder_func(b, "console", alias_again + 2, 1);
        set = fixture_set(b);
        index = &set->sources[0]->names;
        check_ids(index, "console", 6, (uint32_t[]){fwd, first, other, alias, alias_again, function});
}

static void declarations_and_definitions_are_both_found(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        const struct name_index *index;
        uint32_t defined, fwd, full, empty, fwd_union;

        (void)state;
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        defined = add_struct(b, "s", "x");
        fwd = btf_builder_fwd(b, "s", false);
        full = btf_builder_enum(b, "e", 4, false);
        btf_builder_value(b, "A", 1);
        empty = btf_builder_enum(b, "e", 4, false);
        fwd_union = btf_builder_fwd(b, "s", true);
        set = fixture_set(b);
        index = &set->sources[0]->names;
        check_ids(index, "s", 3, (uint32_t[]){defined, fwd, fwd_union});
        check_ids(index, "e", 2, (uint32_t[]){full, empty});
}

static void only_names_are_names(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        const struct name_index *index;
        uint32_t unnamed;

        (void)state;
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        unnamed = add_struct(b, "", "member_name");
        btf_builder_decl_tag(b, "decl_tag_value", unnamed, -1);
        btf_builder_type_tag(b, "type_tag_value", 1, false);
        set = fixture_set(b);
        index = &set->sources[0]->names;
        check_ids(index, "int", 1, (uint32_t[]){1});
        check_ids(index, "", 0, NULL);
        check_ids(index, "member_name", 0, NULL);
        check_ids(index, "decl_tag_value", 0, NULL);
        check_ids(index, "type_tag_value", 0, NULL);
}

/* Each definition is compared with all before it, so that their number must be bounded. */
static void too_many_definitions_are_refused(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;
        struct name_index index;
        struct btf_error error;
        struct btf *btf;

        (void)state;
        for (uint32_t i = 0; i < NAME_INDEX_MAX_DEFINITIONS; i++)
                btf_builder_struct(b, "many", i, false);
        image = btf_builder_finish(b);
        btf = fixture_btf(&image);
        assert_int_equal(name_index_init(&index, btf, /* base= */ NULL, &error), 0);
        name_index_deinit(&index);
        btf_free(btf);
        btf_image_free(&image);

        btf_builder_struct(b, "many", 0, false); /* one that says the same as the first counts as well */
        image = btf_builder_finish(b);
        btf = fixture_btf(&image);
        assert_int_equal(name_index_init(&index, btf, /* base= */ NULL, &error), 1);
        assert_int_equal(error.reason, BTF_ERROR_TOO_MANY);
        assert_int_equal(error.offset, btf_builder_offset(b, NAME_INDEX_MAX_DEFINITIONS + 1));
        btf_free(btf);
        btf_image_free(&image);
        btf_builder_free(b);
}

/* A name_off that is not 0 may still lead to an empty name: the NUL at the end of some string. */
static void an_empty_name_is_none(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        uint32_t odd;

        (void)state;
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        odd = btf_builder_struct(b, "", 0, false);
        btf_builder_set_word(b, odd, 0, 4); /* strings: NUL "int" NUL */
        set = fixture_set(b);
        check_ids(&set->sources[0]->names, "", 0, NULL);
}

/* What is asked for need not end where a string does, and must match to the end. */
static void names_match_whole(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        const struct name_index *index;
        struct name_cursor cursor;
        uint32_t id = 0;

        (void)state;
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        add_struct(b, "list", "x");
        add_struct(b, "list_head", "x");
        set = fixture_set(b);
        index = &set->sources[0]->names;
        check_ids(index, "lis", 0, NULL);
        check_ids(index, "list_", 0, NULL);
        check_ids(index, "list_heads", 0, NULL);
        check_ids(index, "List", 0, NULL);
        cursor = name_index_find(index, "list_head->next", 4);
        assert_true(name_index_next(index, &cursor, &id));
        assert_int_equal(id, 2);
        assert_false(name_index_next(index, &cursor, &id));
}

/*
 * The tag in a slot has eight bits, so that among thousands of names on few slots many share it with a
 * neighbour: only the name itself tells them apart then.
 */
static void names_of_equal_tags_stay_apart(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        const uint32_t n_names = 20000;

        (void)state;
        for (uint32_t i = 0; i < n_names; i++) {
                char name[16];

                snprintf(name, sizeof(name), "t%u", i);
                btf_builder_typedef(b, name, 0);
        }
        set = fixture_set(b);
        for (uint32_t i = 0; i < n_names; i++) {
                char name[16];

                snprintf(name, sizeof(name), "t%u", i);
                check_ids(&set->sources[0]->names, name, 1, (uint32_t[]){i + 1});
                snprintf(name, sizeof(name), "u%u", i);
                check_ids(&set->sources[0]->names, name, 0, NULL);
        }
}

static void an_index_of_nothing_finds_nothing(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;

        (void)state;
        btf_builder_ptr(b, 0);
        set = fixture_set(b);
        check_ids(&set->sources[0]->names, "a", 0, NULL);
}

/* Every named type of the real kernel is found, or else one of its kind that says the same in its place. */
static void every_name_of_a_real_kernel_is_found(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = fixture_real_set();
        const struct name_index *index;
        const struct btf *btf;
        struct same same = {0};
        uint32_t n_found = 0, n_represented = 0;

        (void)state;
        if (!set)
                skip();
        btf = set->sources[0]->btf;
        index = &set->sources[0]->names;
        for (uint32_t id = 1; id < btf->n_types; id++) {
                struct btf_type type = btf_type(btf, id);
                const char *name = btf_name(btf, &type);
                struct name_cursor cursor = name_index_find(index, name, strlen(name));
                uint32_t candidate, previous = 0;
                bool is_there = false, is_represented = false;
                bool is_tag = type.kind == BTF_KIND_DECL_TAG || type.kind == BTF_KIND_TYPE_TAG;

                while (name_index_next(index, &cursor, &candidate)) {
                        struct btf_type found = btf_type(btf, candidate);

                        assert_string_equal(btf_name(btf, &found), name);
                        assert_true(candidate > previous);
                        previous = candidate;
                        is_there = is_there || candidate == id;
                        is_represented =
                                is_represented || (candidate < id && found.kind == type.kind &&
                                                   same_types(&same, btf, id, btf, candidate) == SAME_YES);
                }
                if (name[0] == '\0' || is_tag) {
                        assert_false(is_there);
                        continue;
                }
                if (!is_there && !is_represented)
                        fail_msg("%s %u '%s' is not found", btf_kind_name(type.kind), id, name);
                n_found += is_there;
                n_represented += !is_there;
        }
        print_message("%u names found, %u stand for the same\n", n_found, n_represented);
        assert_true(n_found > 10000);
        same_deinit(&same);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_same_is_found_once_and_the_different_in_order),
                cmocka_unit_test(declarations_and_definitions_are_both_found),
                cmocka_unit_test(only_names_are_names),
                cmocka_unit_test(an_empty_name_is_none),
                cmocka_unit_test(too_many_definitions_are_refused),
                cmocka_unit_test(names_match_whole),
                cmocka_unit_test(names_of_equal_tags_stay_apart),
                cmocka_unit_test(an_index_of_nothing_finds_nothing),
                cmocka_unit_test(every_name_of_a_real_kernel_is_found),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
