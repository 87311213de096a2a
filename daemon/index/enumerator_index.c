#include "index/enumerator_index.h"

#include <errno.h>

#include "index/same.h"

/* Enumerators of one bucket, about: an entry's tag says nearly always whether its name is the one, so that several cost no
 * more than the cache line that they share. */
#define BUCKET_TARGET 4U

/* Types between two questions whether to go on. */
#define STOP_INTERVAL 1024U

/* Spreads the bits of the hash so far over the next one's; odd, without structure. */
#define CONTENT_MIX UINT64_C(0x9e3779b97f4a7c15)

/* An index while it is being filled. */
struct build {
        struct enumerator_index *index;
        size_t n_sources;
        uint64_t *hashes; /* of the enumerators' names, by number */
        uint32_t n_enumerators;
        uint64_t *contents; /* [i]: hash of all that the i-th enum says */
        uint32_t *slots;    /* open hash table over `contents`: positions in `enums` plus 1 */
        uint32_t mask;      /* number of slots - 1 */
        struct same same;
        const struct stop *stop;
};

struct enumerator_index *enumerator_index_free(struct enumerator_index *index)
{
        if (!index)
                return NULL;
        free(index->enums);
        free(index->entries);
        free(index->buckets);
        free(index);
        return NULL;
}

static void build_deinit(struct build *build)
{
        enumerator_index_free(build->index);
        free(build->hashes);
        free(build->contents);
        free(build->slots);
        same_deinit(&build->same);
}

struct enumerator_cursor enumerator_index_find(const struct enumerator_index *index, const char *name,
                                               size_t length)
{
        uint64_t hash = hash_string(&index->seed, name, length);
        uint32_t bucket = (uint32_t)hash & index->mask;

        return (struct enumerator_cursor){
                .name = name,
                .length = length,
                .tag = (uint32_t)(hash >> 32),
                .position = index->buckets[bucket],
                .end = index->buckets[bucket + 1],
        };
}

/* The enum that has the enumerator of that number: the last that begins no later. */
static const struct enumerator_enum *find_enum(const struct enumerator_index *index, uint32_t number)
{
        uint32_t low = 0, high = index->n_enums;

        while (high - low > 1) {
                uint32_t middle = low + (high - low) / 2;

                if (index->enums[middle].first <= number)
                        low = middle;
                else
                        high = middle;
        }
        return &index->enums[low];
}

bool enumerator_index_next(const struct enumerator_index *index, struct enumerator_cursor *cursor,
                           const struct source **ret_source, uint32_t *ret_id, uint32_t *ret_i_value)
{
        while (cursor->position < cursor->end) {
                uint64_t entry = index->entries[cursor->position++];
                const struct enumerator_enum *found;
                const struct source *source;
                struct btf_type type;
                const char *name;

                if ((uint32_t)(entry >> 32) != cursor->tag)
                        continue;
                found = find_enum(index, (uint32_t)entry);
                source = index->sources[found->i_source];
                type = btf_type(source->btf, found->id);
                name = btf_enumerator(source->btf, &type, (uint32_t)entry - found->first).name;
                if (strncmp(name, cursor->name, cursor->length) != 0 || name[cursor->length] != '\0')
                        continue;
                *ret_source = source;
                *ret_id = found->id;
                *ret_i_value = (uint32_t)entry - found->first;
                return true;
        }
        return false;
}

/* Whether an id is of an enum that has enumerators. */
static bool is_full_enum(const struct btf *btf, uint32_t id)
{
        return btf_kind_is_enum(btf_kind(btf, id)) && btf_type(btf, id).vlen > 0;
}

static uint32_t first_id(const struct source *source)
{
        return source->base ? source->btf->start_id : 1;
}

/* Memory for all enums that there are, of which most modules' turn out to be vmlinux's. */
static int allocate(struct build *build)
{
        struct enumerator_index *index = build->index;
        uint64_t n_enumerators = 0;
        uint32_t n_enums = 0;

        for (size_t i = 0; i < build->n_sources; i++) {
                const struct source *source = index->sources[i];

                for (uint32_t id = first_id(source); id < source->btf->n_types; id++) {
                        if (!is_full_enum(source->btf, id))
                                continue;
                        n_enums++;
                        n_enumerators += btf_type(source->btf, id).vlen;
                }
        }
        if (n_enumerators > UINT32_MAX)
                return -ENOMEM;
        while (build->mask / 2 < n_enums)
                build->mask = build->mask * 2 + 1;
        index->enums = malloc((n_enums + 1) * sizeof(*index->enums));
        build->hashes = malloc((n_enumerators + 1) * sizeof(*build->hashes));
        build->contents = malloc((n_enums + 1) * sizeof(*build->contents));
        build->slots = calloc((size_t)build->mask + 1, sizeof(*build->slots));
        return index->enums && build->hashes && build->contents && build->slots ? 0 : -ENOMEM;
}

