/*
 * BTF that compilers make of data/shapes.h, each with a table of the same compiler's own answers (data/shapes_table.h):
 * for this machine's ABI and for i386's.
 *
 * Where a compiler's BTF is wrong, a test expects what the BTF says: btfd cannot know better.
 */
#pragma once

#include "data/shapes_table.h"
#include "query/offset.h"
#include "support/fixture.h"
#include "support/unit.h"

enum compiled_producer {
        PRODUCER_gcc,    /* gcc -gbtf */
        PRODUCER_pahole, /* pahole, from DWARF */
};

enum compiled_abi {
        ABI_host,
        ABI_m32, /* gcc -m32 */
};

struct compiled_file {
        uint8_t *data;
        size_t size; /* bytes */
};

struct compiled {
        enum compiled_producer producer;
        enum compiled_abi abi;
        const char *name, *btf_path, *table_path;
        const char *missing; /* why there are no such files; "" if there are */
        struct compiled_file btf_file;
        struct source source;
        struct shapes_table *table;
};

/* The fixtures with which a test has something to test. */
enum compiled_for { FOR_ALL, FOR_GCC, FOR_HOST };

struct compiled_test {
        const char *name;
        void (*function)(const struct compiled *c);
        enum compiled_for fixtures;
};

/* For main(): runs each test with each fixture that it is for. A fixture that could not be made has its tests skipped. */
int compiled_run(const struct compiled_test *tests, size_t n_tests);

/* The type of that name and kind, spelled as in btf_kind_name(); an ENUM64 is an "enum". */
struct btf_type compiled_find(const struct compiled *c, const char *kind, const char *name);
/* As plan_resolve(), in the type of that tag ("struct" or "union") and name. */
int compiled_try_resolve(const struct compiled *c, const char *tag, const char *type, const char *path,
                         struct plan *ret, struct query_error *ret_error);
/* The same for what must succeed. */
struct plan compiled_resolve(const struct compiled *c, const char *tag, const char *type, const char *path);

/* Fails unless btfd's number is the compiler's. */
void compiled_check(uint64_t got, uint64_t expected, const char *what, const char *type, const char *path);
