// SPDX-License-Identifier: GPL-2.0-only
/* The policy of the scheduler; see sched.h.  No kernel calls here: the unit test builds this file too. */
#include "sched.h"

/*
 * A vcore runs only when every vcpu of it is runnable or blocked, so that one that works in the
 * kernel or in userspace is not starved by its siblings.  That is bounded: a vcpu that stays
 * busy longer than v->hold holds nobody back any more.
 *
 * Return: the time until which the vcore is held back; 0: it may run.
 */
static u64 held_until(const struct sched_view *v)
{
	u64 end, last = 0;
	int i;

	for (i = 0; i < SCHED_THREADS; i++) {
		if (v->vcpu[i] != SCHED_BUSY)
			continue;
		end = v->busy_since[i] + v->hold;
		if (end > v->now && end > last)
			last = end;
	}
	return last;
}

/**
 * sched_decide() - what vcpu @me's task does now
 * @v: its vcore
 * @me: its place in it
 *
 * Context: any, pure.
 * Return: the action, and for SCHED_WAIT until when.
 */
struct sched_decision sched_decide(const struct sched_view *v, int me)
{
	struct sched_decision d = { .action = SCHED_WAIT };

	if (v->vcpu[me] != SCHED_RUNNABLE)
		return d;
	switch (v->vcore) {
	case SCHED_INACTIVE:
		d.until = held_until(v);
		if (!d.until)
			d.action = SCHED_RUN;
		break;
	case SCHED_RUNNING:
		if (!(v->in_run & (1u << me)))
			d.action = SCHED_JOIN;
		break;
	case SCHED_STARTING:
		break;
	}
	return d;
}

/**
 * sched_thread() - the hardware thread for a vcpu
 * @fixed: vcpu n runs on thread n (POWER8: msgsndp and TIR name threads)
 * @callable: threads that the run may use, a bit each
 * @taken: threads that have a vcpu in this run
 * @vcpu: the vcpu's place in its vcore
 *
 * Where the number is free (POWER7) the lowest free thread is taken: a core is fastest with few,
 * low-numbered threads.
 *
 * Context: any, pure.
 * Return: the thread, -1 when there is none.
 */
int sched_thread(bool fixed, unsigned int callable, unsigned int taken, int vcpu)
{
	unsigned int free = callable & ~taken;

	if (fixed)
		return free & (1u << vcpu) ? vcpu : -1;
	return free ? __builtin_ctz(free) : -1;
}

/**
 * sched_delegate() - who is to look after the vcore when its runner goes away
 * @v: the vcore
 *
 * Context: any, pure.
 * Return: a RUNNABLE vcpu whose task sleeps and should be woken, -1 when there is none.
 */
int sched_delegate(const struct sched_view *v)
{
	int i;

	if (v->vcore != SCHED_INACTIVE)
		return -1;
	for (i = 0; i < SCHED_THREADS; i++)
		if (v->vcpu[i] == SCHED_RUNNABLE)
			return i;
	return -1;
}
