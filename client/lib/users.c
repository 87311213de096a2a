#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct user_list {
        struct btfd_user_list list;
        json_t *result;
        struct btfd_user_place *places; /* of all users, one after the other */
        struct btfd_user users[];
};

struct btfd_user_list *btfd_user_list_free(struct btfd_user_list *list)
{
        struct user_list *whole = (struct user_list *)list;

        if (!list)
                return NULL;
        free((void *)(uintptr_t)list->also);
        free(whole->places);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

/* Returns whether all are complete. */
static bool decode_places(const json_t *places, struct btfd_user_place *ret)
{
        bool is_complete = true;

        for (size_t i = 0; i < json_array_size(places); i++) {
                const json_t *place = json_array_get(places, i);

                ret[i] = (struct btfd_user_place){
                        .relation = decode_string(place, "relation"),
                        .path = decode_string(place, "path"),
                        .param = decode_uint(place, "param"),
                        .type = decode_string(place, "type"),
                };
                is_complete = is_complete && ret[i].relation && ret[i].type;
        }
        return is_complete;
}

static int decode_users(const json_t *users, struct user_list *whole)
{
        struct btfd_user_place *places;
        bool is_complete = true;
        size_t n_places = 0;

        for (size_t i = 0; i < whole->list.n_users; i++)
                n_places += json_array_size(json_object_get(json_array_get(users, i), "places"));
        places = whole->places = calloc(n_places + 1, sizeof(*places));
        if (!places)
                return -ENOMEM;
        for (size_t i = 0; i < whole->list.n_users; i++) {
                const json_t *user = json_array_get(users, i);
                const json_t *array = json_object_get(user, "places");

                whole->users[i] = (struct btfd_user){
                        .source = decode_string(user, "source"),
                        .kind = decode_string(user, "kind"),
                        .name = decode_string(user, "name"),
                        .id = decode_uint(user, "id"),
                        .instance = decode_uint(user, "instance"),
                        .size = decode_uint(user, "size"),
                        .uses = decode_uint(user, "uses"),
                        .depth = decode_uint(user, "depth"),
                        .places = places,
                        .n_places = json_array_size(array),
                };
                is_complete = is_complete && whole->users[i].source && whole->users[i].kind &&
                              whole->users[i].name && decode_places(array, places);
                places += json_array_size(array);
        }
        return is_complete ? 0 : -EBADMSG;
}

static int decode_user_list(const json_t *result, struct btfd_user_list **ret)
{
        size_t n;
        const json_t *users = decode_array(result, "users", &n);
        struct user_list *whole = calloc(1, sizeof(*whole) + n * sizeof(whole->users[0]));
        int r;

        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        whole->list = (struct btfd_user_list){
                .generation = decode_uint(result, "generation"),
                .source = decode_string(result, "source"),
                .kind = decode_string(result, "kind"),
                .name = decode_string(result, "name"),
                .id = decode_uint(result, "id"),
                .instance = decode_uint(result, "instance"),
                .count = decode_uint(result, "count"),
                .users = whole->users,
                .n_users = n,
                .cursor = decode_string(result, "cursor"),
        };
        r = decode_users(users, whole);
        if (r == 0)
                r = decode_candidates(result, "also", &whole->list.also, &whole->list.n_also);
        if (r == 0 &&
            (!json_is_array(users) || !whole->list.source || !whole->list.kind || !whole->list.name))
                r = -EBADMSG;
        if (r < 0) {
                btfd_user_list_free(&whole->list);
                return r;
        }
        *ret = &whole->list;
        return 0;
}

static void write_question(struct json_writer *request, const struct btfd_users *question)
{
        if (question->n_relations > 0) {
                json_write_key(request, "relations");
                json_write_array_begin(request);
                for (size_t i = 0; i < question->n_relations; i++)
                        json_write_string(request, question->relations[i]);
                json_write_array_end(request);
        }
        if (question->transitive)
                json_write_bool_member(request, "transitive", true);
        if (question->limit > 0)
                client_write_number(request, "limit", question->limit);
        client_write_text(request, "cursor", question->cursor);
}

int btfd_type_users(struct btfd_client *client, const char *type, const struct btfd_selector *selector,
                    const struct btfd_users *question, struct btfd_user_list **ret)
{
        static const struct btfd_users everything = {0};
        const json_t *result;
        int r;

        client_request_begin(client, "type.users");
        json_write_object_begin(&client->request);
        client_write_selector(&client->request, type, selector);
        write_question(&client->request, question ? question : &everything);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_user_list(result, ret)) : r;
}
