/*
 * Methods that search by name: type.find.
 */
#include <stdio.h>
#include <string.h>

#include "query/find.h"
#include "rpc/method.h"
#include "rpc/paging.h"
#include "rpc/write_query.h"

static bool make_question(const struct rpc_request *request, const struct glob *names,
                          struct find_question *ret)
{
        const struct rpc_params *params = &request->params;
        const char *source = params->selector.source;
        struct query_error error;

        ret->names = names;
        ret->kinds = params->given & RPC_SET(KINDS) ? params->kinds : FIND_ALL_KINDS;
        ret->source = NULL;
        if (!source || lookup_source(request->set, source, &ret->source, &error) == 0)
                return true;
        write_query_error(request->reply, &error, /* has_path= */ false);
        return false;
}

/* What a declaration declares; nothing for a definition. */
static void write_declares(struct json_writer *out, struct query_type found)
{
        struct btf_type type = btf_type(found.source->btf, found.id);

        if (type.kind == BTF_KIND_FWD)
                json_write_string_member(out, "declares", type.kind_flag ? "union" : "struct");
        else if (btf_is_forward(found.source->btf, &type))
                json_write_string_member(out, "declares", "enum");
}

static void write_found(const struct rpc_request *request, const struct page *page,
                        const struct found_page *found)
{
        struct json_writer *out = request->reply->out;

        json_write_object_begin(out);
        json_write_uint_member(out, "generation", request->snapshot->generation);
        if (found->has_count)
                json_write_uint_member(out, "count", found->count);
        json_write_key(out, "types");
        json_write_array_begin(out);
        for (size_t i = 0; i < found->list.n_entries && out->error == 0; i++) {
                struct query_type type = query_type_of(found->order, found->list.entries[i]);

                json_write_object_begin(out);
                write_definition(out, type);
                write_declares(out, type);
                json_write_object_end(out);
        }
        json_write_array_end(out);
        write_cursor(out, page, found->order, &found->list);
        json_write_object_end(out);
}

void method_type_find(struct rpc_request *request)
{
        struct find_question question;
        struct query_error error;
        struct found_page found;
        struct glob names;
        struct page page;
        int r;

        if (!rpc_compile_names(request, &names) || !make_question(request, &names, &question) ||
            !rpc_page_begin(request, "type.find", &page))
                return;
        r = find(request->set, &question, &page, request->stop, &found, &error);
        if (r < 0) {
                request->reply->out->error = r;
                return;
        }
        if (r > 0) {
                write_query_error(request->reply, &error, /* has_path= */ false);
                return;
        }
        reply_result_begin(request->reply);
        write_found(request, &page, &found);
        reply_result_end(request->reply);
        found_page_deinit(&found);
}
