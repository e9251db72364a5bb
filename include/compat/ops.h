/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct kvmppc_ops as this kernel has it: SMT_OPS_* are the initialisers of the operations that differ.
 * For main.c only, after hpt.h and smt.h.
 */
#ifndef SMT_COMPAT_OPS_H
#define SMT_COMPAT_OPS_H

#ifdef SMT_HAVE_OPS_GFN_RANGE

#ifdef SMT_HAVE_OPS_SET_SPTE_GFN
#define SMT_OPS_SET_SPTE	.set_spte_gfn = smt_set_spte_gfn,
#else
#define SMT_OPS_SET_SPTE
#endif

#define SMT_OPS_MM					\
	.unmap_gfn_range	= smt_unmap_gfn_range,	\
	.age_gfn		= smt_age_gfn,		\
	.test_age_gfn		= smt_test_age_gfn,	\
	SMT_OPS_SET_SPTE

#else /* SMT_HAVE_OPS_HVA */

/*
 * Host addresses [start, end) to guest pages, slot by slot.  mmu_lock held.  may_block is false: the
 * notifier does not tell, and the lock is not to be dropped.
 */
static inline bool smt_for_hva_range(struct kvm *kvm, unsigned long start, unsigned long end,
				     bool (*fn)(struct kvm *kvm, struct kvm_gfn_range *range))
{
	struct kvm_memory_slot *slot;
	bool ret = false;
	int bkt;

	smt_for_each_memslot(slot, bkt, kvm_memslots(kvm)) {
		unsigned long first = max(start, slot->userspace_addr);
		unsigned long last = min(end, slot->userspace_addr + (slot->npages << PAGE_SHIFT));
		struct kvm_gfn_range range = { .slot = slot };

		if (first >= last)
			continue;
		range.start = slot->base_gfn + ((first - slot->userspace_addr) >> PAGE_SHIFT);
		range.end = slot->base_gfn + ((last - slot->userspace_addr + PAGE_SIZE - 1) >> PAGE_SHIFT);
		ret |= fn(kvm, &range);
	}
	return ret;
}

static int smt_unmap_hva_range(struct kvm *kvm, unsigned long start, unsigned long end)
{
	return smt_for_hva_range(kvm, start, end, smt_unmap_gfn_range);
}

static int smt_age_hva(struct kvm *kvm, unsigned long start, unsigned long end)
{
	return smt_for_hva_range(kvm, start, end, smt_age_gfn);
}

static int smt_test_age_hva(struct kvm *kvm, unsigned long hva)
{
	return smt_for_hva_range(kvm, hva, hva + 1, smt_test_age_gfn);
}

static void smt_set_spte_hva(struct kvm *kvm, unsigned long hva, pte_t pte)
{
	smt_for_hva_range(kvm, hva, hva + 1, smt_set_spte_gfn);
}

#define SMT_OPS_MM					\
	.unmap_hva_range	= smt_unmap_hva_range,	\
	.age_hva		= smt_age_hva,		\
	.test_age_hva		= smt_test_age_hva,	\
	.set_spte_hva		= smt_set_spte_hva,

#endif /* SMT_HAVE_OPS_HVA */

#ifdef SMT_HAVE_OPS_OLD_NEW

#define SMT_OPS_MEMSLOT							\
	.prepare_memory_region	= smt_prepare_memory_region,		\
	.commit_memory_region	= smt_commit_memory_region,

#else /* SMT_HAVE_OPS_USERSPACE_REGION */

/*
 * The slot as it was is found by its number: the new one is not visible yet.  slots_lock held.  The new
 * one has a copy of its arch part already; smt_prepare_memory_region() copies it once more.
 */
static int smt_prepare_region(struct kvm *kvm, struct kvm_memory_slot *slot,
			      const struct kvm_userspace_memory_region *mem, enum kvm_mr_change change)
{
	return smt_prepare_memory_region(kvm, change == KVM_MR_CREATE ? NULL :
					 id_to_memslot(kvm_memslots(kvm), slot->id), slot, change);
}

static void smt_commit_region(struct kvm *kvm, const struct kvm_userspace_memory_region *mem,
			      const struct kvm_memory_slot *old, const struct kvm_memory_slot *new,
			      enum kvm_mr_change change)
{
	smt_commit_memory_region(kvm, (struct kvm_memory_slot *)old, new, change);
}

#define SMT_OPS_MEMSLOT						\
	.prepare_memory_region	= smt_prepare_region,		\
	.commit_memory_region	= smt_commit_region,

#endif /* SMT_HAVE_OPS_USERSPACE_REGION */

#ifdef SMT_HAVE_OPS_VM_IOCTL_LONG

#define SMT_OPS_VM_IOCTL	.arch_vm_ioctl = smt_arch_vm_ioctl,

#else /* SMT_HAVE_OPS_VM_IOCTL_INT */

static int smt_arch_vm_ioctl_int(struct file *filp, unsigned int ioctl, unsigned long arg)
{
	return smt_arch_vm_ioctl(filp, ioctl, arg);
}

#define SMT_OPS_VM_IOCTL	.arch_vm_ioctl = smt_arch_vm_ioctl_int,

#endif

#ifdef SMT_HAVE_OPS_DEBUGFS
#define SMT_OPS_DEBUGFS						\
	.create_vm_debugfs	= smt_create_vm_debugfs,	\
	.create_vcpu_debugfs	= smt_create_vcpu_debugfs,
#else
#define SMT_OPS_DEBUGFS
#endif

#endif /* SMT_COMPAT_OPS_H */
