// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run: the core of this cpu belongs to a vcore until its threads have all left.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/context_tracking.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <linux/srcu.h>
#include <asm/cputhreads.h>
#include <asm/debug.h>
#include <asm/ftrace.h>
#include <asm/hw_irq.h>
#include <asm/paca.h>
#include <asm/switch_to.h>
#include <asm/time.h>
#include <asm/xics.h>
#include "assert.h"
#include "core.h"
#include "gate.h"
#include "park.h"
#include "range.h"
#include "sched.h"
#include "selftest.h"
#include "smt.h"

static unsigned int fast = SMT_FAST_ALL;
SMT_PARAM_RANGE(fast, 0, SMT_FAST_ALL);
MODULE_PARM_DESC(fast, "what is answered in real mode, a sum: 1 hash table hcalls, 2 guest's own storage faults, 4 H_CEDE H_PROD H_CONFER, 8 XICS hcalls, 16 breakpoints (0..31, default 31)");

/* Make a run on @core end: its primary takes an interrupt of the host's. */
void smt_kick_core(struct smt_core *core)
{
	if (core && core->first_cpu != raw_smp_processor_id())
		smt_send_reschedule(core->first_cpu);
}

/* POWER8's msgsndp and TIR name hardware threads: vcpu n must be on thread n. */
bool smt_fixed_threads(void)
{
	return cpu_has_feature(CPU_FTR_ARCH_207S);
}

/* Registered areas change only here and in the vcpu's own task; may sleep. */
static void update_vpas(struct smt_vcore *vc)
{
	int i;

	for (i = 0; i < vc->end; i++) {
		struct kvm_vcpu *vcpu = vc->thr[i].vcpu;

		/* one that never ran may be going away: KVM_CREATE_VCPU can still fail */
		if (vcpu && vc->thr[i].state != SCHED_NOTREADY && smt_vpa_update_needed(vcpu))
			smt_vpa_update(vcpu);
	}
}

/* No area waits to be pinned.  vcore lock held. */
bool smt_vpas_current(struct smt_vcore *vc)
{
	int i;

	for (i = 0; i < vc->end; i++)
		if (vc->thr[i].vcpu && vc->thr[i].state != SCHED_NOTREADY &&
		    smt_vpa_update_needed(vc->thr[i].vcpu))
			return false;
	return true;
}

/*
 * What waits for the vcpu becomes an interrupt, where its MSR lets it; a decrementer does so by itself,
 * from the register.  kvm.ko's function must not be called with nothing pending: on kernels for old
 * processors it then queues a reset.
 */
static void deliver_pending(struct kvm_vcpu *vcpu)
{
	if (!vcpu->arch.pending_exceptions)
		return;
	kvmppc_core_dequeue_dec(vcpu);
	if (vcpu->arch.pending_exceptions)
		kvmppc_core_prepare_to_enter(vcpu);
}

/* Put a runnable vcpu into its slot.  vcore lock held. */
static void prepare_vcpu(struct smt_vcore *vc, struct smt_core *core, struct smt_vcpu *me, int thread)
{
	struct smt_slot *slot = smt_slot_of(core, thread);
	struct kvm_vcpu *vcpu = me->vcpu;
	u64 now = mftb(), stolen;

	lockdep_assert_held(&vc->kvc.lock);
	SMT_ASSERT(!me->in_run && !me->exited);
	SMT_ASSERT(me->state == SCHED_RUNNABLE || (me->state == SCHED_BLOCKED && vcpu->arch.ceded));
	vcpu->arch.thread_cpu = core->first_cpu + thread;
	smt_dec_disarm(me);
	if (!vcpu->arch.ceded) {
		deliver_pending(vcpu);
		stolen = sched_clock_sum(&me->clock, SCHED_T_STOLEN, now);
		smt_dtl_log(vcpu, now + core->hdr->tb_offset, stolen - me->stolen_logged);
		me->stolen_logged = stolen;
	}
	sched_clock_to(&me->clock, SCHED_T_RUN, now);
	slot->idle_tb = 0;
	slot->cede_tb = now + core->hdr->tb_offset;
	smt_vpa_enter(vcpu);
	vcpu->arch.trap = 0;
	vcpu->cpu = core->first_cpu;
	me->thread = thread;
	me->joining = vc->state == SCHED_RUNNING;
	me->in_run = true;
	me->stats.entries++;
	slot->lpcr = vc->kvc.lpcr;
	/* litmus: command-vcpu */
	smp_store_release(&slot->vcpu, (u64)vcpu);	/* the vcpu as it is, before its thread finds it (I5); partner: called */
}

