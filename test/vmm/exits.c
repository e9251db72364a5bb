// SPDX-License-Identifier: GPL-2.0-only
/* What KVM_RUN came back for, and the dump of a VM that has failed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "exits.h"

#define H_FUNCTION		-2l
#define H_PUT_TERM_CHAR		0x58

static void guest_string(struct vm *vm, u64 ra, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < size - 1 && ra < vm->mem_size && vm->mem[ra]; i++, ra++)
		buf[i] = vm->mem[ra];
	buf[i] = 0;
}

static void do_check(struct vcpu *v, const u64 *a)
{
	char name[64], reason[160];

	guest_string(v->vm, a[0], name, sizeof(name));
	guest_string(v->vm, a[2], reason, sizeof(reason));
	switch (a[1]) {
	case T_OK:
		check(true, name, NULL);
		break;
	case T_SKIPPED:
		skip(name, "%s (%#llx %#llx)", reason, a[3], a[4]);
		break;
	default:
		check(false, name, "vcpu %u: %s: %#llx %#llx %#llx %#llx", v->id, reason, a[3],
		      a[4], a[5], a[6]);
	}
}

static void do_puts(struct vcpu *v, u64 ra)
{
	char buf[200];

	guest_string(v->vm, ra, buf, sizeof(buf));
	if (*buf)
		note("guest: %s", buf);
}

static void do_term(struct vcpu *v, const u64 *a)
{
	char buf[17] = "";
	unsigned int i;

	for (i = 0; i < a[1] && i < 16; i++) {
		buf[i] = a[2 + i / 8] >> (56 - 8 * (i % 8));
		buf[i] = buf[i] >= ' ' && buf[i] < 127 ? buf[i] : '.';
	}
	note("guest, vcpu %u: %s", v->id, buf);
}

static int do_hcall(struct vcpu *v)
{
	struct kvm_run *run = v->run;
	struct vm *vm = v->vm;
	u64 nr = run->papr_hcall.nr, a[9];
	long ret = 0;
	int i, end = 0;

	v->hcalls++;
	memcpy(a, run->papr_hcall.args, sizeof(a));
	switch (nr) {
	case T_PUTS:
		do_puts(v, a[0]);
		break;
	case T_CHECK:
		do_check(v, a);
		break;
	case T_DONE:
		v->status = a[0];
		end = 1;
		break;
	case T_SYNC:
		ret = vm->on_sync ? vm->on_sync(v, a) : 0;
		break;
	case T_TRAP:
		if (!vm->cfg.quiet_traps)
			check(false, "trap", "vcpu %u: interrupt %#llx at %#llx, SRR1 %#llx, DAR %#llx, DSISR %#llx", v->id,
			      a[0], a[1], a[2],
			      a[3], a[4]);
		v->trapped = true;
		end = 1;
		break;
	case T_ECHO:
		for (i = 0; i < 9; i++)
			a[i] = T_ECHO_MIX(i, a[i]);
		ret = v->echoes++;
		break;
	default:
		if (vm->on_hcall)
			ret = vm->on_hcall(v, nr, a);
		else if (nr == H_PUT_TERM_CHAR)
			do_term(v, a);
		else
			ret = H_FUNCTION;
	}
	memcpy(run->papr_hcall.args, a, sizeof(a));
	run->papr_hcall.ret = ret;
	return end;
}

static void do_mmio(struct vcpu *v)
{
	struct kvm_run *run = v->run;
	struct vm *vm = v->vm;
	unsigned int i;

	v->mmios++;
	vm->mmio_addr = run->mmio.phys_addr;
	vm->mmio_len = run->mmio.len;
	vm->mmio_write = run->mmio.is_write;
	vm->mmio_data = 0;
	for (i = 0; i < run->mmio.len && i < 8; i++) {
		if (!run->mmio.is_write)
			run->mmio.data[i] = vm->mmio_answer >> (56 - 8 * i);
		vm->mmio_data = vm->mmio_data << 8 | run->mmio.data[i];
	}
}

int handle_exit(struct vcpu *v)
{
	switch (v->run->exit_reason) {
	case KVM_EXIT_PAPR_HCALL:
		return do_hcall(v);
	case KVM_EXIT_MMIO:
		do_mmio(v);
		return 0;
	case KVM_EXIT_INTR:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		return 0;
	default:
		v->bad_exit = v->run->exit_reason ? v->run->exit_reason : ~0u;
		return 1;
	}
}

static void dump_vcpu(struct vcpu *v)
{
	struct kvm_regs r;
	u64 dar = 0, dec = 0, lpcr = 0;
	unsigned int i;

	note("vcpu %u: runs %llu, kicks %llu, hcalls %llu, mmio %llu, last exit %u, progress %llu%s", v->id,
	     v->runs, v->kicks, v->hcalls,
	     v->mmios, v->run->exit_reason,
	     SH_GET(v->vm, cpu[v->idx].progress), v->started && !v->done ? ", in KVM_RUN" : "");
	if (v->started && !v->done)
		return;
	if (vm_ioctl(v->fd, KVM_GET_REGS, (unsigned long)&r))
		return;
	one_reg_get(v, KVM_REG_PPC_DAR, &dar);
	one_reg_get(v, KVM_REG_PPC_DEC_EXPIRY, &dec);
	one_reg_get(v, KVM_REG_PPC_LPCR_64, &lpcr);
	note("vcpu %u: pc %#llx msr %#llx lr %#llx ctr %#llx cr %#llx xer %#llx", v->id, r.pc, r.msr, r.lr, r.ctr, r.cr, r.xer);
	note("vcpu %u: srr0 %#llx srr1 %#llx dar %#llx dec expires %#llx lpcr %#llx", v->id, r.srr0, r.srr1,
	     dar, dec, lpcr);
	/* what is there to execute, if it runs in real mode */
	if (!(r.msr & 0x20) && r.pc < v->vm->mem_size - 32)
		note("vcpu %u: at pc: %08x %08x %08x %08x", v->id, *(u32 *)(v->vm->mem + r.pc), *(u32 *)(v->vm->mem + r.pc + 4),
		     *(u32 *)(v->vm->mem + r.pc + 8), *(u32 *)(v->vm->mem + r.pc + 12));
	for (i = 0; i < 32; i += 4)
		if (r.gpr[i] | r.gpr[i + 1] | r.gpr[i + 2] | r.gpr[i + 3])
			note("vcpu %u: r%-2u %016llx %016llx %016llx %016llx", v->id, i, r.gpr[i], r.gpr[i + 1], r.gpr[i + 2], r.gpr[i + 3]);
}

void vm_dump(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->ncpu; i++)
		dump_vcpu(&vm->v[i]);
}