/* Hashes the names of an enum's enumerators behind those before, and returns the hash of all that it says. */
static uint64_t hash_enum(struct build *build, const struct btf *btf, const struct btf_type *type)
{
        const char *name = btf_name(btf, type);
        uint64_t content = hash_string(&build->index->seed, name, strlen(name));

        content += (uint64_t)type->size_or_type * 2 + type->kind_flag;
        for (uint32_t i = 0; i < type->vlen; i++) {
                struct btf_enumerator enumerator = btf_enumerator(btf, type, i);
                uint64_t hash = hash_string(&build->index->seed, enumerator.name, strlen(enumerator.name));

                build->hashes[build->n_enumerators + i] = hash;
                content = (content ^ hash) * CONTENT_MIX + enumerator.value;
                content ^= content >> 32;
        }
        return content;
}

/* Finds out whether an enum says what one before it does, and if not, in which slot it belongs. */
static int is_known(struct build *build, const struct btf *btf, uint32_t id, uint64_t content,
                    uint32_t *ret_slot)
{
        const struct enumerator_index *index = build->index;
        uint32_t slot = (uint32_t)content & build->mask;

        for (; build->slots[slot] != 0; slot = (slot + 1) & build->mask) {
                const struct enumerator_enum *earlier = &index->enums[build->slots[slot] - 1];
                int r;

                if (build->contents[build->slots[slot] - 1] != content)
                        continue;
                build->same.n_total = 0;
                r = same_types(&build->same, index->sources[earlier->i_source]->btf, earlier->id, btf, id);
                if (r != SAME_NO)
                        return r;
        }
        *ret_slot = slot;
        return SAME_NO;
}

static int add_enum(struct build *build, uint32_t i_source, uint32_t id)
{
        struct enumerator_index *index = build->index;
        const struct btf *btf = index->sources[i_source]->btf;
        struct btf_type type = btf_type(btf, id);
        uint64_t content = hash_enum(build, btf, &type);
        uint32_t slot;
        int r;

        r = is_known(build, btf, id, content, &slot);
        if (r != SAME_NO)
                return r < 0 ? r : 0;
        build->contents[index->n_enums] = content;
        index->enums[index->n_enums] = (struct enumerator_enum){build->n_enumerators, id, i_source};
        build->slots[slot] = ++index->n_enums;
        build->n_enumerators += type.vlen;
        return 0;
}

static int add_source(struct build *build, uint32_t i_source)
{
        const struct source *source = build->index->sources[i_source];
        uint32_t first = first_id(source);
        int r = 0;

        for (uint32_t id = first; id < source->btf->n_types && r == 0; id++) {
                if ((id - first) % STOP_INTERVAL == 0 && stop_requested(build->stop))
                        return ENUMERATOR_INDEX_STOPPED;
                if (is_full_enum(source->btf, id))
                        r = add_enum(build, i_source, id);
        }
        return r;
}

/* Sorts the enumerators of all enums by bucket. */
static int fill_buckets(struct build *build)
{
        struct enumerator_index *index = build->index;
        uint32_t *begin;

        while (index->mask < build->n_enumerators / BUCKET_TARGET)
                index->mask = index->mask * 2 + 1;
        index->buckets = calloc((size_t)index->mask + 2, sizeof(*index->buckets));
        index->entries = malloc((build->n_enumerators + (size_t)1) * sizeof(*index->entries));
        if (!index->buckets || !index->entries)
                return -ENOMEM;
        /* While they are filled, the i-th bucket's end stands in [i + 1], where at last the next one's begin does. */
        begin = index->buckets + 1;
        for (uint32_t i = 0; i < build->n_enumerators; i++) {
                uint32_t bucket = (uint32_t)build->hashes[i] & index->mask;

                if (bucket < index->mask)
                        begin[bucket + 1]++;
        }
        for (uint32_t i = 1; i <= index->mask; i++)
                begin[i] += begin[i - 1];
        for (uint32_t i = 0; i < build->n_enumerators; i++) {
                uint64_t hash = build->hashes[i];

                index->entries[begin[hash & index->mask]++] = (hash & ~(uint64_t)UINT32_MAX) | i;
        }
        return 0;
}

int enumerator_index_new(struct enumerator_index **ret, struct source *const *sources, size_t n_sources,
                         const struct stop *stop)
{
        CLEANUP(build_deinit) struct build build = {.n_sources = n_sources, .stop = stop};
        struct enumerator_enum *cut;
        int r;

        build.index = calloc(1, sizeof(*build.index));
        if (!build.index)
                return -ENOMEM;
        build.index->sources = sources;
        if (n_sources > 0)
                build.index->seed = sources[0]->names.seed;
        r = allocate(&build);
        for (uint32_t i = 0; i < n_sources && r == 0; i++)
                r = add_source(&build, i);
        if (r == 0)
                r = fill_buckets(&build);
        if (r != 0)
                return r;
        cut = realloc(build.index->enums, (build.index->n_enums + (size_t)1) * sizeof(*cut));
        if (cut)
                build.index->enums = cut;
        *ret = STEAL(build.index);
        return 0;
}