/* Give a thread to each vcpu in state @state, as far as they go; the threads given. */
static unsigned int fill_state(struct smt_vcore *vc, struct smt_core *core, enum sched_vcpu state,
			       unsigned int callable, unsigned int taken)
{
	unsigned int given = 0;
	int i, t;

	for (i = 0; i < vc->end; i++) {
		struct smt_vcpu *me = &vc->thr[i];

		/* a task with a signal is on its way to userspace: were its vcpu taken in again and again, it would not get there */
		if (!me->vcpu || me->state != state || me->exited || signal_pending(me->vcpu->arch.run_task))
			continue;
		t = sched_thread(smt_fixed_threads(), callable, taken | given, i);
		if (t < 0)
			continue;
		given |= 1u << t;
		prepare_vcpu(vc, core, me, t);
	}
	return given;
}

/* The same for all vcores of the run but the first @done. */
static void fill_members(struct smt_core *core, enum sched_vcpu state, unsigned int callable, unsigned int done)
{
	for (; done < core->members; done++)
		core->taken |= fill_state(core->member[done], core, state, callable, core->taken);
}

/* The threads of the run that have a vcpu in it, or can be joined by one. */
static unsigned int threads_to_keep(const struct smt_core *core)
{
	unsigned int places = 0, vcpus = 0, i;
	int t;

	for (i = 0; i < core->members; i++) {
		for (t = 0; t < core->member[i]->end; t++) {
			if (!core->member[i]->thr[t].vcpu)
				continue;
			places |= 1u << t;
			vcpus++;
		}
	}
	return sched_keep(smt_fixed_threads(), places, vcpus);
}

/*
 * Fill the slots: runnable vcpus, then the blocked ones, which take part by napping.  False when no vcpu of the
 * runner's vcore is to run.  Vcore lock held; on return those of the other members, too.
 */
static bool fill_slots(struct smt_vcore *vc, struct smt_core *core, unsigned int callable)
{
	int t;

	for (t = 0; t < core->nthreads; t++) {
		struct smt_slot *slot = smt_slot_of(core, t);

		slot->vcpu = 0;
		slot->lpcr = vc->kvc.lpcr;
		slot->log_n = 0;
		slot->joins = 0;
	}
	core->member[0] = vc;
	core->members = 1;
	core->taken = fill_state(vc, core, SCHED_RUNNABLE, callable, 0);
	if (!core->taken)
		return false;
	smt_pack(core);
	fill_members(core, SCHED_RUNNABLE, callable, 1);
	core->hdr->expect = core->taken;
	fill_members(core, SCHED_BLOCKED, callable, 0);
	core->callable = callable & threads_to_keep(core);
	SMT_ASSERT(!(core->taken & ~core->callable));
	return true;
}

/* What real mode may answer for this VM now; the rest is left to virtual mode. */
static u64 fast_for(struct smt_vm *vm)
{
	u64 may = READ_ONCE(fast);

	if (atomic_read(&vm->dirty_slots))	/* vmlinux's real-mode hcalls miss a dirty bitmap in vmalloc space */
		may &= ~SMT_FAST_HASH;
	if (READ_ONCE(vm->icp_unknown))
		may &= ~SMT_FAST_XICS;
	if (!ppc_breakpoint_available())
		may &= ~SMT_FAST_DEBUG;
	return may;
}

static u64 guest_pcr(struct smt_vcore *vc)
{
	return vc->kvc.pcr ? vc->kvc.pcr : mfspr(SPRN_PCR);
}

