#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct layout {
        struct btfd_layout layout;
        json_t *result;
};

struct btfd_layout *btfd_layout_free(struct btfd_layout *layout)
{
        struct layout *whole = (struct layout *)layout;

        if (!layout)
                return NULL;
        /* The arrays are ours, though the public object shows them as constant. */
        free((void *)(uintptr_t)layout->also);
        free((void *)(uintptr_t)layout->members);
        free((void *)(uintptr_t)layout->holes);
        free((void *)(uintptr_t)layout->nested);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

static int decode_members(const json_t *result, struct btfd_layout *layout)
{
        const json_t *array = decode_array(result, "members", &layout->n_members);
        struct btfd_layout_member *members = calloc(layout->n_members + 1, sizeof(*members));
        bool is_complete = true;

        if (!members)
                return -ENOMEM;
        for (size_t i = 0; i < layout->n_members; i++) {
                const json_t *member = json_array_get(array, i);

                members[i] = (struct btfd_layout_member){
                        .path = decode_string(member, "path"),
                        .offset = decode_uint(member, "offset"),
                        .cacheline = decode_uint_or_0(member, "cacheline"),
                        .straddles = decode_flag(member, "straddles"),
                        .value = decode_value(member),
                };
                is_complete = is_complete && members[i].path && members[i].value.type;
        }
        layout->members = members;
        return is_complete ? 0 : -EBADMSG;
}

static int decode_holes(const json_t *result, struct btfd_layout *layout)
{
        const json_t *array = decode_array(result, "holes", &layout->n_holes);
        struct btfd_layout_hole *holes = calloc(layout->n_holes + 1, sizeof(*holes));

        if (!holes)
                return -ENOMEM;
        for (size_t i = 0; i < layout->n_holes; i++) {
                const json_t *hole = json_array_get(array, i);

                holes[i] = (struct btfd_layout_hole){
                        .gap = decode_gap(hole),
                        .in = decode_string(hole, "in"),
                        .nested = decode_uint(hole, "nested"),
                        .forced = decode_flag(hole, "forced"),
                };
        }
        layout->holes = holes;
        return 0;
}

static int decode_nested(const json_t *result, struct btfd_layout *layout)
{
        const json_t *array = decode_array(result, "nested", &layout->n_nested);
        struct btfd_layout_nested *nested = calloc(layout->n_nested + 1, sizeof(*nested));
        bool is_complete = true;

        if (!nested)
                return -ENOMEM;
        for (size_t i = 0; i < layout->n_nested; i++) {
                const json_t *one = json_array_get(array, i);

                nested[i] = (struct btfd_layout_nested){
                        .kind = decode_string(one, "kind"),
                        .path = decode_string(one, "path"),
                        .type = decode_string(one, "type"),
                        .nested = decode_uint(one, "nested"),
                        .offset = decode_uint(one, "offset"),
                        .size = decode_uint(one, "size"),
                        .natural_align = decode_uint(one, "natural_align"),
                        .first = decode_uint(one, "first"),
                        .n_members = decode_uint(one, "members"),
                        .padding = decode_uint_or_0(one, "padding"),
                        .bit_padding = decode_uint_or_0(one, "bit_padding"),
                        .padding_forced = decode_flag(one, "padding_forced"),
                        .packed = decode_flag(one, "packed"),
                };
                is_complete = is_complete && nested[i].kind && nested[i].type;
        }
        layout->nested = nested;
        return is_complete ? 0 : -EBADMSG;
}

static int decode_layout(const json_t *result, struct btfd_layout **ret)
{
        struct layout *whole;
        struct btfd_layout *layout;
        int r;

        if (!decode_string(result, "kind") || !decode_string(result, "source"))
                return -EBADMSG;
        whole = calloc(1, sizeof(*whole));
        if (!whole)
                return -ENOMEM;
        layout = &whole->layout;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        *layout = (struct btfd_layout){
                .generation = decode_uint(result, "generation"),
                .source = decode_string(result, "source"),
                .kind = decode_string(result, "kind"),
                .name = decode_string(result, "name"),
                .type = decode_string(result, "type"),
                .size = decode_uint(result, "size"),
                .natural_align = decode_uint(result, "natural_align"),
                .cacheline = decode_uint(result, "cacheline"),
                .cachelines = decode_uint(result, "cachelines"),
                .padding = decode_uint_or_0(result, "padding"),
                .bit_padding = decode_uint_or_0(result, "bit_padding"),
                .padding_forced = decode_flag(result, "padding_forced"),
                .packed = decode_flag(result, "packed"),
        };
        r = decode_members(result, layout);
        if (r == 0)
                r = decode_holes(result, layout);
        if (r == 0)
                r = decode_nested(result, layout);
        if (r == 0)
                r = decode_candidates(result, "also", &layout->also, &layout->n_also);
        if (r < 0) {
                btfd_layout_free(layout);
                return r;
        }
        *ret = layout;
        return 0;
}

int btfd_type_layout(struct btfd_client *client, const char *type, unsigned int expand,
                     unsigned int cacheline, const struct btfd_selector *selector, struct btfd_layout **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "type.layout");
        json_write_object_begin(&client->request);
        client_write_selector(&client->request, type, selector);
        if (expand > 0)
                client_write_number(&client->request, "expand", expand);
        if (cacheline > 0)
                client_write_number(&client->request, "cacheline", cacheline);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_layout(result, ret)) : r;
}
