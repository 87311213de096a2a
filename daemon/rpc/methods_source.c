/*
 * Methods about sources: source.list.
 */
#include "rpc/method.h"

static void write_source(struct json_writer *out, const struct source *source)
{
        json_write_object_begin(out);
        json_write_string_member(out, "name", source->name);
        json_write_string_member(out, "state", "loaded");
        json_write_uint_member(out, "bytes", source->bytes.size);
        json_write_uint_member(out, "types", source_n_types(source));
        json_write_uint_member(out, "first_id", source->base ? source->btf->start_id : 1);
        json_write_uint_member(out, "instance", source->instance);
        json_write_object_end(out);
}

static void write_failure(struct json_writer *out, const struct source_failure *failure)
{
        json_write_object_begin(out);
        json_write_string_member(out, "name", failure->name);
        json_write_string_member(out, "state", "failed");
        if (failure->size > 0)
                json_write_uint_member(out, "bytes", failure->size);
        json_write_key(out, "error");
        json_write_object_begin(out);
        json_write_string_member(out, "reason", btf_error_reason_name(failure->error.reason));
        json_write_uint_member(out, "offset", failure->error.offset);
        json_write_string_member(out, "message", failure->error.message);
        json_write_object_end(out);
        json_write_object_end(out);
}

/* Those that could be loaded, vmlinux first, and those that could not, each in the order of names. */
void method_source_list(struct rpc_request *request)
{
        const struct source_set *set = request->set;
        struct json_writer *out = request->reply->out;

        reply_result_begin(request->reply);
        json_write_object_begin(out);
        json_write_uint_member(out, "generation", request->snapshot->generation);
        json_write_key(out, "sources");
        json_write_array_begin(out);
        for (size_t i = 0; i < set->n_sources && out->error == 0; i++)
                write_source(out, set->sources[i]);
        for (size_t i = 0; i < set->n_failures && out->error == 0; i++)
                write_failure(out, &set->failures[i]);
        json_write_array_end(out);
        json_write_uint_member(out, "left_out", set->n_left_out);
        json_write_object_end(out);
        reply_result_end(request->reply);
}
