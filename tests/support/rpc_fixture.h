/*
 * Asks btfd without a daemon: a line in, the parsed reply out. Every reply is checked for what all have in
 * common before the test sees it: one line, valid JSON without duplicate keys, JSON-RPC 2.0's envelope, and a
 * generation in each result.
 */
#pragma once

#include <jansson.h>

#include "rpc/rpc.h"
#include "support/btf_builder.h"

#define RPC_FIXTURE_GENERATION 7

struct rpc_fixture {
        struct rpc rpc;
};

/* Serves what was built; frees the builder. */
void rpc_fixture_init(struct rpc_fixture *fixture, struct btf_builder *b);
void rpc_fixture_deinit(struct rpc_fixture *fixture);

/* Sends a line and expects rpc_handle_line() to return `expected`. NULL if there is no reply. */
json_t *rpc_send(struct rpc_fixture *fixture, const char *line, size_t length, int expected);
/* Sends a line that is JSON; NULL if there is no reply. */
json_t *rpc_ask(struct rpc_fixture *fixture, const char *line);
/* Calls a method with `params` as JSON text and id 1. */
json_t *rpc_call(struct rpc_fixture *fixture, const char *method, const char *params);

/* Checks that a reply is an error of this code and reason, and returns its data, borrowed. */
json_t *rpc_check_error(json_t *reply, int code, const char *reason);
/* Checks that a reply is a result, and returns it, borrowed. */
json_t *rpc_check_result(json_t *reply);
/* Checks that a value, written compactly with its keys in order, is this text. */
void rpc_check_text(const json_t *value, const char *expected);
/* A member that is a string; "" if it is none. */
const char *rpc_text(const json_t *object, const char *key);
