/*
 * Whether two definitions say the same. Each clause of the rule has a pair here in which it alone decides;
 * the two definitions stand in two files, as they would in vmlinux and a module, so that ids never help.
 */
#include "index/same.h"
#include "support/fixture.h"
#include "support/unit.h"

/* Builds one side of a pair; returns the id to compare. */
typedef uint32_t side(struct btf_builder *b);

static int compare(side *build_a, side *build_b)
{
        struct btf_builder *a = btf_builder_new(), *b = btf_builder_new();
        struct btf_image image_a, image_b;
        struct btf *btf_a, *btf_b;
        struct same same = {0};
        uint32_t id_a, id_b;
        int forth, back;

        btf_builder_typedef(b, "shifts_the_ids", 0);
        id_a = build_a(a);
        id_b = build_b(b);
        image_a = btf_builder_steal(a);
        image_b = btf_builder_steal(b);
        btf_a = fixture_btf(&image_a);
        btf_b = fixture_btf(&image_b);
        forth = same_types(&same, btf_a, id_a, btf_b, id_b);
        back = same_types(&same, btf_b, id_b, btf_a, id_a);
        assert_int_equal(forth, back);
        same_deinit(&same);
        btf_free(btf_a);
        btf_free(btf_b);
        btf_image_free(&image_a);
        btf_image_free(&image_b);
        return forth;
}

static uint32_t add_int(struct btf_builder *b)
{
        return btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
}

/* struct s { <type> x; } of 8 bytes. */
static uint32_t wrap(struct btf_builder *b, uint32_t type)
{
        uint32_t id = btf_builder_struct(b, "s", 8, false);

        btf_builder_member(b, "x", type, 0, 0);
        return id;
}

static uint32_t plain(struct btf_builder *b)
{
        return wrap(b, add_int(b));
}

/* Qualifiers, tags and typedefs do not count. */
static uint32_t with_const(struct btf_builder *b)
{
        return wrap(b, btf_builder_const(b, add_int(b)));
}

static uint32_t with_volatile(struct btf_builder *b)
{
        return wrap(b, btf_builder_volatile(b, add_int(b)));
}

static uint32_t with_restrict(struct btf_builder *b)
{
        return wrap(b, btf_builder_restrict(b, add_int(b)));
}

static uint32_t with_tag(struct btf_builder *b)
{
        return wrap(b, btf_builder_type_tag(b, "user", add_int(b), false));
}

static uint32_t with_typedef(struct btf_builder *b)
{
        return wrap(b, btf_builder_typedef(b, "s32", add_int(b)));
}

static uint32_t with_all(struct btf_builder *b)
{
        return wrap(b,
                    btf_builder_const(b, btf_builder_typedef(b, "t", btf_builder_volatile(b, add_int(b)))));
}

/* Everything that does count, one difference each. */
static uint32_t other_name(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "t", 8, false);

        btf_builder_member(b, "x", type, 0, 0);
        return id;
}

static uint32_t other_kind(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_union(b, "s", 8, false);

        btf_builder_member(b, "x", type, 0, 0);
        return id;
}

static uint32_t other_size(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "s", 12, false);

        btf_builder_member(b, "x", type, 0, 0);
        return id;
}

static uint32_t other_member_name(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "s", 8, false);

        btf_builder_member(b, "y", type, 0, 0);
        return id;
}

static uint32_t other_offset(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "s", 8, false);

        btf_builder_member(b, "x", type, 32, 0);
        return id;
}

static uint32_t other_int_sign(struct btf_builder *b)
{
        return wrap(b, btf_builder_int(b, "int", 4, 32, 0));
}

static uint32_t other_int_name(struct btf_builder *b)
{
        return wrap(b, btf_builder_int(b, "long", 4, 32, BTF_INT_SIGNED));
}

static uint32_t other_int_size(struct btf_builder *b)
{
        return wrap(b, btf_builder_int(b, "int", 8, 64, BTF_INT_SIGNED));
}

