/*
 * Why BTF was refused: a stable reason, where, and what was expected there.
 */
#pragma once

#include <stdarg.h>
#include <stdint.h>

#define BTF_ERROR_REASONS(X)                                                                                 \
        X(TRUNCATED, "truncated")                 /* the file ends before the header does */                 \
        X(TOO_LARGE, "too-large")                 /* more bytes or types than may be in a file */            \
        X(BAD_MAGIC, "bad-magic")                 /* not BTF at all */                                       \
        X(BAD_VERSION, "bad-version")             /* not version 1 */                                        \
        X(BAD_FLAGS, "bad-flags")                 /* header flags that this version does not define */       \
        X(BAD_HEADER_LENGTH, "bad-header-length") /* hdr_len too small, or beyond the file */                \
        X(UNKNOWN_HEADER, "unknown-header")       /* non-zero bytes in an extension of the header */         \
        X(BAD_SECTION, "bad-section")             /* a section is misaligned, overlaps or lies outside */    \
        X(BAD_STRINGS, "bad-strings")             /* the string section does not begin and end with NUL */   \
        X(BAD_LAYOUT, "bad-layout")               /* an impossible length in the layout section */           \
        X(BAD_RECORD, "bad-record")               /* a record runs beyond the type section */                \
        X(OTHER_ENDIAN, "other-endian")           /* not of the byte order of the base */                    \
        X(UNKNOWN_KIND, "unknown-kind")           /* a kind without a known length */                        \
        X(BAD_NAME, "bad-name")                   /* name_off outside the string section */                  \
        X(BAD_ID, "bad-id")                       /* an id beyond the last type */                           \
        X(BAD_REFERENCE, "bad-reference")         /* an id of a kind that may not stand there */             \
        X(BAD_SIZE, "bad-size")                   /* a size that the kind cannot have */                     \
        X(BAD_ENCODING, "bad-encoding")           /* an INT whose bits do not fit its size */                \
        X(BAD_MEMBER, "bad-member")               /* a member outside its struct, or a bitfield too wide */  \
        X(BAD_VALUE, "bad-value")                 /* any other word that the format does not allow */        \
        X(LOOP, "loop")                           /* a type that contains itself */                          \
        X(TOO_DEEP, "too-deep")                   /* beyond one of the nesting bounds in format.h */         \
        X(TOO_MANY, "too-many")     /* more definitions of a name than anyone can choose among */            \
        X(UNREADABLE, "unreadable") /* the file cannot be opened or read */

enum btf_error_reason {
#define X(id, name) BTF_ERROR_##id,
        BTF_ERROR_REASONS(X)
#undef X
};

/* What was found and what was expected, in one sentence; longer text is cut. */
#define BTF_ERROR_MESSAGE_SIZE 192

struct btf_error {
        enum btf_error_reason reason;
        uint64_t offset; /* bytes from the start of the file */
        char message[BTF_ERROR_MESSAGE_SIZE];
};

/* The reason's stable name, for instance "bad-magic". */
const char *btf_error_reason_name(enum btf_error_reason reason);

/* Fills `error` and returns 1, so that a check can `return btf_error_set(...)`. */
int btf_error_set(struct btf_error *error, enum btf_error_reason reason, uint64_t offset, const char *format,
                  ...) __attribute__((__format__(__printf__, 4, 5)));
/* The same with the arguments in a list. */
int btf_error_setv(struct btf_error *error, enum btf_error_reason reason, uint64_t offset, const char *format,
                   va_list arguments) __attribute__((__format__(__printf__, 4, 0)));
