/*
 * What the kernel's full checker would refuse and btf_new() lets pass: rules of the whole file and of what types lead to.
 * Whatever keeps all rules must give no warning.
 */
#include <string.h>

#include "support/findings.h"
#include "support/fixture.h"
#include "support/unit.h"

static void what_keeps_the_rules_gives_no_warning(void **state)
{
        struct btf_builder *b = fixture_types();

        (void)state;
        btf_builder_func(b, "func.isra.0", TYPES_PROTO, 1);
        btf_builder_datasec(b, ".data..per cpu", 8);
        btf_builder_secinfo(b, TYPES_VAR, 0, 8);
        btf_builder_array(b, TYPES_INT, TYPES_INT, 2);
        btf_builder_decl_tag(b, "any text", TYPES_STRUCT, 0);
        findings_expect_none("each type by itself", b);

        b = btf_builder_new();
        fixture_every_kind(b);
        findings_expect_none("every kind", b);
}

/* All that is wrong with one record, not only the first thing; and nothing twice. */
static void no_warning_hides_another(void **state)
{
        struct btf_builder *b = fixture_types();
        struct finding expected[12];
        uint32_t id;
        size_t n = 0;

        (void)state;
        id = btf_builder_record(b, "no name", BTF_KIND_STRUCT, false, 2, 8);
        btf_builder_word(b, btf_builder_string(b, "1"));
        btf_builder_word(b, TYPES_FLOAT);
        btf_builder_word(b, 8);
        btf_builder_word(b, btf_builder_string(b, "2"));
        btf_builder_word(b, TYPES_FWD);
        btf_builder_word(b, 0);
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_NAME, id, 0);
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_NAME, id, 3);
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_MEMBER, id, 5); /* not aligned, ... */
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_MEMBER, id, 5); /* ... and too long */
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_NAME, id, 6);
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_MEMBER, id, 8);
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_REFERENCE, id, 7);
        id = btf_builder_record(b, "", BTF_KIND_FUNC, true, 2, TYPES_UNNAMED);
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_VALUE, id, 1);
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_NAME, id, 0);
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_VALUE, id, 1);
        expected[n++] = findings_warning(b, BTF_ERROR_BAD_REFERENCE, id, 2);
        findings_expect_file("two bad records", b, expected, n);
}

/* A kind that only the layout section tells of is not for the kernel. What refers to it is not to blame. */
static void unknown_kinds_are_warned_of_once(void **state)
{
        struct btf_builder *b = fixture_types();
        uint32_t novel;

        (void)state;
        btf_builder_layout_kind(b, 20, 0, 0);
        novel = btf_builder_record(b, "any name", 20, true, 0, 0);
        btf_builder_struct(b, "s", 8, false);
        btf_builder_member(b, "m", novel, 0, 0);
        btf_builder_array(b, novel, novel, 2);
        btf_builder_func_proto(b, novel);
        btf_builder_param(b, "p", novel);
        btf_builder_datasec(b, ".data", 4);
        btf_builder_secinfo(b, btf_builder_next_id(b), 0, 4);
        btf_builder_var(b, "v", novel, 1);
        btf_builder_decl_tag(b, "tag", novel, 7);
        findings_expect_one("unknown kind", b, BTF_ERROR_UNKNOWN_KIND, novel, 1);
}

/* One prototype, so bad names are found once, but each FUNC with it is refused. */
static void each_func_needs_names(void **state)
{
        struct btf_builder *b = fixture_types();
        struct finding expected[2];
        uint32_t first;

        (void)state;
        first = btf_builder_func(b, "f", TYPES_UNNAMED, 1);
        btf_builder_func(b, "g", TYPES_PROTO, 1);
        btf_builder_func(b, "h", TYPES_UNNAMED, 1);
        expected[0] = findings_warning(b, BTF_ERROR_BAD_REFERENCE, first, 2);
        expected[1] = findings_warning(b, BTF_ERROR_BAD_REFERENCE, first + 2, 2);
        findings_expect_file("two of three", b, expected, 2);
}

/* Expects at most one warning, and leaves the builder as it is. These files are large, so one byte order must do. */
static void expect_bound(const char *name, const struct btf_builder *b, const struct finding *expected)
{
        struct btf_image image = btf_builder_finish(b);
        struct findings findings;

        findings_of(&findings, &image, /* base= */ NULL);
        btf_image_free(&image);
        findings_expect(&findings, name, expected, expected != NULL);
}

