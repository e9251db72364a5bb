/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The compat skin: the one place that knows how host kernels differ.
 *
 * Everything is decided by what the probes found when kbuild configured the module (probes.c,
 * smt-config.h), never by a version number: distributions backport.  Here stands what all of the
 * module uses; ops.h makes struct kvmppc_ops.
 */
#ifndef SMT_COMPAT_H
#define SMT_COMPAT_H

#include <linux/context_tracking.h>
#include <linux/kvm_host.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <asm/kvm_book3s.h>
#include <asm/kvm_ppc.h>
#include <asm/lppaca.h>
#include "smt-config.h"

/* A function that some kernels do not export: its address, or NULL there */
#define SMT_FN(symbol)	SMT_FN_##symbol

/* ppc_function_entry() */
#ifdef SMT_HAVE_ASM_CODE_PATCHING
#include <asm/code-patching.h>
#else
#include <asm/text-patching.h>
#endif

#ifndef SMT_HAVE_MAX_VCPU_IDS
#define KVM_MAX_VCPU_IDS	KVM_MAX_VCPU_ID
#endif

/* Fields by their newer names */
#ifndef SMT_HAVE_DAWR0
#define dawr0	dawr
#define dawrx0	dawrx
#endif

#ifdef SMT_HAVE_OPS_HVA
/* What newer kernels hand to the MMU notifier operations; ops.h makes it from host addresses */
struct kvm_gfn_range {
	struct kvm_memory_slot *slot;
	gfn_t start;
	gfn_t end;
	bool may_block;
};
#endif

#ifdef SMT_HAVE_MEMSLOT_BKT
#define smt_for_each_memslot(slot, bkt, slots)	kvm_for_each_memslot(slot, bkt, slots)
#else
#define smt_for_each_memslot(slot, bkt, slots)	\
	for ((bkt) = 0; (bkt) < 1; (bkt)++)	\
		kvm_for_each_memslot(slot, slots)
#endif

/* The count of MMU notifiers, and whether one is at work or has been since it was @seq; mmu_lock held. */
static inline unsigned long smt_mmu_seq(struct kvm *kvm)
{
#ifdef SMT_HAVE_MMU_INVALIDATE
	return kvm->mmu_invalidate_seq;
#else
	return kvm->mmu_notifier_seq;
#endif
}

static inline bool smt_mmu_retry(struct kvm *kvm, unsigned long seq)
{
#ifdef SMT_HAVE_MMU_INVALIDATE
	return mmu_invalidate_retry(kvm, seq);
#else
	return mmu_notifier_retry(kvm, seq);
#endif
}

/* The task that called KVM_RUN last, with a reference, or NULL. */
static inline struct task_struct *smt_vcpu_task(struct kvm_vcpu *vcpu)
{
	struct task_struct *task;

#ifdef SMT_HAVE_VCPU_PID_LOCK
	read_lock(&vcpu->pid_lock);
	task = get_pid_task(vcpu->pid, PIDTYPE_PID);
	read_unlock(&vcpu->pid_lock);
#else
	rcu_read_lock();
	task = get_pid_task(rcu_dereference(vcpu->pid), PIDTYPE_PID);
	rcu_read_unlock();
#endif
	return task;
}

/* A reference to a VM, unless its last one is gone. */
static inline bool smt_get_kvm_safe(struct kvm *kvm)
{
#ifdef SMT_HAVE_GET_KVM_SAFE
	return kvm_get_kvm_safe(kvm);
#else
	return refcount_inc_not_zero(&kvm->users_count);
#endif
}

#ifndef SMT_HAVE_GUEST_STATE
/*
 * Older kernels do both at once, with interrupts off.  The tick that ended the run is then the host's
 * time, not the guest's.
 */
static inline void guest_timing_enter_irqoff(void) { }
static inline void guest_state_enter_irqoff(void) { guest_enter_irqoff(); }
static inline void guest_state_exit_irqoff(void) { guest_exit_irqoff(); }
static inline void guest_timing_exit_irqoff(void) { }
#endif

/*
 * VMs get LPIDs below @nr, none of them the host's.  Kernels that let one be claimed count from 0; others
 * never give 0 away, which is the host's on bare metal.
 */
static inline void smt_init_lpids(unsigned int nr)
{
	kvmppc_init_lpid(nr);
#ifdef SMT_HAVE_KVMPPC_CLAIM_LPID
	kvmppc_claim_lpid(mfspr(SPRN_LPID));
#endif
}

/* An IPI that only makes the cpu look again; the newer name has no tracepoint around it. */
static inline void smt_send_reschedule(int cpu)
{
#ifdef SMT_HAVE_ARCH_SMP_SEND_RESCHEDULE
	arch_smp_send_reschedule(cpu);
#else
	smp_send_reschedule(cpu);
#endif
}

/* Where kernels also run guests in problem state, they ask in which byte order vcpu->arch.shared is. */
static inline void smt_set_shared_endian(struct kvm_vcpu *vcpu)
{
#ifdef SMT_HAVE_PR_POSSIBLE
	vcpu->arch.shared_big_endian = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN);
#endif
}

/* VPA: for how long the vcpu was ready but not dispatched, time base ticks (PAPR 14.11.1, byte 0x158) */
static inline volatile __be64 *smt_vpa_enqueue_dispatch_tb(struct lppaca *vpa)
{
#ifdef SMT_HAVE_VPA_ENQUEUE
	return &vpa->enqueue_dispatch_tb;
#else
	return (void *)vpa + 0x158;
#endif
}

/* For nested guests, which POWER8 does not have; set so that the field is never wider than hfscr. */
static inline void smt_set_hfscr_permitted(struct kvm_vcpu *vcpu, unsigned long hfscr)
{
#ifdef SMT_HAVE_HFSCR_PERMITTED
	vcpu->arch.hfscr_permitted = hfscr;
#endif
}

#endif /* SMT_COMPAT_H */
