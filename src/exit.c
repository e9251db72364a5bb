// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits: what made a vcpu leave the guest, and what the host does about it.  Interrupts that
 * are only the host's need nothing; the others are handled in the vcpu's own task, where one may sleep.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/srcu.h>
#include <asm/kvm_asm.h>
#include <asm/reg.h>
#include "smt.h"
#include "hpt.h"

static int exit_hcall(struct kvm_vcpu *vcpu)
{
	return smt_hcall(vcpu);
}

static int exit_data_storage(struct kvm_vcpu *vcpu)
{
	return smt_storage_exit(vcpu, true);
}

static int exit_instr_storage(struct kvm_vcpu *vcpu)
{
	return smt_storage_exit(vcpu, false);
}

/* The guest asked for what it does not have: its own illegal instruction (2.07 Book III-S 6.5.9). */
static int exit_illegal(struct kvm_vcpu *vcpu)
{
	kvmppc_core_queue_program(vcpu, SRR1_PROGILL);
	return RESUME_GUEST;
}

static int exit_emulation(struct kvm_vcpu *vcpu)
{
	if ((u32)vcpu->arch.emul_inst == KVMPPC_INST_SW_BREAKPOINT &&
	    vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP) {
		vcpu->run->exit_reason = KVM_EXIT_DEBUG;
		vcpu->run->debug.arch.address = kvmppc_get_pc(vcpu);
		vcpu->run->debug.arch.status = 0;	/* no watchpoint */
		return RESUME_HOST;
	}
	return exit_illegal(vcpu);
}

/*
 * The host's own handler has had the machine check (the run gives it back first).  The guest, or
 * QEMU if it asked to decide, learns of it.
 */
static int exit_machine_check(struct kvm_vcpu *vcpu)
{
	if (vcpu->kvm->arch.fwnmi_enabled) {
		vcpu->run->exit_reason = KVM_EXIT_NMI;
		vcpu->run->hw.hardware_exit_reason = vcpu->arch.trap;
		vcpu->run->flags &= ~KVM_RUN_PPC_NMI_DISP_MASK;
		vcpu->run->flags |= KVM_RUN_PPC_NMI_DISP_NOT_RECOV;
		return RESUME_HOST;
	}
	kvmppc_core_queue_machine_check(vcpu, 0);
	return RESUME_GUEST;
}

/* An interrupt that no guest should be able to cause: userspace is told, the VM stops. */
static int exit_unknown(struct kvm_vcpu *vcpu)
{
	pr_err_ratelimited("VM of pid %d, vcpu %d: interrupt %x at %lx, msr %llx, is not one a guest can cause; the VM is stopped\n",
			   current->tgid, vcpu->vcpu_id, vcpu->arch.trap, vcpu->arch.regs.nip,
			   vcpu->arch.shregs.msr);
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	vcpu->run->hw.hardware_exit_reason = vcpu->arch.trap;
	return RESUME_HOST;
}

/* For each vector / 0x20: what handles it; HOSTS: nothing has to, the host has had its interrupt or others have left. */
#define HOSTS		exit_unknown
#define EXIT(vec)	[(vec) / 0x20]

static int (* const exits[0x1600 / 0x20])(struct kvm_vcpu *vcpu) = {
	EXIT(0) = HOSTS,				/* only because others left */
	EXIT(BOOK3S_INTERRUPT_SYSTEM_RESET) = HOSTS,
	EXIT(BOOK3S_INTERRUPT_EXTERNAL) = HOSTS,
	EXIT(BOOK3S_INTERRUPT_HV_DECREMENTER) = HOSTS,
	EXIT(BOOK3S_INTERRUPT_H_DOORBELL) = HOSTS,
	EXIT(BOOK3S_INTERRUPT_HMI) = HOSTS,
	EXIT(BOOK3S_INTERRUPT_MACHINE_CHECK) = exit_machine_check,
	EXIT(BOOK3S_INTERRUPT_SYSCALL) = exit_hcall,
	EXIT(BOOK3S_INTERRUPT_H_DATA_STORAGE) = exit_data_storage,
	EXIT(BOOK3S_INTERRUPT_H_INST_STORAGE) = exit_instr_storage,
	EXIT(BOOK3S_INTERRUPT_H_EMUL_ASSIST) = exit_emulation,
	EXIT(BOOK3S_INTERRUPT_H_FAC_UNAVAIL) = exit_illegal,
	EXIT(0x1500) = exit_illegal,			/* soft patch without a denormal operand */
};

