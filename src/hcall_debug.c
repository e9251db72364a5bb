// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hcalls by which a guest sets its breakpoint registers: H_SET_DABR, H_SET_XDABR, H_SET_MODE.
 *
 * These SPRs are the hypervisor's because they could break into its own code.  So whatever the guest
 * asks for, a value with which the hypervisor state matches never gets into the vcpu.  The values
 * take effect at the next entry, which is now: the vcpu is out of the guest.
 */
#include <linux/kvm_host.h>	/* before the next: asm/debug.h is not self-contained */
#include <asm/cputable.h>
#include <asm/debug.h>
#include <asm/hvcall.h>
#include <asm/reg.h>

#include "smt.h"

#define DABR_BT		0x4UL	/* compare MSR[DR] with this bit */
#define DABR_DW		0x2UL	/* match stores */
#define DABR_DR		0x1UL	/* match loads */

#define DABRX_GUEST	(DABRX_USER | DABRX_KERNEL | DABRX_BTI)

/* Does the guest's architecture level have CIABR and DAWR? */
static bool guest_has_arch_207(struct kvm_vcpu *vcpu)
{
	u32 compat = vcpu->arch.vcore->arch_compat;

	return cpu_has_feature(CPU_FTR_ARCH_207S) && (!compat || compat == PVR_ARCH_207);
}

/*
 * The DABR of a guest on a cpu which has a DAWR instead (POWER8; guests in POWER7 mode use it).
 * Both match within one aligned doubleword; the privilege bits and BTI/WTI have the same places,
 * DR, DW and BT/WT have not.
 */
static void set_dabr_in_dawr(struct kvm_vcpu *vcpu, unsigned long dabr, unsigned long dabrx)
{
	unsigned long dawrx = dabrx;

	if (dabr & DABR_DR)
		dawrx |= DAWRX_DR;
	if (dabr & DABR_DW)
		dawrx |= DAWRX_DW;
	if (dabr & DABR_BT)
		dawrx |= DAWRX_WT;
	vcpu->arch.dawr0 = dabr & ~(DABR_BT | DABR_DW | DABR_DR);
	vcpu->arch.dawrx0 = dawrx;
}

static long set_dabr(struct kvm_vcpu *vcpu, unsigned long dabr, unsigned long dabrx)
{
	if (cpu_has_feature(CPU_FTR_ARCH_207S)) {
		if (!ppc_breakpoint_available())
			return H_HARDWARE;
		set_dabr_in_dawr(vcpu, dabr, dabrx);
	} else {
		vcpu->arch.dabr = dabr;
		vcpu->arch.dabrx = dabrx;
	}
	return H_SUCCESS;
}

/**
 * smt_h_set_dabr - H_SET_DABR(r4 DABR), PAPR
 * @vcpu: the calling vcpu
 *
 * Matches in the guest's problem and privileged state.
 *
 * Context: smt_hcall().
 *
 * Return: H_SUCCESS, or H_HARDWARE if the cpu's breakpoint register may not be used.
 */
long smt_h_set_dabr(struct kvm_vcpu *vcpu)
{
	return set_dabr(vcpu, kvmppc_get_gpr(vcpu, 4), DABRX_USER | DABRX_KERNEL);
}

/**
 * smt_h_set_xdabr - H_SET_XDABR(r4 DABR, r5 DABRX), PAPR
 * @vcpu: the calling vcpu
 *
 * Context: smt_hcall().
 *
 * Return: H_SUCCESS; H_PARAMETER if DABRX names the hypervisor, no state at all, or has unknown
 * bits; H_HARDWARE as smt_h_set_dabr().
 */
long smt_h_set_xdabr(struct kvm_vcpu *vcpu)
{
	unsigned long dabrx = kvmppc_get_gpr(vcpu, 5);

	if ((dabrx & ~DABRX_GUEST) || !(dabrx & (DABRX_USER | DABRX_KERNEL)))
		return H_PARAMETER;
	return set_dabr(vcpu, kvmppc_get_gpr(vcpu, 4), dabrx);
}

static long set_ciabr(struct kvm_vcpu *vcpu, unsigned long flags, unsigned long value1,
		      unsigned long value2)
{
	if (value2)
		return H_P4;
	if (flags)
		return H_UNSUPPORTED_FLAG_START;
	if ((value1 & CIABR_PRIV) == CIABR_PRIV_HYPER)
		return H_P3;
	vcpu->arch.ciabr = value1;
	return H_SUCCESS;
}

static long set_dawr0(struct kvm_vcpu *vcpu, unsigned long flags, unsigned long value1,
		      unsigned long value2)
{
	if (!ppc_breakpoint_available())
		return H_P2;
	if (flags)
		return H_UNSUPPORTED_FLAG_START;
	if (value2 & DAWRX_HYP)
		return H_P4;
	vcpu->arch.dawr0 = value1;
	vcpu->arch.dawrx0 = value2;
	return H_SUCCESS;
}

static const struct {
	unsigned long resource;
	long (*set)(struct kvm_vcpu *vcpu, unsigned long flags, unsigned long value1,
		    unsigned long value2);
} set_mode_table[] = {
	{ H_SET_MODE_RESOURCE_SET_CIABR,	set_ciabr },
	{ H_SET_MODE_RESOURCE_SET_DAWR0,	set_dawr0 },
};

/**
 * smt_h_set_mode - H_SET_MODE(r4 flags, r5 resource, r6 value 1, r7 value 2), PAPR
 * @vcpu: the calling vcpu
 *
 * CIABR and the first DAWR are set here.  Endianness and interrupt location concern all vcpus of the
 * VM: userspace does those, by KVM_REG_PPC_LPCR of each.
 *
 * Context: smt_hcall().
 *
 * Return: H_SUCCESS; H_P2 if the guest has no such register; H_P3 or H_P4 for a value which matches
 * in hypervisor state or a value where none belongs; H_UNSUPPORTED_FLAG_START for any flag;
 * H_TOO_HARD for other resources.
 */
long smt_h_set_mode(struct kvm_vcpu *vcpu)
{
	unsigned long resource = kvmppc_get_gpr(vcpu, 5);
	int i;

	for (i = 0; i < ARRAY_SIZE(set_mode_table); i++) {
		if (set_mode_table[i].resource != resource)
			continue;
		if (!guest_has_arch_207(vcpu))
			return H_P2;
		return set_mode_table[i].set(vcpu, kvmppc_get_gpr(vcpu, 4),
					     kvmppc_get_gpr(vcpu, 6), kvmppc_get_gpr(vcpu, 7));
	}
	return H_TOO_HARD;
}
