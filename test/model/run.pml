/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run.pml - the runs of one core: takeover, roll call, entry, cede, joins, kicks, exit, give-back.
 *
 * One process for each thread of the core and for each of the host's tasks that reach into a run.  A
 * statement is one access to what they share, in the order of asm/ and src/; labels are those of the
 * assembly.  Memory is sequentially consistent here: what barriers do is in litmus/.  Several accesses are one
 * step only where nobody else can tell (atomic, d_step), or where the code holds the gate's reservation.
 *
 * Time: "timeout" is the moment when nothing else can happen.  Then a bounded wait expires, or the slice
 * ends; before a slice ends nobody may be asleep who has a reason to go on (lost wake-up).
 *
 * run.sh gives the configuration:
 *	RUNS		runs that the primary begins
 *	ROLL		threads that a run calls, the primary among them
 *	HOME		of these, siblings that only report (core.home) as long as they have no vcpu; one of JOINABLE is
 *			created while the run goes on
 *	READY, CEDED	vcpus (number = thread) that take part from the start; of these, those that ceded
 *	JOINS		times that a vcpu that is busy in the host becomes runnable
 *	KICKS		times that a vcpu is prodded; KICKABLE: which
 *	CEDES EXITS BELLS PRODS	times that a guest cedes, exits, sends a doorbell, prods another vcpu of the run
 *	IRQS		interrupts of the host on the primary
 *	STRAYS		wake-ups of nobody on threads that nap for the host; STRAYS_IN_IMAGE: only in a run;
 *			STRAYABLE: which threads
 *	SLICE_ANY	the slice may end at any time
 *	STAY		who cedes last may stay in the run; the slice's end stands for its decrementer
 *	ROLL_ANY	a thread may be too slow for the roll call
 *	RESEND		an exit IPI may be sent again
 *	CHECK_CALL	call_joiners, too, may wake nobody who has napped for the host
 *	HOTPLUG, SIGNAL	somebody wants a sibling online; the runner's task gets a signal
 *	COARSE		IPIs are sent, reports made, threads given back in one step each, to bring 4 threads into reach;
 *			other configurations have them one by one
 * and the mutants, M_*: each is a mistake that must be caught.
 */
#include "states.def"

#ifndef N
#define N	4
#endif
#define P	1			/* the primary's bit */
#define ALL	((1 << N) - 1)
#define SIBS	(ALL & ~P)
#ifndef ROLL
#define ROLL	ALL
#endif
#ifndef HOME
#define HOME	0
#endif
#ifdef M_NOT_ALL_CALLED		/* only those that the run needs */
#undef ROLL
#define ROLL	READY
#endif
#ifndef READY
#define READY	ALL
#endif
#ifndef CEDED
#define CEDED	0
#endif
#ifndef KICKABLE
#define KICKABLE ALL
#endif
#ifndef RUNS
#define RUNS	1
#endif
#ifndef JOINS
#define JOINS	0
#endif
#ifndef JOINABLE
#define JOINABLE ALL
#endif
#ifndef PRODS
#define PRODS	0
#endif
#ifndef KICKS
#define KICKS	0
#endif
#ifndef CEDES
#define CEDES	0
#endif
#ifndef EXITS
#define EXITS	0
#endif
#ifndef BELLS
#define BELLS	0
#endif
#ifndef IRQS
#define IRQS	0
#endif
#ifndef STRAYS
#define STRAYS	0
#endif
#ifndef STRAYABLE
#define STRAYABLE SIBS
#endif
#ifdef COARSE
#define FINE_BEGIN	atomic {
#define FINE_END	}
#else
#define FINE_BEGIN
#define FINE_END
#endif
#ifdef STRAYS_IN_IMAGE
#define STRAY_WHERE	&& hrmor == 1
#else
#define STRAY_WHERE
#endif

/* the gate: one word; more than one part of it in one atomic step is a larx/stcx */
byte entered, exiting, napping, present, phase, gate_seq;

/* struct smt_image_core */
bit live;
byte strays;				/* the stray bits of core.live */
byte seq, call_sent, exit_sent, roll, home;
bit shootdown, failed;			/* the last run failed; core.shootdown has other reasons, too */
byte vdpdes;				/* core.dpdes between runs: the vcore's */

