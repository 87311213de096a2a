/*
 * btf_new(): from untrusted bytes to a validated `struct btf`.
 *
 * The header and its sections first (header.c), then two passes over the records: one that finds where each begins and
 * of which kind it is, and one that checks every word of every record (record.c). What needs to follow ids further
 * comes last (validate.c).
 */
#include <assert.h>
#include <byteswap.h>
#include <errno.h>
#include <inttypes.h>

#include "btf/align.h"
#include "btf/check.h"
#include "btf/cursor.h"
#include "btf/header.h"
#include "btf/kernel_rules.h"
#include "btf/record.h"
#include "btf/validate.h"
#include "util/memory.h"

/* Ids of a base and of what continues it must fit the 24 bits that the name index has for one. */
static_assert(2 * (BTF_MAX_SIZE / BTF_RECORD_LENGTH) < 1U << 24, "ids have 24 bits");

/* Every word of the type section is a u32, so that foreign bytes need no knowledge of kinds to be swapped. */
static int swap_types(struct btf *btf, size_t begin, size_t length)
{
        uint8_t *copy;

        copy = memory_new(btf->size);
        if (!copy)
                return -ENOMEM;
        memcpy(copy, btf->data, btf->size);
        for (size_t at = begin; at + 4 <= begin + length; at += 4) {
                uint32_t word = bswap_32(btf_load_u32(btf, at));

                memcpy(copy + at, &word, sizeof(word));
        }
        btf->swapped = copy;
        btf->data = copy;
        return 0;
}

/* Bytes of tail of a kind that is not ours, as the layout section tells; false if it does not. */
static bool layout_tail(const struct btf *btf, uint32_t info, uint64_t *ret)
{
        const struct btf *owner = btf->layout_length > 0 || !btf->base ? btf : btf->base;
        uint64_t at = (uint64_t)BTF_INFO_KIND(info) * BTF_LAYOUT_LENGTH;
        const uint8_t *entry = owner->data + owner->layout + at;

        if (BTF_INFO_KIND(info) == BTF_KIND_VOID || at >= owner->layout_length)
                return false;
        *ret = entry[BTF_LAYOUT_INFO_SZ] + (uint64_t)entry[BTF_LAYOUT_ELEM_SZ] * BTF_INFO_VLEN(info);
        return true;
}

/* A record's kind as it is kept, and the bytes of its tail; false if the kind's length is unknown. */
static bool record_shape(const struct btf *btf, uint32_t info, enum btf_kind *ret_kind, uint64_t *ret_tail)
{
        static const struct {
                bool known;
                uint8_t once;
                uint8_t per_vlen;
        } tails[] = {
#define X(id, name, value, tail, tail_per_vlen) [value] = {true, tail, tail_per_vlen},
                BTF_KINDS(X)
#undef X
        };
        uint32_t kind = BTF_INFO_KIND(info);

        *ret_kind = BTF_KIND_OPAQUE;
        if (kind >= ARRAY_LENGTH(tails) || !tails[kind].known)
                return layout_tail(btf, info, ret_tail);
        *ret_kind = (enum btf_kind)kind;
        *ret_tail = tails[kind].once + (uint64_t)tails[kind].per_vlen * BTF_INFO_VLEN(info);
        return true;
}

/* Words are words, also in a tail that we know nothing more of. */
static int check_layout(const struct btf *btf, struct btf_error *error)
{
        for (uint32_t at = 0; at < btf->layout_length; at += BTF_LAYOUT_LENGTH) {
                const uint8_t *entry = btf->data + btf->layout + at;

                for (uint32_t i = BTF_LAYOUT_INFO_SZ; i <= BTF_LAYOUT_ELEM_SZ; i++) {
                        if (entry[i] % 4 != 0)
                                return btf_error_set(
                                        error, BTF_ERROR_BAD_LAYOUT, btf->layout + at + i,
                                        "%u bytes %s of kind %" PRIu32 ", expected a multiple of 4", entry[i],
                                        i == BTF_LAYOUT_INFO_SZ ? "behind a record" : "an entry",
                                        at / BTF_LAYOUT_LENGTH);
                }
        }
        return 0;
}

