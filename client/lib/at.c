#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct at {
        struct btfd_at at;
        json_t *result;
        struct btfd_level *levels; /* of all alternatives, one after the other */
};

struct btfd_at *btfd_at_free(struct btfd_at *at)
{
        struct at *whole = (struct at *)at;

        if (!at)
                return NULL;
        free((void *)(uintptr_t)at->also);
        free((void *)(uintptr_t)at->alternatives);
        free(whole->levels);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

static bool decode_levels(const json_t *array, struct btfd_level *ret, size_t n_levels)
{
        bool is_complete = true;

        for (size_t i = 0; i < n_levels; i++) {
                const json_t *level = json_array_get(array, i);

                ret[i] = (struct btfd_level){
                        .path = decode_string(level, "path"),
                        .offset = decode_uint(level, "offset"),
                        .value = decode_value(level),
                };
                is_complete = is_complete && ret[i].path && ret[i].value.type;
        }
        return is_complete;
}

static struct btfd_alternative decode_alternative(const json_t *alternative)
{
        const json_t *hole = json_object_get(alternative, "hole");
        const json_t *padding = json_object_get(alternative, "padding");

        return (struct btfd_alternative){
                .path = decode_string(alternative, "path"),
                .remaining = decode_uint(alternative, "remaining"),
                .remaining_bits = decode_uint(alternative, "remaining_bits"),
                .is_hole = hole != NULL,
                .is_padding = padding != NULL,
                .gap = decode_gap(hole ? hole : padding),
        };
}

static int decode_alternatives(const json_t *result, struct at *whole)
{
        size_t n_alternatives, n_levels, n_all_levels = 0;
        const json_t *array = decode_array(result, "alternatives", &n_alternatives);
        struct btfd_alternative *alternatives = calloc(n_alternatives + 1, sizeof(*alternatives));
        bool is_complete = n_alternatives > 0;

        if (!alternatives)
                return -ENOMEM;
        whole->at.alternatives = alternatives;
        whole->at.n_alternatives = n_alternatives;
        for (size_t i = 0; i < n_alternatives; i++) {
                (void)decode_array(json_array_get(array, i), "levels", &n_levels);
                n_all_levels += n_levels;
        }
        whole->levels = calloc(n_all_levels + 1, sizeof(*whole->levels));
        if (!whole->levels)
                return -ENOMEM;
        n_all_levels = 0;
        for (size_t i = 0; i < n_alternatives; i++) {
                const json_t *alternative = json_array_get(array, i);
                const json_t *levels = decode_array(alternative, "levels", &n_levels);

                alternatives[i] = decode_alternative(alternative);
                alternatives[i].levels = whole->levels + n_all_levels;
                alternatives[i].n_levels = n_levels;
                is_complete = is_complete && decode_levels(levels, whole->levels + n_all_levels, n_levels) &&
                              (alternatives[i].path || alternatives[i].is_hole || alternatives[i].is_padding);
                n_all_levels += n_levels;
        }
        return is_complete ? 0 : -EBADMSG;
}

static int decode_at(const json_t *result, struct btfd_at **ret)
{
        struct at *whole;
        int r;

        if (!decode_string(result, "kind") || !decode_string(result, "source"))
                return -EBADMSG;
        whole = calloc(1, sizeof(*whole));
        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        whole->at = (struct btfd_at){
                .generation = decode_uint(result, "generation"),
                .source = decode_string(result, "source"),
                .kind = decode_string(result, "kind"),
                .name = decode_string(result, "name"),
                .size = decode_uint(result, "size"),
        };
        r = decode_alternatives(result, whole);
        if (r == 0)
                r = decode_candidates(result, "also", &whole->at.also, &whole->at.n_also);
        if (r < 0) {
                btfd_at_free(&whole->at);
                return r;
        }
        *ret = &whole->at;
        return 0;
}

static int ask(struct btfd_client *client, const char *type, const char *key, uint64_t offset,
               const struct btfd_selector *selector, struct btfd_at **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "type.at");
        json_write_object_begin(&client->request);
        client_write_selector(&client->request, type, selector);
        client_write_number(&client->request, key, offset);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_at(result, ret)) : r;
}

int btfd_type_at(struct btfd_client *client, const char *type, uint64_t offset,
                 const struct btfd_selector *selector, struct btfd_at **ret)
{
        return ask(client, type, "offset", offset, selector, ret);
}

int btfd_type_at_bit(struct btfd_client *client, const char *type, uint64_t bit_offset,
                     const struct btfd_selector *selector, struct btfd_at **ret)
{
        return ask(client, type, "bit_offset", bit_offset, selector, ret);
}
