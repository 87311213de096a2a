/*
 * The protocol's bounds, each with its reason. btfd.info reports them under the names in the comments.
 */
#pragma once

/* The version of the protocol that openrpc.json describes. It grows only when something is removed or
 * retyped, which the protocol promises not to do. */
#define PROTOCOL_VERSION 1

/* request_bytes: a batch of 512 questions fits, and jansson needs up to 79 bytes of heap
 * for a byte of input. */
#define PROTOCOL_MAX_LINE (128U << 10)

/* request_tokens: 512 questions with three selectors have 37 lexical tokens each. */
#define PROTOCOL_MAX_TOKENS 24576U

/* request_depth: a batch of requests with params is 3 deep; nothing in the protocol needs 16. */
#define PROTOCOL_MAX_DEPTH 16U

/* batch_elements: a tracer's whole start-up in one write. */
#define PROTOCOL_MAX_BATCH 512U

/* reply_bytes: of one element; the largest type expanded to the end takes 1.3 MB. */
#define PROTOCOL_MAX_REPLY (4U << 20)

/* batch_reply_bytes: 512 plans take 120 KB, and some 480 times the whole task_struct of 6.18 fits, at 32 KB each. */
#define PROTOCOL_MAX_BATCH_REPLY (16U << 20)

/* bad_lines: a client that has sent as many lines that are not JSON is not speaking this protocol. */
#define PROTOCOL_MAX_BAD_LINES 8U

/* unsent_bytes: with so much output waiting for a client, nothing more of its input is read. */
#define PROTOCOL_MAX_UNSENT (256U << 10)

/* connections: each takes a descriptor; the daemon lowers it to what RLIMIT_NOFILE leaves. */
#define PROTOCOL_MAX_CONNECTIONS 1024U

/* total_unsent_bytes: output that waits for all clients together, four batches of the largest replies. Whoever would
 * need more is closed: without that, a thousand clients that never read would take 16 GB. */
#define PROTOCOL_MAX_TOTAL_UNSENT (64U << 20)

/* stall_seconds: a client that takes nothing of its output for so long is gone, whatever its socket says. */
#define PROTOCOL_STALL_SEC 10U

/* heavy_seconds: what may take milliseconds is done in a thread of its own, and a line of it that has no answer after so
 * long gets an error instead. Nothing takes a second on kernels seen; clients usually wait for 10. */
#define PROTOCOL_HEAVY_SEC 5U

/* heavy_bytes: lines that wait for that thread or are in it, of all clients together: 4 KiB for each connection, or 32 of
 * the longest. Their text waits, not what a JSON parser makes of it, which may be 79 times as much. */
#define PROTOCOL_MAX_HEAVY (4U << 20)

/* probe_questions: of one btfd.probe together, which takes a millisecond; a tracer asks some hundreds. */
#define PROTOCOL_MAX_PROBES 1024U