/* struct smt_slot; a byte with a bit for each thread where the code has a word in each slot */
byte cmd[N];				/* sequence of the command, 0: none; CMD_HOME: SMT_CMD_REPORT */
byte trap[N];
byte senders[N];
byte vcpu, saved, entered_seq;		/* state and owned are local: only their own thread reads them */

/* the hardware */
byte icp;				/* MFRR of each thread: an IPI is pending */
byte strayw;				/* something else ends a nap */
bit hbell;				/* a hypervisor doorbell for the primary */
byte dpdes;
bit hrmor, part;			/* 1: the image's, the guest's */
byte tb;				/* times that the guest's offset is in the time base */
bit hdec;

/* the host */
byte hwidle = SIBS;			/* hwthread_state is IDLE */
byte online;
bit inhibited, hmsg, sig, rolled_out;
bit lock;
bit running;				/* vc->state is RUNNING */
byte ready = READY, in_run;		/* vcpus: RUNNABLE or BLOCKED; in the run */
byte ceded = CEDED, prodded;

/* what only the checks read */
byte hostcode;				/* siblings that execute host code */
byte context;				/* threads with guest context */
byte gone;				/* siblings that gave themselves back from this run */
byte own_trap;				/* threads whose guest had an exit of its own */
byte owed;				/* prods that no cede has used up */
byte belled;				/* doorbells sent and not taken */
bit vtb_saved;

#define CMD_HOME	64
#define CMD_SEQ(c)	((c) & 63)
#define BIT(t)		(1 << (t))
#define LOW(m)		((m) & 1 -> 0 : ((m) & 2 -> 1 : ((m) & 4 -> 2 : 3)))
#define TRAP_OWN	3		/* an hcall, a page fault */
#define TRAP_IRQ	5
#define TRAP_HDEC	9

byte cedes = CEDES, exits = EXITS, bells = BELLS, prods = PRODS;

/* stbcix to the ICP of each thread of mask m, one after the other; asm/takeover.S send_ipis */
inline send_ipis(m)
{
	FINE_BEGIN
	do
	:: m != 0 ->
		d_step {
			assert((gone & BIT(LOW(m))) == 0);	/* wakes a thread that naps for the host */
			icp = icp | BIT(LOW(m));
			m = m & ~BIT(LOW(m))
		}
	:: else -> break
	od
	FINE_END
}

/* cede_over, ceded_over: prodded, or a doorbell */
#define OVER(b)		((prodded | dpdes) & (b))

/* asm/exit.S gate_exit */
inline gate_exit(t, b, m)
{
	d_step {
		trap[t] = why;
		if
		:: exiting != 0 -> m = 255			/* not the first */
		:: else ->
			m = entered;
			if
			:: why == TRAP_HDEC -> m = m & napping
			:: else
			fi;
#ifdef M_IDLE_NOT_CALLED
			m = m & ~b;
#elif defined(M_HOME_CALLED)
			m = (m | (present & ~entered)) & ~b;
#else
			m = (m | (present & ~entered & ~home)) & ~b;
#endif
		fi;
		why = 0;
		exiting = exiting | b;
		napping = napping & ~b
	}
	if
	:: m == 255 -> m = 0
	:: else ->
		send_ipis(m);
		exit_sent = seq
	fi
}

/*
 * From enter_guest_or_nap to the saved context; asm/entry.S, exit.S, cede.S.  Thread t with bit b goes
 * on behind it.
 */
