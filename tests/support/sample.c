#include "support/sample.h"

/* Ids that the description refers to, in the order in which the functions below create them. */
struct ids {
        uint32_t integer, character, u32, ulong;
        uint32_t inner, inner_ptr, pipe_index, bits, odd, later;
};

static void build_integers(struct btf_builder *b, struct ids *ids)
{
        ids->integer = btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        ids->character = btf_builder_int(b, "char", 1, 8, BTF_INT_SIGNED | BTF_INT_CHAR);
        ids->u32 = btf_builder_int(b, "unsigned int", 4, 32, 0);
        ids->ulong = btf_builder_int(b, "long unsigned int", 8, 64, 0);
}

static void build_small_structs(struct btf_builder *b, struct ids *ids)
{
        uint32_t head_tail;

        ids->inner = btf_builder_struct(b, "inner", 8, false);
        btf_builder_member(b, "a", ids->integer, 0, 0);
        btf_builder_member(b, "b", ids->integer, 32, 0);
        ids->inner_ptr = btf_builder_ptr(b, ids->inner);

        head_tail = btf_builder_struct(b, "", 8, false);
        btf_builder_member(b, "head", ids->u32, 0, 0);
        btf_builder_member(b, "tail", ids->u32, 32, 0);
        ids->pipe_index = btf_builder_union(b, "pipe_index", 8, false);
        btf_builder_member(b, "head_tail", ids->ulong, 0, 0);
        btf_builder_member(b, "", head_tail, 0, 0);

        ids->bits = btf_builder_struct(b, "bits", 4, true);
        btf_builder_member(b, "lo", ids->u32, 0, 4);
        btf_builder_member(b, "hi", ids->u32, 4, 28);
        ids->odd = btf_builder_struct(b, "odd", 1, true);
        btf_builder_member(b, "x", ids->u32, 0, 3);

        ids->later = btf_builder_fwd(b, "later", false);
        btf_builder_fwd(b, "later_union", true);
        btf_builder_enum(b, "later_enum", 4, false);
}

/* The unnamed union at byte 64 of struct outer. */
static uint32_t build_unnamed(struct btf_builder *b, const struct ids *ids)
{
        uint32_t deep, constant, unnamed;

        deep = btf_builder_struct(b, "", 16, false);
        btf_builder_member(b, "pad", ids->integer, 0, 0);
        btf_builder_member(b, "deep", ids->ulong, 64, 0);
        constant = btf_builder_const(b, deep);
        unnamed = btf_builder_union(b, "", 16, false);
        btf_builder_member(b, "u1", ids->integer, 0, 0);
        btf_builder_member(b, "", constant, 0, 0);
        return unnamed;
}

static void build_outer(struct btf_builder *b, const struct ids *ids)
{
        uint32_t unnamed = build_unnamed(b, ids);
        uint32_t arr = btf_builder_array(b, ids->inner, ids->integer, 3);
        uint32_t comm = btf_builder_array(b, ids->character, ids->integer, 16);
        uint32_t void_ptr = btf_builder_ptr(b, 0);
        uint32_t later_ptr = btf_builder_ptr(b, ids->later);
        uint32_t proto, fn, row, matrix, zero, ptrs, table, table_ptr, outer;

        proto = btf_builder_func_proto(b, ids->integer);
        btf_builder_param(b, "", ids->integer);
        fn = btf_builder_ptr(b, proto);
        row = btf_builder_array(b, ids->integer, ids->integer, 3);
        matrix = btf_builder_array(b, row, ids->integer, 2);
        zero = btf_builder_array(b, ids->integer, ids->integer, 0);
        ptrs = btf_builder_array(b, ids->inner_ptr, ids->integer, 2);
        table = btf_builder_array(b, ids->inner, ids->integer, 4);
        table_ptr = btf_builder_ptr(b, table);

        outer = btf_builder_next_id(b) + 1;
        btf_builder_ptr(b, outer);
        btf_builder_struct(b, "outer", 176, true);
        btf_builder_member(b, "in", ids->inner, 0 * 8, 0);
        btf_builder_member(b, "ptr", ids->inner_ptr, 8 * 8, 0);
        btf_builder_member(b, "arr", arr, 16 * 8, 0);
        btf_builder_member(b, "comm", comm, 40 * 8, 0);
        btf_builder_member(b, "", unnamed, 64 * 8, 0);
        btf_builder_member(b, "", ids->pipe_index, 80 * 8, 0);
        btf_builder_member(b, "next", outer - 1, 88 * 8, 0);
        btf_builder_member(b, "opaque", void_ptr, 96 * 8, 0);
        btf_builder_member(b, "later", later_ptr, 104 * 8, 0);
        btf_builder_member(b, "fn", fn, 112 * 8, 0);
        btf_builder_member(b, "matrix", matrix, 120 * 8, 0);
        btf_builder_member(b, "zero", zero, 144 * 8, 0);
        btf_builder_member(b, "ptrs", ptrs, 144 * 8, 0);
        btf_builder_member(b, "ready", ids->u32, 160 * 8, 1);
        btf_builder_member(b, "mode", ids->u32, 160 * 8 + 1, 3);
        btf_builder_member(b, "prio", ids->integer, 160 * 8 + 4, 5);
        btf_builder_member(b, "table", table_ptr, 168 * 8, 0);
        btf_builder_member(b, "flex", zero, 176 * 8, 0);

        btf_builder_typedef(b, "outer_t", outer);
        btf_builder_ptr(b, outer + 1);
        btf_builder_typedef(b, "outer_ptr", outer + 2);
        btf_builder_typedef(b, "name_t", comm);
}

static void build_holders(struct btf_builder *b, const struct ids *ids)
{
        uint32_t bits = btf_builder_array(b, ids->bits, ids->integer, 4);
        uint32_t bits_ptr = btf_builder_ptr(b, ids->bits);
        uint32_t odds = btf_builder_array(b, ids->odd, ids->integer, 3);
        uint32_t flexible_odds = btf_builder_array(b, ids->odd, ids->integer, 0);
        uint32_t row, big, huge, huge_ptr;

        btf_builder_struct(b, "holder", 27, false);
        btf_builder_member(b, "bits", bits, 0, 0);
        btf_builder_member(b, "bp", bits_ptr, 16 * 8, 0);
        btf_builder_member(b, "odds", odds, 24 * 8, 0);
        btf_builder_struct(b, "tail", 4, false);
        btf_builder_member(b, "n", ids->integer, 0, 0);
        btf_builder_member(b, "odds", flexible_odds, 4 * 8, 0);

        row = btf_builder_array(b, ids->character, ids->integer, 1U << 16);
        big = btf_builder_array(b, row, ids->integer, (1U << 16) - 1);
        huge = btf_builder_typedef(b, "huge_t", big);
        huge_ptr = btf_builder_ptr(b, huge);
        btf_builder_typedef(b, "huge_ptr", huge_ptr);
}

void sample_build(struct btf_builder *b)
{
        struct ids ids;

        build_integers(b, &ids);
        build_small_structs(b, &ids);
        build_outer(b, &ids);
        build_holders(b, &ids);
}
