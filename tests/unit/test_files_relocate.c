/*
 * Split BTF on a distilled base, moved onto a real one: each rule by which a distilled type finds its own, and each
 * failure, in both byte orders; and what comes of real modules.
 */
#include <dirent.h>
#include <stdio.h>

#include "files/files.h"
#include "files/relocate.h"
#include "support/fixture.h"
#include "support/unit.h"

/* Three files while they are described, and what they are then. */
struct world {
        struct btf_builder *b_base, *b_distilled, *b_split;
        struct btf_image base_image, distilled_image, split_image;
        struct btf *base, *distilled, *split;
};

/* The base gets a type of its own first, so that no id is right by chance. */
static void begin(struct world *world, bool foreign)
{
        *world = (struct world){.b_base = btf_builder_new(), .b_distilled = btf_builder_new()};
        if (foreign) {
                btf_builder_foreign(world->b_base);
                btf_builder_foreign(world->b_distilled);
        }
        btf_builder_int(world->b_base, "nothing like it", 1, 8, 0);
        btf_builder_fwd(world->b_base, "nobody asks for it", /* is_union= */ false);
}

/* The distilled base is complete: what follows goes to the module. */
static struct btf_builder *begin_split(struct world *world)
{
        world->b_split = btf_builder_new_split(world->b_distilled);
        return world->b_split;
}

static int relocate(struct world *world, uint8_t **ret, struct files_error *error)
{
        struct btf_error btf_error;

        world->base_image = btf_builder_finish(world->b_base);
        world->distilled_image = btf_builder_finish(world->b_distilled);
        world->split_image = btf_builder_finish(world->b_split);
        world->base = fixture_btf(&world->base_image);
        world->distilled = fixture_btf(&world->distilled_image);
        if (btf_new(&world->split, world->split_image.data, world->split_image.size, world->distilled,
                    &btf_error) != 0)
                fail_msg("%s", btf_error.message);
        return files_relocate(ret, world->split, world->base, error);
}

static void end(struct world *world)
{
        btf_free(world->split);
        btf_free(world->distilled);
        btf_free(world->base);
        btf_image_free(&world->split_image);
        btf_image_free(&world->distilled_image);
        btf_image_free(&world->base_image);
        btf_builder_free(world->b_split);
        btf_builder_free(world->b_distilled);
        btf_builder_free(world->b_base);
}

/* The module as it would be if it had been built on the base. Frees `expected`. */
static void check_result(struct world *world, struct btf_builder *expected)
{
        struct btf_image image = btf_builder_steal(expected);
        struct files_error error;
        uint8_t *data;

        if (relocate(world, &data, &error) != 0)
                fail_msg("%s", error.message);
        assert_int_equal(image.size, world->split_image.size);
        assert_memory_equal(data, image.data, image.size);
        free(data);
        btf_image_free(&image);
        end(world);
}

/* Expects the distilled type to become that of the base, behind a pointer in the module. */
static void check_found(struct world *world, uint32_t distilled_id, uint32_t base_id)
{
        struct btf_builder *expected = btf_builder_new_split(world->b_base);

        btf_builder_ptr(begin_split(world), distilled_id);
        btf_builder_ptr(expected, base_id);
        check_result(world, expected);
}

/* Expects an error at the record of a distilled type, which it names. The module must have been begun. */
static void check_refused(struct world *world, uint32_t id, enum files_error_reason reason)
{
        struct files_error error = {0};
        uint8_t *data;
        int r = relocate(world, &data, &error);
        uint64_t offset = btf_builder_offset(world->b_distilled, id);
        struct btf_type type = btf_type(world->distilled, id);

        if (r != 1 || error.reason != reason || error.place != FILES_PLACE_BTF_BASE ||
            error.offset != offset || !strstr(error.message, btf_name(world->distilled, &type)))
                fail_msg("result %d, %s at %llu (%s), expected %s at %llu", r,
                         files_error_reason_name(error.reason), (unsigned long long)error.offset,
                         error.message, files_error_reason_name(reason), (unsigned long long)offset);
        end(world);
}

