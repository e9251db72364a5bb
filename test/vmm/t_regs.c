// SPDX-License-Identifier: GPL-2.0-only
/*
 * No register of one vcpu reaches another or the VMM. Some vcpus write to every
 * register all the time, the others hold values and look after them, and the VMM
 * looks after its own user registers over every KVM_RUN.
 */
#include <stdio.h>
#include <string.h>

#include "uregs.h"
#include "vmm.h"

static void regs_run(unsigned int scribblers, bool vcore_each)
{
	struct vm_cfg cfg = { .guest = "regs", .prog = R_RUN, .arg = { rounds(60), 300000 }, .ncpu = opt.threads, .ids_given = true };
	unsigned int i, stride = opt.stride ? opt.stride : host_smt();
	u64 done = ~0ull;
	struct vm *vm;

	if (scribblers > opt.threads)
		return;
	if (!vcore_each && opt.threads > stride) {
		skip("threads", "%u vcpus, %u threads per vcore", opt.threads, stride);
		return;
	}
	for (i = 0; i < cfg.ncpu; i++)
		cfg.ids[i] = vcore_each ? i * stride : i;
	vm = vm_new(&cfg);
	vm->run_ioctl = userstate_run;
	/* H_SET_MODE: DAWR and CIABR; -EINVAL where the module does not know it */
	{
		struct kvm_enable_cap set_mode = { .cap = KVM_CAP_PPC_ENABLE_HCALL, .args = { 0x31c, 1 } };

		check(!vm_ioctl(vm->fd, KVM_ENABLE_CAP, (unsigned long)&set_mode), "enable_set_mode", "H_SET_MODE cannot be enabled");
	}
	/* the last ones scribble, so that thread 0 does and does not, by number */
	for (i = 0; i < cfg.ncpu; i++)
		SH_SET(vm, cpu[i].role, i >= opt.threads - scribblers);
	if (vm_run(vm)) {
		for (i = 0; i < cfg.ncpu; i++)
			done = SH_GET(vm, cpu[i].out[0]) < done ? SH_GET(vm, cpu[i].out[0]) : done;
		check(done == rounds(60), "rounds", "%llu of %u", done, rounds(60));
	}
	userstate_report();
	vm_free(vm);
}

static volatile bool base_stop;

static void *base_other(void *arg)
{
	(void)arg;
	for (u64 n = 0; !base_stop; n++)
		userstate_baseline(-1, n);
	return NULL;
}

/* No guest at all, two tasks that switch: what the VMM looks for must hold then. */
static void c_baseline(void)
{
	u64 end = now_ms() + 2000, n;
	struct vm_cfg cfg = { .guest = "regs", .mem = 4 << 20 };
	struct vm *vm = vm_new(&cfg);
	pthread_t t;

	if (pthread_create(&t, NULL, base_other, NULL))
		fatal("thread", "cannot be made");
	for (n = 0; now_ms() < end; n++)
		userstate_baseline(vm->kvm, n + (1ull << 40));
	base_stop = true;
	pthread_join(t, NULL);
	userstate_report();
	vm_free(vm);
}

static void c_hold(void) { regs_run(0, false); }
static void c_scribble(void) { regs_run(opt.threads, false); }
static void c_mixed(void) { regs_run(opt.threads / 2 ? opt.threads / 2 : 1, false); }
static void c_apart(void) { regs_run(opt.threads / 2, true); }

static const struct test_case cases[] = {
	{ "baseline", c_baseline, 30, 0 },
	{ "hold", c_hold, 240, CASE_ENDIAN | CASE_THREADS },
	{ "scribble", c_scribble, 240, CASE_THREADS },
	{ "mixed", c_mixed, 240, CASE_THREADS },
	{ "apart", c_apart, 300, CASE_THREADS },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
