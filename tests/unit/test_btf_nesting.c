/*
 * What may not go on without end: modifier chains, what types hold by value, what one declaration spells out.
 */
#include "support/fixture.h"
#include "support/unit.h"

/* Returns btf_new()'s result, the same for both byte orders. A file that is refused must be so at word `i_word` of type
 * `id`'s record. Frees the builder. */
static int load(struct btf_builder *b, enum btf_error_reason reason, uint32_t id, size_t i_word)
{
        uint64_t offset = btf_builder_offset(b, id) + i_word * 4;
        int results[2];

        for (int i = 0; i < 2; i++) {
                struct btf_image image = btf_builder_finish(b);
                struct btf_error error = {0};
                struct btf *btf = NULL;

                results[i] = btf_new(&btf, image.data, image.size, /* base= */ NULL, &error);
                btf_free(btf);
                btf_image_free(&image);
                if (results[i] == 1 && (error.reason != reason || error.offset != offset))
                        fail_msg("%s at %llu (%s), expected %s at %llu", btf_error_reason_name(error.reason),
                                 (unsigned long long)error.offset, error.message,
                                 btf_error_reason_name(reason), (unsigned long long)offset);
                btf_builder_foreign(b);
        }
        btf_builder_free(b);
        assert_int_equal(results[0], results[1]);
        return results[0];
}

enum order {
        ORDER_UP,   /* each type refers to the one before it */
        ORDER_DOWN, /* each refers to the one behind it */
};

/* `n` modifiers in a row before an int. */
static int load_chain(uint32_t n, enum order order, uint32_t blamed)
{
        static const enum btf_kind kinds[] = {BTF_KIND_CONST, BTF_KIND_TYPEDEF, BTF_KIND_VOLATILE,
                                              BTF_KIND_TYPE_TAG, BTF_KIND_RESTRICT};
        struct btf_builder *b = btf_builder_new();

        if (order == ORDER_UP)
                btf_builder_int(b, "int", 4, 32, 0);
        for (uint32_t i = 0; i < n; i++) {
                uint32_t id = btf_builder_next_id(b);

                btf_builder_record(b, "", kinds[i % 5], false, 0, order == ORDER_UP ? id - 1 : id + 1);
        }
        if (order == ORDER_DOWN)
                btf_builder_int(b, "int", 4, 32, 0);
        return load(b, BTF_ERROR_TOO_DEEP, blamed, 2);
}

static void modifier_chains_have_at_most_32(void **state)
{
        (void)state;
        assert_int_equal(load_chain(32, ORDER_UP, 1), 0);
        assert_int_equal(load_chain(32, ORDER_DOWN, 1), 0);
        assert_int_equal(load_chain(33, ORDER_UP, 34), 1);
        assert_int_equal(load_chain(33, ORDER_DOWN, 1), 1);
        assert_int_equal(load_chain(100000, ORDER_DOWN, 1), 1);
}

/* Whether or not the file has a chain so long that what modifiers lead to is kept: each leads to its end. */
static void each_modifier_leads_to_the_end_of_its_chain(void **state)
{
        (void)state;
        for (uint32_t n = 1; n <= BTF_MAX_CHAIN; n++) {
                struct btf_builder *b = btf_builder_new();
                struct btf_image image, module_image;
                struct btf_builder *module;
                struct btf_error error;
                struct btf *btf, *split = NULL;
                uint32_t end;

                btf_builder_int(b, "int", 4, 32, 0);
                for (uint32_t i = 0; i < n; i++) /* 2 and on: down to 1 */
                        btf_builder_const(b, i + 1);
                end = btf_builder_next_id(b) + n / 2;
                for (uint32_t i = 0; i < n / 2; i++) /* up to a pointer behind them */
                        btf_builder_volatile(b, btf_builder_next_id(b) + 1);
                btf_builder_ptr(b, 0);
                image = btf_builder_finish(b);
                btf = fixture_btf(&image);
                module = btf_builder_new_split(b);
                btf_builder_typedef(module, "t", n); /* one less than the longest of the base */
                module_image = btf_builder_finish(module);
                assert_int_equal(btf_new(&split, module_image.data, module_image.size, btf, &error), 0);

                for (uint32_t id = 1; id <= n + 1; id++)
                        assert_int_equal(btf_strip_id(split, id), 1);
                for (uint32_t id = n + 2; id <= end; id++)
                        assert_int_equal(btf_strip_id(split, id), end);
                assert_int_equal(btf_strip_id(split, end + 1), 1);
                btf_free(split);
                btf_free(btf);
                btf_image_free(&module_image);
                btf_image_free(&image);
                btf_builder_free(module);
                btf_builder_free(b);
        }
}

