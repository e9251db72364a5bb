// SPDX-License-Identifier: GPL-2.0-only
/*
 * sc 1 of a guest: which hcall it is, whether the kernel serves it, and the handlers that only
 * translate between PAPR's registers and a function that exists already.
 *
 * Everything in gpr[3..12] comes from the guest and may be anything.
 */
#include <linux/nospec.h>
#include <asm/hvcall.h>
#include <asm/machdep.h>

#include "smt.h"

typedef long (*hcall_fn)(struct kvm_vcpu *vcpu);

/*
 * The vcpu that a guest names by the number in its device tree; NULL when there is none.
 * smt_find_vcpu() takes an int, the guest gives 64 bits: no other vcpu may answer for the low half.
 */
static struct kvm_vcpu *vcpu_by_guest_number(struct kvm_vcpu *vcpu, unsigned long number)
{
	return number < KVM_MAX_VCPU_IDS ? smt_find_vcpu(vcpu->kvm, number) : NULL;
}

/* H_CEDE: interrupts on, and idle until one comes or somebody prods us */
static long h_cede(struct kvm_vcpu *vcpu)
{
	vcpu->arch.shregs.msr |= MSR_EE;
	smt_vcpu_cede(vcpu);
	return H_SUCCESS;
}

/* H_PROD(r4 processor) */
static long h_prod(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu *target = vcpu_by_guest_number(vcpu, kvmppc_get_gpr(vcpu, 4));

	if (!target)
		return H_PARAMETER;
	smt_vcpu_prod(target);
	return H_SUCCESS;
}

/*
 * H_CONFER(r4 processor or -1 for all, r5 its yield count): our cycles to a processor that was not
 * dispatched since the caller looked.  To all, and to oneself: the exit itself was the yield.
 */
static long h_confer(struct kvm_vcpu *vcpu)
{
	unsigned long number = kvmppc_get_gpr(vcpu, 4);
	struct kvm_vcpu *target;

	if (number == -1UL)
		return H_SUCCESS;
	target = vcpu_by_guest_number(vcpu, number);
	if (!target)
		return H_PARAMETER;
	if (target != vcpu && smt_vpa_yield_count(target) == (u32)kvmppc_get_gpr(vcpu, 5))
		smt_vcpu_confer(vcpu, target);
	return H_SUCCESS;
}

/* H_RANDOM: r4 = 64 bits of the hardware generator */
static long h_random(struct kvm_vcpu *vcpu)
{
	unsigned long v;

	if (!ppc_md.get_random_seed || !ppc_md.get_random_seed(&v))
		return H_HARDWARE;
	kvmppc_set_gpr(vcpu, 4, v);
	return H_SUCCESS;
}

/*
 * H_RTAS(r4 real address of the argument block): only calls whose token userspace has given to the
 * kernel.  An unreadable or malformed block goes to userspace too: it serves all other tokens, so it
 * has the check and an answer for the guest, and the VM need not stop for it.
 */
static long h_rtas(struct kvm_vcpu *vcpu)
{
	if (list_empty(&vcpu->kvm->arch.rtas_tokens))
		return H_TOO_HARD;
	return kvmppc_rtas_hcall(vcpu) ? H_TOO_HARD : H_SUCCESS;
}

/* Both read their arguments from, and write their result to, the vcpu themselves. */
static long h_logical_ci_load(struct kvm_vcpu *vcpu)
{
	return kvmppc_h_logical_ci_load(vcpu);
}

static long h_logical_ci_store(struct kvm_vcpu *vcpu)
{
	return kvmppc_h_logical_ci_store(vcpu);
}

#ifdef CONFIG_SPAPR_TCE_IOMMU
/*
 * Do @npages TCEs from @ioba lie in the window?  kvm.ko looks at the first one only (6.1 was seen to crash the host
 * for a guest's H_STUFF_TCE of 2^64 - 1 pages).  A window that it does not know is userspace's.
 */
