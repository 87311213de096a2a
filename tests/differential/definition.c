/*
 * A list of pairs of types that must be the same for the definitions to be: it begins with these themselves, each pair adds
 * those that it depends on, and a pair that is in the list already adds nothing, which ends types that refer to themselves.
 */
#include "definition.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"

struct pair {
        uint32_t id_a, id_b;
        bool behind_pointer; /* where a name says it all */
};

struct pairs {
        const struct reader *a, *b;
        struct pair *list;
        size_t n, size;
        bool by_name; /* some pair was the same by its name */
};

static void add_pair(struct pairs *pairs, uint32_t id_a, uint32_t id_b, bool behind_pointer)
{
        for (size_t i = 0; i < pairs->n; i++) {
                const struct pair *known = &pairs->list[i];

                if (known->id_a == id_a && known->id_b == id_b && known->behind_pointer == behind_pointer)
                        return;
        }
        if (pairs->n == pairs->size) {
                pairs->size = pairs->size * 2 + 16;
                pairs->list = reallocate(pairs->list, pairs->size, sizeof(*pairs->list));
        }
        pairs->list[pairs->n++] = (struct pair){id_a, id_b, behind_pointer};
}

static bool same_name(const struct pairs *pairs, const struct btf_type *a, const struct btf_type *b)
{
        return strcmp(reader_string(pairs->a, a->name_off), reader_string(pairs->b, b->name_off)) == 0;
}

/* STRUCT for what declares one. */
static uint32_t declared_kind(const struct btf_type *type)
{
        if (btf_is_fwd(type))
                return btf_kflag(type) ? BTF_KIND_UNION : BTF_KIND_STRUCT;
        return btf_is_enum64(type) ? BTF_KIND_ENUM : btf_kind(type);
}

static bool same_members(struct pairs *pairs, const struct btf_type *a, const struct btf_type *b, bool behind)
{
        if (a->size != b->size || btf_vlen(a) != btf_vlen(b))
                return false;
        for (uint32_t i = 0; i < btf_vlen(a); i++) {
                const struct btf_member *member_a = &btf_members(a)[i], *member_b = &btf_members(b)[i];

                if (btf_member_bit_offset(a, i) != btf_member_bit_offset(b, i) ||
                    btf_member_bitfield_size(a, i) != btf_member_bitfield_size(b, i) ||
                    strcmp(reader_string(pairs->a, member_a->name_off),
                           reader_string(pairs->b, member_b->name_off)) != 0)
                        return false;
                add_pair(pairs, member_a->type, member_b->type, behind);
        }
        return true;
}

static const char *enumerator_name(const struct reader *reader, const struct btf_type *type, uint32_t i)
{
        return reader_string(reader,
                             btf_is_enum64(type) ? btf_enum64(type)[i].name_off : btf_enum(type)[i].name_off);
}

static bool same_values(const struct pairs *pairs, const struct btf_type *a, const struct btf_type *b)
{
        if (a->size != b->size || btf_vlen(a) != btf_vlen(b) || btf_kflag(a) != btf_kflag(b))
                return false;
        for (uint32_t i = 0; i < btf_vlen(a); i++) {
                if (enumerator_value(a, i) != enumerator_value(b, i) ||
                    strcmp(enumerator_name(pairs->a, a, i), enumerator_name(pairs->b, b, i)) != 0)
                        return false;
        }
        return true;
}

static bool same_parameters(struct pairs *pairs, const struct btf_type *a, const struct btf_type *b,
                            bool behind)
{
        if (btf_vlen(a) != btf_vlen(b))
                return false;
        add_pair(pairs, a->type, b->type, behind);
        for (uint32_t i = 0; i < btf_vlen(a); i++)
                add_pair(pairs, btf_params(a)[i].type, btf_params(b)[i].type, behind);
        return true;
}