static void modifier_rings_are_refused(void **state)
{
        struct btf_builder *b = btf_builder_new();

        (void)state;
        btf_builder_const(b, 2);
        btf_builder_typedef(b, "t", 1);
        assert_int_equal(load(b, BTF_ERROR_LOOP, 1, 2), 1);

        /* A ring that the first type only leads into. */
        b = btf_builder_new();
        btf_builder_int(b, "int", 4, 32, 0);
        btf_builder_const(b, 4);
        btf_builder_volatile(b, 4);
        btf_builder_typedef(b, "t", 3);
        assert_int_equal(load(b, BTF_ERROR_TOO_DEEP, 2, 2), 1);
}

/* `n` structs, each holding the next by value. */
static int load_embedding(uint32_t n, enum order order, uint32_t blamed)
{
        struct btf_builder *b = btf_builder_new();

        if (order == ORDER_UP)
                btf_builder_int(b, "int", 4, 32, 0);
        for (uint32_t i = 0; i < n; i++) {
                uint32_t id = btf_builder_next_id(b);

                btf_builder_struct(b, "s", 4, false);
                btf_builder_member(b, "m", order == ORDER_UP ? id - 1 : id + 1, 0, 0);
        }
        if (order == ORDER_DOWN)
                btf_builder_int(b, "int", 4, 32, 0);
        return load(b, BTF_ERROR_TOO_DEEP, blamed, 4);
}

static void structs_nest_at_most_32_deep(void **state)
{
        (void)state;
        assert_int_equal(load_embedding(32, ORDER_UP, 1), 0);
        assert_int_equal(load_embedding(32, ORDER_DOWN, 1), 0);
        /* Id 34 holds 33, which is 32 deep already. */
        assert_int_equal(load_embedding(33, ORDER_UP, 34), 1);
        /* From 1 down, the 32nd holds one too many. */
        assert_int_equal(load_embedding(33, ORDER_DOWN, 32), 1);
        assert_int_equal(load_embedding(100000, ORDER_DOWN, 32), 1);
        assert_int_equal(load_embedding(100000, ORDER_UP, 34), 1);
}

/* Two branches: the depth that counts is the deeper one's, whichever is looked at first. */
static void the_deepest_branch_counts(void **state)
{
        (void)state;
        for (int deep_first = 0; deep_first < 2; deep_first++) {
                struct btf_builder *b = btf_builder_new();
                uint32_t shallow, deep, joint;

                btf_builder_int(b, "int", 4, 32, 0);
                shallow = btf_builder_struct(b, "shallow", 4, false);
                btf_builder_member(b, "m", 1, 0, 0);
                deep = shallow;
                for (int i = 0; i < 30; i++) {
                        uint32_t id = btf_builder_struct(b, "deep", 4, false);

                        btf_builder_member(b, "m", deep, 0, 0);
                        deep = id;
                }
                joint = btf_builder_struct(b, "joint", 8, false); /* 32 deep */
                btf_builder_member(b, "m", deep_first ? deep : shallow, 0, 0);
                btf_builder_member(b, "n", deep_first ? shallow : deep, 0, 0);
                btf_builder_struct(b, "top", 8, false); /* 33 */
                btf_builder_member(b, "m", joint, 0, 0);
                assert_int_equal(load(b, BTF_ERROR_TOO_DEEP, joint + 1, 4), 1);
        }
}

static void what_holds_itself_is_refused(void **state)
{
        struct btf_builder *b = btf_builder_new();

        (void)state;
        btf_builder_int(b, "int", 4, 32, 0);
        btf_builder_struct(b, "s", 8, false); /* 2, through an array */
        btf_builder_member(b, "m", 3, 0, 0);
        btf_builder_array(b, 2, 1, 1);
        assert_int_equal(load(b, BTF_ERROR_LOOP, 3, 3), 1);

        b = btf_builder_new();
        btf_builder_struct(b, "s", 8, false); /* 1, through a typedef and const */
        btf_builder_member(b, "m", 3, 0, 0);
        btf_builder_typedef(b, "s_t", 1);
        btf_builder_const(b, 2);
        assert_int_equal(load(b, BTF_ERROR_LOOP, 1, 4), 1);

        b = btf_builder_new();
        btf_builder_struct(b, "a", 8, false);
        btf_builder_member(b, "b", 2, 0, 0);
        btf_builder_union(b, "b", 8, false);
        btf_builder_member(b, "a", 1, 0, 0);
        assert_int_equal(load(b, BTF_ERROR_LOOP, 2, 4), 1);

        /* Even an array of no elements: whoever sums its size would not come back. */
        b = btf_builder_new();
        btf_builder_int(b, "int", 4, 32, 0);
        btf_builder_struct(b, "s", 8, false);
        btf_builder_member(b, "m", 3, 0, 0);
        btf_builder_array(b, 2, 1, 0);
        assert_int_equal(load(b, BTF_ERROR_LOOP, 3, 3), 1);
}

