// SPDX-License-Identifier: GPL-2.0-only
/* Making and removing VMs, their SMT mode, the VM ioctls. */
#include <linux/hashtable.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/cputhreads.h>
#include <asm/mmu.h>
#include "smt.h"
#include "hpt.h"
#include "park.h"

static DEFINE_HASHTABLE(vms, 6);
static DEFINE_SPINLOCK(vms_lock);

/**
 * smt_vm_of() - what kvm-hv-smt keeps for a VM
 * @kvm: a VM whose init_vm operation succeeded
 *
 * Context: any; the VM must not be going away.
 */
struct smt_vm *smt_vm_of(struct kvm *kvm)
{
	struct smt_vm *vm, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&vms_lock, flags);
	hash_for_each_possible(vms, vm, node, (unsigned long)kvm)
		if (vm->kvm == kvm)
			found = vm;
	spin_unlock_irqrestore(&vms_lock, flags);
	return found;
}

static void vm_publish(struct smt_vm *vm)
{
	unsigned long flags;

	spin_lock_irqsave(&vms_lock, flags);
	hash_add(vms, &vm->node, (unsigned long)vm->kvm);
	spin_unlock_irqrestore(&vms_lock, flags);
}

static void vm_withdraw(struct smt_vm *vm)
{
	unsigned long flags;

	spin_lock_irqsave(&vms_lock, flags);
	hash_del(&vm->node);
	spin_unlock_irqrestore(&vms_lock, flags);
}

/*
 * The guest's LPCR: power-saving exits for H_CEDE's nap, interrupts to the hypervisor as the host has
 * them, virtualised real mode, HDEC.  2.07 Book III-S 2.2.
 */
static unsigned long guest_lpcr(unsigned long host)
{
	unsigned long lpcr = host & (LPCR_PECE | LPCR_LPES);

	lpcr |= (4UL << LPCR_DPFD_SH) | LPCR_HDICE | LPCR_VPM0 | LPCR_VPM1 | LPCR_PECE0 | LPCR_PECE1;
	if (cpu_has_feature(CPU_FTR_ARCH_207S))
		lpcr |= LPCR_ONL | LPCR_PECEDP | LPCR_PECEDH;	/* PECEDH: poke in hcall.S */
	return lpcr;
}

static void init_arch(struct kvm *kvm)
{
	kvm->arch.host_sdr1 = mfspr(SPRN_SDR1);
	kvm->arch.host_lpid = mfspr(SPRN_LPID);
	kvm->arch.host_lpcr = mfspr(SPRN_LPCR);
	kvm->arch.lpcr = guest_lpcr(kvm->arch.host_lpcr);
	kvm->arch.radix = 0;
	kvm->arch.tlb_sets = cpu_has_feature(CPU_FTR_ARCH_207S) ? POWER8_TLB_SETS : POWER7_TLB_SETS;
	kvm->arch.smt_mode = threads_per_subcore;
	kvm->arch.emul_smt_mode = 1;
	mutex_init(&kvm->arch.mmu_setup_lock);
	mutex_init(&kvm->arch.uvmem_lock);
	INIT_LIST_HEAD(&kvm->arch.uvmem_pfns);
	cpumask_setall(&kvm->arch.need_tlb_flush);
	smt_hcall_init_defaults(kvm);
}

/**
 * smt_init_vm() - the init_vm operation
 * @kvm: the new VM
 *
 * Context: process, no locks.
 * Return: 0; -ENOMEM; -EBUSY all LPIDs are in use, or a thread that guests need is online and stays so (the log
 * names it); -EINTR the task was killed while threads were parked.
 */
int smt_init_vm(struct kvm *kvm)
{
	struct smt_vm *vm;
	long lpid;
	int r;

	r = smt_park_get();
	if (r)
		return r;
	vm = kzalloc(sizeof(*vm), GFP_KERNEL);
	if (!vm) {
		smt_park_put();
		return -ENOMEM;
	}
	lpid = kvmppc_alloc_lpid();
	if (lpid < 0) {
		kfree(vm);
		smt_park_put();
		return -EBUSY;
	}
	kvm->arch.lpid = lpid;
	init_arch(kvm);
	vm->kvm = kvm;
	vm_publish(vm);
	return 0;
}

