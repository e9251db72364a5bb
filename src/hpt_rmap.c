// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a guest page to the HPTEs that map it: what the host does when it takes a page away, moves
 * it, or asks whether it was used (MMU notifiers: swap, KSM, migration, hugetlb), and when a memslot
 * goes.
 */
#include <linux/kvm_host.h>
#include <linux/sched.h>

#include "hpt.h"

#define RMAP_RC(r)	((unsigned long)(r) << KVMPPC_RMAP_RC_SHIFT)

/* Take an entry out of its page's ring. HPTE lock and rmap lock held. */
static void ring_remove(struct kvm *kvm, unsigned long *rmap, unsigned long index)
{
	struct revmap_entry *rev = kvm->arch.hpt.rev;
	unsigned int forw = rev[index].forw, back = rev[index].back;

	if (forw == index) {
		*rmap &= ~(KVMPPC_RMAP_PRESENT | KVMPPC_RMAP_INDEX);
		return;
	}
	rev[forw].back = back;
	rev[back].forw = forw;
	rev[index].forw = rev[index].back = index;
	if ((*rmap & KVMPPC_RMAP_INDEX) == index)
		*rmap = (*rmap & ~KVMPPC_RMAP_INDEX) | forw;
}

/*
 * Make a valid entry absent and keep what the hardware noted in it: for the guest in its own second
 * dword, for the host in the rmap word and the dirty bitmap. HPTE lock and rmap lock held.
 */
static void make_absent(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t gfn,
			unsigned long *rmap, unsigned long index)
{
	struct revmap_entry *rev = &kvm->arch.hpt.rev[index];
	__be64 *hpte = smt_hpte(kvm, index);
	unsigned long rc;

	hpte[0] |= cpu_to_be64(HPTE_V_ABSENT);
	kvmppc_invalidate_hpte(kvm, hpte, index);

	/* final only now: the hardware writes R and C as long as the translation lives */
	rc = be64_to_cpu(hpte[1]) & (HPTE_R_R | HPTE_R_C);
	/* the guest may use key 31 for memory; in an absent entry it would mean MMIO */
	hpte[1] &= ~cpu_to_be64(HPTE_R_MMIO_KEY);

	*rmap |= RMAP_RC(rc);
	if (rc & HPTE_R_C)
		kvmppc_update_dirty_map(slot, gfn,
					kvmppc_actual_pgsz(be64_to_cpu(hpte[0]),
							   be64_to_cpu(hpte[1])));
	if (rc & ~rev->guest_rpte) {
		rev->guest_rpte |= rc;
		note_hpte_modification(kvm, rev);
	}
}

/**
 * smt_rmap_unlink - make one valid HPTE absent and take it out of its ring
 * @kvm: the VM
 * @slot: memslot of the page
 * @gfn: the page the HPTE maps, its first PAGE_SIZE if it is larger
 * @index: of the HPTE
 *
 * Context: HPTE lock held, preemption off.
 */
void smt_rmap_unlink(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t gfn, unsigned long index)
{
	unsigned long *rmap = smt_rmap(slot, gfn);

	lock_rmap(rmap);
	ring_remove(kvm, rmap, index);
	make_absent(kvm, slot, gfn, rmap, index);
	unlock_rmap(rmap);
}

/*
 * Lock the rmap word and the HPTE at the head of its ring. mmu_lock held.
 * Return: false with nothing locked if the ring is empty.
 */
static bool lock_ring_head(struct kvm *kvm, unsigned long *rmap, unsigned long *index)
{
	for (;;) {
		lock_rmap(rmap);
		if (!(*rmap & KVMPPC_RMAP_PRESENT)) {
			unlock_rmap(rmap);
			return false;
		}
		*index = *rmap & KVMPPC_RMAP_INDEX;
		if (try_lock_hpte(smt_hpte(kvm, *index), HPTE_V_HVLOCK))
			return true;
		/* its holder may be waiting for our rmap lock */
		unlock_rmap(rmap);
		cpu_relax();
	}
}