static uint32_t one_more_member(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "s", 8, false);

        btf_builder_member(b, "x", type, 0, 0);
        btf_builder_member(b, "y", type, 32, 0);
        return id;
}

static uint32_t members_turned_round(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "s", 8, false);

        btf_builder_member(b, "y", type, 32, 0);
        btf_builder_member(b, "x", type, 0, 0);
        return id;
}

static uint32_t kind_flag_without_bitfields(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "s", 8, true);

        btf_builder_member(b, "x", type, 0, 0);
        return id;
}

static uint32_t bitfield(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "s", 8, true);

        btf_builder_member(b, "x", type, 0, 3);
        return id;
}

static uint32_t wider_bitfield(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "s", 8, true);

        btf_builder_member(b, "x", type, 0, 4);
        return id;
}

/* struct s { struct t *x; } with one t or another, or only its declaration. */
static uint32_t to_small(struct btf_builder *b)
{
        uint32_t type = add_int(b), t = btf_builder_struct(b, "t", 4, false);

        btf_builder_member(b, "i", type, 0, 0);
        return wrap(b, btf_builder_ptr(b, t));
}

static uint32_t to_large(struct btf_builder *b)
{
        return wrap(b, btf_builder_ptr(b, btf_builder_struct(b, "t", 400, false)));
}

static uint32_t to_declared(struct btf_builder *b)
{
        return wrap(b, btf_builder_ptr(b, btf_builder_fwd(b, "t", false)));
}

static uint32_t to_declared_union(struct btf_builder *b)
{
        return wrap(b, btf_builder_ptr(b, btf_builder_fwd(b, "t", true)));
}

static uint32_t to_const_typedef(struct btf_builder *b)
{
        uint32_t t = btf_builder_struct(b, "t", 4, false);

        return wrap(b, btf_builder_ptr(b, btf_builder_const(b, btf_builder_typedef(b, "t_t", t))));
}

static uint32_t to_other_struct(struct btf_builder *b)
{
        return wrap(b, btf_builder_ptr(b, btf_builder_struct(b, "u", 4, false)));
}

static uint32_t to_union(struct btf_builder *b)
{
        return wrap(b, btf_builder_ptr(b, btf_builder_union(b, "t", 4, false)));
}

static uint32_t to_void(struct btf_builder *b)
{
        return wrap(b, btf_builder_ptr(b, 0));
}

static uint32_t to_int_typedef(struct btf_builder *b)
{
        return wrap(b, btf_builder_ptr(b, btf_builder_typedef(b, "handle", add_int(b))));
}

static uint32_t to_struct_typedef(struct btf_builder *b)
{
        uint32_t t = btf_builder_struct(b, "t", 4, false);

        return wrap(b, btf_builder_ptr(b, btf_builder_typedef(b, "handle", t)));
}

static uint32_t to_int(struct btf_builder *b)
{
        return wrap(b, btf_builder_ptr(b, add_int(b)));
}

/* What a pointer points to without a name is walked to the names in it. */
static uint32_t to_unnamed(struct btf_builder *b)
{
        uint32_t type = add_int(b), t = btf_builder_struct(b, "", 8, false);

        btf_builder_member(b, "i", type, 0, 0);
        return wrap(b, btf_builder_ptr(b, t));
}

static uint32_t to_other_unnamed(struct btf_builder *b)
{
        uint32_t type = add_int(b), t = btf_builder_struct(b, "", 8, false);

        btf_builder_member(b, "j", type, 0, 0);
        return wrap(b, btf_builder_ptr(b, t));
}

/* The empty name at another offset than 0: still no name that could settle anything. */
static uint32_t to_empty_named(struct btf_builder *b)
{
        uint32_t type = add_int(b), t = btf_builder_struct(b, "", 8, false);

        btf_builder_member(b, "i", type, 0, 0);
        btf_builder_set_word(b, t, 0, 4); /* the NUL behind "int" */
        return wrap(b, btf_builder_ptr(b, t));
}

