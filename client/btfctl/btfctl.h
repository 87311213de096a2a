/*
 * btfctl: questions on a command line. It uses nothing but the client library, which proves that this is
 * sufficient.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "btfd/client.h"

enum exit_status {
        STATUS_FINE = 0,
        STATUS_FAILED = 1,
        STATUS_USAGE = 2,
        STATUS_NOT_FOUND = 3,
        STATUS_NO_DAEMON = 4,
};

enum json_mode {
        JSON_OFF,
        JSON_SHORT,
        JSON_PRETTY,
};

/* Which of the options that narrow a question make sense for a verb. */
enum narrowing {
        NARROWS_NOTHING,
        NARROWS_SET,  /* --set only */
        NARROWS_TYPE, /* all of them */
};

struct context {
        struct btfd_client *client;
        const char *socket; /* NULL for the library's choice */
        enum json_mode json;
        enum narrowing narrowing; /* what the given options narrow */
        struct btfd_selector selector;
        bool has_instance;
};

struct verb {
        const char *name;
        const char *arguments; /* for the help */
        const char *summary;
        int min_arguments, max_arguments;
        enum narrowing narrowing;
        /* Returns an exit_status. `arguments` ends with NULL. */
        int (*run)(struct context *context, char **arguments);
};

int verb_call(struct context *context, char **arguments);
int verb_info(struct context *context, char **arguments);
int verb_offset(struct context *context, char **arguments);
int verb_show(struct context *context, char **arguments);
int verb_sources(struct context *context, char **arguments);

/* Prints the last call's result as JSON. Returns an exit_status. */
int print_json_result(struct context *context);

/* Prints text that may hold anything without what would move a terminal's cursor. */
void print_plain(FILE *file, const char *text, size_t length);

/* Says on standard error that modules have other definitions of the type that has been answered about. */
void report_also(const struct btfd_candidate *also, size_t n_also);

/*
 * Says why a library call that returned `result` failed: a sentence to standard error with what helps next,
 * and in JSON mode the error object to standard output. `path` is the asked path or NULL. Returns the
 * exit_status.
 */
int report_failure(struct context *context, int result, const char *path);
