#include "query/enumerator.h"

#include <stdio.h>

#include "index/same.h"
#include "index/set_index.h"
#include "query/near.h"

/* The type that `id` leads to, in the source that holds it. */
static struct query_type strip(struct query_type type)
{
        uint32_t id = btf_strip_id(type.source->btf, type.id);

        if (type.source->base && id < type.source->btf->start_id)
                type.source = type.source->base;
        return (struct query_type){type.source, id};
}

static int only_declared(const char *name, struct query_error *error)
{
        return query_error_set(error, QUERY_INCOMPLETE_TYPE,
                               "'enum %.96s' is only declared: it has no values", name);
}

/* What is declared, by the definition that the set has. */
static int complete(const struct source_set *set, struct query_type *type, struct query_error *error)
{
        const struct btf *btf = type->source->btf;
        struct btf_type declared = btf_type(btf, type->id);
        char name[sizeof("enum ") + BTF_MAX_STRING];
        struct looked_up looked_up;
        int r;

        snprintf(name, sizeof(name), "enum %s", btf_name(btf, &declared));
        r = lookup(set, &(struct selector){.name = name}, &looked_up, error);
        if (r != 0) {
                /* The error must not outlive what it borrows. */
                error->name = btf_name(btf, &declared);
                return r;
        }
        if (looked_up.rank == SEARCH_WORST_RANK)
                return only_declared(btf_name(btf, &declared), error);
        *type = looked_up.type;
        return 0;
}

static int find_by_type(const struct source_set *set, const struct selector *selector,
                        struct enum_answer *ret, struct query_error *error)
{
        struct looked_up looked_up;
        struct btf_type base;
        int r;

        r = lookup(set, selector, &looked_up, error);
        if (r != 0)
                return r;
        ret->type = strip(looked_up.type);
        ret->also = looked_up.also;
        base = btf_type(ret->type.source->btf, ret->type.id);
        if (!btf_kind_is_enum(base.kind)) {
                const char *name = selector->name ? selector->name : btf_name(ret->type.source->btf, &base);

                /* What only an id selects may have no name. */
                return query_error_set(error, QUERY_WRONG_KIND, "%s%.96s%sis of kind %s: expected an enum",
                                       name[0] ? "'" : "the type", name, name[0] ? "' " : " ",
                                       btf_kind_name(base.kind));
        }
        if (!btf_is_forward(ret->type.source->btf, &base))
                return 0;
        /* Where a typedef leads is followed anywhere; the lookup has found no definition of what was asked for itself. */
        if (ret->type.id == looked_up.type.id)
                return only_declared(btf_name(ret->type.source->btf, &base), error);
        return complete(set, &ret->type, error);
}

static int find_value(struct enum_answer *answer, const char *enumerator, struct query_error *error)
{
        const struct btf *btf = answer->type.source->btf;
        struct btf_type type = btf_type(btf, answer->type.id);
        const char *name = btf_name(btf, &type);

        for (uint32_t i = 0; i < type.vlen; i++) {
                if (!string_equal(btf_enumerator(btf, &type, i).name, enumerator))
                        continue;
                answer->has_value = true;
                answer->i_value = i;
                return 0;
        }
        query_error_set(error, QUERY_NAME_NOT_FOUND, "no enumerator '%.96s' in enum %.96s", enumerator,
                        name[0] ? name : "{...}");
        error->name = enumerator;
        near_values(error, btf, &type, enumerator, strlen(enumerator));
        return QUERY_NAME_NOT_FOUND;
}

/* What the enum that has the enumerator must be besides. */
static bool fits(const struct selector *selector, struct query_type type)
{
        struct btf_type found = btf_type(type.source->btf, type.id);

        return (!selector->has_kind || found.kind == selector->kind) &&
               search_selects(selector, type.source->btf, &found);
}

/* One enum may claim to have an enumerator twice: of equal ones the first counts. */
static bool is_repeated(const struct query_candidate *last, struct query_type type, uint32_t i_value)
{
        const struct btf *btf = type.source->btf;
        struct btf_type of = btf_type(btf, type.id);

        return last->type.source == type.source && last->type.id == type.id &&
               btf_enumerator(btf, &of, last->i_value).value == btf_enumerator(btf, &of, i_value).value;
}

static void add(struct found *found, struct query_type type, uint32_t i_value)
{
        if (found->n_candidates > 0 &&
            is_repeated(&found->candidates[found->n_candidates - 1], type, i_value))
                return;
        if (found->n_candidates < QUERY_MAX_CANDIDATES)
                found->candidates[found->n_candidates++] =
                        (struct query_candidate){.type = type, .has_value = true, .i_value = i_value};
        found->n_definitions++;
}