static void more_types_than_the_kernel_takes(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct finding expected;

        (void)state;
        for (uint32_t id = 1; id <= 0xffffe; id++)
                btf_builder_const(b, 0);
        expect_bound("1048574 types", b, NULL);
        btf_builder_const(b, 0);
        btf_builder_const(b, 0);
        expected = findings_warning(b, BTF_ERROR_TOO_LARGE, 0xfffff, 0);
        expect_bound("2 types too many", b, &expected);
        btf_builder_free(b);
}

static void more_bytes_than_the_kernel_takes(void **state)
{
        struct finding expected = {BTF_SEVERITY_WARNING, BTF_ERROR_TOO_LARGE, 16U << 20};
        /* What is left for parameters beside 24 bytes of header, 16 of an INT, 12 of a record, 4 of strings. */
        uint32_t n_params = ((16U << 20) - 24 - 16 - 12 - 4) / 8;
        struct btf_builder *b = btf_builder_new();
        uint32_t id;

        (void)state;
        btf_builder_int(b, "ii", 4, 32, 0);
        id = btf_builder_func_proto(b, 0);
        for (uint32_t i = 0; i < n_params; i++) {
                btf_builder_word(b, 0);
                btf_builder_word(b, 1);
        }
        btf_builder_set_word(b, id, 1, BTF_KIND_FUNC_PROTO << 24 | n_params);
        expect_bound("16 MiB", b, NULL);
        btf_builder_string(b, "y");
        expect_bound("16 MiB and two bytes", b, &expected);
        btf_builder_free(b);
}

/* Both sections of a file whose strings come first: NUL and padding, then one `const void`. */
static struct btf_image strings_first(uint32_t header_length)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;

        btf_builder_header_length(b, header_length);
        btf_builder_const(b, 0);
        btf_builder_string(b, "pad"); /* NUL "pad" NUL, of which 4 bytes are to stay */
        image = btf_builder_steal(b);
        image.size--;
        memset(image.data + header_length, 0, 4);
        memcpy(image.data + header_length + 4, (uint32_t[]){0, BTF_KIND_CONST << 24, 0}, 12);
        memcpy(image.data + 8, (uint32_t[]){4, 12, 0, 4}, 16);
        return image;
}

static void strings_come_last_behind_an_old_header(void **state)
{
        struct finding expected = {BTF_SEVERITY_WARNING, BTF_ERROR_BAD_SECTION, 16};
        struct btf_image image = strings_first(BTF_HEADER_LENGTH);
        struct findings findings;

        (void)state;
        findings_of(&findings, &image, /* base= */ NULL);
        findings_expect(&findings, "24 bytes of header", &expected, 1);
        btf_image_free(&image);

        image = strings_first(BTF_HEADER_LAYOUT_LENGTH);
        findings_of(&findings, &image, /* base= */ NULL);
        findings_expect(&findings, "32 bytes of header", NULL, 0);
        btf_image_free(&image);
}

/* A base of three types, of which one breaks a rule, and a module on it. */
struct split {
        struct btf_builder *module;
        struct btf_image base_image;
        struct btf *base;
};

static void begin(struct split *split, struct btf_builder *base)
{
        split->base_image = btf_builder_finish(base);
        split->base = fixture_btf(&split->base_image);
        split->module = btf_builder_new_split(base);
        btf_builder_free(base);
}

static void end(struct split *split, const char *name, const struct finding *expected, size_t n_expected)
{
        struct btf_image image = btf_builder_steal(split->module);
        struct findings findings;

        findings_of(&findings, &image, split->base);
        btf_image_free(&image);
        btf_free(split->base);
        btf_image_free(&split->base_image);
        findings_expect(&findings, name, expected, n_expected);
}

static void a_module_is_warned_of_its_own_types(void **state)
{
        bool foreign[] = {false, true};

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(foreign); i++) {
                struct btf_builder *b = fixture_types();
                struct finding expected[4];
                struct split split;
                uint32_t id;

                if (foreign[i])
                        btf_builder_foreign(b);
                btf_builder_typedef(b, "no name", TYPES_FWD);
                begin(&split, b);
                id = btf_builder_typedef(split.module, "nor this", TYPES_FWD);
                expected[0] = findings_warning(split.module, BTF_ERROR_BAD_NAME, id, 0);
                id = btf_builder_struct(split.module, "s", 8, false);
                btf_builder_member(split.module, "m", TYPES_FWD_T, 0, 0);
                expected[1] = findings_warning(split.module, BTF_ERROR_BAD_REFERENCE, id, 4);
                id = btf_builder_func(split.module, "f", TYPES_UNNAMED, 1);
                expected[2] = findings_warning(split.module, BTF_ERROR_BAD_REFERENCE, id, 2);
                id = btf_builder_typedef(split.module, "ring_t", btf_builder_next_id(split.module) + 1);
                btf_builder_ptr(split.module, id);
                expected[3] = findings_warning(split.module, BTF_ERROR_LOOP, id + 1, 2);
                end(&split, "module", expected, 4);
        }
}

