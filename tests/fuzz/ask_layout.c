/*
 * What is in structs and what is not, against a map of the bits that their members take.
 */
#include "fuzz/asker.h"
#include "query/at.h"
#include "query/layout.h"

/* Of one source: each takes as many questions as it has bits, and each of these may visit MEMBER_MAX_VISITS members. */
#define MAX_LAYOUTS 4U
#define MAX_BITS    64U

struct map {
        bool is_taken[MAX_BITS];
        uint32_t n_free;
};

static void map_init(struct map *map, const struct btf *btf, const struct btf_type *type)
{
        *map = (struct map){0};
        for (uint32_t i = 0; i < type->vlen; i++) {
                struct btf_member member = btf_member(btf, type, i);
                uint64_t bytes = 0, n_bits;

                if (member.name[0] == '\0' && !btf_kind_is_composite(btf_strip(btf, member.type).kind))
                        continue;
                fuzz_check(btf_type_size(btf, member.type, &bytes) == 0);
                n_bits = member.bitfield_size > 0 ? member.bitfield_size : bytes * 8;
                for (uint64_t bit = member.bit_offset; bit < member.bit_offset + n_bits && bit < MAX_BITS;
                     bit++)
                        map->is_taken[bit] = true;
        }
        for (uint32_t bit = 0; bit < type->size_or_type * 8; bit++)
                map->n_free += !map->is_taken[bit];
}

/* Whether the innermost gap that is told of is the type's own. */
static bool is_own_gap(void *context, const struct at_alternative *alternative)
{
        bool *ret = context;

        fuzz_check(alternative->kind != AT_MEMBER || alternative->n_levels > 0);
        fuzz_check(alternative->n_levels <= AT_MAX_LEVELS);
        *ret = *ret || (alternative->kind != AT_MEMBER && alternative->n_levels == 0);
        return true;
}

/* What a struct may hold so that nobody can tell where things lie in it. */
static bool is_too_much(int result)
{
        return result == QUERY_OVERFLOW || result == QUERY_OPAQUE_KIND || result == QUERY_INCOMPLETE_TYPE;
}

/* A struct whose members are all named has a gap of its own exactly where none of them is. */
static void ask_bit_by_bit(struct query_type root, const struct btf_type *type, const struct map *map)
{
        const struct btf *btf = root.source->btf;
        struct query_error error;

        for (uint32_t i = 0; i < type->vlen; i++) {
                if (btf_member_name(btf, type, i)[0] == '\0')
                        return;
        }
        for (uint32_t bit = 0; bit < type->size_or_type * 8; bit++) {
                bool is_free = false;
                int r = at_visit(root, (struct at_question){bit, 1}, is_own_gap, &is_free, &error);

                fuzz_check(is_too_much(r) || (r == 0 && is_free == !map->is_taken[bit]));
        }
}

static void ask_gaps(struct query_type root, const struct btf_type *type)
{
        struct layout *layout = NULL;
        struct query_error error;
        uint64_t n_free;
        struct map map;
        int r;

        r = layout_new(&layout, root, /* expand= */ 0, &error);
        fuzz_check(r == 0 || is_too_much(r));
        if (r != 0)
                return;
        map_init(&map, root.source->btf, type);
        n_free = layout->scopes[0].padding * 8 + layout->scopes[0].bit_padding;
        for (uint32_t i = 0; i < layout->n_holes; i++) {
                const struct layout_hole *hole = &layout->holes[i];

                if (hole->i_scope > 0)
                        continue;
                n_free += hole->piece.bit_size;
                for (uint64_t bit = 0; bit < hole->piece.bit_size; bit++)
                        fuzz_check(!map.is_taken[hole->piece.bit_offset + bit]);
        }
        /* Members of a union begin where it begins, unless somebody made it otherwise. */
        if (type->kind == BTF_KIND_STRUCT)
                fuzz_check(n_free == map.n_free);
        layout_free(layout);
        ask_bit_by_bit(root, type, &map);
}

static json_t *selected(struct query_type root)
{
        return json_pack("{s:s, s:I, s:I}", "source", root.source->name, "id", (json_int_t)root.id,
                         "instance", (json_int_t)root.source->instance);
}

static void ask_by_protocol(struct asker *asker, struct query_type root, uint32_t size)
{
        json_t *params = selected(root);

        json_object_set_new(params, "expand", json_integer(asker_random(asker, 4)));
        json_object_set_new(params, "cacheline", json_integer(1 << asker_random(asker, 8)));
        json_decref(ask_rpc(asker, "type.layout", params));
        params = selected(root);
        json_object_set_new(params, asker_random(asker, 2) == 0 ? "offset" : "bit_offset",
                            json_integer(asker_random(asker, size / 4 * 5 + 2)));
        json_decref(ask_rpc(asker, "type.at", params));
}

void ask_layouts(struct asker *asker, const struct source *source)
{
        uint32_t first = source->base ? source->btf->start_id : 1, n_left = MAX_LAYOUTS;

        for (uint32_t id = source->btf->n_types; --id >= first && n_left > 0;) {
                struct btf_type type = btf_type(source->btf, id);
                struct query_type root = {source, id};

                if (!btf_kind_is_composite(type.kind)) {
                        if (asker_random(asker, 8) == 0)
                                ask_by_protocol(asker, root, 8);
                        continue;
                }
                n_left--;
                ask_by_protocol(asker, root, type.size_or_type);
                if (type.size_or_type <= MAX_BITS / 8)
                        ask_gaps(root, &type);
        }
}
