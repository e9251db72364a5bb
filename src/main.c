// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvm-hv-smt: registers itself as the HV flavour of kvm.ko, or says in one sentence why it cannot.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/cpu.h>
#include <linux/kvm_host.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/of.h>
#include <asm/cputhreads.h>
#include <asm/machdep.h>
#include <asm/paca.h>
#include <asm/processor.h>
#include "core.h"
#include "hpt.h"
#include "selftest.h"
#include "smt.h"
#include "compat/ops.h"

static struct kvmppc_ops smt_ops = {
	.owner			= THIS_MODULE,
	.get_sregs		= smt_get_sregs,
	.set_sregs		= smt_set_sregs,
	.get_one_reg		= smt_get_one_reg,
	.set_one_reg		= smt_set_one_reg,
	.vcpu_load		= smt_vcpu_load,
	.vcpu_put		= smt_vcpu_put,
	.inject_interrupt	= smt_inject_interrupt,
	.set_msr		= smt_set_msr,
	.vcpu_run		= smt_vcpu_run,
	.vcpu_create		= smt_vcpu_create,
	.vcpu_free		= smt_vcpu_free,
	.check_requests		= smt_check_requests,
	.get_dirty_log		= smt_get_dirty_log,
	.flush_memslot		= smt_flush_memslot,
	SMT_OPS_MEMSLOT
	SMT_OPS_MM
	.free_memslot		= smt_free_memslot,
	.init_vm		= smt_init_vm,
	.destroy_vm		= smt_destroy_vm,
	.get_smmu_info		= smt_get_smmu_info,
	.emulate_op		= smt_emulate_op,
	.emulate_mtspr		= smt_emulate_mtspr,
	.emulate_mfspr		= smt_emulate_mfspr,
	.fast_vcpu_kick		= smt_fast_vcpu_kick,
	SMT_OPS_VM_IOCTL
	.hcall_implemented	= smt_hcall_implemented,
	.set_smt_mode		= smt_set_smt_mode,
	SMT_OPS_DEBUGFS
};

/* Instruction emulation of kvm.ko is PR's; the HV flavour leaves it alone. */
int smt_emulate_op(struct kvm_vcpu *vcpu, unsigned int inst, int *advance)
{
	return EMULATE_FAIL;
}

int smt_emulate_mtspr(struct kvm_vcpu *vcpu, int sprn, ulong val)
{
	return EMULATE_FAIL;
}

int smt_emulate_mfspr(struct kvm_vcpu *vcpu, int sprn, ulong *val)
{
	return EMULATE_FAIL;
}

static bool no_xics(void)
{
	struct device_node *np = of_find_compatible_node(NULL, NULL, "ibm,opal-intc");

	of_node_put(np);
	return np || !get_paca()->kvm_hstate.xics_phys;
}

static bool not_hv(void)
{
	return !cpu_has_feature(CPU_FTR_HVMODE);
}

static bool too_new(void)
{
	return cpu_has_feature(CPU_FTR_ARCH_300);
}

static bool too_old(void)
{
	return !cpu_has_feature(CPU_FTR_ARCH_206);
}

static bool radix(void)
{
	return radix_enabled();
}

static bool taken(void)
{
	return kvmppc_hv_ops;
}

static bool split(void)
{
	return threads_per_subcore != threads_per_core;
}

static bool too_many_threads(void)
{
	return threads_per_core > SMT_MAX_THREADS;
}

/* powersave=off: offline threads spin with the MMU on and cannot be taken over. */
static bool no_nap(void)
{
	return cpuidle_disable == IDLE_POWERSAVE_OFF;
}

static const struct {
	bool (*refuse)(void);
	int err;
	const char *why;
} preconditions[] = {
	{ not_hv, -ENODEV, "this host does not run in hypervisor mode (it is a guest itself)" },
	{ too_new, -ENODEV, "this processor is POWER9 or later; use kvm_hv" },
	{ too_old, -ENODEV, "this processor is older than POWER7" },
	{ radix, -ENODEV, "the host uses the radix MMU; use kvm_hv" },
	{ no_xics, -ENODEV, "the host has no XICS interrupt controller" },
	{ too_many_threads, -ENODEV, "a core has more threads than any POWER8" },
	{ split, -EBUSY, "the cores are split; run: echo 1 > /sys/devices/system/cpu/subcores_per_core" },
	{ no_nap, -EINVAL, "offline threads do not nap: boot the host without powersave=off" },
	{ taken, -EBUSY, "another hypervisor module is loaded; end its VMs and run: rmmod kvm_hv" },
};

static int check_host(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(preconditions); i++) {
		if (!preconditions[i].refuse())
			continue;
		pr_err("not loaded: %s\n", preconditions[i].why);
		return preconditions[i].err;
	}
	return 0;
}

static int __init smt_init(void)
{
	int r = check_host();

	if (r)
		return r;
	r = smt_images_init();
	if (r) {
		pr_err("not loaded: no memory for the cores' images, 1 MiB each\n");
		return r;
	}
	r = smt_selftest_all();
	if (r) {
		pr_err("not loaded: the self-test failed, the lines above say where\n");
		smt_images_exit();
		return r;
	}
	/* the last LPID stands for nobody, while a partition is switched */
	smt_init_lpids(smt_nr_lpids() - 1);
	smt_debugfs_init();
	kvmppc_hv_ops = &smt_ops;
	pr_info("ready: %d threads a core, XICS %s\n", threads_per_core, smt_xics_reach());
	return 0;
}

static void __exit smt_exit(void)
{
	if (kvmppc_hv_ops == &smt_ops)
		kvmppc_hv_ops = NULL;
	smt_debugfs_exit();
	smt_images_exit();
}

module_init(smt_init);
module_exit(smt_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KVM for POWER7 and POWER8: guests on all threads of a core");
MODULE_VERSION(SMT_VERSION);	/* of dkms.conf, by Kbuild */
MODULE_ALIAS_MISCDEV(KVM_MINOR);
MODULE_ALIAS("devname:kvm");
