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

	for (i = 0; i < v->n; i++) {
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
		if (v->attendant >= 0 && v->attendant != me)
			break;
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
 * sched_keep() - the threads that a run keeps, for the vcpus in it and for those that may join it
 * @fixed: as for sched_thread()
 * @places: where the run's vcores have a vcpu, a bit each; with fixed threads there is one vcore
 * @vcpus: how many these vcores have
 *
 * The vcpus that exist are all that can want a thread; the others of the core need not wait for the run's end.  One that is
 * created meanwhile is refused by the run and is part of the next one.
 *
 * Context: any, pure.
 * Return: a bit each; those of the core's threads are meant, there can be others.
 */
unsigned int sched_keep(bool fixed, unsigned int places, unsigned int vcpus)
{
	if (fixed)
		return places;
	return vcpus < SCHED_THREADS ? (1u << vcpus) - 1 : ~0u;	/* handed out lowest first */
}

/**
 * sched_share() - how long a turn on a core may last
 * @most: the longest, time base ticks
 * @waiting: vcores that wait for the core
 *
 * Whoever waits has all turns of the others before its own: together they are to last no longer than 2 * @most.  One
 * turn more is allowed for what it costs to change turns, one for a host that does not go strictly round.
 *
 * Context: any, pure.
 */
u64 sched_share(u64 most, unsigned int waiting)
{
	u64 share = 2 * most / (waiting + 2);

	return share < most ? share : most;
}

/**
 * sched_slice() - how long the run that begins may last
 * @most: the longest turn, time base ticks
 * @least: what makes calling the threads together worth while
 * @waiting: vcores that wait for the core
 * @used: for how long this turn has lasted
 *
 * Context: any, pure.
 * Return: time base ticks, never more than @most.
 */
u64 sched_slice(u64 most, u64 least, unsigned int waiting, u64 used)
{
	u64 share = sched_share(most, waiting), left = 0;

	if (!waiting)
		used = 0;
	if (used < share)
		left = share - used;
	if (left < least)
		left = least;
	return left < most ? left : most;
}

/* A vcpu for which an inactive vcore should run, the first after @after, in turn; -1: none. */
static int next_runnable(const struct sched_view *v, int after)
{
	int i;

	if (v->vcore != SCHED_INACTIVE)
		return -1;
	for (i = 0; i < v->n; i++) {
		if (++after >= v->n)
			after = 0;
		if (v->vcpu[after] == SCHED_RUNNABLE)
			return after;
	}
	return -1;
}

/**
 * sched_delegate() - who is to look after a vcore that has no attendant
 * @v: the vcore
 * @after: not this vcpu if there is another; -1: whoever
 *
 * Context: any, pure.
 * Return: a RUNNABLE vcpu whose task should be woken, -1 when none need be.
 */
int sched_delegate(const struct sched_view *v, int after)
{
	return v->attendant < 0 ? next_runnable(v, after) : -1;
}

/**
 * sched_need() - how many threads a vcore needs for its vcpus
 * @v: the vcore
 *
 * One that is busy in the host may want to join, unless it has been so for long: a guest's offline cpu is busy for ever.
 *
 * Context: any, pure.
 */
unsigned int sched_need(const struct sched_view *v)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < v->n; i++)
		n += v->vcpu[i] == SCHED_RUNNABLE || v->vcpu[i] == SCHED_BLOCKED ||
		     (v->vcpu[i] == SCHED_BUSY && v->now < v->busy_since[i] + v->hold);
	return n;
}

static bool any_in(const struct sched_view *v, enum sched_vcpu state)
{
	int i;

	for (i = 0; i < v->n; i++)
		if (v->vcpu[i] == state)
			return true;
	return false;
}

/**
 * sched_may_pack() - may a vcore take part in the run of another one of its VM?
 * @v: the vcore
 * @free: threads of the core that no vcpu of the run's vcores needs
 * @ready: it is to have a runnable vcpu; else it is to have none, and takes part by napping
 *
 * Only as a whole, and only where it could have a run of its own.
 *
 * Context: any, pure.
 */
bool sched_may_pack(const struct sched_view *v, unsigned int free, bool ready)
{
	if (v->vcore != SCHED_INACTIVE || sched_need(v) > free || held_until(v))
		return false;
	return ready == any_in(v, SCHED_RUNNABLE) && (ready || any_in(v, SCHED_BLOCKED));
}

/**
 * sched_ready_from() - since when could the vcore be on a core?
 * @v: the vcore
 *
 * Context: any, pure.
 * Return: time base, @v->now or later while a busy vcpu holds it back; 0 when no run is due.
 */
u64 sched_ready_from(const struct sched_view *v)
{
	u64 held;

	if (next_runnable(v, -1) < 0)
		return 0;
	held = held_until(v);
	return held ? held : v->now;
}

/**
 * sched_idle() - does the vcore wait for nothing but an event?
 * @v: the vcore
 *
 * Context: any, pure.
 * Return: true when some vcpu is BLOCKED and none is RUNNABLE, BUSY, or in a run.
 */
bool sched_idle(const struct sched_view *v)
{
	bool blocked = false;
	int i;

	if (v->vcore != SCHED_INACTIVE)
		return false;
	for (i = 0; i < v->n; i++) {
		if (v->vcpu[i] == SCHED_RUNNABLE || v->vcpu[i] == SCHED_BUSY)
			return false;
		blocked |= v->vcpu[i] == SCHED_BLOCKED;
	}
	return blocked;
}

/**
 * sched_clock_to() - from now on the time is of another kind
 * @c: the account; opened by the first call
 * @kind: the kind
 * @now: host time base
 *
 * Context: the vcpu's vcore is locked.
 */
void sched_clock_to(struct sched_clock *c, enum sched_time kind, u64 now)
{
	if (c->since)
		c->sum[c->kind] += now - c->since;
	c->kind = kind;
	c->since = now;
}

/**
 * sched_clock_ran() - a run is over: part of it the vcpu was idle
 * @c: the account, kind RUN
 * @idle: time base ticks that it napped with a ceded vcpu
 * @now: host time base
 *
 * The kind stays RUN; the caller knows what comes next.
 *
 * Context: the vcpu's vcore is locked.
 */
void sched_clock_ran(struct sched_clock *c, u64 idle, u64 now)
{
	u64 all = now - c->since;

	if (idle > all)		/* the guest's time base and the host's are read apart */
		idle = all;
	c->sum[SCHED_T_IDLE] += idle;
	c->sum[SCHED_T_RUN] += all - idle;
	c->since = now;
}

/* The ticks of @kind up to @now. */
u64 sched_clock_sum(const struct sched_clock *c, enum sched_time kind, u64 now)
{
	return c->sum[kind] + (c->since && c->kind == kind ? now - c->since : 0);
}

/**
 * sched_poll_next() - for how long to poll the next time
 * @p: parameters
 * @poll: for how long it was polled at most this time, ns
 * @blocked: for how long the vcore was blocked, ns
 *
 * An event that came while polling leaves the time as it is; one that a longer poll would have seen makes it
 * grow; one that came later than any poll lasts makes it shrink.
 *
 * Context: any, pure.
 */
u64 sched_poll_next(const struct sched_poll *p, u64 poll, u64 blocked)
{
	if (blocked > p->max) {
		poll = p->shrink ? poll / p->shrink : 0;
	} else if (blocked > poll && p->grow) {
		poll *= p->grow;
		if (poll < p->grow_start)
			poll = p->grow_start;
	}
	return poll < p->max ? poll : p->max;
}
