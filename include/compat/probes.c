// SPDX-License-Identifier: GPL-2.0-only
/*
 * What host kernels differ in: one probe per fact, and the whole list of them.
 *
 *	FACT(NAME, "what it is")	compiles in this kernel? The code is what follows, up to the #endif
 *	EXPORT(symbol, "what for")	exported to a module of any name? Looked up in Module.symvers; in a kernel's
 *					tree, in the sources
 *	NEED("NAME [NAME...]", "sentence")
 *					one of them must be there, or the build stops with the sentence
 *
 * Kbuild compiles this file once per FACT, with the flags of the module's own files and PROBE_NAME
 * defined; a pointer to a function of another type is an error there. mkconfig.sh turns the answers
 * into smt-config.h: SMT_HAVE_NAME is defined for yes; SMT_FN(symbol) is an export or NULL. "make probe"
 * prints them.
 *
 * Only include/compat/ may look at SMT_HAVE_*; the rest of the module uses what the headers here make
 * of them. The tests are for what is there, never for a version: distributions backport.
 */
#include <linux/kvm_host.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/kvm_book3s.h>
#include <asm/kvm_book3s_64.h>
#include <asm/kvm_ppc.h>
#include <asm/lppaca.h>
#include <asm/paca.h>

#define FACT(name, what)
#define EXPORT(symbol, what)
#define NEED(names, sentence)

/* The kernel as such */

FACT(HEADERS, "the kernel's headers compile")
NEED("HEADERS", "its headers do not compile: the compiler is not one it can be built with, or they are incomplete")

FACT(SAME_GCC, "the gcc that compiled the kernel, in its main version")
#ifdef PROBE_SAME_GCC
#if CONFIG_GCC_VERSION && (defined(__clang__) || __GNUC__ != CONFIG_GCC_VERSION / 10000)
#error
#endif
#endif
NEED("SAME_GCC", "another gcc has compiled it, and mixing them can break a module silently: give CC=, see CONFIG_CC_VERSION_TEXT")

FACT(HV_POSSIBLE, "CONFIG_KVM_BOOK3S_HV_POSSIBLE")
#ifdef PROBE_HV_POSSIBLE
#ifndef CONFIG_KVM_BOOK3S_HV_POSSIBLE
#error
#endif
#endif
NEED("HV_POSSIBLE", "it is configured without CONFIG_KVM_BOOK3S_64_HV, and so without the hooks that KVM on bare metal needs")

FACT(POWERNV, "CONFIG_PPC_POWERNV")
#ifdef PROBE_POWERNV
#ifndef CONFIG_PPC_POWERNV
#error
#endif
#endif
NEED("POWERNV", "it is configured without CONFIG_PPC_POWERNV: it does not run on bare metal")

FACT(HASH_MMU, "the hash MMU")
#ifdef PROBE_HASH_MMU
#if !defined(CONFIG_PPC_64S_HASH_MMU) && defined(CONFIG_PPC_RADIX_MMU_DEFAULT_FORCE_ON)
#error
#endif
static unsigned long probe(void) { return mmu_psize_defs[MMU_PAGE_4K].sllp; }
unsigned long (*probe_p)(void) = probe;
#endif
NEED("HASH_MMU", "it is configured without CONFIG_PPC_64S_HASH_MMU")

/* struct kvmppc_ops */

FACT(OPS_GFN_RANGE, "MMU notifier operations take a struct kvm_gfn_range")
#ifdef PROBE_OPS_GFN_RANGE
static bool f(struct kvm *kvm, struct kvm_gfn_range *range) { return range->may_block; }
struct kvmppc_ops probe = { .unmap_gfn_range = f, .age_gfn = f, .test_age_gfn = f };
#endif

FACT(OPS_HVA, "MMU notifier operations take host virtual addresses")
#ifdef PROBE_OPS_HVA
static int f(struct kvm *kvm, unsigned long start, unsigned long end) { return 0; }
static int g(struct kvm *kvm, unsigned long hva) { return 0; }
static void h(struct kvm *kvm, unsigned long hva, pte_t pte) { }
struct kvmppc_ops probe = { .unmap_hva_range = f, .age_hva = f, .test_age_hva = g, .set_spte_hva = h };
#endif
NEED("OPS_GFN_RANGE OPS_HVA", "struct kvmppc_ops has no MMU notifier operations that this module knows")

FACT(OPS_SET_SPTE_GFN, "there is an operation for a page that moved")
#ifdef PROBE_OPS_SET_SPTE_GFN
static bool f(struct kvm *kvm, struct kvm_gfn_range *range) { return false; }
struct kvmppc_ops probe = { .set_spte_gfn = f };
#endif

