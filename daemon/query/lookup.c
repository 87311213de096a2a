#include "query/lookup.h"

#include <inttypes.h>

#include "query/member.h"
#include "query/near.h"

/* A name taken apart: `struct list_head` asks for the tag list_head. */
struct asked {
        const char *name;
        size_t length; /* bytes */
        bool is_tag;
        enum btf_kind tag; /* STRUCT, UNION or ENUM */
};

/* Of a forward declaration; see rank(). */
#define WORST_RANK 2

/* The definitions that fit; more than QUERY_MAX_CANDIDATES are only counted. */
struct found {
        struct query_candidate candidates[QUERY_MAX_CANDIDATES];
        size_t n_definitions;
        int best_rank; /* of those; start at WORST_RANK */
};

static struct asked take_apart(const char *name)
{
        static const struct {
                const char *keyword;
                enum btf_kind kind;
        } tags[] = {
                {"struct", BTF_KIND_STRUCT},
                {"union", BTF_KIND_UNION},
                {"enum", BTF_KIND_ENUM},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(tags); i++) {
                size_t length = strlen(tags[i].keyword);
                size_t blanks;

                if (strncmp(name, tags[i].keyword, length) != 0)
                        continue;
                blanks = strspn(name + length, " \t");
                if (blanks > 0 && name[length + blanks] != '\0') {
                        name += length + blanks;
                        return (struct asked){name, strlen(name), /* is_tag= */ true, tags[i].kind};
                }
        }
        return (struct asked){.name = name, .length = strlen(name)};
}

/* STRUCT, UNION or ENUM for what lives among the tags, whatever kind stands for it; VOID for anything else.
 */
static enum btf_kind tag_of(const struct btf_type *type)
{
        if (type->kind == BTF_KIND_FWD)
                return type->kind_flag ? BTF_KIND_UNION : BTF_KIND_STRUCT;
        if (btf_kind_is_composite(type->kind))
                return type->kind;
        return btf_kind_is_enum(type->kind) ? BTF_KIND_ENUM : BTF_KIND_VOID;
}

/* What C calls an ordinary identifier and may stand where a type is expected. */
static bool is_ordinary(const struct btf_type *type)
{
        return type->kind == BTF_KIND_TYPEDEF || type->kind == BTF_KIND_INT || type->kind == BTF_KIND_FLOAT;
}

/* Whether the name, as it was asked, can mean this type. */
static bool is_meant(const struct asked *asked, const struct selector *selector, const struct btf_type *type)
{
        if (asked->is_tag && tag_of(type) != asked->tag)
                return false;
        if (selector->has_kind)
                return type->kind == selector->kind;
        return asked->is_tag || is_ordinary(type) || tag_of(type) != BTF_KIND_VOID;
}

static bool is_selected(const struct selector *selector, const struct btf *btf, const struct btf_type *type)
{
        if (selector->has_size) {
                uint64_t bytes;

                if (btf_type_size(btf, type->id, &bytes) != 0 || bytes != selector->size)
                        return false;
        }
        if (selector->has) {
                struct btf_type base = btf_strip(btf, type->id);
                struct member_place place;

                if (!btf_kind_is_composite(base.kind) ||
                    member_find(btf, &base, selector->has, strlen(selector->has), &place) != 0)
                        return false;
        }
        return true;
}

/*
 * Among what there is of a name, C prefers: the ordinary identifier to the tag when the name was bare,
 * and a definition to a forward declaration of the same tag. Lower is better; only the best rank counts.
 */
static int rank(const struct asked *asked, const struct btf *btf, const struct btf_type *type)
{
        if (btf_is_forward(btf, type))
                return WORST_RANK;
        return asked->is_tag || is_ordinary(type) ? 0 : 1;
}

static void find_in_source(const struct source *source, const struct asked *asked,
                           const struct selector *selector, bool narrowed, struct found *found)
{
        struct name_cursor cursor = name_index_find(&source->names, asked->name, asked->length);
        uint32_t id;

        while (name_index_next(&source->names, &cursor, &id)) {
                struct btf_type type = btf_type(source->btf, id);
                int this;

                if (!is_meant(asked, selector, &type) ||
                    (narrowed && !is_selected(selector, source->btf, &type)))
                        continue;
                this = rank(asked, source->btf, &type);
                if (this > found->best_rank)
                        continue;
                if (this < found->best_rank) {
                        found->best_rank = this;
                        found->n_definitions = 0;
                }
                if (found->n_definitions < QUERY_MAX_CANDIDATES)
                        found->candidates[found->n_definitions].type = (struct query_type){source, id};
                found->n_definitions++;
        }
}

