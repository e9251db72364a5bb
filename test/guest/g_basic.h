/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef G_BASIC_H
#define G_BASIC_H

#include "guest.h"

/* g_mmu.c */
void b_mmio(struct cpu *c);
void b_hpt(struct cpu *c);
void b_map(struct cpu *c);
void b_watch(struct cpu *c);
void b_user(struct cpu *c);
void b_seg(struct cpu *c);

#endif
