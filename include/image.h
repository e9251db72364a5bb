/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image: the real-mode code and data of one core, in one physically contiguous block.
 *
 * Layout, offsets from the image's start:
 *	0x00000		vectors, then code; the same bytes for every core
 *	0x10000		struct smt_image_core
 *	0x11000		struct smt_slot, one a thread
 *	0x20000		one stack a thread, for vmlinux functions called in real mode
 */
#ifndef SMT_IMAGE_H
#define SMT_IMAGE_H

#define IMG_SIZE		0x100000	/* also the alignment: HRMOR is ORed in */
#define IMG_CORE		0x10000
#define IMG_SLOTS		0x11000
#define IMG_SLOT_SHIFT		12
#define IMG_SLOT_SIZE		(1 << IMG_SLOT_SHIFT)
#define IMG_STACKS		0x20000
#define IMG_STACK_SHIFT		14

#define IMG_HCALLS		(0x140 / 4)	/* hcalls below 0x140 may have a real-mode handler */
#define HOST_SLB_NR		32		/* SLB entries of POWER7 and POWER8 */
#define IMG_LOG			32		/* times of entry and exit kept for a run */

#ifndef __ASSEMBLER__
#include <linux/types.h>
#include <linux/atomic.h>

/* The host's value of each switched register, a thread's own copy. */
struct smt_host_sprs {
#define SPR64(name, num, field)	u64 name;
#define SPR32(name, num, field)	u64 name;
#define SPRS_206
#define SPRS_206_ONLY
#define SPRS_207
#define SPRS_PMU
#define SPRS_PMU_207
#include "sprs.def"
#undef SPRS_206
#undef SPRS_206_ONLY
#undef SPRS_207
#undef SPRS_PMU
#undef SPRS_PMU_207
#undef SPR64
#undef SPR32
	u64 mmcr0;
	u64 ctrl;
	u64 lpcr;
	u64 lpid;
	u64 sdr1;
	u64 purr;
	u64 spurr;
	u64 hsprg0;
	u64 dec;
	u64 dec_expires;	/* host time base, primary */
};

/* One thread's block in the image. EA: effective address with the top bits set, HRMOR ignored. */
struct smt_slot {
	/* written when the image is built */
	u64 core;		/* EA of struct smt_image_core */
	u64 paca;		/* EA of the host's paca of this thread */
	u64 icp;		/* EA, cache-inhibited, of the thread's interrupt presentation */
	u64 bit;		/* 1 << thread */
	u64 stack;		/* EA of the first frame */
	u64 exit_ea;		/* EA of guest_exit */

	/* the run */
	u64 cmd;		/* sequence << 8 | SMT_CMD_* */
	u64 vcpu;		/* struct kvm_vcpu to enter with, or 0 */
	u64 lpcr;		/* the guest's LPCR for this thread, LPCR[MER] clear */
	u64 saved;		/* sequence of the run whose guest context is saved */
	u64 entered_seq;	/* sequence of the last run that this thread entered with a vcpu */
	u64 state;		/* SMT_T_* */
	u64 owned;		/* the thread is ours: any wake-up is for us */
	atomic64_t senders;	/* cpus that are about to send this thread an IPI */
	u64 trap;		/* why this thread left */
	u64 event;		/* 0x100, 0x200 or 0xe60 that the host's vector is to have; 0: none */
	u64 event_srr1, event_dar, event_dsisr;
	u64 cur_lpcr;
	u64 wait_end, spin_end;	/* time base */
	u64 wait_look;		/* time base of the last look at wait_end */
	u64 resume;		/* EA of the loop that waits */
	u64 own_lpidr;		/* not 0: LPIDR is the thread's own, as in the emulator */
	u64 purr_in, spurr_in;	/* value from which the present stretch counts */
	u64 purr_used, spurr_used;	/* stretches of this run that are over */

	/* scratch of the vectors */
	u64 r11, r12, ctr, cr, cfar, in_guest;
	u64 wake_srr0, wake_srr1, wake_vec;
	u64 in_call;		/* in a function of vmlinux, which may wait for a lock that the host holds */
	u64 bad_trap, bad_nip, bad_msr, bad_lr;

