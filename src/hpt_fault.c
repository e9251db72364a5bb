// SPDX-License-Identifier: GPL-2.0-only
/*
 * Storage interrupts that come to the hypervisor: 0xe00 (data) and 0xe20 (instruction).
 *
 * With VPM=1 every miss and every protection fault of a guest comes here (Power ISA 2.07 Book III-S
 * 5.7.3, 6.5.18, 6.5.19). It is one of: the guest's own fault, which it gets as 0x300 or 0x400; a
 * page that the host has to provide; emulated MMIO; or gone by the time we look.
 */
#include <linux/sched.h>
#include <linux/uaccess.h>	/* before the next: asm/inst.h is not self-contained */
#include <asm/sstep.h>

#include "hpt.h"

/* What SRR1 says of an instruction storage interrupt, ISA 2.07 6.5.5; DSISR has the same bits */
#define SRR1_ISI_WHY	(SRR1_ISI_NOPT | SRR1_ISI_N_G_OR_CIP | SRR1_ISI_PROT | DSISR_KEYFAULT)

/* The bits that the HPT decides; without any of them the interrupt is the guest's as it stands. */
#define DSISR_OF_HPT	(DSISR_NOHPTE | DSISR_PROTFAULT)

/**
 * smt_slb_find - the segment that translates an address of the guest
 * @vcpu: the vcpu, its SLB saved
 * @ea: effective address
 * @data: data access, not instruction fetch: MSR[DR] or MSR[IR] counts
 * @slb_v: set to the second dword of the SLB entry; with translation off, of the VRMA's segment
 *
 * Context: the vcpu is not in the guest.
 *
 * Return: false if the guest's SLB has no entry.
 */
bool smt_slb_find(struct kvm_vcpu *vcpu, unsigned long ea, bool data, u64 *slb_v)
{
	int i, n = min_t(int, vcpu->arch.slb_max, ARRAY_SIZE(vcpu->arch.slb));

	if (!(vcpu->arch.shregs.msr & (data ? MSR_DR : MSR_IR))) {
		*slb_v = vcpu->kvm->arch.vrma_slb_v;
		return true;
	}

	for (i = 0; i < n; i++) {
		struct kvmppc_slb *slb = &vcpu->arch.slb[i];
		unsigned long mask = slb->origv & SLB_VSID_B_1T ? ESID_MASK_1T : ESID_MASK;

		if ((slb->orige & SLB_ESID_V) && !((ea ^ slb->orige) & mask)) {
			*slb_v = slb->origv;
			return true;
		}
	}
	return false;
}

/* The guest's own: it gets the interrupt that the hardware would have given it. */
static int reflect(struct kvm_vcpu *vcpu, unsigned long ea, unsigned int why, bool data)
{
	if (data) {
		vcpu->stat.sp_storage++;
		vcpu->arch.shregs.dar = ea;
		vcpu->arch.shregs.dsisr = why;
		smt_inject_interrupt(vcpu, BOOK3S_INTERRUPT_DATA_STORAGE, 0);
	} else {
		vcpu->stat.sp_instruc++;
		smt_inject_interrupt(vcpu, BOOK3S_INTERRUPT_INST_STORAGE, why & SRR1_ISI_WHY);
	}
	return RESUME_GUEST;
}

/*
 * The SLB has no entry although the hardware has found one: the guest has changed the SLB by slbie or
 * slbmte, and the access was done with what the core still had of the old entry.
 */
static int reflect_segment(struct kvm_vcpu *vcpu, unsigned long ea, bool data)
{
	if (data)
		vcpu->arch.shregs.dar = ea;
	smt_inject_interrupt(vcpu, data ? BOOK3S_INTERRUPT_DATA_SEGMENT :
				   BOOK3S_INTERRUPT_INST_SEGMENT, 0);
	return RESUME_GUEST;
}

/* The guest's instruction at nip, for us, and for kvm.ko in vcpu->arch.last_inst */
static bool fetch_instruction(struct kvm_vcpu *vcpu, u32 *inst)
{
	bool le = vcpu->arch.shregs.msr & MSR_LE;

	if (kvmppc_load_last_inst(vcpu, INST_GENERIC, &vcpu->arch.last_inst) != EMULATE_DONE) {
		vcpu->arch.last_inst = KVM_INST_FETCH_FAILED;
		return false;
	}
	*inst = vcpu->arch.last_inst;
	if (le != IS_ENABLED(CONFIG_CPU_LITTLE_ENDIAN))
		*inst = swab32(*inst);
	return true;
}

/*
 * Fetch the instruction that accesses MMIO and let kvm.ko emulate it. The guest may have changed it
 * after it was executed: a load that has become a store was not checked for the right to write, so
 * it has to fault by itself.
 */
