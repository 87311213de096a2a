#include "index/name_index.h"

#include <assert.h>
#include <errno.h>

#include "index/same.h"
#include "util/memory.h"

/* Types whose names are fetched together; their cache lines fit the smallest first-level cache twice. */
#define BATCH 64U

#define SLOT_ID_BITS  24U
#define SLOT_ID_MASK  ((1U << SLOT_ID_BITS) - 1)
#define SLOT_TAG_MASK (127U << SLOT_ID_BITS)
#define SLOT_COPY     (1U << 31)

static_assert(BTF_MAX_SIZE / BTF_RECORD_LENGTH < SLOT_ID_MASK, "an id must fit a slot");

static uint32_t slot_tag(uint64_t hash)
{
        return (uint32_t)(hash >> (64 - 7)) << SLOT_ID_BITS;
}

/* A power of two of which the names take at most two thirds. */
static uint32_t table_size(uint32_t n_names)
{
        uint32_t size = 16;

        while (size / 3 * 2 < n_names)
                size *= 2;
        return size;
}

static struct name_cursor cursor_of(const struct name_index *index, const char *name, size_t length,
                                    uint64_t hash)
{
        return (struct name_cursor){
                .name = name,
                .length = length,
                .tag = slot_tag(hash),
                .slot = (uint32_t)hash & index->mask,
        };
}

struct name_cursor name_index_find(const struct name_index *index, const char *name, size_t length)
{
        return cursor_of(index, name, length, hash_string(&index->seed, name, length));
}

bool name_index_next_any(const struct name_index *index, struct name_cursor *cursor, uint32_t *ret_id,
                         bool *ret_is_copy)
{
        uint32_t slot;

        while ((slot = index->slots[cursor->slot]) != 0) {
                const char *name;

                cursor->slot = (cursor->slot + 1) & index->mask;
                if ((slot & SLOT_TAG_MASK) != cursor->tag)
                        continue;
                name = btf_name_of(index->btf, slot & SLOT_ID_MASK);
                if (strncmp(name, cursor->name, cursor->length) == 0 && name[cursor->length] == '\0') {
                        *ret_id = slot & SLOT_ID_MASK;
                        *ret_is_copy = slot & SLOT_COPY;
                        return true;
                }
        }
        return false;
}

bool name_index_next(const struct name_index *index, struct name_cursor *cursor, uint32_t *ret_id)
{
        bool is_copy;

        while (name_index_next_any(index, cursor, ret_id, &is_copy)) {
                if (!is_copy)
                        return true;
        }
        return false;
}

bool name_index_is_copy(const struct name_index *index, uint32_t id)
{
        const char *name = btf_name_of(index->btf, id);
        struct name_cursor cursor = name_index_find(index, name, strlen(name));
        bool is_copy = false;
        uint32_t found;

        while (name_index_next_any(index, &cursor, &found, &is_copy) && found != id)
                ;
        return is_copy;
}

/* An index while it is being filled. */
struct build {
        struct name_index *index;
        const struct name_index *base; /* NULL if there is none */
        struct same same;
        struct btf_error *error;
};

/* A name about to be added, and its hash. */
struct pending {
        uint32_t id;
        size_t length;
        const char *name;
        uint64_t hash;
};

/* The least that the type is known to add counts. */
static int compare(struct build *build, const struct btf *earlier_btf, uint32_t earlier_id, uint32_t id,
                   enum same_addition *addition)
{
        int r = same_addition(&build->same, earlier_btf, earlier_id, build->index->btf, id);

        if (r > (int)*addition)
                *addition = (enum same_addition)r;
        return r < 0 ? r : 0;
}

/*
 * What the type adds to those of its name in the same file, and where its slot is: all entries of a name lie on its one
 * probe sequence, so that the search ends at the free slot. A definition and a declaration are both found, and the
 * lookup decides between them.
 */
static int compare_within(struct build *build, const struct pending *new, uint32_t *ret_slot,
                          enum same_addition *addition)
{
        const struct name_index *index = build->index;
        struct name_cursor cursor = cursor_of(index, new->name, new->length, new->hash);
        struct btf_type type = btf_type(index->btf, new->id);
        uint32_t n_definitions = 0;
        uint32_t id;
        bool is_copy;
        int r = 0;

        while (r == 0 && name_index_next_any(index, &cursor, &id, &is_copy)) {
                struct btf_type earlier = btf_type(index->btf, id);

                if (++n_definitions == NAME_INDEX_MAX_DEFINITIONS)
                        return btf_error_set(
                                build->error, BTF_ERROR_TOO_MANY, btf_record(index->btf, new->id),
                                "more than %u definitions of '%.64s'", NAME_INDEX_MAX_DEFINITIONS, new->name);
                if (*addition == SAME_ADDS_ALL && !is_copy &&
                    btf_is_forward(index->btf, &earlier) == btf_is_forward(index->btf, &type))
                        r = compare(build, index->btf, id, new->id, addition);
        }
        *ret_slot = cursor.slot;
        return r;
}