static uint32_t to_other_empty_named(struct btf_builder *b)
{
        uint32_t handle = btf_builder_int(b, "j_t", 4, 32, 0), t = btf_builder_struct(b, "", 8, false);

        btf_builder_member(b, "j", handle, 0, 0);
        /* The first string of this file is "shifts_the_ids". */
        btf_builder_set_word(b, t, 0, 15);
        return wrap(b, btf_builder_ptr(b, t));
}

static uint32_t to_array(struct btf_builder *b, uint32_t nelems, const char *name, uint32_t size)
{
        uint32_t type = add_int(b), t = btf_builder_struct(b, name, size, false);

        return wrap(b, btf_builder_ptr(b, btf_builder_array(b, t, type, nelems)));
}

static uint32_t to_array_of_3(struct btf_builder *b)
{
        return to_array(b, 3, "t", 4);
}

static uint32_t to_array_of_4(struct btf_builder *b)
{
        return to_array(b, 4, "t", 4);
}

static uint32_t to_array_of_others(struct btf_builder *b)
{
        return to_array(b, 3, "u", 4);
}

static uint32_t to_array_of_changed(struct btf_builder *b)
{
        return to_array(b, 3, "t", 44);
}

/* struct s { struct { struct t t; } *x; } */
static uint32_t to_unnamed_with(struct btf_builder *b, uint32_t size)
{
        uint32_t t = btf_builder_struct(b, "t", size, false), unnamed = btf_builder_struct(b, "", 64, false);

        btf_builder_member(b, "t", t, 0, 0);
        return wrap(b, btf_builder_ptr(b, unnamed));
}

static uint32_t to_unnamed_with_small(struct btf_builder *b)
{
        return to_unnamed_with(b, 4);
}

static uint32_t to_unnamed_with_changed(struct btf_builder *b)
{
        return to_unnamed_with(b, 44);
}

/* struct s { t (*x)(struct t *<name>, ...); } */
static uint32_t to_proto(struct btf_builder *b, const char *param, const char *pointee, uint32_t pointee_size,
                         bool is_variadic, bool returns_void)
{
        uint32_t type = add_int(b), t = btf_builder_struct(b, pointee, pointee_size, false);
        uint32_t ptr = btf_builder_ptr(b, t), proto = btf_builder_func_proto(b, returns_void ? 0 : type);

        btf_builder_param(b, param, ptr);
        btf_builder_param(b, "", is_variadic ? 0 : type);
        return wrap(b, btf_builder_ptr(b, proto));
}

static uint32_t to_function(struct btf_builder *b)
{
        return to_proto(b, "one", "t", 4, false, false);
}

static uint32_t to_function_with_other_param_names(struct btf_builder *b)
{
        return to_proto(b, "another", "t", 4, false, false);
}

static uint32_t to_function_of_a_changed_struct(struct btf_builder *b)
{
        return to_proto(b, "one", "t", 44, false, false);
}

static uint32_t to_function_of_another_struct(struct btf_builder *b)
{
        return to_proto(b, "one", "u", 4, false, false);
}

static uint32_t to_variadic_function(struct btf_builder *b)
{
        return to_proto(b, "one", "t", 4, true, false);
}

static uint32_t to_function_without_result(struct btf_builder *b)
{
        return to_proto(b, "one", "t", 4, false, true);
}

/* By value everything counts, names or not. */
static uint32_t holds_small(struct btf_builder *b)
{
        uint32_t type = add_int(b), t = btf_builder_struct(b, "t", 4, false);

        btf_builder_member(b, "i", type, 0, 0);
        return wrap(b, t);
}

static uint32_t holds_changed(struct btf_builder *b)
{
        uint32_t type = add_int(b), t = btf_builder_struct(b, "t", 4, false);

        btf_builder_member(b, "j", type, 0, 0);
        return wrap(b, t);
}

