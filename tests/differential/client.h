/*
 * Asks a daemon many questions over its Unix socket, in batches of which one is under way while another is looked at.
 *
 * It is a client of the wire itself, not of libbtfd, which leaves out what it does not know.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/frame.h"
#include "protocol/json_writer.h"

struct client {
        int fd;
        struct frame frame;
        struct json_writer out;
        uint64_t n_sent;     /* questions, which are their ids as well */
        uint64_t n_answered; /* likewise */
};

void client_connect(struct client *client, const char *path);
void client_close(struct client *client);

/* Many questions of one method. */
struct questions {
        const char *method;
        size_t n;
        /* Writes the members of the i-th question's params. */
        void (*ask)(void *context, size_t i, struct json_writer *out);
        /* Gets its reply, borrowed: an object with either "result" or "error", whose envelope has been checked. */
        void (*answer)(void *context, size_t i, const json_t *reply);
        void *context;
};

/* Asks them all, in order. */
void client_ask(struct client *client, const struct questions *questions);
