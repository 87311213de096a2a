/*
 * Methods about fields: field.offset.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "query/variable.h"
#include "rpc/method.h"
#include "rpc/write_query.h"

/* What clang-built kernels say of memory that is not to be loaded like any other: __user, __percpu, __rcu. */
static void write_tags(struct json_writer *out, const struct btf *btf, uint32_t pointee)
{
        struct btf_type type = btf_type(btf, pointee);
        bool has_tags = false;

        for (; btf_kind_is_modifier(type.kind); type = btf_type(btf, type.size_or_type)) {
                if (type.kind != BTF_KIND_TYPE_TAG)
                        continue;
                if (!has_tags) {
                        json_write_key(out, "tags");
                        json_write_array_begin(out);
                }
                has_tags = true;
                json_write_string(out, btf_name(btf, &type));
        }
        if (has_tags)
                json_write_array_end(out);
}

/* Steps name their source only where the path has left that of the root. */
static void write_steps(struct json_writer *out, const struct plan *plan)
{
        bool names_sources = plan->source != plan->root.source;

        for (size_t i = 0; i < plan->n_steps; i++)
                names_sources = names_sources || plan->steps[i].source != plan->root.source;
        json_write_key(out, "steps");
        json_write_array_begin(out);
        for (size_t i = 0; i < plan->n_steps; i++) {
                const struct plan_step *step = &plan->steps[i];

                json_write_object_begin(out);
                json_write_key(out, "offset");
                json_write_int(out, step->offset);
                json_write_bool_member(out, "deref", step->dereference);
                if (step->dereference)
                        write_tags(out, step->source->btf, step->pointee);
                if (names_sources)
                        json_write_string_member(out, "source", step->source->name);
                json_write_object_end(out);
        }
        json_write_array_end(out);
        if (plan->n_steps == 1 && plan->start != PLAN_ARGUMENT) {
                json_write_key(out, "offset");
                json_write_int(out, plan->steps[0].offset);
        }
}

static void write_argument(struct json_writer *out, const struct argument *argument)
{
        json_write_key(out, "argument");
        json_write_object_begin(out);
        if (argument->is_return) {
                json_write_bool_member(out, "returns", true);
        } else {
                json_write_uint_member(out, "index", argument->index);
                json_write_string_member(out, "name", argument->name);
        }
        if (argument->has_slot)
                json_write_uint_member(out, "slot", argument->slot);
        if (argument->by_value)
                json_write_bool_member(out, "by_value", true);
        json_write_object_end(out);
}

static void write_variable(struct json_writer *out, struct query_type root)
{
        struct variable variable;

        if (!variable_find(root.source, root.id, &variable))
                return;
        json_write_key(out, "variable");
        json_write_object_begin(out);
        json_write_string_member(out, "section", variable.section);
        json_write_uint_member(out, "offset", variable.offset);
        json_write_uint_member(out, "size", variable.size);
        json_write_object_end(out);
}

static void write_start(struct json_writer *out, const struct plan *plan)
{
        switch (plan->start) {
        case PLAN_OBJECT:
                return;
        case PLAN_ARGUMENT:
                write_argument(out, &plan->argument);
                return;
        case PLAN_VARIABLE:
                write_variable(out, plan->root);
                return;
        }
}

static void write_plan(struct rpc_request *request, const struct plan *plan, const struct found *also,
                       const size_t *which)
{
        struct json_writer *out = request->reply->out;

        reply_result_begin(request->reply);
        json_write_object_begin(out);
        json_write_uint_member(out, "generation", request->snapshot->generation);
        json_write_string_member(out, "source", plan->root.source->name);
        if (which)
                json_write_uint_member(out, "which", *which);
        write_start(out, plan);
        write_steps(out, plan);
        write_value(out, plan->source->btf, &plan->value, plan->is_flexible);
        if (plan->source != plan->root.source)
                json_write_string_member(out, "type_source", plan->source->name);
        write_also(out, also, /* has_path= */ true);
        json_write_object_end(out);
        reply_result_end(request->reply);
}

/* A question has one root, and a path. `func` and `var` are names of these kinds. */
static bool take_root(struct reply *reply, const struct rpc_params *params, const char *where,
                      struct alternative *ret)
{
        static const char one[] = "one of type, func and var";
        rpc_param_set roots = params->given & (RPC_SET(TYPE) | RPC_SET(FUNC) | RPC_SET(VAR));
        const char *kind = params->func ? "func" : "var";

