/*
 * A kernel from any bytes: they are read as a program of which each operation adds types to vmlinux or to a module on it.
 *
 *   input     = header:u8 , file , { file } ;       (* vmlinux, then as many modules as the header says *)
 *   file      = options:u8 , { operation } , 0 ;    (* or the end of the input: every input is a program *)
 *   operation = number:u8 , arguments ;             (* see operations[] in program.c; all arguments are u8 *)
 *
 * What refers to a type takes the next byte as its id, modulo how many there are; names come from a short list, so that
 * they collide. Types are mostly such as the format allows, and while they are written it is noted whether all are: then
 * the file must load. OP_REPEAT writes types again, of vmlinux too, so that modules say what vmlinux says, or nearly.
 */
#pragma once

#include "fuzz/load.h"
#include "support/btf_builder.h"

#define PROGRAM_MAX_MODULES 4U

struct program_kernel {
        struct load_file files[PROGRAM_MAX_MODULES + 1];
        struct btf_image images[PROGRAM_MAX_MODULES + 1]; /* owned; what the files are made of */
        size_t n_files;
};

/* `foreign`: in the byte order that the machine does not have. */
void program_build(const uint8_t *data, size_t size, bool foreign, struct program_kernel *ret);
void program_kernel_deinit(struct program_kernel *kernel);
