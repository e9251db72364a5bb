// SPDX-License-Identifier: GPL-2.0-only
/*
 * H_PAGE_INIT, and zeroing of guest memory (PAPR 14.5.4.2).
 *
 * Guest memory is reached through the process, like a system call does: with its page faults, and
 * with the MMU notifiers doing what a write by the host needs.
 */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <asm/hvcall.h>

#include "hpt.h"

#define PAGE_INIT_SIZE		4096ul
#define PAGE_INIT_FLAGS		(H_ICACHE_INVALIDATE | H_ICACHE_SYNCHRONIZE | H_ZERO_PAGE | \
				 H_COPY_PAGE | H_PAGE_SET_LOANED)

static unsigned long hva_of(struct kvm_memory_slot *slot, gpa_t gpa)
{
	return __gfn_to_hva_memslot(slot, gpa >> PAGE_SHIFT) + offset_in_page(gpa);
}

/**
 * smt_zero_memory - zero guest memory
 * @slot: memslot that has all of it
 * @gpa: guest real address
 * @len: bytes, a power of two that gpa is a multiple of
 *
 * Context: the vcpu's task in the VM's own mm, may sleep. kvm->srcu read-held.
 *
 * Return: 0, or -EFAULT if the process may not write there.
 */
int smt_zero_memory(struct kvm_memory_slot *slot, gpa_t gpa, unsigned long len)
{
	unsigned long done, step = min(len, PAGE_SIZE);
	unsigned long hva = hva_of(slot, gpa);

	for (done = 0; done < len; done += step) {
		if (clear_user((void __user *)(hva + done), step))
			return -EFAULT;
		cond_resched();
	}
	kvmppc_update_dirty_map(slot, gpa >> PAGE_SHIFT, len);
	return 0;
}

/* Copy within guest memory, a piece of the kernel stack at a time. */
static int copy_memory(struct kvm_memory_slot *dest_slot, gpa_t dest,
		       struct kvm_memory_slot *src_slot, gpa_t src)
{
	unsigned long dest_hva = hva_of(dest_slot, dest), src_hva = hva_of(src_slot, src);
	unsigned long done;
	u64 piece[32];

	for (done = 0; done < PAGE_INIT_SIZE; done += sizeof(piece)) {
		if (copy_from_user(piece, (void __user *)(src_hva + done), sizeof(piece)) ||
		    copy_to_user((void __user *)(dest_hva + done), piece, sizeof(piece)))
			return -EFAULT;
	}
	kvmppc_update_dirty_map(dest_slot, dest >> PAGE_SHIFT, PAGE_SIZE);
	return 0;
}

/* kvm->srcu read-held */
static long page_init(struct kvm *kvm, unsigned long flags, gpa_t dest, gpa_t src)
{
	struct kvm_memory_slot *dest_slot, *src_slot;
	int r = 0;

	if (flags & ~PAGE_INIT_FLAGS)
		return H_PARAMETER;
	if (!IS_ALIGNED(dest, PAGE_INIT_SIZE) ||
	    ((flags & H_COPY_PAGE) && !IS_ALIGNED(src, PAGE_INIT_SIZE)))
		return H_PARAMETER;
	dest_slot = smt_visible_slot(kvm, dest >> PAGE_SHIFT);
	if (!dest_slot)
		return H_PARAMETER;

	if (flags & H_COPY_PAGE) {
		src_slot = smt_visible_slot(kvm, src >> PAGE_SHIFT);
		if (!src_slot)
			return H_PARAMETER;
		r = copy_memory(dest_slot, dest, src_slot, src);
	} else if (flags & H_ZERO_PAGE) {
		r = smt_zero_memory(dest_slot, dest, PAGE_INIT_SIZE);
	}
	return r ? H_PARAMETER : H_SUCCESS;
}

/**
 * smt_h_page_init - H_PAGE_INIT(r4 flags, r5 destination, r6 source)
 * @vcpu: the addresses are guest real ones of 4 KiB pages, the source only with H_COPY_PAGE
 *
 * The flags about the instruction cache need nothing done: it is coherent on POWER7 and POWER8. Those
 * about the page's state are hints.
 *
 * Context: the vcpu's task in the VM's own mm, may sleep.
 *
 * Return: H_SUCCESS, or H_PARAMETER: a flag, an alignment, no memory.
 */
long smt_h_page_init(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;
	long ret;
	int idx;

	idx = srcu_read_lock(&kvm->srcu);
	ret = page_init(kvm, kvmppc_get_gpr(vcpu, 4), kvmppc_get_gpr(vcpu, 5),
			kvmppc_get_gpr(vcpu, 6));
	srcu_read_unlock(&kvm->srcu, idx);
	return ret;
}
