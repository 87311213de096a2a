/*
 * Split BTF on a distilled base, moved onto a real base, as the kernel does it when it loads a module.
 *
 * A module in a .ko file cannot refer to the ids of the vmlinux that it will run on. So its .BTF is split BTF on its
 * own .BTF.base, the distilled base: of what vmlinux had, only the named types that the module refers to directly, each
 * as a name to look for. Relocation finds each of them in the real base and changes ids and name offsets to match:
 *
 *   distilled   matches in the base
 *   INT         INT of its name, size and encoding
 *   FLOAT       FLOAT of its name and size
 *   ENUM        ENUM or ENUM64 of its name and size
 *   STRUCT      STRUCT of its name; of its size too if the base has several structs and unions of that name, or if a
 *               struct or union of the module holds it by value; otherwise FWD (struct) as well
 *   UNION       likewise
 *   FWD         FWD of its name and sort; STRUCT or UNION, by sort, if the base has one struct or union of that name
 *
 * Exactly one type of the base must match. This differs from the kernel only where the kernel lets pass what cannot be
 * right: there a STRUCT may become any type of its name, the sort of a FWD is compared with the flag for bitfields of a
 * STRUCT, and the last structs of a module are not looked at for what they hold.
 */
#pragma once

#include "btf/btf.h"
#include "files/error.h"

/* Types of one name in a distilled base. Compilers of it write one or two; each is compared with each type of that
 * name in the base. */
#define FILES_MAX_SAME_NAME 64U

/* Bytes of a distilled type's name. The kernel's bound for names is KSYM_NAME_LEN, 512; longer ones that differ only
 * at their ends would keep us comparing for ever. */
#define FILES_MAX_NAME_LENGTH 511U

/*
 * Moves `split`, which must have been loaded on its distilled base, onto `base`. Returns 0 with *ret_data owned by the
 * caller: as many bytes as `split` has, of its byte order, to be loaded on `base`; -ENOMEM; or 1 with *ret_error naming
 * the distilled type, or the one in `split`, that cannot be moved.
 */
int files_relocate(uint8_t **ret_data, const struct btf *split, const struct btf *base,
                   struct files_error *ret_error);
