/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SMT_SELFTEST_H
#define SMT_SELFTEST_H

struct smt_core;

int smt_core_selftest(struct smt_core *core);
int smt_selftest_all(void);

#endif /* SMT_SELFTEST_H */
