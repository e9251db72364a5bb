// SPDX-License-Identifier: GPL-2.0-only
/*
 * The images: one a core, copied from the module into linear memory, and the way into them.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <asm/cacheflush.h>
#include <asm/cputhreads.h>
#include <asm/lppaca.h>
#include <asm/paca.h>
#include <asm/kvm_book3s.h>
#include <asm/switch_to.h>
#include <asm/time.h>
#include <asm/xics.h>
#include "assert.h"
#include "core.h"
#include "gate.h"
#include "range.h"
#include "selftest.h"
#include "smt.h"

static unsigned int roll_call_ms = 500;
SMT_PARAM_RANGE(roll_call_ms, 1, 2000);
MODULE_PARM_DESC(roll_call_ms, "how long a run waits for the core's other threads to report, ms (1..2000, default 500)");

static unsigned int exit_ms = 2000;
SMT_PARAM_RANGE(exit_ms, 100, 10000);
MODULE_PARM_DESC(exit_ms, "how long a run waits for a thread to leave the guest, ms (100..10000, default 2000)");

static bool test_trash;
module_param(test_trash, bool, 0444);
MODULE_PARM_DESC(test_trash, "for tests: every wake-up from nap finds GPRs, LR and CTR destroyed, as hardware may do");

static struct smt_core **cores;		/* by core number; entries of absent cores are NULL */
static int nr_cores;

#define CI_EA		(1UL << 63)	/* a real address with it set escapes HRMOR */

/* The core that @cpu, a logical number, is a thread of; NULL when it has no image. */
struct smt_core *smt_core_of(int cpu)
{
	int n = cpu / threads_per_core;

	return n < nr_cores ? cores[n] : NULL;
}

static u64 image_ea(struct smt_core *core, char *label)
{
	return (u64)core->image + (label - smt_image_start);
}

/* Entry addresses, not descriptors: the image branches to them. */
static u64 fn_entry(void *fn)
{
	return fn ? ppc_function_entry(fn) : 0;
}

#define RM_HCALL(nr, fn) hdr->hcall[(nr) / 4] = fn_entry(SMT_FN(fn))

/* vmlinux functions that may run with the MMU off (HOST-API §3.6). */
static void fill_functions(struct smt_image_core *hdr)
{
	hdr->toc = get_paca()->kernel_toc;
	hdr->fn_load_fp = fn_entry(load_fp_state);
	hdr->fn_store_fp = fn_entry(store_fp_state);
	hdr->fn_load_vr = fn_entry(load_vr_state);
	hdr->fn_store_vr = fn_entry(store_vr_state);
	hdr->fn_tlb_flush = fn_entry(kvmppc_check_need_tlb_flush);
	hdr->fn_hpte_fault = fn_entry(SMT_FN(kvmppc_hpte_hv_fault));
	RM_HCALL(H_ENTER, kvmppc_h_enter);
	RM_HCALL(H_REMOVE, kvmppc_h_remove);
	RM_HCALL(H_BULK_REMOVE, kvmppc_h_bulk_remove);
	RM_HCALL(H_PROTECT, kvmppc_h_protect);
	RM_HCALL(H_READ, kvmppc_h_read);
	RM_HCALL(H_CLEAR_REF, kvmppc_h_clear_ref);
	RM_HCALL(H_CLEAR_MOD, kvmppc_h_clear_mod);
}

static void fill_slot(struct smt_core *core, int t)
{
	struct smt_slot *slot = smt_slot_of(core, t);
	struct paca_struct *paca = paca_ptrs[core->first_cpu + t];

	slot->core = (u64)core->hdr;
	slot->paca = (u64)paca;
	slot->icp = CI_EA | (__force u64)paca->kvm_hstate.xics_phys;
	slot->bit = 1UL << t;
	/* a frame's back chain of 0 at the top, room for the callee to save LR and CR in it */
	slot->stack = (u64)core->image + IMG_STACKS + ((t + 1UL) << IMG_STACK_SHIFT) - 256;
	slot->exit_ea = image_ea(core, smt_rm_guest_exit);
}

