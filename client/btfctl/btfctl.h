/*
 * btfctl: questions on a command line. What asks a daemon uses nothing but the client library, which proves that this is
 * sufficient; offline verbs, which work on files, use libbtfd_files.
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
        struct btfd_client *client; /* NULL for an offline verb */
        const char *socket;         /* NULL for the library's choice */
        const char *base;           /* file; NULL for none */
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
        bool offline; /* works on files: there is no connection, and --base makes sense */
        /* Returns an exit_status. `arguments` ends with NULL. */
        int (*run)(struct context *context, char **arguments);
};

int verb_call(struct context *context, char **arguments);
int verb_check(struct context *context, char **arguments);
int verb_info(struct context *context, char **arguments);
int verb_offset(struct context *context, char **arguments);
int verb_show(struct context *context, char **arguments);
int verb_sources(struct context *context, char **arguments);

/*
 * Writes text that may hold anything, a client's or a file's, with '?' for what a terminal would obey: control characters
 * in ASCII and, as UTF-8 has them, C1.
 */
void print_plain(FILE *stream, const char *text, size_t length);

/* Prints compact JSON text to standard output as `mode` wants it, with what a terminal would obey escaped. */
void print_json_text(enum json_mode mode, const char *text, size_t length);

/* Prints the last call's result as JSON. Returns an exit_status. */
int print_json_result(struct context *context);

/* Says on standard error that modules have other definitions of the type that has been answered about. */
void report_also(const struct btfd_candidate *also, size_t n_also);

/*
 * Says why a library call that returned `result` failed: a sentence to standard error with what helps next,
 * and in JSON mode the error object to standard output. `path` is the asked path or NULL. Returns the
 * exit_status.
 */
int report_failure(struct context *context, int result, const char *path);