inline guest(t, b, m)
{
	if
	:: !am_ceded -> goto resume_guest
	:: else
	fi;
	owned = 1;
	state = SMT_T_CEDED;
	if
	:: OVER(b) -> goto ceded_resume
	:: else -> goto nap_ceded
	fi;

resume_guest:
	state = SMT_T_GUEST;
	if
	:: exiting != 0 -> why = 0; goto thread_exit
	:: exiting == 0
	fi;
in_guest:
	if
	:: (icp & b) && t != 0 -> icp = icp & ~b; goto resume_guest		/* ack_ipi */
	:: (icp & b) && t == 0 ->
#ifdef M_HOST_IPI_ACKED
		icp = icp & ~b;
#endif
		why = TRAP_IRQ; goto thread_exit
	:: t == 0 && hbell -> hbell = 0; goto resume_guest			/* exit_doorbell */
	:: hdec -> why = TRAP_HDEC; goto thread_exit
	:: d_step { prods > 0 -> prods-- } goto hcall_prod
	:: dpdes & b -> d_step { dpdes = dpdes & ~b; belled = belled & ~b } goto in_guest
	:: d_step { exits > 0 -> exits--; own_trap = own_trap | b; why = TRAP_OWN } goto thread_exit
	:: d_step { cedes > 0 -> cedes-- } goto hcall_cede
	:: atomic { bells > 0 ->			/* msgsndp */
			bells--;
			if
			:: m = 1
			:: m = 2
			:: m = 4
			fi;
			dpdes = dpdes | m;
			belled = belled | m;
			m = 0
		}
		goto in_guest
	fi;

hcall_prod:
	/* asm/hcall.S: find_vcpu, prodded, then the look at the nap bit, and poke */
	if
	:: (vcpu & ~b) == 0 -> m = 0
	:: vcpu & ~b & 1 -> m = 1
	:: vcpu & ~b & 2 -> m = 2
	:: vcpu & ~b & 4 -> m = 4
	:: vcpu & ~b & 8 -> m = 8
	fi;
#ifdef M_PROD_LOOKS_FIRST
	if
	:: m != 0 && (napping & m) == 0 -> d_step { prodded = prodded | m; owed = owed | m; m = 0 }
	:: else
	fi;
#endif
	d_step { prodded = prodded | m; owed = owed | m }
	if
	:: m == 0 || (napping & m) == 0
	:: m == 1 && (napping & m) -> hbell = 1
	:: m > 1 && (napping & m) ->
		senders[LOW(m)]++;
		if
		:: phase == GATE_PHASE_OPEN && (present & m) && exiting == 0 -> m = m | 128
		:: else
		fi;
		if
		:: m & 128 -> d_step { m = m & 127; assert((gone & m) == 0); icp = icp | m }
		:: else
		fi;
		senders[LOW(m)]--
	fi;
	m = 0;
	goto resume_guest;

hcall_cede:
#ifdef M_PROD_CLEARED_FIRST
	if
	:: prodded & b -> m = 1
	:: else -> m = 0
	fi;
	prodded = prodded & ~b;
	if
	:: m == 1 || (dpdes & b) -> m = 0; ceded = ceded & ~b; owed = owed & ~b; goto resume_guest
	:: else
	fi;
#else
	if
	:: OVER(b) -> goto cede_not
	:: else
	fi;
#endif
	ceded = ceded | b;
	atomic {
		if
		:: exiting != 0 || (napping | b) == entered -> why = 0; goto thread_exit
		/* napper_waking: one of them has been prodded, which may also be missed */
		:: exiting == 0 && ((napping | b) != entered || (napping & prodded) != 0) -> napping = napping | b
#ifdef STAY
		:: exiting == 0 -> napping = napping | b
#endif
		fi
	}
#ifndef M_NO_LAST_LOOK
	if
	:: OVER(b) -> goto cede_end
	:: else
	fi;
#endif
#ifdef M_LOST_WAKEUP
	icp = icp & ~b;
#endif
	d_step { context = context & ~b; owned = 1; state = SMT_T_CEDED }
nap_ceded:
#ifdef M_NAP_DEAF
	(t != 0 && (icp & b)) || (dpdes & b) || hdec || (t == 0 && hbell);
#else
	(icp & b) || (dpdes & b) || hdec || (t == 0 && hbell);
#endif
	/* wake, wake_owned: by the state */
	assert(owned && state == SMT_T_CEDED);
	if
	:: t != 0 -> icp = icp & ~b
	:: t == 0 -> hbell = 0						/* ack_doorbell */
	fi;
	if
	:: exiting != 0 -> why = 0; goto ceded_exit
	:: else
	fi;
	if
	:: hdec -> why = TRAP_HDEC; goto ceded_exit
	:: else
	fi;
	if
	:: OVER(b) -> goto ceded_resume
	:: else ->
		if
		:: t == 0 && (icp & b) -> why = TRAP_IRQ; goto ceded_exit
		:: else -> goto nap_ceded
		fi
	fi;
cede_end:
	napping = napping & ~b;
cede_not:
	ceded = ceded & ~b;
	d_step { prodded = prodded & ~b; owed = owed & ~b }
	goto resume_guest;

ceded_resume:
	atomic {
		if
		:: exiting != 0 -> why = 0; goto ceded_exit
		:: else -> napping = napping & ~b; context = context | b; assert(part == 1 && tb == 1)
		fi
	}
	owned = 0;
	ceded = ceded & ~b;
	d_step { prodded = prodded & ~b; owed = owed & ~b }
	goto resume_guest;

ceded_exit:
	owned = 0;
	gate_exit(t, b, m);
	goto is_saved;

thread_exit:
	gate_exit(t, b, m);
#ifdef M_TRAP_LOST
	if
	:: icp & b -> trap[t] = 0
	:: else
	fi;
#endif
is_saved:
	state = SMT_T_SAVED;
	d_step { context = context & ~b; saved = saved | b }		/* guest_save, SLOT_SAVED */
}

