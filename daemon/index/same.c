#include "index/same.h"

#include <errno.h>

#define SEEN_MIN_SIZE 64U

static bool pair_equal(const struct same_pair *a, const struct same_pair *b)
{
        return a->id_a == b->id_a && a->id_b == b->id_b && a->behind_pointer == b->behind_pointer;
}

static size_t pair_hash(const struct same_pair *pair)
{
        uint64_t mixed = ((uint64_t)pair->id_a << 32 | pair->id_b) * UINT64_C(0x9e3779b97f4a7c15);

        return (size_t)(mixed >> 32) + pair->behind_pointer;
}

static int grow(struct same *same)
{
        size_t pairs_size = same->pairs_size ? same->pairs_size * 2 : SEEN_MIN_SIZE / 2;
        struct same_pair *pairs;
        uint32_t *seen;

        pairs = realloc(same->pairs, pairs_size * sizeof(*pairs));
        if (!pairs)
                return -ENOMEM;
        same->pairs = pairs;
        seen = calloc(pairs_size * 2, sizeof(*seen));
        if (!seen)
                return -ENOMEM;
        free(same->seen);
        same->seen = seen;
        same->seen_size = pairs_size * 2;
        same->pairs_size = pairs_size;
        for (size_t i = 0; i < same->n_pairs; i++) {
                size_t slot = pair_hash(&pairs[i]) & (same->seen_size - 1);

                while (seen[slot] != 0)
                        slot = (slot + 1) & (same->seen_size - 1);
                seen[slot] = (uint32_t)i + 1;
        }
        return 0;
}

/* Notes that two types must be the same, once. Returns a same_result or -ENOMEM; SAME_NO past the bound. */
static int require(struct same *same, uint32_t id_a, uint32_t id_b, bool behind_pointer)
{
        struct same_pair pair = {.id_a = id_a, .id_b = id_b, .behind_pointer = behind_pointer};
        size_t slot;

        if (same->n_pairs == SAME_MAX_PAIRS || same->n_total == SAME_MAX_TOTAL_PAIRS)
                return SAME_NO;
        if (same->n_pairs == same->pairs_size) {
                int r = grow(same);

                if (r < 0)
                        return r;
        }
        slot = pair_hash(&pair) & (same->seen_size - 1);
        while (same->seen[slot] != 0) {
                if (pair_equal(&same->pairs[same->seen[slot] - 1], &pair))
                        return SAME_YES;
                slot = (slot + 1) & (same->seen_size - 1);
        }
        same->pairs[same->n_pairs++] = pair;
        same->n_total++;
        same->seen[slot] = (uint32_t)same->n_pairs;
        return SAME_YES;
}

/* The kind that a type's name stands for, so that a forward declaration can equal what it declares. */
static enum btf_kind declared_kind(const struct btf_type *type)
{
        if (type->kind == BTF_KIND_FWD)
                return type->kind_flag ? BTF_KIND_UNION : BTF_KIND_STRUCT;
        return type->kind;
}

static bool same_kind(const struct btf_type *a, const struct btf_type *b)
{
        return declared_kind(a) == declared_kind(b) ||
               (btf_kind_is_enum(a->kind) && btf_kind_is_enum(b->kind));
}

static int compare_members(struct same *same, const struct btf *btf_a, const struct btf_type *a,
                           const struct btf *btf_b, const struct btf_type *b, bool behind_pointer)
{
        for (uint32_t i = 0; i < a->vlen; i++) {
                struct btf_member member_a = btf_member(btf_a, a, i);
                struct btf_member member_b = btf_member(btf_b, b, i);
                int r;

                if (member_a.bit_offset != member_b.bit_offset ||
                    member_a.bitfield_size != member_b.bitfield_size ||
                    !string_equal(member_a.name, member_b.name))
                        return SAME_NO;
                r = require(same, member_a.type, member_b.type, behind_pointer);
                if (r != SAME_YES)
                        return r;
        }
        return SAME_YES;
}

static int compare_enumerators(const struct btf *btf_a, const struct btf_type *a, const struct btf *btf_b,
                               const struct btf_type *b)
{
        for (uint32_t i = 0; i < a->vlen; i++) {
                struct btf_enumerator value_a = btf_enumerator(btf_a, a, i);
                struct btf_enumerator value_b = btf_enumerator(btf_b, b, i);

                if (value_a.value != value_b.value || !string_equal(value_a.name, value_b.name))
                        return SAME_NO;
        }
        return a->kind_flag == b->kind_flag ? SAME_YES : SAME_NO;
}

