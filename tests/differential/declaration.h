/*
 * Types as C writes them, by libbpf's btf_dump__emit_type_decl().
 *
 * It writes what compiles and btfd what people read, so before two texts are compared
 *
 *   struct { int a; ... }          becomes  struct {...}            libbpf writes unnamed ones out
 *   int (*)(struct foo *bar)       becomes  int (*)(struct foo *)   it gets to see a copy of the BTF without these names
 *   struct foo___2                 becomes  struct foo              it numbers what has a name for the second time
 *   int (void), int (...)          become   int ()                  it writes both like this
 *   volatile const int             becomes  const volatile int      C does not care
 *   btf_type_tag("x")              becomes  x                       libbpf 1.1 does not know of the type tag's kind_flag
 *
 * and white space counts only between two words. The last one applies only to names that a tag with kind_flag has. Two
 * things get lost: a name that ends in ___2 itself, and whether a prototype of no parameters is variadic, which the
 * prototype's own parameters tell.
 */
#pragma once

#include "reader.h"
#include "report.h"

struct declarations;

/* Those of a module need its base's; NULL for vmlinux. Both reader and base must outlive them. */
struct declarations *declarations_new(const struct reader *reader, struct declarations *base);
void declarations_free(struct declarations *declarations);

/* Whether btfd's text is what libbpf writes for that type; *ret_expected, borrowed, is what that is. */
bool declaration_equal(struct declarations *declarations, uint32_t id, const char *text,
                       const char **ret_expected);
