/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's hashed page table (HPT), as the files hpt_*.c share it.
 *
 * Formats: Power ISA 2.07 Book III-S 5.7.7 (page table), PAPR 14.5 (the guest's view).  The HPT is
 * big-endian on every host.  Each HPTE has a struct revmap_entry beside it: the guest's own second
 * dword (a guest real address), and the ring of all HPTEs that map the same guest page.  The head of
 * the ring stands in the memslot's rmap[], one word for each guest page.
 *
 * Two bits of the first dword are ours, defined by the kernel's headers:
 *
 *	HVLOCK	the HPTE lock; preemption off while it is held, real mode takes it too
 *	ABSENT	the guest's entry is valid, the hardware's is not: an access to it ends in
 *		smt_storage_exit().  Storage key 31 in the second dword then marks emulated MMIO.
 *
 * Lock order, outermost first:
 *
 *	vcpu->mutex
 *	kvm->arch.mmu_setup_lock	which HPT there is; mmu_ready; never taken under kvm->srcu
 *	kvm->srcu (read)		memslots; and the HPT itself, see below
 *	mmap_lock			user memory is touched under all of the above
 *	kvm->mmu_lock			walks from the host's side
 *	HPTE lock
 *	rmap lock			a bit in the rmap word
 *
 * A walk from the host's side starts at the rmap word, so it may only try the HPTE lock; when that
 * fails it gives the rmap lock back and starts again, without a look at the HPTE in between.
 *
 * Who may use kvm->arch.hpt:
 *  - the guest and whoever works for a vcpu: in a kvm->srcu read section in which mmu_ready was seen
 *    set.  Whoever replaces the HPT clears mmu_ready and waits for the grace period.
 *  - host-side walks, under mmu_lock, as long as the rmap word they hold locked is PRESENT.  Before
 *    an HPT is replaced all its rings are emptied.
 *  - everybody else under mmu_setup_lock.
 */
#ifndef SMT_HPT_H
#define SMT_HPT_H

#include <linux/irqflags.h>
#include <linux/mm.h>

#include "smt.h"

#define HPTE_SHIFT		4		/* log2 of the bytes of an HPTE */
#define PTEG_SHIFT		3		/* log2 of the HPTEs of a group */
#define HPTES_PER_PTEG		(1ul << PTEG_SHIFT)
#define HPTE_R_MMIO_KEY		(HPTE_R_KEY_HI | HPTE_R_KEY_LO)
#define HPTE_V_EXISTS		(HPTE_V_VALID | HPTE_V_ABSENT)

static inline __be64 *smt_hpte(struct kvm *kvm, unsigned long index)
{
	return (__be64 *)(kvm->arch.hpt.virt + (index << HPTE_SHIFT));
}

/* Number of HPTEs, 0 while there is no HPT. */
static inline unsigned long smt_hpt_entries(struct kvm *kvm)
{
	return kvm->arch.hpt.virt ? kvmppc_hpt_npte(&kvm->arch.hpt) : 0;
}

/* Preemption must be off: a holder that is scheduled out would stop the guest's real mode. */
static inline void smt_lock_hpte(__be64 *hpte)
{
	while (!try_lock_hpte(hpte, HPTE_V_HVLOCK))
		cpu_relax();
}

/* The memslot of a guest page, NULL if none or if it is about to go. kvm->srcu read-held. */
static inline struct kvm_memory_slot *smt_visible_slot(struct kvm *kvm, gfn_t gfn)
{
	struct kvm_memory_slot *slot = __gfn_to_memslot(kvm_memslots(kvm), gfn);

	return slot && !(slot->flags & KVM_MEMSLOT_INVALID) ? slot : NULL;
}

static inline unsigned long *smt_rmap(const struct kvm_memory_slot *slot, gfn_t gfn)
{
	return &slot->arch.rmap[gfn - slot->base_gfn];
}

/* Can a page of this many bytes at guest page gfn be one page of the host, too? */
static inline bool smt_slot_fits(struct kvm_memory_slot *slot, gfn_t gfn, unsigned long psize)
{
	unsigned long npages = psize >> PAGE_SHIFT;
	unsigned long hva;

	if (npages <= 1)
		return true;
	/* aligned, too: the dirty bitmap of a large page is written by bytes */
	if (!slot_is_aligned(slot, psize) || gfn < slot->base_gfn ||
	    gfn + npages > slot->base_gfn + slot->npages)
		return false;
	hva = __gfn_to_hva_memslot(slot, gfn);
	return IS_ALIGNED(hva, psize);
}

/* hpt_alloc.c */
void smt_hpt_set(struct kvm *kvm, const struct kvm_hpt_info *info);
int smt_hpt_stop_vcpus(struct kvm *kvm);

/* hpt_enter.c */
struct kvm_memory_slot *smt_hpte_slot(struct kvm *kvm, unsigned long psize, unsigned long r, gfn_t *gfn);
long smt_do_h_enter(struct kvm *kvm, unsigned long flags, unsigned long index, unsigned long v,
		    unsigned long r, unsigned long *index_ret);

/* hpt_vrma.c */
void smt_vrma_set_page_shift(struct kvm *kvm, unsigned int shift);

/* hpt_fault.c */
int smt_storage_exit(struct kvm_vcpu *vcpu, bool data);
bool smt_slb_find(struct kvm_vcpu *vcpu, unsigned long ea, bool data, u64 *slb_v);

/* hpt_classify.c: for kernels that do not export kvmppc_hpte_hv_fault() */
long smt_hpte_fault(struct kvm_vcpu *vcpu, unsigned long ea, unsigned long slb_v,
		    unsigned int status, bool data);

/* hpt_map.c */
enum smt_map_result {
	SMT_MAP_RETRY,		/* done, or changed under us: let the guest try again */
	SMT_MAP_MMIO,		/* no memory there: emulate the access */
};

int smt_hpt_map(struct kvm_vcpu *vcpu, unsigned long ea, bool store, gpa_t *gpa);

/* hpt_rmap.c */
void smt_rmap_unlink(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t gfn, unsigned long index);
void smt_rmap_reset(struct kvm *kvm);
bool smt_unmap_gfn_range(struct kvm *kvm, struct kvm_gfn_range *range);
bool smt_age_gfn(struct kvm *kvm, struct kvm_gfn_range *range);
bool smt_test_age_gfn(struct kvm *kvm, struct kvm_gfn_range *range);
bool smt_set_spte_gfn(struct kvm *kvm, struct kvm_gfn_range *range);
void smt_flush_memslot(struct kvm *kvm, struct kvm_memory_slot *slot);

/* memslot.c */
int smt_prepare_memory_region(struct kvm *kvm, const struct kvm_memory_slot *old,
			      struct kvm_memory_slot *new, enum kvm_mr_change change);
void smt_commit_memory_region(struct kvm *kvm, struct kvm_memory_slot *old,
			      const struct kvm_memory_slot *new, enum kvm_mr_change change);
void smt_free_memslot(struct kvm_memory_slot *slot);

/* dirty.c */
int smt_get_dirty_log(struct kvm *kvm, struct kvm_dirty_log *log);

/* hcall_page.c */
int smt_zero_memory(struct kvm_memory_slot *slot, gpa_t gpa, unsigned long len);

/* hpt_resize.c */
void smt_hpt_resize_cancel(struct smt_vm *vm);

#endif /* SMT_HPT_H */
