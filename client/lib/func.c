#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

/* The public object comes first; its strings belong to `result`. */
struct function {
        struct btfd_function function;
        json_t *result;
};

struct function_list {
        struct btfd_function_list list;
        json_t *result;
        struct btfd_match *matches; /* of all hits, one after the other */
        struct btfd_found_function found[];
};

static void free_tags(const char *const *tags)
{
        free((void *)(uintptr_t)tags);
}

struct btfd_function *btfd_function_free(struct btfd_function *function)
{
        struct function *whole = (struct function *)function;

        if (!function)
                return NULL;
        for (size_t i = 0; i < function->n_params && function->params; i++)
                free_tags(function->params[i].tags);
        free_tags(function->tags);
        free((void *)(uintptr_t)function->params);
        free((void *)(uintptr_t)function->also);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

/* Leaves the outputs alone if there are none. Returns 0, -ENOMEM or -EBADMSG. */
static int decode_tags(const json_t *object, const char *const **ret, size_t *ret_n)
{
        size_t n;
        const json_t *array = decode_array(object, "tags", &n);
        const char **tags;

        if (n == 0)
                return 0;
        tags = calloc(n, sizeof(*tags));
        if (!tags)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                tags[i] = json_string_value(json_array_get(array, i));
                if (!tags[i]) {
                        free(tags);
                        return -EBADMSG;
                }
        }
        *ret = tags;
        *ret_n = n;
        return 0;
}

static int decode_params(const json_t *result, struct btfd_function *function)
{
        size_t n;
        const json_t *array = decode_array(result, "params", &n);
        struct btfd_function_param *params = calloc(n + 1, sizeof(*params));
        int r = 0;

        if (!params)
                return -ENOMEM;
        function->params = params;
        function->n_params = n;
        for (size_t i = 0; i < n && r == 0; i++) {
                const json_t *param = json_array_get(array, i);

                params[i] = (struct btfd_function_param){
                        .name = decode_string(param, "name"),
                        .value = decode_value(param),
                        .type_id = decode_uint(param, "type_id"),
                        .slot = decode_uint(param, "slot"),
                        .n_slots = decode_uint(param, "slots"),
                };
                r = params[i].value.type && params[i].value.kind
                            ? decode_tags(param, &params[i].tags, &params[i].n_tags)
                            : -EBADMSG;
        }
        return r;
}

static int decode_function(const json_t *result, struct btfd_function **ret)
{
        const json_t *returns = json_object_get(result, "returns");
        struct function *whole;
        struct btfd_function *function;
        int r;

        if (!decode_string(result, "source") || !decode_string(result, "prototype") ||
            !decode_string(returns, "type"))
                return -EBADMSG;
        whole = calloc(1, sizeof(*whole));
        if (!whole)
                return -ENOMEM;
        function = &whole->function;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        *function = (struct btfd_function){
                .generation = decode_uint(result, "generation"),
                .source = decode_string(result, "source"),
                .instance = decode_uint(result, "instance"),
                .id = decode_uint(result, "id"),
                .name = decode_string(result, "name"),
                .hook = decode_string(result, "hook"),
                .tracepoint = decode_string(result, "tracepoint"),
                .linkage = decode_string(result, "linkage"),
                .prototype = decode_string(result, "prototype"),
                .returns = decode_value(returns),
                .returns_id = decode_uint(returns, "type_id"),
                .variadic = json_is_true(json_object_get(result, "variadic")),
        };
        r = decode_params(result, function);
        if (r == 0)
                r = decode_tags(result, &function->tags, &function->n_tags);
        if (r == 0)
                r = decode_candidates(result, "also", &function->also, &function->n_also);
        if (r < 0) {
                btfd_function_free(function);
                return r;
        }
        *ret = function;
        return 0;
}

static int get(struct btfd_client *client, const char *key, const char *name,
               const struct btfd_selector *selector, struct btfd_function **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "func.get");
        json_write_object_begin(&client->request);
        client_write_selector(&client->request, /* type= */ NULL, selector);
        client_write_text(&client->request, key, name);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_function(result, ret)) : r;
}

int btfd_func_get(struct btfd_client *client, const char *func, const struct btfd_selector *selector,
                  struct btfd_function **ret)
{
        return get(client, "func", func, selector, ret);
}

int btfd_tracepoint_get(struct btfd_client *client, const char *tracepoint,
                        const struct btfd_selector *selector, struct btfd_function **ret)
{
        return get(client, "tracepoint", tracepoint, selector, ret);
}

struct btfd_function_list *btfd_function_list_free(struct btfd_function_list *list)
{
        struct function_list *whole = (struct function_list *)list;

