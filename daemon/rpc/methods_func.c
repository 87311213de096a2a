/*
 * Methods about functions, LSM hooks and tracepoints: func.get, func.find.
 *
 * Loops over what there is of something end with the writer's first error: once a reply is too large, nothing more is
 * rendered.
 */
#include <stdio.h>
#include <string.h>

#include "index/set_index.h"
#include "query/func.h"
#include "query/func_find.h"
#include "rpc/method.h"
#include "rpc/paging.h"
#include "rpc/write_query.h"

/* What it is called, and where that is valid. */
static void write_identity(struct json_writer *out, const struct prototype *prototype)
{
        const struct source *source = prototype->type.source;

        json_write_string_member(out, "source", source->name);
        json_write_uint_member(out, "instance", source->instance);
        json_write_uint_member(out, "id", prototype->type.id);
        if (prototype->name[0] != '\0')
                json_write_string_member(out, "name", prototype->name);
        if (prototype->hook)
                json_write_string_member(out, prototype->category == PROTOTYPE_LSM ? "hook" : "tracepoint",
                                         prototype->hook);
        write_prototype_text(out, "prototype", prototype);
}

/* The decl tags on one component, or with -1 on the whole; nothing if there are none. */
static void write_tags(struct json_writer *out, const struct prototype *prototype, int32_t component)
{
        const struct source *source = prototype->type.source;
        bool has_tags = false;
        size_t n;
        const struct tag_entry *entries = tags_of(&source->tags, prototype->type.id, &n);

        for (size_t i = 0; i < n && out->error == 0; i++) {
                if (tag_component(source->btf, entries[i].tag) != component)
                        continue;
                if (!has_tags) {
                        json_write_key(out, "tags");
                        json_write_array_begin(out);
                }
                has_tags = true;
                json_write_string(out, btf_name_of(source->btf, entries[i].tag));
        }
        if (has_tags)
                json_write_array_end(out);
}

static void write_param(struct json_writer *out, const struct prototype *prototype,
                        const struct prototype_param *param)
{
        json_write_object_begin(out);
        json_write_uint_member(out, "index", param->i_param);
        if (param->name[0] != '\0')
                json_write_string_member(out, "name", param->name);
        write_value(out, prototype->type.source->btf, &param->value, /* is_flexible= */ false);
        json_write_uint_member(out, "type_id", param->value.type);
        if (param->has_slot) {
                json_write_uint_member(out, "slot", param->slot);
                json_write_uint_member(out, "slots", param->n_slots);
        }
        write_tags(out, prototype, (int32_t)prototype_component(prototype, param->i_param));
        json_write_object_end(out);
}

static void write_signature(struct json_writer *out, const struct prototype *prototype)
{
        const struct btf *btf = prototype->type.source->btf;
        struct value returns = value_of(btf, prototype->proto.size_or_type);
        struct prototype_walk walk = prototype_params_begin(prototype);
        struct prototype_param param;

        json_write_key(out, "returns");
        json_write_object_begin(out);
        write_value(out, btf, &returns, /* is_flexible= */ false);
        json_write_uint_member(out, "type_id", returns.type);
        json_write_object_end(out);
        json_write_key(out, "params");
        json_write_array_begin(out);
        while (out->error == 0 && prototype_params_next(&walk, &param))
                write_param(out, prototype, &param);
        json_write_array_end(out);
        json_write_bool_member(out, "variadic", prototype->is_variadic);
}

/* A function's name, a tracepoint's, or an id: exactly one of these says what is asked for. */
static bool check_subject(const struct rpc_request *request)
{
        const struct rpc_params *params = &request->params;

        if (params->func && params->tracepoint)
                return rpc_params_refuse(request->reply, "parameter", "tracepoint", /* where= */ NULL,
                                         "it or func, not both");
        if (params->func || params->tracepoint || params->selector.has_id)
                return true;
        return rpc_params_refuse(request->reply, "missing parameter", "func", /* where= */ NULL,
                                 "a function's name, a tracepoint's, or an id");
}

void method_func_get(struct rpc_request *request)
{
        struct selector selector = request->params.selector;
        struct json_writer *out = request->reply->out;
        struct prototype prototype;
        struct query_error error;
        struct found also;

        if (!check_subject(request))
                return;
        selector.name = request->params.func;
        if (func_get(request->set, &selector, request->params.tracepoint, &prototype, &also, &error) != 0) {
                write_query_error(request->reply, &error, /* has_path= */ false);
                return;
        }
        reply_result_begin(request->reply);
        json_write_object_begin(out);
        json_write_uint_member(out, "generation", request->snapshot->generation);
        write_identity(out, &prototype);
        if (prototype.category != PROTOTYPE_TRACEPOINT)
                write_linkage_name(out, prototype.linkage);
        write_signature(out, &prototype);
        write_tags(out, &prototype, -1);
        write_also(out, &also, /* has_path= */ false);
        json_write_object_end(out);
        reply_result_end(request->reply);
}

