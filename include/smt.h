/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types and functions that the virtual-mode half of kvm-hv-smt shares.
 *
 * Words with one meaning: core, thread, primary, secondary, vcpu, vcore, run, image, slot, gate
 * (README, "Words").  Guest registers live in struct kvm_vcpu_arch, where kvm.ko and the generated
 * entry and exit code find them; this header holds only what kvm.ko has no place for.
 */
#ifndef SMT_H
#define SMT_H

#include <linux/kvm_host.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <asm/kvm_ppc.h>
#include <asm/kvm_book3s.h>
#include <asm/kvm_book3s_64.h>

#include "compat/compat.h"
#include "core.h"
#include "sched.h"

#define SMT_MAX_THREADS		SMT_CORE_THREADS

struct dentry;

/* Why a run was not begun although the vcore could. */
enum smt_put_off {
	SMT_PUT_OFF_SIGNAL,
	SMT_PUT_OFF_RESCHED,
	SMT_PUT_OFF_IRQ,
	SMT_PUT_OFF_VPA,		/* an area waits to be pinned */
	SMT_PUT_OFF_MMU,		/* the HPT is being replaced */
	SMT_PUT_OFF_NOBODY,		/* no vcpu is runnable any more */
	SMT_PUT_OFF_REASONS
};

#define SMT_WAIT_BUCKETS	8

/* Counters of a vcore, read through debugfs; written under the vcore's lock. */
struct smt_vcore_stats {
	u64 runs;
	u64 packed;			/* of these, in another vcore's */
	u64 in_guest[SMT_MAX_THREADS + 1];	/* runs by the most threads in guest at once */
	u64 in_guest_tb[SMT_MAX_THREADS + 1];	/* time base ticks with n threads in guest */
	u64 roll_call_failures;
	u64 put_off[SMT_PUT_OFF_REASONS];	/* runs not begun because the host had to go on */

	/* vcpus that became runnable while their vcore ran */
	u64 joins_nap;			/* went on from their nap in the run */
	u64 joins_task;			/* entered the run by their task */
	u64 late_joins;			/* tried to, and found the run already exiting */
	u64 late_starts;		/* were part of the run from the start, which ended before they entered */
	u64 late_naps;			/* were woken from their nap when the run was exiting already */
	u64 refused_joins;		/* had no thread to enter: the run was asked to end */

	/* exits: how many threads one pulls out */
	u64 exits_host;			/* vcpus that left because they needed the host */
	u64 exits_pulled;		/* vcpus that left only because another one did */
	u64 exit_ipis;			/* IPIs sent to call the others out */
	u64 slice_ends;			/* runs that ended with the time slice */
	u64 slice_ipis;			/* IPIs of those */

	/* waiting for the core while a run was due, time base ticks */
	u64 waits[SMT_WAIT_BUCKETS];	/* by length: below 1 ms, below 2, below 4 ... the last: all longer ones */
	u64 wait_tb, wait_max_tb;
	u64 waits_long;			/* waits of more than two slices (slice_us) */
	u64 polls_won, polls_lost, poll_tb;
};

/* Counters of a vcpu. */
struct smt_vcpu_stats {
	u64 entries;
	u64 cedes;			/* H_CEDE that napped or blocked */
	u64 exits[0x1000 / 0x20 + 1];	/* by interrupt vector / 0x20 */
};

/* What kvm-hv-smt keeps for one vcpu beside struct kvm_vcpu_arch. */
struct smt_vcpu {
	struct kvm_vcpu *vcpu;		/* NULL: no such vcpu */
	enum sched_vcpu state;
	u64 busy_since;			/* host time base, valid in BUSY */
	bool in_run;			/* part of the run of this moment */
	int thread;			/* its hardware thread there */
	bool joining;			/* it came by smt_join(), the run had begun */
	const void *icp_seen;		/* the interrupt presentation that was looked at, see xics.c */
	bool to_user;			/* its last run ended with an exit to userspace */
	bool dec_armed;			/* the host's timer may watch its decrementer: cancelling is dear */
	bool exited;			/* left a run, its exit not handled yet */
	struct sched_clock clock;	/* where its time goes */
	u64 stolen_logged;		/* of it, stolen time that the guest was told of */
	struct smt_vcpu_stats stats;
};

/*
 * struct smt_vcore - the vcpus that share a virtual core
 * @kvc: what kvm.ko and vmlinux dereference through vcpu->arch.vcore; must stay first
 */
struct smt_vcore {
	struct kvmppc_vcore kvc;
	struct smt_vm *vm;
	enum sched_vcore state;		/* kvc.lock */
	struct smt_core *core;			/* the core of the run, kvc.lock */
	struct smt_vcpu thr[SMT_MAX_THREADS];	/* by vcpu id % smt_mode */
	int end;				/* there is none from this one on; only grows */
	struct smt_vcpu *attendant;		/* whose task looks after it, see sched.h; kvc.lock */
	struct smt_core *home;			/* the core of its last run, kvc.lock */
	struct smt_core *waits_at;		/* the core that it is counted to wait for, kvc.lock */
	u64 ready_since;			/* host time base since which a run is due, or 0 */
	u64 blocked_since;			/* host time base since which all are idle, or 0 */
	u64 poll_ns;				/* for how long the next block is polled */
	struct sched_view view;			/* smt_vcore_view()'s, kvc.lock; not on the stack, which kernels clear */
	struct smt_vcore_stats stats;
};

