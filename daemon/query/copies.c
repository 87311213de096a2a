#include "query/copies.h"

#include "query/value.h"

/* Of a type that lookup() has found: where its copies lie, and what they are called. */
static struct search search_again(const struct source_set *set, const struct selector *selector,
                                  const struct looked_up *looked_up, struct asked *ret_asked)
{
        const struct source *source = looked_up->type.source;
        struct btf_type type = btf_type(source->btf, looked_up->type.id);

        *ret_asked = asked_from(selector->name);
        /* It may have been found by another spelling. */
        ret_asked->name = btf_name(source->btf, &type);
        ret_asked->length = strlen(ret_asked->name);
        return (struct search){
                .set = set,
                .selector = selector,
                .narrowed = true,
                .only = selector->source || (!selector->all_tiers && !source->base) ? source : NULL,
        };
}

struct copies {
        const struct search *search;
        const struct asked *asked;
        const struct looked_up *looked_up;
        size_t n;
        copies_visitor *visit;
        void *context;
};

static bool visit_copy(void *context, struct query_type type, bool is_copy)
{
        struct copies *copies = context;

        (void)is_copy;
        if ((type.id == copies->looked_up->type.id && type.source == copies->looked_up->type.source) ||
            !search_fits(copies->search, copies->asked, type) ||
            search_rank(copies->asked, type) != copies->looked_up->rank)
                return true;
        return copies->n++ < COPIES_MAX && copies->visit(copies->context, type);
}

bool copies_visit(const struct source_set *set, const struct selector *selector,
                  const struct looked_up *looked_up, copies_visitor *visit, void *context)
{
        struct asked asked;
        struct search search;
        struct copies copies = {.looked_up = looked_up, .visit = visit, .context = context};

        if (selector->has_id)
                return true;
        search = search_again(set, selector, looked_up, &asked);
        copies.search = &search;
        copies.asked = &asked;
        return search_walk(&search, &asked, visit_copy, &copies);
}

int copies_differ(const struct source_set *set, const struct selector *selector,
                  const struct looked_up *looked_up, struct query_error *error)
{
        struct asked asked;
        struct search search = search_again(set, selector, looked_up, &asked);
        struct found all;

        search_all(&search, &asked, /* with_copies= */ true, &all);
        query_error_set(error, QUERY_AMBIGUOUS_NAME,
                        "'%.96s' has %zu definitions that are alike but point to different types: select one "
                        "by source or id",
                        selector->name, all.n_definitions);
        query_error_list(error, selector->name, all.candidates, all.n_definitions);
        return QUERY_AMBIGUOUS_NAME;
}

static bool types_agree(struct query_type a, uint32_t id_a, struct query_type b, uint32_t id_b)
{
        struct value value_a = value_of(a.source->btf, id_a), value_b = value_of(b.source->btf, id_b);

        return value_agrees(&value_a, &value_b);
}

static bool same_signatures(struct query_type a, struct query_type b)
{
        struct btf_type proto_a = btf_type(a.source->btf, btf_target(a.source->btf, a.id));
        struct btf_type proto_b = btf_type(b.source->btf, btf_target(b.source->btf, b.id));

        for (uint32_t i = 0; i < proto_a.vlen && i < proto_b.vlen; i++) {
                if (!types_agree(a, btf_param(a.source->btf, &proto_a, i).type, b,
                                 btf_param(b.source->btf, &proto_b, i).type))
                        return false;
        }
        return types_agree(a, proto_a.size_or_type, b, proto_b.size_or_type);
}

/* Members, and parameters, of definitions that say the same correspond one by one. */
static bool same_values(struct query_type a, struct query_type b)
{
        struct btf_type base_a = btf_strip(a.source->btf, a.id), base_b = btf_strip(b.source->btf, b.id);

        if (base_a.kind == BTF_KIND_FUNC && base_b.kind == BTF_KIND_FUNC)
                return same_signatures(a, b);
        if (!btf_kind_is_composite(base_a.kind))
                return types_agree(a, a.id, b, b.id);
        for (uint32_t i = 0; i < base_a.vlen && i < base_b.vlen; i++) {
                if (!types_agree(a, btf_member(a.source->btf, &base_a, i).type, b,
                                 btf_member(b.source->btf, &base_b, i).type))
                        return false;
        }
        return true;
}

static bool has_same_values(void *context, struct query_type copy)
{
        const struct looked_up *looked_up = context;

        return same_values(looked_up->type, copy);
}

int lookup_members(const struct source_set *set, const struct selector *selector, struct looked_up *ret,
                   struct query_error *ret_error)
{
        struct looked_up looked_up;
        int r;

        r = lookup(set, selector, &looked_up, ret_error);
        if (r != 0)
                return r;
        if (!copies_visit(set, selector, &looked_up, has_same_values, &looked_up))
                return copies_differ(set, selector, &looked_up, ret_error);
        *ret = looked_up;
        return 0;
}
