/*
 * Files that are nearly right. None of them may crash the loader or the checker, and whatever they let through must bear
 * being walked in full: the sanitizers are the judges. Loader and checker must agree.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf/check.h"
#include "index/name_index.h"
#include "query/member.h"
#include "query/type_name.h"
#include "query/value.h"
#include "support/fixture.h"
#include "support/unit.h"

/* So that no call is optimised away, and reads of what is not initialised show. */
static uint64_t checksum;

static void use_string(const char *string)
{
        checksum += strlen(string);
}

static void walk_members(const struct btf *btf, const struct btf_type *type)
{
        struct member_walk walk;
        struct member_place place;
        int n_left = 1000;

        for (uint32_t i = 0; i < type->vlen; i++) {
                struct btf_member member = btf_member(btf, type, i);
                struct value value;

                use_string(member.name);
                value = value_of(btf, member.type);
                if (member.bitfield_size > 0)
                        checksum += value_place_bitfield(&value, btf, member.bit_offset, member.bitfield_size,
                                                         type->size_or_type);
        }
        member_walk_begin(&walk, btf, type);
        while (n_left-- > 0 && member_walk_next(&walk, &place) == 0)
                checksum += place.bit_offset;
}

static void walk_tail(const struct btf *btf, const struct btf_type *type)
{
        if (type->kind == BTF_KIND_ARRAY)
                checksum += btf_array(btf, type).nelems;
        if (type->kind == BTF_KIND_INT || type->kind == BTF_KIND_VAR || type->kind == BTF_KIND_DECL_TAG)
                checksum += btf_word(btf, type);
        if (btf_kind_is_composite(type->kind))
                walk_members(btf, type);
        for (uint32_t i = 0; i < type->vlen && btf_kind_is_enum(type->kind); i++) {
                use_string(btf_enumerator(btf, type, i).name);
                checksum += btf_enumerator(btf, type, i).value;
        }
        for (uint32_t i = 0; i < type->vlen && type->kind == BTF_KIND_FUNC_PROTO; i++) {
                use_string(btf_param(btf, type, i).name);
                checksum += btf_strip(btf, btf_param(btf, type, i).type).id;
        }
        for (uint32_t i = 0; i < type->vlen && type->kind == BTF_KIND_DATASEC; i++)
                checksum += btf_secinfo(btf, type, i).size + btf_type(btf, btf_secinfo(btf, type, i).type).id;
}

static void walk_everything(const struct btf *btf)
{
        struct name_index index;
        struct btf_error error;

        for (uint32_t id = 0; id < btf->n_types; id++) {
                struct btf_type type = btf_type(btf, id);
                char buffer[512];
                struct strbuf text;
                uint64_t bytes = 0;

                use_string(btf_name(btf, &type));
                use_string(btf_kind_name(type.kind));
                checksum += (uint64_t)btf_type_size(btf, id, &bytes) + bytes + btf_strip(btf, id).id;
                walk_tail(btf, &type);
                strbuf_init(&text, buffer, sizeof(buffer));
                type_name_append(&text, btf, id);
                assert_int_equal(strlen(buffer), text.length);
        }
        assert_int_equal(name_index_init(&index, btf, /* base= */ NULL, &error), 0);
        name_index_deinit(&index);
}

#define MAX_FINDINGS 64

struct findings {
        struct btf_error list[MAX_FINDINGS];
        size_t n;
        size_t n_errors;
};

static void add_finding(void *context, enum btf_severity severity, const struct btf_error *finding)
{
        struct findings *findings = context;

        for (size_t i = 0; i < findings->n; i++) {
                const struct btf_error *earlier = &findings->list[i];

                if (earlier->offset == finding->offset && earlier->reason == finding->reason &&
                    strcmp(earlier->message, finding->message) == 0)
                        fail_msg("found twice at %llu: %s", (unsigned long long)finding->offset,
                                 finding->message);
        }
        findings->n_errors += severity == BTF_SEVERITY_ERROR;
        assert_true(findings->n_errors == 0 || severity == BTF_SEVERITY_ERROR);
        assert_true(findings->n < MAX_FINDINGS);
        findings->list[findings->n++] = *finding;
}

