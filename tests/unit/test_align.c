/*
 * What types ask for, and how i386 is told from other machines with 4-byte pointers.
 */
#include "btf/align.h"
#include "support/fixture.h"
#include "support/unit.h"

/* A kernel of 4-byte pointers with structs of which `n_halves` of `n` have their 8-byte integer at byte 4. */
static void expect_wide_align(uint32_t n_halves, uint32_t n, uint8_t expected)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t word = btf_builder_int(b, "long unsigned int", 4, 32, 0);
        uint32_t wide = btf_builder_int(b, "long long unsigned int", 8, 64, 0);
        struct btf_image image;
        struct btf_type type;
        struct btf *btf;

        for (uint32_t i = 0; i < n; i++) {
                btf_builder_struct(b, "s", 16, false);
                btf_builder_member(b, "w", word, 0, 0);
                btf_builder_member(b, "l", wide, i < n_halves ? 32 : 64, 0);
        }
        image = btf_builder_steal(b);
        btf = fixture_btf(&image);
        assert_int_equal(btf->pointer_size, 4);
        assert_int_equal(btf->wide_align, expected);
        type = btf_type(btf, wide);
        assert_int_equal(btf_scalar_align(btf, &type), expected);
        type = btf_type(btf, word);
        assert_int_equal(btf_scalar_align(btf, &type), 4);
        btf_free(btf);
        btf_image_free(&image);
}

static void offsets_tell_i386_from_arm(void **state)
{
        (void)state;
        expect_wide_align(0, 0, 8);
        expect_wide_align(0, 100, 8);
        expect_wide_align(5, 100, 8); /* packed ones */
        expect_wide_align(30, 100, 4);
        expect_wide_align(1, 1, 4);
}

static void types_ask_for_what_divides_their_size(void **state)
{
        static const struct {
                const char *name;
                uint32_t size, align, align_big_endian;
        } integers[] = {
                {"long unsigned int", 8, 8, 8},
                {"char", 1, 1, 1},
                {"short", 2, 2, 2},
                {"__int128", 16, 16, 8},
        };

        (void)state;
        for (int foreign = 0; foreign < 2; foreign++) {
                struct btf_builder *b = btf_builder_new();
                struct btf_image image;
                struct btf *btf;

                if (foreign)
                        btf_builder_foreign(b);
                for (size_t i = 0; i < ARRAY_LENGTH(integers); i++)
                        btf_builder_int(b, integers[i].name, integers[i].size, integers[i].size * 8, 0);
                btf_builder_float(b, "long double", 12);
                btf_builder_ptr(b, 1);
                btf_builder_enum(b, "e", 2, false);
                image = btf_builder_steal(b);
                btf = fixture_btf(&image);
                for (uint32_t i = 0; i < ARRAY_LENGTH(integers); i++) {
                        struct btf_type type = btf_type(btf, i + 1);

                        assert_int_equal(btf_scalar_align(btf, &type),
                                         btf->big_endian ? integers[i].align_big_endian : integers[i].align);
                }
                for (uint32_t id = 5; id < 8; id++) {
                        static const uint32_t expected[] = {4, 8, 2};
                        struct btf_type type = btf_type(btf, id);

                        assert_int_equal(btf_scalar_align(btf, &type), expected[id - 5]);
                }
                btf_free(btf);
                btf_image_free(&image);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(offsets_tell_i386_from_arm),
                cmocka_unit_test(types_ask_for_what_divides_their_size),
        };

        return cmocka_run_group_tests_name("align", tests, NULL, NULL);
}