#ifdef M_NO_SEQ
#define SAME_RUN(c)	true
#else
#define SAME_RUN(c)	(gate_seq == (c))
#endif
#ifdef M_ENTRY_NO_EXIT_TEST
#define NOT_ENDING	true
#else
#define NOT_ENDING	(exiting == 0)
#endif

proctype sibling(byte t; byte b)
{
	byte m, c, state, why;
	bit owned, am_ceded;

end_nap_for_host:
	atomic {
		(icp & b) || ((strayw & b) STRAY_WHERE);
		strayw = strayw & ~b;
		if
		:: hrmor == 1
		:: else -> hostcode = hostcode | b; assert(part == 0 && tb == 0); goto host
		fi
	}
	/* wake: the image's vector */
	assert(!owned);
	FINE_BEGIN
	c = cmd[t];				/* command */
	if
	:: c != 0 && CMD_SEQ(c) == gate_seq
#ifdef M_STRAY_IS_START
	:: else -> c = gate_seq; goto called2
#else
	:: else -> goto stray
#endif
	fi;
called:
#ifndef M_IPI_NOT_AWAITED
	if
	:: !(c & CMD_HOME)
	:: (c & CMD_HOME) && (call_sent == CMD_SEQ(c) || (!shootdown && (icp & b)))
	:: (c & CMD_HOME) && gate_seq != CMD_SEQ(c) -> goto stray
	fi;
#endif
	icp = icp & ~b;				/* ack_ipi */
called2:
#ifndef M_STRAY_IS_START
	atomic {
		if
		:: cmd[t] != c -> c = cmd[t]; goto called
		:: else
		fi;
		cmd[t] = 0
	}
#else
	cmd[t] = 0;
#endif
	state = SMT_T_HOST;
	if
	:: c & CMD_HOME
	:: else ->
		owned = 1;
		state = SMT_T_REPORTED
	fi;
	atomic {
		if
		:: phase == GATE_PHASE_ROLL && exiting == 0 && SAME_RUN(CMD_SEQ(c)) ->
			assert(CMD_SEQ(c) == gate_seq);		/* I7: no message of an earlier run */
			present = present | b;
			assert((present & ~roll) == 0);		/* who was not called does not take part */
			if
			:: c & CMD_HOME -> c = 0; gone = gone | b; goto end_nap_for_host	/* no IPI may come any more */
			:: else -> c = 0
			fi
		:: else -> c = 0; goto too_late
		fi
	}
	FINE_END
	if
	:: vcpu & b -> goto wait_open
	:: else -> goto idle_nap
	fi;
too_late:
	owned = 0;
	goto end_nap_for_host;

wait_open:
	exiting != 0 || phase != GATE_PHASE_ROLL;
	goto try_enter;

idle_nap:
	state = SMT_T_IDLE;
	icp & b;
	assert(owned && state == SMT_T_IDLE);
#ifdef M_CMD_BEFORE_ACK
	c = cmd[t];
	icp = icp & ~b;
#else
	icp = icp & ~b;
#endif
	if
	:: exiting != 0 -> c = 0; goto leave
	:: else
	fi;
#ifndef M_CMD_BEFORE_ACK
	c = cmd[t];
#endif
	if
	:: c != 0 && CMD_SEQ(c) == gate_seq -> c = 0
	:: else -> c = 0; goto idle_nap
	fi;
	cmd[t] = 0;
try_enter:
	atomic {
		if
		:: !NOT_ENDING -> goto leave		/* late */
		:: phase != GATE_PHASE_OPEN && NOT_ENDING -> goto wait_open
		:: else ->
			assert(vcpu & b);
			entered = entered | b;
			entered_seq = entered_seq | b;
			am_ceded = ((ceded & b) != 0);
			napping = napping | (ceded & b);
			context = context | (~ceded & b);
			assert(am_ceded || (part == 1 && tb == 1))
		fi
	}
#ifdef M_TB_TWICE
	tb++;
#endif
	guest(t, b, m);
#ifdef M_VTB_TWICE
	d_step { assert(!vtb_saved); vtb_saved = 1 }
#endif

leave:
	FINE_BEGIN
#ifndef M_NO_EXIT_SENT
	exit_sent == seq;
#endif
#ifndef M_NO_SENDERS
	senders[t] == 0;
#endif
	d_step { icp = icp & ~b; gone = gone | b }
#ifndef M_CMD_CLEARED_LATE
	cmd[t] = 0;
#endif
	owned = 0;
	am_ceded = 0;
	state = SMT_T_HOST;
	present = present & ~b;
#ifdef M_CMD_CLEARED_LATE
	cmd[t] = 0;
#endif
	FINE_END
	goto end_nap_for_host;

stray:
	state = SMT_T_STRAY;
stray_wait:
	if
	:: atomic { cmd[t] != 0 && CMD_SEQ(cmd[t]) == gate_seq -> c = cmd[t] } goto called
	:: live == 0
	fi;
#ifndef M_STRAY_BIT_FIRST
	hwidle = hwidle & ~b;
#endif
	atomic {
		if
		:: live == 1 -> goto stray_again
		:: else -> strays = strays | b; hostcode = hostcode | b
		fi
	}
	state = SMT_T_TO_HOST;
	goto host;
stray_again:
	hwidle = hwidle | b;
	goto stray_wait;

	/* the host's 0x100 and what follows, until its idle loop naps again */
host:
	hwidle = hwidle & ~b;
	icp = icp & ~b;				/* the host's own code: it takes what is pending */
	(online & b) == 0;				/* online: it stays here */
	d_step { hostcode = hostcode & ~b; hwidle = hwidle | b }
	goto end_nap_for_host
}