/* Parameter names do not count; whether the last one is `...` does, as void behind a value
 * is nothing else. */
static int compare_protos(struct same *same, const struct btf *btf_a, const struct btf_type *a,
                          const struct btf *btf_b, const struct btf_type *b, bool behind_pointer)
{
        int r = require(same, a->size_or_type, b->size_or_type, behind_pointer);

        for (uint32_t i = 0; i < a->vlen && r == SAME_YES; i++)
                r = require(same, btf_param(btf_a, a, i).type, btf_param(btf_b, b, i).type, behind_pointer);
        return r;
}

static int compare_secinfos(struct same *same, const struct btf *btf_a, const struct btf_type *a,
                            const struct btf *btf_b, const struct btf_type *b)
{
        for (uint32_t i = 0; i < a->vlen; i++) {
                struct btf_secinfo info_a = btf_secinfo(btf_a, a, i);
                struct btf_secinfo info_b = btf_secinfo(btf_b, b, i);
                int r;

                if (info_a.offset != info_b.offset || info_a.size != info_b.size)
                        return SAME_NO;
                r = require(same, info_a.type, info_b.type, /* behind_pointer= */ false);
                if (r != SAME_YES)
                        return r;
        }
        return SAME_YES;
}

/*
 * Modifiers of both sides are seen through, unless both are typedefs of one name behind a pointer: that name
 * decides.
 */
static bool settled_by_typedef(const struct btf *btf_a, uint32_t id_a, const struct btf *btf_b, uint32_t id_b)
{
        struct btf_type a = btf_type(btf_a, id_a), b = btf_type(btf_b, id_b);

        while (btf_kind_is_qualifier(a.kind))
                a = btf_type(btf_a, a.size_or_type);
        while (btf_kind_is_qualifier(b.kind))
                b = btf_type(btf_b, b.size_or_type);
        return a.kind == BTF_KIND_TYPEDEF && b.kind == BTF_KIND_TYPEDEF &&
               string_equal(btf_name(btf_a, &a), btf_name(btf_b, &b));
}

static int same_if(bool condition)
{
        return condition ? SAME_YES : SAME_NO;
}

/* Two types of one kind and name that no name and no declaration has settled. */
static int compare_contents(struct same *same, const struct btf *btf_a, const struct btf_type *a,
                            const struct btf *btf_b, const struct btf_type *b, bool behind_pointer)
{
        switch (a->kind) {
        case BTF_KIND_VOID:
                return SAME_YES;
        case BTF_KIND_INT:
                return same_if(btf_word(btf_a, a) == btf_word(btf_b, b));
        case BTF_KIND_FLOAT:
                return SAME_YES; /* of one size, as all that come here */
        case BTF_KIND_PTR:
                return require(same, a->size_or_type, b->size_or_type, /* behind_pointer= */ true);
        case BTF_KIND_FUNC:
        case BTF_KIND_VAR:
                return require(same, a->size_or_type, b->size_or_type, behind_pointer);
        case BTF_KIND_ARRAY: {
                struct btf_array array_a = btf_array(btf_a, a), array_b = btf_array(btf_b, b);

                if (array_a.nelems != array_b.nelems)
                        return SAME_NO;
                return require(same, array_a.type, array_b.type, behind_pointer);
        }
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
                return compare_members(same, btf_a, a, btf_b, b, behind_pointer);
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
                return compare_enumerators(btf_a, a, btf_b, b);
        case BTF_KIND_FUNC_PROTO:
                return compare_protos(same, btf_a, a, btf_b, b, behind_pointer);
        case BTF_KIND_DATASEC:
                return compare_secinfos(same, btf_a, a, btf_b, b);
        case BTF_KIND_FWD:
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_DECL_TAG:
        case BTF_KIND_TYPE_TAG:
        case BTF_KIND_OPAQUE:
                return SAME_NO;
        }
        return SAME_NO;
}

/* Whether the kind's record holds a size instead of a type. */
static bool has_size(enum btf_kind kind)
{
        return kind == BTF_KIND_INT || kind == BTF_KIND_FLOAT || kind == BTF_KIND_DATASEC ||
               btf_kind_is_composite(kind) || btf_kind_is_enum(kind);
}

