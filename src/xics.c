// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvm.ko's XICS device and the hcalls of the interrupt presentation.
 *
 * For an HV guest kvm.ko expects the hypervisor module to have done H_XIRR, H_CPPR, H_EOI and H_IPI in
 * real mode, and only finishes them.  With the device's real_mode flag off it does all of it, in
 * virtual mode.  The flag is private to kvm.ko, so there are two ways to it:
 *
 * - a kernel with the shim of src/shim has an exported accessor; its probe defines
 *   SMT_HAVE_KVMPPC_XICS_SET_REAL_MODE, and nothing here depends on a layout;
 * - otherwise the head of struct kvmppc_xics, which has been the same from 5.10 to 7.2, is written
 *   through the mirror below, after a check that this is what is there.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include "smt.h"
#include "xics_icp.h"

#ifdef CONFIG_KVM_XICS

#ifndef SMT_HAVE_KVMPPC_XICS_SET_REAL_MODE

#define XICS_MAX_ICS	1023

/* The head of struct kvmppc_xics; the two flags are bool there */
struct xics_head {
	struct kvm *kvm;
	struct kvm_device *dev;
	struct dentry *debugfs;
	u32 max_icsid;
	u8 real_mode;
	u8 real_mode_dbg;
};

/*
 * Is the mirror true?  The pointer back to us, a device that points back in two ways, and numbers in
 * their ranges.  The caller's vcpu is connected to the device, so kvm.ko cannot free it now.
 */
static bool mirror_true(const struct xics_head *x, const struct kvm *kvm)
{
	const struct kvm_device *dev = x->dev;

	return x->kvm == kvm && dev && virt_addr_valid(dev) && IS_ALIGNED((unsigned long)dev, 8) &&
	       dev->kvm == kvm && dev->private == x &&
	       x->max_icsid <= XICS_MAX_ICS && x->real_mode <= 1 && x->real_mode_dbg <= 1;
}

/* A new device has the flag on, or another vcpu of the VM has just been here. */
static bool first_seen_on(struct smt_vm *vm, const struct xics_head *x)
{
	if (READ_ONCE(x->real_mode))
		return true;
	smp_rmb();	/* pairs with smp_wmb() in set_virtual_mode() */
	return READ_ONCE(vm->xics_checked);
}

static int set_virtual_mode(struct kvm *kvm)
{
	struct smt_vm *vm = smt_vm_of(kvm);
	/* NULL while the device is on its way out */
	struct xics_head *x = (struct xics_head *)READ_ONCE(kvm->arch.xics);

	if (!x)
		return -ENODEV;
	if (!READ_ONCE(vm->xics_checked)) {
		if (!mirror_true(x, kvm) || !first_seen_on(vm, x)) {
			pr_err_once("XICS device of an unknown layout: use kernel-irqchip=off, or a kernel with the shim (src/shim)\n");
			return -EOPNOTSUPP;
		}
		WRITE_ONCE(vm->xics_checked, true);
	}
	/* each VM has at most one device at a time, kept in the same memory when it is made anew */
	if (READ_ONCE(x->real_mode)) {
		if (!mirror_true(x, kvm))
			return -EOPNOTSUPP;
		smp_wmb();	/* xics_checked first: pairs with smp_rmb() in first_seen_on() */
		WRITE_ONCE(x->real_mode, 0);
	}
	return 0;
}

#define XICS_REACH	"without the shim's accessor"

#else

static int set_virtual_mode(struct kvm *kvm)
{
	return kvmppc_xics_set_real_mode(kvm, false);
}

#define XICS_REACH	"by the shim's accessor"

#endif /* SMT_HAVE_KVMPPC_XICS_SET_REAL_MODE */

/* Is the presentation what real mode takes it for?  See xics_icp.h. */
static bool icp_true(const struct kvm_vcpu *vcpu)
{
	const struct icp_head {
		struct kvm_vcpu *vcpu;
		unsigned long server;
		u64 state;
	} *icp = (const void *)vcpu->arch.icp;
	u64 s;
	u32 xisr;
	u8 cppr, prio;

	BUILD_BUG_ON(offsetof(struct icp_head, server) != ICP_SERVER || offsetof(struct icp_head, state) != ICP_STATE);
	if (!virt_addr_valid(icp) || !IS_ALIGNED((unsigned long)icp, 8) || icp->vcpu != vcpu || icp->server > U32_MAX)
		return false;
	s = READ_ONCE(icp->state);
	xisr = s >> ICP_XISR;
	cppr = s >> ICP_CPPR;
	prio = s >> ICP_PRIO;
	/* no other bits in the first byte, a source of 24 bits, no priority without one, and an output that follows from them */
	return !(s & ICP_BYTE0 & ~(1ULL << ICP_OUT_EE | 1ULL << ICP_NEED_RESEND)) && xisr <= 0xffffff &&
	       (xisr || prio == 0xff) && (s >> ICP_OUT_EE & 1) == (xisr && prio < cppr);
}

static void look_at_icp(struct kvm_vcpu *vcpu)
{
	struct smt_vm *vm = smt_vm_of(vcpu->kvm);

	if (!icp_true(vcpu)) {
		pr_notice_once("XICS presentation of an unknown layout: its hcalls are served in virtual mode, which is slower\n");
		WRITE_ONCE(vm->icp_unknown, true);
	}
	to_smt_vcpu(vcpu)->icp_seen = vcpu->arch.icp;
}

/**
 * smt_xics_prepare - see that kvm.ko serves the hcalls of this vcpu's interrupt presentation
 * @vcpu: the vcpu
 *
 * Cheap when there is nothing to do, so it is called at each KVM_RUN (to refuse early, with the error
 * to userspace) and at each of those hcalls.  No lock: kvm->lock is outside vcpu->mutex, and two
 * vcpus that write the same 0 do no harm.
 *
 * Context: the vcpu's task.  vcpu->mutex held, which keeps the device from being released, because
 * that must disconnect this vcpu first.
 *
 * Return: 0, also if the interrupt controller is userspace's; -EOPNOTSUPP if kvm.ko cannot be made
 * to do it (logged once); -ENODEV if the device is being released.
 */
int smt_xics_prepare(struct kvm_vcpu *vcpu)
{
	if (!kvmppc_xics_enabled(vcpu))
		return 0;
	if (unlikely(to_smt_vcpu(vcpu)->icp_seen != vcpu->arch.icp))
		look_at_icp(vcpu);
	return set_virtual_mode(vcpu->kvm);
}

#else

#define XICS_REACH	"of userspace only: the kernel has none for guests"

int smt_xics_prepare(struct kvm_vcpu *vcpu)
{
	return 0;
}

#endif /* CONFIG_KVM_XICS */

/**
 * smt_xics_reach - how kvm.ko is made to serve a guest's XICS hcalls, for the log
 *
 * Return: a part of a sentence that begins with "XICS".
 */
const char *smt_xics_reach(void)
{
	return XICS_REACH;
}
