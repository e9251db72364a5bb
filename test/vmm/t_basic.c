// SPDX-License-Identifier: GPL-2.0-only
/* One vcpu: what a KVM client and a guest may rely on. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "regids.h"
#include "vmm.h"

static struct vm *basic(unsigned int prog, u64 arg0, u64 arg1)
{
	struct vm_cfg cfg = { .guest = "basic", .prog = prog, .arg = { arg0, arg1 } };

	return vm_new(&cfg);
}

static void run_free(struct vm *vm)
{
	vm_run(vm);
	vm_free(vm);
}

static void c_hcall(void)
{
	struct vm *vm = basic(B_HCALL, rounds(500), 0);

	vm_run(vm);
	check(vm->v[0].echoes == rounds(500), "count", "%llu exits, want %u", vm->v[0].echoes, rounds(500));
	vm_free(vm);
}

/* values over an exit, seen from here: guest's struct gregs at the address in flag[0] */
static u64 greg(struct vm *vm, u64 at, unsigned int off)
{
	return g64(vm, at + off);
}

#define GR(off)		greg(vm, at, off)
#define GR_SET(off, v)	g64_set(vm, at + (off), v)
/* offsets of test/guest/cpu.h */
#include "../guest/cpu.h"

static void vr_split(struct vm *vm, u64 at, unsigned int n, u64 out[2])
{
	u64 d0 = GR(GR_VSR + 16 * n), d1 = GR(GR_VSR + 16 * n + 8);

	/* a 128-bit number in memory order */
	out[0] = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? d0 : d1;
	out[1] = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? d1 : d0;
}

/* a failure is told once for each name */
static bool first_time(const char *name)
{
	static const char *seen[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seen) && seen[i]; i++)
		if (!strcmp(seen[i], name))
			return false;
	if (i < ARRAY_SIZE(seen))
		seen[i] = name;
	return true;
}

static void compare_one(struct vcpu *v, const char *name, u64 id, const void *want, unsigned int len, unsigned int *bad)
{
	u64 got[2] = { 0, 0 }, w[2] = { 0, 0 };
	int r = one_reg_get(v, id, got);

	memcpy(w, want, len);
	if (r || memcmp(got, want, len)) {
		if (first_time(name))
			check(false, name, "id %#llx: %s, %#llx %#llx, want %#llx %#llx", id, r ? strerror(-r) : "differs",
			      got[0], got[1], w[0], w[1]);
		++*bad;
	}
}

static void compare_val(const char *name, u64 got, u64 want, unsigned int *bad)
{
	if (got == want)
		return;
	if (first_time(name))
		check(false, name, "%#llx, want %#llx", got, want);
	++*bad;
}