        if (!list)
                return NULL;
        free(whole->matches);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

/* A hit's parameters, from *at on in the array of all. */
static int decode_matches(const json_t *hit, struct btfd_found_function *found, struct btfd_match **at)
{
        const json_t *matches = decode_array(hit, "matches", &found->n_matches);

        found->matches = *at;
        for (size_t i = 0; i < found->n_matches; i++) {
                const json_t *match = json_array_get(matches, i);

                **at = (struct btfd_match){decode_uint(match, "index"), decode_uint(match, "slot")};
                if ((*at)++->index == BTFD_NONE)
                        return -EBADMSG;
        }
        return 0;
}

static int decode_found(const json_t *array, struct function_list *whole)
{
        size_t n_matches = 0, n_of_hit;
        struct btfd_match *at;
        int r = 0;

        for (size_t i = 0; i < whole->list.n_found; i++) {
                (void)decode_array(json_array_get(array, i), "matches", &n_of_hit);
                n_matches += n_of_hit;
        }
        at = whole->matches = calloc(n_matches + 1, sizeof(*whole->matches));
        if (!at)
                return -ENOMEM;
        for (size_t i = 0; i < whole->list.n_found && r == 0; i++) {
                const json_t *hit = json_array_get(array, i);
                struct btfd_found_function *found = &whole->found[i];

                *found = (struct btfd_found_function){
                        .source = decode_string(hit, "source"),
                        .instance = decode_uint(hit, "instance"),
                        .id = decode_uint(hit, "id"),
                        .name = decode_string(hit, "name"),
                        .hook = decode_string(hit, "hook"),
                        .tracepoint = decode_string(hit, "tracepoint"),
                        .prototype = decode_string(hit, "prototype"),
                };
                r = found->source && found->name && found->prototype ? decode_matches(hit, found, &at)
                                                                     : -EBADMSG;
        }
        return r;
}

static int decode_function_list(const json_t *result, struct btfd_function_list **ret)
{
        size_t n;
        const json_t *array = decode_array(result, "functions", &n);
        struct function_list *whole;
        int r;

        if (!json_is_array(array))
                return -EBADMSG;
        whole = calloc(1, sizeof(*whole) + n * sizeof(whole->found[0]));
        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        whole->list = (struct btfd_function_list){
                .generation = decode_uint(result, "generation"),
                .found = whole->found,
                .n_found = n,
                .cursor = decode_string(result, "cursor"),
        };
        r = decode_found(array, whole);
        if (r < 0) {
                btfd_function_list_free(&whole->list);
                return r;
        }
        *ret = &whole->list;
        return 0;
}

/* A type that is asked for: an object of its own, without a set. */
static void write_type(struct json_writer *request, const char *type, const struct btfd_selector *selector)
{
        struct btfd_selector narrowed = selector ? *selector : (struct btfd_selector){0};

        narrowed.set = NULL;
        client_write_selector(request, type, &narrowed);
}

static void write_param(struct json_writer *request, const struct btfd_function_question *question)
{
        if (!question->param && !(question->param_selector && question->param_selector->has_id))
                return;
        json_write_key(request, "param");
        json_write_object_begin(request);
        write_type(request, question->param, question->param_selector);
        if (question->has_position)
                client_write_number(request, "position", question->position);
        if (question->within > 0)
                client_write_number(request, "within", question->within);
        json_write_object_end(request);
}

static void write_returns(struct json_writer *request, const struct btfd_function_question *question)
{
        if (!question->returns && !(question->returns_selector && question->returns_selector->has_id))
                return;
        json_write_key(request, "returns");
        json_write_object_begin(request);
        write_type(request, question->returns, question->returns_selector);
        json_write_object_end(request);
}

static void write_question(struct json_writer *request, const struct btfd_function_question *question)
{
        json_write_object_begin(request);
        client_write_text(request, "category", question->category);
        client_write_text(request, "name", question->name);
        client_write_text(request, "match", question->match);
        if (question->ignore_case)
                json_write_bool_member(request, "ignore_case", true);
        client_write_text(request, "tag", question->tag);
        client_write_text(request, "source", question->source);
        client_write_text(request, "set", question->set);
        write_param(request, question);
        write_returns(request, question);
        if (question->limit > 0)
                client_write_number(request, "limit", question->limit);
        client_write_text(request, "cursor", question->cursor);
        json_write_object_end(request);
}

int btfd_func_find(struct btfd_client *client, const struct btfd_function_question *question,
                   struct btfd_function_list **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "func.find");
        write_question(&client->request, question);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_function_list(result, ret)) : r;
}
