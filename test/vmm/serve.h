/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations that vcpu 0 of a g_mem guest does for the test, one at a time. */
#ifndef SERVE_H
#define SERVE_H

#include "vmm.h"

#define H_SUCCESS	0l
#define H_PARAMETER	-4l
#define H_PTEG_FULL	-6l
#define H_NOT_FOUND	-7l
#define H_REMOVE	0x04
#define H_ENTER		0x08
#define H_READ		0x0c
#define H_CLEAR_MOD	0x10
#define H_CLEAR_REF	0x14
#define H_PROTECT	0x18
#define H_PAGE_INIT	0x2c
#define H_EXACT		(1ull << (63 - 24))
#define H_AVPN		(1ull << (63 - 32))
#define H_ZERO_PAGE	(1ull << (63 - 48))
#define H_COPY_PAGE	(1ull << (63 - 49))

#define V_BOLTED	0x10ull
#define V_LARGE		4ull
#define V_SECONDARY	2ull
#define V_VALID		1ull
#define R_M		0x10ull
#define R_IG		0x28ull
#define R_C		0x80ull
#define R_R		0x100ull
#define R_KEY1		0x200ull
#define PP_RWRW		2ull
#define PP_RXRX		3ull
#define DSISR_NOHPTE	0x40000000ull
#define DSISR_PROT	0x08000000ull
#define DSISR_STORE	0x02000000ull
#define DSISR_KEY	0x00200000ull

#define SEG(n)		(T_MAP_EA + ((u64)(n) << 28))
#define FREE(n)		(T_FREE_RA + ((u64)(n) << 16))	/* n-th 64 KiB of free guest memory */

/* A VM whose vcpu 0 serves; the vcpus 1... write patterns over npages each. Started. */
struct vm *serve_new(unsigned int ncpu, unsigned int npages);
/* Start a VM of the same kind that vm_new() has made. One at a time. */
void serve_begin(struct vm *vm);
/* Operation M_OP_END, wait for all, free. */
void serve_end(struct vm *vm);
/* The operation in a[], the answer in its place. */
void serve(struct vm *vm, u64 a[9]);
/* The same without waiting for an answer. */
void serve_post(const u64 a[9]);

long s_hcall(struct vm *vm, u64 nr, u64 r4, u64 r5, u64 r6, u64 r7, u64 out[2]);
long s_enter(struct vm *vm, u64 ea, u64 ra, u64 bits, unsigned int shift, u64 *index);
void s_slb(struct vm *vm, unsigned int slot, u64 ea, u64 flags);
u64 s_load(struct vm *vm, u64 ea, u64 *val);	/* vector or 0; DSISR in *val then */
u64 s_store(struct vm *vm, u64 ea, u64 val);	/* vector | DSISR << 32, or 0 */
u64 s_rload(struct vm *vm, u64 ra);
void s_rstore(struct vm *vm, u64 ra, u64 val);
void s_amr(struct vm *vm, u64 val);
/* load and compare; FAIL with the name if it differs */
bool s_expect(struct vm *vm, const char *name, u64 ea, u64 want);

/* what guest/mmu.c enters for an address of a 256 MiB segment */
u64 hpte_v(u64 ea, unsigned int base_shift);
u64 hpte_group(u64 ea, unsigned int base_shift, unsigned int order);

int slot_set(struct vm *vm, unsigned int slot, u64 gpa, u64 size, void *mem, unsigned int flags);
void hcall_enable(struct vm *vm, u64 nr);

extern const struct test_case hpt_cases[];
extern const unsigned int hpt_case_count;
extern const struct test_case host_cases[];
extern const unsigned int host_case_count;

/* t_mem_host.c: has the host any swap? */
bool have_swap(void);

#endif