static void report_candidates(struct query_error *error, const struct asked *asked, const struct found *found)
{
        error->name = asked->name;
        error->n_definitions = found->n_definitions;
        error->n_candidates =
                found->n_definitions < QUERY_MAX_CANDIDATES ? found->n_definitions : QUERY_MAX_CANDIDATES;
        memcpy(error->candidates, found->candidates, error->n_candidates * sizeof(error->candidates[0]));
}

static int not_found(const struct snapshot *snapshot, const struct source *source, const struct asked *asked,
                     const struct selector *selector, struct query_error *error)
{
        struct found excluded = {.best_rank = WORST_RANK};

        if (selector->has_size || selector->has) {
                for (size_t i = 0; i < snapshot->n_sources; i++)
                        find_in_source(snapshot->sources[i], asked, selector, /* narrowed= */ false,
                                       &excluded);
        }
        if (excluded.n_definitions > 0) {
                query_error_set(
                        error, QUERY_NAME_NOT_FOUND,
                        "'%.96s' exists, but none of its %zu definitions has the selected size or member",
                        selector->name, excluded.n_definitions);
                report_candidates(error, asked, &excluded);
                return QUERY_NAME_NOT_FOUND;
        }
        query_error_set(error, QUERY_NAME_NOT_FOUND, "no type '%.96s' in %s%s%s", selector->name,
                        source ? source->name : "any source", selector->has_kind ? " of kind " : "",
                        selector->has_kind ? btf_kind_name(selector->kind) : "");
        error->name = selector->name;
        for (size_t i = 0; i < snapshot->n_sources; i++) {
                if (!source || source == snapshot->sources[i])
                        near_types(error, snapshot->sources[i], asked->name, asked->length,
                                   selector->has_kind ? &selector->kind : NULL);
        }
        return QUERY_NAME_NOT_FOUND;
}

/* What is given beside an id must be true of it; otherwise the client means another type than it names. */
static bool fits_id(const struct btf *btf, const struct btf_type *type, const struct selector *selector)
{
        struct asked asked;

        if (!is_selected(selector, btf, type) || (selector->has_kind && type->kind != selector->kind))
                return false;
        if (!selector->name)
                return true;
        asked = take_apart(selector->name);
        return string_equal(asked.name, btf_name(btf, type)) && is_meant(&asked, selector, type);
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
                                "type %" PRIu64 " of %s is not what the others select", selector->id,
                                source->name);
                error->name = selector->name;
                return QUERY_NAME_NOT_FOUND;
        }
        *ret = (struct query_type){source, type.id};
        return 0;
}

int lookup(const struct snapshot *snapshot, const struct selector *selector, struct query_type *ret,
           struct query_error *ret_error)
{
        const struct source *source = NULL;
        struct found found = {.best_rank = WORST_RANK};
        struct asked asked;

        if (selector->source) {
                source = snapshot_source(snapshot, selector->source);
                if (!source) {
                        query_error_set(ret_error, QUERY_SOURCE_NOT_FOUND, "no source '%.96s'",
                                        selector->source);
                        ret_error->name = selector->source;
                        return QUERY_SOURCE_NOT_FOUND;
                }
        }
        if (selector->has_id)
                return lookup_id(source, selector, ret, ret_error);

        asked = take_apart(selector->name);
        for (size_t i = 0; i < snapshot->n_sources; i++) {
                if (!source || source == snapshot->sources[i])
                        find_in_source(snapshot->sources[i], &asked, selector, /* narrowed= */ true, &found);
        }
        if (found.n_definitions == 0)
                return not_found(snapshot, source, &asked, selector, ret_error);
        if (found.n_definitions > 1) {
                query_error_set(ret_error, QUERY_AMBIGUOUS_NAME,
                                "'%.96s' has %zu different definitions: select one by kind, size, has, or id",
                                selector->name, found.n_definitions);
                report_candidates(ret_error, &asked, &found);
                return QUERY_AMBIGUOUS_NAME;
        }
        *ret = found.candidates[0].type;
        return 0;
}
