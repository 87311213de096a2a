/*
 * Methods about fields: field.offset.
 */
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

static void write_plan(struct json_writer *out, const struct snapshot *snapshot, const struct plan *plan,
                       const struct found *also)
{
        const struct source *source = plan->root.source;

        json_write_object_begin(out);
        json_write_uint_member(out, "generation", snapshot->generation);
        json_write_string_member(out, "source", source->name);
        json_write_key(out, "steps");
        json_write_array_begin(out);
        for (size_t i = 0; i < plan->n_steps; i++) {
                json_write_object_begin(out);
                json_write_uint_member(out, "offset", plan->steps[i].offset);
                json_write_bool_member(out, "deref", plan->steps[i].dereference);
                if (plan->steps[i].dereference)
                        write_tags(out, source->btf, plan->steps[i].pointee);
                json_write_object_end(out);
        }
        json_write_array_end(out);
        if (plan->n_steps == 1)
                json_write_uint_member(out, "offset", plan->steps[0].offset);
        write_value(out, source->btf, &plan->value, plan->is_flexible);
        write_also(out, also, /* has_path= */ true);
        json_write_object_end(out);
}

void method_field_offset(struct rpc_request *request)
{
        struct query_error error;
        struct found also;
        struct plan plan;

        if (field_offset(request->set, &request->params.selector, request->params.path, &plan, &also,
                         &error) != 0) {
                write_query_error(request->reply, &error, /* has_path= */ true);
                return;
        }
        reply_result_begin(request->reply);
        write_plan(request->reply->out, request->snapshot, &plan, &also);
        reply_result_end(request->reply);
}
