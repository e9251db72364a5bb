// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memslots: their reverse map, and how many of them log dirty pages.
 */
#include <linux/overflow.h>
#include <linux/vmalloc.h>

#include "hpt.h"

static bool logs_dirty(const struct kvm_memory_slot *slot)
{
	return slot && slot->dirty_bitmap;
}

/*
 * One word for each page: the head of the ring of HPTEs that map it, R and C that were harvested.  Userspace
 * chooses the size, so a failure is no matter for the host's log.
 */
static int alloc_rmap(struct kvm_memory_slot *slot)
{
	slot->arch.rmap = __vmalloc(array_size(slot->npages, sizeof(*slot->arch.rmap)),
				    GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN);
	return slot->arch.rmap ? 0 : -ENOMEM;
}

/*
 * The first slot that logs. From here on real mode must not write HPTEs that harvest C, because the
 * dirty bitmap is not reachable there: it looks at dirty_slots, and a run that has looked too early
 * is over before the slot with the bitmap becomes visible.
 */
static void start_logging(struct smt_vm *vm)
{
	if (atomic_inc_return(&vm->dirty_slots) == 1)
		synchronize_srcu(&vm->kvm->srcu);
}

/**
 * smt_prepare_memory_region - a memslot is to be created, moved, changed or deleted
 * @kvm: the VM
 * @old: the slot as it is, NULL for KVM_MR_CREATE
 * @new: the slot as it will be, not visible yet, NULL for KVM_MR_DELETE
 * @change: which of these
 *
 * Context: slots_lock held, may sleep (kvmppc_ops.prepare_memory_region).
 *
 * Return: 0, or -ENOMEM with nothing changed. After 0 comes smt_commit_memory_region().
 */
int smt_prepare_memory_region(struct kvm *kvm, const struct kvm_memory_slot *old,
			      struct kvm_memory_slot *new, enum kvm_mr_change change)
{
	if (change == KVM_MR_DELETE)
		return 0;

	if (change == KVM_MR_CREATE) {
		if (alloc_rmap(new))
			return -ENOMEM;
	} else {
		new->arch = old->arch;
	}

	if (logs_dirty(new) && !logs_dirty(old))
		start_logging(smt_vm_of(kvm));
	return 0;
}

/**
 * smt_commit_memory_region - the change is done
 * @kvm: the VM
 * @old: the slot as it was; nobody but the caller refers to it any more
 * @new: the slot as it is
 * @change: which change
 *
 * Context: slots_lock held, may sleep (kvmppc_ops.commit_memory_region).
 */
void smt_commit_memory_region(struct kvm *kvm, struct kvm_memory_slot *old,
			      const struct kvm_memory_slot *new, enum kvm_mr_change change)
{
	if (change == KVM_MR_DELETE)
		new = NULL;

	/* what was emulated MMIO may be memory now: the vcpus' caches of HPTEs for MMIO are stale */
	if (new)
		atomic64_inc(&kvm->arch.mmio_update);

	if (logs_dirty(old) && !logs_dirty(new))
		atomic_dec(&smt_vm_of(kvm)->dirty_slots);
}

/**
 * smt_free_memslot - free what smt_prepare_memory_region() has allocated
 * @slot: a memslot that is not in use any more, or never was
 *
 * Context: task, may sleep (kvmppc_ops.free_memslot).
 */
void smt_free_memslot(struct kvm_memory_slot *slot)
{
	vfree(slot->arch.rmap);
	slot->arch.rmap = NULL;
}