static void check_refused_behind_pointer(struct world *world, uint32_t id, enum files_error_reason reason)
{
        btf_builder_ptr(begin_split(world), id);
        check_refused(world, id, reason);
}

/* A module that refers to two types of its base in every way there is; `in` and `n` are what the base calls them. */
static void build_module(struct btf_builder *b, uint32_t in, uint32_t n, uint32_t shared_name)
{
        uint32_t first = btf_builder_struct(b, "own", 32, /* kind_flag= */ true);
        uint32_t proto, variable, tag;

        btf_builder_member(b, "inner", in, 0, 0);
        btf_builder_member(b, "low", n, 64, 3);
        btf_builder_member(b, "", first + 1, 128, 0);
        btf_builder_ptr(b, first);
        btf_builder_array(b, in, n, 3);
        btf_builder_union(b, "either", 8, false);
        btf_builder_member(b, "x", in, 0, 0);
        btf_builder_typedef(b, "in_t", in);
        btf_builder_volatile(b, in);
        btf_builder_const(b, first + 5);
        btf_builder_restrict(b, first + 1);
        tag = btf_builder_type_tag(b, "percpu", in, /* is_attribute= */ false);
        btf_builder_set_word(b, tag, 0, shared_name);
        btf_builder_enum(b, "colour", 4, /* is_signed= */ true);
        btf_builder_value(b, "RED", (uint64_t)-1);
        btf_builder_enum64(b, "wide", 8, /* is_signed= */ false);
        btf_builder_value(b, "BIG", UINT64_C(0xfedcba9876543210));
        btf_builder_fwd(b, "later", /* is_union= */ true);
        btf_builder_int(b, "bool", 1, 8, BTF_INT_BOOL);
        btf_builder_float(b, "double", 8);
        proto = btf_builder_func_proto(b, n);
        btf_builder_param(b, "self", first + 1);
        btf_builder_param(b, "by_value", in);
        btf_builder_param(b, "", 0);
        btf_builder_func(b, "frob", proto, /* linkage= */ 1);
        variable = btf_builder_var(b, "counter", n, /* linkage= */ 0);
        btf_builder_datasec(b, ".data..percpu", 4);
        btf_builder_secinfo(b, variable, 0, 4);
        btf_builder_decl_tag(b, "kfunc", proto + 1, /* component= */ -1);
        btf_builder_ptr(b, 0);
}

/* All words that are ids or names change, and none of the others; the name of a distilled type may be used otherwise. */
static void every_kind_is_rewritten(void **state)
{
        (void)state;
        for (int foreign = 0; foreign < 2; foreign++) {
                struct btf_builder *expected;
                struct world world;
                uint32_t base_name, distilled_name;

                begin(&world, foreign);
                base_name = btf_builder_string(world.b_base, "inner_struct");
                assert_int_equal(btf_builder_struct(world.b_base, "", 8, false), 3);
                btf_builder_set_word(world.b_base, 3, 0, base_name);
                btf_builder_member(world.b_base, "a", 4, 0, 0);
                assert_int_equal(btf_builder_int(world.b_base, "int", 4, 32, BTF_INT_SIGNED), 4);
                distilled_name = btf_builder_string(world.b_distilled, "inner_struct");
                assert_int_equal(btf_builder_int(world.b_distilled, "int", 4, 32, BTF_INT_SIGNED), 1);
                assert_int_equal(btf_builder_struct(world.b_distilled, "", 8, false), 2);
                btf_builder_set_word(world.b_distilled, 2, 0, distilled_name);

                build_module(begin_split(&world), 2, 1, distilled_name);
                expected = btf_builder_new_split(world.b_base);
                build_module(expected, 3, 4, base_name);
                check_result(&world, expected);
        }
}

