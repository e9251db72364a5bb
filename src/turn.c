// SPDX-License-Identifier: GPL-2.0-only
/*
 * Turns on a core: how long a vcore keeps it when others wait for it.
 *
 * Which task runs next is the host scheduler's to say.  It does not know, though, that a vcore that has just had
 * the core can well wait, and that a run does not end at its tick.  So the vcores that wait for a core are
 * counted; the more they are the shorter is a turn (sched_share()), and whose turn is over yields the cpu, once.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <asm/time.h>
#include "assert.h"
#include "core.h"
#include "range.h"
#include "sched.h"
#include "smt.h"

static unsigned int slice_us = 10000;
SMT_PARAM_RANGE(slice_us, 100, 100000);
MODULE_PARM_DESC(slice_us, "the longest a run may last before the host gets the core back, us (100..100000, default 10000)");

static unsigned int min_slice_us = 1000;
SMT_PARAM_RANGE(min_slice_us, 0, 10000);
MODULE_PARM_DESC(min_slice_us, "how long a run may go on at least, late for the host's timers, us (0..10000, default 1000)");

/* The parameters in time base ticks; userspace may write them at any time. */
static u64 most(void)
{
	return (u64)clamp(READ_ONCE(slice_us), 100U, 100000U) * tb_ticks_per_usec;
}

static u64 least(void)
{
	return (u64)min(READ_ONCE(min_slice_us), 10000U) * tb_ticks_per_usec;
}

/* Vcores that wait for @core, without the one that is on it. */
static unsigned int waiting(struct smt_core *core)
{
	return atomic_read(&core->waiting);
}

/**
 * smt_turn_wait() - a vcore begins or ceases to wait for a core
 * @vc: the vcore
 * @wait: which of both; the same again changes nothing
 *
 * It is counted where it ran last, at first where its task is: a hint, the host may have it run elsewhere.
 *
 * Context: vcore lock held.
 */
void smt_turn_wait(struct smt_vcore *vc, bool wait)
{
	if (wait == !!vc->waits_at)
		return;
	if (!wait) {
		atomic_dec(&vc->waits_at->waiting);
		vc->waits_at = NULL;
		return;
	}
	vc->waits_at = vc->home ?: smt_core_of(raw_smp_processor_id());
	if (vc->waits_at)
		atomic_inc(&vc->waits_at->waiting);
}

/**
 * smt_turn_begin() - a run begins
 * @vc: its vcore, which does not wait any more
 * @core: the core
 *
 * Sets the run's slice.
 *
 * Context: vcore lock held, on the core's primary.
 */
void smt_turn_begin(struct smt_vcore *vc, struct smt_core *core)
{
	u64 now = mftb();

	if (core->turn_of != vc) {
		WRITE_ONCE(core->turn_of, vc);
		WRITE_ONCE(core->turn_since, now);
	}
	vc->home = core;
	core->hdr->slice = sched_slice(most(), least(), waiting(core), now - core->turn_since);
	core->hdr->min_slice = min(least(), core->hdr->slice);
}

/**
 * smt_turn_end() - a run is over: let another vcore have the core if the turn is over, too
 * @core: the core
 *
 * The vcore's next run begins a turn, whenever the host's scheduler lets it.
 *
 * Context: preemptible, the runner, perhaps on another cpu by now.
 */
void smt_turn_end(struct smt_core *core)
{
	unsigned int n = waiting(core);

	if (!n || mftb() - READ_ONCE(core->turn_since) < sched_share(most(), n))
		return;
	WRITE_ONCE(core->turn_of, NULL);
	yield();
}

/* Two slices of the longest: a wait that lasts longer is counted. */
u64 smt_turn_bound(void)
{
	return 2 * most();
}
