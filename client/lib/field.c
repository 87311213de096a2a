#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct field {
        struct btfd_field field;
        json_t *result;
        const char **tags; /* of all steps, one after the other */
        struct btfd_step steps[];
};

struct btfd_field *btfd_field_free(struct btfd_field *field)
{
        struct field *whole = (struct field *)field;

        if (!field)
                return NULL;
        free((void *)(uintptr_t)field->also);
        free(whole->tags);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

static int decode_steps(const json_t *steps, size_t n_steps, struct field *whole)
{
        size_t n_tags = 0, n_step_tags;

        for (size_t i = 0; i < n_steps; i++) {
                (void)decode_array(json_array_get(steps, i), "tags", &n_step_tags);
                n_tags += n_step_tags;
        }
        whole->tags = calloc(n_tags + 1, sizeof(*whole->tags));
        if (!whole->tags)
                return -ENOMEM;
        n_tags = 0;
        for (size_t i = 0; i < n_steps; i++) {
                const json_t *step = json_array_get(steps, i);
                const json_t *tags = decode_array(step, "tags", &n_step_tags);

                whole->steps[i] = (struct btfd_step){
                        .offset = decode_uint(step, "offset"),
                        .deref = json_is_true(json_object_get(step, "deref")),
                        .tags = whole->tags + n_tags,
                        .n_tags = n_step_tags,
                };
                for (size_t j = 0; j < n_step_tags; j++) {
                        whole->tags[n_tags] = json_string_value(json_array_get(tags, j));
                        if (!whole->tags[n_tags++])
                                return -EBADMSG;
                }
        }
        return 0;
}

static int decode_field(const json_t *result, struct btfd_field **ret)
{
        size_t n_steps;
        const json_t *steps = decode_array(result, "steps", &n_steps);
        struct field *whole;
        int r;

        if (n_steps == 0 || !decode_string(result, "type") || !decode_string(result, "kind") ||
            !decode_string(result, "source"))
                return -EBADMSG;
        whole = calloc(1, sizeof(*whole) + n_steps * sizeof(whole->steps[0]));
        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        whole->field = (struct btfd_field){
                .generation = decode_uint(result, "generation"),
                .source = decode_string(result, "source"),
                .steps = whole->steps,
                .n_steps = n_steps,
                .offset = decode_uint(result, "offset"),
                .value = decode_value(result),
        };
        r = decode_steps(steps, n_steps, whole);
        if (r == 0)
                r = decode_candidates(result, "also", &whole->field.also, &whole->field.n_also);
        if (r < 0) {
                btfd_field_free(&whole->field);
                return r;
        }
        *ret = &whole->field;
        return 0;
}

int btfd_field_offset(struct btfd_client *client, const char *type, const char *path,
                      const struct btfd_selector *selector, struct btfd_field **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "field.offset");
        json_write_object_begin(&client->request);
        client_write_selector(&client->request, type, selector);
        json_write_string_member(&client->request, "path", path);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_field(result, ret)) : r;
}