/* mmu_lock held */
static void unmap_gfn(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t gfn)
{
	unsigned long *rmap = smt_rmap(slot, gfn);
	unsigned long index;
	__be64 *hpte;

	while (lock_ring_head(kvm, rmap, &index)) {
		hpte = smt_hpte(kvm, index);
		ring_remove(kvm, rmap, index);
		make_absent(kvm, slot, gfn, rmap, index);
		unlock_rmap(rmap);
		unlock_hpte(hpte, be64_to_cpu(hpte[0]));
	}
}

/**
 * smt_unmap_gfn_range - MMU notifier: these pages go (kvmppc_ops.unmap_gfn_range)
 * @kvm: the VM
 * @range: the guest pages
 *
 * Context: mmu_lock held, may be dropped in between; mmu_invalidate_in_progress counted up: a page
 * fault that has looked up one of the pages before sees that under the rmap lock (smt_hpt_map(),
 * kvmppc_do_h_enter()).
 *
 * Return: false, no TLB flush is left to do.
 */
bool smt_unmap_gfn_range(struct kvm *kvm, struct kvm_gfn_range *range)
{
	gfn_t gfn;

	for (gfn = range->start; gfn < range->end; gfn++) {
		unmap_gfn(kvm, range->slot, gfn);
		/* a whole guest takes seconds; the count stays up, so nothing comes in behind us */
		if (range->may_block)
			cond_resched_lock(&kvm->mmu_lock);
	}
	return false;
}

/**
 * smt_set_spte_gfn - MMU notifier: a page is at another real address (kvmppc_ops.set_spte_gfn)
 * @kvm: the VM
 * @range: one guest page
 *
 * Context: mmu_lock held.
 *
 * Return: false.
 */
bool smt_set_spte_gfn(struct kvm *kvm, struct kvm_gfn_range *range)
{
	/* the guest's next access looks it up anew */
	return smt_unmap_gfn_range(kvm, range);
}

/* Clear R in one entry of a ring. HPTE lock and rmap lock held. */
static bool age_hpte(struct kvm *kvm, unsigned long index)
{
	struct revmap_entry *rev = &kvm->arch.hpt.rev[index];
	__be64 *hpte = smt_hpte(kvm, index);

	if (!(be64_to_cpu(hpte[0]) & HPTE_V_VALID) || !(be64_to_cpu(hpte[1]) & HPTE_R_R))
		return false;

	kvmppc_clear_ref_hpte(kvm, hpte, index);
	if (!(rev->guest_rpte & HPTE_R_R)) {
		rev->guest_rpte |= HPTE_R_R;
		note_hpte_modification(kvm, rev);
	}
	return true;
}

/*
 * One round over a ring, rmap lock held. Return: false if an HPTE could not be locked: the caller
 * lets go and comes again; what was aged is not R any more, *young remembers it.
 */
static bool age_ring(struct kvm *kvm, unsigned long head, bool *young)
{
	unsigned long i = head;

	do {
		__be64 *hpte = smt_hpte(kvm, i);

		if (be64_to_cpu(READ_ONCE(hpte[1])) & HPTE_R_R) {
			if (!try_lock_hpte(hpte, HPTE_V_HVLOCK))
				return false;
			*young |= age_hpte(kvm, i);
			unlock_hpte(hpte, be64_to_cpu(hpte[0]));
		}
		i = kvm->arch.hpt.rev[i].forw;
	} while (i != head);
	return true;
}

/* mmu_lock held */
static bool age_gfn(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t gfn)
{
	unsigned long *rmap = smt_rmap(slot, gfn);
	bool done, young = false;

	do {
		done = true;
		lock_rmap(rmap);
		if (*rmap & KVMPPC_RMAP_REFERENCED) {
			*rmap &= ~KVMPPC_RMAP_REFERENCED;
			young = true;
		}
		if (*rmap & KVMPPC_RMAP_PRESENT)
			done = age_ring(kvm, *rmap & KVMPPC_RMAP_INDEX, &young);
		unlock_rmap(rmap);
		if (!done)
			cpu_relax();
	} while (!done);
	return young;
}

