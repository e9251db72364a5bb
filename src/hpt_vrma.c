// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual real mode area (VRMA): how a guest with its MMU off reaches its memory.
 *
 * With VPM=1 the hardware translates such accesses through the HPT, too, in a segment that the
 * hypervisor owns: VSID 0x1ffffff, 1 TiB, its base page size in LPCR[VRMASD] (Power ISA 2.07 Book
 * III-S 5.7.3.3). KVM puts an HPTE for each page of memslot 0 there, bolted, before a vcpu first runs.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/hugetlb.h>
#include <linux/log2.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>

#include "hpt.h"

#define VRMA_SEGMENT_SHIFT	40		/* 1 TiB */
#define VRMA_PTEG_SLOT		7		/* the guest's own entries come in at slot 0 */

static const unsigned int vrma_page_shifts[] = { 24, 16, 12 };

/* The bits of LPCR that are one for the whole VM: in the VM, and in every vcore. */
static void update_lpcr(struct kvm *kvm, unsigned long lpcr, unsigned long mask)
{
	unsigned int i, found = 0;
	unsigned long flags;

	kvm->arch.lpcr = (kvm->arch.lpcr & ~mask) | lpcr;

	for (i = 0; i < KVM_MAX_VCORES && found < kvm->arch.online_vcores; i++) {
		struct kvmppc_vcore *vc = READ_ONCE(kvm->arch.vcores[i]);

		if (!vc)
			continue;
		found++;
		spin_lock_irqsave(&vc->lock, flags);
		vc->lpcr = (vc->lpcr & ~mask) | lpcr;
		spin_unlock_irqrestore(&vc->lock, flags);
	}
}

/**
 * smt_vrma_set_page_shift - say which base page size the VRMA's entries have
 * @kvm: the VM
 * @shift: log2 of the page size in bytes: 12, 16 or 24
 *
 * Context: mmu_setup_lock held (a vcore is added under it), no vcpu in the guest.
 */
void smt_vrma_set_page_shift(struct kvm *kvm, unsigned int shift)
{
	unsigned long senc = slb_pgsize_encoding(1ul << shift);

	kvm->arch.vrma_slb_v = senc | SLB_VSID_B_1T | (VRMA_VSID << SLB_VSID_SHIFT_1T);
	/* L and LP stand in VRMASD's five bits as they do in bits 55:59 of an SLB entry */
	update_lpcr(kvm, senc << (LPCR_VRMASD_SH - 4), LPCR_VRMASD);
}

/*
 * log2 of the smallest page that backs [start, end) of the VM's process, at most 24. A large HPTE
 * needs pages that stay large: transparent huge pages do not count.
 */
static int smallest_backing_shift(struct kvm *kvm, unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;
	unsigned int shift = 24;
	int r = -EINVAL;

	mmap_read_lock(kvm->mm);
	vma = find_vma(kvm->mm, start);
	if (!vma || vma->vm_start > start || (vma->vm_flags & (VM_IO | VM_PFNMAP)))
		goto out;

	while (vma && vma->vm_start < end) {
		shift = min_t(unsigned int, shift, ilog2(vma_kernel_pagesize(vma)));
		if (vma->vm_end >= end)
			break;
		/* a hole is no reason to refuse, it faults when it is touched */
		vma = find_vma(kvm->mm, vma->vm_end);
	}
	r = shift;
out:
	mmap_read_unlock(kvm->mm);
	return r;
}

static int choose_page_shift(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	unsigned long start = slot->userspace_addr;
	unsigned long len = min(slot->npages << PAGE_SHIFT, 1ul << VRMA_SEGMENT_SHIFT);
	int i, backing = smallest_backing_shift(kvm, start, start + len);

	if (backing < 0)
		return backing;

	for (i = 0; i < ARRAY_SIZE(vrma_page_shifts); i++) {
		unsigned int shift = vrma_page_shifts[i];
		unsigned long psize = 1ul << shift;

		if (shift <= backing && slot_is_aligned(slot, psize) && IS_ALIGNED(start, psize))
			return shift;
	}
	return -EINVAL;
}

