// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a guest's HPT: allocate, reset, replace, free.
 */
#include <linux/cpumask.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "hpt.h"

/*
 * The rings of the reverse map link HPTEs by 32-bit numbers (struct revmap_entry), which is all the
 * kernel's exported functions know, so no table can have more entries.
 */
#define HPT_REVMAP_MAX_ORDER	(32 + HPTE_SHIFT)

/* Clearing the largest tables takes seconds. */
static void clear_table(unsigned long virt, u32 order)
{
	unsigned long step = min(1ul << order, 1ul << PPC_MIN_HPT_ORDER << 4);
	unsigned long p;

	for (p = virt; p < virt + (1ul << order); p += step) {
		memset((void *)p, 0, step);
		cond_resched();
	}
}

/* Fills in virt and cma; the memory is zero. */
static int alloc_table(struct kvm_hpt_info *info, u32 order)
{
	struct page *page;

	page = kvm_alloc_hpt_cma(1ul << (order - PAGE_SHIFT));
	if (page) {
		info->virt = (unsigned long)pfn_to_kaddr(page_to_pfn(page));
		info->cma = 1;
		clear_table(info->virt, order);
		return 0;
	}

	info->virt = __get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_RETRY_MAYFAIL |
				      __GFP_NOWARN, order - PAGE_SHIFT);
	info->cma = 0;
	return info->virt ? 0 : -ENOMEM;
}

static void free_table(struct kvm_hpt_info *info)
{
	if (info->cma)
		kvm_free_hpt_cma(virt_to_page((void *)info->virt),
				 1ul << (info->order - PAGE_SHIFT));
	else
		free_pages(info->virt, info->order - PAGE_SHIFT);
}

/**
 * smt_hpt_alloc - allocate an empty HPT and its reverse map
 * @info: filled in on success, not touched otherwise
 * @order: log2 of the table's size in bytes
 *
 * The table is contiguous, aligned to 256 KiB at least (Power ISA 2.07 5.7.7.1): from the contiguous
 * memory area that the kernel keeps for this (kvm_cma_resv_ratio=), or else from the page allocator.
 *
 * Context: task, may sleep, for seconds with the largest orders.
 *
 * Return: 0; -EINVAL for an order that the architecture does not have; -ENOMEM.
 */
int smt_hpt_alloc(struct kvm_hpt_info *info, u32 order)
{
	struct kvm_hpt_info new = { .order = order };

	if (order < PPC_MIN_HPT_ORDER || order > PPC_MAX_HPT_ORDER)
		return -EINVAL;
	if (order > HPT_REVMAP_MAX_ORDER || alloc_table(&new, order))
		return -ENOMEM;

	new.rev = __vmalloc(array_size(sizeof(*new.rev), kvmppc_hpt_npte(&new)),
			    GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN);
	if (!new.rev) {
		free_table(&new);
		return -ENOMEM;
	}

	*info = new;
	return 0;
}

/**
 * smt_hpt_free - free an HPT
 * @info: the table, or all zero for none; all zero afterwards
 *
 * Context: task, may sleep. Nothing refers to the table any more (hpt.h says who may).
 */
void smt_hpt_free(struct kvm_hpt_info *info)
{
	if (info->virt) {
		vfree(info->rev);
		free_table(info);
	}
	memset(info, 0, sizeof(*info));
}

/**
 * smt_hpt_set - make a table the HPT of a VM
 * @kvm: the VM
 * @info: the table, now owned by the VM
 *
 * Context: mmu_setup_lock held, no vcpu uses the HPT (hpt.h), all rings of the old one are empty.
 */
void smt_hpt_set(struct kvm *kvm, const struct kvm_hpt_info *info)
{
	spin_lock(&kvm->mmu_lock);
	/* what is in the table, before the hardware's walks of it */
	asm volatile("ptesync" : : : "memory");
	kvm->arch.hpt = *info;
	kvm->arch.sdr1 = __pa(info->virt) | (info->order - PPC_MIN_HPT_ORDER);
	spin_unlock(&kvm->mmu_lock);

	/* what vcpus cached: translations in the TLBs, and HPTEs that stand for emulated MMIO */
	cpumask_setall(&kvm->arch.need_tlb_flush);
	atomic64_inc(&kvm->arch.mmio_update);
}

