#include "btfctl/btfctl.h"

int verb_call(struct context *context, char **arguments)
{
        int r = btfd_call(context->client, arguments[0], arguments[1]);

        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        print_json_result(context);
        return STATUS_FINE;
}
