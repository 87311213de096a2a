/*
 * Failures, in a form that helps at three in the morning.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btfctl/btfctl.h"

static int print_json(const char *text)
{
        if (!text) {
                fprintf(stderr, "btfctl: %s\n", strerror(ENOMEM));
                return STATUS_FAILED;
        }
        puts(text);
        return STATUS_FINE;
}

int print_json_result(struct context *context)
{
        return print_json(btfd_last_result(context->client, context->json == JSON_PRETTY ? 2 : 0));
}

static bool is_no_daemon(int result)
{
        return result == -ENOENT || result == -ECONNREFUSED || result == -ECONNRESET || result == -EPIPE;
}

/* Where the daemon was looked for, as the library does. */
static void print_sockets_tried(const struct context *context)
{
        const char *variable = getenv("BTFD_SOCKET");
        const char *runtime = getenv("XDG_RUNTIME_DIR");

        if (context->socket)
                fputs(context->socket, stderr);
        else if (variable && variable[0] != '\0')
                fprintf(stderr, "%s ($BTFD_SOCKET)", variable);
        else if (runtime && runtime[0] == '/')
                fprintf(stderr, "/run/btfd/btfd.sock or %s/btfd.sock", runtime);
        else
                fputs("/run/btfd/btfd.sock", stderr);
}

static int report_transport(const struct context *context, int result)
{
        if (result == -EINVAL && context->client) {
                fprintf(stderr, "btfctl: the params are not a JSON object, or a key stands twice in it\n");
                return STATUS_USAGE;
        }
        fprintf(stderr, "btfctl: %s ", is_no_daemon(result) ? "no daemon at" : "the daemon at");
        print_sockets_tried(context);
        if (result == -EBADMSG)
                fprintf(stderr, ": its answer does not follow btfd's protocol\n");
        else if (result == -EMSGSIZE)
                fprintf(stderr, ": the request would be longer than it accepts, 128 KiB\n");
        else if (result == -ETIMEDOUT)
                fprintf(stderr, ": no answer in %d seconds\n", BTFD_DEFAULT_TIMEOUT_MSEC / 1000);
        else
                fprintf(stderr, ": %s\n", strerror(-result));
        if (!is_no_daemon(result))
                return STATUS_FAILED;
        fprintf(stderr, "Start one with 'btfd', or say where it is with --socket=PATH or BTFD_SOCKET.\n");
        return STATUS_NO_DAEMON;
}

/* Of the path and of what follows the mark, so much is shown at most. */
#define POINT_MAX 200

/* Points at the piece of the path to blame:    mm->ownr->comm
 *                                                 ^~~~            */
static void point_at(const char *path, const struct btfd_error *error)
{
        size_t length = strlen(error->component);

        if (strlen(path) > POINT_MAX)
                return;
        fputs("  ", stderr);
        print_plain(stderr, path, strlen(path));
        fprintf(stderr, "\n  %*s^", (int)error->position, "");
        for (size_t i = 1; i < length; i++)
                fputc('~', stderr);
        fputc('\n', stderr);
}

static void print_candidate(const struct btfd_candidate *candidate)
{
        fprintf(stderr, "  %s %s", candidate->kind, candidate->name ? candidate->name : "{...}");
        if (candidate->type)
                fprintf(stderr, "  %s", candidate->type);
        if (candidate->value_text)
                fprintf(stderr, "  = %s", candidate->value_text);
        if (candidate->size != BTFD_NONE)
                fprintf(stderr, "  %" PRIu64 " bytes", candidate->size);
        fprintf(stderr, "  --source=%s --id=%" PRIu64 " --instance=%" PRIu64 "%s\n", candidate->source,
                candidate->id, candidate->instance, candidate->resolves ? "  (has that path)" : "");
}

static void list_candidates(const struct btfd_error *error)
{
        for (size_t i = 0; i < error->n_candidates; i++)
                print_candidate(&error->candidates[i]);
        if (error->count > error->n_candidates)
                fprintf(stderr, "  and %" PRIu64 " more\n", error->count - error->n_candidates);
}

void report_also(const struct btfd_candidate *also, size_t n_also)
{
        if (n_also == 0)
                return;
        fprintf(stderr, "btfctl: this is vmlinux's; modules define another:\n");
        for (size_t i = 0; i < n_also; i++)
                print_candidate(&also[i]);
}

/* What came of the other questions, if there were several. */
static void list_failures(const struct btfd_error *error)
{
        for (size_t i = 0; i < error->n_failures; i++) {
                if (i == error->which)
                        continue;
                fputs(i < error->which ? "  before it: " : "  nor: ", stderr);
                print_plain(stderr, error->failures[i].message, strlen(error->failures[i].message));
                fputc('\n', stderr);
        }
}

static bool is_not_found(const struct btfd_error *error)
{
        return strcmp(error->reason, "name-not-found") == 0 ||
               strcmp(error->reason, "member-not-found") == 0 ||
               strcmp(error->reason, "source-not-found") == 0;
}

int report_failure(struct context *context, int result, const char *path)
{
        const struct btfd_error *error;

        if (result != BTFD_REFUSED)
                return report_transport(context, result);
        error = btfd_last_error(context->client);
        if (context->json != JSON_OFF)
                (void)print_json(btfd_last_error_json(context->client, context->json == JSON_PRETTY ? 2 : 0));
        fputs("btfctl: ", stderr);
        print_plain(stderr, error->message, strlen(error->message));
        fputc('\n', stderr);
        if (path && error->component && error->position <= strlen(path))
                point_at(path, error);
        list_candidates(error);
        for (size_t i = 0; i < error->n_near; i++)
                fprintf(stderr, "%s%s%s", i == 0 ? "  near: " : ", ", error->near[i],
                        i + 1 == error->n_near ? "\n" : "");
        list_failures(error);
        if (strcmp(error->reason, "invalid-params") == 0)
                return STATUS_USAGE;
        return is_not_found(error) ? STATUS_NOT_FOUND : STATUS_FAILED;
}
