// SPDX-License-Identifier: GPL-2.0-only
/*
 * The areas that a vcpu shares with its guest: VPA, SLB shadow buffer, dispatch trace log (DTL).
 *
 * Registering (vpa_register.c) only notes address and length: next_gpa, len, update_pending.  The page
 * is pinned, and the old one unpinned, by the task that prepares the vcpu's next run (smt_vpa_update).
 * Hence who may use pinned_addr: a run that the vcpu is part of, without lock, and anybody under
 * vpa_update_lock.  next_gpa != 0 means registered, whether pinned already or not.
 *
 * All fields are big-endian, whatever the guest is (asm/lppaca.h, asm/dtl.h).  The guest can write
 * them at any time: nothing read from them is trusted beyond one use.  KVM reads nothing from the
 * SLB shadow buffer and never writes to it, because it keeps the whole SLB of a vcpu.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/mm.h>
#include <linux/srcu.h>
#include <asm/dtl.h>
#include <asm/lppaca.h>

#include "smt.h"

/* The memslot that has a guest page, for reading and writing; kvm->srcu held */
static struct kvm_memory_slot *usable_slot(struct kvm *kvm, gfn_t gfn)
{
	struct kvm_memory_slot *slot = __gfn_to_memslot(kvm_memslots(kvm), gfn);

	if (!slot || (slot->flags & (KVM_MEMSLOT_INVALID | KVM_MEM_READONLY)))
		return NULL;
	return slot;
}

/**
 * smt_pin_guest_page - pin the host page of a guest real address, for writing
 * @kvm: the VM
 * @gpa: guest real address
 * @nb: set to the number of bytes from there to the end of the host's page
 *
 * A page that stays pinned should leave CMA and ZONE_MOVABLE first, but where the mapping cannot do
 * that (DAX, files of some filesystems) it is pinned where it is.
 *
 * Context: task of the VM's process (current->mm), may sleep.
 *
 * Return: address in the linear mapping, to be given to smt_unpin_guest_page(); NULL if there is no
 * memory, or none that can be written, at this address.
 */
void *smt_pin_guest_page(struct kvm *kvm, unsigned long gpa, unsigned long *nb)
{
	gfn_t gfn = gpa >> PAGE_SHIFT;
	struct kvm_memory_slot *slot;
	struct page *page;
	unsigned long hva;
	int idx, n = 0;

	/* until the page is pinned: a slot that goes away waits for us before userspace hears of it */
	idx = srcu_read_lock(&kvm->srcu);
	slot = usable_slot(kvm, gfn);
	if (slot) {
		hva = __gfn_to_hva_memslot(slot, gfn);
		n = pin_user_pages_fast(hva, 1, FOLL_WRITE | FOLL_LONGTERM, &page);
		if (n != 1)
			n = pin_user_pages_fast(hva, 1, FOLL_WRITE, &page);
	}
	srcu_read_unlock(&kvm->srcu, idx);
	if (n != 1)
		return NULL;

	*nb = PAGE_SIZE - offset_in_page(gpa);
	return page_address(page) + offset_in_page(gpa);
}

/**
 * smt_unpin_guest_page - undo smt_pin_guest_page()
 * @kvm: the VM
 * @addr: what smt_pin_guest_page() returned
 * @gpa: the guest real address it was given
 * @dirty: whether the page was written to; tells the host's mm and the dirty log
 *
 * Context: task, may sleep: no spinlock held.
 */
void smt_unpin_guest_page(struct kvm *kvm, void *addr, unsigned long gpa, bool dirty)
{
	struct page *page = virt_to_page(addr);
	gfn_t gfn = gpa >> PAGE_SHIFT;
	struct kvm_memory_slot *slot;
	int idx;

	unpin_user_pages_dirty_lock(&page, 1, dirty);
	if (!dirty)
		return;

	idx = srcu_read_lock(&kvm->srcu);
	slot = usable_slot(kvm, gfn);
	if (slot && slot->dirty_bitmap)
		set_bit_le(gfn - slot->base_gfn, slot->dirty_bitmap);
	srcu_read_unlock(&kvm->srcu, idx);
}

/**
 * smt_vpa_update_needed - has any area been registered anew since smt_vpa_update()?
 * @vcpu: the vcpu
 *
 * Context: any; without vpa_update_lock the answer may be old already, so test it after the last
 * point at which the vcpu could still be sent back to smt_vpa_update().
 */
bool smt_vpa_update_needed(struct kvm_vcpu *vcpu)
{
	return READ_ONCE(vcpu->arch.vpa.update_pending) ||
	       READ_ONCE(vcpu->arch.dtl.update_pending) ||
	       READ_ONCE(vcpu->arch.slb_shadow.update_pending);
}

/*
 * Pin what next_gpa says in place of what is pinned.  If the guest registers something else while we
 * pin, that stays pending and the caller comes back: no loop here that a guest could keep going.
 */
