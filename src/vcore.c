// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN: what a vcpu's task does between its ioctl and the runs of its vcore.  The policy is in
 * sched.c, the run itself in run.c.
 *
 * Locks: vcore->kvc.lock, irqs off, protects the states; nests inside vcpu->mutex and outside
 * nothing.  A sleeping task is woken through vcpu->arch.waitp, as kvm.ko does too.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rcuwait.h>
#include <linux/sched/signal.h>
#include <asm/time.h>
#include <asm/xics.h>
#include "core.h"
#include "range.h"
#include "sched.h"
#include "smt.h"

/* Halt polling, as kvm.ko's parameters of these names, which 7.1 and later keep from this module. */
static unsigned int poll_ns = 10000;
module_param_named(halt_poll_ns, poll_ns, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns, "the longest time a vcore whose vcpus are all idle is polled before its tasks sleep, ns (default 10000)");

static unsigned int poll_ns_grow = 2;
module_param_named(halt_poll_ns_grow, poll_ns_grow, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns_grow, "factor by which polling gets longer (default 2; 0: never)");

static unsigned int poll_ns_grow_start = 10000;
module_param_named(halt_poll_ns_grow_start, poll_ns_grow_start, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns_grow_start, "the first polling time, ns (default 10000)");

static unsigned int poll_ns_shrink = 2;
module_param_named(halt_poll_ns_shrink, poll_ns_shrink, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns_shrink, "divisor by which polling gets shorter (default 2; 0: to nothing at once)");

static unsigned int busy_hold_us = 1000;
SMT_PARAM_RANGE(busy_hold_us, 0, 1000000);
MODULE_PARM_DESC(busy_hold_us, "how long a vcpu that is busy in the host keeps its siblings from running, us (0..1000000, default 1000)");

#define PREPARE_AGAIN	1	/* of run_vcpu(): prepare_vm() first */

/**
 * smt_vcore_view() - a vcore as the policy sees it
 * @vc: the vcore
 *
 * Context: vcore lock held, as long as the view is looked at.
 */
const struct sched_view *smt_vcore_view(struct smt_vcore *vc)
{
	struct sched_view *v = &vc->view;
	int i;

	v->vcore = vc->state;
	v->n = vc->end;
	v->in_run = 0;
	v->attendant = vc->attendant ? vc->attendant - vc->thr : -1;
	v->hold = (u64)busy_hold_us * tb_ticks_per_usec;
	v->now = mftb();
	for (i = 0; i < vc->end; i++) {
		v->vcpu[i] = vc->thr[i].vcpu ? vc->thr[i].state : SCHED_NOTREADY;
		v->busy_since[i] = vc->thr[i].busy_since;
		if (vc->thr[i].in_run)
			v->in_run |= 1u << i;
	}
	return v;
}

static void unblocked(struct smt_vcore *vc, u64 now)
{
	const struct sched_poll p = {
		.max = READ_ONCE(poll_ns), .grow = READ_ONCE(poll_ns_grow),
		.grow_start = READ_ONCE(poll_ns_grow_start), .shrink = READ_ONCE(poll_ns_shrink),
	};

	vc->poll_ns = sched_poll_next(&p, vc->poll_ns, tb_to_ns(now - vc->blocked_since));
	vc->blocked_since = 0;
}

/* Since when a run is due, since when all vcpus are idle.  vcore lock held. */
static void note(struct smt_vcore *vc, const struct sched_view *v)
{
	u64 ready = sched_ready_from(v);

	if (v->vcore == SCHED_INACTIVE && (!ready || !vc->ready_since || ready > v->now))
		vc->ready_since = ready;
	smt_turn_note(vc, v->now);
	if (!sched_idle(v)) {
		if (vc->blocked_since)
			unblocked(vc, v->now);
	} else if (!vc->blocked_since) {
		vc->blocked_since = v->now;
	}
}

/**
 * smt_vcore_note() - note what a change of its vcpus means for a vcore
 * @vc: the vcore
 *
 * Context: any, no locks.
 */
void smt_vcore_note(struct smt_vcore *vc)
{
	unsigned long flags;

	spin_lock_irqsave(&vc->kvc.lock, flags);
	note(vc, smt_vcore_view(vc));
	spin_unlock_irqrestore(&vc->kvc.lock, flags);
}

/**
 * smt_vcpu_state() - a vcpu changes its state
 * @me: the vcpu
 * @state: the new one
 * @now: host time base
 *
 * Context: vcore lock held; the vcpu is not in a run.
 */