static void fill_core(struct smt_core *core)
{
	struct smt_image_core *hdr = core->hdr;
	int t;

	hdr->base = (u64)core->image;
	hdr->hrmor = __pa(core->image);
	hdr->thread_mask = roundup_pow_of_two(core->nthreads) - 1;
	hdr->flags = (cpu_has_feature(CPU_FTR_ARCH_207S) ? SMT_F_207 : 0) |
		     (test_trash ? SMT_F_TRASH : 0);
	hdr->lpid_rsvd = smt_nr_lpids() - 1;
	hdr->paca_saved_r1 = offsetof(struct paca_struct, saved_r1);
	hdr->paca_slb_shadow = offsetof(struct paca_struct, slb_shadow_ptr);
	fill_functions(hdr);
	for (t = 0; t < core->nthreads; t++)
		fill_slot(core, t);
}

/* Put the image's EA into the five instructions that load it: lis, ori, sldi, oris, ori. */
static void patch_address(struct smt_core *core, char *label)
{
	u32 *insn = core->image + (label - smt_image_start);
	u64 ea = (u64)core->image;

	insn[0] |= (ea >> 48) & 0xffff;
	insn[1] |= (ea >> 32) & 0xffff;
	insn[3] |= (ea >> 16) & 0xffff;
	insn[4] |= ea & 0xffff;
}

static struct smt_core *core_alloc(int first_cpu)
{
	size_t text = smt_image_end - smt_image_start;
	struct smt_core *core;
	struct page *pages;

	if (WARN_ON(text > IMG_CORE))
		return NULL;
	core = kzalloc(sizeof(*core), GFP_KERNEL);
	if (!core)
		return NULL;
	pages = alloc_pages_node(cpu_to_node(first_cpu), GFP_KERNEL | __GFP_ZERO, get_order(IMG_SIZE));
	if (!pages) {
		kfree(core);
		return NULL;
	}
	core->first_cpu = first_cpu;
	core->nthreads = threads_per_core;
	core->image = page_address(pages);
	core->hdr = core->image + IMG_CORE;
	memcpy(core->image, smt_image_start, text);
	patch_address(core, smt_image_ra_0x100);
	patch_address(core, smt_image_ra_0x200);
	fill_core(core);
	flush_icache_range((unsigned long)core->image, (unsigned long)core->image + IMG_CORE);
	return core;
}

/* Is a sibling still, or for ever, in the image? */
static bool occupied(struct smt_core *core)
{
	int t;

	for (t = 1; t < core->nthreads; t++) {
		u64 state = READ_ONCE(smt_slot_of(core, t)->state);

		if (state != SMT_T_HOST && state != SMT_T_TO_HOST)
			return true;
	}
	return false;
}

static void core_free(struct smt_core *core)
{
	if (!core)
		return;
	if (occupied(core)) {
		smt_core_dump(core, "a thread never left the image, which stays in memory; restart the host soon");
		return;
	}
	smt_trace_free(core);
	free_pages((unsigned long)core->image, get_order(IMG_SIZE));
	kfree(core);
}

/**
 * smt_images_exit() - give the images back
 *
 * A sibling that gave itself back has the image's last instructions before its nap still to execute;
 * nothing tells when it has, so they get time.
 *
 * Context: process, may sleep; no VM exists.
 */
void smt_images_exit(void)
{
	int i;

	msleep(100);
	for (i = 0; i < nr_cores; i++)
		core_free(cores[i]);
	kvfree(cores);
	cores = NULL;
	nr_cores = 0;
}

/**
 * smt_images_init() - an image for each present core
 *
 * Context: process, may sleep.
 * Return: 0, -ENOMEM.
 */
