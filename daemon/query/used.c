#include "query/used.h"

#include "index/users.h"

/* What the entries of a name and class are. */
struct namesakes {
        uint32_t n_definitions;         /* that differ */
        uint32_t n_vmlinux_definitions; /* of these, vmlinux's */
        struct query_type vmlinux;      /* the last of those */
};

static bool is_declaration(const struct btf *btf, uint32_t id)
{
        struct btf_type type = btf_type(btf, id);

        return btf_is_forward(btf, &type);
}

static bool is_same(struct used *used, const struct btf *btf_a, uint32_t id_a, const struct btf *btf_b,
                    uint32_t id_b)
{
        int r = same_types(&used->same, btf_a, id_a, btf_b, id_b);

        if (r < 0)
                used->is_out_of_memory = true;
        return r == SAME_YES;
}

/* Looks at the entries of the name, which are those from `begin` to `end`. */
static struct namesakes find_namesakes(struct used *used, uint32_t begin, uint32_t end)
{
        const struct name_order *order = source_set_order(used->set);
        struct namesakes namesakes = {0};

        used->filed = UINT32_MAX;
        for (uint32_t i = begin; i < end; i++) {
                struct query_type type = query_type_of(order, i);

                if (use_class_of(type.source->btf, type.id) != used->class)
                        continue;
                if (used->filed == UINT32_MAX)
                        used->filed = i;
                if (is_declaration(type.source->btf, type.id) || name_order_is_copy(order, i))
                        continue;
                namesakes.n_definitions++;
                if (!type.source->base) {
                        namesakes.n_vmlinux_definitions++;
                        namesakes.vmlinux = type;
                }
        }
        return namesakes;
}

static void set_type(struct used *used, struct query_type type)
{
        used->type = type;
        used->name = btf_name_of(type.source->btf, type.id);
        used->class = use_class_of(type.source->btf, type.id);
}

static void set_namesakes(struct used *used, uint32_t begin, uint32_t end)
{
        struct namesakes namesakes = find_namesakes(used, begin, end);
        const struct source *source = used->type.source, *vmlinux = namesakes.vmlinux.source;

        used->is_only = namesakes.n_definitions <= 1;
        /* Of several, vmlinux's only one; and what is only declared is what other declarations mean. */
        used->is_what_declarations_mean =
                used->is_only || is_declaration(source->btf, used->type.id) ||
                (namesakes.n_vmlinux_definitions == 1 &&
                 is_same(used, source->btf, used->type.id, vmlinux->btf, namesakes.vmlinux.id));
}

void used_init(struct used *used, const struct source_set *set, struct query_type type)
{
        const struct name_order *order = source_set_order(set);
        size_t length;

        *used = (struct used){.set = set, .same.n_total = SAME_MAX_TOTAL_PAIRS - USED_MAX_PAIRS};
        set_type(used, type);
        length = strlen(used->name) + 1;
        set_namesakes(used, name_order_begin(order, used->name, length),
                      name_order_end(order, used->name, length));
}

void used_become(struct used *used, uint32_t entry)
{
        const struct name_order *order = source_set_order(used->set);
        uint32_t begin = entry, end = entry + 1;

        set_type(used, query_type_of(order, entry));
        while (begin > 0 && string_equal(name_order_name(order, begin - 1), used->name))
                begin--;
        while (end < order->n_entries && string_equal(name_order_name(order, end), used->name))
                end++;
        set_namesakes(used, begin, end);
}

void used_deinit(struct used *used)
{
        same_deinit(&used->same);
}

bool used_is(struct used *used, const struct btf *btf, uint32_t id)
{
        const struct btf *own = used->type.source->btf;

        if (id == used->type.id && btf_owner(btf, id) == btf_owner(own, id))
                return true;
        if (use_class_of(btf, id) != used->class || !string_equal(btf_name_of(btf, id), used->name))
                return false;
        if (used->is_only)
                return true;
        if (is_declaration(btf, id))
                return used->is_what_declarations_mean;
        /* What is only declared is not one of its several definitions. */
        return !is_declaration(own, used->type.id) && is_same(used, own, used->type.id, btf, id);
}

struct relations {
        struct used *used;
        unsigned int found;
};

static bool add_relation(void *context, const struct use_walk *walk, const struct use *use)
{
        struct relations *relations = context;

        if (!(relations->found & (unsigned int)use->relation) && used_is(relations->used, walk->btf, use->id))
                relations->found |= (unsigned int)use->relation;
        return true;
}

unsigned int used_relations(struct used *used, struct query_type user)
{
        struct relations relations = {.used = used};

        use_walk(user.source->btf, user.id, add_relation, &relations);
        return relations.found;
}
