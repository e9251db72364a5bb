/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small VMM for KVM-HV guests with a hash page table: one VM, memory slot 0 at 0
 * with a flat guest image (test/guest), vcpus with given ids, each in a thread of
 * its own, PAPR hcalls. Every wait has an end.
 */
#ifndef VMM_H
#define VMM_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stddef.h>

#include "check.h"
#include "../guest/proto.h"

#define MAXV	T_MAXCPU

struct vm;

struct vcpu {
	struct vm *vm;
	unsigned int idx, id;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	int tid;
	bool started;
	volatile bool done;	/* its thread has left the loop */
	volatile bool stop;	/* it shall */
	int err;		/* errno of a KVM_RUN that failed */
	unsigned int bad_exit;	/* exit reason nobody handles, or 0 */
	bool trapped;		/* T_TRAP */
	u64 status;		/* T_DONE's */
	u64 runs, kicks, hcalls, mmios, echoes;
};

struct vm_cfg {
	const char *guest;	/* basic, smt, regs, abuse */
	unsigned int prog;
	u64 arg[8];
	unsigned int ncpu;
	unsigned int stride;	/* threads per vcore; 0: what opt.stride or the host says */
	unsigned int ids[MAXV];	/* used if ids_given */
	bool ids_given;
	u64 mem;		/* bytes; default 32 MiB */
	unsigned int order;	/* of the HPT; default 20 */
	u64 tb_limit;		/* default: a quarter of the case's time */
	bool quiet_traps;	/* a fatal interrupt in the guest is no failure */
};

struct vm {
	struct vm_cfg cfg;
	int kvm, fd;
	bool be;
	unsigned int stride;
	u8 *mem;
	u64 mem_size;
	unsigned int ncpu;
	struct vcpu v[MAXV];
	pthread_mutex_t lock;
	pthread_cond_t cond;
	/* T_SYNC: a[0] = point, a[1..8]; what it leaves in a[] goes back, the return value is r3 */
	long (*on_sync)(struct vcpu *v, u64 a[9]);
	/* other hcalls; default H_FUNCTION */
	long (*on_hcall)(struct vcpu *v, u64 nr, u64 a[9]);
	/* the instead of KVM_RUN's ioctl() */
	int (*run_ioctl)(struct vcpu *v);
	u64 mmio_addr, mmio_data;	/* last MMIO: data in memory order, first byte highest */
	unsigned int mmio_len;
	bool mmio_write;
	u64 mmio_answer;		/* bytes a device reads as, first byte highest */
};

unsigned int host_smt(void);
unsigned int host_primaries(void);
/* True, after a SKIP, when opt.threads vcpus do not fit into a vcore */
bool too_many(void);
bool pvr_is_power8(u32 pvr);
bool host_has_207(void);

struct vm *vm_new(const struct vm_cfg *cfg);
void vm_free(struct vm *vm);
void vm_start(struct vm *vm, unsigned int idx);
void vm_start_all(struct vm *vm);
/* Wait until every started vcpu is done; ms 0: what is left of the case, less a reserve. True, or FAIL and a dump. */
bool vm_wait(struct vm *vm, unsigned int ms);
/* Has every started vcpu come to its end within ms?  No more than a look: nothing is reported. */
bool vm_done(struct vm *vm, unsigned int ms);
/* Until every vcpu has shown progress, at most ms; how many have, from the first on. */
unsigned int vm_wait_progress(struct vm *vm, unsigned int ms);
/* Make every vcpu leave KVM_RUN; false (FAIL, dump) when one does not within 20 s. */
bool vm_stop(struct vm *vm);
bool vm_stop_one(struct vcpu *v);
void vm_kick(struct vcpu *v);
void vm_dump(struct vm *vm);
/* start all, wait; true if the guests came to their end */
bool vm_run(struct vm *vm);
/* the same; after ms, or a third of the case's time for 0, they are told to end */
bool vm_run_for(struct vm *vm, unsigned int ms);

long vm_ioctl(int fd, unsigned long req, unsigned long arg);	/* -errno */
int one_reg_get(struct vcpu *v, u64 id, void *val);		/* 0 or -errno */
int one_reg_set(struct vcpu *v, u64 id, const void *val);
void vcpu_setup(struct vcpu *v);
/* Take up the answer of an hcall or MMIO exit without running the guest. */
int vcpu_complete(struct vcpu *v);
int vcpu_open(struct vm *vm, struct vcpu *v);

/* guest memory in the guest's byte order */
u64 g64(struct vm *vm, u64 ra);
void g64_set(struct vm *vm, u64 ra, u64 val);
#define SH(field)		(T_SHARE_RA + offsetof(struct share, field))
#define SH_GET(vm, field)	g64(vm, SH(field))
#define SH_SET(vm, field, val)	g64_set(vm, SH(field), val)

/* images.S */
struct image {
	const u8 *start, *end;
};
extern const struct guest_image {
	const char *name;
	struct image le, be;
} guest_images[];
extern const unsigned int guest_image_count;

/* A VM that counts beside the others: does it get on? */
struct vm *bystander_start(void);
bool bystander_moves(struct vm *vm, const char *name);
void bystander_end(struct vm *vm);

#endif