static void a_module_may_need_nothing(void **state)
{
        struct world world;

        (void)state;
        begin(&world, /* foreign= */ false);
        btf_builder_int(world.b_distilled, "nothing like it", 1, 8, 0);
        begin_split(&world);
        check_result(&world, btf_builder_new_split(world.b_base));
}

static void an_int_is_found_by_name_size_and_encoding(void **state)
{
        (void)state;
        for (int foreign = 0; foreign < 2; foreign++) {
                struct world world;
                uint32_t id;

                begin(&world, foreign);
                btf_builder_typedef(world.b_base, "number", 1);
                btf_builder_int(world.b_base, "number", 4, 32, 0);
                btf_builder_int(world.b_base, "number", 8, 64, BTF_INT_SIGNED);
                btf_builder_int_at(world.b_base, "numbers", 4, 32, 0, BTF_INT_SIGNED);
                id = btf_builder_int(world.b_base, "number", 4, 32, BTF_INT_SIGNED);
                btf_builder_float(world.b_base, "number", 4);
                btf_builder_int(world.b_distilled, "number", 4, 32, BTF_INT_SIGNED);
                check_found(&world, 1, id);

                begin(&world, foreign);
                btf_builder_int(world.b_base, "number", 4, 32, 0);
                btf_builder_int(world.b_distilled, "number", 4, 32, BTF_INT_SIGNED);
                check_refused_behind_pointer(&world, 1, FILES_ERROR_NO_CANDIDATE);

                begin(&world, foreign);
                btf_builder_int(world.b_base, "number", 8, 64, BTF_INT_SIGNED);
                btf_builder_int(world.b_distilled, "number", 4, 32, BTF_INT_SIGNED);
                check_refused_behind_pointer(&world, 1, FILES_ERROR_OTHER_SIZE);

                begin(&world, foreign);
                btf_builder_int(world.b_base, "number", 4, 32, 0);
                btf_builder_int(world.b_base, "number", 4, 32, 0);
                btf_builder_int(world.b_distilled, "number", 4, 32, 0);
                check_refused_behind_pointer(&world, 1, FILES_ERROR_MANY_CANDIDATES);
        }
}

static void a_float_is_found_by_name_and_size(void **state)
{
        struct world world;
        uint32_t id;

        (void)state;
        begin(&world, /* foreign= */ false);
        btf_builder_float(world.b_base, "real", 4);
        id = btf_builder_float(world.b_base, "real", 8);
        btf_builder_int(world.b_base, "real", 8, 64, 0);
        btf_builder_float(world.b_distilled, "real", 8);
        check_found(&world, 1, id);

        begin(&world, /* foreign= */ false);
        btf_builder_float(world.b_base, "real", 4);
        btf_builder_float(world.b_distilled, "real", 8);
        check_refused_behind_pointer(&world, 1, FILES_ERROR_OTHER_SIZE);
}

static void an_enum_is_found_by_name_and_size(void **state)
{
        struct world world;
        uint32_t id;

        (void)state;
        begin(&world, /* foreign= */ false);
        btf_builder_enum(world.b_base, "colour", 1, false);
        id = btf_builder_enum(world.b_base, "colour", 4, true);
        btf_builder_value(world.b_base, "RED", 1);
        btf_builder_struct(world.b_base, "colour", 4, false);
        btf_builder_enum(world.b_distilled, "colour", 4, false);
        check_found(&world, 1, id);

        /* In the distilled base an ENUM64 is an ENUM of its size. */
        begin(&world, /* foreign= */ false);
        id = btf_builder_enum64(world.b_base, "colour", 8, false);
        btf_builder_value(world.b_base, "RED", 1);
        btf_builder_enum(world.b_distilled, "colour", 8, false);
        check_found(&world, 1, id);

        begin(&world, /* foreign= */ false);
        btf_builder_enum(world.b_base, "colour", 8, false);
        btf_builder_enum64(world.b_base, "colour", 8, false);
        btf_builder_enum(world.b_distilled, "colour", 8, false);
        check_refused_behind_pointer(&world, 1, FILES_ERROR_MANY_CANDIDATES);

        begin(&world, /* foreign= */ false);
        btf_builder_enum64(world.b_base, "colour", 8, false);
        btf_builder_enum(world.b_distilled, "colour", 4, false);
        check_refused_behind_pointer(&world, 1, FILES_ERROR_OTHER_SIZE);
}

