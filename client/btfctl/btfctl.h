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
        STATUS_DIFFERENT = 5, /* of diff: 1 is a failure of it, as of all verbs */
};

enum json_mode {
        JSON_OFF,
        JSON_SHORT,
        JSON_PRETTY,
};

/* The options that not every verb takes: name in C, name, what its argument is (take_... in options.c, NULL for a mere flag),
 * where it goes in struct context. */
#define OPTIONS(X)                                                                                           \
        X(BASE, "base", take_text, base)                                                                     \
        X(SOCKET, "socket", take_text, socket)                                                               \
        X(SET, "set", take_text, selector.set)                                                               \
        X(SOURCE, "source", take_text, selector.source)                                                      \
        X(KIND, "kind", take_text, selector.kind)                                                            \
        X(HAS, "has", take_text, selector.has)                                                               \
        X(ALL, "all", NULL, selector.all_tiers)                                                              \
        X(SIZE, "size", take_number, selector.size)                                                          \
        X(ID, "id", take_number, selector.id)                                                                \
        X(INSTANCE, "instance", take_number, selector.instance)                                              \
        X(KINDS, "kinds", take_text, kinds)                                                                  \
        X(IGNORE_CASE, "ignore-case", NULL, ignore_case)                                                     \
        X(REGEX, "regex", NULL, regex)                                                                       \
        X(LIMIT, "limit", take_number, limit)                                                                \
        X(EXPAND, "expand", take_number, expand)                                                             \
        X(CACHELINE, "cacheline", take_number, cacheline)                                                    \
        X(BIT, "bit", NULL, bit)                                                                             \
        X(FUNC, "func", take_text, func)                                                                     \
        X(VAR, "var", take_text, var)                                                                        \
        X(PARAM, "param", take_text, param)                                                                  \
        X(WITHIN, "within", take_number, within)                                                             \
        X(POSITION, "position", take_number, position)                                                       \
        X(RETURNS, "returns", take_text, returns)                                                            \
        X(TAG, "tag", take_text, tag)                                                                        \
        X(LSM, "lsm", NULL, lsm)                                                                             \
        X(TRACEPOINTS, "tracepoints", NULL, tracepoints)                                                     \
        X(TRACEPOINT, "tracepoint", NULL, tracepoint)                                                        \
        X(RELATIONS, "relations", take_text, relations)                                                      \
        X(TRANSITIVE, "transitive", NULL, transitive)                                                        \
        X(WITH_SET, "with-set", take_text, with.set)                                                         \
        X(WITH_SOURCE, "with-source", take_text, with.source)                                                \
        X(WITH_HAS, "with-has", take_text, with.has)                                                         \
        X(WITH_SIZE, "with-size", take_number, with.size)                                                    \
        X(WITH_ID, "with-id", take_number, with.id)                                                          \
        X(WITH_INSTANCE, "with-instance", take_number, with.instance)

enum option_id {
#define X(id, name, take, target) OPTION_##id,
        OPTIONS(X)
#undef X
};

/* A set of options. */
typedef uint64_t option_set;

#define OPT(id) (UINT64_C(1) << OPTION_##id)

/* What selects a type; with an id, its name may be left out. */
#define OPTS_TYPE                                                                                            \
        (OPT(SET) | OPT(SOURCE) | OPT(KIND) | OPT(HAS) | OPT(ALL) | OPT(SIZE) | OPT(ID) | OPT(INSTANCE))

/* The same of the type that another is compared with. */
#define OPTS_WITH                                                                                            \
        (OPT(WITH_SET) | OPT(WITH_SOURCE) | OPT(WITH_HAS) | OPT(WITH_SIZE) | OPT(WITH_ID) |                  \
         OPT(WITH_INSTANCE))

