// SPDX-License-Identifier: GPL-2.0-only
/* Offsets and constants of C that the assembly needs; compiled to smt-offsets.h, never linked. */
#include <linux/kbuild.h>
#include <linux/kvm_host.h>
#include <linux/stddef.h>
#include <asm/dbell.h>
#include <asm/paca.h>
#include <asm/kvm_asm.h>
#include <asm/kvm_book3s_asm.h>
#include <asm/lppaca.h>
#include "compat/compat.h"
#include "gate.h"
#include "image.h"

#define SLOT(sym, m)	DEFINE(SLOT_##sym, offsetof(struct smt_slot, m))
#define CORE(sym, m)	DEFINE(CORE_##sym, offsetof(struct smt_image_core, m))
#define VCPU(sym, m)	DEFINE(SV_##sym, offsetof(struct kvm_vcpu, arch.m))

int main(void);
int main(void)
{
#define SPR64(name, num, field)							\
	DEFINE(HOST_##name, offsetof(struct smt_slot, host.name));		\
	DEFINE(SV_R_##name, offsetof(struct kvm_vcpu, field));
#define SPR32(name, num, field)	SPR64(name, num, field)
#define SPRS_206
#define SPRS_206_ONLY
#define SPRS_207
#define SPRS_PMU
#define SPRS_PMU_207
#include "sprs.def"
	SLOT(H_MMCR0, host.mmcr0);
	SLOT(H_CTRL, host.ctrl);
	SLOT(H_LPCR, host.lpcr);
	SLOT(H_LPID, host.lpid);
	SLOT(H_SDR1, host.sdr1);
	SLOT(H_PURR, host.purr);
	SLOT(H_SPURR, host.spurr);
	SLOT(H_HSPRG0, host.hsprg0);
	SLOT(H_DEC, host.dec);
	SLOT(H_DEC_EXPIRES, host.dec_expires);

	SLOT(CORE, core);
	SLOT(PACA, paca);
	SLOT(ICP, icp);
	SLOT(BIT, bit);
	SLOT(STACK, stack);
	SLOT(EXIT_EA, exit_ea);
	SLOT(CMD, cmd);
	SLOT(VCPU, vcpu);
	SLOT(LPCR, lpcr);
	SLOT(SAVED, saved);
	SLOT(ENTERED_SEQ, entered_seq);
	SLOT(STATE, state);
	SLOT(OWNED, owned);
	SLOT(SENDERS, senders);
	SLOT(WAIT_END, wait_end);
	SLOT(WAIT_LOOK, wait_look);
	SLOT(SPIN_END, spin_end);
	SLOT(RESUME, resume);
	SLOT(OWN_LPIDR, own_lpidr);
	SLOT(TRAP, trap);
	SLOT(EVENT, event);
	SLOT(EVENT_SRR1, event_srr1);
	SLOT(EVENT_DAR, event_dar);
	SLOT(EVENT_DSISR, event_dsisr);
	SLOT(CUR_LPCR, cur_lpcr);
	SLOT(PURR_IN, purr_in);
	SLOT(SPURR_IN, spurr_in);
	SLOT(PURR_USED, purr_used);
	SLOT(SPURR_USED, spurr_used);
	SLOT(R11, r11);
	SLOT(R12, r12);
	SLOT(CTR, ctr);
	SLOT(CR, cr);
	SLOT(CFAR, cfar);
	SLOT(WAKE_VEC, wake_vec);
	SLOT(IN_CALL, in_call);
	SLOT(IN_GUEST, in_guest);
	SLOT(WAKE_SRR0, wake_srr0);
	SLOT(WAKE_SRR1, wake_srr1);
	SLOT(BAD_TRAP, bad_trap);
	SLOT(BAD_NIP, bad_nip);
	SLOT(BAD_MSR, bad_msr);
	SLOT(BAD_LR, bad_lr);
	SLOT(RET_NIP, ret_nip);
	SLOT(RET_MSR, ret_msr);
	SLOT(RET_R1, ret_r1);
	SLOT(RET_R2, ret_r2);
	SLOT(RET_R13, ret_r13);
	SLOT(RESULT, result);
	SLOT(TEXT_E, text_e);
	SLOT(TEXT_V, text_v);
	SLOT(WAKES, wakes);
	SLOT(STRAYS, strays);
	SLOT(IPIS, ipis);
	SLOT(JOINS, joins);
	SLOT(CEDE_TB, cede_tb);
	SLOT(IDLE_TB, idle_tb);
	SLOT(FOREIGN_IRQS, foreign_irqs);
	SLOT(LOG_N, log_n);
	SLOT(LOG, log);
	DEFINE(IMG_LOG_N, IMG_LOG);

	CORE(GATE, gate);
	CORE(LIVE, live);
	CORE(BASE, base);
	CORE(HRMOR, hrmor);
	CORE(SHOOTDOWN, shootdown);
	CORE(THREAD_MASK, thread_mask);
	CORE(FLAGS, flags);
	CORE(TOC, toc);
	CORE(LPID_RSVD, lpid_rsvd);
	CORE(PACA_SAVED_R1, paca_saved_r1);
	CORE(PACA_SLB_SHADOW, paca_slb_shadow);
	CORE(FN_LOAD_FP, fn_load_fp);
	CORE(FN_STORE_FP, fn_store_fp);
	CORE(FN_LOAD_VR, fn_load_vr);
	CORE(FN_STORE_VR, fn_store_vr);
	CORE(FN_TLB_FLUSH, fn_tlb_flush);
	CORE(FN_HPTE_FAULT, fn_hpte_fault);
	CORE(HCALL, hcall);
	CORE(SEQ, seq);
	CORE(ROLL, roll);
	CORE(HOME, home);
	CORE(ROLL_BOUND, roll_bound);
	CORE(EXIT_BOUND, exit_bound);
	CORE(SLICE, slice);
	CORE(MIN_SLICE, min_slice);
	CORE(EXPECT, expect);
	CORE(STAY, stay);
	CORE(KVM, kvm);
	CORE(PCPU, pcpu);
	CORE(LPID, lpid);
	CORE(SDR1, sdr1);
	CORE(PCR, pcr);
	CORE(TB_OFFSET, tb_offset);
	CORE(VTB, vtb);
	CORE(DPDES, dpdes);
	CORE(FAST, fast);
	CORE(POKED, poked);
	CORE(HOST_PCR, host_pcr);
	CORE(KEEP_SLB, keep_slb);
	CORE(KEPT_SLB, kept_slb);
	CORE(HOST_SLB, host_slb);
	CORE(LAST_GATE, last_gate);
	CORE(RESENT, resent);
	CORE(CALL_WAITS, call_waits);
	CORE(TB_DEBT, tb_debt);
	CORE(CALL_SENT, call_sent);
	CORE(EXIT_SENT, exit_sent);
	CORE(FIRST_TRAP, first_trap);
	CORE(EXIT_IPIS, exit_ipis);
	CORE(DEEP, deep);
	CORE(STAMP, stamp);

	VCPU(GPR, regs.gpr);
	VCPU(NIP, regs.nip);
	VCPU(CR, regs.ccr);
	VCPU(XER, regs.xer);
	VCPU(CTR, regs.ctr);
	VCPU(LR, regs.link);
	VCPU(MSR, shregs.msr);
	VCPU(DAR, shregs.dar);
	VCPU(DSISR, shregs.dsisr);
	VCPU(INTR_MSR, intr_msr);
	VCPU(CFAR, cfar);
	VCPU(PPR, ppr);
	VCPU(FP, fp);
	VCPU(VR, vr);
	VCPU(MMCR0, mmcr[0]);
	VCPU(CTRL, ctrl);
	VCPU(PURR, purr);
	VCPU(SPURR, spurr);
	VCPU(DEC_EXPIRES, dec_expires);
	VCPU(SLB, slb);
	VCPU(SLB_MAX, slb_max);
	VCPU(SLB_NR, slb_nr);
	VCPU(TRAP, trap);
	VCPU(FAULT_DAR, fault_dar);
	VCPU(FAULT_DSISR, fault_dsisr);
	VCPU(FAULT_GPA, fault_gpa);
	VCPU(HEIR, emul_inst);
	DEFINE(SV_HEIR_SIZE, sizeof_field(struct kvm_vcpu, arch.emul_inst));
	VCPU(PENDING, pending_exceptions);
	VCPU(ONESHOT, external_oneshot);
	VCPU(CEDED, ceded);
	VCPU(PRODDED, prodded);
	DEFINE(SV_VCPU_ID, offsetof(struct kvm_vcpu, vcpu_id));
#ifdef CONFIG_KVM_XICS
	VCPU(ICP, icp);
#endif
	DEFINE(SLB_ENTRY_SIZE, sizeof(struct kvmppc_slb));
	DEFINE(SLB_ORIGE, offsetof(struct kvmppc_slb, orige));
	DEFINE(SLB_ORIGV, offsetof(struct kvmppc_slb, origv));
	DEFINE(SKVM_ENABLED_HCALLS, offsetof(struct kvm, arch.enabled_hcalls));
	DEFINE(SKVM_MMU_LOCK, offsetof(struct kvm, mmu_lock));
	DEFINE(SKVM_VRMA_SLB_V, offsetof(struct kvm, arch.vrma_slb_v));

	DEFINE(SHADOW_SAVE_AREA, offsetof(struct slb_shadow, save_area));
	DEFINE(SHADOW_NR, SLB_NUM_BOLTED);
	DEFINE(DBELL_MSG, PPC_DBELL_TYPE(PPC_DBELL_SERVER));	/* a hypervisor doorbell to thread 0 of the core */
	DEFINE(SPACA_HWTHREAD_STATE, offsetof(struct paca_struct, kvm_hstate.hwthread_state));
	DEFINE(SHPTE_V_LARGE, HPTE_V_LARGE);
	DEFINE(PENDING_EXT_BIT, BOOK3S_IRQPRIO_EXTERNAL);
	DEFINE(PENDING_DEC_BIT, BOOK3S_IRQPRIO_DECREMENTER);
	return 0;
}
