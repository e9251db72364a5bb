// SPDX-License-Identifier: GPL-2.0-only
/* The VMM's own user registers over KVM_RUN: a hypervisor must not lose or change them. */
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uregs.h"

_Static_assert(offsetof(struct uregs, cr) == UR_CR && offsetof(struct uregs, tar) == UR_TAR &&
	       offsetof(struct uregs, vrsave) == UR_VRSAVE && offsetof(struct uregs, ebb) == UR_EBB &&
	       offsetof(struct uregs, vscr) == UR_VSCR && offsetof(struct uregs, vsr) == UR_VSR &&
	       sizeof(struct uregs) == UR_SIZE, "uregs.h");

enum { L_GPR, L_CR, L_LR, L_TAR, L_DSCR, L_VRSAVE, L_FPSCR, L_EBB, L_VSCR, L_FPR, L_VSX_LOW, L_VMX, L_KINDS };
static const char *const kind_name[L_KINDS] = {
	"gpr14_31", "cr", "lr", "tar", "dscr", "vrsave", "fpscr", "ebb", "vscr", "fpr", "vsr_low", "vmx",
};
static struct {
	unsigned int lost;
	u64 want, got;
} lost[L_KINDS];
static u64 looked_at;
static unsigned long has;

static sigjmp_buf ill;

static void on_ill(int sig)
{
	(void)sig;
	siglongjmp(ill, 1);
}

#define PROBE(spr) ({							\
	volatile bool ok_ = false;					\
	if (!sigsetjmp(ill, 1)) {					\
		unsigned long v_;					\
		asm volatile(".machine push; .machine power8; mfspr %0,%1; mtspr %1,%0; .machine pop"	\
			     : "=&r"(v_) : "i"(spr));			\
		ok_ = true;						\
	}								\
	ok_; })

/* which of them the kernel lets this task use; SIGILL says no */
static void probe(void)
{
	struct sigaction sa = { .sa_handler = on_ill }, old;

	sigaction(SIGILL, &sa, &old);
	has = (PROBE(815) ? UR_HAS_TAR : 0) | (PROBE(3) ? UR_HAS_DSCR : 0) | (PROBE(804) ? UR_HAS_EBB : 0);
	sigaction(SIGILL, &old, NULL);
}

static void fill(struct uregs *u, u64 seed)
{
	u64 *q = (u64 *)u;
	unsigned int i;

	for (i = 0; i < sizeof(*u) / 8; i++)
		q[i] = mix(seed, i);
	u->cr &= 0x00fff000;		/* CR2-4 are the ones a call keeps */
	u->lr &= ~3ull;
	u->dscr &= 0x1ff;
	u->vrsave &= 0xffffffff;
	u->fpscr = (u->fpscr & 0x1e000003) | 0x80000000;
	u->ebb[2] &= 0x0000000100000001ull;
	u->vscr[0] = u->vscr[1] = 0;
	u->vscr[__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__] = mix(seed, 1000) & 0x10001;
}

static void compare(unsigned int kind, u64 want, u64 got)
{
	if (want == got)
		return;
	if (!__atomic_fetch_add(&lost[kind].lost, 1, __ATOMIC_RELAXED)) {
		lost[kind].want = want;
		lost[kind].got = got;
	}
}

static void probe_once(void)
{
	static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
	static bool probed;

	pthread_mutex_lock(&once);
	if (!probed)
		probe();
	probed = true;
	pthread_mutex_unlock(&once);
}

static long guarded(int fd, unsigned long req, unsigned long arg, u64 seed)
{
	struct uregs in, out;
	unsigned int i;
	long r;

	probe_once();
	fill(&in, seed);
	memset(&out, 0, sizeof(out));
	r = uregs_ioctl(fd, req, arg, &in, &out, has);
	for (i = 0; i < 18; i++)
		compare(L_GPR, in.gpr[i], out.gpr[i]);
	compare(L_CR, in.cr, out.cr & 0x00fff000);
	compare(L_LR, in.lr, out.lr);
	if (has & UR_HAS_TAR)
		compare(L_TAR, in.tar, out.tar);
	if (has & UR_HAS_DSCR)
		compare(L_DSCR, in.dscr, out.dscr);
	for (i = 0; i < 3 && (has & UR_HAS_EBB); i++)
		compare(L_EBB, in.ebb[i], out.ebb[i]);
	compare(L_VRSAVE, in.vrsave, out.vrsave);
	compare(L_FPSCR, in.fpscr, out.fpscr);
	compare(L_VSCR, in.vscr[0], out.vscr[0]);
	compare(L_VSCR, in.vscr[1], out.vscr[1]);
	for (i = 0; i < 32; i++) {
		compare(L_FPR, in.vsr[i][0], out.vsr[i][0]);
		compare(L_VSX_LOW, in.vsr[i][1], out.vsr[i][1]);
		compare(L_VMX, in.vsr[32 + i][0], out.vsr[32 + i][0]);
		compare(L_VMX, in.vsr[32 + i][1], out.vsr[32 + i][1]);
	}
	__atomic_add_fetch(&looked_at, 1, __ATOMIC_RELAXED);
	return r;
}

int userstate_run(struct vcpu *v)
{
	return guarded(v->fd, KVM_RUN, 0, mix(v->runs, v->id));
}

void userstate_baseline(int kvm_fd, u64 seed)
{
	guarded(kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_PPC_SMT, seed);
}

void userstate_report(void)
{
	unsigned int k;
	char name[32];

	for (k = 0; k < L_KINDS; k++) {
		snprintf(name, sizeof(name), "user.%s", kind_name[k]);
		if ((k == L_TAR && !(has & UR_HAS_TAR)) || (k == L_DSCR && !(has & UR_HAS_DSCR)) || (k == L_EBB && !(has & UR_HAS_EBB)))
			skip(name, "the kernel does not let a task use it here");
		else if (!lost[k].lost || !known_in_tree(name, "guest values in it after KVM_RUN (6.1)"))
			check(!lost[k].lost && looked_at, name, "%u times of %llu runs; first: had %#llx, got %#llx", lost[k].lost,
			      looked_at, lost[k].want, lost[k].got);
	}
}
