/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's counters of a VM: /sys/kernel/debug/kvm/PID-FD/smt. */
#ifndef STAT_H
#define STAT_H

#include "vmm.h"

/* One reading; the file's text. */
struct stat_text {
	u64 before_us, after_us;	/* CLOCK_MONOTONIC around it */
	char text[32768];
};

/* False, after a FAIL, when the file cannot be read. */
bool stat_read(struct vm *vm, struct stat_text *s);
/* The sum of the numbers after " key " in all lines that begin with "line" */
u64 stat_sum(const struct stat_text *s, const char *line, const char *key);
/* the largest of them */
u64 stat_max(const struct stat_text *s, const char *line, const char *key);

/* The module's parameter "name", or the default where it cannot be read (another module) */
u64 param_get(const char *name, u64 def);
/* False, after a FAIL, when it cannot be written. */
bool param_set(const char *name, u64 val);

#define TICK_US		4000		/* HZ=250, what Debian's kernels have */

/* Has each of vcpus 0 to n - 1 called KVM_RUN? */
bool stat_opened(const struct stat_text *s, unsigned int n);
/*
 * Between two readings: run + stolen + idle + busy in host = wall, for n vcpus, ids 0, stride ..., within a tick?  What it found goes to
 * "what".
 */
bool stat_identity(const struct stat_text *a, const struct stat_text *b, unsigned int n, unsigned int stride, char *what,
		   unsigned int len);

#endif