static void what_points_to_itself_is_fine(void **state)
{
        struct btf_builder *b = btf_builder_new();

        (void)state;
        btf_builder_struct(b, "list_head", 16, false);
        btf_builder_member(b, "next", 2, 0, 0);
        btf_builder_member(b, "prev", 2, 64, 0);
        btf_builder_ptr(b, 1);
        assert_int_equal(load(b, BTF_ERROR_LOOP, 1, 0), 0);

        b = btf_builder_new(); /* typedef struct s *(*t)(t): a name stands in the ring */
        btf_builder_typedef(b, "t", 2);
        btf_builder_ptr(b, 3);
        btf_builder_func_proto(b, 1);
        btf_builder_param(b, "", 1);
        assert_int_equal(load(b, BTF_ERROR_LOOP, 1, 0), 0);
}

/* `n` pointers in a row. */
static int load_pointers(uint32_t n, enum order order, uint32_t blamed)
{
        struct btf_builder *b = btf_builder_new();

        for (uint32_t id = 1; id <= n; id++)
                btf_builder_ptr(b, order == ORDER_UP ? id - 1 : id < n ? id + 1 : 0);
        return load(b, BTF_ERROR_TOO_DEEP, blamed, 2);
}

static void declarators_have_at_most_32_parts(void **state)
{
        (void)state;
        assert_int_equal(load_pointers(32, ORDER_UP, 1), 0);
        assert_int_equal(load_pointers(32, ORDER_DOWN, 1), 0);
        assert_int_equal(load_pointers(33, ORDER_UP, 33), 1);
        assert_int_equal(load_pointers(33, ORDER_DOWN, 32), 1);
        assert_int_equal(load_pointers(100000, ORDER_UP, 33), 1);
        assert_int_equal(load_pointers(100000, ORDER_DOWN, 32), 1);
}

static void declarator_rings_are_refused(void **state)
{
        struct btf_builder *b = btf_builder_new();

        (void)state;
        btf_builder_ptr(b, 2);
        btf_builder_ptr(b, 1);
        assert_int_equal(load(b, BTF_ERROR_LOOP, 2, 2), 1);

        b = btf_builder_new(); /* a qualifier hides nothing */
        btf_builder_const(b, 2);
        btf_builder_ptr(b, 1);
        assert_int_equal(load(b, BTF_ERROR_LOOP, 2, 2), 1);

        b = btf_builder_new(); /* a function that takes pointers to such functions */
        btf_builder_func_proto(b, 0);
        btf_builder_param(b, "", 0);
        btf_builder_param(b, "", 2);
        btf_builder_ptr(b, 1);
        assert_int_equal(load(b, BTF_ERROR_LOOP, 2, 2), 1);
}

/* Types that share what they hold: a naive walk of 2^31 paths would not end. */
static void shared_subtypes_cost_no_more(void **state)
{
        struct btf_builder *b = btf_builder_new();

        (void)state;
        btf_builder_int(b, "int", 4, 32, 0);
        for (uint32_t id = 2; id <= 32; id++) {
                btf_builder_struct(b, "", 4, false);
                btf_builder_member(b, "l", id - 1, 0, 0);
                btf_builder_member(b, "r", id - 1, 0, 0);
        }
        assert_int_equal(load(b, BTF_ERROR_LOOP, 1, 0), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(modifier_chains_have_at_most_32),
                cmocka_unit_test(each_modifier_leads_to_the_end_of_its_chain),
                cmocka_unit_test(modifier_rings_are_refused),
                cmocka_unit_test(structs_nest_at_most_32_deep),
                cmocka_unit_test(the_deepest_branch_counts),
                cmocka_unit_test(what_holds_itself_is_refused),
                cmocka_unit_test(what_points_to_itself_is_fine),
                cmocka_unit_test(declarators_have_at_most_32_parts),
                cmocka_unit_test(declarator_rings_are_refused),
                cmocka_unit_test(shared_subtypes_cost_no_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
