// SPDX-License-Identifier: GPL-2.0-only
/* The policy of parking; see park_policy.h.  No kernel calls here: the unit test builds this file too. */
#include "park_policy.h"

#define WORD_BITS	(8 * sizeof(unsigned long))

static bool has(const unsigned long *set, unsigned int cpu)
{
	return set[cpu / WORD_BITS] >> (cpu % WORD_BITS) & 1;
}

/**
 * park_check_cores() - can h->guest be the guests' cores?
 * @h: the host; @online is not looked at
 * @bad: the first cpu that is wrong, for ABSENT and SECONDARY
 *
 * A primary that is offline is right: its core is used once it is online.
 *
 * Context: any, pure.
 * Return: PARK_CORES_*.
 */
enum park_cores park_check_cores(const struct park_host *h, unsigned int *bad)
{
	enum park_cores r = PARK_CORES_NONE;
	unsigned int cpu;

	for (cpu = 0; cpu < h->nr_cpus; cpu++) {
		if (!has(h->guest, cpu))
			continue;
		*bad = cpu;
		if (!has(h->present, cpu))
			return PARK_CORES_ABSENT;
		if (cpu % h->threads)
			return PARK_CORES_SECONDARY;
		r = PARK_CORES_OK;
	}
	return r;
}

/**
 * park_core_ready() - can a guest run on a core as the host's threads are?
 * @h: the host
 * @primary: the core's first thread
 *
 * Context: any, pure.
 * Return: it is a guest core, its primary is online and no other thread of it is.
 */
bool park_core_ready(const struct park_host *h, unsigned int primary)
{
	unsigned int cpu;

	if (!has(h->guest, primary) || !has(h->online, primary))
		return false;
	for (cpu = primary + 1; cpu < primary + h->threads && cpu < h->nr_cpus; cpu++)
		if (has(h->online, cpu))
			return false;
	return true;
}

/**
 * park_next() - the next thread to park
 * @h: the host
 * @cpu: look from here on
 *
 * That is an online secondary of a guest core whose primary is online.  Where the primary is offline no
 * guest can run, and parking would take the last threads of the core from the host.
 *
 * Context: any, pure.
 * Return: the thread; h->nr_cpus when there is none.
 */
unsigned int park_next(const struct park_host *h, unsigned int cpu)
{
	for (; cpu < h->nr_cpus; cpu++) {
		unsigned int primary = cpu - cpu % h->threads;

		if (cpu != primary && has(h->online, cpu) && has(h->guest, primary) && has(h->online, primary))
			break;
	}
	return cpu;
}

/**
 * park_place() - may the task that is on @cpu begin a run there?
 * @h: the host
 * @allowed: the task's affinity
 * @cpu: where it is
 *
 * Context: any, pure.
 * Return: PARK_*.
 */
enum park_place park_place(const struct park_host *h, const unsigned long *allowed, unsigned int cpu)
{
	unsigned int i;

	if (has(h->guest, cpu))
		return PARK_STAY;
	for (i = 0; i < h->nr_cpus; i++)
		if (has(allowed, i) && has(h->guest, i) && has(h->online, i))
			return PARK_MOVE;
	return PARK_REFUSE;
}
