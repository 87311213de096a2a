/*
 * Methods about enums: enum.get.
 */
#include "query/enumerator.h"
#include "rpc/method.h"
#include "rpc/write_query.h"

static void write_enum(struct json_writer *out, const struct snapshot *snapshot,
                       const struct enum_answer *answer)
{
        const struct btf *btf = answer->type.source->btf;
        struct btf_type type = btf_type(btf, answer->type.id);

        json_write_object_begin(out);
        json_write_uint_member(out, "generation", snapshot->generation);
        write_definition(out, answer->type);
        write_encoding(out, value_of(btf, type.id).encoding);
        if (answer->has_value) {
                json_write_string_member(out, "enumerator", btf_enumerator(btf, &type, answer->i_value).name);
                write_enumerator_value(out, btf, &type, answer->i_value);
        } else {
                write_values(out, btf, &type);
        }
        write_also(out, &answer->also, /* has_path= */ false);
        json_write_object_end(out);
}

void method_enum_get(struct rpc_request *request)
{
        const struct rpc_params *params = &request->params;
        struct query_error error;
        struct enum_answer answer;

        if (!(params->given & (RPC_SET(TYPE) | RPC_SET(ID) | RPC_SET(ENUMERATOR)))) {
                rpc_params_refuse(request->reply, "missing parameter", "type", /* where= */ NULL,
                                  "an enum's name, an id, or an enumerator");
                return;
        }
        if (enum_find(request->set, &params->selector, params->enumerator, &answer, &error) != 0) {
                write_query_error(request->reply, &error, /* has_path= */ false);
                return;
        }
        reply_result_begin(request->reply);
        write_enum(request->reply->out, request->snapshot, &answer);
        reply_result_end(request->reply);
}
