#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct info {
        struct btfd_info info;
        json_t *result;
};

struct btfd_info *btfd_info_free(struct btfd_info *info)
{
        struct info *whole = (struct info *)info;

        if (!info)
                return NULL;
        json_decref(whole->result);
        free(whole);
        return NULL;
}

static int decode_info(const json_t *result, struct btfd_info **ret)
{
        struct info *whole;

        if (!decode_string(result, "version") || !decode_string(result, "directory"))
                return -EBADMSG;
        whole = malloc(sizeof(*whole));
        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        whole->info = (struct btfd_info){
                .generation = decode_uint(result, "generation"),
                .version = decode_string(result, "version"),
                .protocol = decode_uint(result, "protocol"),
                .kernel_release = decode_string(result, "kernel_release"),
                .arch = decode_string(result, "arch"),
                .pointer_size = decode_uint(result, "pointer_size"),
                .endianness = decode_string(result, "endianness"),
                .directory = decode_string(result, "directory"),
                .sources = decode_uint(result, "sources"),
                .failed = decode_uint(result, "failed"),
        };
        *ret = &whole->info;
        return 0;
}

int btfd_info_get(struct btfd_client *client, const char *set, struct btfd_info **ret)
{
        const json_t *result;
        int r = client_ask_set(client, "btfd.info", set, &result);

        return r == 0 ? decode_finish(client, decode_info(result, ret)) : r;
}