static bool tces_fit(struct kvm_vcpu *vcpu, unsigned long liobn, unsigned long ioba, unsigned long npages)
{
	struct kvmppc_spapr_tce_table *stt;
	unsigned long first;
	bool fit = true;

	rcu_read_lock();
	list_for_each_entry_rcu(stt, &vcpu->kvm->arch.spapr_tce_tables, list) {
		if (stt->liobn != liobn)
			continue;
		first = ioba >> stt->page_shift;
		fit = first >= stt->offset && first - stt->offset < stt->size &&
		      npages <= stt->size - (first - stt->offset);
		break;
	}
	rcu_read_unlock();
	return fit;
}

/* H_GET_TCE(liobn, ioba): r4 = TCE, set by the callee */
static long h_get_tce(struct kvm_vcpu *vcpu)
{
	return kvmppc_h_get_tce(vcpu, kvmppc_get_gpr(vcpu, 4), kvmppc_get_gpr(vcpu, 5));
}

/* H_PUT_TCE(liobn, ioba, tce) */
static long h_put_tce(struct kvm_vcpu *vcpu)
{
	return kvmppc_h_put_tce(vcpu, kvmppc_get_gpr(vcpu, 4), kvmppc_get_gpr(vcpu, 5),
				kvmppc_get_gpr(vcpu, 6));
}

/* H_PUT_TCE_INDIRECT(liobn, ioba, list, count) */
static long h_put_tce_indirect(struct kvm_vcpu *vcpu)
{
	if (!tces_fit(vcpu, kvmppc_get_gpr(vcpu, 4), kvmppc_get_gpr(vcpu, 5), kvmppc_get_gpr(vcpu, 7)))
		return H_PARAMETER;
	return kvmppc_h_put_tce_indirect(vcpu, kvmppc_get_gpr(vcpu, 4), kvmppc_get_gpr(vcpu, 5),
					 kvmppc_get_gpr(vcpu, 6), kvmppc_get_gpr(vcpu, 7));
}

/* H_STUFF_TCE(liobn, ioba, tce, count) */
static long h_stuff_tce(struct kvm_vcpu *vcpu)
{
	if (!tces_fit(vcpu, kvmppc_get_gpr(vcpu, 4), kvmppc_get_gpr(vcpu, 5), kvmppc_get_gpr(vcpu, 7)))
		return H_PARAMETER;
	return kvmppc_h_stuff_tce(vcpu, kvmppc_get_gpr(vcpu, 4), kvmppc_get_gpr(vcpu, 5),
				  kvmppc_get_gpr(vcpu, 6), kvmppc_get_gpr(vcpu, 7));
}
#endif

#ifdef CONFIG_KVM_XICS
/* H_XIRR, H_XIRR_X, H_CPPR, H_EOI, H_IPI, H_IPOLL */
static long h_xics(struct kvm_vcpu *vcpu)
{
	unsigned long nr = kvmppc_get_gpr(vcpu, 3);

	if (!kvmppc_xics_enabled(vcpu))
		return H_TOO_HARD;
	/* the callee would take the low half of a server's number */
	if ((nr == H_IPI || nr == H_IPOLL) && kvmppc_get_gpr(vcpu, 4) > U32_MAX)
		return H_PARAMETER;
	/* each time: the device may have been closed and made anew since the last run */
	if (smt_xics_prepare(vcpu))
		return H_HARDWARE;
	return kvmppc_xics_hcall(vcpu, nr);
}
#endif

/* By hcall number / 4, as the kernel's enabled_hcalls bitmap is. */
static const hcall_fn hcall_table[MAX_HCALL_OPCODE / 4 + 1] = {
#define HCALL(nr, handler, enabled)	[(nr) / 4] = handler,
#include "hcalls.def"
};

#define HCALL_ON	true
#define HCALL_OFF	false

static const struct {
	unsigned short nr;
	bool enabled;
} hcall_defaults[] = {
#define HCALL(nr_, handler, enabled_)	{ .nr = (nr_), .enabled = (enabled_) },
#include "hcalls.def"
};

