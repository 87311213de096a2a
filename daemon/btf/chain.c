#include "btf/chain.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

#include "util/memory.h"

/* Lengths as they are kept, so that no chain is followed beyond where it meets another. */
enum {
        LENGTH_UNKNOWN = 0,
        LENGTH_TOO_LONG = BTF_MAX_CHAIN + 1, /* or without an end */
};

static_assert(LENGTH_TOO_LONG <= UINT8_MAX, "lengths have 8 bits");

/* What no id is. */
#define STRIPPED_UNKNOWN UINT32_MAX

static uint8_t *length_of(const struct btf *btf, uint32_t id)
{
        const struct btf *owner = btf_owner(btf, id);

        return &owner->depths[id - owner->start_id];
}

/* All types of a ring have been reported with one of them. */
static void mark_ring(const struct btf *btf, uint32_t start)
{
        uint32_t id = start;

        do {
                *length_of(btf, id) = LENGTH_TOO_LONG;
                id = btf_target(btf, id);
        } while (id != start);
}

static int check_chain(const struct btf *btf, uint32_t start, struct btf_error *error)
{
        const char *kind = btf_kind_name(btf_kind(btf, start));
        size_t at = btf_record(btf, start) + BTF_RECORD_TYPE;
        uint32_t id = start;
        uint32_t length = 0;

        while (length <= BTF_MAX_CHAIN && btf_kind_is_modifier(btf_kind(btf, id))) {
                if (*length_of(btf, id) != LENGTH_UNKNOWN) {
                        length += *length_of(btf, id);
                        break;
                }
                id = btf_target(btf, id);
                length++;
                if (id == start) {
                        mark_ring(btf, start);
                        return btf_error_set(error, BTF_ERROR_LOOP, at,
                                             "%s %" PRIu32 " refers to itself through %" PRIu32 " modifiers",
                                             kind, start, length);
                }
        }
        *length_of(btf, start) = (uint8_t)(length <= BTF_MAX_CHAIN ? length : LENGTH_TOO_LONG);
        if (length <= BTF_MAX_CHAIN)
                return 0;
        return btf_error_set(error, BTF_ERROR_TOO_DEEP, at,
                             "%s %" PRIu32 " leads through more than %u modifiers", kind, start,
                             BTF_MAX_CHAIN);
}

/* Keeps what each modifier leads to, and of what is none itself, so that no way is gone twice. */
static int keep_stripped(struct btf *btf)
{
        uint32_t first = btf->start_id;
        uint32_t *stripped = memory_new(((size_t)btf->n_types - first) * sizeof(*stripped));

        if (!stripped)
                return -ENOMEM;
        for (uint32_t id = first; id < btf->n_types; id++)
                stripped[id - first] = btf_kind_is_modifier(btf_kind(btf, id)) ? STRIPPED_UNKNOWN : id;
        for (uint32_t start = first; start < btf->n_types; start++) {
                uint32_t id = start;

                while (id >= first && stripped[id - first] == STRIPPED_UNKNOWN)
                        id = btf_target(btf, id);
                stripped[start - first] = id < first ? btf_strip_id(btf->base, id) : stripped[id - first];
        }
        btf->stripped = stripped;
        return 0;
}

int btf_check_chains(struct btf *btf, struct btf_report *report)
{
        uint8_t longest = 0;
        int r = 0;

        for (uint32_t id = btf->start_id; id < btf->n_types && r == 0; id++) {
                if (!btf_kind_is_modifier(btf_kind(btf, id)))
                        continue;
                if (*length_of(btf, id) == LENGTH_UNKNOWN)
                        r = btf_report_add(report, check_chain(btf, id, &report->error));
                if (*length_of(btf, id) > longest)
                        longest = *length_of(btf, id);
        }
        if (r == 0 && report->n_errors == 0 && longest > BTF_SHORT_CHAIN)
                r = keep_stripped(btf);
        return r;
}
