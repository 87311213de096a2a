#include "query/type_match.h"

#include "query/lookup.h"

/* STRUCT, UNION or ENUM also for what only declares one or is the wide kind of it. */
static enum btf_kind essential_kind(const struct btf_type *type)
{
        if (type->kind == BTF_KIND_FWD)
                return type->kind_flag ? BTF_KIND_UNION : BTF_KIND_STRUCT;
        return type->kind == BTF_KIND_ENUM64 ? BTF_KIND_ENUM : type->kind;
}

static bool is_tag(enum btf_kind kind)
{
        return btf_kind_is_composite(kind) || btf_kind_is_enum(kind);
}

/* The type behind modifiers, and what it is called: by its own name, or by the last typedef of what has none. */
static struct btf_type strip_named(const struct btf *btf, uint32_t id, const char **ret_name)
{
        struct btf_type type = btf_type(btf, id);
        const char *typedef_name = "";

        for (; btf_kind_is_modifier(type.kind); type = btf_type(btf, type.size_or_type)) {
                if (type.kind == BTF_KIND_TYPEDEF)
                        typedef_name = btf_name(btf, &type);
        }
        *ret_name = btf_name(btf, &type);
        if ((*ret_name)[0] == '\0' && is_tag(type.kind))
                *ret_name = typedef_name;
        return type;
}

/* Whether the set has several different definitions of the name, so that it is not enough. */
static bool is_ambiguous(const struct source_set *set, const struct type_match *match)
{
        enum btf_kind kind = essential_kind(&match->type);
        const struct selector selector = {.has_kind = !is_tag(kind), .kind = kind};
        const struct search search = {.set = set, .selector = &selector};
        const struct asked asked = {match->name, strlen(match->name), is_tag(kind), kind};
        struct found found;

        search_all(&search, &asked, /* with_copies= */ false, &found);
        return found.n_definitions > 1;
}

/* Moves pointers that the base itself is, behind typedefs, to those before it: not more than one declaration has, as a typedef
 * of a pointer to itself has no end of them. */
static void settle(struct type_match *match, const struct source_set *set)
{
        const struct btf *btf = match->base.source->btf;

        match->type = strip_named(btf, match->base.id, &match->name);
        for (uint32_t i = 0; i < BTF_MAX_DECLARATOR && match->type.kind == BTF_KIND_PTR; i++) {
                match->n_pointers++;
                match->base.id = match->type.size_or_type;
                match->type = strip_named(btf, match->base.id, &match->name);
        }
        match->base.id = match->type.id;
        match->by_name = btf_has_name(btf, &match->type) && !is_ambiguous(set, match);
}

static int look_up_base(const struct source_set *set, const struct selector *selector,
                        const struct type_expr *expr, struct query_type *ret, struct query_error *error)
{
        struct selector named = *selector;
        struct looked_up looked_up;
        int r;

        named.name = expr ? expr->name : NULL;
        if (!selector->has_id && named.name && string_equal(named.name, "void")) {
                *ret = (struct query_type){set->sources[0], 0};
                return 0;
        }
        r = lookup(set, &named, &looked_up, error);
        if (r == 0)
                *ret = looked_up.type;
        else if (error->name && error->name == named.name)
                error->name = selector->name;
        return r;
}

int type_match_init(struct type_match *match, const struct source_set *set, const struct selector *selector,
                    const struct type_expr *expr, struct query_error *ret_error)
{
        struct type_match made = {.n_pointers = expr ? expr->n_pointers : 0};
        int r;

        r = look_up_base(set, selector, expr, &made.base, ret_error);
        if (r != 0)
                return r;
        settle(&made, set);
        *match = made;
        return 0;
}

void type_match_deinit(struct type_match *match)
{
        same_deinit(&match->same);
}

/* Two types of one kind and name, of which that is not enough. */
static bool says_the_same(struct type_match *match, const struct btf *btf, const struct btf_type *type)
{
        const struct btf *base_btf = match->base.source->btf;

        if (btf_is_forward(base_btf, &match->type) != btf_is_forward(btf, type))
                return false;
        return same_types(&match->same, base_btf, match->base.id, btf, type->id) == SAME_YES;
}

bool type_match_test(struct type_match *match, const struct btf *btf, uint32_t id)
{
        const struct btf *base_btf = match->base.source->btf;
        struct btf_type type;
        const char *name;

        for (uint32_t i = 0; i < match->n_pointers; i++) {
                id = btf_strip_id(btf, id);
                if (btf_kind(btf, id) != BTF_KIND_PTR)
                        return false;
                id = btf_target(btf, id);
        }
        if (btf_strip_id(btf, id) == match->base.id &&
            btf_owner(btf, match->base.id) == btf_owner(base_btf, match->base.id))
                return true;
        type = strip_named(btf, id, &name);
        return essential_kind(&type) == essential_kind(&match->type) && string_equal(name, match->name) &&
               (match->by_name || says_the_same(match, btf, &type));
}