FACT(OPS_OLD_NEW, "prepare and commit_memory_region take the old and the new memslot")
#ifdef PROBE_OPS_OLD_NEW
static int f(struct kvm *kvm, const struct kvm_memory_slot *old, struct kvm_memory_slot *new,
	     enum kvm_mr_change change) { return 0; }
static void g(struct kvm *kvm, struct kvm_memory_slot *old, const struct kvm_memory_slot *new,
	      enum kvm_mr_change change) { }
struct kvmppc_ops probe = { .prepare_memory_region = f, .commit_memory_region = g };
#endif

FACT(OPS_USERSPACE_REGION, "prepare and commit_memory_region take userspace's description of the memslot")
#ifdef PROBE_OPS_USERSPACE_REGION
static int f(struct kvm *kvm, struct kvm_memory_slot *slot, const struct kvm_userspace_memory_region *mem,
	     enum kvm_mr_change change) { return 0; }
static void g(struct kvm *kvm, const struct kvm_userspace_memory_region *mem, const struct kvm_memory_slot *old,
	      const struct kvm_memory_slot *new, enum kvm_mr_change change) { }
struct kvmppc_ops probe = { .prepare_memory_region = f, .commit_memory_region = g };
#endif
NEED("OPS_OLD_NEW OPS_USERSPACE_REGION", "struct kvmppc_ops has no memslot operations that this module knows")

FACT(OPS_VM_IOCTL_LONG, "arch_vm_ioctl returns long")
#ifdef PROBE_OPS_VM_IOCTL_LONG
static long f(struct file *filp, unsigned int ioctl, unsigned long arg) { return 0; }
struct kvmppc_ops probe = { .arch_vm_ioctl = f };
#endif

FACT(OPS_VM_IOCTL_INT, "arch_vm_ioctl returns int")
#ifdef PROBE_OPS_VM_IOCTL_INT
static int f(struct file *filp, unsigned int ioctl, unsigned long arg) { return 0; }
struct kvmppc_ops probe = { .arch_vm_ioctl = f };
#endif
NEED("OPS_VM_IOCTL_LONG OPS_VM_IOCTL_INT", "struct kvmppc_ops has no arch_vm_ioctl that this module knows")

FACT(OPS_DEBUGFS, "there are operations for a VM's and a vcpu's debugfs")
#ifdef PROBE_OPS_DEBUGFS
static int f(struct kvm *kvm) { return 0; }
static int g(struct kvm_vcpu *vcpu, struct dentry *dir) { return 0; }
struct kvmppc_ops probe = { .create_vm_debugfs = f, .create_vcpu_debugfs = g };
#endif

/* KVM's generic half */

FACT(MMU_INVALIDATE, "kvm->mmu_invalidate_seq and mmu_invalidate_retry()")
#ifdef PROBE_MMU_INVALIDATE
int probe(struct kvm *kvm);
int probe(struct kvm *kvm) { return mmu_invalidate_retry(kvm, kvm->mmu_invalidate_seq); }
#endif

FACT(MMU_NOTIFIER_SEQ, "kvm->mmu_notifier_seq and mmu_notifier_retry()")
#ifdef PROBE_MMU_NOTIFIER_SEQ
int probe(struct kvm *kvm);
int probe(struct kvm *kvm) { return mmu_notifier_retry(kvm, kvm->mmu_notifier_seq); }
#endif
NEED("MMU_INVALIDATE MMU_NOTIFIER_SEQ", "struct kvm has no count of MMU notifiers that this module knows")

FACT(MEMSLOT_BKT, "kvm_for_each_memslot() has a bucket")
#ifdef PROBE_MEMSLOT_BKT
unsigned long probe(struct kvm_memslots *slots);
unsigned long probe(struct kvm_memslots *slots)
{
	struct kvm_memory_slot *slot;
	unsigned long n = 0;
	int bkt;

	kvm_for_each_memslot(slot, bkt, slots)
		n += slot->npages;
	return n;
}
#endif

FACT(MAX_VCPU_IDS, "KVM_MAX_VCPU_IDS")
#ifdef PROBE_MAX_VCPU_IDS
int probe = KVM_MAX_VCPU_IDS;
#endif