static int (*find_exit(u32 trap))(struct kvm_vcpu *vcpu)
{
	u32 i = trap / 0x20;

	return i < ARRAY_SIZE(exits) && trap % 0x20 == 0 ? exits[i] : NULL;
}

/**
 * smt_exit_is_hosts() - did the vcpu leave only for the host, with nothing to do for itself?
 * @trap: the interrupt vector, 0 when others made it leave
 *
 * Context: any.
 */
bool smt_exit_is_hosts(u32 trap)
{
	return find_exit(trap) == HOSTS;
}

/**
 * smt_handle_exit() - handle what made the vcpu leave
 * @vcpu: its task is the caller, its mutex held
 *
 * Context: process, may sleep.
 * Return: RESUME_GUEST, RESUME_HOST with run->exit_reason set, or -errno.
 */
int smt_handle_exit(struct kvm_vcpu *vcpu)
{
	int (*handle)(struct kvm_vcpu *) = find_exit(vcpu->arch.trap) ?: exit_unknown;
	int srcu, r;

	vcpu->arch.last_inst = KVM_INST_FETCH_FAILED;
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	vcpu->run->ready_for_interrupt_injection = 1;
	srcu = srcu_read_lock(&vcpu->kvm->srcu);
	r = handle(vcpu);
	srcu_read_unlock(&vcpu->kvm->srcu, srcu);
	return r;
}

/**
 * smt_set_msr() - the set_msr operation
 * @vcpu: the vcpu
 * @msr: the new value; MSR[HV] and MSR[ME] are the hypervisor's to choose, and there is no TM
 *
 * A vcpu that had ceded goes on: who sets its MSR (a reset, an NMI) has a new place for it to run at.
 *
 * Context: any, the vcpu is not in the guest.
 */
void smt_set_msr(struct kvm_vcpu *vcpu, u64 msr)
{
	vcpu->arch.ceded = 0;
	vcpu->arch.shregs.msr = (msr & ~(MSR_HV | MSR_TM | MSR_TS_MASK)) | MSR_ME;
}

/**
 * smt_inject_interrupt() - the inject_interrupt operation: the vcpu goes to a vector of its own
 * @vcpu: the vcpu
 * @vec: vector
 * @srr1_flags: status bits for SRR1
 *
 * Power ISA 2.07 Book III-S 6.4; with LPCR[AIL] = 3 and translation on the handler is at 0xc...4000,
 * except for the interrupts that AIL leaves out (6.4.8: reset, machine check, and HV ones).
 *
 * Context: any, the vcpu is not in the guest.
 */
void smt_inject_interrupt(struct kvm_vcpu *vcpu, int vec, u64 srr1_flags)
{
	u64 msr = vcpu->arch.shregs.msr, new_msr = vcpu->arch.intr_msr;
	unsigned long pc = vec, lpcr = vcpu->arch.vcore->lpcr;

	if ((lpcr & LPCR_AIL) == LPCR_AIL_3 && (msr & (MSR_IR | MSR_DR)) == (MSR_IR | MSR_DR) &&
	    vec != BOOK3S_INTERRUPT_SYSTEM_RESET && vec != BOOK3S_INTERRUPT_MACHINE_CHECK) {
		pc |= 0xc000000000004000UL;
		new_msr |= MSR_IR | MSR_DR;
	}
	vcpu->arch.shregs.srr0 = vcpu->arch.regs.nip;
	vcpu->arch.shregs.srr1 = (msr & ~0x783f0000UL) | srr1_flags;
	vcpu->arch.regs.nip = pc;
	smt_set_msr(vcpu, new_msr);
}
