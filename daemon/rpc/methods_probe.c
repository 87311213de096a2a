/*
 * btfd.probe: hundreds of questions whether something exists, each answered in its place.
 */
#include <stdio.h>

#include "protocol/limits.h"
#include "query/probe.h"
#include "rpc/method.h"

/* Room for "enumerators[1023]". */
#define WHERE_SIZE 32U

struct where {
        char text[WHERE_SIZE];
};

static struct where where_is(const char *key, size_t i)
{
        struct where where;

        snprintf(where.text, sizeof(where.text), "%s[%zu]", key, i);
        return where;
}

/* The i-th name of an array; NULL after an error. */
static const char *take_name(const struct rpc_request *request, const char *key, const json_t *array,
                             size_t i)
{
        const json_t *name = json_array_get(array, i);

        if (json_is_string(name) && json_string_length(name) > 0)
                return json_string_value(name);
        rpc_params_refuse(request->reply, "parameter", where_is(key, i).text, /* where= */ NULL,
                          "a string that is not empty");
        return NULL;
}

typedef bool prober(const struct source_set *set, const char *name);

static bool probe_function(const struct source_set *set, const char *name)
{
        return probe_kind(set, name, BTF_KIND_FUNC);
}

static bool probe_variable(const struct source_set *set, const char *name)
{
        return probe_kind(set, name, BTF_KIND_VAR);
}

/* Answers an array of names; false after an error. */
static bool answer_names(struct rpc_request *request, const char *key, const json_t *array, prober *probe)
{
        struct json_writer *out = request->reply->out;

        if (!array)
                return true;
        json_write_key(out, key);
        json_write_array_begin(out);
        for (size_t i = 0; i < json_array_size(array); i++) {
                const char *name = take_name(request, key, array, i);

                if (!name)
                        return false;
                json_write_bool(out, probe(request->set, name));
        }
        json_write_array_end(out);
        return true;
}

static bool refuse_path(struct reply *reply, const char *where, const struct path_error *error)
{
        char message[128];

        snprintf(message, sizeof(message), "byte %zu of the path of %s: expected %s", error->position, where,
                 error->expected);
        reply_error_begin(reply, PROTOCOL_BAD_PATH, message);
        json_write_string_member(reply->out, "where", where);
        json_write_uint_member(reply->out, "position", error->position);
        reply_error_end(reply);
        return false;
}

/* A field has one root, and a path. */
static bool take_root(struct reply *reply, const struct rpc_params *params, const char *where,
                      const char **ret_root, const enum btf_kind **ret_kind)
{
        static const enum btf_kind func = BTF_KIND_FUNC, var = BTF_KIND_VAR;
        rpc_param_set roots = params->given & (RPC_SET(TYPE) | RPC_SET(FUNC) | RPC_SET(VAR));

        if (!roots)
                return rpc_params_refuse(reply, "missing parameter", "type", where, "that, func or var");
        if (roots & (roots - 1))
                return rpc_params_refuse(reply, "too much beside parameter",
                                         params->selector.name ? "type" : "func", where,
                                         "one of type, func and var");
        *ret_root = params->selector.name ? params->selector.name : params->func ? params->func : params->var;
        *ret_kind = params->selector.name ? NULL : params->func ? &func : &var;
        return true;
}

static bool answer_field(struct rpc_request *request, const json_t *field, const char *where)
{
        const rpc_param_set accepted = RPC_SET(TYPE) | RPC_SET(FUNC) | RPC_SET(VAR) | RPC_SET(PATH);
        struct reply *reply = request->reply;
        const enum btf_kind *kind = NULL;
        const char *root = NULL;
        struct rpc_params params;
        struct path_error path_error;
        struct path path;

        if (!json_is_object(field))
                return rpc_params_refuse(reply, "parameter", where, /* where= */ NULL,
                                         "an object with a type, func or var and a path");
        if (!rpc_params_decode(field, where, accepted, RPC_SET(PATH), reply, &params) ||
            !take_root(reply, &params, where, &root, &kind))
                return false;
        if (path_parse(params.path, &path, &path_error) != 0)
                return refuse_path(reply, where, &path_error);
        json_write_bool(reply->out, probe_field(request->set, root, kind, &path));
        return true;
}

static bool answer_fields(struct rpc_request *request)
{
        const json_t *fields = request->params.fields;
        struct json_writer *out = request->reply->out;

        if (!fields)
                return true;
        json_write_key(out, "fields");
        json_write_array_begin(out);
        for (size_t i = 0; i < json_array_size(fields); i++) {
                if (!answer_field(request, json_array_get(fields, i), where_is("fields", i).text))
                        return false;
        }
        json_write_array_end(out);
        return true;
}

void method_btfd_probe(struct rpc_request *request)
{
        const struct rpc_params *params = &request->params;
        struct json_writer *out = request->reply->out;
        size_t n = json_array_size(params->types) + json_array_size(params->fields) +
                   json_array_size(params->enumerators) + json_array_size(params->functions) +
                   json_array_size(params->variables);

        if (n > PROTOCOL_MAX_PROBES) {
                reply_limit_error(request->reply, PROTOCOL_REQUEST_TOO_LARGE,
                                  "too many questions in one probe", "probe_questions", PROTOCOL_MAX_PROBES);
                return;
        }
        reply_result_begin(request->reply);
        json_write_object_begin(out);
        json_write_uint_member(out, "generation", request->snapshot->generation);
        if (!answer_names(request, "types", params->types, probe_type) || !answer_fields(request) ||
            !answer_names(request, "enumerators", params->enumerators, probe_enumerator) ||
            !answer_names(request, "functions", params->functions, probe_function) ||
            !answer_names(request, "variables", params->variables, probe_variable))
                return; /* the error has replaced the result */
        json_write_object_end(out);
        reply_result_end(request->reply);
}
