// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registering the areas of a vcpu: by the guest with H_REGISTER_VPA, by userspace with
 * KVM_REG_PPC_VPA_*.  Nothing is pinned here; see vpa.c.
 */
#include <asm/hvcall.h>
#include <asm/dtl.h>
#include <asm/lppaca.h>

#include "smt.h"

#define VPA_BOUNDARY	4096UL	/* PAPR: neither VPA nor SLB shadow buffer crosses this */

/* vpa_update_lock held */
static bool registered(const struct kvmppc_vpa *v)
{
	return v->next_gpa != 0;
}

/**
 * smt_vpa_set - register an area by its address (KVM_REG_PPC_VPA_ADDR, _SLB, _DTL)
 * @vcpu: the vcpu
 * @v: the area, one of @vcpu's
 * @addr: guest real address; 0 deregisters
 * @len: its length in bytes
 *
 * Whether the address has memory is seen only when the vcpu runs: userspace may restore registers
 * before memory.
 *
 * Context: vcpu ioctl.
 *
 * Return: 0, or -EINVAL if the address is not aligned to a cache line or the area does not fit into
 * one page of the host.
 */
int smt_vpa_set(struct kvm_vcpu *vcpu, struct kvmppc_vpa *v, unsigned long addr, unsigned long len)
{
	if (!addr)
		len = 0;
	if (!IS_ALIGNED(addr, L1_CACHE_BYTES) || len > PAGE_SIZE - offset_in_page(addr))
		return -EINVAL;

	spin_lock(&vcpu->arch.vpa_update_lock);
	if (v->next_gpa != addr || v->len != len) {
		v->next_gpa = addr;
		v->len = len;
		WRITE_ONCE(v->update_pending, 1);
	}
	spin_unlock(&vcpu->arch.vpa_update_lock);
	return 0;
}

/* Subfunctions of H_REGISTER_VPA, PAPR; 0 and 4 are reserved */
enum area { AREA_NONE, AREA_VPA, AREA_DTL, AREA_SLB_SHADOW };

static const struct {
	enum area area;
	bool add;
	unsigned int min_len;
	unsigned int unit;		/* the length counts in whole units */
	unsigned long boundary;		/* not to be crossed */
} subfunctions[H_VPA_FUNC_MASK + 1] = {
	[H_VPA_REG_VPA] = { AREA_VPA, true, sizeof(struct lppaca), 1, VPA_BOUNDARY },
	[H_VPA_REG_DTL] = { AREA_DTL, true, sizeof(struct dtl_entry), sizeof(struct dtl_entry),
			    PAGE_SIZE },
	[H_VPA_REG_SLB] = { AREA_SLB_SHADOW, true, 8, 1, VPA_BOUNDARY },
	[H_VPA_DEREG_VPA] = { AREA_VPA },
	[H_VPA_DEREG_DTL] = { AREA_DTL },
	[H_VPA_DEREG_SLB] = { AREA_SLB_SHADOW },
};

static struct kvmppc_vpa *area_of(struct kvm_vcpu *vcpu, enum area area)
{
	switch (area) {
	case AREA_VPA:		return &vcpu->arch.vpa;
	case AREA_DTL:		return &vcpu->arch.dtl;
	case AREA_SLB_SHADOW:	return &vcpu->arch.slb_shadow;
	default:		return NULL;
	}
}

/*
 * The guest writes the length of an area into the area, at offset 4: 16 bits in a VPA, 32 in the others.
 * 0: no such memory, or what is there does not hold the area.
 */
static unsigned long length_in_area(struct kvm *kvm, enum area area, unsigned long addr)
{
	unsigned long nb, len;
	void *p = smt_pin_guest_page(kvm, addr, &nb);

	if (!p)
		return 0;
	if (area == AREA_VPA)
		len = be16_to_cpu(READ_ONCE(((struct lppaca *)p)->size));
	else
		len = be32_to_cpu(READ_ONCE(((__be32 *)p)[1]));
	smt_unpin_guest_page(kvm, p, addr, false);
	return len <= nb ? len : 0;
}

/* The VPA comes first and goes last; target's vpa_update_lock held */
static bool in_order(struct kvm_vcpu *target, enum area area, bool add)
{
	if (add)
		return area == AREA_VPA || registered(&target->arch.vpa);
	return area != AREA_VPA ||
	       !(registered(&target->arch.dtl) || registered(&target->arch.slb_shadow));
}

/**
 * smt_h_register_vpa - H_REGISTER_VPA(r4 flags, r5 processor, r6 address), PAPR
 * @vcpu: the calling vcpu; the processor may be another one
 *
 * Context: smt_hcall().
 *
 * Return: H_SUCCESS; H_RESOURCE if the VPA does not come first or does not go last; H_PARAMETER for
 * everything else that is wrong: subfunction, processor, alignment to a cache line, no memory, length,
 * crossing of 4 KiB (VPA, SLB shadow) or of a page of the host (DTL).
 */
long smt_h_register_vpa(struct kvm_vcpu *vcpu)
{
	unsigned int func = (kvmppc_get_gpr(vcpu, 4) >> H_VPA_FUNC_SHIFT) & H_VPA_FUNC_MASK;
	unsigned long number = kvmppc_get_gpr(vcpu, 5);
	unsigned long addr = kvmppc_get_gpr(vcpu, 6);
	enum area area = subfunctions[func].area;
	struct kvm_vcpu *target;
	unsigned long len = 0;
	struct kvmppc_vpa *v;
	long ret = H_RESOURCE;

	target = number < KVM_MAX_VCPU_IDS ? smt_find_vcpu(vcpu->kvm, number) : NULL;
	if (!target || area == AREA_NONE)
		return H_PARAMETER;

	if (subfunctions[func].add) {
		if (!addr || !IS_ALIGNED(addr, L1_CACHE_BYTES))
			return H_PARAMETER;
		len = length_in_area(vcpu->kvm, area, addr);
		if (len < subfunctions[func].min_len ||
		    len > subfunctions[func].boundary - addr % subfunctions[func].boundary)
			return H_PARAMETER;
		len -= len % subfunctions[func].unit;
	} else {
		addr = 0;
	}

	v = area_of(target, area);
	spin_lock(&target->arch.vpa_update_lock);
	if (in_order(target, area, subfunctions[func].add)) {
		v->next_gpa = addr;
		v->len = len;
		WRITE_ONCE(v->update_pending, 1);
		ret = H_SUCCESS;
	}
	spin_unlock(&target->arch.vpa_update_lock);
	return ret;
}
