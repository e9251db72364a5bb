/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The gate: the one atomic word of a core that orders entry and exit.
 *
 * Changed only by larx/stcx., by the threads of the core in real mode; C reads it.
 *
 *	 63           40 39      32 31      24 23      16 15       8 7        0
 *	+---------------+----------+----------+----------+----------+----------+
 *	|  sequence     |  phase   | present  | napping  | exiting  | entered  |
 *	+---------------+----------+----------+----------+----------+----------+
 *
 *	sequence  number of the run; a message of an earlier run does not match and changes nothing
 *	phase     of the run, moved by the primary only
 *	present   bit n: thread n is in the image and belongs to the run (not the primary); in phase ROLL also
 *		  one that has reported only (core.home, H below), and naps for the host again
 *	napping   bit n: thread n has entered and naps inside the run
 *	exiting   bit n: thread n leaves; once one bit is set no thread enters any more
 *	entered   bit n: thread n has, or may have, guest context; the primary is always entered
 *
 * Transitions (seq written only by the first; P the primary, S a secondary, T any thread):
 *
 *	(*, FREE,     0, 0, 0, 0) -> (n, ROLL, 0, 0, 0, 0)	P takes the core over
 *	(n, ROLL,     p, 0, 0, 0) -> (n, ROLL, p|S, 0, 0, 0)	S reports
 *	(n, ROLL,     p, 0, 0, 0) -> (n, OPEN, p&~H, 0, 0, P)	P: all reported, partition loaded
 *	(n, ROLL,     p, 0, 0, 0) -> (n, OPEN, p&~H, P, 0, P)	the same; P has no vcpu, or one that has ceded
 *	(n, ROLL,     p, 0, 0, 0) -> (n, ROLL, p, 0, P, 0)	P: not all reported in time
 *	(n, ROLL,     p, 0, P, 0) -> (n, ROLL, p&~H, 0, P, 0)	P waits only for those that it called out
 *	(n, OPEN,     p, z, 0, e) -> (n, OPEN, p, z, 0, e|S)	S enters; only while exiting == 0 (I1)
 *	(n, OPEN,     p, z, 0, e) -> (n, OPEN, p, z|S, 0, e|S)	S enters with a vcpu that has ceded
 *	(n, OPEN,     p, z, 0, e) -> (n, OPEN, p, z|T, 0, e)	T in e naps in the run (I3)
 *	(n, OPEN,     p, z, 0, e) -> (n, OPEN, p, z&~T, 0, e)	T goes on in the guest
 *	(n, OPEN,     p, z, x, e) -> (n, OPEN, p, z&~T, x|T, e)	T in e leaves, with or without a nap
 *	(n, *,        p, z, x, e) -> (n, *, p&~S, z, x, e)	S gives itself back to the host: x != 0, and
 *							S not in e, or in x with its context saved
 *	(n, OPEN,     0, 0, e, e) -> (n, FREE, 0, 0, 0, 0)	P gives the core back: all saved, and the
 *							partition is the host's (I2)
 *	(n, ROLL,     0, 0, P, 0) -> (n, FREE, 0, 0, 0, 0)	P gives the core back, roll call failed
 *
 * A thread of H has no vcpu that could enter this run.  Once it has reported, whatever wakes it comes to the image's
 * vectors until the core is given back, and to the host's after that, so it need not wait for anything: it is not
 * called out, and nothing waits for it at the end.
 *
 * IPIs: the primary sends those of the roll call, then writes core.call_sent; a thread of H waits for it, or for its IPI,
 * before it takes its command.  Whoever sets the first exiting bit sends all exit IPIs of the run, then writes core.exit_sent.  A
 * task that has something for a thread sends one only while exiting == 0, with slot.senders raised
 * (smt_send_ipi()).  A sibling that leaves waits for both, then takes what is pending: no IPI of a run
 * wakes it after it has napped for the host.
 *
 * The invariants I1-I7 are those of DESIGN §4.
 */
#ifndef SMT_GATE_H
#define SMT_GATE_H

#define GATE_ENTERED_SHIFT	0
#define GATE_EXITING_SHIFT	8
#define GATE_NAPPING_SHIFT	16
#define GATE_PRESENT_SHIFT	24
#define GATE_PHASE_SHIFT	32
#define GATE_SEQ_SHIFT		40

#define GATE_SEQ_MASK		0xffffff

#include "states.def"		/* phases, commands, a thread's states, core.live, results */

/* core.stamp[]: when each phase of a run began; those after LOADED and before RESTORED in guest time */
#define SMT_STAMP_TAKEN		0	/* HRMOR is ours */
#define SMT_STAMP_REPORTED	1	/* all siblings have reported */
#define SMT_STAMP_LOADED	2	/* phase OPEN */
#define SMT_STAMP_ENTERED	3	/* who was to enter has */
#define SMT_STAMP_LEFT		4	/* the primary's context is saved */
#define SMT_STAMP_SAVED		5	/* everybody's is */
#define SMT_STAMP_RESTORED	6	/* the partition is the host's */
#define SMT_STAMP_GONE		7	/* no sibling is present any more */
#define SMT_STAMP_BACK		8	/* the core is the host's */
#define SMT_STAMPS		9

/*
 * How a thread waits for another one: it spins for SMT_SPIN_TB, as long as threads of a core need for
 * each other, then naps for SMT_RELAX_TB at a time.  In an emulator with fewer cpus than the emulated core has
 * threads it would take the time of the thread it waits for.  Time base ticks, 512 a microsecond.
 */
#define SMT_SPIN_TB		(20 * 512)
#define SMT_RELAX_TB		(50 * 512)
#define SMT_STALL_SHIFT		22		/* 8 ms: a thread that waits was held itself when its next look is later */
#define SMT_SOON_TB		(10 * 512)	/* the shortest nap of a thread that has nothing to do */

/* How often the bound on leaving the guest starts anew for a thread that waits for a lock of the host's */
#define SMT_CALL_BOUNDS		15

/* core.flags */
#define SMT_F_207		1	/* POWER8 register set */
#define SMT_F_TB_LOSSY	4	/* quirk: a write of the time base loses time */
#define SMT_F_TRASH		2	/* test: a nap loses GPRs, LR and CTR */

/* core.fast, the module's parameter "fast": what is answered in real mode, with the threads in the guest */
#define SMT_FAST_HASH	1	/* hcalls of the hash table */
#define SMT_FAST_FAULT	2	/* storage faults that are only the guest's own */
#define SMT_FAST_SLEEP	4	/* H_CEDE; H_PROD, H_CONFER of a vcpu in the same run */
#define SMT_FAST_XICS	8	/* the interrupt presentation's hcalls */
#define SMT_FAST_DEBUG	16	/* breakpoints */
#define SMT_FAST_ALL	31

#endif /* SMT_GATE_H */