typedef uint32_t build_composite(struct btf_builder *b, const char *name, uint32_t size, bool kind_flag);

static build_composite *const composites[] = {btf_builder_struct, btf_builder_union};

/* Behind a pointer a struct may have another size than when the module was built. */
static void a_struct_is_found_by_name_if_there_is_one(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(composites); i++) {
                struct world world;
                uint32_t id;

                begin(&world, /* foreign= */ i == 1);
                id = composites[i](world.b_base, "thing", 40, true);
                btf_builder_typedef(world.b_base, "thing", id);
                btf_builder_int(world.b_base, "thing", 16, 128, 0);
                composites[i](world.b_distilled, "thing", 16, false);
                check_found(&world, 1, id);

                /* A struct is no union. */
                begin(&world, /* foreign= */ i == 1);
                composites[1 - i](world.b_base, "thing", 16, false);
                composites[i](world.b_distilled, "thing", 16, false);
                check_refused_behind_pointer(&world, 1, FILES_ERROR_NO_CANDIDATE);
        }
}

static void a_struct_is_found_by_size_if_there_are_several(void **state)
{
        struct world world;
        uint32_t id;

        (void)state;
        begin(&world, /* foreign= */ false);
        btf_builder_struct(world.b_base, "thing", 40, false);
        id = btf_builder_struct(world.b_base, "thing", 16, false);
        btf_builder_union(world.b_base, "thing", 16, false);
        btf_builder_struct(world.b_distilled, "thing", 16, false);
        check_found(&world, 1, id);

        begin(&world, /* foreign= */ false);
        btf_builder_struct(world.b_base, "thing", 40, false);
        btf_builder_struct(world.b_base, "thing", 24, false);
        btf_builder_struct(world.b_distilled, "thing", 16, false);
        check_refused_behind_pointer(&world, 1, FILES_ERROR_OTHER_SIZE);

        begin(&world, /* foreign= */ false);
        btf_builder_struct(world.b_base, "thing", 16, false);
        btf_builder_struct(world.b_base, "thing", 16, false);
        btf_builder_struct(world.b_distilled, "thing", 16, false);
        check_refused_behind_pointer(&world, 1, FILES_ERROR_MANY_CANDIDATES);
}

/* Two distilled types of one name each find theirs. */
static void types_of_one_name_are_told_apart(void **state)
{
        struct btf_builder *expected;
        struct world world;
        uint32_t large, small, number;

        (void)state;
        begin(&world, /* foreign= */ false);
        large = btf_builder_struct(world.b_base, "thing", 40, false);
        number = btf_builder_int(world.b_base, "thing", 4, 32, 0);
        small = btf_builder_struct(world.b_base, "thing", 16, false);
        btf_builder_struct(world.b_distilled, "thing", 16, false);
        btf_builder_struct(world.b_distilled, "thing", 40, false);
        btf_builder_int(world.b_distilled, "thing", 4, 32, 0);
        begin_split(&world);
        expected = btf_builder_new_split(world.b_base);
        btf_builder_ptr(world.b_split, 1);
        btf_builder_ptr(world.b_split, 2);
        btf_builder_ptr(world.b_split, 3);
        btf_builder_ptr(expected, small);
        btf_builder_ptr(expected, large);
        btf_builder_ptr(expected, number);
        check_result(&world, expected);
}