struct context {
        struct btfd_client *client; /* NULL for an offline verb */
        option_set given;
        enum json_mode json;
        const char *socket;    /* NULL for the library's choice */
        const char *base;      /* file; NULL for none */
        const char *kinds;     /* separated by commas; NULL for all */
        const char *relations; /* likewise */
        bool transitive;
        bool ignore_case;
        bool regex;
        uint64_t limit;    /* of entries in all */
        const char *func;  /* what a path begins at instead of a type; NULL for none */
        const char *var;   /* likewise */
        const char *param; /* the type of one; NULL for any */
        uint64_t within;   /* only the first parameters, so many */
        uint64_t position; /* only this one, from 0 */
        const char *returns;
        const char *tag;
        bool lsm;
        bool tracepoints;
        bool tracepoint;
        struct btfd_selector selector;
        uint64_t expand;           /* levels */
        uint64_t cacheline;        /* bytes; 0 for the daemon's choice */
        bool bit;                  /* the offset is in bits */
        struct btfd_selector with; /* of diff: the other side */
};

struct verb {
        const char *name;
        const char *arguments; /* for the help */
        const char *summary;
        int min_arguments, max_arguments;
        option_set accepted;
        bool offline; /* works on files: there is no connection */
        /* Where a number of arguments does not say it all: whether they make sense, or else what is wrong with them has been
         * reported. May be NULL. */
        bool (*check)(const struct context *context, char **arguments);
        /* Returns an exit_status. `arguments` ends with NULL. */
        int (*run)(struct context *context, char **arguments);
};

/* options.c */

/*
 * Takes the options before a verb into `context` and moves them to the front of `argv`; *ret_first is the first argument that
 * is none. Returns STATUS_FINE, or the exit status after a usage error, which it has reported; *ret_help and *ret_version tell
 * that nothing but these is asked for.
 */
int options_parse(struct context *context, int argc, char *argv[], int *ret_first, bool *ret_help,
                  bool *ret_version);
/* Takes a decimal or 0x number; returns NULL, or what was expected. */
const char *parse_number(const char *text, uint64_t *ret);
/* The first option of a set, as it is written, or NULL. */
const char *options_first(option_set set);
/* Reports wrong usage; returns STATUS_USAGE. */
int usage(const char *problem, const char *subject);

bool diff_check(const struct context *context, char **arguments);
bool offset_check(const struct context *context, char **arguments);

int verb_at(struct context *context, char **arguments);
int verb_call(struct context *context, char **arguments);
int verb_check(struct context *context, char **arguments);
int verb_find(struct context *context, char **arguments);
int verb_func(struct context *context, char **arguments);
int verb_funcs(struct context *context, char **arguments);
int verb_diff(struct context *context, char **arguments);
int verb_enum(struct context *context, char **arguments);
int verb_info(struct context *context, char **arguments);
int verb_layout(struct context *context, char **arguments);
int verb_offset(struct context *context, char **arguments);
int verb_probe(struct context *context, char **arguments);
int verb_show(struct context *context, char **arguments);
int verb_users(struct context *context, char **arguments);
int verb_sources(struct context *context, char **arguments);
int verb_var(struct context *context, char **arguments);

/* pages.c */

/* As many as the daemon gives at once of what it gives in pages. */
#define PAGE_MAX 1000U

struct pages {
        struct context *context;
        uint64_t n_left; /* of --limit */
        uint64_t n_shown;
        char *cursor; /* where the page to take begins; NULL for the first, and after the last */
};

/* Takes the page at the cursor, shows it, and ends with pages_turn(). Returns an exit_status. */
typedef int page_taker(struct pages *pages, void *userdata);

/* So many of the page have been shown; `next` is the cursor of the next page, or NULL. Returns an exit_status. */
int pages_turn(struct pages *pages, uint64_t n_shown, const char *next);
/* Takes page after page; untouched after an error of usage, *ret_n_shown counts all that has been shown. Returns an exit_status. */
int pages_take(struct context *context, page_taker *take, void *userdata, uint64_t *ret_n_shown);

/* The most entries to ask for at once, of `n_left` that are still wanted. */
static inline uint64_t page_limit(uint64_t n_left)
{
        return n_left < PAGE_MAX ? n_left : PAGE_MAX;
}

/* The words of a list separated by commas, NULL for none, with their number; freed as one. NULL without memory. */
char **split_words(const char *list, size_t *ret_n);

/*
 * Writes the declaration of `name` as a `type`, as C has it: of `int (*)(long)` and `f` that is `int (*f)(long)`. What does not
 * fit `size` is cut. Returns the length of what there is, or was to be.
 */
size_t declare(char *ret, size_t size, const char *type, const char *name);

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