/* The checker goes on where the loader ends: it must find the same first. */
static void check_agrees(const uint8_t *data, size_t size, const struct btf *base, int load_result,
                         const struct btf_error *load_error)
{
        struct findings findings = {.n = 0};
        struct btf *btf = NULL;
        int r = btf_check(&btf, data, size, base, add_finding, &findings);

        assert_int_equal(r, load_result);
        assert_true((btf == NULL) == (r != 0));
        assert_true((findings.n_errors > 0) == (r != 0));
        for (size_t i = 0; i < findings.n; i++) {
                assert_true(findings.list[i].offset <= size);
                assert_true(strlen(findings.list[i].message) > 0);
        }
        if (r != 0) {
                assert_int_equal(findings.list[0].reason, load_error->reason);
                assert_int_equal(findings.list[0].offset, load_error->offset);
                assert_string_equal(findings.list[0].message, load_error->message);
        }
        btf_free(btf);
}

/* Loads exactly these bytes, from a block of exactly that size. Returns whether they loaded. */
static bool try_on(const uint8_t *data, size_t size, const struct btf *base)
{
        uint8_t *copy = malloc(size ? size : 1);
        struct btf_error error = {.offset = UINT64_MAX};
        struct btf *btf = NULL;
        int r;

        assert_non_null(copy);
        memcpy(copy, data, size);
        r = btf_new(&btf, copy, size, base, &error);
        if (r == 0) {
                walk_everything(btf);
        } else {
                assert_int_equal(r, 1);
                assert_null(btf);
                assert_true(error.offset <= size);
                assert_true(strlen(error.message) > 0);
        }
        btf_free(btf);
        check_agrees(copy, size, base, r, &error);
        free(copy);
        return r == 0;
}

static bool try(const uint8_t *data, size_t size)
{
        return try_on(data, size, /* base= */ NULL);
}

static struct btf_image every_kind(bool foreign, bool has_layout)
{
        struct btf_builder *b = btf_builder_new();

        if (foreign)
                btf_builder_foreign(b);
        if (has_layout)
                btf_builder_layout(b, 16);
        fixture_every_kind(b);
        return btf_builder_steal(b);
}

static void no_prefix_loads(void **state)
{
        (void)state;
        for (int form = 0; form < 4; form++) {
                struct btf_image image = every_kind(form & 1, form & 2);

                assert_true(try(image.data, image.size));
                for (size_t size = 0; size < image.size; size++)
                        assert_false(try(image.data, size));
                btf_image_free(&image);
        }
}

static void no_flipped_byte_crashes(void **state)
{
        static const uint8_t masks[] = {0xff, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80};
        size_t n_loaded = 0, n_tried = 0;

        (void)state;
        for (int form = 0; form < 4; form++) {
                struct btf_image image = every_kind(form & 1, form & 2);

                for (size_t at = 0; at < image.size; at++) {
                        for (size_t i = 0; i < ARRAY_LENGTH(masks); i++) {
                                image.data[at] ^= masks[i];
                                n_loaded += try(image.data, image.size);
                                n_tried++;
                                image.data[at] ^= masks[i];
                        }
                }
                btf_image_free(&image);
        }
        /* Both outcomes must be common, or else this tests nothing. */
        print_message("%zu of %zu load\n", n_loaded, n_tried);
        assert_true(n_loaded > n_tried / 10 && n_loaded < n_tried / 10 * 9);
}

/* Words that mean something elsewhere in the file: small ids, kinds, offsets, extremes. */
static void no_replaced_word_crashes(void **state)
{
        static const uint32_t extremes[] = {0x7fffffff, 0x80000000, 0xffffffff, 0xffffff, 0x1000000, 0x10000};
        struct btf_image image = every_kind(/* foreign= */ false, /* has_layout= */ false);
        size_t n_loaded = 0;

        (void)state;
        for (size_t at = 4; at + 4 <= image.size; at += 4) {
                uint32_t old = btf_image_u32(&image, at);

                for (uint32_t value = 0; value < 40; value++) {
                        btf_image_patch_u32(&image, at, value);
                        n_loaded += try(image.data, image.size);
                }
                for (uint32_t kind = 0; kind < 21; kind++) {
                        btf_image_patch_u32(&image, at, kind << 24 | (old & 0x80ffffff));
                        n_loaded += try(image.data, image.size);
                }
                for (size_t i = 0; i < ARRAY_LENGTH(extremes); i++) {
                        btf_image_patch_u32(&image, at, extremes[i]);
                        n_loaded += try(image.data, image.size);
                }
                btf_image_patch_u32(&image, at, old);
        }
        assert_true(n_loaded > 0);
        btf_image_free(&image);
}

