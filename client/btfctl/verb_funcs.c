/*
 * funcs: functions, LSM hooks or tracepoints, a line each, page after page until there is no more.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "btfctl/btfctl.h"

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
        char text[64] = "";
        size_t length = 0, i = 0;

        /* Only numbers that fit: one that is cut would be another one. */
        for (; i < found->n_matches && length < sizeof(text) / 2; i++)
                length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%" PRIu64,
                                           i > 0 ? "," : "", found->matches[i].index);
        if (i < found->n_matches)
                snprintf(text + length, sizeof(text) - length, ",...");
        printf("  %3s", text);
}

static void print_page(const struct btfd_function_list *list, bool has_param)
{
        int width = source_width(list);

        for (size_t i = 0; i < list->n_found; i++) {
                const struct btfd_found_function *found = &list->found[i];

                printf("%-*s", width, found->source);
                if (has_param)
                        print_matches(found);
                printf("  %s\n", found->prototype);
        }
}

static int take_page(struct pages *pages, void *userdata)
{
        struct btfd_function_question *question = userdata;
        struct context *context = pages->context;
        struct btfd_function_list *list;
        int r, status = STATUS_FINE;

        question->limit = page_limit(pages->n_left);
        question->cursor = pages->cursor;
        r = btfd_func_find(context->client, question, &list);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF)
                status = print_json_result(context);
        else
                print_page(list, question->param != NULL);
        if (status == STATUS_FINE)
                status = pages_turn(pages, list->n_found, list->cursor);
        btfd_function_list_free(list);
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
        return STATUS_FINE;
}

int verb_funcs(struct context *context, char **arguments)
{
        struct btfd_function_question question = {
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
        };
        uint64_t n_found = 0;
        int status = check(context);

        if (status == STATUS_FINE)
                status = pages_take(context, take_page, &question, &n_found);
        if (status != STATUS_FINE || n_found > 0)
                return status;
        fprintf(stderr, "btfctl: no such functions\n");
        return STATUS_NOT_FOUND;
}