/* How a module may hold a struct by value: the id of what its member is of. */
static uint32_t hold(struct btf_builder *b, int way, uint32_t id, uint32_t index_type)
{
        switch (way) {
        case 0:
                return id;
        case 1:
                return btf_builder_typedef(b, "alias", btf_builder_const(b, id));
        case 2:
                id = btf_builder_volatile(b, btf_builder_array(b, id, index_type, 1));
                return btf_builder_array(b, id, index_type, 1);
        default:
                return btf_builder_ptr(b, id);
        }
}

/* What a module holds by value must have the size that the module was built with; only the last way is a pointer. */
static void a_struct_held_by_value_must_have_its_size(void **state)
{
        (void)state;
        for (int way = 0; way < 4; way++) {
                for (uint32_t size = 8; size <= 16; size += 8) {
                        struct btf_builder *builders[2];
                        struct world world;
                        uint32_t ids[2][2];

                        begin(&world, /* foreign= */ way % 2 == 0);
                        ids[0][0] = btf_builder_struct(world.b_base, "thing", size, false);
                        ids[0][1] = btf_builder_int(world.b_base, "int", 4, 32, 0);
                        ids[1][0] = btf_builder_struct(world.b_distilled, "thing", 8, false);
                        ids[1][1] = btf_builder_int(world.b_distilled, "int", 4, 32, 0);
                        builders[0] = btf_builder_new_split(world.b_base);
                        builders[1] = begin_split(&world);
                        for (int i = 0; i < 2; i++) {
                                uint32_t held;

                                /* Others, as the kernel overlooks what the last structs of a module hold. */
                                for (uint32_t n = 0; n < 3; n++)
                                        btf_builder_ptr(builders[i], ids[i][1]);
                                held = hold(builders[i], way, ids[i][0], ids[i][1]);
                                btf_builder_union(builders[i], "last", 16, false);
                                btf_builder_member(builders[i], "m", held, 0, 0);
                        }
                        if (way == 3 || size == 8) {
                                check_result(&world, builders[0]);
                        } else {
                                btf_builder_free(builders[0]);
                                check_refused(&world, ids[1][0], FILES_ERROR_OTHER_SIZE);
                        }
                }
        }
}

static void a_declaration_is_found_by_name_and_sort(void **state)
{
        (void)state;
        for (int is_union = 0; is_union < 2; is_union++) {
                build_composite *same = composites[is_union], *other = composites[1 - is_union];
                struct world world;
                uint32_t id;

                begin(&world, /* foreign= */ is_union);
                btf_builder_fwd(world.b_base, "thing", !is_union);
                id = btf_builder_fwd(world.b_base, "thing", is_union);
                btf_builder_fwd(world.b_distilled, "thing", is_union);
                check_found(&world, 1, id);

                /* Bitfields in the struct, which the same flag tells of, change nothing. */
                for (int has_bitfields = 0; has_bitfields < 2; has_bitfields++) {
                        begin(&world, /* foreign= */ is_union);
                        id = same(world.b_base, "thing", 16, has_bitfields);
                        btf_builder_fwd(world.b_distilled, "thing", is_union);
                        check_found(&world, 1, id);

                        begin(&world, /* foreign= */ is_union);
                        other(world.b_base, "thing", 16, has_bitfields);
                        btf_builder_fwd(world.b_distilled, "thing", is_union);
                        check_refused_behind_pointer(&world, 1, FILES_ERROR_NO_CANDIDATE);
                }

                /* Which of several is meant cannot be known, but that it is declared can. */
                begin(&world, /* foreign= */ is_union);
                same(world.b_base, "thing", 16, false);
                same(world.b_base, "thing", 8, false);
                btf_builder_fwd(world.b_distilled, "thing", is_union);
                check_refused_behind_pointer(&world, 1, FILES_ERROR_MANY_CANDIDATES);

                begin(&world, /* foreign= */ is_union);
                same(world.b_base, "thing", 16, false);
                same(world.b_base, "thing", 8, false);
                id = btf_builder_fwd(world.b_base, "thing", is_union);
                btf_builder_fwd(world.b_distilled, "thing", is_union);
                check_found(&world, 1, id);

                begin(&world, /* foreign= */ is_union);
                same(world.b_base, "thing", 16, false);
                btf_builder_fwd(world.b_base, "thing", is_union);
                btf_builder_fwd(world.b_distilled, "thing", is_union);
                check_refused_behind_pointer(&world, 1, FILES_ERROR_MANY_CANDIDATES);
        }
}

