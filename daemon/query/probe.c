#include "query/probe.h"

#include "btf/base_type.h"
#include "index/set_index.h"
#include "query/plan.h"
#include "query/search.h"

/* A definition that is looked for. */
struct probe {
        const struct search *search;
        const struct asked *asked;
        const struct path *path; /* that must resolve in it; NULL for none */
        int rank;                /* and for a path: only definitions of this rank */
        bool of_vmlinux;         /* and of this tier count */
        bool exists;
};

/* Copies (see name_index.h) are of a definition's type, but may lead to others. */
static bool visit(void *context, struct query_type type, bool is_copy)
{
        struct probe *probe = context;
        int rank = search_rank(probe->asked, type);
        const struct plan_scope scope = {.set = probe->search->set, .completes = true};
        struct query_error ignored;
        struct plan plan;

        (void)is_copy;
        if (!search_fits(probe->search, probe->asked, type) || rank == SEARCH_WORST_RANK)
                return true;
        if (!probe->path)
                probe->exists = true;
        else if (rank == probe->rank && probe->of_vmlinux == !type.source->base)
                probe->exists = plan_resolve(&scope, type, probe->path, &plan, &ignored) == 0;
        return !probe->exists;
}

static bool exists(const struct search *search, struct asked asked)
{
        struct probe probe = {.search = search, .asked = &asked};

        search_walk(search, &asked, visit, &probe);
        return probe.exists;
}

bool probe_type(const struct source_set *set, const char *name)
{
        const struct selector selector = {.name = name};
        const struct search search = {.set = set, .selector = &selector};
        struct asked asked = asked_from(name);
        const char *const *spellings = NULL;
        bool found = exists(&search, asked);

        if (!found && !asked.is_tag)
                spellings = base_type_spellings(asked.name, asked.length);
        for (size_t i = 0; spellings && i < BASE_TYPE_MAX_SPELLINGS && spellings[i] && !found; i++)
                found = exists(&search, asked_from(spellings[i]));
        return found;
}

bool probe_kind(const struct source_set *set, const char *name, enum btf_kind kind)
{
        const struct selector selector = {.name = name, .has_kind = true, .kind = kind};
        const struct search search = {.set = set, .selector = &selector};

        return exists(&search, (struct asked){.name = name, .length = strlen(name)});
}

bool probe_field(const struct source_set *set, const char *root, const enum btf_kind *kind,
                 const struct path *path)
{
        const struct selector selector = {
                .name = root, .has_kind = kind, .kind = kind ? *kind : BTF_KIND_VOID};
        const struct search search = {.set = set, .selector = &selector};
        const struct asked asked = asked_from(root);
        struct probe probe = {.search = &search, .asked = &asked, .path = path};
        struct found found, also;

        search_tiers(&search, &asked, &found, &also);
        if (found.n_definitions == 0)
                return false;
        probe.rank = found.rank;
        probe.of_vmlinux = !found.candidates[0].type.source->base;
        search_walk(&search, &asked, visit, &probe);
        return probe.exists;
}

bool probe_enumerator(const struct source_set *set, const char *name)
{
        const struct enumerator_index *index = source_set_enumerators(set);
        struct enumerator_cursor cursor = enumerator_index_find(index, name, strlen(name));
        const struct source *source;
        uint32_t id, i_value;

        return enumerator_index_next(index, &cursor, &source, &id, &i_value);
}
