// SPDX-License-Identifier: GPL-2.0-only
/*
 * HPT resizing: KVM_PPC_RESIZE_HPT_PREPARE and _COMMIT, for the guest's H_RESIZE_HPT_* hcalls.
 *
 * PREPARE lets a worker allocate the new table. COMMIT keeps all vcpus out and moves the entries: an
 * entry stays in its place within the group, because the guest remembers that place, and its group
 * follows from its address by the hash for the new size. It comes in absent, so that the first
 * access looks the host page up anew.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "hpt.h"

#define PREPARE_POLL_MS		100	/* what PREPARE tells userspace to wait */
#define AVPN_SHIFT		23	/* bits of the virtual address that an HPTE does not have */

/* A resize from its PREPARE on. vm->resize and order: mmu_setup_lock. */
struct kvm_resize_hpt {
	struct work_struct work;
	u32 order;
	int error;		/* -EBUSY: the worker is at it; what it found else */
	struct kvm_hpt_info hpt;	/* valid when error is 0 */
};

static void prepare_work(struct work_struct *work)
{
	struct kvm_resize_hpt *resize = container_of(work, struct kvm_resize_hpt, work);
	int err = smt_hpt_alloc(&resize->hpt, resize->order);

	/* the table before the word that announces it; pairs with resize_state() */
	smp_store_release(&resize->error, err);
}

static int resize_state(const struct kvm_resize_hpt *resize)
{
	/* pairs with prepare_work() */
	return smp_load_acquire(&resize->error);
}

/**
 * smt_hpt_resize_cancel - drop the pending resize of a VM, if there is one
 * @vm: the VM
 *
 * Context: mmu_setup_lock held; may sleep until the worker has its table.
 */
void smt_hpt_resize_cancel(struct smt_vm *vm)
{
	struct kvm_resize_hpt *resize = vm->resize;

	if (!resize)
		return;
	vm->resize = NULL;
	/* a worker that has not begun leaves hpt as it is, all zero */
	cancel_work_sync(&resize->work);
	smt_hpt_free(&resize->hpt);
	kfree(resize);
}

static int start_resize(struct smt_vm *vm, u32 order)
{
	struct kvm_resize_hpt *resize = kzalloc(sizeof(*resize), GFP_KERNEL);

	if (!resize)
		return -ENOMEM;
	resize->order = order;
	resize->error = -EBUSY;
	INIT_WORK(&resize->work, prepare_work);
	vm->resize = resize;
	queue_work(system_long_wq, &resize->work);
	return PREPARE_POLL_MS;
}

/* mmu_setup_lock held */
static int prepare_locked(struct smt_vm *vm, u32 order)
{
	struct kvm_resize_hpt *resize = vm->resize;
	int state;

	if (resize && resize->order == order) {
		state = resize_state(resize);
		if (state == -EBUSY)
			return PREPARE_POLL_MS;
		if (state)
			smt_hpt_resize_cancel(vm);
		return state;
	}

	smt_hpt_resize_cancel(vm);
	return order ? start_resize(vm, order) : 0;
}

static bool order_ok(u32 order)
{
	return order >= PPC_MIN_HPT_ORDER && order <= PPC_MAX_HPT_ORDER;
}

/**
 * smt_vm_ioctl_resize_prepare - KVM_PPC_RESIZE_HPT_PREPARE
 * @kvm: the VM
 * @rhpt: shift: log2 of the new table's size in bytes, 0 to cancel; flags: 0
 *
 * Source: Documentation/virt/kvm/api.rst 4.102.
 * Context: VM ioctl, may sleep.
 *
 * Return: > 0: being prepared, ask again in so many ms; 0: prepared, or canceled; -EINVAL; -ENOMEM,
 * and nothing is pending then.
 */
int smt_vm_ioctl_resize_prepare(struct kvm *kvm, struct kvm_ppc_resize_hpt *rhpt)
{
	int r;

	if (rhpt->flags || (rhpt->shift && !order_ok(rhpt->shift)))
		return -EINVAL;

	mutex_lock(&kvm->arch.mmu_setup_lock);
	r = prepare_locked(smt_vm_of(kvm), rhpt->shift);
	mutex_unlock(&kvm->arch.mmu_setup_lock);
	return r;
}