static int emulate_mmio(struct kvm_vcpu *vcpu, gpa_t gpa, unsigned long ea, bool store)
{
	struct instruction_op op;
	u32 inst;

	if (!fetch_instruction(vcpu, &inst))
		return RESUME_GUEST;

	vcpu->arch.regs.msr = vcpu->arch.shregs.msr;
	if (analyse_instr(&op, &vcpu->arch.regs, ppc_inst(inst)) == 0) {
		int type = GETTYPE(op.type);

		if (OP_IS_LOAD_STORE(type) && OP_IS_STORE(type) != store)
			return RESUME_GUEST;
	}

	vcpu->arch.paddr_accessed = gpa;
	vcpu->arch.vaddr_accessed = ea;
	return kvmppc_emulate_mmio(vcpu);
}

/* No memory behind the address: MMIO of a device that userspace or the kernel emulates */
static int no_memory(struct kvm_vcpu *vcpu, gpa_t gpa, unsigned long ea, bool store, bool data)
{
	if (data)
		return emulate_mmio(vcpu, gpa, ea, store);
	/* nobody can execute there: as if it were guarded, which device memory is */
	return reflect(vcpu, ea, SRR1_ISI_N_G_OR_CIP, false);
}

/**
 * smt_page_fault - serve a fault that was found to be neither the guest's own nor gone
 * @vcpu: the vcpu; vcpu->arch.pgfault_* as kvmppc_hpte_hv_fault() left them for this fault
 * @ea: effective address
 * @dsisr: HDSISR; only the store bit counts
 * @data: data storage, not instruction storage
 *
 * Context: the vcpu's task in the VM's own mm; may sleep. vcpu->mutex held. kvm->srcu need not be
 * held; if the caller does, with an index of its own (kvm.ko uses the one in the vcpu).
 *
 * Return: RESUME_GUEST*, RESUME_HOST* with vcpu->run filled in, or an errno for KVM_RUN: -EFAULT when
 * the VM's memory is such that the guest's access can never be done, -ENOMEM.
 */
int smt_page_fault(struct kvm_vcpu *vcpu, unsigned long ea, unsigned long dsisr, bool data)
{
	bool store = data && (dsisr & DSISR_ISSTORE);
	int r = SMT_MAP_RETRY, idx;
	gpa_t gpa;

	if (data)
		vcpu->stat.pf_storage++;
	else
		vcpu->stat.pf_instruc++;

	idx = srcu_read_lock(&vcpu->kvm->srcu);
	/* while the HPT is replaced: KVM_RUN waits for the new one before the guest faults again */
	if (READ_ONCE(vcpu->kvm->arch.mmu_ready))
		r = smt_hpt_map(vcpu, ea, store, &gpa);
	srcu_read_unlock(&vcpu->kvm->srcu, idx);

	if (r == SMT_MAP_MMIO)
		return no_memory(vcpu, gpa, ea, store, data);
	return r == SMT_MAP_RETRY ? RESUME_GUEST : r;
}

/* What smt_hpte_fault() returns, or 0 while the HPT is replaced */
static long classify(struct kvm_vcpu *vcpu, unsigned long ea, u64 slb_v, unsigned int why, bool data)
{
	struct kvm *kvm = vcpu->kvm;
	long ret = 0;
	int idx;

	idx = srcu_read_lock(&kvm->srcu);
	if (READ_ONCE(kvm->arch.mmu_ready)) {
		preempt_disable();
		ret = smt_hpte_fault(vcpu, ea, slb_v, why, data);
		preempt_enable();
	}
	srcu_read_unlock(&kvm->srcu, idx);
	return ret;
}

/**
 * smt_storage_exit - handle 0xe00 or 0xe20 of a guest, nothing of it done yet
 * @vcpu: the vcpu, its registers and SLB saved. vcpu->arch.fault_dsisr: HDSISR, or HSRR1 for 0xe20;
 *	vcpu->arch.fault_dar: HDAR, not used for 0xe20
 * @data: 0xe00
 *
 * Context: as smt_page_fault().
 *
 * Return: as smt_page_fault().
 */
int smt_storage_exit(struct kvm_vcpu *vcpu, bool data)
{
	unsigned long ea = data ? vcpu->arch.fault_dar : kvmppc_get_pc(vcpu);
	unsigned int why = vcpu->arch.fault_dsisr;
	u64 slb_v;
	long ret;

	if (!data)
		why &= SRR1_ISI_WHY;
	if (!(why & (data ? DSISR_OF_HPT : SRR1_ISI_NOPT)))
		return reflect(vcpu, ea, why, data);

	if (!smt_slb_find(vcpu, ea, data, &slb_v))
		return reflect_segment(vcpu, ea, data);

	ret = classify(vcpu, ea, slb_v, why, data);
	if (ret > 0)
		return reflect(vcpu, ea, ret, data);
	return ret == 0 ? RESUME_GUEST : smt_page_fault(vcpu, ea, why, data);
}