/*
 * asm/takeover.S call_joiners: the look at one thread, and its IPI, which holds the thread back as smt_send_ipi()
 * does (send_held).  The mutant reads the gate once and sends later: a thread can have left meanwhile.  This is how the
 * code was until this model showed what comes of it.
 */
#ifndef M_LATE_CALL
inline call_joiners(mask)
{
	if
	:: (present & mask) && cmd[LOW(mask)] != 0 ->
		senders[LOW(mask)]++;
		if
		:: exiting == 0 ->
			d_step { assert((gone & (mask)) == 0); icp = icp | (mask) }
		:: else
		fi;
		senders[LOW(mask)]--
	:: else
	fi
}
#define send_joiners(m)
#else
inline call_joiners(mask)
{
	if
	:: (mask) == 2 -> m = present
	:: else
	fi;
	if
	:: (m & (mask)) && cmd[LOW(mask)] == 0 -> m = m & ~(mask)
	:: else
	fi
}
#ifdef CHECK_CALL
#define send_joiners(m)		send_ipis(m)
#else
inline send_joiners(m)
{
	do
	:: m != 0 -> d_step { icp = icp | BIT(LOW(m)); m = m & ~BIT(LOW(m)) }
	:: else -> break
	od
}
#endif
#endif

/* wait_saved's second exit IPI to one thread: resend_ipis, send_held */
inline resend(mask)
{
	if
	:: (entered & ~saved & ~exiting & (mask)) ->
		senders[LOW(mask)]++;
		if
		:: (exiting & (mask)) == 0 ->
			d_step { assert((gone & (mask)) == 0); icp = icp | (mask) }
		:: else
		fi;
		senders[LOW(mask)]--
	:: else
	fi
}

