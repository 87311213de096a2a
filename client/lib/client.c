/*
 * The connection: one request line out, one reply line in.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/internal.h"
#include "protocol/limits.h"

#define SYSTEM_SOCKET "/run/btfd/btfd.sock"

/* Of a reply line, in bytes: the largest that the daemon sends is a batch's, and each error in one may add
 * some. */
#define REPLY_MAX (2U * PROTOCOL_MAX_BATCH_REPLY)

/* In a program that has closed its standard output, the socket must not become that. */
static int move_from_standard(int fd)
{
        int moved;

        if (fd > STDERR_FILENO)
                return fd;
        moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (moved < 0)
                moved = -errno;
        close(fd);
        return moved;
}

static int connect_path(const char *path, unsigned int timeout_msec)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        struct timeval timeout = {
                .tv_sec = timeout_msec / 1000,
                .tv_usec = (suseconds_t)(timeout_msec % 1000) * 1000,
        };
        int fd, error, r;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        strcpy(address.sun_path, path);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        /* Blocking with a send timeout: a non-blocking connect to a full backlog gets EAGAIN and never
         * progresses. */
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
        /* A signal that interrupts the wait for a place in the backlog leaves nothing under way. */
        do
                r = connect(fd, (const struct sockaddr *)&address, sizeof(address));
        while (r < 0 && errno == EINTR);
        if (r == 0)
                return move_from_standard(fd);
        error = errno == EAGAIN ? ETIMEDOUT : errno;
        close(fd);
        return -error;
}

/* An empty variable is as good as none. */
static const char *get_variable(const char *name)
{
        const char *value = getenv(name);

        return value && value[0] != '\0' ? value : NULL;
}

static bool is_nobody_there(int error)
{
        return error == -ENOENT || error == -ECONNREFUSED;
}

/* Takes over the connection if it can be made. */
static int try_path(struct btfd_client *client, const char *path)
{
        char *copy = strdup(path);
        int fd = copy ? connect_path(path, client->timeout_msec) : -ENOMEM;

        if (fd < 0) {
                free(copy);
                return fd;
        }
        client->fd = fd;
        client->path = copy;
        return 0;
}

/* Returns 0 or -errno; of the places where a daemon may be, the first that has one counts, even if it refuses us. */
static int find_daemon(struct btfd_client *client, const char *path)
{
        const char *runtime = get_variable("XDG_RUNTIME_DIR");
        char user_path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
        int r;

        if (!path)
                path = get_variable("BTFD_SOCKET");
        r = try_path(client, path ? path : SYSTEM_SOCKET);
        if (path || !is_nobody_there(r) || !runtime || runtime[0] != '/')
                return r;
        if ((size_t)snprintf(user_path, sizeof(user_path), "%s/btfd.sock", runtime) >= sizeof(user_path))
                return r;
        return try_path(client, user_path);
}

int btfd_connect(struct btfd_client **ret, const char *path)
{
        struct btfd_client *client;
        int r;

        client = calloc(1, sizeof(*client));
        if (!client)
                return -ENOMEM;
        client->fd = -1;
        client->timeout_msec = BTFD_DEFAULT_TIMEOUT_MSEC;
        frame_init(&client->frame, REPLY_MAX);
        json_writer_init(&client->request, PROTOCOL_MAX_LINE + 1);
        r = find_daemon(client, path);
        if (r < 0) {
                btfd_close(client);
                return r;
        }
        *ret = client;
        return 0;
}

static void disconnect(struct btfd_client *client)
{
        if (client->fd >= 0)
                close(client->fd);
        client->fd = -1;
        frame_deinit(&client->frame);
        frame_init(&client->frame, REPLY_MAX);
}

void client_forget_reply(struct btfd_client *client)
{
        client_clear_error(client);
        json_decref(client->reply);
        client->reply = NULL;
        free(client->text);
        client->text = NULL;
}

struct btfd_client *btfd_close(struct btfd_client *client)
{
        if (!client)
                return NULL;
        disconnect(client);
        client_forget_reply(client);
        frame_deinit(&client->frame);
        json_writer_deinit(&client->request);
        free(client->path);
        free(client);
        return NULL;
}

