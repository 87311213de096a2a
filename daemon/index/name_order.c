/*
 * The order is made by sorting eight bytes of each name at a time, held beside the entry as one number: the first eight
 * of all, then the next eight of those that share them, and so on. Nearly all comparisons are of two numbers then, and
 * nobody can choose names that take more than their own length, or an order of them that takes longer than another.
 */
#include "index/name_order.h"

#include <assert.h>
#include <errno.h>

#include "util/memory.h"

/* Bytes of a name that are compared at once. */
#define KEY_BYTES 8U

/* Steps of KEY_BYTES through the longest name, then one that finds its end, then one by entry. */
#define MAX_DEPTH (BTF_MAX_STRING / KEY_BYTES + 2)

/* Fewer are sorted by insertion. */
#define SMALL_RUN 16U

static_assert(MODULE_INDEX_MAX_SOURCES <= UINT64_C(1) << (64 - NAME_ORDER_SOURCE_SHIFT),
              "a source's position must fit an entry");
static_assert(BTF_MAX_SIZE / BTF_RECORD_LENGTH < 1U << NAME_ORDER_OWN_BITS, "a file's id must fit an entry");
static_assert(2 * BTF_MAX_SIZE <= 1U << NAME_ORDER_STRING_BITS, "a name's offset must fit an entry");

struct item {
        uint64_t key; /* the bytes of the name that are being compared, the first one most significant */
        uint64_t entry;
};

struct build {
        struct source *const *sources;
        struct item *items;
        struct item *spare; /* room for half of them */
        size_t n_items;
        const struct stop *stop;
};

static const char *entry_name(struct source *const *sources, uint64_t entry)
{
        uint32_t offset = entry & ((1U << NAME_ORDER_STRING_BITS) - 1);

        return btf_string(sources[entry >> NAME_ORDER_SOURCE_SHIFT]->btf, offset);
}

/* Code and data: one is not another because it is called the same. */
static bool is_of_its_source(enum btf_kind kind)
{
        return kind == BTF_KIND_FUNC || kind == BTF_KIND_VAR || kind == BTF_KIND_DATASEC;
}

static void add(struct build *build, size_t i_source, uint32_t id, bool is_copy)
{
        const struct btf *btf = build->sources[i_source]->btf;
        struct btf_type type = btf_type(btf, id);

        build->items[build->n_items++].entry = (uint64_t)i_source << NAME_ORDER_SOURCE_SHIFT |
                                               (uint64_t)(id - btf->start_id) << NAME_ORDER_OWN_SHIFT |
                                               (is_copy ? NAME_ORDER_COPY : 0) | type.name_offset;
}

static uint32_t first_id(const struct btf *btf)
{
        return btf->base ? btf->start_id : 1;
}

/* Adds what a source holds, everything or only what is its own whatever others have; only counts without `items`. */
static size_t add_source(struct build *build, size_t i_source, bool only_of_its_source)
{
        const struct btf *btf = build->sources[i_source]->btf;
        size_t n = 0;

        for (uint32_t id = first_id(btf); id < btf->n_types; id++) {
                if ((only_of_its_source && !is_of_its_source(btf_kind(btf, id))) || !name_index_name(btf, id))
                        continue;
                if (build->items)
                        add(build, i_source, id, /* is_copy= */ false);
                n++;
        }
        return n;
}

static void add_modules(struct build *build, const struct module_index *modules)
{
        for (uint32_t i = 0; i < modules->n_entries; i++) {
                struct module_entry entry = module_index_entry(modules, i);

                if (!is_of_its_source(btf_kind(build->sources[entry.i_source]->btf, entry.id)))
                        add(build, entry.i_source, entry.id, entry.is_copy);
        }
}