/* The primary: the runner's task in C and, between rm_run and give_back, in real mode. */
proctype primary()
{
	byte m, runs, res, state, why;
	bit owned, am_ceded;

#define t 0
#define b P
end_host:
	/* the host takes what is pending: an IPI of its own has a message */
	if
	:: icp & P -> icp = icp & ~P; hmsg = 0; goto end_host
	:: (icp & P) == 0 && runs < RUNS && (ready & (~ceded | prodded | vdpdes)) && !lock -> runs++
	:: sig -> sig = 0; goto end_host				/* the task handles it */
	fi;
	inhibited = 1;
	/* smt_core_check */
	if
	:: online != 0 -> inhibited = 0; goto end_busy
	:: else
	fi;
	live == 0;
	m = strays;					/* strays_settled */
	(m & ~hwidle) == 0;
	strays = strays & ~m;
	m = 0;
	hwidle == SIBS;					/* check_napping */
#ifdef M_SIGNAL_WINDOW
	if
	:: sig -> goto end_host
	:: else
	fi;
	if
	:: icp & P -> icp = icp & ~P; hmsg = 0
	:: (icp & P) == 0
	fi;
#endif
	/* interrupts hard-disabled, the vcore's lock */
	atomic { !lock -> lock = 1 }
#ifndef M_SIGNAL_WINDOW
	if
	:: sig || (icp & P) -> lock = 0; runs--; goto end_host		/* put_off */
	:: else
	fi;
#endif
	d_step {
		/* settle, fill_slots, smt_core_prepare */
		m = ceded & (prodded | vdpdes) & ready;
		ceded = ceded & ~m;
		prodded = prodded & ~m;
		owed = owed & ~m;
		m = 0;
		in_run = ready & ROLL;
		vcpu = in_run;
		roll = ROLL & SIBS;
		home = HOME & ~in_run;
#ifndef M_OLD_IPI_TAKEN
		shootdown = failed;
#endif
		failed = 0;
		seq++;
		exit_sent = 0;
		saved = 0;
		entered_seq = 0;
		gone = 0;
		own_trap = 0;
		vtb_saved = 0;
		hdec = 0;
		trap[0] = 0; trap[1] = 0; trap[2] = 0; trap[3] = 0;
		cmd[1] = (roll & 2 -> (home & 2 -> seq | CMD_HOME : seq) : 0);
		cmd[2] = (roll & 4 -> (home & 4 -> seq | CMD_HOME : seq) : 0);
		cmd[3] = (roll & 8 -> (home & 8 -> seq | CMD_HOME : seq) : 0);
		running = 1;
		lock = 0
	}

	/* smt_rm_run */
	atomic {
		if
		:: live != 0 || strays != 0 -> res = SMT_RUN_STRAY; goto back_to_c
		:: else -> live = 1
		fi
	}
	hrmor = 1;
	state = SMT_T_REPORTED;
	d_step { gate_seq = seq; phase = GATE_PHASE_ROLL }
	m = roll;
	send_ipis(m);
	call_sent = seq;
	/* wait_reports */
#ifdef M_TB_HOST
	tb++;
#endif
#ifndef M_EARLY_START
	if
	:: (roll & ~present) == 0
	:: rolled_out -> rolled_out = 0; goto roll_call_failed
#ifdef ROLL_ANY
	:: (roll & ~present) != 0 -> goto roll_call_failed
#endif
	fi;
#endif
	/* partition_load */
	atomic {
		part = 1;
#ifndef M_TB_HOST
		tb++;
#endif
		dpdes = vdpdes;
		vdpdes = 0;
		assert(hostcode == 0 && tb == 1)	/* I6: no thread is in host code while the core is the guest's */
	}
	d_step {
		phase = GATE_PHASE_OPEN;
#ifndef M_HOME_STAYS_PRESENT
		present = present & ~home;
#endif
		entered = entered | P;
		am_ceded = ((ceded & P) != 0);
		if
		:: (vcpu & P) == 0 || am_ceded -> napping = napping | P
		:: else -> context = context | P
		fi;
		entered_seq = entered_seq | (vcpu & P)
	}
#ifndef M_NO_CALL_JOINERS
	call_joiners(2);
	call_joiners(4);
	call_joiners(8);
	send_joiners(m);
#endif
	if
	:: vcpu & P
	:: else -> goto primary_idle
	fi;
	guest(t, b, m);
	goto primary_finish;

primary_idle:
	state = SMT_T_IDLE;
	owned = 1;
	(icp & P) || hdec;
	assert(owned && state == SMT_T_IDLE);
	why = (exiting != 0 -> 0 : (hdec -> TRAP_HDEC : TRAP_IRQ));
	owned = 0;
	gate_exit(t, b, m);
	state = SMT_T_SAVED;
	saved = saved | P;

primary_finish:
#ifdef M_BELL_LOST
	vdpdes = dpdes;
#endif
	/* wait_saved */
#ifndef M_RESTORE_EARLY
	if
	:: (entered & ~saved) == 0
#ifdef RESEND
	:: (entered & ~saved & ~exiting) != 0 ->
#ifndef M_LATE_RESEND
		resend(2);
		resend(4);
		resend(8);
#else
		m = entered & ~saved;
		m = m & ~exiting;
		send_ipis(m);
#endif
		(entered & ~saved) == 0
#endif
	fi;
#endif
	/* partition_restore */
	atomic {
		assert(context == 0);			/* I2 */
		assert(!vtb_saved);
		vtb_saved = 1;
#ifndef M_BELL_LOST
		vdpdes = dpdes;
#endif
		dpdes = 0;
		assert(vdpdes == belled);
		tb--;
		part = 0
	}
	res = SMT_RUN_OK;
	goto see_off;

roll_call_failed:
	why = 0;
	gate_exit(t, b, m);
	present = present & ~home;
	failed = 1;
	res = SMT_RUN_ROLL_CALL;

see_off:
	present == 0;					/* wait_left */
	/* give_back */
	assert(context == 0 && part == 0 && tb == 0);
	hrmor = 0;
	state = SMT_T_HOST;
	am_ceded = 0;
	d_step { gate_seq = 0; phase = GATE_PHASE_FREE; entered = 0; exiting = 0; napping = 0 }
	live = 0;

back_to_c:
	atomic { !lock -> lock = 1 }
	d_step {
		/* collect */
		if
		:: res == SMT_RUN_OK -> m = own_trap & entered_seq
		:: else -> m = 0
		fi;
		assert((m & 1) == 0 || trap[0] == TRAP_OWN);
		assert((m & 2) == 0 || trap[1] == TRAP_OWN);
		assert((m & 4) == 0 || trap[2] == TRAP_OWN);
		assert((m & 8) == 0 || trap[3] == TRAP_OWN);
		ready = ready & ~m;
		m = ceded & (prodded | vdpdes) & ready;		/* settle_out wakes the task, its step() settles */
		ceded = ceded & ~m;
		prodded = prodded & ~m;
		owed = owed & ~m;
		in_run = 0; saved = 0; entered_seq = 0; own_trap = 0;
		trap[0] = 0; trap[1] = 0; trap[2] = 0; trap[3] = 0;
		running = 0;
		m = 0;
		res = 0;
		hbell = 0;			/* replay_edges: the host takes it */
		lock = 0
	}
	goto end_host;
end_busy:
	false
#undef t
#undef b
}

