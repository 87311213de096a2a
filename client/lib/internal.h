/*
 * What the files of the library know of one another.
 */
#pragma once

#include <jansson.h>

#include "btfd/client.h"
#include "protocol/frame.h"
#include "protocol/json_writer.h"

struct btfd_client {
        int fd;     /* -1 between a lost connection and the next try */
        char *path; /* where the daemon was found */
        unsigned int timeout_msec;
        uint64_t next_id;
        struct frame frame;
        struct json_writer request;
        json_t *reply; /* the last one; the error below borrows from it */
        char *text;    /* what btfd_last_result() or btfd_last_error_json() returned */
        bool has_error;
        struct btfd_error error;
};

/* client.c */

/* Begins a call's request up to its params, which the caller writes as one JSON value. */
void client_request_begin(struct btfd_client *client, const char *method);
/* Sends it and waits for the reply. Returns 0 with the result borrowed from the client; -errno; or
 * BTFD_REFUSED. */
int client_request_send(struct btfd_client *client, const json_t **ret_result);
/* Drops the last reply and what was made of it: after a failure there is no last result. */
void client_forget_reply(struct btfd_client *client);
/*
 * Writes a number of the caller's. JSON ends at 2^63 - 1 where the daemon reads it, and what is beyond 2^53 - 1 it refuses by the
 * parameter's name anyway: so a larger one must not break the whole line.
 */
void client_write_number(struct json_writer *request, const char *key, uint64_t value);
/* The whole call of a method that takes nothing but a set, which may be NULL. */
int client_ask_set(struct btfd_client *client, const char *method, const char *set,
                   const json_t **ret_result);
/* Writes a member of the params object, unless `text` is NULL. */
void client_write_text(struct json_writer *request, const char *key, const char *text);
/* Writes the members of the params object that select a type. */
void client_write_selector(struct json_writer *request, const char *type,
                           const struct btfd_selector *selector);

/* error.c */

/* Decodes a JSON-RPC error object into client->error. Returns BTFD_REFUSED, -ENOMEM, or -EBADMSG if it is
 * none. */
int client_set_error(struct btfd_client *client, const json_t *error);
void client_clear_error(struct btfd_client *client);

/* decode.c: what is absent becomes NULL, BTFD_NONE or false */

const char *decode_string(const json_t *object, const char *key);
uint64_t decode_uint(const json_t *object, const char *key);
/* The same, but 0 for what is absent. */
uint64_t decode_uint_or_0(const json_t *object, const char *key);
bool decode_flag(const json_t *object, const char *key);
/* 0 if it is absent. */
int64_t decode_int(const json_t *object, const char *key);
struct btfd_value decode_value(const json_t *object);
struct btfd_gap decode_gap(const json_t *object);
struct btfd_bitfield decode_bitfield(const json_t *object);
/* Returns false if it is none. */
bool decode_enumerator(const json_t *object, const char *name, struct btfd_enumerator *ret);
/* The array at `key` and its length, 0 if it is absent. */
const json_t *decode_array(const json_t *object, const char *key, size_t *ret_length);
/* The candidates at `key`, in an array that the caller frees; leaves the outputs alone if there are none. Returns 0,
 * -ENOMEM or -EBADMSG. */
int decode_candidates(const json_t *object, const char *key, const struct btfd_candidate **ret,
                      size_t *ret_n);
/* Drops the client's reply if a result could not be decoded; passes `result` on. */
int decode_finish(struct btfd_client *client, int result);