/*
 * Does what the core has once, as fill_header() set it for the runner's vcore, hold for this one?  Userspace may set a vcore's
 * registers while it runs.  vcore lock held.
 */
bool smt_settings_hold(struct smt_vcore *vc, struct smt_core *core)
{
	return vc->kvc.tb_offset == core->hdr->tb_offset && guest_pcr(vc) == core->hdr->pcr && vc->kvc.lpcr == core->lpcr;
}

static void fill_header(struct smt_vcore *vc, struct smt_core *core)
{
	struct smt_image_core *hdr = core->hdr;
	struct kvm *kvm = vc->kvc.kvm;

	hdr->kvm = (u64)kvm;
	hdr->pcpu = core->first_cpu;
	hdr->lpid = kvm->arch.lpid;
	hdr->sdr1 = kvm->arch.sdr1;
	hdr->pcr = guest_pcr(vc);
	hdr->tb_offset = vc->kvc.tb_offset;
	hdr->vtb = vc->kvc.vtb;
	hdr->dpdes = vc->kvc.dpdes;
	hdr->fast = fast_for(vc->vm);
	/* userspace has some SLB misses when only the bolted entries are back: worth it when it comes next, guessed by the last time */
	hdr->keep_slb = vc->attendant && vc->attendant->to_user;
	core->lpcr = vc->kvc.lpcr;
}

/*
 * Must the host go on first?  Interrupts are hard-disabled, so nothing gets in after this.  Return: why, or
 * SMT_PUT_OFF_REASONS for no reason.
 */
static enum smt_put_off put_off(struct smt_vcore *vc)
{
	if (signal_pending(current))
		return SMT_PUT_OFF_SIGNAL;
	if (need_resched())
		return SMT_PUT_OFF_RESCHED;
	if (lazy_irq_pending())
		return SMT_PUT_OFF_IRQ;
	if (!smt_vpas_current(vc))
		return SMT_PUT_OFF_VPA;
	if (!vc->kvc.kvm->arch.mmu_ready)
		return SMT_PUT_OFF_MMU;
	return SMT_PUT_OFF_REASONS;
}

/* From the last look at the host to the first after the guest: nothing here may be traced. */
static u64 notrace run_on_core(struct smt_core *core)
{
	u8 ftrace = this_cpu_get_ftrace_enabled();
	u64 ret;

	guest_timing_enter_irqoff();
	guest_state_enter_irqoff();
	this_cpu_set_ftrace_enabled(0);
	ret = smt_core_run(core);
	smt_srr_clobbered();
	this_cpu_set_ftrace_enabled(ftrace);
	guest_state_exit_irqoff();
	return ret;
}

/*
 * A vcpu is out of the run with nothing to handle: blocked, with its decrementer watched, or runnable.  Its
 * task sleeps; it is woken when it has something to do.
 */
static void settle_out(struct smt_vcpu *me, u64 now)
{
	struct kvm_vcpu *vcpu = me->vcpu;
	bool wake = signal_pending(vcpu->arch.run_task);

	smt_vcpu_state(me, vcpu->arch.ceded ? SCHED_BLOCKED : SCHED_RUNNABLE, now);
	if (vcpu->arch.ceded) {
		if (smt_vcpu_wakeable(me))
			wake = true;
		else
			smt_dec_arm(me);
	}
	if (wake)
		rcuwait_wake_up(vcpu->arch.waitp);
}

/* What the run was to the vcpu: time in it, time idle in it; one that never entered was only kept waiting. */
static void account_vcpu(struct smt_core *core, struct smt_vcpu *me, struct smt_slot *slot, bool entered, u64 now)
{
	bool ceded = me->vcpu->arch.ceded;

	if (!entered)
		me->clock.kind = ceded ? SCHED_T_IDLE : SCHED_T_STOLEN;
	else
		sched_clock_ran(&me->clock, slot->idle_tb +
				(ceded ? now + core->hdr->tb_offset - slot->cede_tb : 0), now);
}

