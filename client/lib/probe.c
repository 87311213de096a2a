#include <errno.h>

#include "lib/internal.h"

/* The array that questions of a kind stand in, in the request and in the answer. */
static const char *array_of(enum btfd_probe_kind kind)
{
        switch (kind) {
        case BTFD_PROBE_TYPE:
                return "types";
        case BTFD_PROBE_FIELD:
                return "fields";
        case BTFD_PROBE_ENUMERATOR:
                return "enumerators";
        case BTFD_PROBE_FUNCTION:
                return "functions";
        case BTFD_PROBE_VARIABLE:
                return "variables";
        }
        return NULL;
}

static void write_question(struct json_writer *request, const struct btfd_probe *probe)
{
        if (probe->kind != BTFD_PROBE_FIELD) {
                json_write_string(request, probe->name);
                return;
        }
        json_write_object_begin(request);
        json_write_string_member(request, probe->root ? probe->root : "type", probe->name);
        json_write_string_member(request, "path", probe->path);
        json_write_object_end(request);
}

/* The questions of one kind, in the order in which they stand among the others. */
static void write_questions(struct json_writer *request, enum btfd_probe_kind kind,
                            const struct btfd_probe *probes, size_t n)
{
        bool any = false;

        for (size_t i = 0; i < n; i++) {
                if (probes[i].kind != kind)
                        continue;
                if (!any) {
                        json_write_key(request, array_of(kind));
                        json_write_array_begin(request);
                }
                any = true;
                write_question(request, &probes[i]);
        }
        if (any)
                json_write_array_end(request);
}

/* Whether there is an answer for each question of a kind. */
static bool check_answers(const json_t *result, enum btfd_probe_kind kind, const struct btfd_probe *probes,
                          size_t n)
{
        size_t n_answers, n_questions = 0;
        const json_t *answers = decode_array(result, array_of(kind), &n_answers);

        for (size_t i = 0; i < n; i++)
                n_questions += probes[i].kind == kind;
        for (size_t i = 0; i < n_answers; i++) {
                if (!json_is_boolean(json_array_get(answers, i)))
                        return false;
        }
        return n_answers == n_questions;
}

static int decode_answers(const json_t *result, struct btfd_probe *probes, size_t n)
{
        size_t n_taken[BTFD_PROBE_VARIABLE + 1] = {0};

        for (int kind = 0; kind <= BTFD_PROBE_VARIABLE; kind++) {
                if (!check_answers(result, (enum btfd_probe_kind)kind, probes, n))
                        return -EBADMSG;
        }
        for (size_t i = 0; i < n; i++) {
                const json_t *answers = json_object_get(result, array_of(probes[i].kind));
                const json_t *answer = json_array_get(answers, n_taken[probes[i].kind]++);

                probes[i].exists = json_is_true(answer);
        }
        return 0;
}

int btfd_probe(struct btfd_client *client, const char *set, struct btfd_probe *probes, size_t n)
{
        const json_t *result;
        int r;

        for (size_t i = 0; i < n; i++) {
                if (!array_of(probes[i].kind))
                        return -EINVAL;
        }
        client_request_begin(client, "btfd.probe");
        json_write_object_begin(&client->request);
        client_write_text(&client->request, "set", set);
        for (int kind = 0; kind <= BTFD_PROBE_VARIABLE; kind++)
                write_questions(&client->request, (enum btfd_probe_kind)kind, probes, n);
        json_write_object_end(&client->request);
        r = client_request_send(client, &result);
        return r == 0 ? decode_finish(client, decode_answers(result, probes, n)) : r;
}
