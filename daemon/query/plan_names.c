/*
 * Names in paths: of the types that casts are to, and of what is only declared where a path comes by.
 */
#include <stdio.h>

#include "query/lookup.h"
#include "query/planner.h"
#include "query/type_expr.h"

static bool take_choice(const struct planner *planner, struct query_type *ret)
{
        const struct plan_name *choice = planner->scope->choice;

        if (!choice || choice->i_component != planner->i_component)
                return false;
        *ret = choice->type;
        return true;
}

static void remember(struct planner *planner, const char *name, struct query_type type, int rank,
                     const struct source *only)
{
        struct plan_names *names = planner->scope->names;
        struct asked asked = asked_from(name);

        if (names && names->n_names < PATH_MAX_COMPONENTS)
                names->names[names->n_names++] = (struct plan_name){
                        .i_component = planner->i_component,
                        .type = type,
                        .rank = rank,
                        .is_tag = asked.is_tag,
                        .tag = asked.tag,
                        .only = only,
                };
}

/* Definitions of a name in one source, or in tiers; more than one is an error that lists them. */
static void find_definitions(const struct planner *planner, const struct source *only, const char *name,
                             struct found *ret)
{
        const struct selector selector = {.name = name, .all_tiers = planner->scope->all_tiers};
        const struct search search = {
                .set = planner->scope->set, .only = only, .selector = &selector, .narrowed = true};
        struct asked asked = asked_from(name);
        struct found also;

        search_tiers(&search, &asked, ret, &also);
}

static int ambiguous(struct planner *planner, const char *name, const struct found *found)
{
        planner_fail(planner, QUERY_AMBIGUOUS_NAME,
                     "'%.96s' has %zu different definitions, among which a path cannot choose", name,
                     found->n_definitions);
        query_error_list(planner->error, planner->component->text, found->candidates, found->n_definitions);
        planner->error->name_length = planner->component->length;
        return QUERY_AMBIGUOUS_NAME;
}

static int lookup_name(struct planner *planner, const char *name, struct query_type *ret)
{
        const struct source *first = planner->scope->first;
        struct selector selector = {
                .name = name,
                .all_tiers = planner->scope->all_tiers,
                .is_brief = true, /* whoever shows the error looks for what is near */
        };
        struct looked_up looked_up;
        struct found found;
        int r;

        if (first) {
                find_definitions(planner, first, name, &found);
                if (found.n_definitions > 1)
                        return ambiguous(planner, name, &found);
                if (found.n_definitions == 1 && found.rank < SEARCH_WORST_RANK) {
                        *ret = found.candidates[0].type;
                        remember(planner, name, *ret, found.rank, first);
                        return 0;
                }
        }
        r = lookup(planner->scope->set, &selector, &looked_up, planner->error);
        if (r == QUERY_AMBIGUOUS_NAME)
                snprintf(planner->error->message, sizeof(planner->error->message),
                         "'%.96s' has %zu different definitions, among which a path cannot choose", name,
                         planner->error->n_definitions);
        if (r != 0) {
                planner->error->name = planner->component->text;
                planner->error->name_length = planner->component->length;
                planner_blame(planner);
                planner->error->in.source = NULL;
                return r;
        }
        *ret = looked_up.type;
        remember(planner, name, *ret, looked_up.rank, NULL);
        return 0;
}

int planner_lookup(struct planner *planner, struct query_type *ret)
{
        const struct path_component *component = planner->component;
        char text[PATH_MAX_TYPE_NAME + 1];
        struct type_expr_error wrong;
        struct type_expr expr;

        if (take_choice(planner, ret))
                return 0;
        if (component->length > PATH_MAX_TYPE_NAME)
                return planner_fail(planner, QUERY_BAD_PATH,
                                    "byte %zu of the path: expected a type's name of at most %u bytes",
                                    component->position, PATH_MAX_TYPE_NAME);
        memcpy(text, component->text, component->length);
        text[component->length] = '\0';
        if (type_expr_parse(text, &expr, &wrong) != 0)
                return planner_fail(planner, QUERY_BAD_PATH, "byte %zu of the path: expected %s",
                                    component->position + wrong.position, wrong.expected);
        if (string_equal(expr.name, "void")) {
                *ret = (struct query_type){planner->place.source, 0};
                return 0;
        }
        return lookup_name(planner, expr.name, ret);
}

int planner_complete(struct planner *planner, struct query_type declared, struct query_type *ret)
{
        const struct source *source = source_owning(declared.source, declared.id);
        const struct source *only = source; /* a file's own definition goes first */
        struct btf_type type = btf_type(source->btf, declared.id);
        char name[PATH_MAX_TYPE_NAME + 1];
        struct found found;

        if (!planner->scope->completes || type.kind != BTF_KIND_FWD || take_choice(planner, ret))
                return 0;
        if ((size_t)snprintf(name, sizeof(name), "%s %s", type.kind_flag ? "union" : "struct",
                             btf_name(source->btf, &type)) >= sizeof(name))
                return 0;
        find_definitions(planner, only, name, &found);
        if (found.n_definitions == 0 || found.rank == SEARCH_WORST_RANK) {
                only = NULL;
                find_definitions(planner, only, name, &found);
        }
        if (found.n_definitions == 0 || found.rank == SEARCH_WORST_RANK)
                return 0;
        if (found.n_definitions > 1) {
                planner_fail(planner, QUERY_AMBIGUOUS_NAME,
                             "'%.64s', which %s only declares, has %zu different definitions", name,
                             source->name, found.n_definitions);
                query_error_list(planner->error, btf_name(source->btf, &type), found.candidates,
                                 found.n_definitions);
                return QUERY_AMBIGUOUS_NAME;
        }
        *ret = found.candidates[0].type;
        remember(planner, name, *ret, found.rank, only);
        return 0;
}
