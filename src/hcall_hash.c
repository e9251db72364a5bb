// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hcalls that work on the guest's HPT, in virtual mode (PAPR 14.5.4.1).
 *
 * Real mode has a short way for most of them through functions of the kernel; what it does not
 * finish (H_TOO_HARD) and what must not be done there (H_ENTER with H_ZERO_PAGE, or with a large page
 * whose memslot is not aligned in the process; removals while a memslot logs dirty pages) ends here.
 *
 * All registers come from the guest and may hold anything.
 */
#include <linux/nospec.h>
#include <asm/hvcall.h>

#include "hpt.h"

#define HPTE_R_RC	(HPTE_R_R | HPTE_R_C)
/* AVPN and B in the first dword; below it are flags */
#define HPTE_V_TAG	(~0x7ful)

/* H_BULK_REMOVE, PAPR 14.5.4.1.7: control byte, then the index, in the first dword of each pair */
#define BULK_PAIRS		4
#define BULK_SHIFT		56
#define BULK_INDEX_MASK		((1ul << BULK_SHIFT) - 1)
#define BULK_TYPE		0xc0
#define BULK_TYPE_REQUEST	0x40
#define BULK_TYPE_END		0xc0
#define BULK_FLAGS		0x03
#define BULK_ABSOLUTE		0
#define BULK_ANDCOND		1
#define BULK_AVPN		2
#define BULK_RSP_SUCCESS	0x80ul
#define BULK_RSP_NOT_FOUND	0x90ul
#define BULK_RSP_PARM		0xa0ul
#define BULK_RC_SHIFT		(BULK_SHIFT - 5)	/* HPTE_R_C to bit 2, HPTE_R_R to bit 3 */

/*
 * Lock the HPTE that the guest names. NULL: there is none. Preemption is off until put_entry().
 * index comes back the same; not even speculatively does anything outside the table get touched.
 */
static __be64 *get_entry(struct kvm *kvm, unsigned long *index, unsigned long *v)
{
	unsigned long npte = smt_hpt_entries(kvm);
	__be64 *hpte;

	if (*index >= npte)
		return NULL;
	*index = array_index_nospec(*index, npte);
	hpte = smt_hpte(kvm, *index);
	preempt_disable();
	smt_lock_hpte(hpte);
	*v = be64_to_cpu(hpte[0]) & ~HPTE_V_HVLOCK;
	return hpte;
}

static void put_entry(__be64 *hpte, unsigned long v)
{
	unlock_hpte(hpte, v);
	preempt_enable();
}

/* Take the hardware's valid bit away; R and C are final then. HPTE lock held. */
static void invalidate(struct kvm *kvm, __be64 *hpte, unsigned long index)
{
	/* absent meanwhile: whoever faults on it waits for the HPTE lock */
	hpte[0] |= cpu_to_be64(HPTE_V_ABSENT);
	kvmppc_invalidate_hpte(kvm, hpte, index);
}

/* H_ENTER's H_ZERO_PAGE: before the page is mapped; not for what is no memory */
static long zero_page(struct kvm *kvm, unsigned long index, unsigned long v, unsigned long r)
{
	unsigned long psize = kvmppc_actual_pgsz(v, r);
	struct kvm_memory_slot *slot;
	gfn_t gfn;

	if (!psize || index >= smt_hpt_entries(kvm))
		return H_PARAMETER;
	slot = smt_hpte_slot(kvm, psize, r, &gfn);
	if (!slot || (slot->flags & KVM_MEMSLOT_INVALID))
		return H_SUCCESS;
	if (!smt_slot_fits(slot, gfn, psize))
		return H_PARAMETER;
	return smt_zero_memory(slot, r & HPTE_R_RPN & ~(psize - 1), psize) ? H_PARAMETER : H_SUCCESS;
}

/* H_ENTER(r4 flags, r5 index, r6 and r7 the entry): r4 = index */
static long h_enter(struct kvm_vcpu *vcpu)
{
	unsigned long *gpr = vcpu->arch.regs.gpr;
	struct kvm *kvm = vcpu->kvm;
	unsigned long index;
	long ret;

	if (gpr[4] & H_ZERO_PAGE) {
		ret = zero_page(kvm, gpr[5], gpr[6], gpr[7]);
		if (ret != H_SUCCESS)
			return ret;
	}

	ret = smt_do_h_enter(kvm, gpr[4], gpr[5], gpr[6], gpr[7], &index);
	if (ret == H_SUCCESS)
		gpr[4] = index;
	return ret;
}

