#include "client.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "protocol/limits.h"
#include "report.h"

/* What a batch's reply may have beside its elements' results: ids, brackets and commas. */
#define BATCH_ENVELOPE (PROTOCOL_MAX_BATCH * 64U)

void client_connect(struct client *client, const char *path)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};

        if (strlen(path) >= sizeof(address.sun_path))
                die("%s: too long for a socket's path", path);
        strcpy(address.sun_path, path);
        *client = (struct client){.fd = socket(AF_UNIX, SOCK_STREAM, 0)};
        if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                die("%s: %m", path);
        frame_init(&client->frame, PROTOCOL_MAX_BATCH_REPLY + BATCH_ENVELOPE);
        json_writer_init(&client->out, PROTOCOL_MAX_LINE);
}

void client_close(struct client *client)
{
        close(client->fd);
        frame_deinit(&client->frame);
        json_writer_deinit(&client->out);
}

static size_t batch_end(const struct questions *questions, size_t begin)
{
        return questions->n - begin < PROTOCOL_MAX_BATCH ? questions->n : begin + PROTOCOL_MAX_BATCH;
}

static void send_all(int fd, const char *data, size_t length)
{
        for (size_t sent = 0; sent < length;) {
                ssize_t n = send(fd, data + sent, length - sent, MSG_NOSIGNAL);

                if (n < 0)
                        die("sending: %m");
                sent += (size_t)n;
        }
}

/* Returns where the next batch begins. */
static size_t send_batch(struct client *client, const struct questions *questions, size_t begin)
{
        struct json_writer *out = &client->out;
        size_t end = batch_end(questions, begin);

        json_writer_rewind(out, (struct json_mark){0});
        json_write_array_begin(out);
        for (size_t i = begin; i < end; i++) {
                json_write_object_begin(out);
                json_write_string_member(out, "jsonrpc", "2.0");
                json_write_uint_member(out, "id", client->n_sent++);
                json_write_string_member(out, "method", questions->method);
                json_write_key(out, "params");
                json_write_object_begin(out);
                questions->ask(questions->context, i, out);
                json_write_object_end(out);
                json_write_object_end(out);
        }
        json_write_array_end(out);
        json_write_newline(out);
        if (out->error != 0)
                die("a batch of %zu questions takes more than a line", end - begin);
        send_all(client->fd, out->data, out->length);
        return end;
}

static struct frame_line read_line(struct client *client)
{
        struct frame_line line;
        enum frame_event event;

        while ((event = frame_next(&client->frame, &line)) == FRAME_NEED_MORE) {
                size_t size;
                ssize_t n;
                char *room;

                if (frame_room(&client->frame, &room, &size) < 0)
                        die("out of memory");
                n = recv(client->fd, room, size, 0);
                if (n < 0)
                        die("receiving: %m");
                if (n == 0)
                        die("the daemon closed the connection");
                frame_fill(&client->frame, (size_t)n);
        }
        if (event != FRAME_LINE)
                die("a reply is too long or has a NUL byte");
        return line;
}

static void check_envelope(struct client *client, const json_t *reply)
{
        const char *version = json_string_value(json_object_get(reply, "jsonrpc"));
        const json_t *id = json_object_get(reply, "id");
        bool has_result = json_object_get(reply, "result"), has_error = json_object_get(reply, "error");

        if (json_object_size(reply) != 3 || !version || strcmp(version, "2.0") != 0 ||
            has_result == has_error || !json_is_integer(id) ||
            (uint64_t)json_integer_value(id) != client->n_answered++)
                die("not the reply number %zu", (size_t)client->n_answered - 1);
}

/* Returns where the next batch begins. */
static size_t read_batch(struct client *client, const struct questions *questions, size_t begin)
{
        size_t end = batch_end(questions, begin);
        struct frame_line line = read_line(client);
        json_error_t error;
        json_t *batch = json_loadb(line.data, line.length, JSON_REJECT_DUPLICATES, &error);

        if (!batch)
                die("a reply is no JSON: byte %d: %s", error.position, error.text);
        if (json_array_size(batch) != end - begin)
                die("a batch of %zu questions got %zu replies: %.400s", end - begin, json_array_size(batch),
                    line.data);
        for (size_t i = begin; i < end; i++) {
                const json_t *reply = json_array_get(batch, i - begin);

                check_envelope(client, reply);
                questions->answer(questions->context, i, reply);
        }
        json_decref(batch);
        return end;
}

void client_ask(struct client *client, const struct questions *questions)
{
        size_t n_sent = 0, n_read = 0;

        while (n_read < questions->n) {
                /* While one batch is looked at, the daemon has another to answer. */
                while (n_sent < questions->n && n_sent - n_read < 2U * PROTOCOL_MAX_BATCH)
                        n_sent = send_batch(client, questions, n_sent);
                n_read = read_batch(client, questions, n_read);
        }
}
