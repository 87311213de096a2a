/*
 * Matching works from the outside in: an entry's path is its parent's and its name, and where its parent has been paired
 * already, it is looked for among what that one's counterpart holds. So no path is ever written or compared.
 */
#include <errno.h>

#include "query/entries.h"
#include "query/type_name.h"

/* The entries of one name and parent that are not yet paired, in their order. */
struct slot {
        uint32_t first; /* the earliest of all, paired or not; ENTRY_NONE if the slot is free */
        uint32_t head;  /* the earliest that is not paired; ENTRY_NONE if all are */
        uint32_t tail;
};

/* An open hash table over one list. */
struct table {
        const struct entries *entries;
        const struct hash_seed *seed;
        struct slot *slots;
        uint32_t mask;  /* number of slots - 1 */
        uint32_t *next; /* [i]: the one after the i-th in its slot */
};

static void table_deinit(struct table *table)
{
        free(table->slots);
        free(table->next);
}

/* The slot of that name in that parent, which may be free. */
static struct slot *find_slot(const struct table *table, const char *name, uint32_t parent)
{
        uint64_t hash = hash_string(table->seed, name, strlen(name)) + parent * UINT64_C(0x9e3779b97f4a7c15);
        uint32_t i = (uint32_t)(hash >> 32) & table->mask;

        for (;; i = (i + 1) & table->mask) {
                struct slot *slot = &table->slots[i];
                const struct entry *entry;

                if (slot->first == ENTRY_NONE)
                        return slot;
                entry = &table->entries->list[slot->first];
                if (entry->parent == parent && string_equal(entry->name, name))
                        return slot;
        }
}

static int table_init(struct table *table, const struct entries *entries, const struct hash_seed *seed)
{
        table->entries = entries;
        table->seed = seed;
        table->mask = 1;
        while (table->mask / 2 < entries->n)
                table->mask = table->mask * 2 + 1;
        table->slots = malloc(((size_t)table->mask + 1) * sizeof(*table->slots));
        table->next = malloc((entries->n + (size_t)1) * sizeof(*table->next));
        if (!table->slots || !table->next)
                return -ENOMEM;
        for (uint32_t i = 0; i <= table->mask; i++)
                table->slots[i].first = ENTRY_NONE;
        for (uint32_t i = 0; i < entries->n; i++) {
                struct slot *slot = find_slot(table, entries->list[i].name, entries->list[i].parent);

                table->next[i] = ENTRY_NONE;
                if (slot->first == ENTRY_NONE)
                        *slot = (struct slot){i, i, i};
                else
                        table->next[slot->tail] = i;
                slot->tail = i;
        }
        return 0;
}

static void pair(struct entries_pairs *pairs, uint32_t i_a, uint32_t i_b)
{
        pairs->of_a[i_a] = i_b;
        pairs->of_b[i_b] = i_a;
}

static void pair_by_path(struct entries_pairs *pairs, const struct entries *a, const struct table *b)
{
        for (uint32_t i = 0; i < a->n; i++) {
                const struct entry *entry = &a->list[i];
                uint32_t parent = entry->parent == ENTRY_NONE ? ENTRY_NONE : pairs->of_a[entry->parent];
                struct slot *slot;

                if (entry->name[0] == '\0' || (entry->parent != ENTRY_NONE && parent == ENTRY_NONE))
                        continue;
                slot = find_slot(b, entry->name, parent);
                if (slot->first == ENTRY_NONE || slot->head == ENTRY_NONE)
                        continue;
                pair(pairs, i, slot->head);
                slot->head = b->next[slot->head];
        }
}

static void pair_by_position(struct entries_pairs *pairs, const struct entries *a, const struct entries *b)
{
        for (uint32_t i = 0; i < a->n && i < b->n; i++) {
                bool are_unnamed = a->list[i].name[0] == '\0' && b->list[i].name[0] == '\0';

                if (pairs->of_a[i] != ENTRY_NONE || pairs->of_b[i] != ENTRY_NONE)
                        continue;
                if (are_unnamed || (a->of == ENTRIES_OF_PARAMS &&
                                    type_name_equal(a->btf, a->list[i].type, b->btf, b->list[i].type)))
                        pair(pairs, i, i);
        }
}

void entries_pairs_deinit(struct entries_pairs *pairs)
{
        free(pairs->of_a);
        free(pairs->of_b);
        *pairs = (struct entries_pairs){0};
}

/* All without a counterpart. */
static int pairs_init(struct entries_pairs *pairs, uint32_t n_a, uint32_t n_b)
{
        pairs->of_a = malloc((n_a + (size_t)1) * sizeof(*pairs->of_a));
        pairs->of_b = malloc((n_b + (size_t)1) * sizeof(*pairs->of_b));
        if (!pairs->of_a || !pairs->of_b)
                return -ENOMEM;
        for (uint32_t i = 0; i < n_a; i++)
                pairs->of_a[i] = ENTRY_NONE;
        for (uint32_t i = 0; i < n_b; i++)
                pairs->of_b[i] = ENTRY_NONE;
        return 0;
}

int entries_pair(struct entries_pairs *ret, const struct entries *a, const struct entries *b,
                 const struct hash_seed *seed)
{
        CLEANUP(entries_pairs_deinit) struct entries_pairs pairs = {0};
        CLEANUP(table_deinit) struct table table = {0};
        int r;

        r = pairs_init(&pairs, a->n, b->n);
        if (r == 0)
                r = table_init(&table, b, seed);
        if (r < 0)
                return r;
        pair_by_path(&pairs, a, &table);
        pair_by_position(&pairs, a, b);
        *ret = pairs;
        pairs = (struct entries_pairs){0};
        return 0;
}
