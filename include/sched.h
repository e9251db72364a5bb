/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy of the scheduler: what a vcpu's task should do now.  Pure: plain data in, a decision out;
 * the same source is built into the module and into the unit test.
 */
#ifndef SMT_SCHED_H
#define SMT_SCHED_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stdint.h>
typedef uint64_t u64;
#endif

#define SCHED_THREADS	8

/*
 * vcpu: NOTREADY -> BUSY			first KVM_RUN
 *	 BUSY -> RUNNABLE | BLOCKED		its task has nothing to do but the guest
 *	 RUNNABLE <-> BLOCKED			H_CEDE; an interrupt, H_PROD, the decrementer
 *	 RUNNABLE | BLOCKED -> BUSY		an exit that its task handles, a signal
 */
enum sched_vcpu {
	SCHED_NOTREADY,		/* KVM_RUN was never called: holds nobody back */
	SCHED_RUNNABLE,		/* ready to execute the guest */
	SCHED_BLOCKED,		/* idle */
	SCHED_BUSY,		/* busy in host */
};

/*
 * vcore: INACTIVE -> STARTING		a vcpu's task becomes the runner
 *	  STARTING -> RUNNING | INACTIVE	the core is taken, or cannot be
 *	  RUNNING -> INACTIVE			all threads have left
 */
enum sched_vcore {
	SCHED_INACTIVE,
	SCHED_STARTING,
	SCHED_RUNNING,
};

/* What a vcpu's task is to do. */
enum sched_action {
	SCHED_WAIT,		/* sleep: until woken, or until sched_decision.until if that is not 0 */
	SCHED_RUN,		/* be the runner */
	SCHED_JOIN,		/* enter the run that goes on */
};

/**
 * struct sched_view - a vcore as the policy sees it
 * @vcore: its state
 * @vcpu: each vcpu's state
 * @busy_since: time base at which a BUSY vcpu became so
 * @in_run: vcpus that belong to the run, a bit each
 * @hold: how long a BUSY vcpu holds its vcore back, time base ticks
 * @now: time base
 */
struct sched_view {
	enum sched_vcore vcore;
	enum sched_vcpu vcpu[SCHED_THREADS];
	u64 busy_since[SCHED_THREADS];
	unsigned int in_run;
	u64 hold;
	u64 now;
};

struct sched_decision {
	enum sched_action action;
	u64 until;		/* time base; 0: no limit */
};

struct sched_decision sched_decide(const struct sched_view *v, int me);
int sched_thread(bool fixed, unsigned int callable, unsigned int taken, int vcpu);
int sched_delegate(const struct sched_view *v);

#endif /* SMT_SCHED_H */