static void count_vcpu(struct smt_vcore *vc, struct smt_vcpu *me, struct smt_slot *slot)
{
	struct kvm_vcpu *vcpu = me->vcpu;

	vcpu->stat.sum_exits++;
	me->stats.exits[(u32)vcpu->arch.trap / 0x20 % ARRAY_SIZE(me->stats.exits)]++;
	me->stats.cedes += vcpu->arch.ceded;
	vc->stats.joins_nap += slot->joins;
	if (vcpu->arch.ceded)
		vc->stats.late_naps += smt_vcpu_wakeable(me);
	else if (!vcpu->arch.trap)
		vc->stats.exits_pulled++;
	else if (!smt_exit_is_hosts(vcpu->arch.trap))
		vc->stats.exits_host++;
}

/* One vcpu came back: whose work is its exit? */
static void collect_vcpu(struct smt_vcore *vc, struct smt_core *core, struct smt_vcpu *me)
{
	struct kvm_vcpu *vcpu = me->vcpu;
	struct smt_slot *slot = smt_slot_of(core, me->thread);
	bool entered = slot->entered_seq == core->hdr->seq;
	u64 now = mftb();

	SMT_ASSERT(me->state == SCHED_RUNNABLE || me->state == SCHED_BLOCKED);
	SMT_ASSERT(!entered || slot->saved == core->hdr->seq);
	SMT_ASSERT(!entered || slot->vcpu == (u64)vcpu);
	me->in_run = false;
	me->to_user = false;
	account_vcpu(core, me, slot, entered, now);
	smt_vpa_leave(vcpu);
	if (!entered) {
		if (me->joining)		/* still as it was, the next run takes it */
			vc->stats.late_joins++;
		else
			vc->stats.late_starts++;
		settle_out(me, now);
		return;
	}
	count_vcpu(vc, me, slot);
	if (!vcpu->arch.ceded && !smt_exit_is_hosts(vcpu->arch.trap)) {
		smt_vcpu_state(me, SCHED_BUSY, now);
		me->exited = true;
		rcuwait_wake_up(vcpu->arch.waitp);
	} else {
		settle_out(me, now);
	}
}

/* A doorbell of this run can be for a blocked vcpu that was not part of it. */
static void wake_blocked(struct smt_vcore *vc)
{
	int i;

	for (i = 0; i < vc->end; i++) {
		struct smt_vcpu *me = &vc->thr[i];

		if (me->vcpu && me->state == SCHED_BLOCKED && smt_vcpu_wakeable(me))
			rcuwait_wake_up(me->vcpu->arch.waitp);
	}
}

/* What the run was to the core, and what belongs to it once: all goes to the runner's vcore.  vcore lock held. */
static void collect_core(struct smt_vcore *vc, struct smt_core *core, u64 ret)
{
	lockdep_assert_held(&vc->kvc.lock);
	vc->kvc.vtb = core->hdr->vtb;
	vc->kvc.dpdes = core->hdr->dpdes;
	if (ret == SMT_RUN_ROLL_CALL)
		vc->stats.roll_call_failures++;
	if (ret == SMT_RUN_OK) {
		smt_stats_run(vc, core, core->hdr->seq);
		vc->stats.exit_ipis += core->hdr->exit_ipis;
		if (core->hdr->first_trap == BOOK3S_INTERRUPT_HV_DECREMENTER) {
			vc->stats.slice_ends++;
			vc->stats.slice_ipis += core->hdr->exit_ipis;
		}
	}
}

/* The vcore is nobody's again; whoever looks after it notes what that means (vcore.c).  vcore lock held. */
static void collect(struct smt_vcore *vc, struct smt_core *core)
{
	int i;

	lockdep_assert_held(&vc->kvc.lock);
	SMT_ASSERT(vc->state == SCHED_RUNNING && vc->core == core);
	for (i = 0; i < vc->end; i++)
		if (vc->thr[i].in_run)
			collect_vcpu(vc, core, &vc->thr[i]);
	wake_blocked(vc);
	vc->core = NULL;
	vc->kvc.vcore_state = VCORE_INACTIVE;
	vc->state = SCHED_INACTIVE;
}

