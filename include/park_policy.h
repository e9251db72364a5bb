/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy of parking: which threads go offline for guests, where a vcpu's task may run.  Pure: cpu sets
 * in, a decision out; the same source is built into the module and into the unit test.
 */
#ifndef SMT_PARK_POLICY_H
#define SMT_PARK_POLICY_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#endif

/**
 * struct park_host - the host's cpus; sets are bitmaps of unsigned long, as cpumask_bits() gives them
 * @nr_cpus: bits of each set
 * @threads: threads of a core; cpu n is thread n % threads of its core
 * @present: cpus that exist
 * @online: cpus that are online
 * @guest: the primaries of the cores that guests may use
 */
struct park_host {
	unsigned int nr_cpus, threads;
	const unsigned long *present, *online, *guest;
};

/* What is wrong with a list of guest cores. */
enum park_cores {
	PARK_CORES_OK,
	PARK_CORES_NONE,	/* it names no cpu */
	PARK_CORES_ABSENT,	/* it names a cpu that does not exist */
	PARK_CORES_SECONDARY,	/* it names a cpu that is not the first thread of its core */
};

/* Where a vcpu's task that is to be the runner stands. */
enum park_place {
	PARK_STAY,		/* on the primary of a guest core */
	PARK_MOVE,		/* elsewhere, but its affinity has such a primary that is online */
	PARK_REFUSE,		/* its affinity has none */
};

enum park_cores park_check_cores(const struct park_host *h, unsigned int *bad);
bool park_core_ready(const struct park_host *h, unsigned int primary);
unsigned int park_next(const struct park_host *h, unsigned int cpu);
enum park_place park_place(const struct park_host *h, const unsigned long *allowed, unsigned int cpu);

#endif /* SMT_PARK_POLICY_H */