static long remove_entry(struct kvm *kvm, unsigned long flags, unsigned long index,
			 unsigned long avpn, unsigned long *hpte)
{
	long ret;

	preempt_disable();
	ret = kvmppc_do_h_remove(kvm, flags, index, avpn, hpte);
	preempt_enable();
	return ret;
}

/* H_REMOVE(r4 flags, r5 index, r6 avpn or mask): r4, r5 = the entry that was */
static long h_remove(struct kvm_vcpu *vcpu)
{
	unsigned long *gpr = vcpu->arch.regs.gpr;
	unsigned long hpte[2];
	long ret;

	ret = remove_entry(vcpu->kvm, gpr[4], gpr[5], gpr[6], hpte);
	if (ret == H_SUCCESS) {
		gpr[4] = hpte[0];
		gpr[5] = hpte[1];
	}
	return ret;
}

/* One pair: the first dword becomes the response. Return: H_PARAMETER if this one ends the hcall. */
static long bulk_remove_one(struct kvm *kvm, unsigned long *pair)
{
	static const unsigned long h_flags[] = {
		[BULK_ABSOLUTE] = 0,
		[BULK_ANDCOND] = H_ANDCOND,
		[BULK_AVPN] = H_AVPN,
	};
	unsigned long control = pair[0] >> BULK_SHIFT;
	unsigned long index = pair[0] & BULK_INDEX_MASK;
	unsigned long flags = control & BULK_FLAGS;
	unsigned long response, hpte[2];
	long ret = H_PARAMETER;

	if ((control & BULK_TYPE) == BULK_TYPE_REQUEST && flags < ARRAY_SIZE(h_flags))
		ret = remove_entry(kvm, h_flags[flags], index, pair[1], hpte);

	switch (ret) {
	case H_SUCCESS:
		response = BULK_RSP_SUCCESS << BULK_SHIFT | (hpte[1] & HPTE_R_RC) << BULK_RC_SHIFT;
		break;
	case H_NOT_FOUND:
		response = BULK_RSP_NOT_FOUND << BULK_SHIFT;
		ret = H_SUCCESS;
		break;
	default:
		response = BULK_RSP_PARM << BULK_SHIFT;
	}
	pair[0] = response | flags << BULK_SHIFT | index;
	return ret;
}

/* H_BULK_REMOVE(r4..r11 up to four pairs of control/index and avpn or mask): the responses in place */
static long h_bulk_remove(struct kvm_vcpu *vcpu)
{
	unsigned long *pair = &vcpu->arch.regs.gpr[4];
	long ret = H_SUCCESS;
	int i;

	for (i = 0; i < BULK_PAIRS && ret == H_SUCCESS; i++, pair += 2) {
		if ((pair[0] >> BULK_SHIFT & BULK_TYPE) == BULK_TYPE_END)
			break;
		ret = bulk_remove_one(vcpu->kvm, pair);
	}
	return ret;
}

/*
 * H_PROTECT's flags carry PP, N and the key where the second dword has them; PP0 and the key's high
 * bits would be in the way of other flags and are moved.
 */
static unsigned long protect_bits(unsigned long flags)
{
	return (flags & (HPTE_R_PP | HPTE_R_N | HPTE_R_KEY_LO)) |
		((flags << 55) & HPTE_R_PP0) | ((flags << 48) & HPTE_R_KEY_HI);
}

