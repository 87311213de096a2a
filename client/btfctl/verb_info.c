#include <inttypes.h>
#include <stdio.h>

#include "btfctl/btfctl.h"

int verb_info(struct context *context, char **arguments)
{
        struct btfd_info *info;
        int r, status = STATUS_FINE;

        (void)arguments;
        r = btfd_info_get(context->client, context->selector.set, &info);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF) {
                status = print_json_result(context);
        } else {
                printf("btfd        %s, protocol %" PRIu64 "\n", info->version, info->protocol);
                printf("kernel      %s%s%s\n",
                       info->kernel_release ? info->kernel_release : "not the running one",
                       info->arch ? " " : "", info->arch ? info->arch : "");
                printf("types from  %s\n", info->directory);
                printf("sources     vmlinux and %" PRIu64 " modules", info->sources - 1);
                if (info->failed > 0)
                        printf(", %" PRIu64 " failed: see 'btfctl sources'", info->failed);
                putchar('\n');
                printf("target      %s-endian, %" PRIu64 "-byte pointers\n", info->endianness,
                       info->pointer_size);
                printf("generation  %" PRIu64 "\n", info->generation);
        }
        btfd_info_free(info);
        return status;
}
