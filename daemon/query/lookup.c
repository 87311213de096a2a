#include "query/lookup.h"

#include <inttypes.h>

#include "btf/base_type.h"
#include "query/member.h"
#include "query/near.h"
#include "query/value.h"

/* A name taken apart: `struct list_head` asks for the tag list_head. */
struct asked {
        const char *name;
        size_t length; /* bytes */
        bool is_tag;
        enum btf_kind tag; /* STRUCT, UNION or ENUM */
};

/* Of a forward declaration; see rank(). */
#define WORST_RANK 2

/* Which definitions find_in_source() looks at. */
struct scope {
        const struct source *only; /* NULL for all sources */
        bool narrowed;             /* by size and has */
        bool with_copies;
};

/* Without the blanks behind it, which nobody sees. */
static size_t name_length(const char *name)
{
        size_t length = strlen(name);

        while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '\t'))
                length--;
        return length;
}

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
                        return (struct asked){name, name_length(name), /* is_tag= */ true, tags[i].kind};
                }
        }
        return (struct asked){.name = name, .length = name_length(name)};
}

/* STRUCT, UNION or ENUM for what lives among the tags, whatever kind stands for it; VOID
 * for anything else. */
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
                           const struct selector *selector, const struct scope *scope, struct found *found)
{
        struct name_cursor cursor = name_index_find(&source->names, asked->name, asked->length);
        uint32_t id;
        bool is_copy;

        while (name_index_next_any(&source->names, &cursor, &id, &is_copy)) {
                struct btf_type type = btf_type(source->btf, id);
                int this;

                if ((is_copy && !scope->with_copies) || !is_meant(asked, selector, &type) ||
                    (scope->narrowed && !is_selected(selector, source->btf, &type)))
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

static struct found find(const struct snapshot *snapshot, const struct asked *asked,
                         const struct selector *selector, struct scope scope)
{
        struct found found = {.best_rank = WORST_RANK};

        for (size_t i = 0; i < snapshot->n_sources; i++) {
                if (!scope.only || scope.only == snapshot->sources[i])
                        find_in_source(snapshot->sources[i], asked, selector, &scope, &found);
        }
        return found;
}

/* The same; an integer type of the language is found however it is spelled. */
static struct found find_spelled(const struct snapshot *snapshot, const struct asked *asked,
                                 const struct selector *selector, struct scope scope)
{
        struct found found = find(snapshot, asked, selector, scope);
        const char *const *spellings = NULL;

        if (found.n_definitions == 0 && !asked->is_tag)
                spellings = base_type_spellings(asked->name, asked->length);
        for (size_t i = 0; spellings && found.n_definitions == 0 && i < BASE_TYPE_MAX_SPELLINGS; i++) {
                struct asked spelled = {.name = spellings[i]};

                if (!spellings[i])
                        break;
                spelled.length = strlen(spellings[i]);
                found = find(snapshot, &spelled, selector, scope);
        }
        return found;
}

/* A function, variable or section of that name, which no bare name means; VOID if there is none. */
static enum btf_kind find_outside_types(const struct snapshot *snapshot, const struct source *source,
                                        const struct asked *asked)
{
        static const enum btf_kind kinds[] = {BTF_KIND_FUNC, BTF_KIND_VAR, BTF_KIND_DATASEC, BTF_KIND_OPAQUE};

        for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
                struct selector selector = {.has_kind = true, .kind = kinds[i]};

                if (find(snapshot, asked, &selector, (struct scope){.only = source}).n_definitions > 0)
                        return kinds[i];
        }
        return BTF_KIND_VOID;
}

static int not_found(const struct snapshot *snapshot, const struct source *source, const struct asked *asked,
                     const struct selector *selector, struct query_error *error)
{
        struct found excluded = {0};
        enum btf_kind outside;

        if (selector->has_size || selector->has)
                excluded = find(snapshot, asked, selector, (struct scope){.only = source});
        if (excluded.n_definitions > 0) {
                query_error_set(
                        error, QUERY_NAME_NOT_FOUND,
                        "'%.96s' exists, but none of its %zu definitions has the selected size or member",
                        selector->name, excluded.n_definitions);
                query_error_list(error, selector->name, excluded.candidates, excluded.n_definitions);
                return QUERY_NAME_NOT_FOUND;
        }
        query_error_set(error, QUERY_NAME_NOT_FOUND, "no type '%.96s' in %s%s%s", selector->name,
                        source ? source->name : "any source", selector->has_kind ? " of kind " : "",
                        selector->has_kind ? btf_kind_name(selector->kind) : "");
        error->name = selector->name;
        outside = selector->has_kind || asked->is_tag ? BTF_KIND_VOID
                                                      : find_outside_types(snapshot, source, asked);
        if (outside != BTF_KIND_VOID) {
                query_error_set(error, QUERY_NAME_NOT_FOUND,
                                "no type '%.96s', but a %s of that name: select kind %s", selector->name,
                                btf_kind_name(outside), btf_kind_name(outside));
                error->name = selector->name;
                return QUERY_NAME_NOT_FOUND;
        }
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
        return strlen(btf_name(btf, type)) == asked.length &&
               strncmp(btf_name(btf, type), asked.name, asked.length) == 0 &&
               is_meant(&asked, selector, type);
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
        struct found found;
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
        found = find_spelled(snapshot, &asked, selector, (struct scope){.only = source, .narrowed = true});
        if (found.n_definitions == 0)
                return not_found(snapshot, source, &asked, selector, ret_error);
        if (found.n_definitions > 1) {
                query_error_set(ret_error, QUERY_AMBIGUOUS_NAME,
                                "'%.96s' has %zu different definitions: select one by kind, size, has, or id",
                                selector->name, found.n_definitions);
                query_error_list(ret_error, selector->name, found.candidates, found.n_definitions);
                return QUERY_AMBIGUOUS_NAME;
        }
        *ret = found.candidates[0].type;
        return 0;
}

struct found lookup_copies(const struct snapshot *snapshot, const struct selector *selector)
{
        const struct source *source = selector->source ? snapshot_source(snapshot, selector->source) : NULL;
        struct asked asked;

        if (selector->has_id)
                return (struct found){0};
        asked = take_apart(selector->name);
        return find_spelled(snapshot, &asked, selector,
                            (struct scope){.only = source, .narrowed = true, .with_copies = true});
}

int lookup_copies_differ(struct query_error *error, const struct selector *selector,
                         const struct found *copies)
{
        query_error_set(
                error, QUERY_AMBIGUOUS_NAME,
                "'%.96s' has %zu definitions that are alike but point to different types: select one by id",
                selector->name, copies->n_definitions);
        query_error_list(error, selector->name, copies->candidates, copies->n_definitions);
        return QUERY_AMBIGUOUS_NAME;
}

/* Members of definitions that say the same correspond one by one. */
static bool same_values(struct query_type a, struct query_type b)
{
        struct btf_type base_a = btf_strip(a.source->btf, a.id), base_b = btf_strip(b.source->btf, b.id);
        struct value value_a = value_of(a.source->btf, a.id), value_b = value_of(b.source->btf, b.id);

        if (!btf_kind_is_composite(base_a.kind))
                return value_equal(&value_a, &value_b);
        for (uint32_t i = 0; i < base_a.vlen && i < base_b.vlen; i++) {
                value_a = value_of(a.source->btf, btf_member(a.source->btf, &base_a, i).type);
                value_b = value_of(b.source->btf, btf_member(b.source->btf, &base_b, i).type);
                if (!value_equal(&value_a, &value_b))
                        return false;
        }
        return true;
}

int lookup_members(const struct snapshot *snapshot, const struct selector *selector, struct query_type *ret,
                   struct query_error *ret_error)
{
        struct found copies;
        int r;

        r = lookup(snapshot, selector, ret, ret_error);
        if (r != 0)
                return r;
        copies = lookup_copies(snapshot, selector);
        for (size_t i = 1; i < copies.n_definitions && i < QUERY_MAX_CANDIDATES; i++) {
                if (!same_values(copies.candidates[0].type, copies.candidates[i].type))
                        return lookup_copies_differ(ret_error, selector, &copies);
        }
        return 0;
}
