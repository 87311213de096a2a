/*
 * What the daemon gives in pages, taken page after page until there is no more or --limit is reached.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btfctl/btfctl.h"

int pages_turn(struct pages *pages, uint64_t n_shown, const char *next)
{
        pages->n_shown += n_shown;
        pages->n_left -= n_shown < pages->n_left ? n_shown : pages->n_left;
        free(pages->cursor);
        pages->cursor = NULL;
        if (!next || pages->n_left == 0)
                return STATUS_FINE;
        pages->cursor = strdup(next);
        return pages->cursor ? STATUS_FINE : report_failure(pages->context, -ENOMEM, /* path= */ NULL);
}

int pages_take(struct context *context, page_taker *take, void *userdata, uint64_t *ret_n_shown)
{
        struct pages pages = {
                .context = context,
                .n_left = context->given & OPT(LIMIT) ? context->limit : UINT64_MAX,
        };
        int status;

        if (pages.n_left == 0)
                return usage("--limit=0 asks for nothing", "");
        do
                status = take(&pages, userdata);
        while (status == STATUS_FINE && pages.cursor);
        free(pages.cursor);
        *ret_n_shown = pages.n_shown;
        return status;
}
