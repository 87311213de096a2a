/*
 * Sizes of arrays: as large as 32 bits can tell, and no larger, however they nest.
 */
#include "btf/sizes.h"
#include "support/findings.h"
#include "support/fixture.h"
#include "support/unit.h"

/* Loads what was built, and expects `bytes` for the size of type `id`, however it is asked for. Frees the builder. */
static void expect_size(struct btf_builder *b, uint32_t id, uint64_t bytes)
{
        struct btf_image image = btf_builder_steal(b);
        struct btf *btf = fixture_btf(&image);
        struct btf_sizes sizes;
        uint64_t found = UINT64_MAX;

        assert_int_equal(btf_type_size(btf, id, &found), 0);
        assert_true(found == bytes);
        assert_int_equal(btf_sizes_init(&sizes, btf), 0);
        for (int i = 0; i < 2; i++) {
                found = UINT64_MAX;
                assert_int_equal(btf_sizes_get(&sizes, id, &found), 0);
                assert_true(found == bytes);
        }
        btf_sizes_deinit(&sizes);
        btf_free(btf);
        btf_image_free(&image);
}

static void refuse(const char *name, struct btf_builder *b, uint32_t id)
{
        struct finding expected = findings_error(b, BTF_ERROR_BAD_SIZE, id, 5);

        findings_expect_file(name, b, &expected, 1);
}

/* A char as type 1, an int as type 2. */
static struct btf_builder *with_integers(void)
{
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "char", 1, 8, 0);
        btf_builder_int(b, "int", 4, 32, 0);
        return b;
}

static void one_array_has_at_most_32_bits_of_bytes(void **state)
{
        struct btf_builder *b = with_integers();
        uint32_t id = btf_builder_array(b, 1, 2, UINT32_MAX);

        (void)state;
        expect_size(b, id, UINT32_MAX);

        b = with_integers();
        id = btf_builder_array(b, 2, 2, UINT32_MAX / 4);
        expect_size(b, id, UINT32_MAX - 3);

        b = with_integers();
        id = btf_builder_array(b, 2, 2, UINT32_MAX / 4 + 1);
        refuse("2^32 bytes", b, id);

        b = with_integers();
        btf_builder_int(b, "long", 8, 64, 0);
        id = btf_builder_array(b, 3, 2, UINT32_MAX);
        refuse("2^32 - 1 longs", b, id);
}

/* 65536 chars 65535 times, 65536 times, and so on through a typedef: the product must not wrap. */
static void products_do_not_wrap(void **state)
{
        struct btf_builder *b = with_integers();
        uint32_t row = btf_builder_array(b, 1, 2, 65536), id;

        (void)state;
        id = btf_builder_array(b, row, 2, 65535);
        expect_size(b, id, UINT64_C(65536) * 65535);

        b = with_integers();
        row = btf_builder_array(b, 1, 2, 65536);
        id = btf_builder_array(b, row, 2, 65536);
        refuse("2^32 bytes in rows", b, id);

        b = with_integers();
        row = btf_builder_array(b, 1, 2, 65536);
        btf_builder_typedef(b, "row_t", row);
        id = btf_builder_array(b, row + 1, 2, 65535);
        id = btf_builder_array(b, id, 2, UINT32_MAX);
        refuse("2^64 bytes in rows", b, id);

        /* From the last to the first, so that none is known when it is needed. */
        b = with_integers();
        id = btf_builder_array(b, 4, 2, 65536);
        btf_builder_array(b, 5, 2, 65536);
        btf_builder_array(b, 1, 2, 1);
        refuse("2^32 bytes from above", b, id);
}

/* No bytes times whatever are no bytes. */
static void nothing_has_no_size_however_often(void **state)
{
        struct btf_builder *b = with_integers();
        uint32_t id = btf_builder_array(b, 1, 2, UINT32_MAX);

        (void)state;
        id = btf_builder_array(b, id, 2, 0);
        id = btf_builder_array(b, id, 2, UINT32_MAX);
        id = btf_builder_array(b, id, 2, UINT32_MAX);
        id = btf_builder_array(b, id, 2, UINT32_MAX);
        expect_size(b, id, 0);

        b = with_integers();
        id = btf_builder_struct(b, "empty", 0, false);
        for (int i = 0; i < 5; i++)
                id = btf_builder_array(b, id, 2, UINT32_MAX);
        expect_size(b, id, 0);
}

/* 32 arrays, each behind 32 modifiers, and as many arrays of them as make it hard to look at each of these each time. */
static void long_ways_are_gone_once(void **state)
{
        struct btf_builder *b = with_integers();
        uint32_t id = 1;

        (void)state;
        for (int i = 0; i < 31; i++) {
                id = btf_builder_array(b, id, 2, 2);
                for (int j = 0; j < 32; j++)
                        id = btf_builder_const(b, id);
        }
        for (int i = 0; i < 200000; i++)
                btf_builder_array(b, id, 2, 1);
        expect_size(b, id + 200000, UINT64_C(1) << 31);
}

/* A module's array of the base's arrays. */
static void a_bases_arrays_count(void **state)
{
        struct btf_builder *b = with_integers();
        uint32_t row = btf_builder_array(b, 1, 2, 65536);
        struct btf_image base_image = btf_builder_finish(b), image;
        struct btf *base = fixture_btf(&base_image);
        struct btf_builder *module = btf_builder_new_split(b);
        struct finding expected;
        struct findings findings;

        (void)state;
        btf_builder_array(module, row, 2, 65535);
        row = btf_builder_array(module, row, 2, 65536);
        expected = findings_error(module, BTF_ERROR_BAD_SIZE, row, 5);
        image = btf_builder_steal(module);
        findings_of(&findings, &image, base);
        btf_image_free(&image);
        btf_free(base);
        btf_image_free(&base_image);
        btf_builder_free(b);
        findings_expect(&findings, "module", &expected, 1);
}

/* What is no array, and what has no size. */
static void other_types_have_the_size_they_have(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;
        struct btf_sizes sizes;
        struct btf *btf;

        (void)state;
        fixture_every_kind(b);
        image = btf_builder_steal(b);
        btf = fixture_btf(&image);
        assert_int_equal(btf_sizes_init(&sizes, btf), 0);
        for (uint32_t id = 0; id < btf->n_types; id++) {
                uint64_t expected = 1, found = 1;

                assert_int_equal(btf_sizes_get(&sizes, id, &found), btf_type_size(btf, id, &expected));
                assert_true(found == expected);
        }
        btf_sizes_deinit(&sizes);
        btf_free(btf);
        btf_image_free(&image);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_array_has_at_most_32_bits_of_bytes),
                cmocka_unit_test(products_do_not_wrap),
                cmocka_unit_test(nothing_has_no_size_however_often),
                cmocka_unit_test(long_ways_are_gone_once),
                cmocka_unit_test(a_bases_arrays_count),
                cmocka_unit_test(other_types_have_the_size_they_have),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
