/*
 * Methods that answer in pages: their parameters `limit` and `cursor`, and the `cursor` of their results.
 */
#pragma once

#include "query/glob.h"
#include "query/page.h"
#include "rpc/method.h"

/* The parameters of such a method beside its own. */
#define RPC_PAGE (RPC_SET(LIMIT) | RPC_SET(CURSOR))

/* The names that `name`, which must be given, asks for with `match` and `ignore_case`. Returns false after an error. */
bool rpc_compile_names(const struct rpc_request *request, struct glob *ret);

/* The page that a request to the method of that name is about. Returns false after an error. */
bool rpc_page_begin(const struct rpc_request *request, const char *method, struct page *ret);

/* Writes `cursor` if there is more. */
void write_cursor(struct json_writer *out, const struct page *page, const struct name_order *order,
                  const struct page_list *list);