/* The handler of an hcall number, whatever userspace has enabled; NULL: none */
static hcall_fn hcall_handler(unsigned long nr)
{
	if (nr > MAX_HCALL_OPCODE || nr % 4)
		return NULL;
	return hcall_table[array_index_nospec(nr / 4, ARRAY_SIZE(hcall_table))];
}

/* The handler that serves this VM's hcall in the kernel; NULL: userspace's */
static hcall_fn hcall_handler_of(struct kvm *kvm, unsigned long nr)
{
	hcall_fn fn;

	if (nr == H_RTAS)
		return h_rtas;
	fn = hcall_handler(nr);
	return fn && test_bit(nr / 4, kvm->arch.enabled_hcalls) ? fn : NULL;
}

/*
 * KVM_EXIT_PAPR_HCALL (Documentation/virt/kvm/api.rst): kvm.ko puts ret and args into gpr[3..12] at
 * the next KVM_RUN, because hcall_needed is set.  ret is preset to what PAPR says of an hcall that
 * does not exist, for a userspace that does not know this one.
 */
static int hcall_to_userspace(struct kvm_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	int i;

	run->papr_hcall.nr = kvmppc_get_gpr(vcpu, 3);
	run->papr_hcall.ret = H_FUNCTION;
	for (i = 0; i < ARRAY_SIZE(run->papr_hcall.args); i++)
		run->papr_hcall.args[i] = kvmppc_get_gpr(vcpu, 4 + i);
	run->exit_reason = KVM_EXIT_PAPR_HCALL;
	vcpu->arch.hcall_needed = 1;
	return RESUME_HOST;
}

/**
 * smt_hcall - serve sc 1 of a guest
 * @vcpu: the vcpu; regs.nip is the instruction after sc, gpr[3] the hcall number
 *
 * From problem state it is no hcall: the guest gets its own system call interrupt.  Power ISA leaves
 * that to the hypervisor; this is what kvm-hv does for hash guests, and what a guest needs whose
 * kernel runs KVM-PR, where it is the hcall of a nested guest.
 *
 * Context: the vcpu's task, may sleep.  vcpu->mutex held.  kvm->srcu read-held with an index of the
 * caller's own: kvmppc_rtas_hcall() uses the one in the vcpu (kvm_vcpu_srcu_read_lock) itself.
 *
 * Return: RESUME_GUEST, or RESUME_HOST with vcpu->run filled in.
 */
int smt_hcall(struct kvm_vcpu *vcpu)
{
	hcall_fn handler;
	long ret;

	if ((vcpu->arch.shregs.msr & MSR_PR) || !vcpu->arch.papr_enabled) {
		smt_inject_interrupt(vcpu, BOOK3S_INTERRUPT_SYSCALL, 0);
		return RESUME_GUEST;
	}

	handler = hcall_handler_of(vcpu->kvm, kvmppc_get_gpr(vcpu, 3));
	if (!handler)
		return hcall_to_userspace(vcpu);

	ret = handler(vcpu);
	if (ret == H_TOO_HARD)
		return hcall_to_userspace(vcpu);

	kvmppc_set_gpr(vcpu, 3, ret);
	vcpu->arch.hcall_needed = 0;
	return RESUME_GUEST;
}

/**
 * smt_hcall_implemented - may userspace enable this hcall? (kvmppc_ops.hcall_implemented)
 * @hcall: hcall number, from userspace, any value
 *
 * Context: any.
 *
 * Return: 1 if the kernel has a handler, 0 if not.
 */
int smt_hcall_implemented(unsigned long hcall)
{
	return hcall_handler(hcall) != NULL;
}

/**
 * smt_hcall_init_defaults - set the hcalls that a new VM has enabled
 * @kvm: the VM, nobody else knows it yet
 *
 * Context: init_vm.
 */
void smt_hcall_init_defaults(struct kvm *kvm)
{
	int i;

	bitmap_zero(kvm->arch.enabled_hcalls, MAX_HCALL_OPCODE / 4 + 1);
	for (i = 0; i < ARRAY_SIZE(hcall_defaults); i++)
		if (hcall_defaults[i].enabled)
			set_bit(hcall_defaults[i].nr / 4, kvm->arch.enabled_hcalls);
}