/* Where the base only declares a struct, a pointer to it is right and a member of it is not. */
static void a_struct_may_become_a_declaration(void **state)
{
        struct world world;
        uint32_t id;

        (void)state;
        begin(&world, /* foreign= */ false);
        btf_builder_fwd(world.b_base, "thing", /* is_union= */ true);
        id = btf_builder_fwd(world.b_base, "thing", /* is_union= */ false);
        btf_builder_struct(world.b_distilled, "thing", 8, false);
        check_found(&world, 1, id);

        begin(&world, /* foreign= */ false);
        btf_builder_fwd(world.b_base, "thing", /* is_union= */ false);
        btf_builder_struct(world.b_distilled, "thing", 8, false);
        begin_split(&world);
        btf_builder_struct(world.b_split, "own", 8, false);
        btf_builder_member(world.b_split, "m", 1, 0, 0);
        check_refused(&world, 1, FILES_ERROR_NO_CANDIDATE);
}

/* The first in the order of the file is told, though they are looked up in the order of names. */
static void the_first_error_is_told(void **state)
{
        struct world world;

        (void)state;
        begin(&world, /* foreign= */ false);
        btf_builder_int(world.b_distilled, "nothing like it", 1, 8, 0);
        btf_builder_struct(world.b_distilled, "zebra", 8, false);
        btf_builder_struct(world.b_distilled, "aardvark", 8, false);
        begin_split(&world);
        check_refused(&world, 2, FILES_ERROR_NO_CANDIDATE);
}

static void only_types_that_can_be_looked_for_are_distilled(void **state)
{
        char name[FILES_MAX_NAME_LENGTH + 2];
        struct files_error error;
        struct world world;
        uint8_t *data;
        uint32_t id;

        (void)state;
        begin(&world, /* foreign= */ false);
        btf_builder_ptr(world.b_distilled, 0);
        begin_split(&world);
        check_refused(&world, 1, FILES_ERROR_BAD_DISTILLED);

        begin(&world, /* foreign= */ false);
        btf_builder_enum64(world.b_base, "wide", 8, false);
        btf_builder_enum64(world.b_distilled, "wide", 8, false);
        check_refused_behind_pointer(&world, 1, FILES_ERROR_BAD_DISTILLED);

        begin(&world, /* foreign= */ false);
        btf_builder_struct(world.b_distilled, "", 8, false);
        check_refused_behind_pointer(&world, 1, FILES_ERROR_BAD_DISTILLED);

        memset(name, 'x', sizeof(name));
        name[FILES_MAX_NAME_LENGTH + 1] = '\0';
        for (int too_long = 0; too_long < 2; too_long++) {
                begin(&world, /* foreign= */ false);
                id = btf_builder_struct(world.b_base, name + 1 - too_long, 8, false);
                btf_builder_struct(world.b_distilled, name + 1 - too_long, 8, false);
                if (!too_long) {
                        check_found(&world, 1, id);
                        continue;
                }
                btf_builder_ptr(begin_split(&world), 1);
                assert_int_equal(relocate(&world, &data, &error), 1);
                assert_int_equal(error.reason, FILES_ERROR_BAD_DISTILLED);
                name[100] = '\0'; /* so much of it is shown */
                assert_non_null(strstr(error.message, name));
                end(&world);
        }
}

