#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"

/* The daemon takes no more alternatives. */
#define MAX_QUESTIONS 16U

/* The public object comes first; its strings belong to `result`. */
struct field {
        struct btfd_field field;
        json_t *result;
        struct btfd_argument argument;
        struct btfd_section_place variable;
        const char **tags; /* of all steps, one after the other */
        struct btfd_step steps[];
};

struct btfd_field *btfd_field_free(struct btfd_field *field)
{
        struct field *whole = (struct field *)field;

        if (!field)
                return NULL;
        free((void *)(uintptr_t)field->also);
        free(whole->tags);
        json_decref(whole->result);
        free(whole);
        return NULL;
}

static int decode_steps(const json_t *steps, size_t n_steps, struct field *whole)
{
        size_t n_tags = 0, n_step_tags;

        for (size_t i = 0; i < n_steps; i++) {
                (void)decode_array(json_array_get(steps, i), "tags", &n_step_tags);
                n_tags += n_step_tags;
        }
        whole->tags = calloc(n_tags + 1, sizeof(*whole->tags));
        if (!whole->tags)
                return -ENOMEM;
        n_tags = 0;
        for (size_t i = 0; i < n_steps; i++) {
                const json_t *step = json_array_get(steps, i);
                const json_t *tags = decode_array(step, "tags", &n_step_tags);

                whole->steps[i] = (struct btfd_step){
                        .offset = decode_int(step, "offset"),
                        .source = decode_string(step, "source"),
                        .deref = json_is_true(json_object_get(step, "deref")),
                        .tags = whole->tags + n_tags,
                        .n_tags = n_step_tags,
                };
                if (!whole->steps[i].source)
                        whole->steps[i].source = whole->field.source;
                for (size_t j = 0; j < n_step_tags; j++) {
                        whole->tags[n_tags] = json_string_value(json_array_get(tags, j));
                        if (!whole->tags[n_tags++])
                                return -EBADMSG;
                }
        }
        return 0;
}

/* Where the plan starts, if not at an object. */
static int decode_start(const json_t *result, struct field *whole)
{
        const json_t *argument = json_object_get(result, "argument");
        const json_t *variable = json_object_get(result, "variable");

        if (argument) {
                whole->argument = (struct btfd_argument){
                        .returns = json_is_true(json_object_get(argument, "returns")),
                        .index = decode_uint(argument, "index"),
                        .name = decode_string(argument, "name"),
                        .slot = decode_uint(argument, "slot"),
                        .by_value = json_is_true(json_object_get(argument, "by_value")),
                };
                whole->field.argument = &whole->argument;
        }
        if (variable) {
                whole->variable = (struct btfd_section_place){
                        .section = decode_string(variable, "section"),
                        .offset = decode_uint(variable, "offset"),
                        .size = decode_uint(variable, "size"),
                };
                whole->field.variable = &whole->variable;
        }
        if (argument && !whole->argument.returns && !whole->argument.name)
                return -EBADMSG;
        return variable && !whole->variable.section ? -EBADMSG : 0;
}

static int decode_field(const json_t *result, struct btfd_field **ret)
{
        size_t n_steps;
        const json_t *steps = decode_array(result, "steps", &n_steps);
        struct field *whole;
        int r;

        if (!json_is_array(steps) || (n_steps == 0 && !json_object_get(result, "argument")) ||
            !decode_string(result, "type") || !decode_string(result, "kind") ||
            !decode_string(result, "source"))
                return -EBADMSG;
        whole = calloc(1, sizeof(*whole) + n_steps * sizeof(whole->steps[0]));
        if (!whole)
                return -ENOMEM;
        whole->result = json_incref((json_t *)(uintptr_t)result);
        whole->field = (struct btfd_field){
                .generation = decode_uint(result, "generation"),
                .source = decode_string(result, "source"),
                .which = (size_t)decode_int(result, "which"),
                .steps = whole->steps,
                .n_steps = n_steps,
                .has_offset = json_object_get(result, "offset"),
                .offset = decode_int(result, "offset"),
                .type_source = decode_string(result, "type_source"),
                .value = decode_value(result),
        };
        if (!whole->field.type_source)
                whole->field.type_source = whole->field.source;
        r = decode_steps(steps, n_steps, whole);
        if (r == 0)
                r = decode_start(result, whole);
        if (r == 0)
                r = decode_candidates(result, "also", &whole->field.also, &whole->field.n_also);
        if (r < 0) {
                btfd_field_free(&whole->field);
                return r;
        }
        *ret = &whole->field;
        return 0;
}

/* The members of one question, without its set. */
static void write_question(struct json_writer *request, const struct btfd_question *question)
{
        struct btfd_selector selector = {0};
        bool is_type = question->root == BTFD_ROOT_TYPE;

        if (question->selector)
                selector = *question->selector;
        selector.set = NULL;
        client_write_selector(request, is_type ? question->name : NULL, &selector);
        if (!is_type && question->name)
                json_write_string_member(request, question->root == BTFD_ROOT_FUNC ? "func" : "var",
                                         question->name);
        json_write_string_member(request, "path", question->path);
}

static const char *set_of(const struct btfd_question *question)
{
        return question->selector ? question->selector->set : NULL;
}

static bool are_of_one_set(const struct btfd_question *questions, size_t n_questions)
{
        const char *set = set_of(&questions[0]);

        for (size_t i = 1; i < n_questions; i++) {
                const char *other = set_of(&questions[i]);

                if (set != other && (!set || !other || strcmp(set, other) != 0))
                        return false;
        }
        return true;
}

static void write_alternatives(struct json_writer *request, const struct btfd_question *questions,
                               size_t n_questions)
{
        json_write_key(request, "any");
        json_write_array_begin(request);
        for (size_t i = 0; i < n_questions; i++) {
                json_write_object_begin(request);
                write_question(request, &questions[i]);
                json_write_object_end(request);
        }
        json_write_array_end(request);
}

int btfd_field_offset_any(struct btfd_client *client, const struct btfd_question *questions,
                          size_t n_questions, struct btfd_field **ret)
{
        const json_t *result;
        int r;

        client_request_begin(client, "field.offset");
        if (n_questions == 0 || n_questions > MAX_QUESTIONS || !are_of_one_set(questions, n_questions))
                return -EINVAL;
        json_write_object_begin(&client->request);
        client_write_text(&client->request, "set", set_of(&questions[0]));
        if (n_questions == 1)
                write_question(&client->request, &questions[0]);
        else
                write_alternatives(&client->request, questions, n_questions);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_field(result, ret)) : r;
}

int btfd_field_offset(struct btfd_client *client, const char *type, const char *path,
                      const struct btfd_selector *selector, struct btfd_field **ret)
{
        const struct btfd_question question = {.name = type, .path = path, .selector = selector};

        return btfd_field_offset_any(client, &question, 1, ret);
}
