#include "index/module_index.h"

#include <assert.h>
#include <errno.h>

#include "index/same.h"
#include "util/memory.h"

#define ENTRY_ID_BITS     24U
#define ENTRY_SOURCE_BITS 13U
#define ENTRY_COPY        (UINT64_C(1) << (ENTRY_ID_BITS + ENTRY_SOURCE_BITS))
#define ENTRY_TAG_MASK    (~UINT64_C(0) << (ENTRY_ID_BITS + ENTRY_SOURCE_BITS + 1))

static_assert(MODULE_INDEX_MAX_SOURCES <= 1U << ENTRY_SOURCE_BITS, "a source's position must fit an entry");

/* While the index is built, ids of a whole kernel's modules that are the same type are compared once for each. */
struct build {
        struct module_index *index;
        size_t n_sources;
        struct same same;
        size_t *n_spent; /* pairs that each source's types have taken: one made to need many gets no others' share */
};

static size_t entry_i_source(uint64_t entry)
{
        return entry >> ENTRY_ID_BITS & ((1U << ENTRY_SOURCE_BITS) - 1);
}

static const struct source *entry_source(const struct module_index *index, uint64_t entry)
{
        return index->sources[entry_i_source(entry)];
}

static uint32_t entry_id(uint64_t entry)
{
        return (uint32_t)entry & ((1U << ENTRY_ID_BITS) - 1);
}

static const char *entry_name(const struct module_index *index, uint64_t entry)
{
        return btf_name_of(entry_source(index, entry)->btf, entry_id(entry));
}

struct module_entry module_index_entry(const struct module_index *index, uint32_t i_entry)
{
        uint64_t entry = index->entries[i_entry];

        return (struct module_entry){
                .i_source = entry_i_source(entry),
                .id = entry_id(entry),
                .is_copy = entry & ENTRY_COPY,
        };
}

/* The bits of a hash that do not choose the bucket of a small index. */
static uint64_t entry_tag(uint32_t hash)
{
        return (uint64_t)hash << 32 & ENTRY_TAG_MASK;
}

struct module_cursor module_index_find(const struct module_index *index, const char *name, size_t length)
{
        uint32_t hash = (uint32_t)hash_string(&index->seed, name, length);
        uint32_t bucket = hash & index->mask;

        return (struct module_cursor){
                .name = name,
                .length = length,
                .tag = entry_tag(hash),
                .position = index->buckets[bucket],
                .end = index->buckets[bucket + 1],
        };
}

bool module_index_next(const struct module_index *index, struct module_cursor *cursor,
                       const struct source **ret_source, uint32_t *ret_id, bool *ret_is_copy)
{
        while (cursor->position < cursor->end) {
                uint64_t entry = index->entries[cursor->position++];
                const char *name;

                if ((entry & ENTRY_TAG_MASK) != cursor->tag)
                        continue;
                name = entry_name(index, entry);
                if (strncmp(name, cursor->name, cursor->length) != 0 || name[cursor->length] != '\0')
                        continue;
                *ret_source = entry_source(index, entry);
                *ret_id = entry_id(entry);
                *ret_is_copy = entry & ENTRY_COPY;
                return true;
        }
        return false;
}

/* Counts the entries of each bucket; afterwards buckets[i] is where the i-th bucket begins. */
static void count_buckets(const struct build *build)
{
        struct module_index *index = build->index;

        for (size_t i = 1; i < build->n_sources; i++) {
                const struct name_index *names = &index->sources[i]->names;

                for (uint32_t j = 0; j < names->n_novel; j++)
                        index->buckets[(names->novel[j].hash & index->mask) + 1]++;
        }
        for (uint32_t i = 0; i <= index->mask; i++)
                index->buckets[i + 1] += index->buckets[i];
}

/* Writes all entries to their buckets; afterwards buckets[i] is where the i-th bucket ends. */
static void fill_buckets(const struct build *build)
{
        struct module_index *index = build->index;

        for (size_t i = 1; i < build->n_sources; i++) {
                const struct name_index *names = &index->sources[i]->names;

                for (uint32_t j = 0; j < names->n_novel; j++) {
                        struct name_novel novel = names->novel[j];

                        index->entries[index->buckets[novel.hash & index->mask]++] =
                                entry_tag(novel.hash) | (novel.is_copy ? ENTRY_COPY : 0) |
                                (uint64_t)i << ENTRY_ID_BITS | novel.id;
                }
        }
}

