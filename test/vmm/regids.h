/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REGIDS_H
#define REGIDS_H

#include "vmm.h"

/* Set and read back every ONE_REG id of a POWER7/POWER8 HV guest; the values are restored. */
void onereg_round_trips(struct vcpu *v, const char *when);
/* Registers with a meaning of their own: LPCR, TB_OFFSET, VPA, ARCH_COMPAT, HIOR, ... */
void onereg_special(struct vcpu *v);

#endif