static uint32_t holds_array(struct btf_builder *b, uint32_t nelems)
{
        uint32_t type = add_int(b);

        return wrap(b, btf_builder_array(b, type, type, nelems));
}

static uint32_t holds_array_of_1(struct btf_builder *b)
{
        return holds_array(b, 1);
}

static uint32_t holds_array_of_2(struct btf_builder *b)
{
        return holds_array(b, 2);
}

/* Enums. */
static uint32_t add_enum(struct btf_builder *b, const char *name, uint64_t value, bool is_signed)
{
        uint32_t id = btf_builder_enum(b, "e", 4, is_signed);

        btf_builder_value(b, name, value);
        return id;
}

static uint32_t enum_a1(struct btf_builder *b)
{
        return add_enum(b, "A", 1, false);
}

static uint32_t enum_a2(struct btf_builder *b)
{
        return add_enum(b, "A", 2, false);
}

static uint32_t enum_b1(struct btf_builder *b)
{
        return add_enum(b, "B", 1, false);
}

static uint32_t enum_signed(struct btf_builder *b)
{
        return add_enum(b, "A", 1, true);
}

static uint32_t enum_a1_c2(struct btf_builder *b)
{
        uint32_t id = add_enum(b, "A", 1, false);

        btf_builder_value(b, "C", 2);
        return id;
}

static uint32_t enum_empty(struct btf_builder *b)
{
        return btf_builder_enum(b, "e", 4, false);
}

static uint32_t enum_empty_short(struct btf_builder *b)
{
        return btf_builder_enum(b, "e", 2, false);
}

static uint32_t held_enum(struct btf_builder *b)
{
        return wrap(b, enum_a1(b));
}

static uint32_t held_enum_empty(struct btf_builder *b)
{
        return wrap(b, enum_empty(b));
}

static uint32_t held_enum_empty_short(struct btf_builder *b)
{
        return wrap(b, enum_empty_short(b));
}

static uint32_t ptr_to_enum(struct btf_builder *b)
{
        return wrap(b, btf_builder_ptr(b, enum_a1(b)));
}

static uint32_t ptr_to_enum_empty_short(struct btf_builder *b)
{
        return wrap(b, btf_builder_ptr(b, enum_empty_short(b)));
}

static uint32_t enum_in_short(struct btf_builder *b)
{
        uint32_t id = btf_builder_enum(b, "e", 2, false);

        btf_builder_value(b, "A", 1);
        return id;
}

static uint32_t forward_s(struct btf_builder *b)
{
        return btf_builder_fwd(b, "s", false);
}

static uint32_t forward_union_s(struct btf_builder *b)
{
        return btf_builder_fwd(b, "s", true);
}

/* Rings: comparing must end, and see a difference that stands behind them. */
static uint32_t list(struct btf_builder *b)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "s", 16, false);

        btf_builder_member(b, "next", id + 1, 0, 0);
        btf_builder_member(b, "x", type, 64, 0);
        btf_builder_ptr(b, id);
        return id;
}

/* An unnamed struct that reaches itself through an unnamed pointee's prototype. */
static uint32_t unnamed_ring(struct btf_builder *b, const char *last)
{
        uint32_t type = add_int(b), id = btf_builder_struct(b, "", 24, false);

        btf_builder_member(b, "self", id + 1, 0, 0);
        btf_builder_member(b, "call", id + 2, 64, 0);
        btf_builder_member(b, last, type, 128, 0);
        btf_builder_ptr(b, id);
        btf_builder_ptr(b, id + 3);
        btf_builder_func_proto(b, type);
        btf_builder_param(b, "", id + 1);
        return wrap(b, id + 1);
}

static uint32_t unnamed_ring_x(struct btf_builder *b)
{
        return unnamed_ring(b, "x");
}

static uint32_t unnamed_ring_y(struct btf_builder *b)
{
        return unnamed_ring(b, "y");
}

