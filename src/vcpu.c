// SPDX-License-Identifier: GPL-2.0-only
/* Making and removing vcpus, and the vcores they belong to. */
#include <linux/slab.h>
#include <asm/dbell.h>
#include <asm/reg.h>
#include "assert.h"
#include "smt.h"

static struct smt_vcore *vcore_create(struct smt_vm *vm, int id)
{
	struct kvm *kvm = vm->kvm;
	struct smt_vcore *vc = kzalloc(sizeof(*vc), GFP_KERNEL);

	if (!vc)
		return NULL;
	spin_lock_init(&vc->kvc.lock);
	spin_lock_init(&vc->kvc.stoltb_lock);
	rcuwait_init(&vc->kvc.wait);
	INIT_LIST_HEAD(&vc->kvc.preempt_list);
	vc->kvc.preempt_tb = ~0ULL;
	vc->kvc.kvm = kvm;
	vc->kvc.lpcr = kvm->arch.lpcr;
	vc->kvc.first_vcpuid = id;
	vc->vm = vm;
	return vc;
}

/* Free the vcores of a VM whose vcpus are gone. */
void smt_vcores_free(struct kvm *kvm)
{
	int i;

	for (i = 0; i < KVM_MAX_VCORES; i++) {
		if (!kvm->arch.vcores[i])
			continue;
		SMT_ASSERT(!to_smt_vcore(kvm->arch.vcores[i])->waits_at);
		kfree(to_smt_vcore(kvm->arch.vcores[i]));
		kvm->arch.vcores[i] = NULL;
	}
	kvm->arch.online_vcores = 0;
}

/* The vcore of @core, made if there is none.  kvm->lock held; whoever changes LPCR holds mmu_setup_lock. */
static struct smt_vcore *vcore_get(struct smt_vm *vm, unsigned int core, int first_id)
{
	struct kvm *kvm = vm->kvm;
	struct smt_vcore *vc;

	if (kvm->arch.vcores[core])
		return to_smt_vcore(kvm->arch.vcores[core]);
	mutex_lock(&kvm->arch.mmu_setup_lock);
	vc = vcore_create(vm, first_id);
	if (vc) {
		vm->vcores_end = max(vm->vcores_end, core + 1);
		smp_store_release(&kvm->arch.vcores[core], &vc->kvc);	/* made, before smt_pack() sees it */
		kvm->arch.online_vcores++;
	}
	mutex_unlock(&kvm->arch.mmu_setup_lock);
	return vc;
}

/* kvm->lock held. */
static int place(struct smt_vm *vm, struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vm->kvm;
	unsigned int id = vcpu->vcpu_id, mode = kvm->arch.smt_mode;
	unsigned int core = id / mode, thread = id % mode;
	struct smt_vcore *vc;
	unsigned long flags;

	if (core >= KVM_MAX_VCORES)
		return -EINVAL;
	vc = vcore_get(vm, core, id - thread);
	if (!vc)
		return -ENOMEM;
	if (vc->thr[thread].vcpu)
		return -EEXIST;
	vcpu->arch.vcore = &vc->kvc;
	vcpu->arch.ptid = thread;
	vcpu->arch.thread_cpu = -1;
	vcpu->arch.prev_cpu = -1;
	/* the lock: smt_set_lpcr() changes the endianness of interrupts for all vcpus that it sees */
	spin_lock_irqsave(&vc->kvc.lock, flags);
	vc->thr[thread].state = SCHED_NOTREADY;
	if (vc->kvc.lpcr & LPCR_ILE)
		vcpu->arch.intr_msr |= MSR_LE;
	vc->kvc.num_threads++;
	smp_wmb();		/* a vcpu is complete before others of its vcore see it */
	WRITE_ONCE(vc->thr[thread].vcpu, vcpu);
	vc->end = max_t(int, vc->end, thread + 1);
	spin_unlock_irqrestore(&vc->kvc.lock, flags);
	return 0;
}

/* Facilities that a guest may use; those it may not fault with 0xf80. */
static unsigned long guest_hfscr(void)
{
	unsigned long v;

	if (!cpu_has_feature(CPU_FTR_ARCH_207S))
		return 0;
	v = HFSCR_TAR | HFSCR_EBB | HFSCR_PM | HFSCR_BHRB | HFSCR_DSCR | HFSCR_VECVSX | HFSCR_FP;
	/*
	 * msgsndp between the threads of a vcore.  The host does not grant it to itself.  TM stays off:
	 * this module does not save the state of transactions.
	 */
	return v | HFSCR_MSGP;
}

static void init_arch(struct kvm_vcpu *vcpu)
{
	vcpu->arch.shared = &vcpu->arch.shregs;
	smt_set_shared_endian(vcpu);
	vcpu->arch.mmcr[0] = MMCR0_FC;
	vcpu->arch.ctrl = CTRL_RUNLATCH;
	vcpu->arch.pvr = mfspr(SPRN_PVR);
	spin_lock_init(&vcpu->arch.vpa_update_lock);
	spin_lock_init(&vcpu->arch.tbacct_lock);
	vcpu->arch.busy_preempt = ~0ULL;
	vcpu->arch.shregs.msr = MSR_ME;
	vcpu->arch.intr_msr = MSR_SF | MSR_ME;
	vcpu->arch.hfscr = guest_hfscr();
	smt_set_hfscr_permitted(vcpu, vcpu->arch.hfscr);
	vcpu->arch.cpu_type = KVM_CPU_3S_64;
	vcpu->arch.state = KVMPPC_VCPU_NOTREADY;
	init_waitqueue_head(&vcpu->arch.cpu_run);
	smt_mmu_vcpu_init(vcpu);
}

/**
 * smt_vcpu_create() - the vcpu_create operation
 * @vcpu: allocated by kvm.ko, vcpu_id set
 *
 * vcore = id / SMT mode, thread = id % SMT mode (KVM_CAP_PPC_SMT).
 *
 * Context: process, no locks.
 * Return: 0; -EINVAL the id is too large; -EEXIST taken; -ENOMEM.
 */
int smt_vcpu_create(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;
	int r;

	init_arch(vcpu);
	mutex_lock(&kvm->lock);
	r = place(smt_vm_of(kvm), vcpu);
	smt_create_vm_debugfs(kvm);
	mutex_unlock(&kvm->lock);
	if (r)
		return r;
	kvmppc_sanity_check(vcpu);
	return 0;
}

/**
 * smt_vcpu_free() - the vcpu_free operation
 * @vcpu: not running, and never again
 *
 * Context: process.
 */
void smt_vcpu_free(struct kvm_vcpu *vcpu)
{
	struct smt_vcore *vc = vcpu_vcore(vcpu);
	unsigned long flags;

	smt_vpa_free(vcpu);
	spin_lock_irqsave(&vc->kvc.lock, flags);
	vc->thr[vcpu->arch.ptid].vcpu = NULL;
	vc->thr[vcpu->arch.ptid].state = SCHED_NOTREADY;
	vc->kvc.num_threads--;
	spin_unlock_irqrestore(&vc->kvc.lock, flags);
}

/* The vcpu_load and vcpu_put operations: guest registers are loaded for a run only. */
void smt_vcpu_load(struct kvm_vcpu *vcpu, int cpu)
{
}

void smt_vcpu_put(struct kvm_vcpu *vcpu)
{
}

/* The check_requests operation: kvm.ko asks it only of PR and booke. */
int smt_check_requests(struct kvm_vcpu *vcpu)
{
	return 1;
}