static void types_of_one_name_are_bounded(void **state)
{
        (void)state;
        for (uint32_t n = FILES_MAX_SAME_NAME; n <= FILES_MAX_SAME_NAME + 1; n++) {
                struct files_error error = {0};
                struct world world;
                uint8_t *data;
                int r;

                begin(&world, /* foreign= */ false);
                for (uint32_t i = 0; i < n; i++) {
                        btf_builder_struct(world.b_base, "thing", i + 1, false);
                        btf_builder_struct(world.b_distilled, "thing", i + 1, false);
                }
                begin_split(&world);
                r = relocate(&world, &data, &error);
                assert_int_equal(r, n > FILES_MAX_SAME_NAME);
                if (r == 0)
                        free(data);
                else
                        assert_int_equal(error.reason, FILES_ERROR_BAD_DISTILLED);
                end(&world);
        }
}

/* Expects an error at word `i_word` of a type of the module. */
static void check_module_refused(struct world *world, uint32_t id, size_t i_word,
                                 enum files_error_reason reason)
{
        size_t offset = btf_builder_offset(world->b_split, id) + i_word * 4;
        struct files_error error = {0};
        uint8_t *data;

        assert_int_equal(relocate(world, &data, &error), 1);
        assert_int_equal(error.reason, reason);
        assert_int_equal(error.place, FILES_PLACE_BTF);
        assert_int_equal(error.offset, offset);
        end(world);
}

static void names_that_are_no_types_cannot_be_moved(void **state)
{
        struct world world;
        uint32_t id, name;

        (void)state;
        begin(&world, /* foreign= */ false);
        btf_builder_int(world.b_distilled, "nothing like it", 1, 8, 0);
        name = btf_builder_string(world.b_distilled, "stray");
        begin_split(&world);
        id = btf_builder_typedef(world.b_split, "", 1);
        btf_builder_set_word(world.b_split, id, 0, name);
        check_module_refused(&world, id, 0, FILES_ERROR_UNMAPPED_NAME);

        begin(&world, /* foreign= */ false);
        btf_builder_int(world.b_distilled, "nothing like it", 1, 8, 0);
        name = btf_builder_string(world.b_distilled, "stray");
        begin_split(&world);
        id = btf_builder_struct(world.b_split, "own", 8, false);
        btf_builder_member(world.b_split, "a", 1, 0, 0);
        btf_builder_member(world.b_split, "b", 1, 8, 0);
        btf_builder_set_word(world.b_split, id, 6, name);
        check_module_refused(&world, id, 6, FILES_ERROR_UNMAPPED_NAME);
}

/* Nobody knows which of its words are ids. */
static void types_of_unknown_kinds_cannot_be_moved(void **state)
{
        struct world world;
        uint32_t id;

        (void)state;
        begin(&world, /* foreign= */ false);
        btf_builder_int(world.b_distilled, "nothing like it", 1, 8, 0);
        begin_split(&world);
        btf_builder_layout_kind(world.b_split, 20, 4, 0);
        btf_builder_ptr(world.b_split, 1);
        id = btf_builder_record(world.b_split, "novel", 20, false, 0, 1);
        btf_builder_word(world.b_split, 1);
        check_module_refused(&world, id, 0, FILES_ERROR_UNKNOWN_KIND);
}

static void another_byte_order_is_refused(void **state)
{
        struct files_error error = {0};
        struct world world;
        uint8_t *data;

        (void)state;
        begin(&world, /* foreign= */ false);
        btf_builder_foreign(world.b_distilled);
        btf_builder_int(world.b_distilled, "nothing like it", 1, 8, 0);
        begin_split(&world);
        assert_int_equal(relocate(&world, &data, &error), 1);
        assert_int_equal(error.reason, FILES_ERROR_OTHER_ENDIAN);
        end(&world);
}

/* ---------------------------------------------------------------- real modules */

#define DISTILLED_CORPUS "distilled-6.1-cloud-amd64"
#define BASE_CORPUS      "layout-6.1-cloud-amd64"

