// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_DIRTY_LOG: the pages of a memslot that were written since the last call.
 *
 * The bits come from three places: C in the HPTEs; what was noted in the first half of the slot's
 * dirty_bitmap meanwhile (entries that went, writes by the host); and the areas that the hypervisor
 * itself writes for the guest (VPA, dispatch trace log). The second half of dirty_bitmap is scratch
 * space of this ioctl, under slots_lock.
 */
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "hpt.h"

/*
 * Could the page have been written through this entry without C to be seen yet? The hardware may
 * write C late; tlbie makes it final. An entry that is not writable had that when it became so. And
 * while vcpus run there will be another call.
 */
static bool may_be_dirty(struct kvm *kvm, unsigned long r)
{
	return (r & HPTE_R_C) ||
		(hpte_is_writable(r) && !atomic_read(&kvm->arch.vcpus_running));
}

/*
 * Read and clear C. HPTE lock and rmap lock held. The entry is absent for the moment, so that C is
 * final and whoever faults on it waits for the HPTE lock.
 * Return: pages of PAGE_SIZE that were written, 0 or the size of the entry's page.
 */
static unsigned long harvest_hpte(struct kvm *kvm, unsigned long index)
{
	struct revmap_entry *rev = &kvm->arch.hpt.rev[index];
	__be64 *hpte = smt_hpte(kvm, index);
	unsigned long v, r, npages = 0;

	v = be64_to_cpu(hpte[0]);
	if (!(v & HPTE_V_VALID))
		return 0;

	hpte[0] |= cpu_to_be64(HPTE_V_ABSENT);
	kvmppc_invalidate_hpte(kvm, hpte, index);
	r = be64_to_cpu(hpte[1]);
	if (r & HPTE_R_C) {
		hpte[1] = cpu_to_be64(r & ~HPTE_R_C);
		if (!(rev->guest_rpte & HPTE_R_C)) {
			rev->guest_rpte |= HPTE_R_C;
			note_hpte_modification(kvm, rev);
		}
		npages = DIV_ROUND_UP(kvmppc_actual_pgsz(v, r), PAGE_SIZE);
	}
	/* second dword before the valid bit */
	eieio();
	hpte[0] = cpu_to_be64(v);
	return npages;
}

/* One round over a ring, rmap lock held. false: an HPTE could not be locked, come again. */
static bool harvest_ring(struct kvm *kvm, unsigned long head, unsigned long *npages)
{
	unsigned long i = head;

	do {
		__be64 *hpte = smt_hpte(kvm, i);

		if (may_be_dirty(kvm, be64_to_cpu(READ_ONCE(hpte[1])))) {
			if (!try_lock_hpte(hpte, HPTE_V_HVLOCK))
				return false;
			*npages = max(*npages, harvest_hpte(kvm, i));
			unlock_hpte(hpte, be64_to_cpu(hpte[0]));
		}
		i = kvm->arch.hpt.rev[i].forw;
	} while (i != head);
	return true;
}

/* mmu_lock held. Return: pages from this one on that were written. */
static unsigned long harvest_page(struct kvm *kvm, unsigned long *rmap)
{
	unsigned long npages = 0;
	bool done;

	do {
		done = true;
		lock_rmap(rmap);
		if (*rmap & KVMPPC_RMAP_PRESENT)
			done = harvest_ring(kvm, *rmap & KVMPPC_RMAP_INDEX, &npages);
		unlock_rmap(rmap);
		if (!done)
			cpu_relax();
	} while (!done);
	return npages;
}

static void harvest_hpt(struct kvm *kvm, struct kvm_memory_slot *slot, unsigned long *map)
{
	unsigned long i, npages;

	spin_lock(&kvm->mmu_lock);
	for (i = 0; i < slot->npages; i++) {
		npages = harvest_page(kvm, &slot->arch.rmap[i]);
		if (npages)
			set_dirty_bits(map, i, min(npages, slot->npages - i));
		cond_resched_lock(&kvm->mmu_lock);
	}
	spin_unlock(&kvm->mmu_lock);
}

static void harvest_vpas(struct kvm *kvm, struct kvm_memory_slot *slot, unsigned long *map)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	kvm_for_each_vcpu(i, vcpu, kvm) {
		spin_lock(&vcpu->arch.vpa_update_lock);
		smt_vpa_harvest_dirty(&vcpu->arch.vpa, slot, map);
		smt_vpa_harvest_dirty(&vcpu->arch.dtl, slot, map);
		spin_unlock(&vcpu->arch.vpa_update_lock);
	}
}

/* Move the bits that were noted since the last call into map. */
static void take_noted_bits(struct kvm_memory_slot *slot, unsigned long *map, unsigned long words)
{
	unsigned long i;

	for (i = 0; i < words; i++)
		if (slot->dirty_bitmap[i])
			map[i] |= xchg(&slot->dirty_bitmap[i], 0);
}

/* Userspace did not get them: keep them for its next call. */
static void give_bits_back(struct kvm_memory_slot *slot, const unsigned long *map,
			   unsigned long words)
{
	unsigned long i;

	for (i = 0; i < words; i++)
		if (map[i])
			atomic_long_or(map[i], (atomic_long_t *)&slot->dirty_bitmap[i]);
}

/* slots_lock held */
static int get_dirty_log(struct kvm *kvm, struct kvm_dirty_log *log)
{
	struct kvm_memory_slot *slot;
	unsigned long *map, bytes, words;

	if (log->slot >= KVM_USER_MEM_SLOTS)
		return -EINVAL;
	slot = id_to_memslot(kvm_memslots(kvm), log->slot);
	if (!slot || !slot->dirty_bitmap)
		return -ENOENT;

	bytes = kvm_dirty_bitmap_bytes(slot);
	words = bytes / sizeof(*map);
	map = slot->dirty_bitmap + words;
	memset(map, 0, bytes);

	harvest_hpt(kvm, slot, map);
	take_noted_bits(slot, map, words);
	harvest_vpas(kvm, slot, map);

	if (copy_to_user(log->dirty_bitmap, map, bytes)) {
		give_bits_back(slot, map, words);
		return -EFAULT;
	}
	return 0;
}

/**
 * smt_get_dirty_log - KVM_GET_DIRTY_LOG (kvmppc_ops.get_dirty_log)
 * @kvm: the VM
 * @log: slot number, and where userspace wants the bitmap
 *
 * Source: Documentation/virt/kvm/api.rst 4.8.
 * Context: VM ioctl, may sleep.
 *
 * Return: 0; -EINVAL: no such slot number; -ENOENT: no such slot, or it does not log; -EFAULT: the
 * bitmap cannot be written, what it would have said comes with the next call.
 */
int smt_get_dirty_log(struct kvm *kvm, struct kvm_dirty_log *log)
{
	int r;

	mutex_lock(&kvm->slots_lock);
	r = get_dirty_log(kvm, log);
	mutex_unlock(&kvm->slots_lock);
	return r;
}
