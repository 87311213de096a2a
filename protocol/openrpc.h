/*
 * openrpc.json, embedded: the description of the protocol that rpc.discover answers with.
 */
#pragma once

#include <stddef.h>

extern const char *const openrpc_document; /* JSON on one line, not NUL-terminated */
extern const size_t openrpc_document_length;
