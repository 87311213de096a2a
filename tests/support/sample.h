/*
 * A small kernel to ask questions of: the C declarations in the comment, as BTF. Types are found by name.
 *
 *   struct inner { int a; int b; };                                              (8 bytes)
 *   union pipe_index { unsigned long head_tail; struct { unsigned int head, tail; }; };
 *   struct bits { unsigned int lo : 4, hi : 28; };
 *   struct odd { unsigned int x : 3; } __attribute__((packed));                  (1 byte)
 *   struct later;   union later_union;   enum later_enum;
 *   struct outer {
 *           struct inner in;                         0
 *           struct inner *ptr;                       8
 *           struct inner arr[3];                    16
 *           char comm[16];                          40
 *           union {                                 64
 *                   int u1;
 *                   const struct { int pad; unsigned long deep; };    (deep at 72)
 *           };
 *           union pipe_index;                       80
 *           struct outer *next;                     88
 *           void *opaque;                           96
 *           struct later *later;                   104
 *           int (*fn)(int);                        112
 *           int matrix[2][3];                      120   (nested, as clang records it)
 *           int zero[0];                           144
 *           struct inner *ptrs[2];                 144
 *           unsigned int ready : 1, mode : 3;      160
 *           int prio : 5;                          160   (bit 4)
 *           struct inner (*table)[4];              168
 *           int flex[];                            176
 *   };                                                                          (176 bytes)
 *   struct holder { struct bits bits[4]; struct bits *bp; struct odd odds[3]; }; (27 bytes, packed)
 *   struct tail { int n; struct odd odds[]; };                                   (4 bytes)
 *   typedef struct outer outer_t;   typedef outer_t *outer_ptr;   typedef char name_t[16];
 *   typedef char huge_t[2^16 - 1][2^16];   typedef huge_t *huge_ptr;            (32 bits of size)
 */
#pragma once

#include "support/btf_builder.h"

/* Writes all of that; the builder must be empty. */
void sample_build(struct btf_builder *b);