void smt_vcpu_state(struct smt_vcpu *me, enum sched_vcpu state, u64 now)
{
	static const enum sched_time kind[] = {
		[SCHED_NOTREADY] = SCHED_T_HOST,
		[SCHED_RUNNABLE] = SCHED_T_STOLEN,
		[SCHED_BLOCKED] = SCHED_T_IDLE,
		[SCHED_BUSY] = SCHED_T_HOST,
	};

	me->state = state;
	if (state == SCHED_BUSY)
		me->busy_since = now;
	sched_clock_to(&me->clock, kind[state], now);
}

/*
 * Somebody must look after an inactive vcore that has a runnable vcpu and no attendant: the first such vcpu's task, or
 * the first after @after, in turn.  vcore lock held.
 */
static void wake_delegate_after(struct smt_vcore *vc, int after)
{
	const struct sched_view *v = smt_vcore_view(vc);
	struct kvm_vcpu *vcpu;
	int i;

	note(vc, v);
	i = sched_delegate(v, after);
	if (i < 0)
		return;
	vcpu = vc->thr[i].vcpu;
	rcuwait_wake_up(vcpu->arch.waitp);
	if (vc->waits_at)	/* the task is in KVM_RUN; the wake-up may have put it elsewhere */
		smt_turn_wait(vc, smt_core_of(task_cpu(vcpu->arch.run_task)));
}

static void wake_delegate(struct smt_vcore *vc)
{
	wake_delegate_after(vc, -1);
}

/**
 * smt_vcore_attend() - a vcore's part in a run is over: have somebody look after it
 * @vc: the vcore, INACTIVE
 *
 * Context: vcore lock held, irqs off.
 */
void smt_vcore_attend(struct smt_vcore *vc)
{
	wake_delegate(vc);
}

/* The task of @me looks after the vcore no longer.  vcore lock held. */
static void resign(struct smt_vcore *vc, struct smt_vcpu *me)
{
	if (vc->attendant != me)
		return;
	vc->attendant = NULL;
	wake_delegate(vc);
}

/**
 * smt_vcpu_wakeable() - does a vcpu that ceded have a reason to go on?
 * @me: the vcpu
 *
 * Context: vcore lock held.
 */
bool smt_vcpu_wakeable(struct smt_vcpu *me)
{
	struct kvm_vcpu *vcpu = me->vcpu;
	struct smt_vcore *vc = vcpu_vcore(vcpu);

	return vcpu->arch.pending_exceptions || vcpu->arch.prodded ||
	       (s64)(vcpu->arch.dec_expires - vc->kvc.tb_offset - mftb()) <= 0 ||
	       vc->kvc.dpdes & (1UL << vcpu->arch.ptid);
}

/* RUNNABLE or BLOCKED, after what the vcpu waits for.  vcore lock held. */
static void settle(struct smt_vcpu *me)
{
	struct kvm_vcpu *vcpu = me->vcpu;
	enum sched_vcpu state;

	if (me->in_run)
		return;
	if (vcpu->arch.ceded && smt_vcpu_wakeable(me)) {
		vcpu->arch.ceded = 0;
		vcpu->arch.prodded = 0;
	}
	state = vcpu->arch.ceded ? SCHED_BLOCKED : SCHED_RUNNABLE;
	if (me->state != state)
		smt_vcpu_state(me, state, mftb());
}

/**
 * smt_dec_arm() - have the decrementer of a blocked vcpu watched; kvm.ko's handler queues it and wakes the task
 * @me: the vcpu
 *
 * Context: vcore lock held.
 */
void smt_dec_arm(struct smt_vcpu *me)
{
	struct kvm_vcpu *vcpu = me->vcpu;
	s64 ticks = vcpu->arch.dec_expires - vcpu_vcore(vcpu)->kvc.tb_offset - mftb();

	if (ticks < 0)
		ticks = 0;
	me->dec_armed = true;
	hrtimer_start(&vcpu->arch.dec_timer, ns_to_ktime(tb_to_ns(ticks)), HRTIMER_MODE_REL);
}

/**
 * smt_dec_disarm() - the vcpu's thread, or nobody, watches its decrementer now
 * @me: the vcpu
 *
 * After this no stale expiry is queued, which would come to the guest as a second interrupt.
 *
 * Context: nobody arms it: vcore lock held, or the vcpu is BUSY and this its task.  The timer's function takes no lock, so
 * the wait for it is short.
 */
void smt_dec_disarm(struct smt_vcpu *me)
{
	if (!me->dec_armed)
		return;
	hrtimer_cancel(&me->vcpu->arch.dec_timer);
	me->dec_armed = false;
}

