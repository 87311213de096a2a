#include "index/tags.h"

#include <errno.h>

static int compare_entries(const void *a, const void *b)
{
        const struct tag_entry *left = a, *right = b;

        if (left->target != right->target)
                return left->target < right->target ? -1 : 1;
        return (left->tag > right->tag) - (left->tag < right->tag);
}

int tags_init(struct tags *tags, const struct btf *btf)
{
        uint32_t first = btf->base ? btf->start_id : 1;
        struct tags built = {0};
        size_t n = 0;

        for (uint32_t id = first; id < btf->n_types; id++)
                n += btf_kind(btf, id) == BTF_KIND_DECL_TAG;
        if (n > 0) {
                built.entries = calloc(n, sizeof(*built.entries));
                if (!built.entries)
                        return -ENOMEM;
        }
        for (uint32_t id = first; built.n_entries < n; id++) {
                if (btf_kind(btf, id) == BTF_KIND_DECL_TAG)
                        built.entries[built.n_entries++] = (struct tag_entry){btf_target(btf, id), id};
        }
        if (n > 0)
                qsort(built.entries, n, sizeof(*built.entries), compare_entries);
        *tags = built;
        return 0;
}

void tags_deinit(struct tags *tags)
{
        free(tags->entries);
        *tags = (struct tags){0};
}

const struct tag_entry *tags_of(const struct tags *tags, uint32_t target, size_t *ret_n)
{
        size_t begin = 0, end = tags->n_entries;

        while (begin < end) {
                size_t middle = begin + (end - begin) / 2;

                if (tags->entries[middle].target < target)
                        begin = middle + 1;
                else
                        end = middle;
        }
        for (end = begin; end < tags->n_entries && tags->entries[end].target == target;)
                end++;
        *ret_n = end - begin;
        return tags->entries ? tags->entries + begin : NULL;
}

bool tags_have(const struct tags *tags, const struct btf *btf, uint32_t target, const char *value)
{
        size_t n;
        const struct tag_entry *entries = tags_of(tags, target, &n);

        for (size_t i = 0; i < n; i++) {
                if (tag_component(btf, entries[i].tag) == -1 &&
                    string_equal(btf_name_of(btf, entries[i].tag), value))
                        return true;
        }
        return false;
}
