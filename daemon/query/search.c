#include "query/search.h"

#include "index/same.h"
#include "query/member.h"

/* Without the blanks behind it, which nobody sees. */
static size_t name_length(const char *name)
{
        size_t length = strlen(name);

        while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '\t'))
                length--;
        return length;
}

struct asked asked_from(const char *name)
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

bool asked_means(const struct asked *asked, const struct selector *selector, const struct btf_type *type)
{
        if (asked->is_tag && tag_of(type) != asked->tag)
                return false;
        if (selector->has_kind)
                return type->kind == selector->kind;
        return asked->is_tag || is_ordinary(type) || tag_of(type) != BTF_KIND_VOID;
}

bool search_selects(const struct selector *selector, const struct btf *btf, const struct btf_type *type)
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

int search_rank(const struct asked *asked, struct query_type found)
{
        struct btf_type type = btf_type(found.source->btf, found.id);

        if (btf_is_forward(found.source->btf, &type))
                return SEARCH_WORST_RANK;
        return asked->is_tag || is_ordinary(&type) ? 0 : 1;
}

bool search_fits(const struct search *search, const struct asked *asked, struct query_type found)
{
        struct btf_type type = btf_type(found.source->btf, found.id);

        return asked_means(asked, search->selector, &type) &&
               (!search->narrowed || search_selects(search->selector, found.source->btf, &type));
}

static bool walk_source(const struct source *source, const struct asked *asked, search_visitor *visit,
                        void *context)
{
        struct name_cursor cursor = name_index_find(&source->names, asked->name, asked->length);
        bool is_copy, go_on = true;
        uint32_t id;

        while (go_on && name_index_next_any(&source->names, &cursor, &id, &is_copy))
                go_on = visit(context, (struct query_type){source, id}, is_copy);
        return go_on;
}

static bool walk_modules(const struct source_set *set, const struct asked *asked, search_visitor *visit,
                         void *context)
{
        struct module_cursor cursor = module_index_find(&set->modules, asked->name, asked->length);
        bool is_copy, go_on = true;
        struct query_type type;

        while (go_on && module_index_next(&set->modules, &cursor, &type.source, &type.id, &is_copy))
                go_on = visit(context, type, is_copy);
        return go_on;
}

bool search_walk(const struct search *search, const struct asked *asked, search_visitor *visit, void *context)
{
        if (search->only)
                return walk_source(search->only, asked, visit, context);
        return walk_source(search->set->sources[0], asked, visit, context) &&
               walk_modules(search->set, asked, visit, context);
}

struct gathering {
        const struct search *search;
        const struct asked *asked;
        struct found *found;
        const struct found *beside; /* definitions that need not be found again; NULL if there are none */
        bool with_copies;
        bool with_better; /* what is of a better rank is as welcome as what is of this one */
        struct same same;
};

/* Pairs that comparing copies may take while a client waits: some milliseconds. Beyond it each counts as a definition. */
#define SEARCH_MAX_PAIRS 32768U

static struct gathering gathering_of(const struct search *search, const struct asked *asked,
                                     struct found *found)
{
        return (struct gathering){
                .search = search,
                .asked = asked,
                .found = found,
                .same.n_total = SAME_MAX_TOTAL_PAIRS - SEARCH_MAX_PAIRS,
        };
}

static void gathering_deinit(struct gathering *gathering)
{
        same_deinit(&gathering->same);
}

/* The array needs no clearing, which would take longer than most questions. */
static void clear(struct found *found, int rank)
{
        found->n_candidates = 0;
        found->n_definitions = 0;
        found->rank = rank;
}

static void add_definition(struct found *found, struct query_type type)
{
        if (found->n_candidates < QUERY_MAX_CANDIDATES)
                found->candidates[found->n_candidates++] = (struct query_candidate){.type = type};
        found->n_definitions++;
}

/*
 * Whether a copy says what one of the definitions says. It does, unless size or member have left that one out: a typedef of
 * `struct x;` has neither, and is a copy of one whose struct is defined, or the other way round.
 */
static bool is_said(struct same *same, const struct found *found, struct query_type copy)
{
        for (size_t i = 0; i < found->n_candidates; i++) {
                struct query_type other = found->candidates[i].type;

                if (same_addition(same, other.source->btf, other.id, copy.source->btf, copy.id) >
                    SAME_ADDS_ALL)
                        return true;
        }
        return false;
}

/* Whether a copy is to be left out, as it says nothing that is not found without it. */
static bool is_mere_copy(struct gathering *gathering, struct query_type copy)
{
        const struct search *search = gathering->search;

        if (gathering->with_copies)
                return false;
        if (!search->narrowed || (!search->selector->has_size && !search->selector->has))
                return true;
        return is_said(&gathering->same, gathering->found, copy) ||
               (gathering->beside && is_said(&gathering->same, gathering->beside, copy));
}

/* Keeps the definitions of the best rank only, unless better ones are welcome. */
static bool gather(void *context, struct query_type type, bool is_copy)
{
        struct gathering *gathering = context;
        struct found *found = gathering->found;
        int this;

        if (!search_fits(gathering->search, gathering->asked, type) ||
            (is_copy && is_mere_copy(gathering, type)))
                return true;
        this = search_rank(gathering->asked, type);
        if (this < found->rank && !gathering->with_better)
                clear(found, this);
        if (this <= found->rank)
                add_definition(found, type);
        return true;
}

void search_all(const struct search *search, const struct asked *asked, bool with_copies, struct found *ret)
{
        CLEANUP(gathering_deinit) struct gathering all = gathering_of(search, asked, ret);

        all.with_copies = with_copies;
        clear(ret, SEARCH_WORST_RANK);
        search_walk(search, asked, gather, &all);
}

void search_tiers(const struct search *search, const struct asked *asked, struct found *ret,
                  struct found *ret_also)
{
        CLEANUP(gathering_deinit) struct gathering gathering = gathering_of(search, asked, ret);

        clear(ret_also, SEARCH_WORST_RANK);
        if (search->only) {
                search_all(search, asked, /* with_copies= */ false, ret);
                return;
        }
        clear(ret, SEARCH_WORST_RANK);
        walk_source(search->set->sources[0], asked, gather, &gathering);
        /*
         * A declaration in vmlinux answers only if no module has a definition. Beside vmlinux's struct, a typedef of its
         * name counts as well: in that module, it is what the bare name means.
         */
        if (ret->n_definitions > 0 && ret->rank < SEARCH_WORST_RANK) {
                gathering.with_better = true;
                if (!search->selector->all_tiers) {
                        clear(ret_also, ret->rank);
                        gathering.found = ret_also;
                        gathering.beside = ret;
                }
        }
        walk_modules(search->set, asked, gather, &gathering);
}