/* The base's types have been resolved before, however deep they are. */
static void a_module_begins_with_an_empty_stack(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct split split;

        (void)state;
        btf_builder_int(b, "int", 4, 32, 0);
        for (uint32_t id = 2; id <= 21; id++) {
                btf_builder_struct(b, "s", 4, false);
                btf_builder_member(b, "m", id - 1, 0, 0);
        }
        begin(&split, b);
        for (uint32_t i = 0; i < 20; i++) {
                uint32_t id = btf_builder_next_id(split.module);

                btf_builder_typedef(split.module, "t", i < 19 ? id + 1 : 21);
        }
        end(&split, "20 types on 20 of the base", NULL, 0);
}

/* A module of 12 bytes of types and no strings, or the other way round. */
static void empty_sections_lie_where_others_end(void **state)
{
        static const struct {
                bool has_types;
                uint32_t offset; /* of the empty section */
                bool is_bad;
        } cases[] = {{true, 0, false},  {true, 12, false},  {true, 8, true},
                     {false, 0, false}, {false, 12, false}, {false, 8, true}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                size_t field = cases[i].has_types ? 16 : 8;
                struct finding expected = {BTF_SEVERITY_WARNING, BTF_ERROR_BAD_SECTION, field};
                struct btf_builder *b = fixture_types();
                struct btf_image base_image = btf_builder_finish(b), image;
                struct btf *base = fixture_btf(&base_image);
                struct btf_builder *module = btf_builder_new_split(b);
                struct findings findings;

                if (cases[i].has_types)
                        btf_builder_const(module, TYPES_INT);
                else
                        btf_builder_string(module, "eleven char");
                image = btf_builder_steal(module);
                btf_image_patch_u32(&image, field, cases[i].offset);
                findings_of(&findings, &image, base);
                btf_image_free(&image);
                btf_free(base);
                btf_image_free(&base_image);
                btf_builder_free(b);
                findings_expect(&findings, "empty section", &expected, cases[i].is_bad);
        }
}

/* Names of a module follow the base's, which may fill all that the kernel can tell apart. */
static void names_have_offsets_of_24_bits(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct finding expected[2];
        struct split split;
        uint32_t id;
        char text[64];

        (void)state;
        memset(text, 'x', sizeof(text));
        text[63] = '\0';
        for (uint32_t i = 1; i < (1U << 24) / sizeof(text); i++)
                btf_builder_string(b, text);
        btf_builder_string(b, text + 1); /* 2^24 bytes, the first NUL included */
        btf_builder_const(b, 0);
        begin(&split, b);
        assert_int_equal(split.base->strings_end, 1U << 24);
        id = btf_builder_struct(split.module, "s", 8, false);
        expected[0] = findings_warning(split.module, BTF_ERROR_BAD_NAME, id, 0);
        btf_builder_member(split.module, "m", id + 1, 0, 0);
        expected[1] = findings_warning(split.module, BTF_ERROR_BAD_NAME, id, 3);
        id = btf_builder_float(split.module, "", 8);
        btf_builder_set_word(split.module, id, 0, 0xffffff); /* the base's last NUL */
        end(&split, "offsets from 2^24 on", expected, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_keeps_the_rules_gives_no_warning),
                cmocka_unit_test(no_warning_hides_another),
                cmocka_unit_test(unknown_kinds_are_warned_of_once),
                cmocka_unit_test(each_func_needs_names),
                cmocka_unit_test(more_types_than_the_kernel_takes),
                cmocka_unit_test(more_bytes_than_the_kernel_takes),
                cmocka_unit_test(strings_come_last_behind_an_old_header),
                cmocka_unit_test(a_module_is_warned_of_its_own_types),
                cmocka_unit_test(a_module_begins_with_an_empty_stack),
                cmocka_unit_test(empty_sections_lie_where_others_end),
                cmocka_unit_test(names_have_offsets_of_24_bits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