static bool update_area(struct kvm_vcpu *vcpu, struct kvmppc_vpa *v)
{
	unsigned long gpa, len, old_gpa, nb = 0;
	void *addr = NULL, *old_addr;
	bool current_one, old_dirty;

	spin_lock(&vcpu->arch.vpa_update_lock);
	gpa = v->next_gpa;
	len = v->len;
	spin_unlock(&vcpu->arch.vpa_update_lock);

	if (gpa)
		addr = smt_pin_guest_page(vcpu->kvm, gpa, &nb);
	if (addr && nb < len) {
		smt_unpin_guest_page(vcpu->kvm, addr, gpa, false);
		addr = NULL;
	}

	spin_lock(&vcpu->arch.vpa_update_lock);
	current_one = v->update_pending && v->next_gpa == gpa && v->len == len;
	if (current_one) {
		old_addr = v->pinned_addr;
		old_gpa = v->gpa;
		old_dirty = v->dirty;
		v->pinned_addr = addr;
		v->pinned_end = addr ? addr + len : NULL;
		v->gpa = gpa;
		v->dirty = false;
		WRITE_ONCE(v->update_pending, 0);
		if (!addr)
			v->next_gpa = v->len = 0;
	} else {
		old_addr = addr;
		old_gpa = gpa;
		old_dirty = false;
	}
	spin_unlock(&vcpu->arch.vpa_update_lock);

	if (old_addr)
		smt_unpin_guest_page(vcpu->kvm, old_addr, old_gpa, old_dirty);
	if (current_one && gpa && !addr)
		pr_info_ratelimited("vcpu %d: no memory at guest address %lx any more, area there unregistered\n",
				    vcpu->vcpu_id, gpa);
	return current_one;
}

/*
 * Say that an area was written, after it was.  The other order could lose a write: the log is
 * harvested, the page copied, and only then the write lands.
 */
static void mark_dirty(struct kvmppc_vpa *v)
{
	smp_wmb();	/* the write before the mark: pairs with smp_mb() in smt_vpa_harvest_dirty() */
	WRITE_ONCE(v->dirty, true);
}

/* A new VPA: not dispatched yet, on a processor that others use too */
static void init_vpa(struct kvmppc_vpa *v)
{
	struct lppaca *vpa = v->pinned_addr;

	if (!vpa)
		return;
	vpa->__old_status |= LPPACA_OLD_SHARED_PROC;
	vpa->yield_count = cpu_to_be32(1);
	mark_dirty(v);
}

/**
 * smt_vpa_update - pin and unpin the areas that were registered or deregistered
 * @vcpu: a vcpu that is not part of a run, and stays so until this returns
 *
 * One pass: smt_vpa_update_needed() may be true again afterwards if another vcpu registers an area
 * for this one meanwhile.  Call it before each entry until it is false, with a look at signals between.
 *
 * Context: a task of the VM's process (current->mm): the vcpu's own, or the one that has its vcore in
 * STARTING; one at a time.  May sleep, no spinlock held.
 */
void smt_vpa_update(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.vpa.update_pending && update_area(vcpu, &vcpu->arch.vpa))
		init_vpa(&vcpu->arch.vpa);
	if (vcpu->arch.dtl.update_pending && update_area(vcpu, &vcpu->arch.dtl)) {
		vcpu->arch.dtl_ptr = vcpu->arch.dtl.pinned_addr;
		vcpu->arch.dtl_index = 0;
	}
	if (vcpu->arch.slb_shadow.update_pending)
		update_area(vcpu, &vcpu->arch.slb_shadow);
}

static void free_area(struct kvm_vcpu *vcpu, struct kvmppc_vpa *v)
{
	void *addr;

	spin_lock(&vcpu->arch.vpa_update_lock);
	addr = v->pinned_addr;
	v->pinned_addr = NULL;
	v->pinned_end = NULL;
	v->next_gpa = 0;
	v->len = 0;
	v->update_pending = 0;
	spin_unlock(&vcpu->arch.vpa_update_lock);
	if (addr)
		smt_unpin_guest_page(vcpu->kvm, addr, v->gpa, v->dirty);
}

/**
 * smt_vpa_free - unpin all areas of a vcpu that goes away
 * @vcpu: the vcpu; may never have run
 *
 * Context: vcpu_free, may sleep.
 */
void smt_vpa_free(struct kvm_vcpu *vcpu)
{
	free_area(vcpu, &vcpu->arch.dtl);
	free_area(vcpu, &vcpu->arch.slb_shadow);
	free_area(vcpu, &vcpu->arch.vpa);
	vcpu->arch.dtl_ptr = NULL;
}

/**
 * smt_vpa_harvest_dirty - add an area's page to a slot's dirty log
 * @v: the area
 * @slot: the memslot
 * @map: bitmap of the slot's pages, little-endian bit order, to be added to
 *
 * Context: vpa_update_lock of the area's vcpu held.
 */
