// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entering an HPTE in virtual mode: what vmlinux's kvmppc_do_h_enter() leaves to its caller.
 *
 * That function does not look whether a page larger than the host's is aligned in the process as it is in the
 * guest; where it is not it would build an entry for the wrong real address.  It looks the memslot up by itself,
 * so a page that had no memslot at our look could have one at its own: such an entry is made with the memslots
 * held as they are.
 */
#include "hpt.h"

/**
 * smt_hpte_slot() - memslot and first page of what an HPTE maps
 * @kvm: the VM
 * @psize: size of the page, bytes, a power of two
 * @r: second dword of the entry, with the guest's real address
 * @gfn: set to the first guest page
 *
 * Context: kvm->srcu read-held.
 * Return: NULL where there is no memory (MMIO).
 */
struct kvm_memory_slot *smt_hpte_slot(struct kvm *kvm, unsigned long psize, unsigned long r, gfn_t *gfn)
{
	*gfn = (r & HPTE_R_RPN & ~(psize - 1)) >> PAGE_SHIFT;
	return __gfn_to_memslot(kvm_memslots(kvm), *gfn);
}

/*
 * It walks the host's page tables, which other cpus may be freeing: interrupts off keep the IPI or the grace
 * period away that the freeing waits for.
 */
static long enter(struct kvm *kvm, unsigned long flags, unsigned long index, unsigned long v, unsigned long r,
		  unsigned long *index_ret)
{
	unsigned long irqflags;
	long ret;

	local_irq_save(irqflags);
	ret = kvmppc_do_h_enter(kvm, flags, index, v, r, kvm->mm->pgd, false, index_ret);
	local_irq_restore(irqflags);
	return ret;
}

/*
 * A large page where there was no memslot: enter it while none can be made.  slots_lock may be held by somebody who
 * waits for us to leave the srcu section, so it is only tried.
 */
static long enter_without_slot(struct kvm *kvm, unsigned long flags, unsigned long index, unsigned long v,
			       unsigned long r, unsigned long psize, unsigned long *index_ret)
{
	struct kvm_memory_slot *slot;
	long ret = H_PARAMETER;
	gfn_t gfn;

	if (!mutex_trylock(&kvm->slots_lock))
		return H_PTEG_FULL;
	slot = smt_hpte_slot(kvm, psize, r, &gfn);
	if (!slot || smt_slot_fits(slot, gfn, psize))
		ret = enter(kvm, flags, index, v, r, index_ret);
	mutex_unlock(&kvm->slots_lock);
	return ret;
}

/**
 * smt_do_h_enter() - H_ENTER (PAPR 14.5.4.1.2)
 * @kvm: the VM
 * @flags: H_EXACT and the others of H_ENTER
 * @index: of the HPTE, or of its group
 * @v: the entry's first dword
 * @r: its second, with the guest's real address
 * @index_ret: set to the index used
 *
 * Context: task of the VM's process, kvm->srcu read-held, preemptible.
 * Return: PAPR status; H_PARAMETER also for a large page that is not aligned in the process; H_PTEG_FULL also when
 * memslots are being changed at a large page that has none.
 */
long smt_do_h_enter(struct kvm *kvm, unsigned long flags, unsigned long index, unsigned long v,
		    unsigned long r, unsigned long *index_ret)
{
	unsigned long psize = kvmppc_actual_pgsz(v, r);
	struct kvm_memory_slot *slot;
	gfn_t gfn;

	if (psize > PAGE_SIZE) {
		slot = smt_hpte_slot(kvm, psize, r, &gfn);
		if (!slot)
			return enter_without_slot(kvm, flags, index, v, r, psize, index_ret);
		if (!smt_slot_fits(slot, gfn, psize))
			return H_PARAMETER;
	}
	return enter(kvm, flags, index, v, r, index_ret);
}
