/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy of the scheduler: what a vcpu's task does next, which thread a vcpu gets, how long a run may
 * last, how long a blocked vcore is polled, where a vcpu's time goes.  Pure: plain data in, a decision out;
 * the same source is built into the module and into the unit test.  Which of several vcores gets a core is
 * the host scheduler's choice among their runners (nice values and cgroups count), with one rule on top:
 * the vcores of two VMs are never on one core at the same time.
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
 * vcpu (DESIGN §5):
 *
 *	             first KVM_RUN
 *	NOTREADY -----------------+
 *	                          v    nothing to do but the guest, H_CEDE found no reason to idle
 *	        +---------------> BUSY ---------------------------------------> RUNNABLE <----+
 *	        |                 |  nothing to do but the guest, and ceded          |        |
 *	        |                 +------------------------------> BLOCKED <---------+ H_CEDE |
 *	        |                                                     |                       |
 *	        |  an exit that its task handles; a signal            +-----------------------+
 *	        +------- RUNNABLE, BLOCKED                     an interrupt, H_PROD, the decrementer
 *
 * Who wakes a sleeping task: the end of a run, when the vcpu has an exit to handle (it becomes BUSY), a signal,
 * or a reason to go on; whoever makes an interrupt or a prod pending (smt_fast_vcpu_kick()); its decrementer's
 * timer; and, when a task leaves an inactive vcore for the host, one task that can be the next runner
 * (sched_delegate()).  A task looks at its vcore again after every wake-up, so one too many does no harm.
 *
 * One task at most looks after an inactive vcore: its attendant.  It is awake, perhaps waiting for a cpu, until it has become
 * the runner or has resigned, and when it resigns a delegate is woken.  The others sleep: were they all awake, each would
 * queue for the cpu on its own, a vcore of many vcpus would get more of the core than one of few, and how long a vcore waits
 * would depend on how many tasks the others have.
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
	SCHED_RUN,		/* attend to the vcore: be the runner as soon as there is a cpu */
	SCHED_JOIN,		/* enter the run that goes on */
};

/**
 * struct sched_view - a vcore as the policy sees it
 * @vcore: its state
 * @n: vcpus, 0 to SCHED_THREADS; what follows is valid for these
 * @vcpu: each vcpu's state
 * @busy_since: time base at which a BUSY vcpu became so
 * @in_run: vcpus that belong to the run, a bit each
 * @attendant: the vcpu whose task looks after it, -1: none
 * @hold: how long a BUSY vcpu holds its vcore back, time base ticks
 * @now: time base
 */
struct sched_view {
	enum sched_vcore vcore;
	int n;
	enum sched_vcpu vcpu[SCHED_THREADS];
	u64 busy_since[SCHED_THREADS];
	unsigned int in_run;
	int attendant;
	u64 hold;
	u64 now;
};

struct sched_decision {
	enum sched_action action;
	u64 until;		/* time base; 0: no limit */
};

struct sched_decision sched_decide(const struct sched_view *v, int me);
unsigned int sched_keep(bool fixed, unsigned int places, unsigned int vcpus);
int sched_thread(bool fixed, unsigned int callable, unsigned int taken, int vcpu);
u64 sched_share(u64 most, unsigned int waiting);
u64 sched_slice(u64 most, u64 least, unsigned int waiting, u64 used);
int sched_delegate(const struct sched_view *v, int after);
unsigned int sched_need(const struct sched_view *v);
bool sched_may_pack(const struct sched_view *v, unsigned int free, bool ready);
u64 sched_ready_from(const struct sched_view *v);
bool sched_idle(const struct sched_view *v);

/* Where a vcpu's time goes; the kinds add up to the time since its first KVM_RUN. */
enum sched_time {
	SCHED_T_HOST,		/* busy in host: its task handles an exit, or is in userspace */
	SCHED_T_STOLEN,		/* ready for the guest, and not there */
	SCHED_T_IDLE,		/* ceded, in a run or out of it */
	SCHED_T_RUN,		/* in a run: in the guest, or on the way in or out */
	SCHED_T_KINDS
};

/**
 * struct sched_clock - one vcpu's account
 * @kind: what the time since @since is to be added to
 * @since: host time base; 0 while the account is not opened
 * @sum: time base ticks of each kind
 */
struct sched_clock {
	enum sched_time kind;
	u64 since;
	u64 sum[SCHED_T_KINDS];
};

void sched_clock_to(struct sched_clock *c, enum sched_time kind, u64 now);
void sched_clock_ran(struct sched_clock *c, u64 idle, u64 now);
u64 sched_clock_sum(const struct sched_clock *c, enum sched_time kind, u64 now);

/* Halt polling of a blocked vcore; the names of KVM's parameters.  Nanoseconds. */
struct sched_poll {
	u64 max;		/* halt_poll_ns; 0: none */
	u64 grow;		/* halt_poll_ns_grow, a factor; 0: never grows */
	u64 grow_start;		/* halt_poll_ns_grow_start */
	u64 shrink;		/* halt_poll_ns_shrink, a divisor; 0: to 0 at once */
};

u64 sched_poll_next(const struct sched_poll *p, u64 poll, u64 blocked);

#endif /* SMT_SCHED_H */