/* Many words at once, from a fixed seed so that a failure comes again. */
static void no_random_damage_crashes(void **state)
{
        uint64_t random = UINT64_C(88172645463325252);
        struct btf_image image = every_kind(/* foreign= */ false, /* has_layout= */ false);
        struct btf_image damaged = {.data = malloc(image.size), .size = image.size};

        (void)state;
        assert_non_null(damaged.data);
        for (int round = 0; round < 20000; round++) {
                memcpy(damaged.data, image.data, image.size);
                for (int i = 0; i < 1 + round % 6; i++) {
                        size_t n_words = (image.size - BTF_HEADER_LENGTH) / 4;

                        random ^= random << 13;
                        random ^= random >> 7;
                        random ^= random << 17;
                        btf_image_patch_u32(&damaged, BTF_HEADER_LENGTH + random % n_words * 4,
                                            (uint32_t)(random >> 32) % EVERY_END);
                }
                (void)try(damaged.data, damaged.size);
        }
        btf_image_free(&damaged);
        btf_image_free(&image);
}

/* Types of a module, each of which refers to a base's and to its own. */
static struct btf_builder *build_module(const struct btf_builder *base)
{
        struct btf_builder *b = btf_builder_new_split(base);
        uint32_t own = btf_builder_struct(b, "own", 32, true);
        uint32_t proto, func, var;

        btf_builder_member(b, "node", EVERY_TYPEDEF, 0, 0);
        btf_builder_member(b, "bits", EVERY_CONST, 128, 3);
        btf_builder_member(b, "array", own + 1, 160, 0);
        btf_builder_array(b, own + 2, EVERY_INT, 3);
        btf_builder_const(b, EVERY_VOLATILE);
        btf_builder_ptr(b, own);
        proto = btf_builder_func_proto(b, EVERY_ENUM);
        btf_builder_param(b, "own", own + 3);
        func = btf_builder_func(b, "act", proto, 1);
        btf_builder_func(b, "other", EVERY_FUNC_PROTO, 1);
        btf_builder_decl_tag(b, "tag", func, 0);
        btf_builder_decl_tag(b, "tag", EVERY_FUNC, 0);
        var = btf_builder_var(b, "v", own, 1);
        btf_builder_datasec(b, ".data", 48);
        btf_builder_secinfo(b, var, 0, 32);
        btf_builder_secinfo(b, EVERY_VAR, 40, 4);
        return b;
}

/* Words of a module replaced by ids around where the base ends, and each byte flipped. */
static void no_damaged_module_crashes(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image base_image, image;
        struct btf_builder *module;
        struct btf *base;
        size_t n_loaded = 0, n_tried = 0;

        (void)state;
        fixture_every_kind(b);
        base_image = btf_builder_finish(b);
        base = fixture_btf(&base_image);
        module = build_module(b);
        image = btf_builder_finish(module);
        assert_true(try_on(image.data, image.size, base));
        for (size_t at = 4; at + 4 <= image.size; at += 4) {
                uint32_t old = btf_image_u32(&image, at);

                for (uint32_t value = 0; value < base->n_types + 20; value++, n_tried++) {
                        btf_image_patch_u32(&image, at, value);
                        n_loaded += try_on(image.data, image.size, base);
                }
                for (int bit = 0; bit < 32; bit++, n_tried++) {
                        btf_image_patch_u32(&image, at, old ^ 1U << bit);
                        n_loaded += try_on(image.data, image.size, base);
                }
                btf_image_patch_u32(&image, at, old);
        }
        assert_true(n_loaded > n_tried / 10 && n_loaded < n_tried / 10 * 9);
        btf_free(base);
        btf_image_free(&image);
        btf_image_free(&base_image);
        btf_builder_free(module);
        btf_builder_free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_prefix_loads),           cmocka_unit_test(no_flipped_byte_crashes),
                cmocka_unit_test(no_replaced_word_crashes),  cmocka_unit_test(no_random_damage_crashes),
                cmocka_unit_test(no_damaged_module_crashes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