/* H_PROTECT(r4 flags, r5 index, r6 avpn) */
static long h_protect(struct kvm_vcpu *vcpu)
{
	const unsigned long mask = HPTE_R_PP0 | HPTE_R_PP | HPTE_R_N | HPTE_R_KEY;
	unsigned long flags = kvmppc_get_gpr(vcpu, 4), index = kvmppc_get_gpr(vcpu, 5);
	unsigned long bits = protect_bits(flags);
	struct kvm *kvm = vcpu->kvm;
	struct revmap_entry *rev;
	unsigned long v, r, new_r;
	__be64 *hpte;

	hpte = get_entry(kvm, &index, &v);
	if (!hpte)
		return H_PARAMETER;
	if (!(v & HPTE_V_EXISTS) ||
	    ((flags & H_AVPN) && (v & HPTE_V_TAG) != kvmppc_get_gpr(vcpu, 6))) {
		put_entry(hpte, v);
		return H_NOT_FOUND;
	}

	rev = &kvm->arch.hpt.rev[index];
	rev->guest_rpte = (rev->guest_rpte & ~mask) | bits;
	note_hpte_modification(kvm, rev);

	r = be64_to_cpu(hpte[1]);
	new_r = (r & ~mask) | bits;
	/* whether the host's page is writable is found out when the guest writes it */
	if (hpte_is_writable(new_r) && !hpte_is_writable(r))
		new_r = hpte_make_readonly(new_r);
	if ((v & HPTE_V_VALID) && new_r != r) {
		invalidate(kvm, hpte, index);
		hpte[1] = cpu_to_be64(new_r | (be64_to_cpu(hpte[1]) & HPTE_R_RC));
		eieio();
	}
	put_entry(hpte, v);
	asm volatile("ptesync" : : : "memory");

	/* the vcpus' caches of entries for MMIO have the permissions in them */
	if ((v & HPTE_V_ABSENT) && (r & HPTE_R_MMIO_KEY) == HPTE_R_MMIO_KEY)
		atomic64_inc(&kvm->arch.mmio_update);
	return H_SUCCESS;
}

/* H_READ(r4 flags, r5 index): r4, r5 = the entry; with H_READ_4, r4..r11 = the four around it */
static long h_read(struct kvm_vcpu *vcpu)
{
	unsigned long *gpr = vcpu->arch.regs.gpr;
	unsigned long index = gpr[5], v, r;
	struct kvm *kvm = vcpu->kvm;
	int i, n = 1;
	__be64 *hpte;

	if (index >= smt_hpt_entries(kvm))
		return H_PARAMETER;
	if (gpr[4] & H_READ_4) {
		index &= ~3ul;
		n = 4;
	}

	for (i = 0; i < n; i++, index++) {
		hpte = get_entry(kvm, &index, &v);
		if (!hpte)
			return H_PARAMETER;
		r = be64_to_cpu(hpte[1]);
		if (v & HPTE_V_EXISTS) {
			r = kvm->arch.hpt.rev[index].guest_rpte | (r & HPTE_R_RC);
			r &= ~HPTE_GR_RESERVED;
			gpr[4 + 2 * i] = (v & ~HPTE_V_ABSENT) | HPTE_V_VALID;
		} else {
			gpr[4 + 2 * i] = v;
		}
		gpr[5 + 2 * i] = r;
		put_entry(hpte, v);
	}
	return H_SUCCESS;
}

/* The guest takes R away, the host still wants to know of it. HPTE lock held. */
static void keep_reference(struct kvm *kvm, unsigned long v, unsigned long gr)
{
	struct kvm_memory_slot *slot;
	unsigned long *rmap;
	gfn_t gfn;

	slot = smt_hpte_slot(kvm, kvmppc_actual_pgsz(v, gr), gr, &gfn);
	if (!slot)
		return;
	rmap = smt_rmap(slot, gfn);
	lock_rmap(rmap);
	*rmap |= KVMPPC_RMAP_REFERENCED;
	unlock_rmap(rmap);
}

/* H_CLEAR_REF(r4 flags, r5 index): r4 = second dword as it was */
static long h_clear_ref(struct kvm_vcpu *vcpu)
{
	unsigned long index = kvmppc_get_gpr(vcpu, 5);
	struct kvm *kvm = vcpu->kvm;
	struct revmap_entry *rev;
	unsigned long v, r, gr;
	__be64 *hpte;

	hpte = get_entry(kvm, &index, &v);
	if (!hpte)
		return H_PARAMETER;
	if (!(v & HPTE_V_EXISTS)) {
		put_entry(hpte, v);
		return H_NOT_FOUND;
	}

	rev = &kvm->arch.hpt.rev[index];
	gr = rev->guest_rpte & ~HPTE_GR_RESERVED;
	if (gr & HPTE_R_R) {
		rev->guest_rpte &= ~HPTE_R_R;
		note_hpte_modification(kvm, rev);
	}
	if (v & HPTE_V_VALID) {
		r = be64_to_cpu(hpte[1]);
		gr |= r & HPTE_R_RC;
		if (r & HPTE_R_R) {
			kvmppc_clear_ref_hpte(kvm, hpte, index);
			keep_reference(kvm, v, gr);
		}
	}
	put_entry(hpte, v);

	kvmppc_set_gpr(vcpu, 4, gr);
	return H_SUCCESS;
}