/*
 * One HPTE for each page of the slot, as far as the segment reaches and while each can have a group
 * of its own: PAPR gives the guest no more than that as real mode area either. An entry that stands
 * in the place already has come in through the HTAB fd and is kept.
 */
static int map_slot(struct kvm *kvm, const struct kvm_memory_slot *slot, unsigned int shift)
{
	unsigned long mask = kvmppc_hpt_mask(&kvm->arch.hpt);
	unsigned long npages = slot->npages << PAGE_SHIFT >> shift;
	unsigned long v, r, i, index, index_ret;
	long ret;

	npages = min3(npages, 1ul << (VRMA_SEGMENT_SHIFT - shift), mask + 1);
	v = HPTE_V_1TB_SEG | (VRMA_VSID << (VRMA_SEGMENT_SHIFT - 16)) | HPTE_V_BOLTED;
	if (shift > 12)
		v |= HPTE_V_LARGE;
	r = ((unsigned long)kvmppc_pgsize_lp_encoding(shift, shift) << LP_SHIFT) |
		HPTE_R_R | HPTE_R_C | HPTE_R_M | PP_RWXX;

	for (i = 0; i < npages; i++) {
		unsigned long offset = i << shift;

		/* the hash of a 1 TiB segment, Power ISA 2.07 5.7.7.3 */
		index = (i ^ VRMA_VSID ^ (VRMA_VSID << 25)) & mask;
		index = (index << PTEG_SHIFT) + VRMA_PTEG_SLOT;
		ret = smt_do_h_enter(kvm, H_EXACT, index, v | ((offset >> 16) & ~0x7ful),
				     r | offset, &index_ret);
		if (ret != H_SUCCESS && ret != H_PTEG_FULL) {
			pr_err_ratelimited("VM of pid %d: no real mode area at guest address 0x%lx (PAPR status %ld); check how its memory is mapped\n",
					   current->tgid, offset, ret);
			return -EINVAL;
		}
		cond_resched();
	}
	return 0;
}

static int alloc_default_hpt(struct kvm *kvm)
{
	struct kvm_hpt_info info;
	u32 order = KVM_DEFAULT_HPT_ORDER;
	int r;

	do {
		r = smt_hpt_alloc(&info, order);
	} while (r == -ENOMEM && order-- > PPC_MIN_HPT_ORDER);

	if (!r)
		smt_hpt_set(kvm, &info);
	return r;
}

/* mmu_setup_lock held, mmu_ready clear */
static int setup_locked(struct kvm *kvm)
{
	struct kvm_memory_slot *slot;
	int idx, r;

	if (!kvm->arch.hpt.virt) {
		r = alloc_default_hpt(kvm);
		if (r)
			return r;
	}

	idx = srcu_read_lock(&kvm->srcu);
	slot = smt_visible_slot(kvm, 0);
	r = slot ? choose_page_shift(kvm, slot) : -EINVAL;
	if (r >= 0) {
		smt_vrma_set_page_shift(kvm, r);
		r = map_slot(kvm, slot, r);
	}
	srcu_read_unlock(&kvm->srcu, idx);
	if (r)
		return r;

	/* the HPT and LPCR before the word that announces them; pairs with KVM_RUN's smp_mb() */
	smp_wmb();
	WRITE_ONCE(kvm->arch.mmu_ready, 1);
	return 0;
}

/**
 * smt_hpt_setup - make the HPT ready to run a vcpu on
 * @vcpu: a vcpu in KVM_RUN that has found mmu_ready clear
 *
 * Allocates an HPT if userspace did not (16 MiB, or the most there is), and the VRMA. Waits while
 * somebody else replaces the HPT.
 *
 * Context: the vcpu's task, in the VM's own mm; may sleep. vcpu->mutex held, kvm->srcu not held:
 * who replaces the HPT waits for its readers.
 *
 * Return: 0: mmu_ready was seen set; -EINVAL: no usable memory at guest address 0; -ENOMEM.
 */
int smt_hpt_setup(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;
	int r = 0;

	mutex_lock(&kvm->arch.mmu_setup_lock);
	if (!kvm->arch.mmu_ready)
		r = setup_locked(kvm);
	mutex_unlock(&kvm->arch.mmu_setup_lock);
	return r;
}