static int compare_with_base(struct build *build, const struct pending *new, enum same_addition *addition)
{
        const struct name_index *base = build->base;
        struct name_cursor cursor = cursor_of(base, new->name, new->length, new->hash);
        uint32_t id;
        bool is_copy;
        int r = 0;

        while (r == 0 && *addition != SAME_ADDS_NOTHING && name_index_next_any(base, &cursor, &id, &is_copy))
                r = compare(build, base->btf, id, new->id, addition);
        return r;
}

/* Puts a type behind those of its name that stand already. */
static int name_index_add(struct build *build, const struct pending *new)
{
        enum same_addition addition = SAME_ADDS_ALL;
        struct name_index *index = build->index;
        uint32_t slot = 0;
        int r;

        r = compare_within(build, new, &slot, &addition);
        if (r != 0)
                return r;
        index->slots[slot] = (addition != SAME_ADDS_ALL ? SLOT_COPY : 0) | slot_tag(new->hash) | new->id;
        if (!build->base)
                return 0;
        r = compare_with_base(build, new, &addition);
        if (r == 0 && addition != SAME_ADDS_NOTHING)
                index->novel[index->n_novel++] = (struct name_novel){
                        .hash = (uint32_t) new->hash,
                        .id = new->id &SLOT_ID_MASK,
                        .is_copy = addition == SAME_ADDS_POINTEES,
                };
        return r;
}

/* A name offset other than 0 may still lead to an empty name, which is none: nobody has read it yet. */
static const char *unread_name(const struct btf *btf, uint32_t id)
{
        enum btf_kind kind = btf_kind(btf, id);

        if (kind == BTF_KIND_DECL_TAG || kind == BTF_KIND_TYPE_TAG || btf_type(btf, id).name_offset == 0)
                return NULL;
        return btf_name_of(btf, id);
}

const char *name_index_name(const struct btf *btf, uint32_t id)
{
        const char *name = unread_name(btf, id);

        return name && name[0] != '\0' ? name : NULL;
}

/*
 * Adds the types from *id on, as many as BATCH, and moves *id behind them. Names and slots lie all over
 * memory: asking for those of a whole batch before the first is needed takes a third off the time.
 */
static int add_batch(struct build *build, uint32_t *id)
{
        const struct name_index *index = build->index;
        struct pending batch[BATCH];
        size_t n = 0;
        int r = 0;

        for (; *id < index->btf->n_types && n < BATCH; (*id)++) {
                batch[n].name = unread_name(index->btf, *id);
                if (!batch[n].name)
                        continue;
                __builtin_prefetch(batch[n].name);
                batch[n++].id = *id;
        }
        for (size_t i = 0; i < n; i++) {
                batch[i].length = strlen(batch[i].name);
                batch[i].hash = hash_string(&index->seed, batch[i].name, batch[i].length);
                __builtin_prefetch(&index->slots[(uint32_t)batch[i].hash & index->mask]);
                if (build->base)
                        __builtin_prefetch(&build->base->slots[(uint32_t)batch[i].hash & build->base->mask]);
        }
        for (size_t i = 0; i < n && r == 0; i++) {
                if (batch[i].length > 0)
                        r = name_index_add(build, &batch[i]);
        }
        return r;
}

static int allocate(struct name_index *index, uint32_t n_names, bool has_base)
{
        index->mask = table_size(n_names) - 1;
        index->slots = memory_new_zeroed((size_t)index->mask + 1, sizeof(*index->slots));
        if (!index->slots)
                return -ENOMEM;
        if (!has_base || n_names == 0)
                return 0;
        index->novel = malloc(n_names * sizeof(*index->novel));
        return index->novel ? 0 : -ENOMEM;
}

/* Gives back the room of types that turned out to say what others do. */
static void cut_novel(struct name_index *index)
{
        struct name_novel *cut;

        if (index->n_novel == 0) {
                free(index->novel);
                index->novel = NULL;
                return;
        }
        cut = realloc(index->novel, index->n_novel * sizeof(*index->novel));
        if (cut)
                index->novel = cut;
}

int name_index_init(struct name_index *index, const struct btf *btf, const struct name_index *base,
                    struct btf_error *ret_error)
{
        struct name_index built = {.btf = btf};
        struct build build = {.index = &built, .base = base, .error = ret_error};
        uint32_t first = btf->base ? btf->start_id : 1;
        uint32_t n_names = 0;
        int r;

        for (uint32_t id = first; id < btf->n_types; id++)
                n_names += unread_name(btf, id) != NULL;
        if (base)
                built.seed = base->seed;
        else
                hash_seed_init(&built.seed);
        r = allocate(&built, n_names, base != NULL);
        for (uint32_t id = first; id < btf->n_types && r == 0;)
                r = add_batch(&build, &id);
        same_deinit(&build.same);
        if (r != 0) {
                name_index_deinit(&built);
                return r;
        }
        cut_novel(&built);
        *index = built;
        return 0;
}

void name_index_deinit(struct name_index *index)
{
        free(index->slots);
        free(index->novel);
        index->slots = NULL;
        index->novel = NULL;
}