/*
 * The group an entry belongs to in a table of another size. The entry's AVPN leaves out the low bits
 * of the address; those of them that count for the hash are found from the group it is in, the other
 * way round (Power ISA 2.07 Book III-S 5.7.7.3). Where a guest has put an entry into a group that its
 * address does not hash to, the hardware does not find it there, nor here.
 */
static unsigned long new_group(unsigned long v, unsigned int base_shift, unsigned long group,
			       unsigned long old_mask, unsigned long new_mask)
{
	unsigned int segment_shift = v & HPTE_V_1TB_SEG ? SID_SHIFT_1T : SID_SHIFT;
	unsigned long avpn = HPTE_V_AVPN_VAL(v), vsid, offset;

	vsid = avpn >> (segment_shift - AVPN_SHIFT);
	offset = (avpn << AVPN_SHIFT) & ((1ul << segment_shift) - 1);
	if (v & HPTE_V_1TB_SEG)
		vsid ^= vsid << 25;
	if (v & HPTE_V_SECONDARY)
		group ^= old_mask;
	if (base_shift < AVPN_SHIFT)
		offset |= ((vsid ^ group) << base_shift) & ((1ul << AVPN_SHIFT) - 1);

	group = (vsid ^ (offset >> base_shift)) & new_mask;
	return v & HPTE_V_SECONDARY ? group ^ new_mask : group;
}

/* A valid entry becomes absent and leaves its ring. HPTE lock and kvm->srcu held. */
static void detach(struct kvm *kvm, __be64 *hpte, unsigned long index)
{
	unsigned long gr = kvm->arch.hpt.rev[index].guest_rpte;
	unsigned long psize = kvmppc_actual_pgsz(be64_to_cpu(hpte[0]), gr);
	gfn_t gfn = (gr & HPTE_R_RPN & ~(psize - 1)) >> PAGE_SHIFT;
	/* also one that is about to go: it has the ring until it is gone */
	struct kvm_memory_slot *slot = __gfn_to_memslot(kvm_memslots(kvm), gfn);

	if (slot) {
		smt_rmap_unlink(kvm, slot, gfn, index);
	} else {
		hpte[0] |= cpu_to_be64(HPTE_V_ABSENT);
		kvmppc_invalidate_hpte(kvm, hpte, index);
	}
}

/*
 * Put an entry into the new table, which nobody else knows. Two entries with one place: the bolted
 * one has it, and an entry that is not bolted may get lost any time.
 */
static int place(struct kvm_hpt_info *new, unsigned long index, unsigned long v, unsigned long r,
		 unsigned long gr)
{
	__be64 *hpte = (__be64 *)(new->virt + (index << HPTE_SHIFT));
	unsigned long other = be64_to_cpu(hpte[0]);

	if (other & HPTE_V_EXISTS) {
		if (!(v & HPTE_V_BOLTED))
			return 0;
		if (other & HPTE_V_BOLTED)
			return -ENOSPC;
	}
	hpte[1] = cpu_to_be64(r);
	hpte[0] = cpu_to_be64(v);
	new->rev[index].guest_rpte = gr;
	return 0;
}

static int move_entry(struct kvm *kvm, struct kvm_hpt_info *new, unsigned long index)
{
	struct revmap_entry *rev = &kvm->arch.hpt.rev[index];
	__be64 *hpte = smt_hpte(kvm, index);
	unsigned long v, r, gr, group;
	unsigned int base_shift;

	preempt_disable();
	smt_lock_hpte(hpte);
	if (be64_to_cpu(hpte[0]) & HPTE_V_VALID)
		detach(kvm, hpte, index);
	v = be64_to_cpu(hpte[0]) & ~HPTE_V_HVLOCK;
	r = be64_to_cpu(hpte[1]);
	note_hpte_modification(kvm, rev);
	gr = rev->guest_rpte;
	unlock_hpte(hpte, v);
	preempt_enable();

	base_shift = kvmppc_hpte_base_page_shift(v, r);
	if (!base_shift)
		return -EIO;
	group = new_group(v, base_shift, index >> PTEG_SHIFT, kvmppc_hpt_mask(&kvm->arch.hpt),
			  kvmppc_hpt_mask(new));
	return place(new, (group << PTEG_SHIFT) | (index & (HPTES_PER_PTEG - 1)), v, r, gr);
}