/* Take C from a valid entry. HPTE lock held. Return: R and C as they were. */
static unsigned long take_change(struct kvm *kvm, __be64 *hpte, unsigned long index,
				 unsigned long v, unsigned long gr)
{
	struct kvm_memory_slot *slot;
	unsigned long r, psize;
	gfn_t gfn;

	invalidate(kvm, hpte, index);
	r = be64_to_cpu(hpte[1]);
	if (!(r & HPTE_R_C))
		return r & HPTE_R_RC;

	hpte[1] = cpu_to_be64(r & ~HPTE_R_C);
	eieio();
	psize = kvmppc_actual_pgsz(v, gr);
	slot = smt_hpte_slot(kvm, psize, gr, &gfn);
	if (slot)
		kvmppc_update_dirty_map(slot, gfn, psize);
	return r & HPTE_R_RC;
}

/* H_CLEAR_MOD(r4 flags, r5 index): r4 = second dword as it was */
static long h_clear_mod(struct kvm_vcpu *vcpu)
{
	unsigned long index = kvmppc_get_gpr(vcpu, 5);
	struct kvm *kvm = vcpu->kvm;
	struct revmap_entry *rev;
	unsigned long v, gr;
	__be64 *hpte;

	hpte = get_entry(kvm, &index, &v);
	if (!hpte)
		return H_PARAMETER;
	if (!(v & HPTE_V_EXISTS)) {
		put_entry(hpte, v);
		return H_NOT_FOUND;
	}

	rev = &kvm->arch.hpt.rev[index];
	gr = rev->guest_rpte & ~HPTE_GR_RESERVED;
	if (gr & HPTE_R_C) {
		rev->guest_rpte &= ~HPTE_R_C;
		note_hpte_modification(kvm, rev);
	}
	if (v & HPTE_V_VALID)
		gr |= take_change(kvm, hpte, index, v, gr);
	put_entry(hpte, v);

	kvmppc_set_gpr(vcpu, 4, gr);
	return H_SUCCESS;
}

/*
 * Run a handler where it may use the HPT. While the HPT is replaced the guest executes its sc again
 * when KVM_RUN has waited for the new one: gpr[3] is still the number of the hcall.
 */
static long with_hpt(struct kvm_vcpu *vcpu, long (*handler)(struct kvm_vcpu *vcpu))
{
	struct kvm *kvm = vcpu->kvm;
	long ret;
	int idx;

	idx = srcu_read_lock(&kvm->srcu);
	if (READ_ONCE(kvm->arch.mmu_ready)) {
		ret = handler(vcpu);
	} else {
		kvmppc_set_pc(vcpu, kvmppc_get_pc(vcpu) - 4);
		ret = kvmppc_get_gpr(vcpu, 3);
	}
	srcu_read_unlock(&kvm->srcu, idx);
	return ret;
}

/*
 * long smt_<name>(struct kvm_vcpu *vcpu) - the hcalls, for the table in hcall.c
 * @vcpu: arguments in gpr[4..], results to gpr[4..] only with H_SUCCESS (H_BULK_REMOVE: always);
 *	regs.nip after the sc
 *
 * Context: the vcpu's task in the VM's own mm, may sleep. kvm->srcu may be held or not.
 *
 * Return: PAPR status for gpr[3]; or gpr[3] itself, with nip back at the sc, to do it again.
 */
#define HASH_HCALL(name)						\
long smt_##name(struct kvm_vcpu *vcpu)					\
{									\
	return with_hpt(vcpu, name);					\
}

HASH_HCALL(h_enter)
HASH_HCALL(h_remove)
HASH_HCALL(h_bulk_remove)
HASH_HCALL(h_protect)
HASH_HCALL(h_read)
HASH_HCALL(h_clear_ref)
HASH_HCALL(h_clear_mod)