static void compare_regs(struct vcpu *v, u64 at, unsigned int *bad)
{
	struct vm *vm = v->vm;
	struct kvm_regs r;
	u64 q[2], d;
	u32 w;
	int i;

	/* PAPR lets an hcall change r0, r3-r12, CR, XER, CTR; r3-r12 are its arguments as given */
	vm_ioctl(v->fd, KVM_GET_REGS, (unsigned long)&r);
	for (i = 1; i < 32; i++)
		compare_val("get_gpr", r.gpr[i], GR(GR_GPR + 8 * i), bad);
	compare_val("get_lr", r.lr, GR(GR_LR), bad);
	for (i = 0; i < 32; i++) {
		d = GR(GR_VSR + 16 * i);
		compare_one(v, "get_fpr", KVM_REG_PPC_FPR(i), &d, 8, bad);
		vr_split(vm, at, i, q);
		compare_one(v, "get_vsr", KVM_REG_PPC_VSR(i), q, 16, bad);
		vr_split(vm, at, 32 + i, q);
		compare_one(v, "get_vr", KVM_REG_PPC_VR(i), q, 16, bad);
	}
	d = GR(GR_FPSCR);
	compare_one(v, "get_fpscr", KVM_REG_PPC_FPSCR, &d, 8, bad);
	w = GR(GR_VRSAVE);
	compare_one(v, "get_vrsave", KVM_REG_PPC_VRSAVE, &w, 4, bad);
	w = vm->be ? GR(GR_VSCR + 8) : GR(GR_VSCR);
	/* on a little-endian host kvm.ko itself reads VSCR from the wrong word (u[3], stvx puts it into u[0]) */
	if (!opt.in_tree || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		compare_one(v, "get_vscr", KVM_REG_PPC_VSCR, &w, 4, bad);
}

static void set_vec(struct vcpu *v, u64 at, unsigned int n, u64 id, u64 seed, unsigned int *bad)
{
	struct vm *vm = v->vm;
	u64 q[2];
	int r;

	GR_SET(GR_VSR + 16 * n, mix(seed, 2 * n));
	GR_SET(GR_VSR + 16 * n + 8, mix(seed, 2 * n + 1));
	vr_split(vm, at, n, q);
	r = one_reg_set(v, id, q);
	if (r && !(*bad)++)
		check(false, "set_vec", "id %#llx: %s", id, strerror(-r));
}

static unsigned int regs_bad;
static u64 regs_rounds;

/* New values in every register: GPRs other than the hcall's, CR, XER, LR, CTR, FP, VMX, VSX. */
static void change_regs(struct vcpu *v, u64 at, u64 seed)
{
	struct vm *vm = v->vm;
	struct kvm_regs r;
	u32 w;
	u64 d;
	int i;

	vm_ioctl(v->fd, KVM_GET_REGS, (unsigned long)&r);
	for (i = 0; i < 32; i++)
		if (i < 3 || i > 12) {
			r.gpr[i] = mix(seed, 500 + i);
			GR_SET(GR_GPR + 8 * i, r.gpr[i]);
		}
	r.cr = mix(seed, 600) & 0xffffffff;
	r.xer = mix(seed, 601) & 0xe000007f;
	r.lr = mix(seed, 602) & ~3ull;
	r.ctr = mix(seed, 603);
	GR_SET(GR_CR, r.cr);
	GR_SET(GR_XER, r.xer);
	GR_SET(GR_LR, r.lr);
	GR_SET(GR_CTR, r.ctr);
	if (vm_ioctl(v->fd, KVM_SET_REGS, (unsigned long)&r))
		regs_bad++;
	for (i = 0; i < 32; i++) {
		set_vec(v, at, i, KVM_REG_PPC_VSR(i), seed, &regs_bad);
		set_vec(v, at, 32 + i, KVM_REG_PPC_VR(i), seed, &regs_bad);
	}
	d = 0x80000000 | (mix(seed, 604) & 0x1e000003);
	GR_SET(GR_FPSCR, d);
	regs_bad += !!one_reg_set(v, KVM_REG_PPC_FPSCR, &d);
	w = mix(seed, 605);
	GR_SET(GR_VRSAVE, w);
	regs_bad += !!one_reg_set(v, KVM_REG_PPC_VRSAVE, &w);
}

static long regs_sync(struct vcpu *v, u64 a[9])
{
	struct vm *vm = v->vm;
	u64 at = SH_GET(vm, flag[0]);
	struct kvm_run *run = v->run;
	int i;

	if (a[0] != 1)
		return 0;
	compare_regs(v, at, &regs_bad);
	/* take up this hcall's answer first: it overwrites r3...r12 (RIG: completed by the next KVM_RUN) */
	for (i = 0; i < 9; i++) {
		a[i] = mix(regs_rounds, i);
		run->papr_hcall.args[i] = a[i];
		g64_set(vm, SH(flag[4 + i]), a[i]);
	}
	run->papr_hcall.ret = 0;
	SH_SET(vm, flag[3], 0);
	if (vcpu_complete(v) && !regs_bad++)
		check(false, "complete", "KVM_RUN with immediate_exit did not return EINTR");
	change_regs(v, at, mix(regs_rounds, 99));
	regs_rounds++;
	return 0;
}

static void c_regs(void)
{
	struct vm *vm = basic(B_REGS, rounds(50), 20000);

	vm->on_sync = regs_sync;
	vm_run(vm);
	if (opt.in_tree && __BYTE_ORDER__ != __ORDER_BIG_ENDIAN__)
		skip("get_vscr", "kvm.ko reads the wrong word on a little-endian host");
	check(!regs_bad && regs_rounds == rounds(50), "vmm", "%u registers wrong in %llu rounds", regs_bad, regs_rounds);
	vm_free(vm);
}

static void c_onereg(void)
{
	struct vm *vm = basic(B_IDLE, 0, 0);

	/* before the first run, after it, and once more on a vcpu that has run */
	onereg_round_trips(&vm->v[0], "new");
	vm_run(vm);
	onereg_round_trips(&vm->v[0], "run");
	onereg_special(&vm->v[0]);
	vm_free(vm);
}

static void c_dec(void) { run_free(basic(B_DEC, 0, 0)); }

static void c_cede(void)
{
	/* the limit for a late wake-up: 2 s emulated, 50 ms on hardware (time base 512 MHz) */
	run_free(basic(B_CEDE, opt.emulated ? 1024000000ull * opt.slow : 25600000ull, 0));
}

static long mmio_sync(struct vcpu *v, u64 a[9])
{
	if (a[0] == 4) {
		a[1] = v->vm->mmio_addr;
		a[2] = v->vm->mmio_len;
		a[3] = v->vm->mmio_write;
		a[4] = v->vm->mmio_data;
	}
	return 0;
}

static void c_mmio(void)
{
	struct vm *vm = basic(B_MMIO, 0, 0);

	vm->on_sync = mmio_sync;
	vm_run(vm);
	check(vm->v[0].mmios > 0, "count", "no MMIO exit");
	vm_free(vm);
}

static unsigned int touch_bad;

static long touch_sync(struct vcpu *v, u64 a[9])
{
	struct vm *vm = v->vm;
	u64 ra;

	for (ra = T_FREE_RA; a[0] == 3 && ra < vm->mem_size; ra += 4096) {
		touch_bad += g64(vm, ra) != mix(ra, 7);
		g64_set(vm, ra, mix(ra, 8));
	}
	return 0;
}

static void c_touch(void)
{
	struct vm_cfg cfg = { .guest = "basic", .prog = B_TOUCH, .arg = { 7 }, .mem = 64 << 20, .order = 21 };
	struct vm *vm = vm_new(&cfg);

	vm->on_sync = touch_sync;
	vm_run(vm);
	check(!touch_bad, "seen", "%u pages differ in userspace", touch_bad);
	vm_free(vm);
}

static void c_hpt(void) { run_free(basic(B_HPT, 0, 0)); }
static void c_map(void) { run_free(basic(B_MAP, rounds(100), getpagesize())); }
static void c_watch(void) { run_free(basic(B_WATCH, opt.emulated, 0)); }
static void c_user(void) { run_free(basic(B_USER, host_has_207(), 0)); }
static void c_vpa(void) { run_free(basic(B_VPA, 0, 0)); }
static void c_slb(void) { run_free(basic(B_SEG, rounds(40), 4000000)); }

/* An HPT of every order there is room for runs a guest; memory that is not a multiple of much. */
static void c_sizes(void)
{
	unsigned int order;

	for (order = 18; order <= 24; order += 2) {
		struct vm_cfg cfg = { .guest = "basic", .prog = B_IDLE, .order = order, .mem = (16 << 20) + 65536 * order };
		struct vm *vm = vm_new(&cfg);
		char name[32];

		snprintf(name, sizeof(name), "order%u", order);
		check(vm_run(vm), name, "does not run");
		vm_free(vm);
	}
}

static const struct test_case cases[] = {
	{ "hcall", c_hcall, 60, CASE_ENDIAN },
	{ "regs", c_regs, 120, CASE_ENDIAN },
	{ "onereg", c_onereg, 60, 0 },
	{ "dec", c_dec, 60, CASE_ENDIAN },
	{ "cede", c_cede, 60, CASE_ENDIAN },
	{ "mmio", c_mmio, 60, CASE_ENDIAN },
	{ "touch", c_touch, 120, CASE_ENDIAN },
	{ "hpt", c_hpt, 60, CASE_ENDIAN },
	{ "map", c_map, 60, CASE_ENDIAN },
	{ "watch", c_watch, 60, 0 },
	{ "user", c_user, 60, CASE_ENDIAN },
	{ "vpa", c_vpa, 60, CASE_ENDIAN },
	{ "slb", c_slb, 60, CASE_ENDIAN },
	{ "sizes", c_sizes, 120, 0 },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