/**
 * smt_destroy_vm() - the destroy_vm operation
 * @kvm: a VM without vcpus
 *
 * Context: process, kvm->lock held.
 */
void smt_destroy_vm(struct kvm *kvm)
{
	struct smt_vm *vm = smt_vm_of(kvm);

	smt_place_forget(kvm);
	smt_vcores_free(kvm);
	smt_hpt_destroy_vm(vm);
	kvmppc_free_lpid(kvm->arch.lpid);
	vm_withdraw(vm);
	kfree(vm);
	smt_park_put();
}

/**
 * smt_set_smt_mode() - KVM_CAP_PPC_SMT of a VM: how many vcpu ids make a vcore
 * @kvm: the VM
 * @mode: a power of two, at most the threads of a core
 * @flags: 0
 *
 * Context: process, no locks.
 * Return: 0; -EINVAL; -EBUSY the VM has vcpus.
 */
int smt_set_smt_mode(struct kvm *kvm, unsigned long mode, unsigned long flags)
{
	int r = 0;

	if (flags || !is_power_of_2(mode) || mode > SMT_MAX_THREADS || mode > threads_per_subcore)
		return -EINVAL;
	mutex_lock(&kvm->lock);
	if (kvm->arch.online_vcores) {
		r = -EBUSY;
	} else {
		kvm->arch.smt_mode = mode;
		kvm->arch.emul_smt_mode = 0;
	}
	mutex_unlock(&kvm->lock);
	return r;
}

static long ioctl_allocate_htab(struct kvm *kvm, void __user *argp)
{
	return smt_vm_ioctl_allocate_htab(kvm, argp);
}

static long ioctl_get_htab_fd(struct kvm *kvm, void __user *argp)
{
	struct kvm_get_htab_fd ghf;

	if (copy_from_user(&ghf, argp, sizeof(ghf)))
		return -EFAULT;
	return smt_vm_ioctl_get_htab_fd(kvm, &ghf);
}

static long ioctl_resize_prepare(struct kvm *kvm, void __user *argp)
{
	struct kvm_ppc_resize_hpt rhpt;

	if (copy_from_user(&rhpt, argp, sizeof(rhpt)))
		return -EFAULT;
	return smt_vm_ioctl_resize_prepare(kvm, &rhpt);
}

static long ioctl_resize_commit(struct kvm *kvm, void __user *argp)
{
	struct kvm_ppc_resize_hpt rhpt;

	if (copy_from_user(&rhpt, argp, sizeof(rhpt)))
		return -EFAULT;
	return smt_vm_ioctl_resize_commit(kvm, &rhpt);
}

static const struct {
	unsigned int nr;
	long (*handle)(struct kvm *kvm, void __user *argp);
} ioctls[] = {
	{ KVM_PPC_ALLOCATE_HTAB, ioctl_allocate_htab },
	{ KVM_PPC_GET_HTAB_FD, ioctl_get_htab_fd },
	{ KVM_PPC_RESIZE_HPT_PREPARE, ioctl_resize_prepare },
	{ KVM_PPC_RESIZE_HPT_COMMIT, ioctl_resize_commit },
};

/**
 * smt_arch_vm_ioctl() - the arch_vm_ioctl operation
 * @filp: the VM's file
 * @ioctl: number
 * @arg: user pointer
 *
 * Context: process.  Return: as the ioctl documents; -ENOTTY for others.
 */
long smt_arch_vm_ioctl(struct file *filp, unsigned int ioctl, unsigned long arg)
{
	struct kvm *kvm = filp->private_data;
	int i;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++)
		if (ioctls[i].nr == ioctl)
			return ioctls[i].handle(kvm, (void __user *)arg);
	return -ENOTTY;
}
