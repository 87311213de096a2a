#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct source_list {
        struct btfd_source_list list;
        json_t *result;
        struct btfd_source sources[];
};

struct btfd_source_list *btfd_source_list_free(struct btfd_source_list *list)
{
        struct source_list *whole = (struct source_list *)list;

        if (!list)
                return NULL;
        json_decref(whole->result);
        free(whole);
        return NULL;
}

static struct btfd_source decode_source(const json_t *object)
{
        const json_t *error = json_object_get(object, "error");
        const char *state = decode_string(object, "state");

        return (struct btfd_source){
                .name = decode_string(object, "name"),
                .loaded = state && strcmp(state, "loaded") == 0,
                .bytes = decode_uint(object, "bytes"),
                .types = decode_uint(object, "types"),
                .first_id = decode_uint(object, "first_id"),
                .instance = decode_uint(object, "instance"),
                .reason = decode_string(error, "reason"),
                .message = decode_string(error, "message"),
                .error_offset = decode_uint(error, "offset"),
        };
}

static bool is_complete(const struct btfd_source *source)
{
        return source->name && (source->loaded || (source->reason && source->message));
}

static int decode_source_list(const json_t *result, struct btfd_source_list **ret)
{
        size_t n_sources;
        const json_t *sources = decode_array(result, "sources", &n_sources);
        struct source_list *whole;

        if (!json_is_array(sources))
                return -EBADMSG;
        whole = calloc(1, sizeof(*whole) + n_sources * sizeof(whole->sources[0]));
        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        whole->list = (struct btfd_source_list){
                .generation = decode_uint(result, "generation"),
                .sources = whole->sources,
                .n_sources = n_sources,
                .left_out = decode_uint(result, "left_out"),
        };
        for (size_t i = 0; i < n_sources; i++) {
                whole->sources[i] = decode_source(json_array_get(sources, i));
                if (!is_complete(&whole->sources[i])) {
                        btfd_source_list_free(&whole->list);
                        return -EBADMSG;
                }
        }
        *ret = &whole->list;
        return 0;
}

int btfd_source_list_get(struct btfd_client *client, const char *set, struct btfd_source_list **ret)
{
        const json_t *result;
        int r = client_ask_set(client, "source.list", set, &result);

        return r == 0 ? decode_finish(client, decode_source_list(result, ret)) : r;
}
