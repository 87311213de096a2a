/*
 * btf_check() goes on where btf_new() ends: all errors of a file in their order, and none twice.
 */
#include "support/findings.h"
#include "support/fixture.h"
#include "support/unit.h"

static void a_good_file_is_loaded(void **state)
{
        struct btf_builder *b = btf_builder_new();

        (void)state;
        fixture_every_kind(b);
        findings_expect_none("every kind", b);
}

/* Each record and each entry is looked at, whatever was wrong with the one before. */
static void bad_words_of_all_records_are_found(void **state)
{
        struct btf_builder *b = fixture_types();
        struct finding expected[12];
        uint32_t id;
        size_t n = 0;

        (void)state;
        id = btf_builder_typedef(b, "bad id", 1000);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_ID, id, 2);
        id = btf_builder_struct(b, "two bad members of four", 8, false);
        btf_builder_member(b, "bad id", 1000, 0, 0);
        btf_builder_member(b, "good", TYPES_INT, 0, 0);
        btf_builder_member(b, "beyond the end", TYPES_INT, 65, 0);
        btf_builder_member(b, "good", TYPES_INT, 0, 0);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_ID, id, 4);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_MEMBER, id, 11);
        id = btf_builder_record(b, "", BTF_KIND_PTR, false, 5, 0xffffff);
        btf_builder_set_word(b, id, 0, 0xffffff);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_NAME, id, 0);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_VALUE, id, 1);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_ID, id, 2);
        btf_builder_const(b, TYPES_INT);
        id = btf_builder_enum(b, "bad size and bad name", 3, false);
        btf_builder_value(b, "GOOD", 1);
        btf_builder_value(b, "BAD", 2);
        btf_builder_set_word(b, id, 5, UINT32_MAX);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_SIZE, id, 2);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_NAME, id, 5);
        id = btf_builder_datasec(b, ".data", 8);
        btf_builder_secinfo(b, TYPES_INT, 0, 4);
        btf_builder_secinfo(b, TYPES_VAR, 0, 9);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_REFERENCE, id, 3);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_MEMBER, id, 7);
        findings_expect_file("bad words", b, expected, n);
}

/* A type that refers to what is wrong is not looked at further, as that may not even be there. */
static void what_builds_on_errors_is_not_looked_at(void **state)
{
        struct btf_builder *b = fixture_types();
        uint32_t id;
        struct finding expected;

        (void)state;
        btf_builder_struct(b, "holds itself", 8, false);
        btf_builder_member(b, "m", TYPES_NEXT, 0, 0);
        btf_builder_typedef(b, "of itself", TYPES_NEXT + 1);
        btf_builder_array(b, TYPES_INT, TYPES_INT, UINT32_MAX);
        btf_builder_typedef(b, "no identifier", TYPES_INT);
        id = btf_builder_ptr(b, 1000);
        expected = findings_error(b, BTF_ERROR_BAD_ID, id, 2);
        findings_expect_file("a bad id before all", b, &expected, 1);

        b = fixture_types();
        btf_builder_struct(b, "holds itself", 8, false);
        btf_builder_member(b, "m", TYPES_NEXT, 0, 0);
        id = btf_builder_typedef(b, "of itself", TYPES_NEXT + 1);
        expected = findings_error(b, BTF_ERROR_LOOP, id, 2);
        findings_expect_file("then chains", b, &expected, 1);
}

static void all_bad_chains_are_found(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct finding expected[5];
        uint32_t first;

        (void)state;
        btf_builder_const(b, 3); /* 1 leads into a ring of 2, 3 and 4 */
        btf_builder_const(b, 3);
        btf_builder_typedef(b, "t", 4);
        btf_builder_volatile(b, 2);
        btf_builder_const(b, 5); /* 5 is a ring by itself */
        btf_builder_const(b, 4); /* and 6 leads into the first one */
        btf_builder_const(b, 0); /* 7 is none */
        expected[0] = findings_error(b, BTF_ERROR_TOO_DEEP, 1, 2);
        expected[1] = findings_error(b, BTF_ERROR_LOOP, 2, 2);
        expected[2] = findings_error(b, BTF_ERROR_LOOP, 5, 2);
        expected[3] = findings_error(b, BTF_ERROR_TOO_DEEP, 6, 2);
        findings_expect_file("two rings", b, expected, 4);

        /* Of 34 modifiers the first two are too far from the end, whatever their order. */
        b = btf_builder_new();
        for (uint32_t id = 1; id <= 34; id++)
                btf_builder_const(b, id < 34 ? id + 1 : 0);
        expected[0] = findings_error(b, BTF_ERROR_TOO_DEEP, 1, 2);
        expected[1] = findings_error(b, BTF_ERROR_TOO_DEEP, 2, 2);
        findings_expect_file("down", b, expected, 2);

        b = btf_builder_new();
        first = btf_builder_const(b, 0);
        for (uint32_t i = 1; i < 34; i++)
                btf_builder_const(b, first + i - 1);
        expected[0] = findings_error(b, BTF_ERROR_TOO_DEEP, 33, 2);
        expected[1] = findings_error(b, BTF_ERROR_TOO_DEEP, 34, 2);
        findings_expect_file("up", b, expected, 2);
}

