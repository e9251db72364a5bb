// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_SREGS and KVM_SET_SREGS: the PVR and the SLB.
 *
 * arch.slb[0..slb_max-1] holds the valid entries one after the other: orige is the RB operand of the
 * slbmte that makes the entry (ESID, V, and the entry's number in the lowest 12 bits), origv its RS.
 * userspace sees the same two words as slbe and slbv.
 */
#include "smt.h"

#define SLBE_INDEX	0xfffULL
#define SLBE_DEFINED	((u64)ESID_MASK | SLB_ESID_V | SLBE_INDEX)

/**
 * smt_get_sregs - kvmppc_ops.get_sregs
 * @vcpu: the vcpu
 * @sregs: filled in: pvr, u.s.ppc64.slb; all else 0
 *
 * Context: vcpu ioctl, vcpu->mutex held.
 *
 * Return: 0
 */
int smt_get_sregs(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs)
{
	int i;

	memset(sregs, 0, sizeof(*sregs));
	sregs->pvr = vcpu->arch.pvr;
	for (i = 0; i < vcpu->arch.slb_max && i < ARRAY_SIZE(sregs->u.s.ppc64.slb); i++) {
		sregs->u.s.ppc64.slb[i].slbe = vcpu->arch.slb[i].orige;
		sregs->u.s.ppc64.slb[i].slbv = vcpu->arch.slb[i].origv;
	}
	return 0;
}

/*
 * Could the valid entries be in an SLB of slb_nr entries?  Each has its own number below slb_nr, and no
 * reserved bit in the word with the ESID.  What they translate is as free as a guest's own slbmte.
 */
static bool slb_possible(struct kvm_vcpu *vcpu, const struct kvm_sregs *sregs)
{
	u64 taken = 0, slbe;
	unsigned int i, nr;

	for (i = 0; i < ARRAY_SIZE(sregs->u.s.ppc64.slb); i++) {
		slbe = sregs->u.s.ppc64.slb[i].slbe;
		if (!(slbe & SLB_ESID_V))
			continue;
		nr = slbe & SLBE_INDEX;
		if ((slbe & ~SLBE_DEFINED) || nr >= vcpu->arch.slb_nr || (taken & BIT_ULL(nr)))
			return false;
		taken |= BIT_ULL(nr);
	}
	return true;
}

/**
 * smt_set_sregs - kvmppc_ops.set_sregs
 * @vcpu: the vcpu
 * @sregs: from userspace, any value; entries of the SLB without V are skipped, fields other than pvr
 *	   and the SLB are ignored
 *
 * Context: vcpu ioctl, vcpu->mutex held.
 *
 * Return: 0; -EINVAL, with nothing changed, if the PVR is not the vcpu's (the guest sees the host's,
 * it cannot be another) or if no SLB can have these entries.
 */
int smt_set_sregs(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs)
{
	struct kvmppc_slb *slb = vcpu->arch.slb;
	int i, n = 0;

	BUILD_BUG_ON(ARRAY_SIZE(vcpu->arch.slb) < ARRAY_SIZE(sregs->u.s.ppc64.slb));

	if (sregs->pvr != vcpu->arch.pvr || !slb_possible(vcpu, sregs))
		return -EINVAL;

	for (i = 0; i < ARRAY_SIZE(sregs->u.s.ppc64.slb); i++) {
		if (!(sregs->u.s.ppc64.slb[i].slbe & SLB_ESID_V))
			continue;
		slb[n].orige = sregs->u.s.ppc64.slb[i].slbe;
		slb[n].origv = sregs->u.s.ppc64.slb[i].slbv;
		n++;
	}
	vcpu->arch.slb_max = n;
	return 0;
}
