/*
 * A module's BTF on top of vmlinux's: ids and names continue the base's, and whatever is bounded counts through both.
 */
#include <string.h>

#include "support/fixture.h"
#include "support/unit.h"

/* A base with some types, and a module on it as far as it has been built. */
struct split {
        struct btf_builder *base, *module;
        struct btf_image base_image, module_image;
        struct btf *base_btf, *btf;
};

/* int 1, struct base_struct 2 with `a` and `next`, its pointer 3. */
static struct btf_builder *build_base(void)
{
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "long int", 4, 32, BTF_INT_SIGNED); /* so pointers have 4 bytes */
        btf_builder_struct(b, "base_struct", 8, false);
        btf_builder_member(b, "a", 1, 0, 0);
        btf_builder_member(b, "next", 3, 32, 0);
        btf_builder_ptr(b, 2);
        return b;
}

static void begin(struct split *split, struct btf_builder *base)
{
        *split = (struct split){.base = base};
        split->base_image = btf_builder_finish(base);
        split->base_btf = fixture_btf(&split->base_image);
        split->module = btf_builder_new_split(base);
}

static int load(struct split *split, struct btf_error *error)
{
        split->module_image = btf_builder_finish(split->module);
        return btf_new(&split->btf, split->module_image.data, split->module_image.size, split->base_btf,
                       error);
}

static void end(struct split *split)
{
        btf_free(split->btf);
        btf_free(split->base_btf);
        btf_image_free(&split->module_image);
        btf_image_free(&split->base_image);
        btf_builder_free(split->module);
        btf_builder_free(split->base);
}

/* Expects the module to be refused at word `i_word` of a type of its own. */
static void refuse(struct split *split, enum btf_error_reason reason, uint32_t id, size_t i_word)
{
        struct btf_error error = {0};
        size_t offset = btf_builder_offset(split->module, id) + i_word * 4;
        int r = load(split, &error);

        if (r != 1 || error.reason != reason || error.offset != offset)
                fail_msg("result %d, %s at %llu (%s), expected %s at %zu", r,
                         btf_error_reason_name(error.reason), (unsigned long long)error.offset, error.message,
                         btf_error_reason_name(reason), offset);
        end(split);
}

static void ids_and_names_continue_the_bases(void **state)
{
        bool foreign[] = {false, true};

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(foreign); i++) {
                struct btf_builder *base = build_base();
                struct btf_error error;
                struct split split;
                struct btf_type type;
                uint32_t own, shared;
                uint64_t bytes;

                if (foreign[i])
                        btf_builder_foreign(base);
                begin(&split, base);
                own = btf_builder_struct(split.module, "own", 12, false);
                btf_builder_member(split.module, "in", 2, 0, 0);
                btf_builder_member(split.module, "", 3, 64, 0);
                shared = btf_builder_typedef(split.module, "", own);
                /* "long int" of the base, in its middle; and the own name's very end */
                btf_builder_set_word(split.module, shared, 0, 6);
                assert_int_equal(own, 4);
                assert_int_equal(load(&split, &error), 0);

                assert_int_equal(split.btf->n_types, 6);
                assert_int_equal(split.btf->start_id, 4);
                assert_int_equal(split.btf->pointer_size, 4);
                assert_int_equal(btf_kind(split.btf, 0), BTF_KIND_VOID);
                assert_int_equal(btf_kind(split.btf, 2), BTF_KIND_STRUCT);
                type = btf_type(split.btf, 2);
                assert_string_equal(btf_name(split.btf, &type), "base_struct");
                assert_string_equal(btf_member(split.btf, &type, 1).name, "next");
                assert_int_equal(btf_member(split.btf, &type, 1).type, 3);
                assert_string_equal(btf_name_of(split.btf, 1), "long int");
                type = btf_type(split.btf, own);
                assert_string_equal(btf_name(split.btf, &type), "own");
                assert_string_equal(btf_member(split.btf, &type, 0).name, "in");
                assert_string_equal(btf_member_name(split.btf, &type, 1), "");
                assert_int_equal(btf_member(split.btf, &type, 1).bit_offset, 64);
                assert_string_equal(btf_name_of(split.btf, shared), "int");
                assert_int_equal(btf_type_size(split.btf, shared, &bytes), 0);
                assert_int_equal(bytes, 12);
                assert_int_equal(btf_type_size(split.btf, 3, &bytes), 0);
                assert_int_equal(bytes, 4);
                end(&split);
        }
}

static void a_module_may_be_empty(void **state)
{
        struct btf_error error;
        struct split split;

        (void)state;
        begin(&split, build_base());
        assert_int_equal(load(&split, &error), 0);
        assert_int_equal(split.module_image.size, BTF_HEADER_LENGTH);
        assert_int_equal(split.btf->n_types, 4);
        assert_string_equal(btf_name_of(split.btf, 2), "base_struct");
        end(&split);
}