/* Reads and looks up one of the types that are asked for. Returns false after an error. */
static bool prepare_type(const struct rpc_request *request, const char *where,
                         const struct rpc_params *params, struct type_match *ret)
{
        const char *text = params->selector.name;
        struct type_expr expr;
        struct type_expr_error wrong;
        struct query_error error;
        char expected[128];

        if (text && type_expr_parse(text, &expr, &wrong) != 0) {
                snprintf(expected, sizeof(expected), "%s, at byte %zu", wrong.expected, wrong.position);
                return rpc_params_refuse(request->reply, "parameter", "type", where, expected);
        }
        if (type_match_init(ret, request->set, &params->selector, text ? &expr : NULL, &error) == 0)
                return true;
        write_query_error(request->reply, &error, /* has_path= */ false);
        return false;
}

/* A question and what it borrows, while it is answered. */
struct asked_functions {
        struct func_question question;
        struct glob names;
        struct type_match param;
        struct type_match returns;
};

static void asked_functions_deinit(struct asked_functions *asked)
{
        type_match_deinit(&asked->param);
        type_match_deinit(&asked->returns);
}

static bool prepare_param(const struct rpc_request *request, struct asked_functions *asked)
{
        static const char where[] = "param";
        struct func_question *question = &asked->question;
        struct rpc_params nested;

        if (!request->params.param)
                return true;
        if (!rpc_params_decode(request->params.param, where,
                               RPC_SELECTOR | RPC_SET(POSITION) | RPC_SET(WITHIN), RPC_SET(TYPE),
                               request->reply, &nested))
                return false;
        question->has_position = nested.given & RPC_SET(POSITION);
        question->has_within = nested.given & RPC_SET(WITHIN);
        question->position = nested.position;
        question->within = nested.within;
        if (question->has_position && question->has_within)
                return rpc_params_refuse(request->reply, "parameter", "within", where,
                                         "it or position, not both");
        question->param = &asked->param;
        return prepare_type(request, where, &nested, &asked->param);
}

static bool prepare_returns(const struct rpc_request *request, struct asked_functions *asked)
{
        static const char where[] = "returns";
        struct rpc_params nested;

        if (!request->params.returns)
                return true;
        asked->question.returns = &asked->returns;
        return rpc_params_decode(request->params.returns, where, RPC_SELECTOR, RPC_SET(TYPE), request->reply,
                                 &nested) &&
               prepare_type(request, where, &nested, &asked->returns);
}

/* Returns false after an error. */
static bool prepare(const struct rpc_request *request, struct asked_functions *asked)
{
        const struct rpc_params *params = &request->params;
        struct func_question *question = &asked->question;
        struct query_error error;

        question->category = params->category;
        question->tag = params->tag;
        if (!params->name && params->given & (RPC_SET(MATCH) | RPC_SET(IGNORE_CASE)))
                return rpc_params_refuse(request->reply, "missing parameter", "name", /* where= */ NULL,
                                         "it beside match and ignore_case");
        if (params->name) {
                question->names = &asked->names;
                if (!rpc_compile_names(request, &asked->names))
                        return false;
        }
        if (params->selector.source &&
            lookup_source(request->set, params->selector.source, &question->source, &error) != 0) {
                write_query_error(request->reply, &error, /* has_path= */ false);
                return false;
        }
        return prepare_param(request, asked) && prepare_returns(request, asked);
}

/* The parameters that are of the type that was asked for. */
static void write_matches(struct json_writer *out, const struct func_question *question,
                          const struct prototype *prototype)
{
        struct prototype_walk walk = prototype_params_begin(prototype);
        struct prototype_param param;

        json_write_key(out, "matches");
        json_write_array_begin(out);
        while (out->error == 0 && walk.i_param < FUNC_FIND_MAX_PARAMS &&
               prototype_params_next(&walk, &param)) {
                if (!func_find_param(question, prototype->type.source->btf, param.i_param, param.value.type))
                        continue;
                json_write_object_begin(out);
                json_write_uint_member(out, "index", param.i_param);
                if (param.has_slot)
                        json_write_uint_member(out, "slot", param.slot);
                json_write_object_end(out);
        }
        json_write_array_end(out);
}

static void write_hits(struct json_writer *out, const struct func_question *question,
                       const struct name_order *order, const struct page_list *list)
{
        json_write_key(out, "functions");
        json_write_array_begin(out);
        for (size_t i = 0; i < list->n_entries && out->error == 0; i++) {
                struct prototype prototype;

                if (!prototype_of(query_type_of(order, list->entries[i]), &prototype))
                        continue;
                json_write_object_begin(out);
                write_identity(out, &prototype);
                if (question->param)
                        write_matches(out, question, &prototype);
                json_write_object_end(out);
        }
        json_write_array_end(out);
}

void method_func_find(struct rpc_request *request)
{
        CLEANUP(asked_functions_deinit) struct asked_functions asked = {0};
        const struct name_order *order = source_set_order(request->set);
        struct json_writer *out = request->reply->out;
        struct query_error error;
        struct page_list list;
        struct page page;

        if (!prepare(request, &asked) || !rpc_page_begin(request, "func.find", &page))
                return;
        if (func_find(&asked.question, order, &page, request->stop, &list, &error) != 0) {
                write_query_error(request->reply, &error, /* has_path= */ false);
                return;
        }
        reply_result_begin(request->reply);
        json_write_object_begin(out);
        json_write_uint_member(out, "generation", request->snapshot->generation);
        write_hits(out, &asked.question, order, &list);
        write_cursor(out, &page, order, &list);
        json_write_object_end(out);
        reply_result_end(request->reply);
}
