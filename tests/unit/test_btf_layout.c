/*
 * Kinds that nobody knows yet: the layout section tells how long they are, and nothing else may come of what it tells.
 */
#include <string.h>

#include "support/findings.h"
#include "support/fixture.h"
#include "support/unit.h"

#define NOVEL 20U /* a kind */

/* Expects one error, in both byte orders. Frees the builder. */
static void refuse(const char *name, struct btf_builder *b, enum btf_error_reason reason, uint32_t id,
                   size_t i_word)
{
        struct finding expected = findings_error(b, reason, id, i_word);

        findings_expect_file(name, b, &expected, 1);
}

/* Expects what the kernel would say, and nothing more: that each record of such a kind is one too many. */
static void accept(const char *name, struct btf_builder *b, uint32_t first_id, size_t n)
{
        struct finding expected[FINDINGS_MAX];

        assert_true(n <= FINDINGS_MAX);
        for (size_t i = 0; i < n; i++)
                expected[i] = findings_warning(b, BTF_ERROR_UNKNOWN_KIND, first_id + (uint32_t)i, 1);
        findings_expect_file(name, b, expected, n);
}

static struct btf_builder *with_layout(uint32_t kind, uint8_t info_sz, uint8_t elem_sz)
{
        struct btf_builder *b = fixture_types();

        btf_builder_layout_kind(b, kind, info_sz, elem_sz);
        return b;
}

static uint32_t add_record(struct btf_builder *b, uint32_t kind, uint32_t vlen, size_t n_tail)
{
        uint32_t id = btf_builder_record(b, "novel", kind, true, vlen, UINT32_MAX);

        for (size_t i = 0; i < n_tail; i++)
                btf_builder_word(b, UINT32_MAX);
        return id;
}

static void records_are_as_long_as_told(void **state)
{
        static const uint32_t kinds[] = {NOVEL, 31, 32, 63, 64, 127};

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
                struct btf_builder *b = with_layout(kinds[i], 4, 8);
                uint32_t id = add_record(b, kinds[i], 0, 1);

                add_record(b, kinds[i], 1, 3);
                add_record(b, kinds[i], 2, 5);
                btf_builder_typedef(b, "behind_them", TYPES_INT);
                accept("three records", b, id, 3);
        }
}

static void what_is_not_told_is_refused(void **state)
{
        struct btf_builder *b = with_layout(NOVEL, 0, 0);
        uint32_t id = add_record(b, NOVEL + 1, 0, 0);

        (void)state;
        refuse("kind behind the layout's last", b, BTF_ERROR_UNKNOWN_KIND, id, 1);

        b = with_layout(127, 0, 0);
        id = add_record(b, 0, 0, 0);
        refuse("kind 0, which the layout has a place for", b, BTF_ERROR_UNKNOWN_KIND, id, 1);

        b = fixture_types();
        btf_builder_layout(b, 0);
        id = add_record(b, NOVEL, 0, 0);
        refuse("an empty layout", b, BTF_ERROR_UNKNOWN_KIND, id, 1);
}

static void a_record_ends_inside_the_section(void **state)
{
        struct btf_builder *b = with_layout(NOVEL, 252, 0);
        uint32_t id = add_record(b, NOVEL, 0xffffff, 63);

        (void)state;
        accept("252 bytes", b, id, 1);

        b = with_layout(NOVEL, 252, 0);
        id = add_record(b, NOVEL, 0, 62);
        refuse("248 bytes of 252", b, BTF_ERROR_BAD_RECORD, id, 0);

        /* 252 << 24 bytes, in 32 bits with a sign a negative number */
        b = with_layout(NOVEL, 252, 252);
        id = add_record(b, NOVEL, 0xffffff, 70);
        refuse("252 + 16777215 * 252 bytes", b, BTF_ERROR_BAD_RECORD, id, 0);

        b = with_layout(NOVEL, 0, 8);
        id = add_record(b, NOVEL, 3, 5);
        refuse("20 bytes of 24", b, BTF_ERROR_BAD_RECORD, id, 0);
}

/* Everything in the type section is made of words. */
static void lengths_are_of_whole_words(void **state)
{
        static const uint8_t lengths[] = {1, 2, 3, 5, 250, 251, 253, 254, 255};

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
                for (int is_elem = 0; is_elem < 2; is_elem++) {
                        struct btf_builder *b =
                                with_layout(NOVEL, is_elem ? 0 : lengths[i], is_elem ? lengths[i] : 0);
                        struct btf_image image = btf_builder_finish(b);
                        struct finding expected = {BTF_SEVERITY_ERROR, BTF_ERROR_BAD_LAYOUT,
                                                   BTF_HEADER_LAYOUT_LENGTH + btf_image_u32(&image, 24) +
                                                           NOVEL * 4 + (size_t)is_elem};

                        btf_image_free(&image);
                        findings_expect_file("layout", b, &expected, 1);
                }
        }
}

