#include <inttypes.h>
#include <stdio.h>

#include "btfctl/btfctl.h"

static void print_var(const struct btfd_var *var)
{
        printf("%s: %s", var->name, var->value.type);
        if (var->value.size != BTFD_NONE)
                printf(", %" PRIu64 " bytes", var->value.size);
        printf(", %s, %s\n", var->linkage ? var->linkage : "linkage unknown", var->source);
        if (var->section)
                printf("  at %" PRIu64 " (0x%" PRIx64 ") in %s%s\n", var->offset, var->offset, var->section,
                       var->percpu ? ": one for each CPU" : "");
}

int verb_var(struct context *context, char **arguments)
{
        struct btfd_var *var;
        int r, status = STATUS_FINE;

        r = btfd_var_get(context->client, arguments[0], &context->selector, &var);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF)
                status = print_json_result(context);
        else
                print_var(var);
        report_also(var->also, var->n_also);
        btfd_var_free(var);
        return status;
}
