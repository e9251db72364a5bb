/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invariants that hold unless the module itself is wrong; checked with "make DEBUG=1" only (make check-debug).
 * For virtual-mode C, also with interrupts disabled: a broken one is logged with a backtrace, once, and the host
 * goes on.
 */
#ifndef SMT_ASSERT_H
#define SMT_ASSERT_H

#ifdef SMT_DEBUG
#include <linux/bug.h>
#define SMT_ASSERTING		1
#define SMT_ASSERT(cond)	((void)WARN_ONCE(!(cond), "kvm-hv-smt: assertion: %s\n", #cond))
#else
#define SMT_ASSERTING		0
/* compiled, so that it does not rot; never evaluated */
#define SMT_ASSERT(cond)	((void)sizeof(!(cond)))
#endif

#endif /* SMT_ASSERT_H */