/* Sleep until woken or until time base @until (0: no limit); the task state is set. */
static void sleep_until(u64 until)
{
	ktime_t t;
	u64 now = mftb();

	if (!until) {
		schedule();
		return;
	}
	t = ns_to_ktime(until > now ? tb_to_ns(until - now) : 0);
	schedule_hrtimeout_range(&t, 0, HRTIMER_MODE_REL);
}

/* Has any vcpu of a blocked vcore a reason to go on?  No lock: a hint. */
static bool any_wakeable(struct smt_vcore *vc)
{
	int i;

	for (i = 0; i < vc->end; i++) {
		struct smt_vcpu *v = &vc->thr[i];

		if (READ_ONCE(v->state) == SCHED_BLOCKED && smt_vcpu_wakeable(v))
			return true;
	}
	return false;
}

/*
 * All of the vcore idles since @since: look for a reason to go on for up to @ns before sleeping.  The core is the
 * host's, and any other task comes first.  The caller looks at the vcore again, and only then sleeps.
 */
static void poll_blocked(struct smt_vcore *vc, u64 since, u64 ns)
{
	u64 end = since + ns * tb_ticks_per_usec / 1000;
	bool won;

	__set_current_state(TASK_RUNNING);
	while (!(won = any_wakeable(vc)) && mftb() < end && !need_resched() && !signal_pending(current) &&
	       READ_ONCE(vc->blocked_since) == since)
		cpu_relax();
	vc->stats.polls_won += won;
	vc->stats.polls_lost += !won;
	vc->stats.poll_tb += mftb() - since;
}

/* Have the thread of a vcpu that takes part in a run look at what waits for it. */
static void kick_thread(struct smt_vcpu *me)
{
	struct smt_core *core = READ_ONCE(vcpu_vcore(me->vcpu)->core);

	if (!core)
		return;
	if (READ_ONCE(me->thread))
		smt_send_ipi(core, me->thread);
	else
		smt_kick_core(core);
}

/*
 * One look at the vcore; lock held, task state INTERRUPTIBLE.  *@ret: an error that ends KVM_RUN, or 0.  True:
 * leave the loop with *@ret.
 */
static bool step(struct smt_vcore *vc, struct smt_vcpu *me, struct sched_decision *d, int *ret)
{
	const struct sched_view *v;

	d->action = SCHED_WAIT;
	d->until = 0;
	if (me->exited) {
		me->exited = false;
		*ret = 0;
		return true;
	}
	if (*ret || signal_pending(current)) {
		if (!me->in_run) {
			*ret = *ret ?: -EINTR;
			return true;
		}
		/* its thread must come out first; the run ends, and the runner wakes us */
		smt_kick_core(vc->core);
		set_current_state(TASK_UNINTERRUPTIBLE);
		return false;
	}
	if (!READ_ONCE(me->vcpu->kvm->arch.mmu_ready) && !me->in_run) {
		*ret = PREPARE_AGAIN;
		return true;
	}
	if (me->in_run && (me->vcpu->arch.pending_exceptions & ~(1UL << BOOK3S_IRQPRIO_DECREMENTER)))
		kick_thread(me);	/* kvm.ko woke only this task: KVM_INTERRUPT */
	settle(me);
	v = smt_vcore_view(vc);
	note(vc, v);
	*d = sched_decide(v, me - vc->thr);
	return false;
}

/*
 * This core can have no run now: another task's may.  Look again at the next tick, or, while a sibling's deep sleep is in
 * the way, at once.  vcore lock held, given up meanwhile.
 */
static void try_elsewhere(struct smt_vcore *vc, struct smt_vcpu *me, unsigned long *flags)
	__must_hold(&vc->kvc.lock)
{
	vc->attendant = NULL;
	wake_delegate_after(vc, me - vc->thr);
	spin_unlock_irqrestore(&vc->kvc.lock, *flags);
	if (!smt_core_stay_awake(smt_core_of(raw_smp_processor_id())))
		schedule_timeout_interruptible(1);
	spin_lock_irqsave(&vc->kvc.lock, *flags);
}

/*
 * Tasks that should have this cpu first have it now; meanwhile another runner may take the vcore in.  vcore lock held, given
 * up meanwhile.  Return: is the vcore still to be run?
 */
static bool let_others(struct smt_vcore *vc, unsigned long *flags)
	__must_hold(&vc->kvc.lock)
{
	u64 runs = vc->stats.runs;
	bool over = smt_turn_over(vc);

	if (!over && !need_resched())
		return true;
	spin_unlock_irqrestore(&vc->kvc.lock, *flags);
	if (over)
		smt_turn_yield();
	else
		cond_resched();
	spin_lock_irqsave(&vc->kvc.lock, *flags);
	return vc->state == SCHED_INACTIVE && vc->stats.runs == runs;
}