/* What kvm-hv-smt keeps for one VM. */
struct smt_vm {
	struct hlist_node node;
	struct kvm *kvm;
	struct kvm_resize_hpt *resize;		/* kvm->arch.mmu_setup_lock */
	atomic_t dirty_slots;			/* memslots that log dirty pages */
	unsigned int vcores_end;		/* no vcore has this number or a higher one; kvm->lock, grows */
	bool xics_checked;
	bool icp_unknown;			/* a vcpu's interrupt presentation is not what xics_icp.h says */
	struct dentry *debugfs;
};

static inline struct smt_vcore *to_smt_vcore(struct kvmppc_vcore *kvc)
{
	return container_of(kvc, struct smt_vcore, kvc);
}

static inline struct smt_vcore *vcpu_vcore(struct kvm_vcpu *vcpu)
{
	return to_smt_vcore(vcpu->arch.vcore);
}

static inline struct smt_vcpu *to_smt_vcpu(struct kvm_vcpu *vcpu)
{
	return &vcpu_vcore(vcpu)->thr[vcpu->arch.ptid];
}

/* vm.c */
struct smt_vm *smt_vm_of(struct kvm *kvm);

struct smt_vm *smt_vm_create(struct kvm *kvm);
int smt_init_vm(struct kvm *kvm);
void smt_destroy_vm(struct kvm *kvm);
int smt_set_smt_mode(struct kvm *kvm, unsigned long mode, unsigned long flags);
long smt_arch_vm_ioctl(struct file *filp, unsigned int ioctl, unsigned long arg);

/* vcpu.c */
int smt_vcpu_create(struct kvm_vcpu *vcpu);
void smt_vcpu_free(struct kvm_vcpu *vcpu);
void smt_vcpu_load(struct kvm_vcpu *vcpu, int cpu);
void smt_vcpu_put(struct kvm_vcpu *vcpu);
int smt_check_requests(struct kvm_vcpu *vcpu);
void smt_vcores_free(struct kvm *kvm);

/* main.c */
int smt_emulate_op(struct kvm_vcpu *vcpu, unsigned int inst, int *advance);
int smt_emulate_mtspr(struct kvm_vcpu *vcpu, int sprn, ulong val);
int smt_emulate_mfspr(struct kvm_vcpu *vcpu, int sprn, ulong *val);

/* stats.c */
int smt_create_vm_debugfs(struct kvm *kvm);
int smt_create_vcpu_debugfs(struct kvm_vcpu *vcpu, struct dentry *dir);
bool smt_stamp_in_guest_time(int stamp);
/* trace.c */
int smt_trace_start(void);
void smt_trace_free(struct smt_core *core);
void smt_trace_run(struct smt_core *core);
void smt_trace_debugfs(struct dentry *dir);

void smt_debugfs_init(void);
void smt_debugfs_exit(void);
void smt_stats_run(struct smt_vcore *vc, struct smt_core *core, u64 seq);

/* run.c */
int smt_run_vcore(struct smt_vcore *vc);
bool smt_join(struct smt_vcore *vc, struct smt_vcpu *me);
bool smt_fixed_threads(void);
bool smt_vpas_current(struct smt_vcore *vc);
bool smt_settings_hold(struct smt_vcore *vc, struct smt_core *core);
void smt_kick_core(struct smt_core *core);

/* pack.c */
void smt_pack(struct smt_core *core);
void smt_unpack(struct smt_core *core);

/* turn.c */
void smt_turn_wait(struct smt_vcore *vc, struct smt_core *core);
void smt_turn_note(struct smt_vcore *vc, u64 now);
void smt_turn_begin(struct smt_vcore *vc, struct smt_core *core);
bool smt_turn_over(struct smt_vcore *vc);
void smt_turn_yield(void);
u64 smt_turn_bound(void);

/* vcore.c: the vcpu side of the scheduler */
int smt_vcpu_run(struct kvm_vcpu *vcpu);
bool smt_vcpu_wakeable(struct smt_vcpu *me);
void smt_vcpu_state(struct smt_vcpu *me, enum sched_vcpu state, u64 now);
const struct sched_view *smt_vcore_view(struct smt_vcore *vc);
void smt_vcore_attend(struct smt_vcore *vc);
void smt_vcore_note(struct smt_vcore *vc);
void smt_dec_arm(struct smt_vcpu *me);
void smt_dec_disarm(struct smt_vcpu *me);
void smt_fast_vcpu_kick(struct kvm_vcpu *vcpu);
/* H_CEDE, H_PROD, H_CONFER in virtual mode; called by the hcall table, may not sleep */
void smt_vcpu_cede(struct kvm_vcpu *vcpu);
void smt_vcpu_prod(struct kvm_vcpu *target);
void smt_vcpu_confer(struct kvm_vcpu *vcpu, struct kvm_vcpu *target);
struct kvm_vcpu *smt_find_vcpu(struct kvm *kvm, int id);

