// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page fault of a guest: give the HPTE that the guest has entered the host page that it needs.
 *
 * The guest's entry says which guest page; the memslot, which address of the VM's process; that
 * process's page table, which real page, and whether it may be written. The page table is believed
 * only under mmu_lock with no MMU notifier at work, and what was found there is used only if none
 * has started by the time the entry is in its ring (the notifier looks there).
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "hpt.h"

#define HPTE_R_RC	(HPTE_R_R | HPTE_R_C)
/* LP takes at most the low 8 bits of RPN: above it, bits below the page size say nothing */
#define HPTE_R_LP_END	(1ul << (LP_SHIFT + LP_BITS))

/* One page fault on its way */
struct fault {
	struct kvm *kvm;
	unsigned long index;		/* of the HPTE */
	unsigned long v, r, gr;		/* HPTE, and the guest's second dword, under the HPTE lock */
	unsigned long psize;		/* of the guest's page, bytes */
	gfn_t gfn;			/* its first (or only) page of PAGE_SIZE */
	struct kvm_memory_slot *slot;
	unsigned long hva;
	bool store;
	bool writable;			/* the host lets the guest write */
	unsigned long seq;		/* of the MMU notifier, from before hpa was looked up */
	unsigned long hpa;		/* real address of the guest's page */
	bool ci;			/* cache-inhibited, i.e. a device of the host */
};

/* Read the entry that the classification found. false: it is another one by now. */
static bool read_entry(struct fault *f, struct kvm_vcpu *vcpu)
{
	__be64 *hpte;
	bool same;

	f->index = vcpu->arch.pgfault_index;
	if (f->index >= smt_hpt_entries(f->kvm))
		return false;

	preempt_disable();
	hpte = smt_hpte(f->kvm, f->index);
	smt_lock_hpte(hpte);
	f->v = be64_to_cpu(hpte[0]) & ~HPTE_V_HVLOCK;
	f->r = be64_to_cpu(hpte[1]);
	f->gr = f->kvm->arch.hpt.rev[f->index].guest_rpte & ~HPTE_GR_RESERVED;
	unlock_hpte(hpte, f->v);
	preempt_enable();

	same = f->v == vcpu->arch.pgfault_hpte[0] &&
		(f->r & ~HPTE_R_RC) == (vcpu->arch.pgfault_hpte[1] & ~HPTE_R_RC);
	/* a cached one that is no longer true must not be found again and again */
	if (!same && vcpu->arch.pgfault_cache)
		vcpu->arch.pgfault_cache->mmio_update = -1;
	return same && (f->v & HPTE_V_EXISTS);
}

/*
 * Look hva up in the process's page table. Interrupts are off for the walk: the IPI that frees page
 * table pages waits for that.
 * Return: 0; -EAGAIN if the access needs a page fault of the host first; -EFAULT.
 */
static int lookup_host_page(struct fault *f)
{
	bool want_write = hpte_is_writable(f->gr);
	unsigned long flags, host_size;
	unsigned int shift = 0;
	pte_t *ptep, pte = __pte(0);

	f->seq = smt_mmu_seq(f->kvm);
	/* seq before the page table; pairs with smp_wmb() in kvm_mmu_invalidate_end() */
	smp_rmb();

	spin_lock(&f->kvm->mmu_lock);
	local_irq_save(flags);
	ptep = find_kvm_host_pte(f->kvm, f->seq, f->hva, &shift);
	if (ptep)
		pte = READ_ONCE(*ptep);
	/* marks it young, and dirty already now if the guest can write without our hearing of it */
	if (pte_present(pte) && !pte_protnone(pte))
		pte = kvmppc_read_update_linux_pte(ptep, want_write);
	local_irq_restore(flags);
	spin_unlock(&f->kvm->mmu_lock);

	if (!pte_present(pte) || pte_protnone(pte) || (f->store && !pte_write(pte)))
		return -EAGAIN;
	/* such an entry counts its page in units of 4 KiB; shift != 0: the bit means another thing */
	if (!shift && (pte_val(pte) & H_PAGE_4K_PFN))
		return -EFAULT;

	host_size = shift ? 1ul << shift : PAGE_SIZE;
	if (host_size < f->psize)
		return -EFAULT;
	f->writable = pte_write(pte);
	f->ci = pte_ci(pte);
	f->hpa = (pte_pfn(pte) << PAGE_SHIFT) | (f->hva & (host_size - 1));
	/* a guest page smaller than the host's */
	f->hpa |= f->gr & HPTE_R_RPN & ~PAGE_MASK & ~(f->psize - 1);
	return 0;
}

/* The host's own page fault at hva. Whatever mapping it is, also VM_PFNMAP. */
static int fault_in(struct fault *f)
{
	bool unlocked = false;
	int r;

	mmap_read_lock(f->kvm->mm);
	r = fixup_user_fault(f->kvm->mm, f->hva, f->store ? FAULT_FLAG_WRITE : 0, &unlocked);
	mmap_read_unlock(f->kvm->mm);
	return r;
}

static int find_host_page(struct fault *f)
{
	int r = lookup_host_page(f);

	if (r != -EAGAIN)
		return r;
	r = fault_in(f);
	if (r)
		return fatal_signal_pending(current) ? -EAGAIN : r;
	return lookup_host_page(f);
}

