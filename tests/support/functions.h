/*
 * A small kernel of functions to ask for: the C declarations below, as BTF. Types and functions are found by name.
 *
 *   vmlinux:
 *   struct buff { int len; };   typedef struct buff buff_t;   struct pair { long a, b; };   struct big { long a, b, c; };
 *   typedef struct { int val; } key_t;   typedef struct { int val; } lock_t;   typedef buff_t *buff_p;
 *   struct dev { int a; };   struct dev { int a, b; };   (different, so that the name is ambiguous)
 *   int take_first(struct buff *b);                              (tags: kfunc, fast; on b: ref)
 *   void take_third(int a, int b, const buff_t *const c);
 *   void take_value(struct buff v, int after);
 *   int take_pair(struct pair p, int after);
 *   int take_big(struct big p, int after);
 *   struct buff *make(int n, ...);                               (tag: kfunc)
 *   void callback(int (*fn)(void *), int (*table)[3], char names[4], char __user *text);
 *   int empty(void);
 *   void take_key(key_t k);   void take_lock(lock_t l);   void take_alias(buff_p b);
 *   void small_dev(struct dev *d);   void large_dev(struct dev *d);
 *   int twice(int a);   static int twice(int b);                 (the same)
 *   int differ(int a);  static void differ(long a);
 *   int bpf_lsm_file_open(struct buff *file);
 *   typedef void (*btf_trace_wakeup)(void *, struct buff *, int);    int __traceiter_wakeup(void *__data, struct buff *b, int cpu)
 *   typedef void (*btf_trace_renamed)(void *, int);                  int __traceiter_renamed(void *__data, long cpu)  (disagrees)
 *   typedef int btf_trace_none;                                      (no tracepoint)
 *
 *   module "net", with a struct buff of its own that says the same, and a struct dev like vmlinux's larger one:
 *   void net_take(struct buff *b);   void net_base(struct buff *b);  (vmlinux's)   void net_dev(struct dev *d);
 *   void net_later(struct buff *b);   void net_any(struct dev *d);   (both structs only declared there)
 *   int take_first(long other);
 *   typedef void (*btf_trace_net_rx)(void *, struct buff *);         void __bpf_trace_net_rx(void *__data, struct buff *skb)
 */
#pragma once

#include "index/source_set.h"

/* The set of these two; instances 1 and 2. */
struct source_set *functions_set(void);
