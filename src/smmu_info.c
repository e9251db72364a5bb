// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_PPC_GET_SMMU_INFO: which segments and pages a guest may use.
 *
 * That is what the host's MMU can (mmu_psize_defs[], from the device tree's
 * ibm,segment-page-sizes) and KVM's H_ENTER knows (kvmppc_pgsize_lp_encoding()). Pages must fit the
 * host's pages behind them: userspace leaves out the larger ones.
 */
#include <linux/cache.h>
#include <asm/mmu.h>

#include "hpt.h"

#define SLB_ENTRIES	32	/* POWER7, POWER8 */

/* in increasing order, as the ABI wants them */
static const int page_sizes[] = { MMU_PAGE_4K, MMU_PAGE_64K, MMU_PAGE_16M };

/* The HPTE's LP field for this base and actual page size, or -1 */
static int lp_encoding(const struct mmu_psize_def *base, int actual)
{
	int penc = base->penc[actual];

	if (!mmu_psize_defs[actual].shift || mmu_psize_defs[actual].shift < base->shift)
		return -1;
	if (penc != kvmppc_pgsize_lp_encoding(base->shift, mmu_psize_defs[actual].shift))
		return -1;
	return penc;
}

static bool fill_segment(struct kvm_ppc_one_seg_page_size *sps, int size)
{
	const struct mmu_psize_def *base = &mmu_psize_defs[size];
	int i, n = 0;

	if (!base->shift || lp_encoding(base, size) < 0)
		return false;

	sps->page_shift = base->shift;
	sps->slb_enc = base->sllp;
	for (i = 0; i < ARRAY_SIZE(page_sizes); i++) {
		int penc = lp_encoding(base, page_sizes[i]);

		if (penc < 0)
			continue;
		sps->enc[n].page_shift = mmu_psize_defs[page_sizes[i]].shift;
		sps->enc[n].pte_enc = penc;
		n++;
	}
	return true;
}

/**
 * smt_get_smmu_info - KVM_PPC_GET_SMMU_INFO
 * @kvm: the VM
 * @info: filled in
 *
 * Source: Documentation/virt/kvm/api.rst 4.74.
 * Context: VM ioctl.
 *
 * Return: 0.
 */
int smt_get_smmu_info(struct kvm *kvm, struct kvm_ppc_smmu_info *info)
{
	int i, n = 0;

	memset(info, 0, sizeof(*info));
	info->flags = KVM_PPC_PAGE_SIZES_REAL;
	if (mmu_has_feature(MMU_FTR_1T_SEGMENT))
		info->flags |= KVM_PPC_1T_SEGMENTS;
	info->slb_size = SLB_ENTRIES;
	/* storage keys; 0 would say that there are none */
	info->data_keys = 32;
	info->instr_keys = cpu_has_feature(CPU_FTR_ARCH_207S) ? 32 : 0;

	for (i = 0; i < ARRAY_SIZE(page_sizes); i++)
		if (fill_segment(&info->sps[n], page_sizes[i]))
			n++;
	return 0;
}