/* The run begins: how long has it been due? */
static void note_start(struct smt_vcore *vc)
{
	u64 now = mftb(), wait = vc->ready_since && now > vc->ready_since ? now - vc->ready_since : 0;

	vc->stats.runs++;
	if (wait)
		vc->stats.waits[min(fls64(wait / tb_ticks_per_usec / 1000), SMT_WAIT_BUCKETS - 1)]++;
	vc->stats.wait_tb += wait;
	vc->stats.waits_long += wait > smt_turn_bound();
	vc->stats.wait_max_tb = max(vc->stats.wait_max_tb, wait);
	vc->ready_since = 0;
	smt_turn_wait(vc, NULL);
}

/* The vcore has a run now, its own or another's.  vcore lock held. */
static void member_begins(struct smt_vcore *vc, struct smt_core *core)
{
	vc->core = core;
	vc->home = core;
	vc->kvc.pcpu = core->first_cpu;
	vc->kvc.vcore_state = VCORE_RUNNING;
	vc->state = SCHED_RUNNING;
	vc->stats.packed += vc != core->member[0];
	vc->blocked_since = 0;		/* a packed one may be idle: from now on it idles in the run */
	note_start(vc);
}

/* The other members' run is over; each needs somebody who looks after it. */
static void collect_others(struct smt_core *core)
{
	unsigned int i;

	for (i = 1; i < core->members; i++) {
		struct smt_vcore *vc = core->member[i];

		spin_lock(&vc->kvc.lock);
		collect(vc, core);
		smt_vcore_attend(vc);
		spin_unlock(&vc->kvc.lock);
	}
}

/* A doorbell is an edge: the run took it, perhaps with one of its own, so the host is told (paca->irq_happened). */
static void replay_edges(struct smt_core *core)
{
	if (smt_slot_of(core, 0)->trap == BOOK3S_INTERRUPT_H_DOORBELL || core->hdr->poked)
		local_paca->irq_happened |= PACA_IRQ_DBELL;
}

/* Interrupts hard-disabled, the core checked.  Return: did the core run? */
static bool start_run(struct smt_vcore *vc, struct smt_core *core)
{
	enum smt_put_off why;
	/* all of the core, also those that the run does not need: none may be in host code while LPIDR is the guest's */
	unsigned int threads = (1u << core->nthreads) - 1;
	bool ran = false;
	unsigned int i;
	int srcu;
	u64 ret;

	/* memslots and the HPT stay while the guest runs; before the look at mmu_ready */
	srcu = srcu_read_lock(&vc->kvc.kvm->srcu);
	spin_lock(&vc->kvc.lock);
	why = put_off(vc);
	if (why != SMT_PUT_OFF_REASONS) {
		vc->stats.put_off[why]++;
		goto inactive;
	}
	fill_header(vc, core);
	if (!fill_slots(vc, core, threads)) {
		vc->stats.put_off[SMT_PUT_OFF_NOBODY]++;
		goto inactive;
	}
	smt_core_prepare(core, threads & ~1u, threads & ~core->callable);
	for (i = 0; i < core->members; i++)
		member_begins(core->member[i], core);
	smt_turn_begin(vc, core);
	smt_unpack(core);
	spin_unlock(&vc->kvc.lock);

	ret = run_on_core(core);
	ran = true;
	smt_core_ran(core, ret);
	replay_edges(core);

	collect_others(core);
	spin_lock(&vc->kvc.lock);
	collect_core(vc, core, ret);
	collect(vc, core);
inactive:
	vc->state = SCHED_INACTIVE;
	spin_unlock(&vc->kvc.lock);
	srcu_read_unlock(&vc->kvc.kvm->srcu, srcu);
	return ran;
}

/* The task's own FP, VMX and VSX go to its thread struct and MSR: the image uses the registers. */
static void give_up_task_state(void)
{
	flush_fp_to_thread(current);
	flush_altivec_to_thread(current);
	flush_vsx_to_thread(current);
}