/* Kinds that we know have the length that we know, whatever the section says. */
static void known_kinds_keep_their_length(void **state)
{
        struct btf_builder *b = btf_builder_new();

        (void)state;
        for (uint32_t kind = 0; kind <= BTF_KIND_ENUM64; kind++)
                btf_builder_layout_kind(b, kind, 252, 252);
        fixture_every_kind(b);
        findings_expect_none("other lengths", b);
}

/* Such a type may be used wherever a type may be, and a tag may point at it; but it is no prototype and no variable. */
static void any_type_may_be_of_such_a_kind(void **state)
{
        struct btf_builder *b = with_layout(NOVEL, 0, 0);
        uint32_t novel = add_record(b, NOVEL, 3, 0), id;

        (void)state;
        btf_builder_ptr(b, novel);
        btf_builder_typedef(b, "t", novel);
        btf_builder_const(b, novel);
        btf_builder_type_tag(b, "tag", novel, false);
        btf_builder_array(b, novel, novel, 3);
        btf_builder_struct(b, "s", 4, true);
        btf_builder_member(b, "bits", novel, 3, 5);
        btf_builder_union(b, "u", 4, false);
        btf_builder_member(b, "m", novel, 0, 0);
        btf_builder_func_proto(b, novel);
        btf_builder_param(b, "p", novel);
        id = btf_builder_var(b, "v", novel, 1);
        btf_builder_datasec(b, ".data", 4);
        btf_builder_secinfo(b, id, 0, 4);
        btf_builder_decl_tag(b, "tag", novel, -1);
        btf_builder_decl_tag(b, "tag", novel, INT32_MAX);
        accept("everywhere", b, novel, 1);

        b = with_layout(NOVEL, 0, 0);
        novel = add_record(b, NOVEL, 3, 0);
        id = btf_builder_func(b, "f", novel, 1);
        refuse("func", b, BTF_ERROR_BAD_REFERENCE, id, 2);

        b = with_layout(NOVEL, 0, 0);
        novel = add_record(b, NOVEL, 3, 0);
        id = btf_builder_datasec(b, ".data", 4);
        btf_builder_secinfo(b, novel, 0, 4);
        refuse("datasec", b, BTF_ERROR_BAD_REFERENCE, id, 3);
}

/* The only word of it that must mean something. */
static void its_name_is_in_the_strings(void **state)
{
        struct btf_builder *b = with_layout(NOVEL, 0, 0);
        uint32_t id = add_record(b, NOVEL, 0, 0);

        (void)state;
        btf_builder_set_word(b, id, 0, 0xffffff);
        refuse("name", b, BTF_ERROR_BAD_NAME, id, 0);
}

/* A module's own section counts, if it has one, even if it knows fewer kinds. */
static void a_module_may_have_its_own(void **state)
{
        (void)state;
        for (int has_own = 0; has_own < 2; has_own++) {
                struct btf_builder *b = with_layout(NOVEL, 4, 0);
                struct btf_image base_image = btf_builder_finish(b), image;
                struct btf *base = fixture_btf(&base_image);
                struct btf_builder *module = btf_builder_new_split(b);
                struct finding expected;
                struct findings findings;
                uint32_t id = add_record(module, NOVEL, 0, 1);

                if (has_own)
                        btf_builder_layout(module, 4);
                btf_builder_typedef(module, "behind_it", TYPES_INT);
                expected = has_own ? findings_error(module, BTF_ERROR_UNKNOWN_KIND, id, 1)
                                   : findings_warning(module, BTF_ERROR_UNKNOWN_KIND, id, 1);
                image = btf_builder_steal(module);
                findings_of(&findings, &image, base);
                btf_image_free(&image);
                btf_free(base);
                btf_image_free(&base_image);
                btf_builder_free(b);
                findings_expect(&findings, has_own ? "own layout" : "base's layout", &expected, 1);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(records_are_as_long_as_told),
                cmocka_unit_test(what_is_not_told_is_refused),
                cmocka_unit_test(a_record_ends_inside_the_section),
                cmocka_unit_test(lengths_are_of_whole_words),
                cmocka_unit_test(known_kinds_keep_their_length),
                cmocka_unit_test(any_type_may_be_of_such_a_kind),
                cmocka_unit_test(its_name_is_in_the_strings),
                cmocka_unit_test(a_module_may_have_its_own),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