static void all_bad_references_are_found(void **state)
{
        struct btf_builder *b = fixture_types();
        struct finding expected[8];
        uint32_t bits, tag, other_tag, loop, ring;
        size_t n = 0;

        (void)state;
        ring = btf_builder_ptr(b, TYPES_NEXT + 1);
        btf_builder_ptr(b, ring);
        tag = btf_builder_decl_tag(b, "tag", TYPES_INT, -1);
        loop = btf_builder_struct(b, "holds itself", 8, false);
        btf_builder_member(b, "m", loop, 0, 0);
        btf_builder_struct(b, "holds that", 16, false);
        btf_builder_member(b, "m", loop, 0, 0);
        bits = btf_builder_struct(b, "bits", 8, true);
        btf_builder_member(b, "a pointer", TYPES_PTR, 0, 3);
        btf_builder_member(b, "good", TYPES_INT, 0, 3);
        btf_builder_member(b, "between bytes", TYPES_INT, 3, 0);
        other_tag = btf_builder_decl_tag(b, "tag", TYPES_STRUCT, 1);

        /* First each record by what it refers to, then what is embedded, then declarators. */
        expected[n++] = findings_error(b, BTF_ERROR_BAD_REFERENCE, tag, 2);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_MEMBER, bits, 5);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_MEMBER, bits, 11);
        expected[n++] = findings_error(b, BTF_ERROR_BAD_VALUE, other_tag, 3);
        expected[n++] = findings_error(b, BTF_ERROR_LOOP, loop, 4);
        expected[n++] = findings_error(b, BTF_ERROR_LOOP, ring + 1, 2);
        findings_expect_file("bad references", b, expected, n);
}

/* What is made of an array that is too large is not to blame. */
static void an_overflow_is_found_where_it_is(void **state)
{
        struct btf_builder *b = fixture_types();
        struct finding expected[2];
        uint32_t large;

        (void)state;
        btf_builder_array(b, TYPES_NEXT + 2, TYPES_INT, 1); /* its elements come later */
        btf_builder_array(b, TYPES_INT, TYPES_INT, UINT32_MAX / 8);
        large = btf_builder_array(b, TYPES_INT, TYPES_INT, UINT32_MAX / 8 + 1);
        btf_builder_typedef(b, "large_t", large);
        btf_builder_array(b, large + 1, TYPES_INT, UINT32_MAX);
        btf_builder_array(b, large - 1, TYPES_INT, 2);
        expected[0] = findings_error(b, BTF_ERROR_BAD_SIZE, large, 5);
        expected[1] = findings_error(b, BTF_ERROR_BAD_SIZE, large + 3, 5);
        findings_expect_file("two of six arrays", b, expected, 2);
}

/* Without knowing where the records are there is nothing more to find. */
static void some_errors_end_the_search(void **state)
{
        struct btf_builder *b = fixture_types();
        struct finding expected;
        struct btf_image image;
        struct findings findings;
        uint32_t id;

        (void)state;
        btf_builder_ptr(b, 1000);
        id = btf_builder_record(b, "", 20, false, 0, 0);
        btf_builder_ptr(b, 1000);
        expected = findings_error(b, BTF_ERROR_UNKNOWN_KIND, id, 1);
        findings_expect_file("unknown kind", b, &expected, 1);

        b = fixture_types();
        btf_builder_ptr(b, 1000);
        id = btf_builder_struct(b, "s", 8, false);
        btf_builder_set_word(b, id, 1, BTF_KIND_STRUCT << 24 | 1);
        expected = findings_error(b, BTF_ERROR_BAD_RECORD, id, 0);
        findings_expect_file("cut record", b, &expected, 1);

        b = fixture_types();
        btf_builder_ptr(b, 1000);
        btf_builder_layout_kind(b, 20, 3, 0);
        image = btf_builder_steal(b);
        expected = (struct finding){BTF_SEVERITY_ERROR, BTF_ERROR_BAD_LAYOUT,
                                    BTF_HEADER_LAYOUT_LENGTH + btf_image_u32(&image, 24) + 80};
        findings_of(&findings, &image, /* base= */ NULL);
        findings_expect(&findings, "layout", &expected, 1);

        image.data[2] = 2;
        expected = (struct finding){BTF_SEVERITY_ERROR, BTF_ERROR_BAD_VERSION, 2};
        findings_of(&findings, &image, /* base= */ NULL);
        findings_expect(&findings, "version", &expected, 1);
        btf_image_free(&image);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_good_file_is_loaded),
                cmocka_unit_test(bad_words_of_all_records_are_found),
                cmocka_unit_test(what_builds_on_errors_is_not_looked_at),
                cmocka_unit_test(all_bad_chains_are_found),
                cmocka_unit_test(all_bad_references_are_found),
                cmocka_unit_test(an_overflow_is_found_where_it_is),
                cmocka_unit_test(some_errors_end_the_search),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
