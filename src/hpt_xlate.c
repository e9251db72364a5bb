// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translate an address of the guest as its MMU would, for kvm.ko's emulation of loads and stores.
 */
#include "hpt.h"

#define SLB_ENTRIES	32	/* POWER7, POWER8 */

/* Find the entry and copy it. gr: the guest's own second dword. */
static bool read_entry(struct kvm *kvm, gva_t ea, u64 slb_v, unsigned long *v, unsigned long *gr)
{
	bool found = false;
	__be64 *hpte;
	long index;

	preempt_disable();
	index = kvmppc_hv_find_lock_hpte(kvm, ea, slb_v, HPTE_V_EXISTS);
	if (index >= 0) {
		hpte = smt_hpte(kvm, index);
		*v = be64_to_cpu(hpte[0]) & ~HPTE_V_HVLOCK;
		*gr = kvm->arch.hpt.rev[index].guest_rpte;
		unlock_hpte(hpte, *v);
		found = true;
	}
	preempt_enable();
	return found;
}

/* Power ISA 2.07 Book III-S 5.7.9: PP with the segment's key, then the virtual page class key */
static void set_permissions(struct kvm_vcpu *vcpu, struct kvmppc_pte *gpte, unsigned long gr,
			    u64 slb_v, bool data)
{
	unsigned long msr = vcpu->arch.shregs.msr;
	unsigned long key = slb_v & (msr & MSR_PR ? SLB_VSID_KP : SLB_VSID_KS);
	unsigned long pp = gr & (HPTE_R_PP0 | HPTE_R_PP);
	int denied = 0;

	if (data && (msr & MSR_DR))
		denied = hpte_get_skey_perm(gr, vcpu->arch.amr);

	gpte->may_read = hpte_read_permission(pp, key) && !(denied & 1);
	gpte->may_write = hpte_write_permission(pp, key) && !(denied & 2);
	gpte->may_execute = gpte->may_read && !(gr & (HPTE_R_N | HPTE_R_G)) &&
		!(slb_v & SLB_VSID_N);
}

static int xlate(struct kvm_vcpu *vcpu, gva_t ea, struct kvmppc_pte *gpte, bool data)
{
	unsigned long v, gr, psize;
	u64 slb_v;

	if (!smt_slb_find(vcpu, ea, data, &slb_v))
		return -EINVAL;
	if (!read_entry(vcpu->kvm, ea, slb_v, &v, &gr))
		return -ENOENT;
	psize = kvmppc_actual_pgsz(v, gr);
	if (!psize)
		return -ENOENT;

	memset(gpte, 0, sizeof(*gpte));
	gpte->eaddr = ea;
	gpte->vpage = ((v & HPTE_V_AVPN) << 4) | ((ea >> 12) & 0xfff);
	gpte->raddr = (gr & HPTE_R_RPN & ~(psize - 1)) | (ea & (psize - 1));
	gpte->wimg = gr & HPTE_R_WIMG;
	gpte->rc = gr & (HPTE_R_R | HPTE_R_C);
	gpte->page_shift = ilog2(psize);
	gpte->page_size = shift_to_mmu_psize(gpte->page_shift);
	set_permissions(vcpu, gpte, gr, slb_v, data);
	return 0;
}

/**
 * smt_xlate - translate an effective address of the guest (vcpu->arch.mmu.xlate)
 * @vcpu: the vcpu
 * @eaddr: effective address
 * @gpte: filled in: guest real address and what the guest may do there
 * @data: data access, not instruction fetch
 * @iswrite: the access is a store; the caller looks at gpte->may_write itself
 *
 * Context: the vcpu's task; kvm->srcu need not be held.
 *
 * Return: 0; -EINVAL: no SLB entry; -ENOENT: no HPTE; -EAGAIN: the HPT is being replaced.
 */
int smt_xlate(struct kvm_vcpu *vcpu, gva_t eaddr, struct kvmppc_pte *gpte, bool data, bool iswrite)
{
	struct kvm *kvm = vcpu->kvm;
	int idx, r = -EAGAIN;

	idx = srcu_read_lock(&kvm->srcu);
	if (READ_ONCE(kvm->arch.mmu_ready))
		r = xlate(vcpu, eaddr, gpte, data);
	srcu_read_unlock(&kvm->srcu, idx);
	return r;
}

/**
 * smt_mmu_vcpu_init - the MMU of a new vcpu
 * @vcpu: the vcpu
 *
 * Context: vcpu_create.
 */
void smt_mmu_vcpu_init(struct kvm_vcpu *vcpu)
{
	vcpu->arch.slb_nr = SLB_ENTRIES;
	vcpu->arch.slb_max = 0;
	vcpu->arch.mmu.xlate = smt_xlate;
	vcpu->arch.hflags |= BOOK3S_HFLAG_SLB;
}
