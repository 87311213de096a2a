/*
 * Methods about variables: var.get.
 */
#include "query/variable.h"
#include "rpc/method.h"
#include "rpc/write_query.h"

static void write_section(struct json_writer *out, const struct variable_answer *variable)
{
        json_write_string_member(out, "section", variable->place.section);
        json_write_uint_member(out, "section_id", variable->place.section_id);
        json_write_uint_member(out, "offset", variable->place.offset);
        json_write_uint_member(out, "space", variable->place.size);
        if (variable->is_percpu)
                json_write_bool_member(out, "percpu", true);
}

static void write_variable(struct json_writer *out, const struct snapshot *snapshot,
                           const struct variable_answer *variable)
{
        const struct source *source = variable->var.source;
        struct btf_type type = btf_type(source->btf, variable->var.id);
        struct value value = value_of(source->btf, variable->type);

        json_write_object_begin(out);
        json_write_uint_member(out, "generation", snapshot->generation);
        json_write_string_member(out, "source", source->name);
        json_write_uint_member(out, "instance", source->instance);
        json_write_uint_member(out, "id", variable->var.id);
        json_write_string_member(out, "name", btf_name(source->btf, &type));
        write_linkage_name(out, variable->linkage);
        write_value(out, source->btf, &value, /* is_flexible= */ false);
        json_write_uint_member(out, "type_id", variable->type);
        if (variable->has_place)
                write_section(out, variable);
        write_also(out, &variable->also, /* has_path= */ false);
        json_write_object_end(out);
}

void method_var_get(struct rpc_request *request)
{
        struct selector selector = request->params.selector;
        struct query_error error;
        struct variable_answer variable;

        selector.name = request->params.var;
        if (!selector.name && !selector.has_id) {
                rpc_params_refuse(request->reply, "missing parameter", "var", /* where= */ NULL,
                                  "a variable's name, or an id");
                return;
        }
        if (variable_lookup(request->set, &selector, &variable, &error) != 0) {
                write_query_error(request->reply, &error, /* has_path= */ false);
                return;
        }
        reply_result_begin(request->reply);
        write_variable(request->reply->out, request->snapshot, &variable);
        reply_result_end(request->reply);
}