static uint32_t function(struct btf_builder *b)
{
        return btf_builder_func(b, "f", btf_builder_func_proto(b, add_int(b)), 1);
}

static uint32_t function_of_void(struct btf_builder *b)
{
        return btf_builder_func(b, "f", btf_builder_func_proto(b, 0), 1);
}

static const struct {
        const char *name;
        side *a, *b;
        int expected;
} pairs[] = {
        {"itself", plain, plain, SAME_YES},
        {"const", plain, with_const, SAME_YES},
        {"volatile", plain, with_volatile, SAME_YES},
        {"restrict", plain, with_restrict, SAME_YES},
        {"type tag", plain, with_tag, SAME_YES},
        {"typedef", plain, with_typedef, SAME_YES},
        {"modifiers on both sides", with_const, with_all, SAME_YES},
        {"name", plain, other_name, SAME_NO},
        {"kind", plain, other_kind, SAME_NO},
        {"size", plain, other_size, SAME_NO},
        {"member's name", plain, other_member_name, SAME_NO},
        {"member's offset", plain, other_offset, SAME_NO},
        {"int's sign", plain, other_int_sign, SAME_NO},
        {"int's name", plain, other_int_name, SAME_NO},
        {"int's size", plain, other_int_size, SAME_NO},
        {"number of members", plain, one_more_member, SAME_NO},
        {"order of members", one_more_member, members_turned_round, SAME_NO},
        {"kind_flag alone", plain, kind_flag_without_bitfields, SAME_YES},
        {"bitfield or not", plain, bitfield, SAME_NO},
        {"bitfield's size", bitfield, wider_bitfield, SAME_NO},

        {"a name ends the walk", to_small, to_large, SAME_YES},
        {"declared there, defined here", to_small, to_declared, SAME_YES},
        {"declared as another kind", to_small, to_declared_union, SAME_NO},
        {"const and typedef behind a pointer", to_small, to_const_typedef, SAME_YES},
        {"another name behind a pointer", to_small, to_other_struct, SAME_NO},
        {"another kind behind a pointer", to_small, to_union, SAME_NO},
        {"void behind a pointer", to_small, to_void, SAME_NO},
        {"void behind both", to_void, to_void, SAME_YES},
        {"pointer or value", to_small, holds_small, SAME_NO},
        {"a typedef's name ends the walk", to_int_typedef, to_struct_typedef, SAME_YES},
        {"a typedef against what it stands for", to_int_typedef, to_int, SAME_YES},
        {"unnamed behind a pointer", to_unnamed, to_unnamed, SAME_YES},
        {"other unnamed behind a pointer", to_unnamed, to_other_unnamed, SAME_NO},
        {"array behind a pointer", to_array_of_3, to_array_of_3, SAME_YES},
        {"array's length behind a pointer", to_array_of_3, to_array_of_4, SAME_NO},
        {"array's element behind a pointer", to_array_of_3, to_array_of_others, SAME_NO},
        {"a name ends the walk in an array", to_array_of_3, to_array_of_changed, SAME_YES},
        {"a name ends the walk in an unnamed struct", to_unnamed_with_small, to_unnamed_with_changed,
         SAME_YES},
        {"parameter names", to_function, to_function_with_other_param_names, SAME_YES},
        {"a name ends the walk in a prototype", to_function, to_function_of_a_changed_struct, SAME_YES},
        {"another parameter", to_function, to_function_of_another_struct, SAME_NO},
        {"variable arguments", to_function, to_variadic_function, SAME_NO},
        {"return type", to_function, to_function_without_result, SAME_NO},

        {"held by value", holds_small, holds_small, SAME_YES},
        {"changed where it is held by value", holds_small, holds_changed, SAME_NO},
        {"array's length", holds_array_of_1, holds_array_of_2, SAME_NO},

        {"enum", enum_a1, enum_a1, SAME_YES},
        {"enumerator's value", enum_a1, enum_a2, SAME_NO},
        {"enumerator's name", enum_a1, enum_b1, SAME_NO},
        {"enum's sign", enum_a1, enum_signed, SAME_NO},
        {"number of enumerators", enum_a1, enum_a1_c2, SAME_NO},
        {"enum's size", enum_a1, enum_in_short, SAME_NO},
        {"an enum of no values", enum_a1, enum_empty, SAME_YES},
        {"size of an enum of no values", enum_a1, enum_empty_short, SAME_NO},
        {"a member that is an enum of no values", held_enum, held_enum_empty, SAME_YES},
        {"its size", held_enum, held_enum_empty_short, SAME_NO},
        {"its size behind a pointer", ptr_to_enum, ptr_to_enum_empty_short, SAME_YES},
        {"a struct's declaration", plain, forward_s, SAME_YES},
        {"a union's declaration", plain, forward_union_s, SAME_NO},
        {"a union's own declaration", other_kind, forward_union_s, SAME_YES},

        {"a ring through its name", list, list, SAME_YES},
        {"a ring without names", unnamed_ring_x, unnamed_ring_x, SAME_YES},
        {"a difference behind a ring", unnamed_ring_x, unnamed_ring_y, SAME_NO},

        {"functions", function, function, SAME_YES},
        {"functions' prototypes", function, function_of_void, SAME_NO},
};