void btfd_set_timeout(struct btfd_client *client, unsigned int timeout_msec)
{
        client->timeout_msec = timeout_msec;
}

static int64_t now_msec(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until the socket is ready for `events`. `deadline` is in milliseconds of the monotonic clock, 0 for
 * none. */
static int wait_ready(int fd, short events, int64_t deadline)
{
        struct pollfd waiting = {.fd = fd, .events = events};

        for (;;) {
                int64_t left = deadline ? deadline - now_msec() : -1;
                int r;

                if (deadline && left <= 0)
                        return -ETIMEDOUT;
                r = poll(&waiting, 1, left > INT_MAX ? INT_MAX : (int)left);
                if (r > 0)
                        return 0;
                if (r < 0 && errno != EINTR)
                        return -errno;
        }
}

static int send_request(struct btfd_client *client, int64_t deadline)
{
        size_t position = 0;

        while (position < client->request.length) {
                ssize_t n_sent;
                int r = wait_ready(client->fd, POLLOUT, deadline);

                if (r < 0)
                        return r;
                n_sent = send(client->fd, client->request.data + position, client->request.length - position,
                              MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n_sent < 0 && errno != EAGAIN && errno != EINTR)
                        return -errno;
                if (n_sent > 0)
                        position += (size_t)n_sent;
        }
        return 0;
}

/* Reads up to the next whole line. Returns 0; -ECONNRESET if the daemon closed the connection; or another
 * -errno. */
static int receive_line(struct btfd_client *client, int64_t deadline, struct frame_line *ret)
{
        for (;;) {
                enum frame_event event = frame_next(&client->frame, ret);
                ssize_t n_read;
                size_t size;
                char *room;
                int r;

                if (event == FRAME_LINE)
                        return 0;
                if (event != FRAME_NEED_MORE)
                        return -EBADMSG;
                r = frame_room(&client->frame, &room, &size);
                if (r == 0)
                        r = wait_ready(client->fd, POLLIN, deadline);
                if (r < 0)
                        return r;
                n_read = recv(client->fd, room, size, MSG_DONTWAIT);
                if (n_read == 0)
                        return -ECONNRESET;
                if (n_read < 0 && errno != EAGAIN && errno != EINTR)
                        return -errno;
                if (n_read > 0)
                        frame_fill(&client->frame, (size_t)n_read);
        }
}

static bool is_lost(int error)
{
        return error == -ECONNRESET || error == -EPIPE || error == -ENOTCONN;
}

/* Reads lines until the one that answers the request. */
static int receive_reply(struct btfd_client *client, uint64_t id, int64_t deadline)
{
        for (;;) {
                struct frame_line line;
                const json_t *reply_id;
                int r = receive_line(client, deadline, &line);

                if (r < 0)
                        return r;
                json_decref(client->reply);
                client->reply = json_loadb(line.data, line.length, JSON_REJECT_DUPLICATES, NULL);
                if (!json_is_object(client->reply))
                        return -EBADMSG;
                reply_id = json_object_get(client->reply, "id");
                /* An id of null: the daemon refused the line or the connection, and nothing else is under
                 * way. */
                if (json_is_null(reply_id) || (uint64_t)json_integer_value(reply_id) == id)
                        return 0;
        }
}

/* One try. A daemon that has no room for another connection says so and closes before it
 * has read anything. */
static int exchange(struct btfd_client *client, uint64_t id)
{
        int64_t deadline = client->timeout_msec ? now_msec() + client->timeout_msec : 0;
        int r = send_request(client, deadline);

        if (r < 0 && !is_lost(r))
                return r;
        return receive_reply(client, id, deadline);
}

void client_request_begin(struct btfd_client *client, const char *method)
{
        struct json_writer *request = &client->request;

        client_forget_reply(client);
        json_writer_rewind(request, (struct json_mark){0});
        json_write_object_begin(request);
        json_write_string_member(request, "jsonrpc", "2.0");
        json_write_uint_member(request, "id", ++client->next_id);
        json_write_string_member(request, "method", method);
        json_write_key(request, "params");
}

int client_request_send(struct btfd_client *client, const json_t **ret_result)
{
        const json_t *result, *error;
        int r = 0;

        json_write_object_end(&client->request);
        json_write_newline(&client->request);
        if (client->request.error != 0)
                return client->request.error == -EFBIG ? -EMSGSIZE : client->request.error;
        if (client->fd >= 0)
                r = exchange(client, client->next_id);
        /* The daemon may have been restarted since the last call; no method changes anything, so ask again,
         * once. */
        if (client->fd < 0 || is_lost(r)) {
                disconnect(client);
                r = connect_path(client->path, client->timeout_msec);
                if (r < 0)
                        return r;
                client->fd = r;
                r = exchange(client, client->next_id);
        }
        if (r < 0) {
                /* What is still to come would answer the wrong question. */
                disconnect(client);
                client_forget_reply(client);
                return r;
        }
        error = json_object_get(client->reply, "error");
        if (error)
                return decode_finish(client, client_set_error(client, error));
        result = json_object_get(client->reply, "result");
        if (!json_is_object(result)) {
                client_forget_reply(client);
                return -EBADMSG;
        }
        if (ret_result)
                *ret_result = result;
        return 0;
}

void client_write_number(struct json_writer *request, const char *key, uint64_t value)
{
        json_write_uint_member(request, key, value < INT64_MAX ? value : INT64_MAX);
}

void client_write_text(struct json_writer *request, const char *key, const char *text)
{
        if (text)
                json_write_string_member(request, key, text);
}

int client_ask_set(struct btfd_client *client, const char *method, const char *set, const json_t **ret_result)
{
        client_request_begin(client, method);
        json_write_object_begin(&client->request);
        client_write_text(&client->request, "set", set);
        json_write_object_end(&client->request);
        return client_request_send(client, ret_result);
}

void client_write_selector(struct json_writer *request, const char *type,
                           const struct btfd_selector *selector)
{
        static const struct btfd_selector everything = {0};
        const struct btfd_selector *chosen = selector ? selector : &everything;

        client_write_text(request, "type", type);
        client_write_text(request, "set", chosen->set);
        client_write_text(request, "source", chosen->source);
        client_write_text(request, "kind", chosen->kind);
        client_write_text(request, "has", chosen->has);
        if (chosen->all_tiers)
                json_write_string_member(request, "scope", "all");
        if (chosen->has_size)
                client_write_number(request, "size", chosen->size);
        if (chosen->has_id) {
                client_write_number(request, "id", chosen->id);
                client_write_number(request, "instance", chosen->instance);
        }
}

int btfd_call(struct btfd_client *client, const char *method, const char *params)
{
        json_t *parsed;
        char *text;

        client_request_begin(client, method);
        if (!params) {
                json_write_object_begin(&client->request);
                json_write_object_end(&client->request);
                return client_request_send(client, NULL);
        }
        /* Parsed here so that a line break or a mistake in it cannot become a second request. */
        parsed = json_loads(params, JSON_REJECT_DUPLICATES, NULL);
        text = json_is_object(parsed) ? json_dumps(parsed, JSON_COMPACT) : NULL;
        json_decref(parsed);
        if (!text)
                return -EINVAL;
        json_write_raw(&client->request, text, strlen(text));
        free(text);
        return client_request_send(client, NULL);
}

static const char *dump(struct btfd_client *client, const char *key, unsigned int indent)
{
        const json_t *value = json_object_get(client->reply, key);

        free(client->text);
        client->text =
                value ? json_dumps(value, JSON_ENCODE_ANY | (indent ? JSON_INDENT(indent) : JSON_COMPACT))
                      : NULL;
        return client->text;
}

const char *btfd_last_result(struct btfd_client *client, unsigned int indent)
{
        return dump(client, "result", indent);
}

const char *btfd_last_error_json(struct btfd_client *client, unsigned int indent)
{
        return dump(client, "error", indent);
}

const struct btfd_error *btfd_last_error(const struct btfd_client *client)
{
        return client->has_error ? &client->error : NULL;
}