/* What is in range depends on the base: these very files would be broken without it, and broken behind a shorter one. */
static void ids_and_names_end_where_the_module_does(void **state)
{
        struct btf_error error;
        struct split split;
        struct btf *btf = NULL;
        uint32_t id;

        (void)state;
        begin(&split, build_base());
        id = btf_builder_typedef(split.module, "alias", 5);
        refuse(&split, BTF_ERROR_BAD_ID, id, 2);

        begin(&split, build_base());
        id = btf_builder_typedef(split.module, "alias", 4 /* itself */);
        refuse(&split, BTF_ERROR_LOOP, id, 2);

        begin(&split, build_base());
        id = btf_builder_typedef(split.module, "alias", 3);
        btf_builder_set_word(split.module, id, 0,
                             split.base_btf->strings_end + (uint32_t)strlen("alias") + 1);
        refuse(&split, BTF_ERROR_BAD_NAME, id, 0);

        begin(&split, build_base());
        btf_builder_typedef(split.module, "alias", 3);
        assert_int_equal(load(&split, &error), 0);
        assert_int_equal(btf_new(&btf, split.module_image.data, split.module_image.size, NULL, &error), 1);
        assert_int_equal(error.reason, BTF_ERROR_BAD_STRINGS);
        assert_int_equal(error.offset, btf_builder_offset(split.module, 4) + BTF_RECORD_LENGTH);
        end(&split);
}

static void a_module_of_the_other_byte_order_is_refused(void **state)
{
        (void)state;
        for (int base_is_foreign = 0; base_is_foreign < 2; base_is_foreign++) {
                struct btf_builder *base = build_base();
                struct btf_error error;
                struct split split;

                if (base_is_foreign)
                        btf_builder_foreign(base);
                begin(&split, base);
                /* Built on a base that has the other order, but says the same. */
                split.module = btf_builder_free(split.module);
                base = build_base();
                if (!base_is_foreign)
                        btf_builder_foreign(base);
                split.module = btf_builder_new_split(base);
                btf_builder_free(base);
                btf_builder_typedef(split.module, "alias", 3);
                assert_int_equal(load(&split, &error), 1);
                assert_int_equal(error.reason, BTF_ERROR_OTHER_ENDIAN);
                assert_int_equal(error.offset, 0);
                assert_null(split.btf);
                end(&split);
        }
}

/* What a module is without its base depends on what it has of its own. */
static void a_module_without_its_base_is_refused(void **state)
{
        struct btf_error error;
        struct split split;
        struct btf *btf = NULL;

        (void)state;
        begin(&split, build_base());
        assert_int_equal(load(&split, &error), 0); /* empty */
        assert_int_equal(btf_new(&btf, split.module_image.data, split.module_image.size, NULL, &error), 1);
        assert_int_equal(error.reason, BTF_ERROR_BAD_SECTION);
        assert_int_equal(error.offset, 12);
        end(&split);

        begin(&split, build_base());
        btf_builder_const(split.module, 3);
        assert_int_equal(load(&split, &error), 0);
        assert_int_equal(btf_new(&btf, split.module_image.data, split.module_image.size, NULL, &error), 1);
        assert_int_equal(error.reason, BTF_ERROR_BAD_STRINGS);
        assert_int_equal(error.offset, 20);
        end(&split);
}

static void a_module_on_a_shorter_base_is_refused(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_error error;
        struct split split;
        struct btf_image image;
        struct btf *shorter, *btf = NULL;

        (void)state;
        begin(&split, build_base());
        btf_builder_const(split.module, 3);
        assert_int_equal(load(&split, &error), 0);
        btf_builder_typedef(b, "t", 0);
        image = btf_builder_steal(b);
        shorter = fixture_btf(&image);
        assert_int_equal(btf_new(&btf, split.module_image.data, split.module_image.size, shorter, &error), 1);
        assert_int_equal(error.reason, BTF_ERROR_BAD_ID);
        assert_int_equal(error.offset, btf_builder_offset(split.module, 4) + BTF_RECORD_TYPE);
        btf_free(shorter);
        btf_image_free(&image);
        end(&split);
}

/* `n` structs in the base, each in the next one, and then in the module one more: 32 levels and no more. */
static int load_nested(uint32_t n)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_error error = {0};
        struct split split;
        int r;

        btf_builder_int(b, "int", 4, 32, 0);
        for (uint32_t i = 0; i < n; i++) {
                uint32_t id = btf_builder_struct(b, "", 4, false);

                btf_builder_member(b, "in", id - 1, 0, 0);
        }
        begin(&split, b);
        btf_builder_typedef(split.module, "t", n + 1);
        btf_builder_struct(split.module, "outer", 4, false);
        btf_builder_member(split.module, "in", n + 2, 0, 0);
        r = load(&split, &error);
        if (r == 1) {
                assert_int_equal(error.reason, BTF_ERROR_TOO_DEEP);
                assert_int_equal(error.offset, btf_builder_offset(split.module, n + 3) + 4 * 4);
        }
        end(&split);
        return r;
}