        if (!params->path)
                return rpc_params_refuse(reply, "missing parameter", "path", where, "a value");
        if (!roots && !params->selector.has_id)
                return rpc_params_refuse(reply, "missing parameter", "type", where,
                                         "a type's name, or an id, or func or var");
        if (roots & (roots - 1))
                return rpc_params_refuse(reply, "too much beside parameter",
                                         params->selector.name ? "type" : "func", where, one);
        if (params->selector.has_kind && (params->func || params->var))
                return rpc_params_refuse(reply, "parameter", "kind", where, "none beside func or var");
        ret->selector = params->selector;
        ret->path = params->path;
        if (params->func || params->var) {
                ret->selector.name = params->func ? params->func : params->var;
                ret->selector.has_kind = true;
                (void)btf_kind_from_name(kind, &ret->selector.kind);
        }
        return true;
}

static void answer_one(struct rpc_request *request)
{
        struct alternative question;
        struct query_error error;
        struct found also;
        struct plan plan;

        if (!take_root(request->reply, &request->params, /* where= */ NULL, &question))
                return;
        if (field_offset(request->set, &question.selector, question.path, &plan, &also, &error) != 0)
                write_query_error(request->reply, &error, /* has_path= */ true);
        else
                write_plan(request, &plan, &also, /* which= */ NULL);
}

/* Decodes the alternatives; false if an error has been written. */
static bool take_alternatives(struct rpc_request *request, struct alternative *ret, size_t *ret_n)
{
        const rpc_param_set accepted = RPC_SELECTOR | RPC_SET(FUNC) | RPC_SET(VAR) | RPC_SET(PATH);
        const json_t *any = request->params.any;
        struct reply *reply = request->reply;
        size_t n = json_array_size(any);

        if (request->params.given & ~(RPC_SET(ANY) | RPC_SET(SET)))
                return rpc_params_refuse(reply, "too much beside parameter", "any", NULL,
                                         "nothing but set: each alternative has its own");
        if (n == 0)
                return rpc_params_refuse(reply, "parameter", "any", NULL, "at least one alternative");
        if (n > OFFSET_MAX_ALTERNATIVES) {
                reply_limit_error(reply, PROTOCOL_REQUEST_TOO_LARGE, "too many alternatives", "alternatives",
                                  OFFSET_MAX_ALTERNATIVES);
                return false;
        }
        for (size_t i = 0; i < n; i++) {
                const json_t *alternative = json_array_get(any, i);
                struct rpc_params params;
                char where[16];

                snprintf(where, sizeof(where), "any[%zu]", i);
                if (!json_is_object(alternative))
                        return rpc_params_refuse(reply, "parameter", where, NULL, "an object");
                if (!rpc_params_decode(alternative, where, accepted, /* required= */ 0, reply, &params) ||
                    !take_root(reply, &params, where, &ret[i]))
                        return false;
        }
        *ret_n = n;
        return true;
}

/* The error of the one that ended it, or the first one's, with why each that was tried failed. */
static void write_failures(struct reply *reply, const struct query_error *error,
                           const struct alternatives_result *result)
{
        struct json_writer *out = reply->out;

        write_query_error_begin(reply, error, /* has_path= */ true);
        json_write_uint_member(out, "which", result->which);
        json_write_key(out, "alternatives");
        json_write_array_begin(out);
        for (size_t i = 0; i < result->n_failures; i++) {
                json_write_object_begin(out);
                json_write_string_member(out, "reason", query_reason_word(result->failures[i].reason));
                json_write_string_member(out, "message", result->failures[i].message);
                json_write_object_end(out);
        }
        json_write_array_end(out);
        reply_error_end(reply);
}

static void answer_any(struct rpc_request *request)
{
        struct alternative alternatives[OFFSET_MAX_ALTERNATIVES];
        struct alternatives_result result;
        struct query_error error;
        struct found also;
        struct plan plan;
        size_t n = 0;

        if (!take_alternatives(request, alternatives, &n))
                return;
        if (field_offset_any(request->set, alternatives, n, &plan, &also, &error, &result) != 0)
                write_failures(request->reply, &error, &result);
        else
                write_plan(request, &plan, &also, &result.which);
}

void method_field_offset(struct rpc_request *request)
{
        if (request->params.any)
                answer_any(request);
        else
                answer_one(request);
}
