/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SMT_SELFTEST_H
#define SMT_SELFTEST_H

struct smt_core;

/* values of the parameter test_fault */
#define SMT_FAULT_NO_REPORT	1	/* now and then a thread is not told of the roll call */
#define SMT_FAULT_REGISTER	2	/* the self-test finds a register changed */
extern unsigned int smt_test_fault;

int smt_core_selftest(struct smt_core *core);
int smt_selftest_all(void);

#endif /* SMT_SELFTEST_H */
