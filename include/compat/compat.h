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

#endif /* SMT_COMPAT_H */