static void each_clause_decides_its_pair(void **state)
{
        size_t n_failed = 0;

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
                if (compare(pairs[i].a, pairs[i].b) == pairs[i].expected)
                        continue;
                print_error("%s: expected them %s\n", pairs[i].name,
                            pairs[i].expected == SAME_YES ? "to be the same" : "to differ");
                n_failed++;
        }
        assert_int_equal(n_failed, 0);
}

/* Two unnamed pointees whose name_off leads to a NUL at the end of some string, not to 0. */
static void an_empty_name_settles_nothing(void **state)
{
        (void)state;
        assert_int_equal(compare(to_empty_named, to_other_empty_named), SAME_NO);
}

/* An unnamed struct of `n` members, each a type of its own, so that as many pairs must be compared. */
static uint32_t many(struct btf_builder *b, uint32_t n)
{
        uint32_t first = btf_builder_next_id(b), id;

        for (uint32_t i = 0; i < n; i++)
                btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        id = btf_builder_struct(b, "many", 4, false);
        for (uint32_t i = 0; i < n; i++)
                btf_builder_member(b, "", first + i, 0, 0);
        return id;
}

static uint32_t just_as_many(struct btf_builder *b)
{
        return many(b, SAME_MAX_PAIRS - 1); /* and the pair of the structs themselves */
}

static uint32_t too_many(struct btf_builder *b)
{
        return many(b, SAME_MAX_PAIRS);
}

static void beyond_the_bound_types_count_as_different(void **state)
{
        (void)state;
        assert_int_equal(compare(just_as_many, just_as_many), SAME_YES);
        assert_int_equal(compare(too_many, too_many), SAME_NO);
}

/* What one comparison leaves behind must not decide the next. */
static void a_comparison_can_be_reused(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t first = plain(b), second = other_member_name(b), third = plain(b);
        struct btf_image image = btf_builder_steal(b);
        struct btf *btf = fixture_btf(&image);
        struct same same = {0};

        (void)state;
        for (int round = 0; round < 3; round++) {
                assert_int_equal(same_types(&same, btf, first, btf, second), SAME_NO);
                assert_int_equal(same_types(&same, btf, first, btf, third), SAME_YES);
                assert_int_equal(same_types(&same, btf, first, btf, first), SAME_YES);
        }
        same_deinit(&same);
        btf_free(btf);
        btf_image_free(&image);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_clause_decides_its_pair),
                cmocka_unit_test(an_empty_name_settles_nothing),
                cmocka_unit_test(beyond_the_bound_types_count_as_different),
                cmocka_unit_test(a_comparison_can_be_reused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