	/* where the primary returns to */
	u64 ret_nip, ret_msr, ret_r1, ret_r2, ret_r13, result;
	u64 text_e, text_v;	/* the SLB entry by which the module's text is reached, 0: not known */

	/* counters, this thread writes, C reads */
	u64 wakes, strays, ipis, foreign_irqs;
	u64 joins;		/* of this run: the thread left its nap for the guest */
	u64 cede_tb;		/* guest time base at which the vcpu became idle, valid while it has ceded */
	u64 idle_tb;		/* of this run: ticks that a vcpu which has gone on since was idle */

	u64 log_n;		/* entries used in log[]; even: out of the guest */
	u64 log[IMG_LOG];	/* guest time base: in, out, in, out ... */

	struct smt_host_sprs host;
};

/* What the threads of a core share. */
struct smt_image_core {
	u64 gate;
	u64 live;
	u64 pad[14];		/* the two hot words alone in their cache line */

	/* written when the image is built */
	u64 base;		/* EA of the image */
	u64 hrmor;		/* RA of the image */
	u64 thread_mask;	/* of PIR */
	u64 flags;
	u64 toc;		/* vmlinux's r2 */
	u64 lpid_rsvd;
	u64 paca_saved_r1;	/* offset in the paca */
	u64 paca_slb_shadow;	/* offset in the paca of the pointer */
	u64 fn_load_fp, fn_store_fp, fn_load_vr, fn_store_vr;
	u64 fn_tlb_flush;	/* kvmppc_check_need_tlb_flush */
	u64 fn_hpte_fault;	/* kvmppc_hpte_hv_fault or 0 */
	u64 hcall[IMG_HCALLS];	/* vmlinux's real-mode hcalls, 0: virtual mode */

	/* written by the runner before a run */
	u64 seq;
	u64 roll;		/* threads to call, a bit each */
	u64 home;		/* of these, those that only report, a bit each */
	u64 shootdown;		/* 1: a sibling may hold translations of the host's vectors */
	u64 roll_bound;		/* time base ticks */
	u64 exit_bound;
	u64 slice, min_slice;	/* most and least time base ticks of a run */
	s64 stay;		/* ticks: who cedes last for less than this does not end the run */
	u64 expect;		/* threads that are to enter at once, a bit each */
	u64 kvm;
	u64 pcpu;
	u64 lpid, sdr1, pcr;
	u64 tb_offset;
	u64 vtb, dpdes;		/* in and out */
	u64 fast;		/* SMT_FAST_*: what is done in real mode */
	u64 host_pcr;
	u64 keep_slb;		/* 1: the primary's SLB comes back with the host's entries that are not bolted */

	/* the outcome */
	u64 last_gate;		/* the gate when all had left, before it was freed */
	u64 stamp[SMT_STAMPS];	/* time base at the phases of the run, SMT_STAMP_* */
	u64 first_trap;		/* slot.trap of the thread that left first */
	u64 exit_ipis;		/* IPIs that called the others out */
	u64 deep;		/* sequence of the last run for which a sibling woke with hypervisor state lost */
	u64 poked;		/* not 0: a thread has sent the primary a hypervisor doorbell in this run */
	u64 call_sent;		/* sequence of the last run whose roll call is all sent */
	u64 exit_sent;		/* sequence of the last run whose exit IPIs are all sent */
	s64 tb_debt;		/* quirk: ticks that writes of the time base have lost */
	u64 call_waits;		/* times that the exit bound was granted anew to a thread in a function of vmlinux */
	u64 resent;		/* exit IPIs sent again because a thread was slow */
	u64 kept_slb;		/* entries in host_slb */
	u64 host_slb[HOST_SLB_NR][2];	/* as slbmte has them, RB and RS */
};

static_assert(sizeof(struct smt_image_core) <= IMG_SLOTS - IMG_CORE);
static_assert(sizeof(struct smt_slot) <= IMG_SLOT_SIZE);

u64 smt_image_call(u64 entry, struct smt_slot *slot);
extern char smt_image_start[], smt_image_end[];
extern char smt_image_ra_0x100[], smt_image_ra_0x200[];
extern char smt_rm_run[], smt_rm_selftest[], smt_rm_guest_exit[];
#endif /* __ASSEMBLER__ */

#endif /* SMT_IMAGE_H */