/* The definitions of a bucket that further ones are compared with. */
struct distinct {
        uint64_t entries[MODULE_INDEX_MAX_COMPARED];
        size_t n;
};

static int compare_entries(struct build *build, uint64_t earlier, uint64_t entry)
{
        const struct module_index *index = build->index;
        size_t *n_spent = &build->n_spent[entry_i_source(entry)];
        int r;

        if ((earlier & ENTRY_TAG_MASK) != (entry & ENTRY_TAG_MASK) ||
            !string_equal(entry_name(index, earlier), entry_name(index, entry)))
                return SAME_ADDS_ALL;
        build->same.n_total = *n_spent;
        r = same_addition(&build->same, entry_source(index, earlier)->btf, entry_id(earlier),
                          entry_source(index, entry)->btf, entry_id(entry));
        *n_spent = build->same.n_total;
        return r;
}

/* Appends an entry to the finished ones, unless it adds nothing to those of its bucket before it. */
static int keep(struct build *build, struct distinct *distinct, uint64_t entry)
{
        int addition = SAME_ADDS_ALL;

        for (size_t i = 0; i < distinct->n && addition == SAME_ADDS_ALL && !(entry & ENTRY_COPY); i++) {
                addition = compare_entries(build, distinct->entries[i], entry);
                if (addition < 0)
                        return addition;
        }
        if (addition == SAME_ADDS_NOTHING)
                return 0;
        if (addition == SAME_ADDS_POINTEES)
                entry |= ENTRY_COPY;
        if (!(entry & ENTRY_COPY) && distinct->n < MODULE_INDEX_MAX_COMPARED)
                distinct->entries[distinct->n++] = entry;
        build->index->entries[build->index->n_entries++] = entry;
        return 0;
}

/* Finds out what says the same, and moves what is left together. */
static int settle_buckets(struct build *build)
{
        struct module_index *index = build->index;
        uint32_t begin = 0;

        for (uint32_t i = 0; i <= index->mask; i++) {
                uint32_t end = index->buckets[i];
                struct distinct distinct;
                int r = 0;

                distinct.n = 0;
                index->buckets[i] = index->n_entries;
                for (; begin < end && r == 0; begin++)
                        r = keep(build, &distinct, index->entries[begin]);
                if (r < 0)
                        return r;
        }
        index->buckets[(size_t)index->mask + 1] = index->n_entries;
        return 0;
}

static int build_index(struct build *build, size_t n_entries)
{
        struct module_index *index = build->index;
        uint64_t *cut;
        int r;

        while (index->mask + 1U < n_entries)
                index->mask = index->mask * 2 + 1;
        index->entries = memory_new((n_entries + 1) * sizeof(*index->entries));
        index->buckets = memory_new_zeroed((size_t)index->mask + 2, sizeof(*index->buckets));
        build->n_spent = calloc(build->n_sources + 1, sizeof(*build->n_spent));
        if (!index->entries || !index->buckets || !build->n_spent)
                return -ENOMEM;
        count_buckets(build);
        fill_buckets(build);
        r = settle_buckets(build);
        if (r < 0)
                return r;
        cut = realloc(index->entries, (index->n_entries + 1U) * sizeof(*index->entries));
        if (cut)
                index->entries = cut;
        return 0;
}

int module_index_init(struct module_index *index, struct source *const *sources, size_t n_sources)
{
        struct module_index built = {.sources = sources};
        struct build build = {.index = &built, .n_sources = n_sources};
        size_t n_entries = 0;
        int r;

        assert(n_sources <= MODULE_INDEX_MAX_SOURCES);
        if (n_sources > 0)
                built.seed = sources[0]->names.seed;
        for (size_t i = 1; i < n_sources; i++)
                n_entries += sources[i]->names.n_novel;
        r = build_index(&build, n_entries);
        free(build.n_spent);
        same_deinit(&build.same);
        if (r < 0) {
                module_index_deinit(&built);
                return r;
        }
        *index = built;
        return 0;
}

void module_index_deinit(struct module_index *index)
{
        free(index->entries);
        free(index->buckets);
        index->entries = NULL;
        index->buckets = NULL;
}
