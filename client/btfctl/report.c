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

/* Where the daemon was looked for. */
static const char *socket_tried(const struct context *context)
{
        const char *variable = getenv("BTFD_SOCKET");

        if (context->socket)
                return context->socket;
        return variable ? variable : "/run/btfd/btfd.sock, $XDG_RUNTIME_DIR/btfd.sock";
}

static int report_transport(const struct context *context, int result)
{
        if (is_no_daemon(result)) {
                fprintf(stderr,
                        "btfctl: no daemon at %s: %s\n"
                        "Start one with 'btfd', or say where it is with --socket=PATH or BTFD_SOCKET.\n",
                        socket_tried(context), strerror(-result));
                return STATUS_NO_DAEMON;
        }
        if (!context->client)
                fprintf(stderr, "btfctl: cannot connect to %s: %s\n", socket_tried(context),
                        strerror(-result));
        else if (result == -EBADMSG)
                fprintf(stderr, "btfctl: the daemon's answer does not follow the protocol\n");
        else if (result == -EINVAL)
                fprintf(stderr, "btfctl: the params are not a JSON object\n");
        else if (result == -EMSGSIZE)
                fprintf(stderr, "btfctl: the request is too long\n");
        else
                fprintf(stderr, "btfctl: %s\n", strerror(-result));
        return STATUS_FAILED;
}

/* Points at the piece of the path to blame:    mm->ownr->comm
 *                                                 ^~~~            */
static void point_at(const char *path, const struct btfd_error *error)
{
        size_t length = strlen(error->component);

        fprintf(stderr, "  %s\n  %*s^", path, (int)error->position, "");
        for (size_t i = 1; i < length; i++)
                fputc('~', stderr);
        fputc('\n', stderr);
}

static void list_candidates(const struct btfd_error *error)
{
        for (size_t i = 0; i < error->n_candidates; i++) {
                const struct btfd_candidate *candidate = &error->candidates[i];

                fprintf(stderr, "  %s %s", candidate->kind, candidate->name);
                if (candidate->size != BTFD_NONE)
                        fprintf(stderr, "  %" PRIu64 " bytes", candidate->size);
                fprintf(stderr, "  --source=%s --id=%" PRIu64 " --instance=%" PRIu64 "%s\n",
                        candidate->source, candidate->id, candidate->instance,
                        candidate->resolves ? "  (has that path)" : "");
        }
        if (error->count > error->n_candidates)
                fprintf(stderr, "  and %" PRIu64 " more\n", error->count - error->n_candidates);
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
        fprintf(stderr, "btfctl: %s\n", error->message);
        if (path && error->component && error->position <= strlen(path))
                point_at(path, error);
        list_candidates(error);
        for (size_t i = 0; i < error->n_near; i++)
                fprintf(stderr, "%s%s%s", i == 0 ? "  near: " : ", ", error->near[i],
                        i + 1 == error->n_near ? "\n" : "");
        return is_not_found(error) ? STATUS_NOT_FOUND : STATUS_FAILED;
}