/* Whether two ids are of one record, and not only of two that say the same. */
static bool is_one_type(const struct btf *btf_a, uint32_t id_a, const struct btf *btf_b, uint32_t id_b)
{
        return id_a == id_b && btf_owner(btf_a, id_a) == btf_owner(btf_b, id_b);
}

/* Compares one pair, adding to the list whatever must be the same for it to be. */
static int compare_pair(struct same *same, const struct btf *btf_a, const struct btf *btf_b,
                        struct same_pair pair)
{
        struct btf_type a = btf_strip(btf_a, pair.id_a), b = btf_strip(btf_b, pair.id_b);

        if (is_one_type(btf_a, a.id, btf_b, b.id))
                return SAME_YES;
        if (pair.behind_pointer && settled_by_typedef(btf_a, pair.id_a, btf_b, pair.id_b)) {
                same->by_name = true;
                return SAME_YES;
        }
        if (!same_kind(&a, &b) || !string_equal(btf_name(btf_a, &a), btf_name(btf_b, &b)))
                return SAME_NO;
        /* What only declares an enum has a size all the same, and that is what a member of it takes. */
        if (!pair.behind_pointer && btf_kind_is_enum(a.kind) && a.size_or_type != b.size_or_type)
                return SAME_NO;
        if ((pair.behind_pointer && btf_has_name(btf_a, &a)) || btf_is_forward(btf_a, &a) ||
            btf_is_forward(btf_b, &b)) {
                /* Behind two forward declarations there is nothing. */
                same->by_name = same->by_name || !btf_is_forward(btf_a, &a) || !btf_is_forward(btf_b, &b);
                return SAME_YES;
        }
        /* A function's vlen is its linkage, which says nothing of its type. */
        if (a.kind != BTF_KIND_FUNC && a.vlen != b.vlen)
                return SAME_NO;
        if (has_size(a.kind) && a.size_or_type != b.size_or_type)
                return SAME_NO;
        return compare_contents(same, btf_a, &a, btf_b, &b, pair.behind_pointer);
}

/* Empties the table of what has been seen, at the cost of what is in it: most comparisons need a handful of pairs. */
static void forget_pairs(struct same *same)
{
        for (size_t i = 0; i < same->n_pairs; i++) {
                size_t slot = pair_hash(&same->pairs[i]) & (same->seen_size - 1);

                /* What stands at a pair's slot is this pair or one that came before; all of them go. */
                while (same->seen[slot] != 0) {
                        same->seen[slot] = 0;
                        slot = (slot + 1) & (same->seen_size - 1);
                }
        }
        same->n_pairs = 0;
}

int same_types(struct same *same, const struct btf *btf_a, uint32_t id_a, const struct btf *btf_b,
               uint32_t id_b)
{
        int r;

        forget_pairs(same);
        same->by_name = false;
        r = require(same, id_a, id_b, /* behind_pointer= */ false);
        for (size_t i = 0; i < same->n_pairs && r == SAME_YES; i++)
                r = compare_pair(same, btf_a, btf_b, same->pairs[i]);
        return r;
}

int same_addition(struct same *same, const struct btf *earlier_btf, uint32_t earlier_id,
                  const struct btf *btf, uint32_t id)
{
        struct btf_type earlier = btf_type(earlier_btf, earlier_id), type = btf_type(btf, id);
        bool is_forward = btf_is_forward(btf, &type);
        int r;

        /* Variables of one name and type are two all the same, each at its own place. */
        if (type.kind == BTF_KIND_VAR)
                return SAME_ADDS_ALL;
        /* A struct and a typedef of one name are both there to be found, and so is a definition behind a declaration. */
        if (is_forward ? !same_kind(&earlier, &type)
                       : earlier.kind != type.kind || btf_is_forward(earlier_btf, &earlier))
                return SAME_ADDS_ALL;
        r = same_types(same, earlier_btf, earlier_id, btf, id);
        if (r < 0)
                return r;
        if (r == SAME_NO)
                return SAME_ADDS_ALL;
        return same->by_name && !is_forward ? SAME_ADDS_POINTEES : SAME_ADDS_NOTHING;
}

void same_deinit(struct same *same)
{
        free(same->pairs);
        free(same->seen);
        *same = (struct same){0};
}
