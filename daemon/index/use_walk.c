#include "index/use_walk.h"

/* A walk, and what is done with what it meets. */
struct walker {
        struct use_walk at;
        struct use use; /* about to be told */
        enum use_relation value,
                pointer; /* what it means to lead to something, and to do so through a pointer */
        use_visitor *visit;
        void *context;
        bool is_ended; /* by the visitor */
};

static void tell(struct walker *walker, uint32_t id, bool is_pointer)
{
        walker->use.id = id;
        walker->use.relation = is_pointer ? walker->pointer : walker->value;
        walker->is_ended = walker->is_ended || !walker->visit(walker->context, &walker->at, &walker->use);
}

/*
 * Follows a type to its end, and tells of the names on the way. Returns the id of the unnamed struct or union that is all
 * that is there, or 0.
 */
static uint32_t follow(struct walker *walker, uint32_t id)
{
        const struct btf *btf = walker->at.btf;
        bool is_pointer = false, has_name = false;

        walker->use.is_array = false;
        for (unsigned int i = 0; i < USE_MAX_STEPS && !walker->is_ended; i++) {
                struct btf_type type;

                switch (btf_kind(btf, id)) {
                case BTF_KIND_TYPEDEF:
                        tell(walker, id, is_pointer);
                        has_name = true;
                        id = btf_target(btf, id);
                        break;
                case BTF_KIND_CONST:
                case BTF_KIND_VOLATILE:
                case BTF_KIND_RESTRICT:
                case BTF_KIND_TYPE_TAG:
                        id = btf_target(btf, id);
                        break;
                case BTF_KIND_PTR:
                        is_pointer = true;
                        walker->use.is_array = false;
                        id = btf_target(btf, id);
                        break;
                case BTF_KIND_ARRAY:
                        walker->use.is_array = !is_pointer;
                        type = btf_type(btf, id);
                        id = btf_array(btf, &type).type;
                        break;
                case BTF_KIND_STRUCT:
                case BTF_KIND_UNION:
                        if (btf_name_of(btf, id)[0] == '\0')
                                return has_name || is_pointer ? 0 : id;
                        tell(walker, id, is_pointer);
                        return 0;
                case BTF_KIND_ENUM:
                case BTF_KIND_ENUM64:
                case BTF_KIND_FWD:
                case BTF_KIND_INT:
                case BTF_KIND_FLOAT:
                        if (btf_name_of(btf, id)[0] != '\0')
                                tell(walker, id, is_pointer);
                        return 0;
                case BTF_KIND_VOID:
                case BTF_KIND_FUNC:
                case BTF_KIND_FUNC_PROTO:
                case BTF_KIND_VAR:
                case BTF_KIND_DATASEC:
                case BTF_KIND_DECL_TAG:
                case BTF_KIND_OPAQUE:
                        return 0;
                }
        }
        return 0;
}

/* Depth is bounded by validation. */
static void descend(struct walker *walker, uint32_t id)
{
        walker->at.levels[walker->at.n_levels++] = (struct use_level){
                .type = btf_type(walker->at.btf, id),
                .is_array = walker->use.is_array,
        };
}

static void walk_members(struct walker *walker, uint32_t id)
{
        struct use_walk *at = &walker->at;

        descend(walker, id);
        while (at->n_levels > 0 && !walker->is_ended) {
                struct use_level *level = &at->levels[at->n_levels - 1];
                uint32_t unnamed;

                if (level->i_member == level->type.vlen || at->n_visits++ >= USE_MAX_VISITS) {
                        at->n_levels--;
                        continue;
                }
                level->i_member++;
                unnamed = follow(walker, use_walk_member(at).type);
                if (unnamed != 0)
                        descend(walker, unnamed);
        }
}

/* What a typedef or variable stands for: a type, or members if that has no name of its own. */
static void walk_target(struct walker *walker, uint32_t id, enum use_relation relation,
                        enum use_relation member_value, enum use_relation member_pointer)
{
        uint32_t unnamed;

        walker->value = walker->pointer = relation;
        unnamed = follow(walker, btf_target(walker->at.btf, id));
        walker->value = member_value;
        walker->pointer = member_pointer;
        if (unnamed != 0)
                walk_members(walker, unnamed);
}

static void walk_function(struct walker *walker, uint32_t id)
{
        const struct btf *btf = walker->at.btf;
        struct btf_type proto = btf_type(btf, btf_target(btf, id));

        walker->value = walker->pointer = USE_TAKES;
        for (uint32_t i = 0; i < proto.vlen && !walker->is_ended; i++) {
                walker->use.i_param = i;
                follow(walker, btf_param(btf, &proto, i).type);
        }
        walker->use.i_param = 0;
        walker->value = walker->pointer = USE_RETURNS;
        follow(walker, proto.size_or_type);
}

bool use_walk(const struct btf *btf, uint32_t id, use_visitor *visit, void *context)
{
        struct walker walker;

        walker.at.btf = btf;
        walker.at.n_levels = 0;
        walker.at.n_visits = 0;
        walker.use = (struct use){0};
        walker.value = USE_EMBEDS;
        walker.pointer = USE_POINTS;
        walker.visit = visit;
        walker.context = context;
        walker.is_ended = false;
        switch (btf_kind(btf, id)) {
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
                walk_members(&walker, id);
                break;
        case BTF_KIND_TYPEDEF:
                walk_target(&walker, id, USE_TYPEDEF, USE_EMBEDS, USE_POINTS);
                break;
        case BTF_KIND_VAR:
                walk_target(&walker, id, USE_VARIABLE, USE_VARIABLE, USE_VARIABLE);
                break;
        case BTF_KIND_FUNC:
                walk_function(&walker, id);
                break;
        case BTF_KIND_VOID:
        case BTF_KIND_INT:
        case BTF_KIND_PTR:
        case BTF_KIND_ARRAY:
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
        case BTF_KIND_FWD:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_FUNC_PROTO:
        case BTF_KIND_DATASEC:
        case BTF_KIND_FLOAT:
        case BTF_KIND_DECL_TAG:
        case BTF_KIND_TYPE_TAG:
        case BTF_KIND_OPAQUE:
                break;
        }
        return !walker.is_ended;
}

struct btf_member use_walk_member(const struct use_walk *walk)
{
        const struct use_level *level = &walk->levels[walk->n_levels - 1];

        return btf_member(walk->btf, &level->type, level->i_member - 1);
}
