#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

void client_clear_error(struct btfd_client *client)
{
        /* Only the arrays are ours; the strings are the reply's. */
        free((void *)(uintptr_t)client->error.near);
        free((void *)(uintptr_t)client->error.candidates);
        free((void *)(uintptr_t)client->error.failures);
        client->error = (struct btfd_error){0};
        client->has_error = false;
}

static int decode_near(const json_t *data, struct btfd_error *error)
{
        const json_t *array = decode_array(data, "near", &error->n_near);
        const char **near;

        if (error->n_near == 0)
                return 0;
        near = calloc(error->n_near, sizeof(*near));
        if (!near)
                return -ENOMEM;
        error->near = near;
        for (size_t i = 0; i < error->n_near; i++) {
                near[i] = json_string_value(json_array_get(array, i));
                if (!near[i])
                        return -EBADMSG;
        }
        return 0;
}

static int decode_failures(const json_t *data, struct btfd_error *error)
{
        size_t n;
        const json_t *array = decode_array(data, "alternatives", &n);
        struct btfd_failure *failures;

        if (n == 0)
                return 0;
        failures = calloc(n, sizeof(*failures));
        if (!failures)
                return -ENOMEM;
        error->failures = failures;
        error->n_failures = n;
        for (size_t i = 0; i < n; i++) {
                const json_t *failure = json_array_get(array, i);

                failures[i] = (struct btfd_failure){
                        .reason = decode_string(failure, "reason"),
                        .message = decode_string(failure, "message"),
                };
                if (!failures[i].reason || !failures[i].message)
                        return -EBADMSG;
        }
        error->which = (size_t)decode_int(data, "which");
        return error->which < n ? 0 : -EBADMSG;
}

int client_set_error(struct btfd_client *client, const json_t *error)
{
        const json_t *data = json_object_get(error, "data");
        struct btfd_error *decoded = &client->error;
        int r;

        client_clear_error(client);
        if (!json_is_integer(json_object_get(error, "code")) || !decode_string(error, "message") ||
            !decode_string(data, "reason"))
                return -EBADMSG;
        *decoded = (struct btfd_error){
                .code = (int)json_integer_value(json_object_get(error, "code")),
                .reason = decode_string(data, "reason"),
                .message = decode_string(error, "message"),
                .name = decode_string(data, "name"),
                .param = decode_string(data, "param"),
                .component = decode_string(data, "component"),
                .in = decode_string(data, "in"),
        };
        if (decoded->component)
                decoded->position = (size_t)decode_uint(data, "position");
        r = decode_near(data, decoded);
        if (r == 0)
                r = decode_candidates(data, "candidates", &decoded->candidates, &decoded->n_candidates);
        if (r == 0)
                r = decode_failures(data, decoded);
        if (r < 0)
                return r;
        if (decoded->n_candidates > 0)
                decoded->count = decode_uint(data, "count");
        client->has_error = true;
        return BTFD_REFUSED;
}
