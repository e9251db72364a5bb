/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The compat skin: the one place that knows how host kernels differ.
 *
 * Everything is decided by what a probe found when kbuild configured the module, never by a version
 * number: distributions backport.
 */
#ifndef SMT_COMPAT_H
#define SMT_COMPAT_H

#include <linux/kvm_host.h>
#include <asm/interrupt.h>

/*
 * SRR0/1 and HSRR0/1 were used behind the back of the host, which may think that they still hold what its return
 * to userspace needs.
 */
static inline void smt_srr_clobbered(void)
{
	srr_regs_clobbered();
}

#endif /* SMT_COMPAT_H */
