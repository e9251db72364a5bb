// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a vcore runs with in LPCR and PCR, as userspace may choose it.
 *
 * Both are kept in struct kvmppc_vcore, where vmlinux's helpers expect them, and take effect at the
 * vcore's next run; its lock makes the changes whole.
 */
#include <asm/cputable.h>
#include <asm/reg.h>

#include "smt.h"

/*
 * LPCR fields that are userspace's: default prefetch depth, endianness of interrupts, translation
 * control, interrupt location.  All the others are the hypervisor's means against the guest.
 */
#define LPCR_USERSPACE	(LPCR_DPFD | LPCR_ILE | LPCR_TC | LPCR_AIL)

/* AIL: POWER8, and only "none" and 0xc000_0000_0000_4000; 2 stays unused as in KVM, 1 is reserved */
static u64 without_bad_ail(u64 lpcr)
{
	if (!cpu_has_feature(CPU_FTR_ARCH_207S) || (lpcr & LPCR_AIL) != LPCR_AIL_3)
		lpcr &= ~LPCR_AIL;
	return lpcr;
}

/**
 * smt_set_lpcr - set the fields of a vcore's LPCR that are userspace's
 * @vcpu: any vcpu of the vcore
 * @new_lpcr: value; bits of other fields are ignored
 * @preserve_top32: leave the upper half alone (KVM_REG_PPC_LPCR, which has 32 bits)
 *
 * MSR[LE] that interrupts give follows ILE, for all vcpus of the vcore.  A vcpu that is added to the
 * vcore later takes it from kvc.lpcr when it is created.
 *
 * Context: any task; takes the vcore's lock.
 */
void smt_set_lpcr(struct kvm_vcpu *vcpu, u64 new_lpcr, bool preserve_top32)
{
	struct smt_vcore *vc = vcpu_vcore(vcpu);
	u64 mask = LPCR_USERSPACE;
	struct kvm_vcpu *v;
	unsigned long flags;
	int i;

	if (preserve_top32)
		mask &= U32_MAX;

	spin_lock_irqsave(&vc->kvc.lock, flags);
	vc->kvc.lpcr = without_bad_ail((vc->kvc.lpcr & ~mask) | (new_lpcr & mask));
	for (i = 0; i < SMT_MAX_THREADS; i++) {
		v = vc->thr[i].vcpu;
		if (!v)
			continue;
		if (vc->kvc.lpcr & LPCR_ILE)
			v->arch.intr_msr |= MSR_LE;
		else
			v->arch.intr_msr &= ~MSR_LE;
	}
	spin_unlock_irqrestore(&vc->kvc.lock, flags);
}

/*
 * Logical PVR -> PCR bit of that architecture level.  A guest at a level has the bits of its own and
 * of all later levels up to, but not including, the host's set: facilities newer than its level
 * are then not there in problem state (Power ISA 2.07, PCR).
 */
static const struct {
	u32 logical_pvr;
	unsigned long pcr_bit;
} arch_levels[] = {
	{ PVR_ARCH_205,	 PCR_ARCH_205 },
	{ PVR_ARCH_206,	 PCR_ARCH_206 },
	{ PVR_ARCH_206p, PCR_ARCH_206 },
	{ PVR_ARCH_207,	 PCR_ARCH_207 },
};

/**
 * smt_set_arch_compat - let a vcore appear as an older cpu (KVM_REG_PPC_ARCH_COMPAT)
 * @vcpu: any vcpu of the vcore
 * @arch_compat: logical PVR (PAPR ibm,client-architecture-support); 0: the host's own level
 *
 * Userspace does this before the guest starts, and once more while the guest's first vcpu waits for
 * the answer of client-architecture-support: so not only before the first run.
 *
 * Context: any task; takes the vcore's lock.
 *
 * Return: 0, or -EINVAL if the logical PVR is unknown or newer than the host.
 */
int smt_set_arch_compat(struct kvm_vcpu *vcpu, u32 arch_compat)
{
	unsigned long host = cpu_has_feature(CPU_FTR_ARCH_207S) ? PCR_ARCH_207 : PCR_ARCH_206;
	struct kvmppc_vcore *vc = vcpu->arch.vcore;
	unsigned long level = arch_compat ? 0 : host;
	unsigned long pcr, flags;
	int i;

	for (i = 0; i < ARRAY_SIZE(arch_levels); i++)
		if (arch_levels[i].logical_pvr == arch_compat)
			level = arch_levels[i].pcr_bit;
	if (!level || level > host)
		return -EINVAL;

	/* the levels are adjacent bits, so the difference is all of them from level to below host */
	pcr = host - level;
	if (host == PCR_ARCH_207 && level != host)
		pcr |= PCR_TM_DIS;

	spin_lock_irqsave(&vc->lock, flags);
	vc->arch_compat = arch_compat;
	vc->pcr = pcr;
	spin_unlock_irqrestore(&vc->lock, flags);
	return 0;
}
