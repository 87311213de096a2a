#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct enumeration {
        struct btfd_enum type;
        json_t *result;
        struct btfd_enumerator values[];
};

struct btfd_enum *btfd_enum_free(struct btfd_enum *type)
{
        struct enumeration *whole = (struct enumeration *)type;

        if (!type)
                return NULL;
        free((void *)(uintptr_t)type->also);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

/* All of them, or the one that was asked for, which stands in the result itself. Returns whether they are complete. */
static bool decode_values(const json_t *result, struct enumeration *whole)
{
        size_t n_values;
        const json_t *values = decode_array(result, "values", &n_values);
        const char *enumerator = decode_string(result, "enumerator");
        bool is_complete = true;

        whole->type.values = whole->values;
        whole->type.n_values = enumerator ? 1 : n_values;
        if (enumerator)
                return decode_enumerator(result, enumerator, &whole->values[0]);
        for (size_t i = 0; i < n_values; i++) {
                const json_t *value = json_array_get(values, i);

                is_complete = decode_enumerator(value, decode_string(value, "name"), &whole->values[i]) &&
                              is_complete;
        }
        return is_complete;
}

static int decode_enum(const json_t *result, struct btfd_enum **ret)
{
        size_t n_values;
        struct enumeration *whole;
        int r;

        (void)decode_array(result, "values", &n_values);
        if (!decode_string(result, "source") || !decode_string(result, "kind") ||
            !decode_string(result, "encoding"))
                return -EBADMSG;
        whole = calloc(1, sizeof(*whole) + (n_values + 1) * sizeof(whole->values[0]));
        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        whole->type = (struct btfd_enum){
                .generation = decode_uint(result, "generation"),
                .source = decode_string(result, "source"),
                .instance = decode_uint(result, "instance"),
                .id = decode_uint(result, "id"),
                .kind = decode_string(result, "kind"),
                .name = decode_string(result, "name"),
                .size = decode_uint(result, "size"),
                .encoding = decode_string(result, "encoding"),
        };
        r = decode_values(result, whole) ? 0 : -EBADMSG;
        if (r == 0)
                r = decode_candidates(result, "also", &whole->type.also, &whole->type.n_also);
        if (r < 0) {
                btfd_enum_free(&whole->type);
                return r;
        }
        *ret = &whole->type;
        return 0;
}

int btfd_enum_get(struct btfd_client *client, const char *type, const char *enumerator,
                  const struct btfd_selector *selector, struct btfd_enum **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "enum.get");
        json_write_object_begin(&client->request);
        client_write_selector(&client->request, type, selector);
        client_write_text(&client->request, "enumerator", enumerator);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_enum(result, ret)) : r;
}
