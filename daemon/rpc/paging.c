#include "rpc/paging.h"

#include <string.h>

#include "rpc/write_query.h"

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
