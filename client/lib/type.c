#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct type {
        struct btfd_type type;
        json_t *result;
};

struct btfd_type *btfd_type_free(struct btfd_type *type)
{
        struct type *whole = (struct type *)type;

        if (!type)
                return NULL;
        /* The arrays are ours, though the public object shows them as constant. */
        free((void *)(uintptr_t)type->also);
        free((void *)(uintptr_t)type->members);
        free((void *)(uintptr_t)type->values);
        free((void *)(uintptr_t)type->params);
        free((void *)(uintptr_t)type->variables);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

static int decode_members(const json_t *result, struct btfd_type *type)
{
        const json_t *array = decode_array(result, "members", &type->n_members);
        struct btfd_member *members = calloc(type->n_members + 1, sizeof(*members));
        bool is_complete = true;

        if (!members)
                return -ENOMEM;
        for (size_t i = 0; i < type->n_members; i++) {
                const json_t *member = json_array_get(array, i);

                members[i] = (struct btfd_member){
                        .name = decode_string(member, "name"),
                        .offset = decode_uint(member, "offset"),
                        .type_id = decode_uint(member, "type_id"),
                        .value = decode_value(member),
                };
                is_complete = is_complete && members[i].value.type && members[i].value.kind;
        }
        type->members = members;
        return is_complete ? 0 : -EBADMSG;
}

static int decode_values(const json_t *result, struct btfd_type *type)
{
        const json_t *array = decode_array(result, "values", &type->n_values);
        struct btfd_enumerator *values = calloc(type->n_values + 1, sizeof(*values));
        bool is_complete = true;

        if (!values)
                return -ENOMEM;
        for (size_t i = 0; i < type->n_values; i++) {
                const json_t *value = json_array_get(array, i);

                is_complete =
                        decode_enumerator(value, decode_string(value, "name"), &values[i]) && is_complete;
        }
        type->values = values;
        return is_complete ? 0 : -EBADMSG;
}

static int decode_params(const json_t *result, struct btfd_type *type)
{
        const json_t *array = decode_array(result, "params", &type->n_params);
        struct btfd_param *params = calloc(type->n_params + 1, sizeof(*params));
        bool is_complete = true;

        if (!params)
                return -ENOMEM;
        for (size_t i = 0; i < type->n_params; i++) {
                const json_t *param = json_array_get(array, i);

                params[i] = (struct btfd_param){
                        .name = decode_string(param, "name"),
                        .type = decode_string(param, "type"),
                        .type_id = decode_uint(param, "type_id"),
                };
                is_complete = is_complete && params[i].type;
        }
        type->params = params;
        return is_complete ? 0 : -EBADMSG;
}

static int decode_variables(const json_t *result, struct btfd_type *type)
{
        const json_t *array = decode_array(result, "variables", &type->n_variables);
        struct btfd_variable *variables = calloc(type->n_variables + 1, sizeof(*variables));
        bool is_complete = true;

        if (!variables)
                return -ENOMEM;
        for (size_t i = 0; i < type->n_variables; i++) {
                const json_t *variable = json_array_get(array, i);

                variables[i] = (struct btfd_variable){
                        .name = decode_string(variable, "name"),
                        .type = decode_string(variable, "type"),
                        .type_id = decode_uint(variable, "type_id"),
                        .id = decode_uint(variable, "id"),
                        .offset = decode_uint(variable, "offset"),
                        .size = decode_uint(variable, "size"),
                };
                is_complete = is_complete && variables[i].name && variables[i].type;
        }
        type->variables = variables;
        return is_complete ? 0 : -EBADMSG;
}

static int decode_type(const json_t *result, struct btfd_type **ret)
{
        struct type *whole;
        struct btfd_type *type;
        uint64_t pointee_size = decode_uint(result, "pointee_size");
        int r;

        if (!decode_string(result, "kind") || !decode_string(result, "source"))
                return -EBADMSG;
        whole = calloc(1, sizeof(*whole));
        if (!whole)
                return -ENOMEM;
        type = &whole->type;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        *type = (struct btfd_type){
                .generation = decode_uint(result, "generation"),
                .source = decode_string(result, "source"),
                .instance = decode_uint(result, "instance"),
                .id = decode_uint(result, "id"),
                .kind = decode_string(result, "kind"),
                .name = decode_string(result, "name"),
                .type = decode_string(result, "type"),
                .type_id = decode_uint(result, "type_id"),
                .size = decode_uint(result, "size"),
                .encoding = decode_string(result, "encoding"),
                .bits = decode_uint(result, "bits"),
                .nelems = decode_uint(result, "nelems"),
                .elem_size = pointee_size != BTFD_NONE ? pointee_size : decode_uint(result, "elem_size"),
                .declares = decode_string(result, "declares"),
                .linkage = decode_string(result, "linkage"),
                .returns = decode_string(result, "returns"),
        };
        r = decode_members(result, type);
        if (r == 0)
                r = decode_values(result, type);
        if (r == 0)
                r = decode_params(result, type);
        if (r == 0)
                r = decode_variables(result, type);
        if (r == 0)
                r = decode_candidates(result, "also", &type->also, &type->n_also);
        if (r < 0) {
                btfd_type_free(type);
                return r;
        }
        *ret = type;
        return 0;
}

int btfd_type_get(struct btfd_client *client, const char *type, const struct btfd_selector *selector,
                  struct btfd_type **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "type.get");
        json_write_object_begin(&client->request);
        client_write_selector(&client->request, type, selector);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_type(result, ret)) : r;
}