static void read_corpus(struct files_btf *file, const char *folder, const char *name)
{
        struct files_error error;
        char path[512];

        snprintf(path, sizeof(path), "%s/%s/%s", getenv("BTFD_CORPUS"), folder, name);
        if (files_read(file, path, &error) != 0)
                fail_msg("%s: %s", path, error.message);
}

static struct btf *load(const struct files_btf *file, const struct btf *base)
{
        struct btf_error error;
        struct btf *btf;

        if (btf_new(&btf, file->data, file->size, base, &error) != 0)
                fail_msg("%s", error.message);
        return btf;
}

static void check_module(const struct btf *base, const char *name)
{
        struct files_btf distilled_file, split_file, expected;
        struct btf *distilled, *split;
        struct files_error error;
        uint8_t *data;

        read_corpus(&distilled_file, DISTILLED_CORPUS "/base", name);
        read_corpus(&split_file, DISTILLED_CORPUS "/split", name);
        read_corpus(&expected, DISTILLED_CORPUS "/relocated", name);
        distilled = load(&distilled_file, NULL);
        split = load(&split_file, distilled);
        if (files_relocate(&data, split, base, &error) != 0)
                fail_msg("%s: %s", name, error.message);
        assert_int_equal(split_file.size, expected.size);
        assert_memory_equal(data, expected.data, expected.size);
        free(data);
        btf_free(split);
        btf_free(distilled);
        files_btf_deinit(&expected);
        files_btf_deinit(&split_file);
        files_btf_deinit(&distilled_file);
}

/* Byte for byte what libbpf made of them. */
static void real_modules_become_what_others_make_of_them(void **state)
{
        const char *corpus = getenv("BTFD_CORPUS");
        unsigned int n_modules = 0;
        struct files_btf base_file;
        struct dirent *entry;
        struct btf *base;
        char path[512];
        DIR *folder;

        (void)state;
        snprintf(path, sizeof(path), "%s/" DISTILLED_CORPUS "/split", corpus ? corpus : "");
        folder = corpus ? opendir(path) : NULL;
        if (!folder) {
                print_message("skipped: BTFD_CORPUS (%s) names no folder with " DISTILLED_CORPUS "\n",
                              corpus ? corpus : "not set");
                skip();
        }
        read_corpus(&base_file, BASE_CORPUS, "vmlinux");
        base = load(&base_file, NULL);
        while ((entry = readdir(folder))) {
                if (entry->d_name[0] == '.')
                        continue;
                check_module(base, entry->d_name);
                n_modules++;
        }
        closedir(folder);
        btf_free(base);
        files_btf_deinit(&base_file);
        assert_int_equal(n_modules, 40);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_kind_is_rewritten),
                cmocka_unit_test(a_module_may_need_nothing),
                cmocka_unit_test(an_int_is_found_by_name_size_and_encoding),
                cmocka_unit_test(a_float_is_found_by_name_and_size),
                cmocka_unit_test(an_enum_is_found_by_name_and_size),
                cmocka_unit_test(a_struct_is_found_by_name_if_there_is_one),
                cmocka_unit_test(a_struct_is_found_by_size_if_there_are_several),
                cmocka_unit_test(types_of_one_name_are_told_apart),
                cmocka_unit_test(a_struct_held_by_value_must_have_its_size),
                cmocka_unit_test(a_declaration_is_found_by_name_and_sort),
                cmocka_unit_test(a_struct_may_become_a_declaration),
                cmocka_unit_test(the_first_error_is_told),
                cmocka_unit_test(only_types_that_can_be_looked_for_are_distilled),
                cmocka_unit_test(types_of_one_name_are_bounded),
                cmocka_unit_test(names_that_are_no_types_cannot_be_moved),
                cmocka_unit_test(types_of_unknown_kinds_cannot_be_moved),
                cmocka_unit_test(another_byte_order_is_refused),
                cmocka_unit_test(real_modules_become_what_others_make_of_them),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
