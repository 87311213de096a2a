#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct var {
        struct btfd_var var;
        json_t *result;
};

struct btfd_var *btfd_var_free(struct btfd_var *var)
{
        struct var *whole = (struct var *)var;

        if (!var)
                return NULL;
        free((void *)(uintptr_t)var->also);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

static int decode_var(const json_t *result, struct btfd_var **ret)
{
        struct var *whole;
        int r;

        if (!decode_string(result, "source") || !decode_string(result, "name") ||
            !decode_string(result, "type") || !decode_string(result, "kind"))
                return -EBADMSG;
        whole = calloc(1, sizeof(*whole));
        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        whole->var = (struct btfd_var){
                .generation = decode_uint(result, "generation"),
                .source = decode_string(result, "source"),
                .instance = decode_uint(result, "instance"),
                .id = decode_uint(result, "id"),
                .name = decode_string(result, "name"),
                .linkage = decode_string(result, "linkage"),
                .value = decode_value(result),
                .type_id = decode_uint(result, "type_id"),
                .section = decode_string(result, "section"),
                .section_id = decode_uint(result, "section_id"),
                .offset = decode_uint(result, "offset"),
                .space = decode_uint(result, "space"),
                .percpu = json_is_true(json_object_get(result, "percpu")),
        };
        r = decode_candidates(result, "also", &whole->var.also, &whole->var.n_also);
        if (r < 0) {
                btfd_var_free(&whole->var);
                return r;
        }
        *ret = &whole->var;
        return 0;
}

int btfd_var_get(struct btfd_client *client, const char *name, const struct btfd_selector *selector,
                 struct btfd_var **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "var.get");
        json_write_object_begin(&client->request);
        client_write_selector(&client->request, /* type= */ NULL, selector);
        client_write_text(&client->request, "var", name);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_var(result, ret)) : r;
}
