/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports and supervision. Every case runs in a child of its own; the parent ends
 * it when its time is over, and says so when even SIGKILL does not end it.
 *
 *	PASS name
 *	FAIL name: reason
 *	SKIP name: reason
 *	SUMMARY program: n pass, n fail, n skip
 *
 * Exit status: 0 no failure, 1 failures, 2 wrong usage, 3 a case could not be killed.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned long long u64;
typedef uint32_t u32;
typedef uint8_t u8;
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define CASE_ENDIAN	1	/* for every guest byte order asked for (-e) */
#define CASE_THREADS	2	/* for every number of vcpus asked for (-n) */
#define CASE_PAIRS	4	/* needs an even number of vcpus */

struct test_case {
	const char *name;
	void (*fn)(void);
	unsigned int seconds;	/* host time for the whole case, times opt.slow */
	unsigned int flags;
};

struct options {
	bool be;		/* guest byte order of this case */
	unsigned int threads;	/* vcpus of this case */
	unsigned int stride;	/* -s: threads per vcore (KVM_CAP_PPC_SMT), 0 = the host's default */
	unsigned int slow;	/* -x: multiplies every time limit */
	unsigned int rounds;	/* -r: per cent of the usual number of rounds */
	u64 seed;		/* -S */
	unsigned int case_seconds;
	bool emulated;		/* the host is QEMU's powernv */
	bool exact;		/* its clock counts instructions (boot.sh --icount): no noise in what is measured */
	bool in_tree;		/* the module under test is the kernel's kvm-hv */
};
extern struct options opt;

int test_main(int argc, char **argv, const struct test_case *cases, unsigned int n);

void check(bool ok, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void skip(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * True, after a SKIP, when the module under test is the kernel's kvm-hv and is
 * known to fail this: say how, and in which release it was seen.
 */
bool known_in_tree(const char *name, const char *how);
/* FAIL, and end the case */
void fatal(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));

u64 now_ms(void);
/* what is left of this case's time, less a reserve for dumps (ms) */
unsigned int case_left(void);
void sleep_ms(unsigned int ms);
unsigned int rounds(unsigned int usual);
u64 mix(u64 a, u64 b);
/*
 * Wait for a child, at most ms; 0 and *status, or -1 when the time is over.
 */
int wait_child(int pid, int *status, unsigned int ms);
/* what the kernel says a task is doing, to notes */
void note_task(int pid, int tid);

#endif