/* On a primary, preemption disabled. */
static int run_here(struct smt_vcore *vc)
{
	struct smt_core *core = smt_core_of(smp_processor_id());
	bool ran;
	int r;

	if (!core || cpu_thread_in_core(smp_processor_id()))
		return -EBUSY;
	r = smt_core_check(core, true);
	if (r)
		return r;
	r = smt_core_selftest(core);
	if (r)
		return r;
	give_up_task_state();
	local_irq_disable();
	hard_irq_disable();
	ran = start_run(vc, core);
	local_irq_enable();		/* the interrupt that ended the run is taken here */
	if (ran) {
		local_irq_disable();
		guest_timing_exit_irqoff();	/* a tick taken above counts as the guest's time */
		local_irq_enable();
	}
	return 0;
}

/**
 * smt_run_vcore() - be the runner of a vcore, once
 * @vc: the vcore, in state STARTING by its attendant; INACTIVE after a run, unchanged on an error
 *
 * Context: the task of one of its vcpus, preemptible, no locks.
 * Return: 0 the state of the vcore is to be looked at again; -EAGAIN after a while: quarantine, a thread on its way to its
 * nap, this task moved away; -EBUSY a sibling thread of this core is online, or the task may not run on a guest core's
 * primary; -ENOMEM for moving it there; -EIO the core failed its self-test.
 */
int smt_run_vcore(struct smt_vcore *vc)
{
	int r;

	update_vpas(vc);	/* only the one that is STARTING may: no vcpu of the vcore runs meanwhile */
	r = smt_place_get_cpu(vc->kvc.kvm);	/* preemption is disabled */
	if (!r)
		r = run_here(vc);
	if (unlikely(need_resched()))
		smt_vcore_note(vc);	/* this task is put off the cpu below, and the vcore waits from now on */
	preempt_enable();
	return r;
}

/* A free thread for a vcpu that joins, -1: there is none.  The primary cannot tell our IPI from the host's. */
static int claim_thread(struct smt_core *core, int vcpu)
{
	unsigned int callable = core->callable & ~1u, taken;
	int t;

	do {
		taken = READ_ONCE(core->taken);
		t = sched_thread(smt_fixed_threads(), callable, taken, vcpu);
		if (t < 0)
			return -1;
	} while (cmpxchg(&core->taken, taken, taken | 1u << t) != taken);	/* another member's vcpu may want it */
	return t;
}

/**
 * smt_join() - enter a run that goes on
 * @vc: its vcore, state RUNNING
 * @me: a RUNNABLE vcpu that is not in the run
 *
 * Where it cannot join (no thread is free, an area is to be pinned first, a register of the vcore was set anew) the run is
 * asked to end.
 *
 * Context: vcore lock held, the vcpu's task.
 * Return: true when the state should be looked at again at once.
 */
bool smt_join(struct smt_vcore *vc, struct smt_vcpu *me)
{
	struct smt_core *core = vc->core;
	struct smt_slot *slot;
	u64 gate;
	int t;

	gate = READ_ONCE(core->hdr->gate);
	if ((gate >> GATE_EXITING_SHIFT) & 0xff) {
		vc->stats.late_joins++;
		return false;
	}
	t = smt_vpa_update_needed(me->vcpu) || !smt_settings_hold(vc, core) ? -1 : claim_thread(core, me - vc->thr);
	if (t < 0) {
		vc->stats.refused_joins++;
		smt_kick_core(core);
		return false;
	}
	slot = smt_slot_of(core, t);
	prepare_vcpu(vc, core, me, t);
	vc->stats.joins_task++;
	/* litmus: join-over-roll */
	smp_mb();		/* the vcpu before the command (I5); partner: command, and the sync in called, in nap.S */
	WRITE_ONCE(slot->cmd, core->hdr->seq << 8 | SMT_CMD_ENTER);
	/* litmus: ipi-ack join-open */
	smp_mb();		/* the command before the IPI (I4); partner: ack_ipi */
	smt_send_ipi(core, t);
	return false;
}