/* src/image.c smt_send_ipi: from any cpu */
inline smt_send_ipi(t, open)
{
	senders[t]++;
	open = (phase == GATE_PHASE_OPEN && (present & BIT(t)) && exiting == 0);
	if
	:: open ->
		d_step {
			assert((gone & BIT(t)) == 0);
			icp = icp | BIT(t);
			open = 0
		}
	:: else
	fi;
	senders[t]--
}

/* A vcpu that was busy in the host becomes runnable: smt_join where a run goes on. */
inline task(t, open)
{
	if
	:: running && (in_run & BIT(t)) == 0 && (ROLL & ~home & BIT(t)) && t != 0 && exiting == 0 ->
		in_run = in_run | BIT(t);
		vcpu = vcpu | BIT(t);			/* prepare_vcpu */
		cmd[t] = seq;
		smt_send_ipi(t, open)
	:: running && (in_run & BIT(t)) == 0 && !((ROLL & ~home & BIT(t)) && t != 0) ->
		icp = icp | P					/* no thread for it: smt_kick_core */
	:: else
	fi
}

proctype joiner()
{
	byte n = JOINS, who;
	bit open;

end_joiner:
	do
	:: n > 0 && (~ready & ALL & JOINABLE) != 0 ->
		n--;
		if
		:: (~ready & JOINABLE & 1) -> who = 0
		:: (~ready & JOINABLE & 2) -> who = 1
		:: (~ready & JOINABLE & 4) -> who = 2
		:: (~ready & JOINABLE & 8) -> who = 3
		fi;
		atomic { !lock -> lock = 1 }
		ready = ready | BIT(who);
		task(who, open);
		d_step { lock = 0; who = 0 }
	:: n == 0 -> break
	od
}