static void search_index(const struct source_set *set, const struct source *only,
                         const struct selector *selector, const char *enumerator, struct found *ret,
                         struct found *ret_also)
{
        const struct enumerator_index *index = source_set_enumerators(set);
        struct enumerator_cursor cursor = enumerator_index_find(index, enumerator, strlen(enumerator));
        struct query_type type;
        uint32_t i_value;

        while (enumerator_index_next(index, &cursor, &type.source, &type.id, &i_value)) {
                bool is_beside = ret->n_definitions > 0 && !ret->candidates[0].type.source->base &&
                                 type.source->base && !selector->all_tiers;

                if ((!only || type.source == only) && fits(selector, type))
                        add(is_beside ? ret_also : ret, type, i_value);
        }
}

/* Whether an enum says what one of those says that are there; memory that runs out says no. */
static bool is_said(const struct found *found, struct same *same, struct query_type type)
{
        for (size_t i = 0; i < found->n_candidates; i++) {
                const struct query_type earlier = found->candidates[i].type;

                if (earlier.id != type.id &&
                    same_types(same, earlier.source->btf, earlier.id, type.source->btf, type.id) == SAME_YES)
                        return true;
        }
        return false;
}

/* The index does not say which modules have the same enums as others, so a module is asked itself. */
static void search_module(const struct source *module, const struct selector *selector,
                          const char *enumerator, struct found *ret)
{
        CLEANUP(same_deinit) struct same same = {0};
        const struct btf *btf = module->btf;

        for (uint32_t id = btf->start_id; id < btf->n_types; id++) {
                struct query_type of = {module, id};
                struct btf_type type;

                if (!btf_kind_is_enum(btf_kind(btf, id)) || !fits(selector, of))
                        continue;
                type = btf_type(btf, id);
                for (uint32_t i = 0; i < type.vlen; i++) {
                        if (string_equal(btf_enumerator(btf, &type, i).name, enumerator) &&
                            !is_said(ret, &same, of))
                                add(ret, of, i);
                }
        }
}

/* What has the enumerator if kind, size and source do not count; returns whether there is anything. */
static bool find_excluded(const struct source_set *set, const char *enumerator, struct found *ret)
{
        ret->n_candidates = ret->n_definitions = 0;
        search_index(set, /* only= */ NULL, &(struct selector){.all_tiers = true}, enumerator, ret,
                     /* ret_also= */ NULL);
        return ret->n_definitions > 0;
}

static int not_found(const struct source_set *set, const struct source *only, const char *enumerator,
                     struct query_error *error)
{
        struct found excluded;

        if (find_excluded(set, enumerator, &excluded)) {
                query_error_set(error, QUERY_NAME_NOT_FOUND,
                                "'%.96s' exists, but in no enum of the selected kind, size or source",
                                enumerator);
                query_error_list(error, enumerator, excluded.candidates, excluded.n_definitions);
                return QUERY_NAME_NOT_FOUND;
        }
        query_error_set(error, QUERY_NAME_NOT_FOUND, "no enumerator '%.96s' in %s", enumerator,
                        only ? only->name : "any source");
        error->name = enumerator;
        near_enumerators(error, source_set_enumerators(set), enumerator, strlen(enumerator));
        return QUERY_NAME_NOT_FOUND;
}

static int find_by_enumerator(const struct source_set *set, const struct selector *selector,
                              const char *enumerator, struct enum_answer *ret, struct query_error *error)
{
        const struct source *only = NULL;
        struct found found;
        int r;

        found.n_candidates = found.n_definitions = 0;
        ret->also.n_candidates = ret->also.n_definitions = 0;
        if (selector->source) {
                r = lookup_source(set, selector->source, &only, error);
                if (r != 0)
                        return r;
        }
        if (only && only->base)
                search_module(only, selector, enumerator, &found);
        else
                search_index(set, only, selector, enumerator, &found, &ret->also);
        if (found.n_definitions == 0)
                return not_found(set, only, enumerator, error);
        if (found.n_definitions > 1) {
                query_error_set(error, QUERY_AMBIGUOUS_NAME,
                                "'%.96s' is in %zu different enums: select one by type, size, source or id",
                                enumerator, found.n_definitions);
                query_error_list(error, enumerator, found.candidates, found.n_definitions);
                return QUERY_AMBIGUOUS_NAME;
        }
        ret->type = found.candidates[0].type;
        ret->has_value = true;
        ret->i_value = found.candidates[0].i_value;
        return 0;
}

int enum_find(const struct source_set *set, const struct selector *selector, const char *enumerator,
              struct enum_answer *ret, struct query_error *ret_error)
{
        int r;

        if (!selector->name && !selector->has_id)
                return find_by_enumerator(set, selector, enumerator, ret, ret_error);
        ret->has_value = false;
        r = find_by_type(set, selector, ret, ret_error);
        return r == 0 && enumerator ? find_value(ret, enumerator, ret_error) : r;
}