/**
 * smt_age_gfn - MMU notifier: were these pages used since the last time? (kvmppc_ops.age_gfn)
 * @kvm: the VM
 * @range: the guest pages; they count as unused from now on
 *
 * Context: mmu_lock held.
 *
 * Return: true if one of them was.
 */
bool smt_age_gfn(struct kvm *kvm, struct kvm_gfn_range *range)
{
	bool young = false;
	gfn_t gfn;

	for (gfn = range->start; gfn < range->end; gfn++)
		young |= age_gfn(kvm, range->slot, gfn);
	return young;
}

/* R somewhere in the ring. rmap lock held; R is read without the HPTE lock, as the hardware sets it. */
static bool ring_referenced(struct kvm *kvm, unsigned long head)
{
	unsigned long i = head;

	do {
		if (be64_to_cpu(READ_ONCE(smt_hpte(kvm, i)[1])) & HPTE_R_R)
			return true;
		i = kvm->arch.hpt.rev[i].forw;
	} while (i != head);
	return false;
}

/**
 * smt_test_age_gfn - MMU notifier: were these pages used? (kvmppc_ops.test_age_gfn)
 * @kvm: the VM
 * @range: the guest pages; nothing of them changes
 *
 * Context: mmu_lock held.
 *
 * Return: true if one of them was.
 */
bool smt_test_age_gfn(struct kvm *kvm, struct kvm_gfn_range *range)
{
	bool young = false;
	gfn_t gfn;

	for (gfn = range->start; gfn < range->end && !young; gfn++) {
		unsigned long *rmap = smt_rmap(range->slot, gfn);

		lock_rmap(rmap);
		if (*rmap & KVMPPC_RMAP_REFERENCED)
			young = true;
		else if (*rmap & KVMPPC_RMAP_PRESENT)
			young = ring_referenced(kvm, *rmap & KVMPPC_RMAP_INDEX);
		unlock_rmap(rmap);
	}
	return young;
}

/**
 * smt_flush_memslot - a memslot is about to go or to move (kvmppc_ops.flush_memslot)
 * @kvm: the VM
 * @slot: the memslot; marked invalid, and all who knew it without the mark are gone (kvm->srcu), so
 *	nothing is entered for it any more
 *
 * Context: slots_lock held, may sleep.
 */
void smt_flush_memslot(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	unsigned long i;

	spin_lock(&kvm->mmu_lock);
	for (i = 0; i < slot->npages; i++) {
		if (READ_ONCE(slot->arch.rmap[i]) & KVMPPC_RMAP_PRESENT)
			unmap_gfn(kvm, slot, slot->base_gfn + i);
		cond_resched_lock(&kvm->mmu_lock);
	}
	spin_unlock(&kvm->mmu_lock);
}

/* A slot that logs dirty pages needs C from all its HPTEs first; else forgetting the rings will do. */
static void reset_slot(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	unsigned long i;

	spin_lock(&kvm->mmu_lock);
	for (i = 0; i < slot->npages; i++) {
		if (slot->dirty_bitmap)
			unmap_gfn(kvm, slot, slot->base_gfn + i);
		slot->arch.rmap[i] = 0;
		cond_resched_lock(&kvm->mmu_lock);
	}
	spin_unlock(&kvm->mmu_lock);
}

/**
 * smt_rmap_reset - empty all rings, because the whole HPT goes
 * @kvm: the VM
 *
 * The HPTEs themselves are left to the caller, and so is flushing the TLBs before a vcpu runs.
 *
 * Context: mmu_setup_lock held, vcpus stopped, may sleep.
 */
void smt_rmap_reset(struct kvm *kvm)
{
	struct kvm_memory_slot *slot;
	int bkt, idx;

	idx = srcu_read_lock(&kvm->srcu);
	smt_for_each_memslot(slot, bkt, kvm_memslots(kvm))
		reset_slot(kvm, slot);
	srcu_read_unlock(&kvm->srcu, idx);
}
