// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_ONE_REG / KVM_SET_ONE_REG of a POWER7/POWER8 HV guest
 * (Documentation/virt/kvm/api.rst, 4.68, and the uapi header).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "regids.h"

#define ALL	0xffffffffffffffffull
#define FIRST_N(name, n, mask)	{ #name "0", KVM_REG_PPC_##name##0, n, mask }
#define ONE(name, mask)	{ #name, KVM_REG_PPC_##name, 1, mask }

/* mask: the bits that have to come back as they were set */
static const struct {
	const char *name;
	u64 id;
	unsigned int n;		/* consecutive ids */
	u64 mask;
} regs[] = {
	ONE(DABR, ALL), ONE(DABRX, 3), ONE(DSCR, ALL), ONE(PURR, ALL), ONE(SPURR, ALL), ONE(DAR, ALL),
	ONE(DSISR, 0xffffffff), ONE(AMR, ALL), ONE(UAMOR, ALL), ONE(MMCR0, ALL), ONE(MMCR1, ALL), ONE(MMCRA, ALL),
	ONE(MMCR2, ALL), ONE(MMCRS, ALL), ONE(SIAR, ALL), ONE(SDAR, ALL), ONE(SIER, ALL),
	{ "PMC1", KVM_REG_PPC_PMC1, 8, 0xffffffff }, { "SPMC1", KVM_REG_PPC_SPMC1, 2, 0xffffffff },
	FIRST_N(FPR, 32, ALL), FIRST_N(VR, 32, ALL), FIRST_N(VSR, 32, ALL),
	ONE(FPSCR, 0x9e000003), ONE(VSCR, 0x10001), ONE(VRSAVE, 0xffffffff), ONE(IAMR, ALL), ONE(FSCR, ALL),
	ONE(PSPB, 0xffffffff), ONE(EBBHR, ALL), ONE(EBBRR, ALL), ONE(BESCR, ALL), ONE(TAR, ALL),
	ONE(DPDES, 0xff), ONE(DAWR, ALL), ONE(DAWRX, 0xfb), ONE(IC, ALL), ONE(VTB, ALL), ONE(CSIGR, ALL),
	ONE(TACR, ALL), ONE(TCSCR, ALL), ONE(PID, 0xfff), ONE(ACOP, ALL), ONE(PPR, 0xfffbffffffffffffull),
	ONE(WORT, 0x3ffff), ONE(DEC_EXPIRY, ALL), ONE(ONLINE, 1), ONE(CIABR, 0xfffffffffffffffcull | 2),
};