/* Reads the next bytes of the names of items that share those before; what shares all goes by entry. */
static void load_keys(struct build *build, size_t begin, size_t end, uint32_t depth)
{
        for (size_t i = begin; i < end; i++) {
                struct item *item = &build->items[i];
                bool has_ended = depth > 0 && (item->key & 0xff) == 0;
                const char *name = entry_name(build->sources, item->entry) + (size_t)depth * KEY_BYTES;
                uint64_t key = 0;

                for (uint32_t j = 0; j < KEY_BYTES && !has_ended; j++) {
                        key = key << 8 | (unsigned char)name[j];
                        if (name[j] == '\0') {
                                key <<= 8 * (KEY_BYTES - 1 - j);
                                break;
                        }
                }
                item->key = has_ended ? item->entry : key;
        }
}

static void sort_small(struct item *items, size_t n_items)
{
        for (size_t i = 1; i < n_items; i++) {
                struct item item = items[i];
                size_t j = i;

                for (; j > 0 && items[j - 1].key > item.key; j--)
                        items[j] = items[j - 1];
                items[j] = item;
        }
}

/* Merges the two sorted halves of `items`, the first of which has n_left. */
static void merge(struct item *items, size_t n_left, size_t n_items, struct item *spare)
{
        size_t left = 0, right = n_left, out = 0;

        if (items[n_left - 1].key <= items[n_left].key)
                return;
        memcpy(spare, items, n_left * sizeof(*items));
        while (left < n_left) {
                if (right < n_items && items[right].key < spare[left].key)
                        items[out++] = items[right++];
                else
                        items[out++] = spare[left++];
        }
}

/* Returns 0 or NAME_ORDER_STOPPED. */
static int sort_run(struct build *build, size_t begin, size_t end)
{
        struct item *items = build->items + begin;
        size_t n_items = end - begin;

        for (size_t i = 0; i < n_items; i += SMALL_RUN)
                sort_small(items + i, n_items - i < SMALL_RUN ? n_items - i : SMALL_RUN);
        for (size_t width = SMALL_RUN; width < n_items; width *= 2) {
                if (stop_requested(build->stop))
                        return NAME_ORDER_STOPPED;
                for (size_t i = 0; i + width < n_items; i += 2 * width)
                        merge(items + i, width, n_items - i < 2 * width ? n_items - i : 2 * width,
                              build->spare);
        }
        return 0;
}

/* Items of which all keys so far are equal: where those that are not sorted by the next one yet begin and end. */
struct run {
        size_t begin, end;
};

static int sort_names(struct build *build)
{
        struct run runs[MAX_DEPTH + 1] = {{0, build->n_items}};
        uint32_t depth = 0;
        int r;

        load_keys(build, 0, build->n_items, depth);
        r = sort_run(build, 0, build->n_items);
        while (r == 0) {
                struct run *run = &runs[depth];
                struct run next = {run->begin, run->begin};

                while (next.end < run->end && build->items[next.end].key == build->items[next.begin].key)
                        next.end++;
                run->begin = next.end;
                if (next.end - next.begin > 1) {
                        runs[++depth] = next;
                        load_keys(build, next.begin, next.end, depth);
                        r = stop_requested(build->stop) ? NAME_ORDER_STOPPED
                                                        : sort_run(build, next.begin, next.end);
                } else if (next.end == run->end && depth-- == 0) {
                        return 0;
                }
        }
        return r;
}

/* Marks what vmlinux says twice, which can only be among neighbours. */
static void mark_copies(struct name_order *order)
{
        for (uint32_t i = 1; i < order->n_entries; i++) {
                const struct source *source = name_order_source(order, i);
                uint32_t id = name_order_id(order, i);

                if (!source->base && source == name_order_source(order, i - 1) &&
                    !is_of_its_source(btf_kind(source->btf, id)) &&
                    string_equal(name_order_name(order, i), name_order_name(order, i - 1)) &&
                    name_index_is_copy(&source->names, id))
                        order->entries[i] |= NAME_ORDER_COPY;
        }
}

