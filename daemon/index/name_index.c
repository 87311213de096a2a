#include "index/name_index.h"

#include <assert.h>
#include <errno.h>

#include "index/same.h"

#define SLOT_ID_BITS 24U
#define SLOT_ID_MASK ((1U << SLOT_ID_BITS) - 1)

static_assert(BTF_MAX_SIZE / BTF_RECORD_LENGTH < SLOT_ID_MASK, "an id must fit a slot");

static uint32_t slot_tag(uint64_t hash)
{
        return (uint32_t)(hash >> (64 - 8)) << SLOT_ID_BITS;
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

bool name_index_next(const struct name_index *index, struct name_cursor *cursor, uint32_t *ret_id)
{
        uint32_t slot;

        while ((slot = index->slots[cursor->slot]) != 0) {
                cursor->slot = (cursor->slot + 1) & index->mask;
                if ((slot & ~SLOT_ID_MASK) == cursor->tag) {
                        struct btf_type type = btf_type(index->btf, slot & SLOT_ID_MASK);
                        const char *name = btf_name(index->btf, &type);

                        if (strncmp(name, cursor->name, cursor->length) == 0 &&
                            name[cursor->length] == '\0') {
                                *ret_id = type.id;
                                return true;
                        }
                }
        }
        return false;
}

/*
 * Only what could stand for the other is compared: a struct and a typedef of one name are both found, and so
 * are a definition and a forward declaration, between which the lookup decides.
 */
static bool is_comparable(const struct btf_type *a, const struct btf_type *b)
{
        return a->kind == b->kind && btf_is_forward(a) == btf_is_forward(b);
}

/*
 * Puts a type behind those of its name that stand already, unless one of them says the same. All entries of a
 * name lie on its one probe sequence, so that the search for an equal one ends at the free slot.
 */
static int name_index_add(struct name_index *index, const struct btf_type *type, struct same *same)
{
        const char *name = btf_name(index->btf, type);
        struct name_cursor cursor = cursor_at(index, name, strlen(name));
        uint32_t id;

        while (name_index_next(index, &cursor, &id)) {
                struct btf_type earlier = btf_type(index->btf, id);
                int r;

                if (!is_comparable(&earlier, type))
                        continue;
                r = same_types(same, index->btf, id, index->btf, type->id);
                if (r < 0)
                        return r;
                if (r == SAME_YES)
                        return 0;
        }
        index->slots[cursor.slot] = cursor.tag | type->id;
        return 0;
}

int name_index_init(struct name_index *index, const struct btf *btf)
{
        struct name_index built = {.btf = btf};
        CLEANUP(same_deinit) struct same same = {0};
        uint32_t n_names = 0;
        int r = 0;

        for (uint32_t id = 1; id < btf->n_types; id++)
                n_names += btf_type(btf, id).name_offset != 0;
        hash_seed_init(&built.seed);
        built.mask = table_size(n_names) - 1;
        built.slots = calloc((size_t)built.mask + 1, sizeof(*built.slots));
        if (!built.slots)
                return -ENOMEM;
        for (uint32_t id = 1; id < btf->n_types && r == 0; id++) {
                struct btf_type type = btf_type(btf, id);

                /* A tag's name is its value, not a name that anyone could ask for. */
                if (type.name_offset != 0 && type.kind != BTF_KIND_DECL_TAG && type.kind != BTF_KIND_TYPE_TAG)
                        r = name_index_add(&built, &type, &same);
        }
        if (r < 0) {
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
