#include "rpc/paging.h"

#include <stdio.h>
#include <string.h>

#include "rpc/write_query.h"

bool rpc_compile_names(const struct rpc_request *request, struct glob *ret)
{
        const struct rpc_params *params = &request->params;
        enum glob_mode mode = params->match;
        struct glob_error error;
        char expected[128];

        if (!(params->given & RPC_SET(MATCH)))
                mode = glob_has_wildcard(params->name) ? GLOB_PATTERN : GLOB_EXACT;
        if (glob_compile(ret, params->name, mode, params->ignore_case, &error) == 0)
                return true;
        snprintf(expected, sizeof(expected), "%s, at byte %zu", error.expected, error.position);
        return rpc_params_refuse(request->reply, "parameter", "name", /* where= */ NULL, expected);
}

bool rpc_page_begin(const struct rpc_request *request, const char *method, struct page *ret)
{
        const struct rpc_params *params = &request->params;
        uint64_t limit = params->given & RPC_SET(LIMIT) ? params->limit : PAGE_DEFAULT_LIMIT;
        struct query_error error;

        if (page_begin(ret, page_hash(params->question, method, strlen(method)), limit, params->cursor,
                       &error) == 0)
                return true;
        write_query_error(request->reply, &error, /* has_path= */ false);
        return false;
}

void write_cursor(struct json_writer *out, const struct page *page, const struct name_order *order,
                  const struct page_list *list)
{
        char cursor[PAGE_CURSOR_SIZE];

        if (!list->has_more)
                return;
        page_write_cursor(page, order, list, cursor);
        json_write_string_member(out, "cursor", cursor);
}