static int load_declarator(uint32_t n)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_error error = {0};
        struct split split;
        int r;

        btf_builder_int(b, "int", 4, 32, 0);
        for (uint32_t i = 0; i < n; i++)
                btf_builder_ptr(b, btf_builder_next_id(b) - 1);
        begin(&split, b);
        btf_builder_ptr(split.module, n + 1);
        r = load(&split, &error);
        if (r == 1) {
                assert_int_equal(error.reason, BTF_ERROR_TOO_DEEP);
                assert_int_equal(error.offset, btf_builder_offset(split.module, n + 2) + BTF_RECORD_TYPE);
        }
        end(&split);
        return r;
}

static int load_chain(uint32_t n)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_error error = {0};
        struct split split;
        int r;

        btf_builder_int(b, "int", 4, 32, 0);
        for (uint32_t i = 0; i < n; i++)
                btf_builder_const(b, btf_builder_next_id(b) - 1);
        begin(&split, b);
        btf_builder_volatile(split.module, n + 1);
        r = load(&split, &error);
        if (r == 1) {
                assert_int_equal(error.reason, BTF_ERROR_TOO_DEEP);
                assert_int_equal(error.offset, btf_builder_offset(split.module, n + 2) + BTF_RECORD_TYPE);
        }
        end(&split);
        return r;
}

static void depth_counts_through_base_and_module(void **state)
{
        (void)state;
        assert_int_equal(load_nested(BTF_MAX_EMBEDDING - 1), 0);
        assert_int_equal(load_nested(BTF_MAX_EMBEDDING), 1);
        assert_int_equal(load_declarator(BTF_MAX_DECLARATOR - 1), 0);
        assert_int_equal(load_declarator(BTF_MAX_DECLARATOR), 1);
        assert_int_equal(load_chain(BTF_MAX_CHAIN - 1), 0);
        assert_int_equal(load_chain(BTF_MAX_CHAIN), 1);
}

static void a_modules_struct_may_not_hold_itself(void **state)
{
        struct split split;
        uint32_t id;

        (void)state;
        begin(&split, build_base());
        id = btf_builder_struct(split.module, "ouroboros", 16, false);
        btf_builder_member(split.module, "fine", 2, 0, 0);
        btf_builder_member(split.module, "tail", id, 64, 0);
        refuse(&split, BTF_ERROR_LOOP, id, 3 + 3 + 1);
}

/* The base's narrow INT makes a bitfield of the module's member. */
static void legacy_bitfields_are_seen_through_the_base(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_error error;
        struct split split;
        struct btf_type type;
        struct btf_member member;

        (void)state;
        btf_builder_int_at(b, "unsigned int", 4, /* bits= */ 3, /* bit_offset= */ 5, 0);
        begin(&split, b);
        btf_builder_struct(split.module, "s", 4, false);
        btf_builder_member(split.module, "bits", 1, 8, 0);
        assert_int_equal(load(&split, &error), 0);
        type = btf_type(split.btf, 2);
        member = btf_member(split.btf, &type, 0);
        assert_int_equal(member.bit_offset, 13);
        assert_int_equal(member.bitfield_size, 3);
        end(&split);
}

/* A module without a layout section of its own has its base's. */
static void an_unknown_kinds_length_is_the_bases_to_tell(void **state)
{
        struct btf_builder *b = build_base();
        struct btf_error error;
        struct split split;
        struct btf_type type;
        uint32_t id;

        (void)state;
        btf_builder_layout_kind(b, 20, 4, 8);
        begin(&split, b);
        id = btf_builder_record(split.module, "novel", 20, true, 2, 3);
        for (uint32_t i = 0; i < 5; i++)
                btf_builder_word(split.module, UINT32_MAX);
        btf_builder_typedef(split.module, "after", id);
        assert_int_equal(load(&split, &error), 0);
        type = btf_type(split.btf, id);
        assert_int_equal(type.kind, BTF_KIND_OPAQUE);
        assert_int_equal(btf_kind_number(split.btf, &type), 20);
        assert_string_equal(btf_name(split.btf, &type), "novel");
        assert_string_equal(btf_name_of(split.btf, id + 1), "after");
        end(&split);

        begin(&split, build_base());
        id = btf_builder_record(split.module, "novel", 20, true, 2, 3);
        refuse(&split, BTF_ERROR_UNKNOWN_KIND, id, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ids_and_names_continue_the_bases),
                cmocka_unit_test(a_module_may_be_empty),
                cmocka_unit_test(ids_and_names_end_where_the_module_does),
                cmocka_unit_test(a_module_of_the_other_byte_order_is_refused),
                cmocka_unit_test(a_module_without_its_base_is_refused),
                cmocka_unit_test(a_module_on_a_shorter_base_is_refused),
                cmocka_unit_test(depth_counts_through_base_and_module),
                cmocka_unit_test(a_modules_struct_may_not_hold_itself),
                cmocka_unit_test(legacy_bitfields_are_seen_through_the_base),
                cmocka_unit_test(an_unknown_kinds_length_is_the_bases_to_tell),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
