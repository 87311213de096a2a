/*
 * funcs: functions, LSM hooks or tracepoints, a line each, page after page until there is no more.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "btfctl/btfctl.h"

struct listing {
        struct context *context;
        struct btfd_function_question question;
        uint64_t n_left; /* of --limit */
        uint64_t n_found;
};

static int source_width(const struct btfd_function_list *list)
{
        size_t width = 0;

        for (size_t i = 0; i < list->n_found; i++) {
                size_t length = strlen(list->found[i].source);

                width = length > width ? length : width;
        }
        return (int)width;
}

/* Which parameters are of the type: `0` or `1,3`. */
static void print_matches(const struct btfd_found_function *found)
{
        char text[32] = "";
        size_t length = 0;

        for (size_t i = 0; i < found->n_matches && length < sizeof(text); i++)
                length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%" PRIu64,
                                           i > 0 ? "," : "", found->matches[i].index);
        printf("  %3s", text);
}

static void print_page(const struct listing *listing, const struct btfd_function_list *list)
{
        int width = source_width(list);

        for (size_t i = 0; i < list->n_found; i++) {
                const struct btfd_found_function *found = &list->found[i];

                printf("%-*s", width, found->source);
                if (listing->question.param)
                        print_matches(found);
                printf("  %s\n", found->prototype);
        }
}

/* Takes one page from the daemon; *ret_cursor is that of the next one, or NULL. Returns an exit_status. */
static int take_page(struct listing *listing, char **ret_cursor)
{
        struct context *context = listing->context;
        struct btfd_function_list *list;
        int r, status = STATUS_FINE;

        listing->question.limit = listing->n_left < PAGE_MAX ? listing->n_left : PAGE_MAX;
        r = btfd_func_find(context->client, &listing->question, &list);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF)
                status = print_json_result(context);
        else
                print_page(listing, list);
        listing->n_found += list->n_found;
        listing->n_left -= list->n_found < listing->n_left ? list->n_found : listing->n_left;
        if (list->cursor && listing->n_left > 0) {
                *ret_cursor = strdup(list->cursor);
                if (!*ret_cursor)
                        status = report_failure(context, -ENOMEM, /* path= */ NULL);
        }
        btfd_function_list_free(list);
        return status;
}

static int take_pages(struct listing *listing)
{
        char *cursor = NULL;
        int status;

        do {
                char *next = NULL;

                listing->question.cursor = cursor;
                status = take_page(listing, &next);
                free(cursor);
                cursor = next;
        } while (cursor && status == STATUS_FINE);
        free(cursor);
        return status;
}

/* What makes no sense together; returns an exit_status. */
static int check(const struct context *context)
{
        option_set place = context->given & (OPT(WITHIN) | OPT(POSITION));

        if (context->lsm && context->tracepoints)
                return usage("--lsm and --tracepoints are two questions", "");
        if (place && !context->param)
                return usage("--within and --position need --param=TYPE", "");
        if (place == (OPT(WITHIN) | OPT(POSITION)))
                return usage("--within and --position are two questions", "");
        if (context->given & OPT(WITHIN) && context->within == 0)
                return usage("--within=0 asks for nothing", "");
        if (context->given & OPT(LIMIT) && context->limit == 0)
                return usage("--limit=0 asks for nothing", "");
        return STATUS_FINE;
}

int verb_funcs(struct context *context, char **arguments)
{
        struct listing listing = {
                .context = context,
                .question =
                        {
                                .category = context->lsm           ? "lsm"
                                            : context->tracepoints ? "tracepoint"
                                                                   : "function",
                                .name = arguments[0],
                                .ignore_case = context->ignore_case,
                                .source = context->selector.source,
                                .tag = context->tag,
                                .param = context->param,
                                .has_position = context->given & OPT(POSITION),
                                .position = context->position,
                                .within = context->within,
                                .returns = context->returns,
                                .set = context->selector.set,
                        },
                .n_left = context->given & OPT(LIMIT) ? context->limit : UINT64_MAX,
        };
        int status = check(context);

        if (status == STATUS_FINE)
                status = take_pages(&listing);
        if (status == STATUS_FINE && listing.n_found == 0) {
                fprintf(stderr, "btfctl: no such functions\n");
                return STATUS_NOT_FOUND;
        }
        return status;
}
