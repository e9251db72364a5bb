// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose fault is a storage interrupt that came to the hypervisor?
 *
 * Most kernels export kvmppc_hpte_hv_fault(), which answers that and keeps a cache of the
 * HPTEs that stand for emulated MMIO. This is the same contract for the others, without the cache.
 */
#include "hpt.h"

#ifdef SMT_HAVE_KVMPPC_HPTE_HV_FAULT

long smt_hpte_fault(struct kvm_vcpu *vcpu, unsigned long ea, unsigned long slb_v,
		    unsigned int status, bool data)
{
	return kvmppc_hpte_hv_fault(vcpu, ea, slb_v, status, data);
}

#else

/*
 * The access against the guest's own idea of the entry. Return: bits to add to DSISR (SRR1 for an
 * instruction), 0 if the guest may do it. Power ISA 2.07 Book III-S 5.7.9 (protection), 5.7.5 (no
 * execute, guarded).
 */
static unsigned int guest_denies(struct kvm_vcpu *vcpu, unsigned long gr, unsigned long slb_v,
				 bool data, bool store)
{
	bool problem_state = vcpu->arch.shregs.msr & MSR_PR;
	unsigned long key = slb_v & (problem_state ? SLB_VSID_KP : SLB_VSID_KS);
	unsigned long pp = gr & (HPTE_R_PP0 | HPTE_R_PP);
	int denied;

	if (!data) {
		if (gr & (HPTE_R_N | HPTE_R_G))
			return SRR1_ISI_N_G_OR_CIP;
		return hpte_read_permission(pp, key) ? 0 : SRR1_ISI_PROT;
	}

	if (!(store ? hpte_write_permission(pp, key) : hpte_read_permission(pp, key)))
		return DSISR_PROTFAULT;

	/* AMR: two bits for each key, deny store and deny load; not for accesses in real mode */
	if (!(vcpu->arch.shregs.msr & MSR_DR))
		return 0;
	denied = hpte_get_skey_perm(gr, vcpu->arch.amr);
	return denied & (store ? 2 : 1) ? DSISR_KEYFAULT : 0;
}

/**
 * smt_hpte_fault - decide about a hypervisor storage interrupt
 * @vcpu: the vcpu
 * @ea: the address it used
 * @slb_v: second dword of the SLB entry that translates it
 * @status: HDSISR, or the bits of HSRR1 that say why for an instruction
 * @data: data storage, not instruction storage
 *
 * The HPTE is noted in vcpu->arch.pgfault_* for smt_hpt_map().
 *
 * Context: preemption off, kvm->srcu read-held, mmu_ready seen set.
 *
 * Return: > 0: the guest's own fault, these are the bits to tell it; 0: nothing is wrong any more;
 * -1: page fault; -2: page fault on emulated MMIO.
 */
long smt_hpte_fault(struct kvm_vcpu *vcpu, unsigned long ea, unsigned long slb_v,
		    unsigned int status, bool data)
{
	bool missing = status & DSISR_NOHPTE;	/* the same bit as SRR1_ISI_NOPT */
	struct kvm *kvm = vcpu->kvm;
	unsigned long v, r, gr;
	unsigned int denied;
	__be64 *hpte;
	long index;

	/* after a protection fault the entry must have been there */
	index = kvmppc_hv_find_lock_hpte(kvm, ea, slb_v, missing ? HPTE_V_EXISTS : HPTE_V_VALID);
	if (index < 0)
		return missing ? status : 0;

	hpte = smt_hpte(kvm, index);
	v = be64_to_cpu(hpte[0]) & ~HPTE_V_HVLOCK;
	r = be64_to_cpu(hpte[1]);
	gr = kvm->arch.hpt.rev[index].guest_rpte;
	unlock_hpte(hpte, v);

	if (missing && (v & HPTE_V_VALID))
		return 0;

	denied = guest_denies(vcpu, gr, slb_v, data, status & DSISR_ISSTORE);
	if (denied)
		return (status & ~DSISR_NOHPTE) | denied;

	vcpu->arch.pgfault_addr = ea;
	vcpu->arch.pgfault_index = index;
	vcpu->arch.pgfault_hpte[0] = v;
	vcpu->arch.pgfault_hpte[1] = r;
	vcpu->arch.pgfault_cache = NULL;

	if (data && (r & HPTE_R_MMIO_KEY) == HPTE_R_MMIO_KEY)
		return -2;
	return -1;
}

#endif