/* Attend to the vcore: run it as soon as there is a cpu.  vcore lock held, given up meanwhile.  Return: an error, or 0. */
static int attend(struct smt_vcore *vc, struct smt_vcpu *me, unsigned long *flags)
	__must_hold(&vc->kvc.lock)
{
	int r;

	vc->attendant = me;
	smt_turn_wait(vc, smt_core_of(raw_smp_processor_id()));
	__set_current_state(TASK_RUNNING);
	if (!let_others(vc, flags))
		return 0;
	vc->state = SCHED_STARTING;
	spin_unlock_irqrestore(&vc->kvc.lock, *flags);
	r = smt_run_vcore(vc);
	spin_lock_irqsave(&vc->kvc.lock, *flags);
	if (r)
		vc->state = SCHED_INACTIVE;
	if (r == -EAGAIN) {
		try_elsewhere(vc, me, flags);
		r = 0;
	}
	return r;
}

/*
 * Until the vcpu has an exit to handle (0), a signal is pending (-EINTR), no run is possible (-EBUSY), or the
 * HPT is being replaced (PREPARE_AGAIN).
 */
static int run_vcpu(struct smt_vcore *vc, struct smt_vcpu *me)
{
	struct kvm_vcpu *vcpu = me->vcpu;
	struct sched_decision d;
	u64 poll, polled = 0;
	unsigned long flags;
	int ret = 0;

	prepare_to_rcuwait(vcpu->arch.waitp);
	spin_lock_irqsave(&vc->kvc.lock, flags);
	smt_vcpu_state(me, SCHED_RUNNABLE, mftb());
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (step(vc, me, &d, &ret))
			break;
		if (d.action == SCHED_RUN) {
			ret = attend(vc, me, &flags);
			continue;
		}
		resign(vc, me);
		if (d.action == SCHED_JOIN && smt_join(vc, me))
			continue;
		if (me->state == SCHED_BLOCKED && !me->in_run) {
			smt_dec_arm(me);
			wake_delegate(vc);
		}
		poll = vc->blocked_since && vc->blocked_since != polled ? vc->poll_ns : 0;
		polled = vc->blocked_since;
		spin_unlock_irqrestore(&vc->kvc.lock, flags);
		if (poll)
			poll_blocked(vc, polled, poll);
		else
			sleep_until(d.until);
		spin_lock_irqsave(&vc->kvc.lock, flags);
	}
	__set_current_state(TASK_RUNNING);
	smt_vcpu_state(me, SCHED_BUSY, mftb());
	if (vc->attendant == me)
		vc->attendant = NULL;
	wake_delegate(vc);
	spin_unlock_irqrestore(&vc->kvc.lock, flags);
	finish_rcuwait(vcpu->arch.waitp);
	smt_dec_disarm(me);
	return ret;
}

/* HPT, VRMA and the irqchip's mode: what must stand before the first entry. */
static int prepare_vm(struct kvm_vcpu *vcpu)
{
	int r = smt_xics_prepare(vcpu);

	if (r)
		return r;
	return vcpu->kvm->arch.mmu_ready ? 0 : smt_hpt_setup(vcpu);
}

/**
 * smt_vcpu_run() - the vcpu_run operation: KVM_RUN
 * @vcpu: the vcpu, loaded, its mutex held
 *
 * Context: process, preemptible.
 * Return: 0 or positive with run->exit_reason set; -EINTR a signal; -EBUSY the core's siblings are
 * online; -ENOMEM and others when the hash table cannot be made; -EINVAL PAPR is not enabled.
 */
