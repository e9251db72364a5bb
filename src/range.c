// SPDX-License-Identifier: GPL-2.0-only
/* Module parameters with bounds; see range.h. */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include "range.h"

static int range_set(const char *val, const struct kernel_param *kp)
{
	const struct smt_range *r = kp->arg;
	unsigned int n;

	if (kstrtouint(val, 0, &n) || n < r->min || n > r->max) {
		pr_err("%s is not changed: it is a number from %u to %u\n", kp->name, r->min, r->max);
		return -EINVAL;
	}
	WRITE_ONCE(*r->value, n);
	return 0;
}

static int range_get(char *buf, const struct kernel_param *kp)
{
	const struct smt_range *r = kp->arg;

	return sprintf(buf, "%u\n", *r->value);
}

const struct kernel_param_ops smt_range_ops = {
	.set = range_set,
	.get = range_get,
};
