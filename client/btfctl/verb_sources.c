#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "btfctl/btfctl.h"

/* Names of modules have at most 55 bytes; a longer one does not push all numbers off the screen. */
#define NAME_COLUMN_MAX 55

static void print_sources(const struct btfd_source_list *list)
{
        int width = (int)strlen("SOURCE");

        for (size_t i = 0; i < list->n_sources; i++) {
                size_t length = strlen(list->sources[i].name);

                if (length > (size_t)width && length <= NAME_COLUMN_MAX)
                        width = (int)length;
        }
        printf("%-*s  %10s  %8s  %8s\n", width, "SOURCE", "BYTES", "TYPES", "INSTANCE");
        for (size_t i = 0; i < list->n_sources; i++) {
                const struct btfd_source *source = &list->sources[i];

                print_plain(stdout, source->name, strlen(source->name));
                printf("%*s", width - (int)strlen(source->name), "");
                if (source->loaded) {
                        printf("  %10" PRIu64 "  %8" PRIu64 "  %8" PRIu64 "\n", source->bytes, source->types,
                               source->instance);
                } else {
                        printf("  failed: byte %" PRIu64 ": ", source->error_offset);
                        print_plain(stdout, source->message, strlen(source->message));
                        printf(" (%s)\n", source->reason);
                }
        }
        if (list->left_out > 0)
                printf("and %" PRIu64 " files beyond the daemon's limit\n", list->left_out);
}

int verb_sources(struct context *context, char **arguments)
{
        struct btfd_source_list *list;
        int r, status = STATUS_FINE;

        (void)arguments;
        r = btfd_source_list_get(context->client, context->selector.set, &list);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF)
                status = print_json_result(context);
        else
                print_sources(list);
        btfd_source_list_free(list);
        return status;
}
