/*
 * The sections .BTF and .BTF.base of an ELF object.
 */
#pragma once

#include <libelf.h>

#include "files/files.h"

/*
 * Copies the sections out of `elf`, of which `size` is the bytes of the whole object and `place` what its offsets count
 * in. Returns 0 with *ret for files_btf_deinit(); -ENOMEM; or 1 with *ret_error set.
 */
int files_elf_sections(struct files_btf *ret, Elf *elf, enum files_place place, uint64_t size,
                       struct files_error *ret_error);