int smt_vcpu_run(struct kvm_vcpu *vcpu)
{
	struct smt_vcore *vc = vcpu_vcore(vcpu);
	struct smt_vcpu *me = to_smt_vcpu(vcpu);
	struct kvm *kvm = vcpu->kvm;
	int r;

	if (!vcpu->arch.sane) {
		vcpu->run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
		return -EINVAL;
	}
#ifdef CONFIG_PPC_TRANSACTIONAL_MEM
	/* the image would run, and return from interrupts, in the caller's transaction */
	if (MSR_TM_ACTIVE(current->thread.regs->msr)) {
		vcpu->run->exit_reason = KVM_EXIT_FAIL_ENTRY;
		vcpu->run->fail_entry.hardware_entry_failure_reason = 0;
		return -EINVAL;
	}
#endif
	vcpu->run->exit_reason = 0;
	if (!vcpu->arch.online) {	/* userspace that does not know KVM_REG_PPC_ONLINE */
		atomic_inc(&vcpu->arch.vcore->online_count);
		vcpu->arch.online = 1;
	}
	/* nothing tells userspace of an H_CEDE that it interrupts: the guest looks again whether it has to wait */
	vcpu->arch.ceded = 0;
	vcpu->arch.run_task = current;
	atomic_inc(&kvm->arch.vcpus_running);
	/* litmus: mmu-ready */
	smp_mb();		/* the count before mmu_ready; partner: whoever clears mmu_ready */
	do {
		r = prepare_vm(vcpu);
		if (r) {
			vcpu->run->exit_reason = KVM_EXIT_FAIL_ENTRY;
			vcpu->run->fail_entry.hardware_entry_failure_reason = 0;
			break;
		}
		r = run_vcpu(vc, me);
		if (!r)
			r = smt_handle_exit(vcpu);
		else if (r == PREPARE_AGAIN)
			r = RESUME_GUEST;
		me->to_user = r < 0 || r & RESUME_FLAG_HOST;
	} while (r >= 0 && !(r & RESUME_FLAG_HOST));
	atomic_dec(&kvm->arch.vcpus_running);
	if (r == -EINTR) {
		vcpu->run->exit_reason = KVM_EXIT_INTR;
		vcpu->stat.signal_exits++;
	}
	return r;
}

/**
 * smt_fast_vcpu_kick() - something waits for a vcpu: wake it, or have its thread look
 * @vcpu: the vcpu; what waits is stored already
 *
 * Context: any, also hard interrupt with XICS locks held.
 */
void smt_fast_vcpu_kick(struct kvm_vcpu *vcpu)
{
	struct smt_vcpu *me = to_smt_vcpu(vcpu);

	/* litmus: kick-in-run kick-enter */
	smp_mb();		/* what waits, before in_run; partner: the lock in run.c, ack_ipi's sync */
	rcuwait_wake_up(vcpu->arch.waitp);
	if (READ_ONCE(me->in_run))
		kick_thread(me);
}

/**
 * smt_vcpu_cede() - H_CEDE in virtual mode (PAPR 14.11.3.3): idle until an interrupt or H_PROD
 * @vcpu: the caller
 *
 * Context: the vcpu's task.  Does not sleep; the task does when it would run the guest.
 */
void smt_vcpu_cede(struct kvm_vcpu *vcpu)
{
	struct smt_vcore *vc = vcpu_vcore(vcpu);
	unsigned long flags;

	spin_lock_irqsave(&vc->kvc.lock, flags);
	vcpu->arch.shregs.msr |= MSR_EE;
	if (vcpu->arch.prodded)
		vcpu->arch.prodded = 0;
	else
		vcpu->arch.ceded = 1;
	spin_unlock_irqrestore(&vc->kvc.lock, flags);
}

/**
 * smt_vcpu_prod() - H_PROD (PAPR 14.11.3.4): the target's H_CEDE ends, or its next one does nothing
 * @target: a vcpu of the caller's VM
 *
 * Context: any task.
 */
void smt_vcpu_prod(struct kvm_vcpu *target)
{
	target->arch.prodded = 1;
	smt_fast_vcpu_kick(target);
}

/* Whose task brings @target onto a core: that of its vcore's attendant, its own where there is none. */
static struct kvm_vcpu *attended_by(struct kvm_vcpu *target)
{
	struct smt_vcore *vc = vcpu_vcore(target);
	struct kvm_vcpu *vcpu;
	unsigned long flags;

	spin_lock_irqsave(&vc->kvc.lock, flags);
	vcpu = vc->attendant ? vc->attendant->vcpu : target;
	spin_unlock_irqrestore(&vc->kvc.lock, flags);
	return vcpu;
}

/**
 * smt_vcpu_confer() - H_CONFER: the caller waits for a lock that @target holds
 * @vcpu: the caller
 * @target: the holder, or NULL for "any"
 *
 * Context: the vcpu's task, preemptible.
 */
void smt_vcpu_confer(struct kvm_vcpu *vcpu, struct kvm_vcpu *target)
{
	struct task_struct *task = NULL;
	int r = 0;

	/* a vcpu of the same vcore runs when the caller does */
	if (target && target->arch.vcore == vcpu->arch.vcore)
		return;
	if (target)
		task = smt_vcpu_task(attended_by(target));
	if (task) {
		r = yield_to(task, false);
		put_task_struct(task);
	}
	if (r <= 0)
		cond_resched();
}

/* The vcpu of @kvm with id @id, or NULL. */
struct kvm_vcpu *smt_find_vcpu(struct kvm *kvm, int id)
{
	return id < 0 ? NULL : kvm_get_vcpu_by_id(kvm, id);
}