FACT(VCPU_PID_LOCK, "vcpu->pid is read under vcpu->pid_lock, not RCU")
#ifdef PROBE_VCPU_PID_LOCK
struct pid *probe(struct kvm_vcpu *vcpu);
struct pid *probe(struct kvm_vcpu *vcpu)
{
	read_lock(&vcpu->pid_lock);
	read_unlock(&vcpu->pid_lock);
	return vcpu->pid;
}
#endif

FACT(GET_KVM_SAFE, "kvm_get_kvm_safe()")
#ifdef PROBE_GET_KVM_SAFE
bool probe(struct kvm *kvm);
bool probe(struct kvm *kvm) { return kvm_get_kvm_safe(kvm); }
#endif

FACT(GUEST_STATE, "guest_state_enter_irqoff() and guest_timing_enter_irqoff()")
#ifdef PROBE_GUEST_STATE
void probe(void);
void probe(void)
{
	guest_timing_enter_irqoff();
	guest_state_enter_irqoff();
	guest_state_exit_irqoff();
	guest_timing_exit_irqoff();
}
#endif

/* The powerpc half */

FACT(DAWR0, "vcpu->arch.dawr0, not dawr")
#ifdef PROBE_DAWR0
unsigned long probe(struct kvm_vcpu *vcpu);
unsigned long probe(struct kvm_vcpu *vcpu) { return vcpu->arch.dawr0 + vcpu->arch.dawrx0; }
#endif

FACT(HFSCR_PERMITTED, "vcpu->arch.hfscr_permitted")
#ifdef PROBE_HFSCR_PERMITTED
unsigned long probe(struct kvm_vcpu *vcpu);
unsigned long probe(struct kvm_vcpu *vcpu) { return vcpu->arch.hfscr_permitted; }
#endif

FACT(VPA_ENQUEUE, "struct lppaca names the stolen time")
#ifdef PROBE_VPA_ENQUEUE
volatile __be64 *probe(struct lppaca *vpa);
volatile __be64 *probe(struct lppaca *vpa) { return &vpa->enqueue_dispatch_tb; }
#endif

FACT(SRR_CLOBBERED, "the host may keep its return to userspace in SRR0/1")
#ifdef PROBE_SRR_CLOBBERED
#include <asm/interrupt.h>
void probe(void);
void probe(void) { srr_regs_clobbered(); }
#endif

FACT(PR_POSSIBLE, "KVM for guests in problem state is built, with fields of its own")
#ifdef PROBE_PR_POSSIBLE
bool *probe(struct kvm_vcpu *vcpu);
bool *probe(struct kvm_vcpu *vcpu) { return &vcpu->arch.shared_big_endian; }
#endif

FACT(ASM_CODE_PATCHING, "asm/code-patching.h, now asm/text-patching.h")
#ifdef PROBE_ASM_CODE_PATCHING
#include <asm/code-patching.h>
#endif

/* Exports without which there is nothing to do. Others that are used everywhere are found missing by modpost. */

EXPORT(kvmppc_hv_ops, "where an HV module registers itself")
NEED("KVMPPC_HV_OPS", "kvm.ko does not export kvmppc_hv_ops: it is not built, or not as a module of this tree")
EXPORT(xics_wake_cpu, "waking a core's other threads")
NEED("XICS_WAKE_CPU", "it does not export xics_wake_cpu, which every series from 5.10 on does with CONFIG_PPC_ICP_NATIVE")
EXPORT(kvmppc_do_h_enter, "the kernel's HPT engine")
NEED("KVMPPC_DO_H_ENTER", "it does not export kvmppc_do_h_enter, the entry to its hash page table code")

/* Exports that make things faster or simpler */

EXPORT(kvmppc_xics_set_real_mode, "the accessor of src/shim; else its field is written in place")
EXPORT(kvmppc_hpte_hv_fault, "faults classified in real mode, MMIO cached; else in virtual mode")
EXPORT(kvmppc_h_enter, "H_ENTER in real mode")
EXPORT(kvmppc_h_remove, "H_REMOVE in real mode")
EXPORT(kvmppc_h_bulk_remove, "H_BULK_REMOVE in real mode")
EXPORT(kvmppc_h_protect, "H_PROTECT in real mode")
EXPORT(kvmppc_h_read, "H_READ in real mode")
EXPORT(kvmppc_h_clear_ref, "H_CLEAR_REF in real mode")
EXPORT(kvmppc_h_clear_mod, "H_CLEAR_MOD in real mode")
EXPORT(kvmppc_claim_lpid, "the host's LPID has to be taken before VMs get theirs")
EXPORT(arch_smp_send_reschedule, "IPI that makes a run end; else smp_send_reschedule")