static bool same_section(struct pairs *pairs, const struct btf_type *a, const struct btf_type *b)
{
        if (a->size != b->size || btf_vlen(a) != btf_vlen(b))
                return false;
        for (uint32_t i = 0; i < btf_vlen(a); i++) {
                const struct btf_var_secinfo *info_a = &btf_var_secinfos(a)[i];
                const struct btf_var_secinfo *info_b = &btf_var_secinfos(b)[i];

                if (info_a->offset != info_b->offset || info_a->size != info_b->size)
                        return false;
                add_pair(pairs, info_a->type, info_b->type, /* behind_pointer= */ false);
        }
        return true;
}

/* Types of one kind and name, of which neither is a declaration. */
static bool same_contents(struct pairs *pairs, const struct btf_type *a, const struct btf_type *b,
                          bool behind)
{
        switch (btf_kind(a)) {
        case BTF_KIND_UNKN: /* void */
                return true;
        case BTF_KIND_INT:
                return a->size == b->size && btf_int_encoding(a) == btf_int_encoding(b) &&
                       btf_int_bits(a) == btf_int_bits(b) && btf_int_offset(a) == btf_int_offset(b);
        case BTF_KIND_FLOAT:
                return a->size == b->size;
        case BTF_KIND_PTR:
                add_pair(pairs, a->type, b->type, /* behind_pointer= */ true);
                return true;
        case BTF_KIND_FUNC:
        case BTF_KIND_VAR:
                add_pair(pairs, a->type, b->type, behind);
                return true;
        case BTF_KIND_ARRAY:
                add_pair(pairs, btf_array(a)->type, btf_array(b)->type, behind);
                return btf_array(a)->nelems == btf_array(b)->nelems;
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
                return same_members(pairs, a, b, behind);
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
                return same_values(pairs, a, b);
        case BTF_KIND_FUNC_PROTO:
                return same_parameters(pairs, a, b, behind);
        case BTF_KIND_DATASEC:
                return same_section(pairs, a, b);
        default:
                die("no rule for kind %u", btf_kind(a));
        }
}

/* The typedef whose name is the first that is met behind a pointer; NULL if there is none. */
static const struct btf_type *first_typedef(const struct reader *reader, uint32_t id)
{
        const struct btf_type *type = reader_type(reader, id);

        while (btf_is_mod(type))
                type = reader_type(reader, type->type);
        return btf_is_typedef(type) ? type : NULL;
}

static bool same_typedef(const struct pairs *pairs, uint32_t id_a, uint32_t id_b)
{
        const struct btf_type *a = first_typedef(pairs->a, id_a), *b = first_typedef(pairs->b, id_b);

        return a && b && same_name(pairs, a, b);
}

static bool same_pair(struct pairs *pairs, struct pair pair)
{
        uint32_t id_a = reader_strip(pairs->a, pair.id_a), id_b = reader_strip(pairs->b, pair.id_b);
        const struct btf_type *a = reader_type(pairs->a, id_a), *b = reader_type(pairs->b, id_b);

        if (id_a == id_b && reader_owner(pairs->a, id_a) == reader_owner(pairs->b, id_b))
                return true;
        if (pair.behind_pointer && same_typedef(pairs, pair.id_a, pair.id_b)) {
                pairs->by_name = true;
                return true;
        }
        if (declared_kind(a) != declared_kind(b) || !same_name(pairs, a, b))
                return false;
        if (is_forward(a) && is_forward(b))
                return true;
        if (is_forward(a) || is_forward(b) || (pair.behind_pointer && a->name_off != 0)) {
                pairs->by_name = true;
                return true;
        }
        return same_contents(pairs, a, b, pair.behind_pointer);
}

enum likeness definition_compare(const struct definition *a, const struct definition *b)
{
        struct pairs pairs = {.a = a->reader, .b = b->reader};
        bool same = is_forward(a->type) == is_forward(b->type) &&
                    (is_forward(a->type) || btf_kind(a->type) == btf_kind(b->type));

        add_pair(&pairs, a->id, b->id, /* behind_pointer= */ false);
        for (size_t i = 0; i < pairs.n && same; i++)
                same = same_pair(&pairs, pairs.list[i]);
        free(pairs.list);
        if (!same)
                return DIFFERENT;
        return pairs.by_name ? ALIKE : IDENTICAL;
}