static int settle(struct name_order *order, const struct build *build)
{
        struct name_order settled = {.sources = build->sources, .n_entries = (uint32_t)build->n_items};

        settled.entries = memory_new((build->n_items + 1) * sizeof(*settled.entries));
        if (!settled.entries)
                return -ENOMEM;
        for (size_t i = 0; i < build->n_items; i++)
                settled.entries[i] = build->items[i].entry;
        *order = settled;
        return 0;
}

static int allocate(struct build *build, size_t n_items)
{
        build->items = memory_new((n_items + 1) * sizeof(*build->items));
        build->spare = memory_new((n_items / 2 + 1) * 2 * sizeof(*build->spare));
        return build->items && build->spare ? 0 : -ENOMEM;
}

static void build_deinit(struct build *build)
{
        free(build->items);
        free(build->spare);
}

int name_order_init(struct name_order *order, struct source *const *sources, size_t n_sources,
                    const struct module_index *modules, const struct stop *stop)
{
        CLEANUP(build_deinit) struct build build = {.sources = sources, .stop = stop};
        size_t n_items = modules->n_entries;
        int r;

        for (size_t i = 0; i < n_sources; i++)
                n_items += add_source(&build, i, /* only_of_its_source= */ i > 0);
        r = allocate(&build, n_items);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n_sources; i++)
                add_source(&build, i, /* only_of_its_source= */ i > 0);
        add_modules(&build, modules);
        r = sort_names(&build);
        if (r == 0)
                r = settle(order, &build);
        if (r == 0)
                mark_copies(order);
        return r;
}

int name_order_init_source(struct name_order *order, struct source *const *source, const struct stop *stop)
{
        CLEANUP(build_deinit) struct build build = {.sources = source, .stop = stop};
        int r;

        r = allocate(&build, add_source(&build, 0, /* only_of_its_source= */ false));
        if (r < 0)
                return r;
        add_source(&build, 0, /* only_of_its_source= */ false);
        r = sort_names(&build);
        return r == 0 ? settle(order, &build) : r;
}

void name_order_deinit(struct name_order *order)
{
        free(order->entries);
        *order = (struct name_order){0};
}

uint32_t name_order_begin(const struct name_order *order, const char *prefix, size_t length)
{
        uint32_t begin = 0, end = order->n_entries;

        while (begin < end) {
                uint32_t middle = begin + (end - begin) / 2;

                if (strncmp(name_order_name(order, middle), prefix, length) < 0)
                        begin = middle + 1;
                else
                        end = middle;
        }
        return begin;
}

uint32_t name_order_end(const struct name_order *order, const char *prefix, size_t length)
{
        uint32_t begin = 0, end = order->n_entries;

        while (begin < end) {
                uint32_t middle = begin + (end - begin) / 2;

                if (strncmp(name_order_name(order, middle), prefix, length) <= 0)
                        begin = middle + 1;
                else
                        end = middle;
        }
        return begin;
}

/* Below, at or above 0 as the entry is before, at or behind the place. */
static int compare(const struct name_order *order, uint32_t i, const char *name, const char *source,
                   uint32_t id)
{
        const char *vmlinux = order->sources[0]->name, *own = name_order_source(order, i)->name;
        int difference = strcmp(name_order_name(order, i), name);

        if (difference != 0)
                return difference;
        difference = strcmp(own, source);
        if (difference != 0)
                return string_equal(own, vmlinux) ? -1 : string_equal(source, vmlinux) ? 1 : difference;
        return name_order_id(order, i) < id ? -1 : name_order_id(order, i) > id;
}

uint32_t name_order_after(const struct name_order *order, const char *name, const char *source, uint32_t id)
{
        uint32_t begin = 0, end = order->n_entries;

        while (begin < end) {
                uint32_t middle = begin + (end - begin) / 2;

                if (compare(order, middle, name, source, id) <= 0)
                        begin = middle + 1;
                else
                        end = middle;
        }
        return begin;
}