void smt_vpa_harvest_dirty(struct kvmppc_vpa *v, struct kvm_memory_slot *slot, unsigned long *map)
{
	gfn_t gfn = v->gpa >> PAGE_SHIFT;

	if (!v->pinned_addr || !v->dirty)
		return;
	if (gfn < slot->base_gfn || gfn >= slot->base_gfn + slot->npages)
		return;
	WRITE_ONCE(v->dirty, false);
	/* before userspace reads the page: pairs with smp_wmb() in mark_dirty() */
	smp_mb();
	set_bit_le(gfn - slot->base_gfn, map);
}

/* The yield count is odd while the vcpu is not dispatched, even while it is; each change adds one. */
static void count_yield(struct kvm_vcpu *vcpu, u32 odd)
{
	struct lppaca *vpa = vcpu->arch.vpa.pinned_addr;
	u32 count;

	if (!vpa)
		return;
	count = be32_to_cpu(vpa->yield_count) + 1;
	/* right again even after a guest wrote to it */
	if ((count & 1) != odd)
		count++;
	vpa->yield_count = cpu_to_be32(count);
	mark_dirty(&vcpu->arch.vpa);
}

/**
 * smt_vpa_enter - tell the guest that its vcpu is dispatched
 * @vcpu: a vcpu that is part of the run which begins
 *
 * Context: virtual mode, interrupts off or not, no lock.  Not concurrently with smt_vpa_leave(),
 * smt_dtl_log() and smt_vpa_update() of the same vcpu.
 */
void smt_vpa_enter(struct kvm_vcpu *vcpu)
{
	count_yield(vcpu, 0);
}

/**
 * smt_vpa_leave - tell the guest that its vcpu is not dispatched any more (preempted or ceded)
 * @vcpu: a vcpu that was part of the run which ends
 *
 * Context: as smt_vpa_enter().
 */
void smt_vpa_leave(struct kvm_vcpu *vcpu)
{
	count_yield(vcpu, 1);
}

/**
 * smt_vpa_yield_count - what H_CONFER compares with
 * @vcpu: any vcpu
 *
 * Context: no spinlock of a vcpu held.
 *
 * Return: the yield count; 0 if no VPA is registered.
 */
u32 smt_vpa_yield_count(struct kvm_vcpu *vcpu)
{
	struct lppaca *vpa;
	u32 count = 0;

	spin_lock(&vcpu->arch.vpa_update_lock);
	vpa = vcpu->arch.vpa.pinned_addr;
	if (vpa)
		count = be32_to_cpu(vpa->yield_count);
	spin_unlock(&vcpu->arch.vpa_update_lock);
	return count;
}

#define DTL_DISPATCH_TIME_SLICE	7

/**
 * smt_dtl_log - account stolen time to the VPA and add a dispatch to the trace log
 * @vcpu: a vcpu that is part of the run which begins; thread_cpu is the host cpu it gets, if known
 * @now: guest time base
 * @stolen: time base ticks since the last call during which the vcpu was ready but not running
 *
 * The log is written only if the guest's dtl_enable_mask asks for any event.  PAPR has one bit for
 * each cause of a dispatch; here each dispatch is logged as the end of a time slice, because that is
 * what a run is, and stolen time (the log's main reader) is the sum of all entries.
 *
 * Context: as smt_vpa_enter().
 */
void smt_dtl_log(struct kvm_vcpu *vcpu, u64 now, u64 stolen)
{
	struct lppaca *vpa = vcpu->arch.vpa.pinned_addr;
	struct dtl_entry *entry = vcpu->arch.dtl_ptr;
	volatile __be64 *enqueued;
	int cpu = vcpu->arch.thread_cpu;

	if (!vpa)
		return;

	enqueued = smt_vpa_enqueue_dispatch_tb(vpa);
	*enqueued = cpu_to_be64(be64_to_cpu(*enqueued) + stolen);
	mark_dirty(&vcpu->arch.vpa);
	/* whatever dtl_enable_mask says, as KVM has always done */
	if (!entry)
		return;

	*entry = (struct dtl_entry) {
		.dispatch_reason = DTL_DISPATCH_TIME_SLICE,
		.processor_id = cpu_to_be16(cpu >= 0 ? cpu : vcpu->arch.vcore->pcpu + vcpu->arch.ptid),
		.enqueue_to_dispatch_time = cpu_to_be32(min_t(u64, stolen, U32_MAX)),
		.timebase = cpu_to_be64(now),
		.srr0 = cpu_to_be64(kvmppc_get_pc(vcpu)),
		.srr1 = cpu_to_be64(vcpu->arch.shregs.msr),
	};
	entry++;
	if ((void *)entry == vcpu->arch.dtl.pinned_end)
		entry = vcpu->arch.dtl.pinned_addr;
	vcpu->arch.dtl_ptr = entry;

	/* the entry before the index that shows it; the guest reads them in the opposite order */
	smp_wmb();
	vpa->dtl_idx = cpu_to_be64(++vcpu->arch.dtl_index);
	mark_dirty(&vcpu->arch.dtl);
	mark_dirty(&vcpu->arch.vpa);
}