static unsigned int id_size(u64 id)
{
	return 1u << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

/* a value of the id's size with only bits of "mask" set, and what must come back */
static void make_value(u64 id, u64 seed, u64 mask, u8 *val)
{
	unsigned int n = id_size(id);
	u64 q[2] = { mix(seed, id) & mask, mix(seed, id + 1) & mask };
	u32 w = q[0];

	memcpy(val, n == 4 ? (void *)&w : (void *)q, n);
}

static int trip(struct vcpu *v, u64 id, u64 seed, u64 mask, u8 *want, u8 *got)
{
	int r;

	memset(got, 0xa5, 24);
	make_value(id, seed, mask, want);
	r = one_reg_set(v, id, want);
	if (!r)
		r = one_reg_get(v, id, got);
	if (r)
		return r;
	if (memcmp(want, got, id_size(id)))
		return -ERANGE;
	/* nothing may be written beyond the register's size */
	return got[id_size(id)] == 0xa5 ? 0 : -EOVERFLOW;
}

/* Registers that Power ISA 2.07 has added, or that KVM has for POWER8 only */
static bool only_207(const char *name)
{
	static const char * const names[] = {
		"MMCR2", "MMCRS", "SIER", "SPMC1", "IAMR", "FSCR", "PSPB", "EBBHR", "EBBRR", "BESCR", "TAR", "DPDES", "DAWR",
		"DAWRX", "IC", "VTB", "CSIGR", "TACR", "TCSCR", "PID", "ACOP", "WORT", "CIABR",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

void onereg_round_trips(struct vcpu *v, const char *when)
{
	unsigned int i, j;
	char name[48];

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		u8 want[24], got[24], old[24];
		u64 id = 0;
		int r = 0;

		for (j = 0; j < regs[i].n && !r; j++) {
			id = regs[i].id + j;
			r = one_reg_get(v, id, old);
			if (!r)
				r = trip(v, id, 1, regs[i].mask, want, got);
			if (!r)
				r = trip(v, id, 2, regs[i].mask, want, got);
			if (!r)
				r = one_reg_set(v, id, old);
		}
		snprintf(name, sizeof(name), "%s.%s", when, regs[i].name);
		if (!host_has_207() && only_207(regs[i].name)) {
			check(r == -ENOENT, name, "id %#llx: %s on a host without it", id, strerror(-r));
			continue;
		}
		check(!r, name, "id %#llx: %s, set %#llx, got %#llx", id, r == -ERANGE ? "another value" : strerror(-r),
		      *(u64 *)want, *(u64 *)got);
	}
}

static void set_get(struct vcpu *v, const char *name, u64 id, u64 val, u64 want, int rc)
{
	u64 got = 0, give = val;
	u32 w = val;
	int r;

	r = one_reg_set(v, id, id_size(id) == 4 ? (void *)&w : (void *)&give);
	if (r != rc) {
		check(false, name, "set returned %d, want %d", r, rc);
		return;
	}
	if (rc) {
		check(true, name, NULL);
		return;
	}
	w = 0;
	r = one_reg_get(v, id, id_size(id) == 4 ? (void *)&w : (void *)&got);
	if (id_size(id) == 4)
		got = w;
	check(!r && got == want, name, "rc %d, %#llx, want %#llx", r, got, want);
}

#define LPCR_AIL3	0x01800000ull
#define LPCR_ILE	0x02000000ull
#define LPCR_TC		0x00000200ull
#define LPCR_DPFD	0x0070000000000000ull

/* Userspace may change DPFD, ILE, TC and, on POWER8, AIL=3; nothing else. */
static void lpcr(struct vcpu *v)
{
	struct kvm_sregs s;
	u64 old, x, may;
	u32 w;

	vm_ioctl(v->fd, KVM_GET_SREGS, (unsigned long)&s);
	if (one_reg_get(v, KVM_REG_PPC_LPCR_64, &old)) {
		check(false, "lpcr", "LPCR_64 cannot be read");
		return;
	}
	may = LPCR_DPFD | LPCR_ILE | LPCR_TC | (pvr_is_power8(s.pvr) && host_has_207() ? LPCR_AIL3 : 0);
	set_get(v, "lpcr.all", KVM_REG_PPC_LPCR_64, ALL, old | may, 0);
	set_get(v, "lpcr.none", KVM_REG_PPC_LPCR_64, 0, old & ~may, 0);
	set_get(v, "lpcr.ail1", KVM_REG_PPC_LPCR_64, (old & ~LPCR_AIL3) | 0x00800000, old & ~LPCR_AIL3, 0);
	set_get(v, "lpcr.back", KVM_REG_PPC_LPCR_64, old, old, 0);
	/* the 32-bit id leaves the upper half alone */
	w = old ^ LPCR_ILE;
	x = 0;
	check(!one_reg_set(v, KVM_REG_PPC_LPCR, &w) && !one_reg_get(v, KVM_REG_PPC_LPCR_64, &x) && x == (old ^ LPCR_ILE),
	      "lpcr.32", "%#llx, want %#llx", x, old ^ LPCR_ILE);
	one_reg_set(v, KVM_REG_PPC_LPCR_64, &old);
}

static void vpa(struct vcpu *v)
{
	u64 none = 0, at = T_FREE_RA, got = 0;
	struct {
		u64 addr, len;
	} slb = { T_FREE_RA + 4096, 256 }, dtl = { T_FREE_RA + 8192, 4080 }, off = { 0, 0 },
		small = { T_FREE_RA + 8192, 8 }, odd = { T_FREE_RA + 1, 4096 }, q;

	set_get(v, "vpa.odd", KVM_REG_PPC_VPA_ADDR, T_FREE_RA + 8, 0, -EINVAL);
	check(one_reg_set(v, KVM_REG_PPC_VPA_SLB, &slb) == -EINVAL, "vpa.slb_first", "accepted without a VPA");
	check(one_reg_set(v, KVM_REG_PPC_VPA_DTL, &dtl) == -EINVAL, "vpa.dtl_first", "accepted without a VPA");
	set_get(v, "vpa.set", KVM_REG_PPC_VPA_ADDR, at, at, 0);
	check(one_reg_set(v, KVM_REG_PPC_VPA_SLB, &odd) == -EINVAL, "vpa.slb_odd", "accepted");
	check(!one_reg_set(v, KVM_REG_PPC_VPA_SLB, &slb) && !one_reg_get(v, KVM_REG_PPC_VPA_SLB, &q) && !memcmp(&q, &slb, 16),
	      "vpa.slb", "not kept");
	check(one_reg_set(v, KVM_REG_PPC_VPA_DTL, &small) == -EINVAL, "vpa.dtl_small", "accepted");
	check(!one_reg_set(v, KVM_REG_PPC_VPA_DTL, &dtl) && !one_reg_get(v, KVM_REG_PPC_VPA_DTL, &q) && !memcmp(&q, &dtl, 16),
	      "vpa.dtl", "not kept");
	check(one_reg_set(v, KVM_REG_PPC_VPA_ADDR, &none) == -EINVAL && !one_reg_get(v, KVM_REG_PPC_VPA_ADDR, &got) && got == at,
	      "vpa.order", "VPA gone before the others");
	check(!one_reg_set(v, KVM_REG_PPC_VPA_SLB, &off) && !one_reg_set(v, KVM_REG_PPC_VPA_DTL, &off) &&
	      !one_reg_set(v, KVM_REG_PPC_VPA_ADDR, &none), "vpa.off", "refused");
}

void onereg_special(struct vcpu *v)
{
	u64 val[2] = { 0, 0 };
	u32 insn = 0;
	int rc;

	lpcr(v);
	vpa(v);
	set_get(v, "hior.zero", KVM_REG_PPC_HIOR, 0, 0, 0);
	set_get(v, "hior.other", KVM_REG_PPC_HIOR, 0x1000, 0, -EINVAL);
	/* rounded up to a multiple of 2^24: the time base is set by TBU40 */
	set_get(v, "tb_offset.round", KVM_REG_PPC_TB_OFFSET, 0x12345678001ull, 0x12346000000ull, 0);
	set_get(v, "tb_offset.exact", KVM_REG_PPC_TB_OFFSET, 0x12000000, 0x12000000, 0);
	set_get(v, "tb_offset.zero", KVM_REG_PPC_TB_OFFSET, 0, 0, 0);
	set_get(v, "arch_compat.p7", KVM_REG_PPC_ARCH_COMPAT, 0x0f000003, 0x0f000003, 0);
	set_get(v, "arch_compat.none", KVM_REG_PPC_ARCH_COMPAT, 0, 0, 0);
	set_get(v, "arch_compat.wrong", KVM_REG_PPC_ARCH_COMPAT, 0x12345, 0, -EINVAL);
	/* no hypervisor breakpoints for a guest */
	rc = host_has_207() ? 0 : -ENOENT;
	set_get(v, "ciabr.hyp", KVM_REG_PPC_CIABR, 0x1003, 0x1000, rc);
	set_get(v, "ciabr.zero", KVM_REG_PPC_CIABR, 0, 0, rc);
	set_get(v, "dawrx.hyp", KVM_REG_PPC_DAWRX, 0x1f, 0x1b, rc);
	set_get(v, "dawrx.zero", KVM_REG_PPC_DAWRX, 0, 0, rc);
	check(!one_reg_get(v, KVM_REG_PPC_DEBUG_INST, &insn) && insn, "debug_inst", "no instruction");
	/* ids nobody has, a known number with a wrong size */
	check(one_reg_get(v, KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x7777, val) == -EINVAL, "unknown", "get accepted");
	check(one_reg_set(v, KVM_REG_PPC | KVM_REG_SIZE_U64 | 0x7777, val) == -EINVAL, "unknown.set", "accepted");
	check(one_reg_get(v, (KVM_REG_PPC_DAR & ~KVM_REG_SIZE_MASK) | KVM_REG_SIZE_U32, val) == -EINVAL, "size.get", "accepted");
	check(one_reg_set(v, (KVM_REG_PPC_DAR & ~KVM_REG_SIZE_MASK) | KVM_REG_SIZE_U128, val) == -EINVAL, "size.set", "accepted");
	check(one_reg_get(v, 0, val) == -EINVAL, "id0", "accepted");
	check(one_reg_get(v, ALL, val) == -EINVAL, "id_ones", "accepted");
}
