#include <unistd.h>

#include "btfctl/btfctl.h"

int verb_call(struct context *context, char **arguments)
{
        int r = btfd_call(context->client, arguments[0], arguments[1]);

        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        /* A result whose method is anybody's has no other form. */
        if (context->json == JSON_OFF)
                context->json = isatty(STDOUT_FILENO) ? JSON_PRETTY : JSON_SHORT;
        return print_json_result(context);
}
