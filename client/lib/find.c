#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct found_list {
        struct btfd_found_list list;
        json_t *result;
        struct btfd_found found[];
};

struct btfd_found_list *btfd_found_list_free(struct btfd_found_list *list)
{
        if (!list)
                return NULL;
        json_decref(((struct found_list *)list)->result);
        free(list);
        return NULL;
}

static int decode_found_list(const json_t *result, struct btfd_found_list **ret)
{
        size_t n;
        const json_t *array = decode_array(result, "types", &n);
        struct found_list *whole = calloc(1, sizeof(*whole) + n * sizeof(whole->found[0]));
        bool is_complete = json_is_array(array);

        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        whole->list = (struct btfd_found_list){
                .generation = decode_uint(result, "generation"),
                .count = decode_uint(result, "count"),
                .found = whole->found,
                .n_found = n,
                .cursor = decode_string(result, "cursor"),
        };
        for (size_t i = 0; i < n; i++) {
                const json_t *found = json_array_get(array, i);

                whole->found[i] = (struct btfd_found){
                        .source = decode_string(found, "source"),
                        .kind = decode_string(found, "kind"),
                        .name = decode_string(found, "name"),
                        .id = decode_uint(found, "id"),
                        .instance = decode_uint(found, "instance"),
                        .size = decode_uint(found, "size"),
                        .declares = decode_string(found, "declares"),
                };
                is_complete =
                        is_complete && whole->found[i].source && whole->found[i].kind && whole->found[i].name;
        }
        if (!is_complete) {
                btfd_found_list_free(&whole->list);
                return -EBADMSG;
        }
        *ret = &whole->list;
        return 0;
}

static void write_question(struct json_writer *request, const struct btfd_find *question)
{
        json_write_object_begin(request);
        json_write_string_member(request, "name", question->name);
        client_write_text(request, "match", question->match);
        if (question->ignore_case)
                json_write_bool_member(request, "ignore_case", true);
        if (question->n_kinds > 0) {
                json_write_key(request, "kinds");
                json_write_array_begin(request);
                for (size_t i = 0; i < question->n_kinds; i++)
                        json_write_string(request, question->kinds[i]);
                json_write_array_end(request);
        }
        client_write_text(request, "source", question->source);
        client_write_text(request, "set", question->set);
        if (question->limit > 0)
                client_write_number(request, "limit", question->limit);
        client_write_text(request, "cursor", question->cursor);
        json_write_object_end(request);
}

int btfd_type_find(struct btfd_client *client, const struct btfd_find *question, struct btfd_found_list **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "type.find");
        write_question(&client->request, question);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_found_list(result, ret)) : r;
}