static int unknown_kind(const struct btf *btf, uint32_t id, uint32_t info, size_t at, struct btf_error *error)
{
        const struct btf *owner = btf->layout_length > 0 || !btf->base ? btf : btf->base;

        return btf_error_set(error, BTF_ERROR_UNKNOWN_KIND, at,
                             "type %" PRIu32 " has kind %" PRIu32 ", expected 1 to %u%s", id,
                             BTF_INFO_KIND(info), BTF_KIND_ENUM64,
                             owner->layout_length > 0 ? " or one that the layout section tells the length of"
                                                      : ": there is no layout section to tell its length");
}

/*
 * Finds where each record begins and what it is. There is room for as many as the section could hold if it
 * were made of the shortest ones, and what is not needed is given back.
 */
static int find_records(struct btf *btf, struct btf_cursor cursor, struct btf_error *error)
{
        size_t n_max = btf_cursor_left(&cursor) / BTF_RECORD_LENGTH;
        uint32_t n_records = 0;
        uint32_t *cut;

        btf->types = cursor.position;
        btf->records = memory_new((n_max + 1) * sizeof(*btf->records));
        if (!btf->records)
                return -ENOMEM;
        if (!btf->base)
                btf->records[n_records++] = BTF_KIND_VOID;
        while (btf_cursor_left(&cursor) > 0) {
                size_t begin = cursor.position;
                uint32_t id = btf->start_id + n_records;
                uint32_t info = 0;
                uint64_t tail = 0;
                enum btf_kind kind = BTF_KIND_VOID;
                bool complete;

                complete = btf_cursor_skip(&cursor, 4) && btf_cursor_u32(&cursor, &info) &&
                           btf_cursor_skip(&cursor, 4);
                if (complete && !record_shape(btf, info, &kind, &tail))
                        return unknown_kind(btf, id, info, begin + BTF_RECORD_INFO, error);
                if (!complete || !btf_cursor_skip(&cursor, tail))
                        return btf_error_set(error, BTF_ERROR_BAD_RECORD, begin,
                                             "type %" PRIu32 " needs %" PRIu64
                                             " bytes, but the type section ends after %zu",
                                             id, BTF_RECORD_LENGTH + tail, cursor.end - begin);
                btf->records[n_records++] =
                        (uint32_t)((begin - btf->types) / 4) << BTF_RECORD_KIND_BITS | kind;
                if (kind == BTF_KIND_DATASEC) {
                        btf->sections_begin = btf->sections_begin > 0 ? btf->sections_begin : id;
                        btf->sections_end = id + 1;
                }
        }
        btf->n_types = btf->start_id + n_records;
        cut = realloc(btf->records, (n_records > 0 ? n_records : 1) * sizeof(*btf->records));
        if (cut)
                btf->records = cut;
        return 0;
}

/* Places the file's ids and name offsets behind the base's. */
static int place(struct btf *btf, const struct btf_header *header, struct btf_error *error)
{
        const struct btf *base = btf->base;

        btf->big_endian = btf_host_is_big_endian() != header->swap;
        btf->pointer_size = sizeof(void *); /* until a `long` says otherwise */
        btf->strings_end = header->strings.length;
        if (!base)
                return 0;
        if (btf->big_endian != base->big_endian)
                return btf_error_set(
                        error, BTF_ERROR_OTHER_ENDIAN, 0,
                        "%s-endian on a %s-endian base: ids of another kernel's types mean nothing",
                        btf->big_endian ? "big" : "little", base->big_endian ? "big" : "little");
        btf->pointer_size = base->pointer_size;
        btf->legacy_bitfields = base->legacy_bitfields;
        btf->start_id = base->n_types;
        btf->strings_start = base->strings_end;
        btf->strings_end += base->strings_end;
        return 0;
}