/* exit.c */
bool smt_exit_is_hosts(u32 trap);
int smt_handle_exit(struct kvm_vcpu *vcpu);
void smt_inject_interrupt(struct kvm_vcpu *vcpu, int vec, u64 srr1_flags);
void smt_set_msr(struct kvm_vcpu *vcpu, u64 msr);

/* hcall.c: sc 1 of a guest, virtual mode, in the vcpu's task, may sleep */
int smt_hcall(struct kvm_vcpu *vcpu);
int smt_hcall_implemented(unsigned long hcall);
void smt_hcall_init_defaults(struct kvm *kvm);

/*
 * Handlers of one hcall each: arguments in gpr[4..], results to gpr[4..], the return value is what
 * goes to gpr[3], or H_TOO_HARD for "let userspace do it", with every gpr still as the guest left it.
 */
/* hcall_hash.c */
long smt_h_enter(struct kvm_vcpu *vcpu);
long smt_h_remove(struct kvm_vcpu *vcpu);
long smt_h_bulk_remove(struct kvm_vcpu *vcpu);
long smt_h_protect(struct kvm_vcpu *vcpu);
long smt_h_read(struct kvm_vcpu *vcpu);
long smt_h_clear_ref(struct kvm_vcpu *vcpu);
long smt_h_clear_mod(struct kvm_vcpu *vcpu);
/* hcall_page.c */
long smt_h_page_init(struct kvm_vcpu *vcpu);
/* hcall_debug.c */
long smt_h_set_mode(struct kvm_vcpu *vcpu);
long smt_h_set_dabr(struct kvm_vcpu *vcpu);
long smt_h_set_xdabr(struct kvm_vcpu *vcpu);

/* onereg.c, lpcr.c, sregs.c */
int smt_get_one_reg(struct kvm_vcpu *vcpu, u64 id, union kvmppc_one_reg *val);
int smt_set_one_reg(struct kvm_vcpu *vcpu, u64 id, union kvmppc_one_reg *val);
int smt_get_sregs(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs);
int smt_set_sregs(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs);
int smt_set_arch_compat(struct kvm_vcpu *vcpu, u32 arch_compat);
void smt_set_lpcr(struct kvm_vcpu *vcpu, u64 new_lpcr, bool preserve_top32);

/* vpa.c, vpa_register.c */
long smt_h_register_vpa(struct kvm_vcpu *vcpu);
int smt_vpa_set(struct kvm_vcpu *vcpu, struct kvmppc_vpa *v, unsigned long addr,
		unsigned long len);
bool smt_vpa_update_needed(struct kvm_vcpu *vcpu);
void smt_vpa_update(struct kvm_vcpu *vcpu);
void smt_vpa_free(struct kvm_vcpu *vcpu);
void smt_vpa_enter(struct kvm_vcpu *vcpu);
void smt_vpa_leave(struct kvm_vcpu *vcpu);
void smt_dtl_log(struct kvm_vcpu *vcpu, u64 now, u64 stolen);
void smt_vpa_harvest_dirty(struct kvmppc_vpa *vpa, struct kvm_memory_slot *slot,
			   unsigned long *map);
u32 smt_vpa_yield_count(struct kvm_vcpu *vcpu);
void *smt_pin_guest_page(struct kvm *kvm, unsigned long gpa, unsigned long *nb);
void smt_unpin_guest_page(struct kvm *kvm, void *addr, unsigned long gpa, bool dirty);

/* xics.c */
int smt_xics_prepare(struct kvm_vcpu *vcpu);
const char *smt_xics_reach(void);

/* hpt_*.c */
int smt_hpt_alloc(struct kvm_hpt_info *info, u32 order);
void smt_hpt_free(struct kvm_hpt_info *info);
int smt_hpt_setup(struct kvm_vcpu *vcpu);
void smt_hpt_destroy_vm(struct smt_vm *vm);
int smt_vm_ioctl_allocate_htab(struct kvm *kvm, u32 __user *argp);
int smt_vm_ioctl_get_htab_fd(struct kvm *kvm, struct kvm_get_htab_fd *ghf);
int smt_vm_ioctl_resize_prepare(struct kvm *kvm, struct kvm_ppc_resize_hpt *rhpt);
int smt_vm_ioctl_resize_commit(struct kvm *kvm, struct kvm_ppc_resize_hpt *rhpt);
int smt_page_fault(struct kvm_vcpu *vcpu, unsigned long ea, unsigned long dsisr, bool data);
int smt_xlate(struct kvm_vcpu *vcpu, gva_t eaddr, struct kvmppc_pte *gpte, bool data, bool iswrite);
int smt_get_smmu_info(struct kvm *kvm, struct kvm_ppc_smmu_info *info);
void smt_mmu_vcpu_init(struct kvm_vcpu *vcpu);

#endif /* SMT_H */