/* smt_vcpu_prod: then smt_fast_vcpu_kick */
proctype kicker()
{
	byte n = KICKS, who;
	bit open;

	do
	:: n > 0 ->
		n--;
		if
		:: (KICKABLE & 1) -> who = 0
		:: (KICKABLE & 2) -> who = 1
		:: (KICKABLE & 4) -> who = 2
		:: (KICKABLE & 8) -> who = 3
		fi;
		d_step { prodded = prodded | BIT(who); owed = owed | BIT(who) }
		if
		:: in_run & BIT(who) ->
			if
			:: running && who != 0 -> smt_send_ipi(who, open)
			:: running && who == 0 -> icp = icp | P		/* smt_kick_core */
			:: else
			fi
		:: else
		fi;
		/* rcuwait_wake_up: the vcpu's own task looks, as step() does */
		atomic { !lock -> lock = 1 }
		if
		:: (ceded & ready & BIT(who)) && (in_run & BIT(who)) == 0 && (prodded & BIT(who)) ->
			ceded = ceded & ~BIT(who);
			d_step { prodded = prodded & ~BIT(who); owed = owed & ~BIT(who) }
			task(who, open)
		:: else
		fi;
		d_step { lock = 0; who = 0 }
	:: else -> break
	od
}

/* Interrupts of the host, wake-ups of nobody, an administrator with cpu hotplug, a signal. */
proctype world()
{
	byte irqs = IRQS, n = STRAYS;
#ifdef HOTPLUG
	bit asked;
#endif
#ifdef SIGNAL
	bit sent;
#endif

	do
	:: irqs > 0 -> d_step { irqs--; hmsg = 1; icp = icp | P }
	:: n > 0 ->
		n--;
		if
		:: (STRAYABLE & 2) -> strayw = strayw | 2
		:: (STRAYABLE & 4) -> strayw = strayw | 4
		:: (STRAYABLE & 8) -> strayw = strayw | 8
		fi
#ifdef SIGNAL
	:: !sent -> sent = 1; sig = 1; icp = icp | P
#endif
#ifdef HOTPLUG
	:: !asked ->
		asked = 1;
		atomic {
			if
#ifndef M_HOTPLUG
			:: inhibited			/* secondaries_inhibited() */
#endif
			:: else -> online = online | 8; strayw = strayw | 8
			fi
		}
		/* it is up, then offline again: the kernel waits for both */
		if
		:: online != 0 -> (hostcode & ~hwidle & 8); online = 0
		:: else
		fi
#endif
#ifdef SLICE_ANY
	:: phase == GATE_PHASE_OPEN && !hdec -> hdec = 1
#endif
	:: irqs == 0 && n == 0 -> break
	od
}

/* What passes of time shows: nothing else can happen. */
proctype clock()
{
end_clock:
	do
	:: timeout ->
		if
		:: phase == GATE_PHASE_ROLL && !rolled_out && exiting == 0 ->
			assert(STRAYS != 0);		/* else everybody reports */
			rolled_out = 1
		:: phase == GATE_PHASE_OPEN && !hdec && exiting == 0 ->
			assert((napping & ceded & (owed | dpdes)) == 0);	/* lost wake-up */
			assert((in_run & ~entered) == 0);			/* lost join */
			assert(!sig && !hmsg);					/* the host waits for a whole slice */
			hdec = 1
		:: else ->
			/* the end: all that ran is back, nothing of the host's is lost */
			assert(!running && live == 0 && !lock);
			assert(present == 0 && hrmor == 0 && part == 0 && tb == 0);
			assert(!hmsg && (icp & P) == 0);
			assert((ceded & ready & owed) == 0);
			break
		fi
	od
}

init
{
	atomic {
		run primary();
		run sibling(1, 2);
		run sibling(2, 4);
		run sibling(3, 8);
#if JOINS
		run joiner();
#endif
#if KICKS
		run kicker();
#endif
		run world();
		run clock()
	}
}