/* Vcpus out, kvm->srcu read-held. On failure the old table is complete, with absent entries. */
static int rehash(struct kvm *kvm, struct kvm_hpt_info *new)
{
	unsigned long i, npte = smt_hpt_entries(kvm);
	int r;

	for (i = 0; i < npte; i++) {
		if (be64_to_cpu(*smt_hpte(kvm, i)) & HPTE_V_EXISTS) {
			r = move_entry(kvm, new, i);
			if (r)
				return r;
		}
		if (!(i % HPTES_PER_PTEG))
			cond_resched();
	}
	return 0;
}

/*
 * Get everybody who works for a vcpu out of the HPT, and keep them out: they look at mmu_ready at
 * the beginning of their kvm->srcu read section, and wait in smt_hpt_setup() for mmu_setup_lock.
 */
static void exclude_vcpus(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	WRITE_ONCE(kvm->arch.mmu_ready, 0);
	/* before the kicks: who comes out for one does not go in again */
	smp_mb();
	kvm_for_each_vcpu(i, vcpu, kvm)
		smt_fast_vcpu_kick(vcpu);
	synchronize_srcu_expedited(&kvm->srcu);
}

static int replace_table(struct kvm *kvm, struct kvm_resize_hpt *resize)
{
	struct kvm_hpt_info old = kvm->arch.hpt;
	int idx, r;

	exclude_vcpus(kvm);

	idx = srcu_read_lock(&kvm->srcu);
	r = rehash(kvm, &resize->hpt);
	srcu_read_unlock(&kvm->srcu, idx);
	if (!r) {
		smt_hpt_set(kvm, &resize->hpt);
		resize->hpt = old;	/* freed with the resize */
	}

	/* the HPT before the word that announces it; pairs with KVM_RUN's smp_mb() */
	smp_wmb();
	WRITE_ONCE(kvm->arch.mmu_ready, 1);
	return r;
}

/* mmu_setup_lock held */
static int commit_locked(struct kvm *kvm, struct smt_vm *vm, u32 order)
{
	struct kvm_resize_hpt *resize = vm->resize;
	int r;

	if (!resize || resize->order != order)
		return -ENXIO;
	r = resize_state(resize);
	if (r == -EBUSY)
		return r;
	if (r || !kvm->arch.mmu_ready)
		return -EIO;

	r = replace_table(kvm, resize);
	smt_hpt_resize_cancel(vm);
	return r;
}

/**
 * smt_vm_ioctl_resize_commit - KVM_PPC_RESIZE_HPT_COMMIT
 * @kvm: the VM
 * @rhpt: as for the PREPARE that has returned 0
 *
 * Vcpus in KVM_RUN are kept out of the guest meanwhile, and wait. The guest has made sure that it
 * needs no translation but for what is bolted.
 *
 * Source: Documentation/virt/kvm/api.rst 4.103.
 * Context: VM ioctl, not a vcpu's KVM_RUN; may sleep, for the time of a grace period and of moving
 * all entries.
 *
 * Return: 0; -EINVAL; -ENXIO: nothing of that size is pending; -EBUSY: not prepared yet; -ENOSPC: two
 * bolted entries would have one place; -EIO: preparing has failed, or there is no HPT in use. After
 * an error the guest has its old table; after -ENOSPC, and after 0, nothing is pending any more.
 */
int smt_vm_ioctl_resize_commit(struct kvm *kvm, struct kvm_ppc_resize_hpt *rhpt)
{
	int r;

	if (rhpt->flags || !order_ok(rhpt->shift))
		return -EINVAL;

	mutex_lock(&kvm->arch.mmu_setup_lock);
	r = commit_locked(kvm, smt_vm_of(kvm), rhpt->shift);
	mutex_unlock(&kvm->arch.mmu_setup_lock);
	return r;
}
