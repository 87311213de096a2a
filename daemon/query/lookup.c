#include "query/lookup.h"

#include <inttypes.h>

#include "btf/base_type.h"
#include "query/near.h"

/* Whether it is vmlinux's: whatever modules have besides does not count then. */
static bool is_answered(const struct search *search, const struct found *found)
{
        return found->n_definitions > 0 &&
               (search->only || (found->rank < SEARCH_WORST_RANK && !found->candidates[0].type.source->base));
}

/*
 * An integer type of the language has several spellings, of which BTF has the compiler's: *asked becomes that. vmlinux and
 * a module may be two compilers' work, so all spellings are looked for in vmlinux before any module's counts.
 */
static void find(const struct search *search, struct asked *asked, struct found *ret, struct found *ret_also)
{
        const char *const *spellings = NULL;

        search_tiers(search, asked, ret, ret_also);
        if (!asked->is_tag && !is_answered(search, ret))
                spellings = base_type_spellings(asked->name, asked->length);
        for (size_t i = 0; spellings && i < BASE_TYPE_MAX_SPELLINGS && spellings[i]; i++) {
                struct asked spelled = {.name = spellings[i], .length = strlen(spellings[i])};
                struct found found, also;

                search_tiers(search, &spelled, &found, &also);
                if (!is_answered(search, &found) && (ret->n_definitions > 0 || found.n_definitions == 0))
                        continue;
                *ret = found;
                *ret_also = also;
                *asked = spelled;
                if (is_answered(search, ret))
                        break;
        }
}

/* A function, variable or section of that name, which no bare name means; VOID if there is none. */
static enum btf_kind find_outside_types(const struct search *search, const struct asked *asked)
{
        static const enum btf_kind kinds[] = {BTF_KIND_FUNC, BTF_KIND_VAR, BTF_KIND_DATASEC, BTF_KIND_OPAQUE};

        for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
                struct selector selector = {.has_kind = true, .kind = kinds[i]};
                struct search outside = {.set = search->set, .only = search->only, .selector = &selector};
                struct found found, also;

                search_tiers(&outside, asked, &found, &also);
                if (found.n_definitions > 0)
                        return kinds[i];
        }
        return BTF_KIND_VOID;
}

/* What there is of the name if size and has do not count; returns whether there is anything. */
static bool find_excluded(const struct search *search, const struct asked *asked, struct found *ret)
{
        struct search whole = *search;

        if (!search->selector->has_size && !search->selector->has)
                return false;
        whole.narrowed = false;
        search_all(&whole, asked, /* with_copies= */ false, ret);
        return ret->n_definitions > 0;
}

static int not_found(const struct search *search, const struct asked *asked, struct query_error *error)
{
        const struct selector *selector = search->selector;
        enum btf_kind outside;
        struct found excluded;

        if (find_excluded(search, asked, &excluded)) {
                query_error_set(
                        error, QUERY_NAME_NOT_FOUND,
                        "'%.96s' exists, but none of its %zu definitions has the selected size or member",
                        selector->name, excluded.n_definitions);
                query_error_list(error, selector->name, excluded.candidates, excluded.n_definitions);
                return QUERY_NAME_NOT_FOUND;
        }
        query_error_set(error, QUERY_NAME_NOT_FOUND, "no %s '%.96s' in %s",
                        selector->has_kind ? btf_kind_name(selector->kind) : "type", selector->name,
                        search->only ? search->only->name : "any source");
        error->name = selector->name;
        outside = selector->has_kind || asked->is_tag ? BTF_KIND_VOID : find_outside_types(search, asked);
        if (outside != BTF_KIND_VOID) {
                query_error_set(error, QUERY_NAME_NOT_FOUND,
                                "no type '%.96s', but a %s of that name: select kind %s", selector->name,
                                btf_kind_name(outside), btf_kind_name(outside));
                error->name = selector->name;
                return QUERY_NAME_NOT_FOUND;
        }
        if (!selector->is_brief)
                near_types(error, search->set, search->only, asked->name, asked->length,
                           selector->has_kind ? &selector->kind : NULL);
        return QUERY_NAME_NOT_FOUND;
}

