#include "query/plan.h"

#include "query/planner.h"
#include "query/type_name.h"

static int apply(struct planner *planner)
{
        const struct path_component *component = planner->component;

        if (planner->place.bitfield_size > 0) {
                if (component->kind == PATH_ADDRESS)
                        return planner_fail(planner, QUERY_WRONG_KIND, "a bitfield has no address");
                return planner_fail(planner, QUERY_WRONG_KIND, "a bitfield holds no '%.*s'",
                                    planner_text_length(planner), component->text);
        }
        switch (component->kind) {
        case PATH_MEMBER:
                return planner_member(planner);
        case PATH_ARROW:
                return planner_arrow(planner);
        case PATH_INDEX:
                return planner_index(planner);
        case PATH_CAST:
                return planner_cast(planner);
        case PATH_ADDRESS:
                return planner_address(planner);
        case PATH_CONTAINER:
                return planner_container(planner);
        }
        return 0;
}

/* A function has no object to begin at: the path's first component is an argument. */
static int begin_function(struct planner *planner, const struct btf_type *func)
{
        const struct btf *btf = planner->place.source->btf;
        const struct path_component *component = planner->path->components;
        struct plan *plan = planner->plan;

        if (planner->path->n_components == 0 || component->kind != PATH_MEMBER) {
                query_error_set(planner->error, QUERY_BAD_PATH,
                                "the path of a function begins with a parameter's name, or with 'return'");
                if (planner->path->n_components > 0) {
                        planner->component = component;
                        planner_blame(planner);
                }
                return QUERY_BAD_PATH;
        }
        planner->component = component;
        if (!argument_find(btf, func, component->text, component->length, &plan->argument))
                return planner_fail(planner, QUERY_MEMBER_NOT_FOUND, "no parameter '%.*s' of function %s",
                                    planner_text_length(planner), component->text, btf_name(btf, func));
        plan->start = PLAN_ARGUMENT;
        place_enter(&planner->place, (struct query_type){planner->place.source, plan->argument.type},
                    /* n_stars= */ 0);
        planner->place.form = plan->argument.by_value ? PLACE_OBJECT : PLACE_VALUE;
        planner->i_component = 1;
        return 0;
}

static int begin(struct planner *planner, struct query_type root)
{
        struct btf_type type;

        place_enter(&planner->place, root, /* n_stars= */ 0);
        planner->plan->start = PLAN_OBJECT;
        switch (btf_kind(root.source->btf, root.id)) {
        case BTF_KIND_FUNC:
                type = btf_type(root.source->btf, root.id);
                return begin_function(planner, &type);
        case BTF_KIND_VAR:
                type = btf_type(root.source->btf, root.id);
                planner->plan->start = PLAN_VARIABLE;
                place_enter(&planner->place, (struct query_type){root.source, type.size_or_type},
                            /* n_stars= */ 0);
                return 0;
        case BTF_KIND_VOID:
        case BTF_KIND_INT:
        case BTF_KIND_PTR:
        case BTF_KIND_ARRAY:
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
        case BTF_KIND_ENUM:
        case BTF_KIND_FWD:
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_FUNC_PROTO:
        case BTF_KIND_DATASEC:
        case BTF_KIND_FLOAT:
        case BTF_KIND_DECL_TAG:
        case BTF_KIND_TYPE_TAG:
        case BTF_KIND_ENUM64:
        case BTF_KIND_OPAQUE:
                return 0;
        }
        return 0;
}

/* What is at the place in the end, and the last step to it. */
static int finish(struct planner *planner)
{
        struct place *place = &planner->place;
        const struct btf *btf = place->source->btf;
        struct plan *plan = planner->plan;

        /* For errors, of which only a path with components has any here. */
        planner->i_component = planner->path->n_components > 0 ? planner->path->n_components - 1 : 0;
        if (place->form == PLACE_ADDRESS)
                return planner_fail(planner, QUERY_WRONG_KIND,
                                    "the path ends with an address instead of what is there: %s",
                                    planner->component->kind == PATH_ADDRESS
                                            ? "leave the '&' out"
                                            : "put '[0]' or '->' and a member behind it");
        /* To whoever began in a module, what that refers to is as near as its own. */
        plan->source = place->source == plan->root.source ? place->source
                                                          : source_owning(place->source, place->type);
        plan->value = place->n_stars > 0 ? value_of_pointer(btf, place->type, place->n_stars)
                                         : value_of(btf, place->type);
        if (place->bitfield_size > 0)
                place->offset = value_place_bitfield(&plan->value, btf, place->bit_offset,
                                                     place->bitfield_size, place->object_size);
        plan->is_flexible =
                plan->value.base.kind == BTF_KIND_ARRAY && plan->value.nelems == 0 && place->is_last;
        if (place->form == PLACE_VALUE)
                return 0;
        plan->steps[plan->n_steps++] = (struct plan_step){
                .source = place->holder,
                .offset = place->base + (int64_t)place->offset,
        };
        return 0;
}

int plan_resolve(const struct plan_scope *scope, struct query_type root, const struct path *path,
                 struct plan *ret, struct query_error *ret_error)
{
        struct planner planner = {.scope = scope, .path = path, .plan = ret, .error = ret_error};
        int r;

        ret->root = root;
        ret->n_steps = 0;
        planner.place.source = root.source;
        r = begin(&planner, root);
        for (; r == 0 && planner.i_component < path->n_components; planner.i_component++) {
                planner.component = &path->components[planner.i_component];
                r = apply(&planner);
        }
        return r == 0 ? finish(&planner) : r;
}

static bool same_type_names(const struct plan *a, const struct plan *b)
{
        return a->value.n_stars == b->value.n_stars &&
               type_name_equal(a->source->btf, a->value.type, b->source->btf, b->value.type);
}

static bool same_starts(const struct plan *a, const struct plan *b)
{
        if (a->start != b->start || a->start != PLAN_ARGUMENT)
                return a->start == b->start;
        return a->argument.is_return == b->argument.is_return && a->argument.index == b->argument.index &&
               a->argument.has_slot == b->argument.has_slot && a->argument.slot == b->argument.slot &&
               a->argument.by_value == b->argument.by_value;
}

bool plan_equal(const struct plan *a, const struct plan *b)
{
        if (a->n_steps != b->n_steps || a->is_flexible != b->is_flexible || !same_starts(a, b) ||
            !value_agrees(&a->value, &b->value))
                return false;
        for (size_t i = 0; i < a->n_steps; i++) {
                if (a->steps[i].offset != b->steps[i].offset ||
                    a->steps[i].dereference != b->steps[i].dereference)
                        return false;
        }
        return same_type_names(a, b);
}