/**
 * smt_hpt_stop_vcpus - keep vcpus out of KVM_RUN's inner part, if none is in it
 * @kvm: the VM
 *
 * On success mmu_ready is 0, and a vcpu that comes waits in smt_hpt_setup() for mmu_setup_lock. The
 * caller sets mmu_ready again, or leaves that to smt_hpt_setup().
 *
 * Context: mmu_setup_lock held.
 *
 * Return: 0, or -EBUSY with nothing changed.
 */
int smt_hpt_stop_vcpus(struct kvm *kvm)
{
	if (!kvm->arch.mmu_ready)
		return 0;

	WRITE_ONCE(kvm->arch.mmu_ready, 0);
	/* pairs with the smp_mb() between vcpus_running++ and the test of mmu_ready in KVM_RUN */
	smp_mb();
	if (!atomic_read(&kvm->arch.vcpus_running))
		return 0;

	WRITE_ONCE(kvm->arch.mmu_ready, 1);
	return -EBUSY;
}

/*
 * Empty the table in place. Readers of an HTAB fd have to hear of the entries that go: their
 * MODIFIED bit stays, all else of the reverse map is garbage once no ring starts anywhere.
 */
static void reset_table(struct kvm *kvm)
{
	unsigned long i, npte = smt_hpt_entries(kvm);

	if (atomic_read(&kvm->arch.hpte_mod_interest)) {
		for (i = 0; i < npte; i++) {
			if (*smt_hpte(kvm, i))
				kvm->arch.hpt.rev[i].guest_rpte = HPTE_GR_MODIFIED;
			if (!(i % PAGE_SIZE))
				cond_resched();
		}
	}
	clear_table(kvm->arch.hpt.virt, kvm->arch.hpt.order);
	asm volatile("ptesync" : : : "memory");
	cpumask_setall(&kvm->arch.need_tlb_flush);
	atomic64_inc(&kvm->arch.mmio_update);
}

/* mmu_setup_lock held, vcpus stopped. On failure the old table is as it was. */
static int replace_table(struct kvm *kvm, u32 order)
{
	struct kvm_hpt_info old = kvm->arch.hpt, new;
	int r;

	r = smt_hpt_alloc(&new, order);
	if (r)
		return r;

	smt_rmap_reset(kvm);
	smt_hpt_set(kvm, &new);
	smt_hpt_free(&old);
	return 0;
}

/**
 * smt_vm_ioctl_allocate_htab - KVM_PPC_ALLOCATE_HTAB
 * @kvm: the VM
 * @argp: log2 of the HPT's size in bytes, 18 to 46; not written
 *
 * A table of this size is emptied, one of another size replaced. The VRMA's entries come back at the
 * next KVM_RUN. A pending resize is dropped: what prepared it is the guest that was.
 *
 * Source: Documentation/virt/kvm/api.rst 4.76.
 * Context: VM ioctl, may sleep.
 *
 * Return: 0; -EFAULT; -EINVAL for the order; -EBUSY if vcpus run; -ENOMEM. On error the old table is
 * as it was.
 */
int smt_vm_ioctl_allocate_htab(struct kvm *kvm, u32 __user *argp)
{
	int was_ready, r;
	u32 order;

	if (get_user(order, argp))
		return -EFAULT;
	if (order < PPC_MIN_HPT_ORDER || order > PPC_MAX_HPT_ORDER)
		return -EINVAL;

	mutex_lock(&kvm->arch.mmu_setup_lock);
	was_ready = kvm->arch.mmu_ready;
	r = smt_hpt_stop_vcpus(kvm);
	if (r)
		goto out;

	if (kvm->arch.hpt.virt && kvm->arch.hpt.order == order) {
		smt_rmap_reset(kvm);
		reset_table(kvm);
	} else {
		r = replace_table(kvm, order);
	}

	if (r)
		WRITE_ONCE(kvm->arch.mmu_ready, was_ready);
	else
		smt_hpt_resize_cancel(smt_vm_of(kvm));
out:
	mutex_unlock(&kvm->arch.mmu_setup_lock);
	return r;
}

/**
 * smt_hpt_destroy_vm - free what a VM's HPT took
 * @vm: the VM
 *
 * Context: destroy_vm: no vcpu, no memory notifier, no file refers to the VM. May sleep.
 */
void smt_hpt_destroy_vm(struct smt_vm *vm)
{
	mutex_lock(&vm->kvm->arch.mmu_setup_lock);
	smt_hpt_resize_cancel(vm);
	mutex_unlock(&vm->kvm->arch.mmu_setup_lock);
	smt_hpt_free(&vm->kvm->arch.hpt);
}