static int parse_types(struct btf *btf, const struct btf_header *header, struct btf_report *report)
{
        size_t begin = btf_section_begin(header, &header->types);
        int r;

        r = check_layout(btf, &report->error);
        if (r == 0)
                r = find_records(
                        btf, btf_cursor(btf->data, begin, begin + header->types.length, /* swap= */ false),
                        &report->error);
        /* Without knowing where records begin there is nothing more to find. */
        if (r != 0)
                return r;
        for (uint32_t id = btf->base ? btf->start_id : 1; r == 0 && id < btf->n_types; id++) {
                struct btf_type type = btf_type(btf, id);

                r = btf_record_check(btf, &type, report);
        }
        return r;
}

/* Everything that loading and checking have in common. Returns as btf_report_add() does. */
static int parse(struct btf **ret, const uint8_t *data, size_t size, const struct btf *base,
                 struct btf_report *report)
{
        CLEANUP(btf_cleanup) struct btf *btf = NULL;
        struct btf_header header;
        int r;

        assert(!base || !base->base);
        if (size > BTF_MAX_SIZE)
                return btf_error_set(&report->error, BTF_ERROR_TOO_LARGE, BTF_MAX_SIZE,
                                     "the file has %zu bytes, expected at most %u", size, BTF_MAX_SIZE);
        r = btf_header_parse(&header, data, size, /* is_split= */ base != NULL, &report->error);
        if (r != 0)
                return r;
        btf = calloc(1, sizeof(*btf));
        if (!btf)
                return -ENOMEM;
        btf->base = base;
        btf->data = data;
        btf->size = size;
        btf->layout = btf_section_begin(&header, &header.layout);
        btf->layout_length = header.layout.length;
        r = place(btf, &header, &report->error);
        if (r != 0)
                return r;
        if (header.swap) {
                r = swap_types(btf, btf_section_begin(&header, &header.types), header.types.length);
                if (r < 0)
                        return r;
        }
        btf->strings = (const char *)btf->data + btf_section_begin(&header, &header.strings);

        r = parse_types(btf, &header, report);
        if (r != 0 || report->n_errors > 0)
                return r;
        btf->depths = memory_new_zeroed(2 * ((size_t)btf->n_types - btf->start_id), sizeof(*btf->depths));
        if (!btf->depths && btf->n_types > btf->start_id)
                return -ENOMEM;
        r = btf_validate(btf, report);
        if (r != 0 || report->n_errors > 0)
                return r;
        /* Only a base is asked how deep its types nest. */
        if (base) {
                free(btf->depths);
                btf->depths = NULL;
        }
        btf->wide_align = base ? base->wide_align : btf_infer_wide_align(btf);
        *ret = STEAL(btf);
        return 0;
}

int btf_new(struct btf **ret, const uint8_t *data, size_t size, const struct btf *base,
            struct btf_error *ret_error)
{
        struct btf_report report = {0};
        int r;

        r = parse(ret, data, size, base, &report);
        if (r > 0)
                *ret_error = report.error;
        return r;
}

int btf_check(struct btf **ret, const uint8_t *data, size_t size, const struct btf *base, btf_finding *found,
              void *context)
{
        struct btf_report report = {.found = found, .context = context};
        CLEANUP(btf_cleanup) struct btf *btf = NULL;
        int r;

        r = parse(&btf, data, size, base, &report);
        if (r > 0) /* what left nothing more to look at */
                found(context, BTF_SEVERITY_ERROR, &report.error);
        if (r != 0)
                return r;
        if (report.n_errors > 0)
                return 1;
        r = btf_check_kernel_rules(btf, &report);
        if (r == 0)
                *ret = STEAL(btf);
        return r;
}

struct btf *btf_free(struct btf *btf)
{
        if (!btf)
                return NULL;
        free(btf->records);
        free(btf->depths);
        free(btf->stripped);
        free(btf->swapped);
        free(btf);
        return NULL;
}
