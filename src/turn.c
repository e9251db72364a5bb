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
#include <linux/sched/deadline.h>
#include <linux/sched/stat.h>
#include <asm/time.h>
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

static unsigned int cede_stay_us = 1000;
SMT_PARAM_RANGE(cede_stay_us, 0, 10000);
MODULE_PARM_DESC(cede_stay_us, "an idle vcore whose next decrementer is nearer than this naps in its run while no other waits for the core, us (0..10000, default 1000)");

#define RUN_MIN_US	100	/* a run of less would not get all threads into the guest */

/* The parameters in time base ticks; userspace may write them at any time. */
static u64 most(void)
{
	return (u64)clamp(READ_ONCE(slice_us), 100U, 100000U) * tb_ticks_per_usec;
}

static u64 least(void)
{
	return (u64)min(READ_ONCE(min_slice_us), 10000U) * tb_ticks_per_usec;
}

static u64 stay(void)
{
	return (u64)min(READ_ONCE(cede_stay_us), 10000U) * tb_ticks_per_usec;
}

/**
 * smt_turn_wait() - a vcore waits for a core, or no longer
 * @vc: the vcore
 * @core: where the task that attends to it is, or is to be woken; NULL: it does not wait, or for no guest core
 *
 * A hint: the host may have the task run elsewhere.
 *
 * Context: vcore lock held.
 */
void smt_turn_wait(struct smt_vcore *vc, struct smt_core *core)
{
	if (core == vc->waits_at)
		return;
	if (vc->waits_at)
		atomic_dec(&vc->waits_at->waiting);
	vc->waits_at = core;
	if (!core)
		return;
	atomic_inc(&core->waiting);
	WRITE_ONCE(core->hdr->stay, 0);		/* a run that goes on there may not idle any more */
}

/**
 * smt_turn_note() - whether a vcore waits may have changed
 * @vc: the vcore
 * @now: host time base
 *
 * One that a busy vcpu holds back does not wait until that is nearly over.
 *
 * Context: vcore lock held.
 */
void smt_turn_note(struct smt_vcore *vc, u64 now)
{
	if (!vc->ready_since || (s64)(vc->ready_since - now) > (s64)least())
		smt_turn_wait(vc, NULL);
	else if (!vc->waits_at)
		smt_turn_wait(vc, vc->home ?: smt_core_of(raw_smp_processor_id()));
}

/**
 * smt_turn_begin() - a run begins
 * @vc: its vcore, which does not wait any more
 * @core: the core
 *
 * Sets the run's slice, and for how long it may idle.
 *
 * Context: vcore lock held, on the core's primary.
 */
void smt_turn_begin(struct smt_vcore *vc, struct smt_core *core)
{
	u64 now = mftb(), worth = max_t(u64, least(), RUN_MIN_US * tb_ticks_per_usec);
	unsigned int waiting = atomic_read(&core->waiting);

	/* those packed into this run do not wait now, but each of them has its turn before the others' come again */
	if (waiting)
		waiting += core->members - 1;

	if (core->turn_of != vc) {
		WRITE_ONCE(core->turn_of, vc);
		WRITE_ONCE(core->turn_since, now);
	}
	core->hdr->slice = sched_slice(most(), worth, waiting, now - core->turn_since);
	core->hdr->min_slice = min(least(), core->hdr->slice);
	/* another task that could run here has no way to say so */
	core->hdr->stay = waiting || !single_task_running() ? 0 : stay();
}

/**
 * smt_turn_over() - its attendant has a cpu: shall it let other vcores go first?
 * @vc: the vcore, inactive
 *
 * True once a turn; the run after that begins a new one, whenever the host's scheduler lets it.
 *
 * Context: vcore lock held, the attendant.
 */
bool smt_turn_over(struct smt_vcore *vc)
{
	struct smt_core *core = vc->home;
	int others;

	if (!core || core != smt_core_of(raw_smp_processor_id()) || READ_ONCE(core->turn_of) != vc)
		return false;
	others = atomic_read(&core->waiting) - (vc->waits_at == core);
	if (others <= 0 || mftb() - READ_ONCE(core->turn_since) < sched_share(most(), others))
		return false;
	WRITE_ONCE(core->turn_of, NULL);
	return true;
}

/**
 * smt_turn_yield() - let whoever waits for this cpu go first
 *
 * A task of the deadline class would give up what is left of its period by a yield, whether somebody waits or not.
 *
 * Context: preemptible, no locks.
 */
void smt_turn_yield(void)
{
	if (dl_prio(current->prio))
		cond_resched();
	else
		yield();
}

/* Two slices of the longest: a wait that lasts longer is counted. */
u64 smt_turn_bound(void)
{
	return 2 * most();
}
