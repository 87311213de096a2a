#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct diff {
        struct btfd_diff diff;
        json_t *result;
};

struct btfd_diff *btfd_diff_free(struct btfd_diff *diff)
{
        struct diff *whole = (struct diff *)diff;

        if (!diff)
                return NULL;
        /* The arrays are ours, though the public object shows them as constant. */
        free((void *)(uintptr_t)diff->differs);
        free((void *)(uintptr_t)diff->changes);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

static int decode_differs(const json_t *result, struct btfd_diff *diff)
{
        const json_t *array = decode_array(result, "differs", &diff->n_differs);
        const char **differs = calloc(diff->n_differs + 1, sizeof(*differs));

        if (!differs)
                return -ENOMEM;
        diff->differs = differs;
        for (size_t i = 0; i < diff->n_differs; i++) {
                differs[i] = json_string_value(json_array_get(array, i));
                if (!differs[i])
                        return -EBADMSG;
        }
        return 0;
}

static unsigned int decode_what(const json_t *change)
{
        static const char *const words[] = {"added",   "removed",   "moved",    "resized",
                                            "retyped", "redefined", "revalued", "renamed"};
        size_t n;
        const json_t *array = decode_array(change, "what", &n);
        unsigned int what = 0;

        for (size_t i = 0; i < n; i++) {
                const char *word = json_string_value(json_array_get(array, i));
                unsigned int bit = BTFD_DIFF_OTHER;

                for (size_t j = 0; word && j < sizeof(words) / sizeof(words[0]); j++) {
                        if (strcmp(word, words[j]) == 0)
                                bit = 1U << j;
                }
                what |= bit;
        }
        return what;
}

static struct btfd_diff_entry decode_entry(const json_t *entry)
{
        const json_t *bitfield = json_object_get(entry, "bitfield");
        struct btfd_diff_entry decoded = {
                .offset = decode_uint(entry, "offset"),
                .index = decode_uint(entry, "index"),
                .name = decode_string(entry, "name"),
                .type = decode_string(entry, "type"),
                .size = decode_uint(entry, "size"),
                .value_text = decode_string(entry, "value_text"),
        };

        if (bitfield) {
                decoded.is_bitfield = true;
                decoded.bitfield = decode_bitfield(bitfield);
        }
        return decoded;
}

static int decode_changes(const json_t *result, struct btfd_diff *diff)
{
        const json_t *array = decode_array(result, "changes", &diff->n_changes);
        struct btfd_diff_change *changes = calloc(diff->n_changes + 1, sizeof(*changes));

        if (!changes)
                return -ENOMEM;
        diff->changes = changes;
        for (size_t i = 0; i < diff->n_changes; i++) {
                const json_t *change = json_array_get(array, i);

                changes[i] = (struct btfd_diff_change){
                        .path = decode_string(change, "path"),
                        .what = decode_what(change),
                        .a = decode_entry(json_object_get(change, "a")),
                        .b = decode_entry(json_object_get(change, "b")),
                };
                if (changes[i].what == 0)
                        return -EBADMSG;
        }
        return 0;
}

static int decode_side(const json_t *side, struct btfd_diff_side *ret)
{
        *ret = (struct btfd_diff_side){
                .set = decode_string(side, "set"),
                .source = decode_string(side, "source"),
                .instance = decode_uint(side, "instance"),
                .id = decode_uint(side, "id"),
                .kind = decode_string(side, "kind"),
                .name = decode_string(side, "name"),
                .size = decode_uint(side, "size"),
                .encoding = decode_string(side, "encoding"),
                .type = decode_string(side, "type"),
                .returns = decode_string(side, "returns"),
                .linkage = decode_string(side, "linkage"),
        };
        return ret->set && ret->source && ret->kind ? 0 : -EBADMSG;
}

static int decode_diff(const json_t *result, struct btfd_diff **ret)
{
        struct diff *whole = calloc(1, sizeof(*whole));
        struct btfd_diff *diff = &whole->diff;
        int r;

        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        diff->generation = decode_uint(result, "generation");
        diff->same = json_is_true(json_object_get(result, "same"));
        diff->count = decode_uint(result, "count");
        r = decode_side(json_object_get(result, "a"), &diff->a);
        if (r == 0)
                r = decode_side(json_object_get(result, "b"), &diff->b);
        if (r == 0)
                r = decode_differs(result, diff);
        if (r == 0)
                r = decode_changes(result, diff);
        if (r < 0) {
                btfd_diff_free(diff);
                return r;
        }
        *ret = diff;
        return 0;
}

int btfd_type_diff(struct btfd_client *client, const char *type, const struct btfd_selector *selector,
                   const char *with_type, const struct btfd_selector *with, struct btfd_diff **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "type.diff");
        json_write_object_begin(&client->request);
        client_write_selector(&client->request, type, selector);
        json_write_key(&client->request, "with");
        json_write_object_begin(&client->request);
        client_write_selector(&client->request, with_type, with);
        json_write_object_end(&client->request);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_diff(result, ret)) : r;
}