int smt_images_init(void)
{
	int cpu, n = DIV_ROUND_UP(nr_cpu_ids, threads_per_core);

	cores = kvcalloc(n, sizeof(*cores), GFP_KERNEL);
	if (!cores)
		return -ENOMEM;
	nr_cores = n;
	for_each_present_cpu(cpu) {
		if (cpu_thread_in_core(cpu) || cores[cpu / threads_per_core])
			continue;
		cores[cpu / threads_per_core] = core_alloc(cpu);
		if (!cores[cpu / threads_per_core]) {
			smt_images_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

/* Strays that went through the host and nap again are forgotten.  True when none is on its way. */
static bool strays_settled(struct smt_core *core)
{
	u64 live = READ_ONCE(core->hdr->live) >> SMT_LIVE_STRAY_SHIFT;
	int t;

	/* litmus: stray-state */
	smp_rmb();		/* the bit before the state; partner: stray_wait in stray.S */

	for (t = 1; t < core->nthreads; t++) {
		if (!(live & (1UL << t)))
			continue;
		if (READ_ONCE(paca_ptrs[core->first_cpu + t]->kvm_hstate.hwthread_state) !=
		    KVM_HWTHREAD_IN_IDLE)
			return false;
		atomic64_andnot(1UL << (SMT_LIVE_STRAY_SHIFT + t), (atomic64_t *)&core->hdr->live);
	}
	return true;
}

/* Every sibling offline?  -EBUSY, named, when not. */
static int check_offline(struct smt_core *core, bool say)
{
	int cpu;

	for (cpu = core->first_cpu + 1; cpu < core->first_cpu + core->nthreads; cpu++) {
		if (!cpu_online(cpu))
			continue;
		if (say)
			pr_notice_ratelimited("cpu %d is online: a guest needs all threads of core %d but cpu %d offline; run: echo 0 > /sys/devices/system/cpu/cpu%d/online\n",
					      cpu, core->first_cpu / core->nthreads,
					      core->first_cpu, cpu);
		return -EBUSY;
	}
	return 0;
}

/*
 * Every sibling in the host's idle loop, MMU off?  One that just woke up for nothing is on its way there:
 * -EAGAIN, for a second, then -EBUSY.
 */
static int check_napping(struct smt_core *core, bool say)
{
	int cpu;

	for (cpu = core->first_cpu + 1; cpu < core->first_cpu + core->nthreads; cpu++) {
		if (READ_ONCE(paca_ptrs[cpu]->kvm_hstate.hwthread_state) == KVM_HWTHREAD_IN_IDLE)
			continue;
		if (!core->unready_since)
			core->unready_since = jiffies ?: 1;
		if (time_before(jiffies, core->unready_since + HZ))
			return -EAGAIN;
		if (say)
			pr_notice_ratelimited("cpu %d is offline but does not nap (state %d): no guest can run on its core\n",
					      cpu, paca_ptrs[cpu]->kvm_hstate.hwthread_state);
		return -EBUSY;
	}
	core->unready_since = 0;
	return 0;
}

/**
 * smt_core_parked() - siblings of a core went offline just now
 * @core: the core, NULL for none
 *
 * How long they do not nap yet is counted anew: the stamp of an earlier time would make them late at once.
 *
 * Context: any.
 */
void smt_core_parked(struct smt_core *core)
{
	if (core)
		WRITE_ONCE(core->unready_since, 0);
}

/**
 * smt_core_check() - may a run start on this core now?
 * @core: the core
 * @say: log why not, for an administrator
 *
 * Context: preemption disabled, on its primary; the answer holds while no cpu can be onlined.
 * Return: 0; -EBUSY a sibling is online or does not nap; -EAGAIN in quarantine, or a sibling is about
 * to nap.
 */
int smt_core_check(struct smt_core *core, bool say)
{
	int r;

	if (core->quarantine_until) {
		if (time_before(jiffies, core->quarantine_until))
			return -EAGAIN;
		core->quarantine_until = 0;
	}
	r = check_offline(core, say);
	if (r)
		return r;
	if (READ_ONCE(core->hdr->live)) {
		core->shootdown = true;
		if (!strays_settled(core))
			return -EAGAIN;
	}
	return check_napping(core, say);
}

/**
 * smt_send_ipi() - wake or interrupt a sibling that takes part in a run
 * @core: the core
 * @thread: which, not the primary
 *
 * An IPI that came after its run would wake the thread as a stray, so none is sent unless the gate shows
 * an open run that nobody leaves, and the thread does not leave the image while somebody stands between
 * look and IPI: it waits for slot->senders to be 0 after it has seen an exit bit.
 *
 * Context: any; what the IPI is to tell is stored.
 * Return: was it sent?
 */
bool smt_send_ipi(struct smt_core *core, int thread)
{
	struct smt_slot *slot = smt_slot_of(core, thread);
	unsigned long flags;
	bool open;
	u64 gate;

	local_irq_save(flags);
	atomic64_inc(&slot->senders);
	/* litmus: senders-exit senders-exit3 */
	smp_mb__after_atomic();	/* the count before the gate; partner: leave in nap.S */
	gate = READ_ONCE(core->hdr->gate);
	open = ((gate >> GATE_PHASE_SHIFT) & 0xff) == GATE_PHASE_OPEN &&
	       (gate >> (GATE_PRESENT_SHIFT + thread)) & 1 &&
	       !((gate >> GATE_EXITING_SHIFT) & 0xff);
	if (open)
		xics_wake_cpu(core->first_cpu + thread);
	/* litmus: senders-ack */
	smp_mb__before_atomic();	/* the IPI before the count; partner: leave in nap.S */
	atomic64_dec(&slot->senders);
	local_irq_restore(flags);
	return open;
}

static void slot_dump(struct smt_core *core, int t)
{
	struct smt_slot *s = smt_slot_of(core, t);

	pr_err("cpu %d: state %llu owned %llu cmd %llx vcpu %llx saved %llx trap %llx wakes %llu strays %llu ipis %llu srr1 %llx bad trap %llx nip %llx msr %llx lr %llx\n",
	       core->first_cpu + t, s->state, s->owned, s->cmd, s->vcpu, s->saved, s->trap, s->wakes,
	       s->strays, s->ipis, s->wake_srr1, s->bad_trap, s->bad_nip, s->bad_msr, s->bad_lr);
}

/**
 * smt_core_dump() - what is known of a core whose run failed
 * @core: the core
 * @why: a sentence
 *
 * Context: any.
 */
void smt_core_dump(struct smt_core *core, const char *why)
{
	int t;

	pr_err("core of cpu %d: %s; gate %llx (last %llx) live %llx seq %llu roll call %llx home %llx sent %llu\n",
	       core->first_cpu, why, core->hdr->gate, core->hdr->last_gate, core->hdr->live,
	       core->hdr->seq, core->hdr->roll, core->hdr->home, core->hdr->call_sent);
	for (t = 0; t < core->nthreads; t++)
		slot_dump(core, t);
}

/* Strays that siblings of this core have met, for the counters. */
u64 smt_core_strays(struct smt_core *core)
{
	u64 n = 0;
	int t;

	for (t = 1; t < core->nthreads; t++)
		n += READ_ONCE(smt_slot_of(core, t)->strays);
	return n;
}

#define DEEP_TICKS	2	/* for how long no try lets the primary sleep */
#define DEEP_RUNS	16	/* that fail for it before the core counts as one that fails the roll call */

/**
 * smt_core_stay_awake() - a run was refused: wait for the next try without letting the core sleep?
 * @core: the core of this cpu
 *
 * While its primary sleeps deeply the whole core can lose state, and its threads must go through the host
 * first.  So after that has happened the next tries come at once; reasoned, not run: the emulator has no
 * deep sleep.
 *
 * Context: preemptible.
 * Return: true when it has waited a moment, false when the caller may sleep.
 */
bool smt_core_stay_awake(struct smt_core *core)
{
	if (!core->deep_until || time_after(jiffies, core->deep_until))
		return false;
	udelay(50);
	cond_resched();
	return true;
}

static u64 ms_to_tb(unsigned int ms, unsigned int lo, unsigned int hi)
{
	return (u64)clamp(ms, lo, hi) * 1000 * tb_ticks_per_usec;
}

static void quarantine(struct smt_core *core, unsigned int ms)
{
	if (ms)
		core->quarantine_until = (jiffies + msecs_to_jiffies(ms)) ?: 1;
}

/**
 * smt_core_run() - give the core to what stands in the slots, until all threads are back
 * @core: the core of this cpu, a primary; smt_core_check() said 0, smt_core_prepare() was called
 *
 * The caller has filled the run's part of core->hdr and of the slots, and calls smt_core_ran() with
 * the answer when it may log.
 *
 * Context: interrupts hard-disabled, FP/VMX/VSX of the task given up; nothing is traced or logged.
 * Return: SMT_RUN_*.
 */
u64 notrace smt_core_run(struct smt_core *core)
{
	return smt_image_call(image_ea(core, smt_rm_run), smt_slot_of(core, 0));
}

/*
 * The siblings that get the roll call's command: all of it, but for the parameter test_fault.  One that is woken
 * without a command does not report; it goes to the host as a stray.
 */
static u64 told(const struct smt_image_core *hdr)
{
	if (likely(smt_test_fault != SMT_FAULT_NO_REPORT) || !hdr->kvm || !hdr->roll || hdr->seq % 64)
		return hdr->roll;
	/* the highest, or the lowest, which has a vcpu if any has */
	return hdr->roll & ~(1ULL << (hdr->seq & 64 ? __fls(hdr->roll) : __ffs(hdr->roll)));
}

/* What the roll call of this run tells thread @t, when it tells the threads @calls. */
static u64 command_for(const struct smt_image_core *hdr, u64 calls, int t)
{
	if (!(calls & (1ULL << t)))
		return 0;
	return hdr->seq << 8 | (hdr->home & (1ULL << t) ? SMT_CMD_REPORT : SMT_CMD_ROLL);
}

/*
 * May a sibling hold a real-mode translation of the host's vectors?  It does when it woke in the host, which takes
 * an online cpu, or a wake-up for nobody.  Either is seldom, and is not seen from here when no run is on the core: so
 * translations are doubted when the core was the host's for more than a moment.  Where this guesses wrong the
 * sibling does not report, and the next try begins with the shootdown.
 */
#define TRUST_US	1000

static bool doubtful(const struct smt_core *core)
{
	return core->shootdown ||
	       mftb() - core->hdr->stamp[SMT_STAMP_BACK] > TRUST_US * tb_ticks_per_usec;
}

/**
 * smt_core_prepare() - number a run and write the commands of its roll call
 * @core: the core of this cpu, a primary; no run is on it
 * @roll: the siblings to call, a bit each
 * @home: of these, those that only report: nobody can enter the run on them
 *
 * Context: before anybody may join the run: a joiner's command carries the number.
 */
void smt_core_prepare(struct smt_core *core, u64 roll, u64 home)
{
	struct smt_image_core *hdr = core->hdr;
	u64 calls;
	int t;

	SMT_ASSERT(!hdr->gate);		/* FREE, and nobody has entered, leaves, naps or is present */
	hdr->seq = (hdr->seq + 1) & GATE_SEQ_MASK ?: 1;
	hdr->roll = roll;
	hdr->home = roll & home;
	hdr->shootdown = doubtful(core);
	core->shootdown = false;
	hdr->roll_bound = ms_to_tb(roll_call_ms, 1, 2000);
	hdr->exit_bound = ms_to_tb(exit_ms, 100, 10000);
	hdr->host_pcr = mfspr(SPRN_PCR);
	hdr->exit_sent = 0;
	hdr->poked = 0;
	hdr->exit_ipis = 0;
	hdr->first_trap = 0;
	calls = told(hdr);
	for (t = 0; t < core->nthreads; t++) {
		struct smt_slot *slot = smt_slot_of(core, t);

		slot->saved = 0;
		slot->entered_seq = 0;
		slot->cmd = command_for(hdr, calls, t);
	}
}

/* What follows from the answer of a run: for how long the core gets no guest, and why. */
static const struct {
	unsigned int quarantine_ms;
	const char *why;
} outcome[] = {
	[SMT_RUN_OK] = {},
	[SMT_RUN_STRAY] = {},
	[SMT_RUN_ROLL_CALL] = { 200, "a thread did not report for a run; the core gets no guest for 200 ms" },
	[SMT_RUN_STUCK] = { 10000, "a thread did not go back to the host; the core gets no guest for 10 s" },
	[SMT_RUN_DEEP] = {},
	[SMT_RUN_HRMOR] = { 10000, "HRMOR does not hold the image's address; the core gets no guest for 10 s" },
};

/* No run should outlast its slice by much: say where the time went. */
static void report_long_run(struct smt_core *core)
{
	const u64 *s = core->hdr->stamp;
	u64 us = tb_ticks_per_usec;

	pr_warn_ratelimited("core of cpu %d was away for %llu ms: roll call %llu us, load %llu us, leave %llu us, siblings %llu us\n",
			    core->first_cpu, (s[SMT_STAMP_BACK] - s[SMT_STAMP_TAKEN]) / us / 1000,
			    (s[SMT_STAMP_REPORTED] - s[SMT_STAMP_TAKEN]) / us,
			    (s[SMT_STAMP_ENTERED] - s[SMT_STAMP_LOADED]) / us,
			    (s[SMT_STAMP_SAVED] - s[SMT_STAMP_LEFT]) / us,
			    (s[SMT_STAMP_GONE] - s[SMT_STAMP_RESTORED]) / us);
	smt_core_dump(core, "a run was too long");
}

/* Two SLB entries for one address are a machine check, which the emulator does not have. */
static void assert_slb_unique(const struct smt_image_core *hdr)
{
	u64 i, j;

	if (!hdr->keep_slb)
		return;
	SMT_ASSERT(hdr->kept_slb <= HOST_SLB_NR - SLB_NUM_BOLTED);
	for (i = 0; i < hdr->kept_slb; i++) {
		SMT_ASSERT((hdr->host_slb[i][0] & 0xfff) >= SLB_NUM_BOLTED);
		for (j = 0; j < i; j++)
			SMT_ASSERT((hdr->host_slb[i][0] ^ hdr->host_slb[j][0]) & ESID_MASK);
		for (j = 0; j < SLB_NUM_BOLTED; j++)
			SMT_ASSERT((hdr->host_slb[i][0] ^ be64_to_cpu(local_paca->slb_shadow_ptr->save_area[j].esid)) & ESID_MASK);
	}
}

/* Everybody who entered has left, and the core and its threads are the host's. */
static void assert_given_back(struct smt_core *core)
{
	const struct smt_image_core *hdr = core->hdr;
	u64 gate = hdr->last_gate;
	int t;

	SMT_ASSERT(gate >> GATE_SEQ_SHIFT == hdr->seq);
	SMT_ASSERT(((gate >> GATE_PHASE_SHIFT) & 0xff) == GATE_PHASE_OPEN);
	SMT_ASSERT(((gate >> GATE_ENTERED_SHIFT) & 0xff) == ((gate >> GATE_EXITING_SHIFT) & 0xff));
	SMT_ASSERT(!((gate >> GATE_NAPPING_SHIFT) & 0xff));
	SMT_ASSERT(!READ_ONCE(hdr->gate));
	SMT_ASSERT(!(READ_ONCE(hdr->live) & SMT_LIVE));
	assert_slb_unique(hdr);
	for (t = 0; t < core->nthreads; t++) {
		const struct smt_slot *slot = smt_slot_of(core, t);
		u64 state = READ_ONCE(slot->state);

		SMT_ASSERT(!READ_ONCE(slot->owned));
		SMT_ASSERT(state == SMT_T_HOST || state == SMT_T_STRAY || state == SMT_T_TO_HOST);
		SMT_ASSERT(!((hdr->last_gate >> t) & 1) || slot->saved == hdr->seq);
	}
}

/**
 * smt_core_ran() - draw the consequences of a run's answer
 * @core: the core of this cpu
 * @ret: what smt_core_run() returned
 *
 * A failure is logged, counted, and puts the core into quarantine; the host goes on, except when a
 * thread is lost in the guest: then it must not, and the machine stops with a message.
 *
 * Context: on the core's primary, preemption disabled.
 */
void smt_core_ran(struct smt_core *core, u64 ret)
{
	const u64 *s = core->hdr->stamp;

	if (unlikely(ret == SMT_RUN_OK && s[SMT_STAMP_BACK] - s[SMT_STAMP_TAKEN] > tb_ticks_per_sec))
		report_long_run(core);
	if (likely(ret == SMT_RUN_OK)) {
		core->deep_runs = 0;
		if (SMT_ASSERTING)
			assert_given_back(core);
		return;
	}
	core->shootdown = true;
	if (ret == SMT_RUN_DEEP && ++core->deep_runs > DEEP_RUNS) {
		core->deep_runs = 0;
		ret = SMT_RUN_ROLL_CALL;
	}
	if (ret >= ARRAY_SIZE(outcome) || ret == SMT_RUN_LOST) {
		smt_core_dump(core, "a thread is lost in the guest");
		panic("kvm-hv-smt: a thread of core %d did not leave the guest, the host cannot go on\n",
		      core->first_cpu / core->nthreads);
	}
	if (ret == SMT_RUN_ROLL_CALL)
		core->roll_call_failures++;
	if (ret == SMT_RUN_DEEP)
		core->deep_until = jiffies + DEEP_TICKS;
	if (outcome[ret].why)
		smt_core_dump(core, outcome[ret].why);
	quarantine(core, outcome[ret].quarantine_ms);
}