/* Second dword of the HPTE: the guest's, with our page, no more rights than the host's page has */
static int make_r(struct fault *f, unsigned long *rp)
{
	unsigned long offset_mask = f->psize - 1;
	unsigned long r = f->gr & ~HPTE_GR_RESERVED;

	r &= ~(HPTE_R_RPN & ~(offset_mask & (HPTE_R_LP_END - 1)));
	r |= f->hpa & HPTE_R_RPN & ~offset_mask;

	if (!hpte_cache_flags_ok(r, f->ci)) {
		if (f->ci)
			return -EFAULT;
		/* device memory of the guest that is plain memory here: cacheable is coherent */
		r = (r & ~(HPTE_R_W | HPTE_R_I | HPTE_R_G)) | HPTE_R_M;
	}
	if (hpte_is_writable(r) && !f->writable)
		r = hpte_make_readonly(r);
	*rp = r;
	return 0;
}

/* Is everything in the entry as read_entry() saw it? HPTE lock held. */
static bool unchanged(const struct fault *f, __be64 *hpte, const struct revmap_entry *rev)
{
	unsigned long r_diff = be64_to_cpu(hpte[1]) ^ f->r;
	unsigned long gr_diff = rev->guest_rpte ^ f->gr;

	return (be64_to_cpu(hpte[0]) & ~HPTE_V_HVLOCK) == f->v && !(r_diff & ~HPTE_R_RC) &&
		!(gr_diff & ~(HPTE_GR_RESERVED | HPTE_R_RC));
}

/*
 * Write the HPTE. Where that cannot be done the entry stays as it is, and the guest takes the fault
 * again. HPTE lock held, given back here.
 */
static void install(struct fault *f, unsigned long r, __be64 *hpte, struct revmap_entry *rev)
{
	unsigned long *rmap = smt_rmap(f->slot, f->gfn);
	unsigned long v = f->v;

	lock_rmap(rmap);
	/* notifiers count up, then take this lock: either they find the entry, or we see the count */
	if (smt_mmu_retry(f->kvm, f->seq)) {
		unlock_rmap(rmap);
		goto out;
	}

	/* R and C start clear, unless the guest has them set and the host has harvested them before */
	r = (r & ~HPTE_R_RC) | (rev->guest_rpte & (*rmap >> KVMPPC_RMAP_RC_SHIFT) & HPTE_R_RC);
	if (v & HPTE_V_VALID) {
		unlock_rmap(rmap);
		/* it is in the ring already. Absent for the moment: whoever faults on it waits for us */
		hpte[0] |= cpu_to_be64(HPTE_V_ABSENT);
		kvmppc_invalidate_hpte(f->kvm, hpte, f->index);
		r |= be64_to_cpu(hpte[1]) & HPTE_R_RC;
	} else {
		kvmppc_add_revmap_chain(f->kvm, rev, rmap, f->index, 0);
		v = (v & ~HPTE_V_ABSENT) | HPTE_V_VALID;
	}
	hpte[1] = cpu_to_be64(r);
	/* second dword before the valid bit (Power ISA 2.07 Book III-S 5.10.1) */
	eieio();
out:
	__unlock_hpte(hpte, v);
	asm volatile("ptesync" : : : "memory");
}

static int update_entry(struct fault *f)
{
	struct revmap_entry *rev = &f->kvm->arch.hpt.rev[f->index];
	__be64 *hpte = smt_hpte(f->kvm, f->index);
	unsigned long r;
	int err;

	err = make_r(f, &r);
	if (err)
		return err;

	preempt_disable();
	smt_lock_hpte(hpte);
	if (unchanged(f, hpte, rev))
		install(f, r, hpte, rev);
	else
		unlock_hpte(hpte, be64_to_cpu(hpte[0]));
	preempt_enable();
	return 0;
}

/**
 * smt_hpt_map - serve the page fault that the classification has noted in the vcpu
 * @vcpu: the vcpu, its pgfault_* filled in
 * @ea: the address the guest used
 * @store: it was a store
 * @gpa: the guest real address, set when SMT_MAP_MMIO is returned
 *
 * Context: the vcpu's task in the VM's own mm, may sleep. kvm->srcu read-held, mmu_ready seen set.
 *
 * Return: SMT_MAP_RETRY, SMT_MAP_MMIO, or an errno: -EFAULT if the process has no usable page there,
 * or the guest's page is larger or differently cached than the host's; -ENOMEM.
 */
int smt_hpt_map(struct kvm_vcpu *vcpu, unsigned long ea, bool store, gpa_t *gpa)
{
	struct fault f = { .kvm = vcpu->kvm, .store = store };
	gpa_t base;
	int r;

	if (!read_entry(&f, vcpu))
		return SMT_MAP_RETRY;

	f.psize = kvmppc_actual_pgsz(f.v, f.gr);
	if (!f.psize)
		return -EFAULT;
	base = f.gr & HPTE_R_RPN & ~(f.psize - 1);
	f.gfn = base >> PAGE_SHIFT;
	*gpa = base | (ea & (f.psize - 1));

	f.slot = smt_visible_slot(f.kvm, *gpa >> PAGE_SHIFT);
	if (!f.slot)
		return SMT_MAP_MMIO;
	if (!smt_slot_fits(f.slot, f.gfn, f.psize))
		return -EFAULT;
	f.hva = __gfn_to_hva_memslot(f.slot, f.gfn);

	r = find_host_page(&f);
	if (r == -EAGAIN)
		return SMT_MAP_RETRY;
	return r ? r : update_entry(&f);
}
