/* SPDX-License-Identifier: GPL-2.0-only */
/* Module parameters that are numbers with bounds: a value outside is refused and changes nothing. */
#ifndef SMT_RANGE_H
#define SMT_RANGE_H

#include <linux/moduleparam.h>

struct smt_range {
	unsigned int *value;
	unsigned int min, max;
};

extern const struct kernel_param_ops smt_range_ops;

/* Parameter and variable @name, an unsigned int, readable and writable, @lo to @hi. */
#define SMT_PARAM_RANGE(name, lo, hi)						\
	static const struct smt_range name##_range = { &name, lo, hi };		\
	module_param_cb(name, &smt_range_ops, (void *)&name##_range, 0644);	\
	__MODULE_PARM_TYPE(name, "uint")

#endif /* SMT_RANGE_H */