/* What is given beside an id must be true of it; otherwise the client means another type than it names. */
static bool fits_id(const struct btf *btf, const struct btf_type *type, const struct selector *selector)
{
        struct asked asked;

        if (!search_selects(selector, btf, type) || (selector->has_kind && type->kind != selector->kind))
                return false;
        if (!selector->name)
                return true;
        asked = asked_from(selector->name);
        return strlen(btf_name(btf, type)) == asked.length &&
               strncmp(btf_name(btf, type), asked.name, asked.length) == 0 &&
               asked_means(&asked, selector, type);
}

static int lookup_id(const struct source *source, const struct selector *selector, struct query_type *ret,
                     struct query_error *error)
{
        struct btf_type type;

        if (selector->instance != source->instance)
                return query_error_set(error, QUERY_STALE_ID,
                                       "id %" PRIu64 " is of instance %" PRIu64
                                       " of %s, which is now %" PRIu64 ": look the name up again",
                                       selector->id, selector->instance, source->name, source->instance);
        if (selector->id >= source->btf->n_types) {
                query_error_set(error, QUERY_NAME_NOT_FOUND,
                                "no type %" PRIu64 " in %s: the last id is %" PRIu32, selector->id,
                                source->name, source->btf->n_types - 1);
                return QUERY_NAME_NOT_FOUND;
        }
        type = btf_type(source->btf, (uint32_t)selector->id);
        if (!fits_id(source->btf, &type, selector)) {
                query_error_set(error, QUERY_NAME_NOT_FOUND,
                                "type %" PRIu64 " of %s is %s '%.96s', which is not what is asked for",
                                selector->id, source->name, btf_kind_name(type.kind),
                                btf_name(source->btf, &type));
                error->name = selector->name;
                return QUERY_NAME_NOT_FOUND;
        }
        /* What a module refers to may be its base's. */
        if (source->base && type.id < source->btf->start_id)
                source = source->base;
        *ret = (struct query_type){source, type.id};
        return 0;
}

int lookup_source(const struct source_set *set, const char *name, const struct source **ret,
                  struct query_error *ret_error)
{
        const struct source_failure *failure = source_set_find_failure(set, name);
        const struct source *source = source_set_find(set, name);

        if (source) {
                *ret = source;
                return 0;
        }
        if (failure)
                query_error_set(ret_error, QUERY_BTF_UNAVAILABLE,
                                "'%.64s' could not be loaded: byte %" PRIu64 ": %s", name,
                                failure->error.offset, failure->error.message);
        else
                query_error_set(ret_error, QUERY_SOURCE_NOT_FOUND, "no source '%.96s'", name);
        ret_error->name = name;
        return (int)ret_error->reason;
}

int lookup(const struct source_set *set, const struct selector *selector, struct looked_up *ret,
           struct query_error *ret_error)
{
        struct search search = {.set = set, .selector = selector, .narrowed = true};
        struct found found;
        struct asked asked;
        int r;

        if (selector->source) {
                r = lookup_source(set, selector->source, &search.only, ret_error);
                if (r != 0)
                        return r;
        }
        if (selector->has_id) {
                ret->rank = 0;
                ret->also.n_candidates = 0;
                ret->also.n_definitions = 0;
                return lookup_id(search.only, selector, &ret->type, ret_error);
        }
        asked = asked_from(selector->name);
        find(&search, &asked, &found, &ret->also);
        if (found.n_definitions == 0)
                return not_found(&search, &asked, ret_error);
        if (found.n_definitions > 1) {
                bool is_type = !selector->has_kind ||
                               (selector->kind != BTF_KIND_FUNC && selector->kind != BTF_KIND_VAR);

                query_error_set(ret_error, QUERY_AMBIGUOUS_NAME,
                                "'%.96s' has %zu different definitions: select one by %ssource or id",
                                selector->name, found.n_definitions, is_type ? "kind, size, has, " : "");
                query_error_list(ret_error, selector->name, found.candidates, found.n_definitions);
                return QUERY_AMBIGUOUS_NAME;
        }
        ret->type = found.candidates[0].type;
        ret->rank = found.rank;
        return 0;
}
