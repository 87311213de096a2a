/*
 * Why a file gives no BTF, or its BTF cannot be moved onto another base: a stable reason, where, and what was expected
 * there.
 */
#pragma once

#include <stdint.h>

#define FILES_ERROR_REASONS(X)                                                                               \
        X(UNREADABLE, "unreadable")           /* cannot be opened or read, or is no regular file */          \
        X(EMPTY, "empty")                     /* the file, or its section, has no bytes */                   \
        X(TOO_LARGE, "too-large")             /* beyond one of the bounds in files.h */                      \
        X(UNKNOWN_FORM, "unknown-form")       /* neither BTF nor ELF nor compressed by what we know */       \
        X(BAD_STREAM, "bad-stream")           /* compressed data that does not decompress */                 \
        X(TRUNCATED, "truncated")             /* compressed data that ends too early */                      \
        X(TRAILING_BYTES, "trailing-bytes")   /* something else follows the compressed data */               \
        X(BAD_ELF, "bad-elf")                 /* an ELF object that contradicts itself */                    \
        X(NO_BTF, "no-btf")                   /* an ELF object without .BTF */                               \
        X(BAD_SECTION, "bad-section")         /* .BTF or .BTF.base is there but cannot be taken */           \
        X(NO_BASE, "no-base")                 /* split BTF, of which no base was given */                    \
        X(BAD_BASE, "bad-base")               /* what was given as the base is none */                       \
        X(NOT_SPLIT, "not-split")             /* a base was given for what seems to need none */             \
        X(OTHER_ENDIAN, "other-endian")       /* not of the byte order of the base */                        \
        X(BAD_DISTILLED, "bad-distilled")     /* a type that no distilled base may hold */                   \
        X(NO_CANDIDATE, "no-candidate")       /* the base has no such type */                                \
        X(MANY_CANDIDATES, "many-candidates") /* the base has several such types */                          \
        X(OTHER_SIZE, "other-size")           /* the base has it with another size only */                   \
        X(UNMAPPED_NAME, "unmapped-name")     /* a name in the distilled base that is none of its types' */  \
        X(UNKNOWN_KIND, "unknown-kind")       /* a type whose ids and names cannot be found, so not changed */

enum files_error_reason {
#define X(id, name) FILES_ERROR_##id,
        FILES_ERROR_REASONS(X)
#undef X
};

/* Which bytes an offset counts. */
enum files_place {
        FILES_PLACE_NONE,      /* none: the matter has no offset */
        FILES_PLACE_FILE,      /* the file as it is */
        FILES_PLACE_UNPACKED,  /* what was compressed in the file */
        FILES_PLACE_BTF,       /* the section .BTF */
        FILES_PLACE_BTF_BASE,  /* the section .BTF.base */
        FILES_PLACE_RELOCATED, /* .BTF after it was moved onto another base */
};

/* What was found and what was expected, in one sentence; longer text is cut. Names in it may hold any bytes. */
#define FILES_ERROR_MESSAGE_SIZE 256

struct files_error {
        enum files_error_reason reason;
        enum files_place place;
        uint64_t offset; /* bytes in that place */
        char message[FILES_ERROR_MESSAGE_SIZE];
};

/* The reason's stable name, for instance "no-btf". */
const char *files_error_reason_name(enum files_error_reason reason);

/* What to call a place: "unpacked", ".BTF", ".BTF.base", "relocated"; NULL for the file and for none. */
const char *files_place_name(enum files_place place);

/* Fills `error` and returns 1, so that a check can `return files_error_set(...)`. */
int files_error_set(struct files_error *error, enum files_error_reason reason, enum files_place place,
                    uint64_t offset, const char *format, ...) __attribute__((__format__(__printf__, 5, 6)));
