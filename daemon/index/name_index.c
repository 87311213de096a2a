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

static struct name_cursor cursor_at(const struct name_index *index, const char *name, size_t length)
{
        uint64_t hash = hash_string(&index->seed, name, length);

        return (struct name_cursor){
                .name = name,
                .length = length,
                .tag = slot_tag(hash),
                .slot = (uint32_t)hash & index->mask,
        };
}

struct name_cursor name_index_find(const struct name_index *index, const char *name, size_t length)
{
        return cursor_at(index, name, length);
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

/*
 * Only what could stand for the other is compared: a struct and a typedef of one name are both found, and so
 * are a definition and a forward declaration, between which the lookup decides.
 */
static bool is_comparable(const struct btf *btf, const struct btf_type *a, const struct btf_type *b)
{
        return a->kind == b->kind && btf_is_forward(btf, a) == btf_is_forward(btf, b);
}

/*
 * Puts a type behind those of its name that stand already, as a copy if one of them says the same. All entries of a
 * name lie on its one probe sequence, so that the search for an equal one ends at the free slot.
 */
static int name_index_add(struct name_index *index, struct name_cursor cursor, uint32_t new_id,
                          struct same *same, struct btf_error *error)
{
        uint32_t n_definitions = 0;
        uint32_t copy = 0;
        uint32_t id;
        bool is_copy;

        while (name_index_next_any(index, &cursor, &id, &is_copy)) {
                struct btf_type earlier, type;
                int r;

                if (++n_definitions == NAME_INDEX_MAX_DEFINITIONS)
                        return btf_error_set(error, BTF_ERROR_TOO_MANY, btf_record(index->btf, new_id),
                                             "more than %u definitions of '%.64s'",
                                             NAME_INDEX_MAX_DEFINITIONS, cursor.name);
                earlier = btf_type(index->btf, id);
                type = btf_type(index->btf, new_id);
                if (copy || is_copy || !is_comparable(index->btf, &earlier, &type))
                        continue;
                r = same_types(same, index->btf, id, index->btf, new_id);
                if (r < 0)
                        return r;
                if (r == SAME_YES)
                        copy = SLOT_COPY;
        }
        index->slots[cursor.slot] = copy | cursor.tag | new_id;
        return 0;
}

/* The name that a type can be asked for by, or NULL: a tag's is its value. */
static const char *indexed_name(const struct btf *btf, uint32_t id)
{
        enum btf_kind kind = btf_kind(btf, id);

        if (kind == BTF_KIND_DECL_TAG || kind == BTF_KIND_TYPE_TAG || btf_type(btf, id).name_offset == 0)
                return NULL;
        return btf_name_of(btf, id);
}

/*
 * Adds the types from *id on, as many as BATCH, and moves *id behind them. Names and slots lie all over
 * memory: asking for those of a whole batch before the first is needed takes a third off the time.
 */
static int add_batch(struct name_index *index, uint32_t *id, struct same *same, struct btf_error *error)
{
        struct name_cursor cursors[BATCH];
        uint32_t ids[BATCH];
        size_t n = 0;
        int r = 0;

        for (; *id < index->btf->n_types && n < BATCH; (*id)++) {
                cursors[n].name = indexed_name(index->btf, *id);
                if (!cursors[n].name)
                        continue;
                __builtin_prefetch(cursors[n].name);
                ids[n++] = *id;
        }
        for (size_t i = 0; i < n; i++) {
                size_t length = strlen(cursors[i].name);

                cursors[i] = cursor_at(index, cursors[i].name, length);
                __builtin_prefetch(&index->slots[cursors[i].slot]);
        }
        for (size_t i = 0; i < n && r == 0; i++) {
                /* A name offset may lead to an empty name, which is none. */
                if (cursors[i].length > 0)
                        r = name_index_add(index, cursors[i], ids[i], same, error);
        }
        return r;
}

int name_index_init(struct name_index *index, const struct btf *btf, struct btf_error *ret_error)
{
        struct name_index built = {.btf = btf};
        CLEANUP(same_deinit) struct same same = {0};
        uint32_t first = btf->base ? btf->start_id : 1;
        uint32_t n_names = 0;
        int r = 0;

        for (uint32_t id = first; id < btf->n_types; id++)
                n_names += indexed_name(btf, id) != NULL;
        hash_seed_init(&built.seed);
        built.mask = table_size(n_names) - 1;
        built.slots = memory_new_zeroed((size_t)built.mask + 1, sizeof(*built.slots));
        if (!built.slots)
                return -ENOMEM;
        for (uint32_t id = first; id < btf->n_types && r == 0;)
                r = add_batch(&built, &id, &same, ret_error);
        if (r != 0) {
                name_index_deinit(&built);
                return r;
        }
        *index = built;
        return 0;
}

void name_index_deinit(struct name_index *index)
{
        free(index->slots);
        index->slots = NULL;
}
