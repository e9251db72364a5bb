-- SPDX-License-Identifier: GPL-2.0-only
--
-- gate.m - one run of a core of eight threads: the gate, the IPIs around it, one task that joins or kicks.
--
-- Murphi; rumur takes the seven siblings as interchangeable.  A rule is a change of the gate or a round of IPIs, with
-- what its thread does alone around it: coarser than run.pml, which has the single accesses but four threads.  Where
-- a thread is tells its bits in the gate:
--
--			present	entered	exiting	napping
--	REPORTED, IDLE	x
--	GUEST		x	x
--	CEDED		x	x		x
--	T_SENDING	x	x	x		sends the exit IPIs of the run
--	T_LEAVING	x	x	x		its context is not saved
--	T_RETURN	x	if it was	in nap.S leave
--	T_HOME		till OPEN		has only reported, and naps for the host again
--
-- murphi.sh puts the names of include/states.def (GATE_PHASE_*, SMT_T_*), SIBS and MUTANT in front.

const
  -- places between two gate changes; numbers behind those of SMT_T_*
  T_SENDING: 10;
  T_LEAVING: 11;
  T_RETURN: 12;
  T_GONE: 13;		-- naps for the host again
  T_CALLING: 14;	-- primary: OPEN, before call_joiners
  T_OVER: 15;		-- primary: the partition is the host's, wait_left
  T_HOME: 16;

  NO_TASK: 0; TASK_STORED: 1; TASK_COUNTED: 2; TASK_SENDS: 3;

  M_NONE: 0; M_EARLY_START: 1; M_ENTRY_NO_EXIT_TEST: 2; M_RESTORE_EARLY: 3; M_NO_EXIT_SENT: 4; M_NO_SENDERS: 5;
  M_NO_CALL_JOINERS: 6; M_IDLE_NOT_CALLED: 7; M_NO_LOOK: 8; M_NO_OPEN_TEST: 9; M_HOME_CALLED: 10;

type
  sib: scalarset(SIBS);
  where: 0..16;

var
  phase: 0..2;
  ending, exit_sent, guest_partition: boolean;	-- ending: some exit bit is set
  p: where;
  p_naps: boolean;
  x: array [sib] of record
    st: where;
    ipi: boolean;
    told: boolean;	-- the task's: a command, or prodded
    task: 0..3;
  end;
  task_left, kick: boolean;

function reported(s: sib): boolean;
begin
  return x[s].st != SMT_T_HOST & x[s].st != T_GONE;
end;

function present(s: sib): boolean;	-- when phase ROLL is over; before that T_HOME is, too
begin
  return reported(s) & x[s].st != T_HOME;
end;

function in_guest(s: sib): boolean;	-- entered, its context not saved
begin
  return x[s].st = SMT_T_GUEST | x[s].st = SMT_T_CEDED | x[s].st = T_SENDING | x[s].st = T_LEAVING;
end;

procedure ack(s: sib);
begin
  x[s].ipi := false;
end;

procedure gate_exit(s: sib);
begin
  if ending then x[s].st := T_LEAVING; else x[s].st := T_SENDING; endif;
  ending := true;
  ack(s);		-- what comes from now on is acknowledged in leave
end;

procedure p_gate_exit();
begin
  if ending then p := T_LEAVING; else p := T_SENDING; endif;
  ending := true;
end;

procedure go_out(s: sib);
begin
  x[s].st := T_RETURN;
  ack(s);
end;

procedure enter(s: sib);
begin
  assert "I1" guest_partition & (MUTANT = M_ENTRY_NO_EXIT_TEST | !ending);
  x[s].st := SMT_T_GUEST;
end;

-- the round of exit IPIs: all that are present, or all that have entered
procedure send_exit_ipis();
begin
  for s: sib do
    assert "an exit IPI wakes a thread that naps for the host" x[s].st != T_GONE;
    if x[s].st = SMT_T_GUEST | x[s].st = SMT_T_CEDED |
       ((x[s].st = SMT_T_IDLE | x[s].st = SMT_T_REPORTED) & MUTANT != M_IDLE_NOT_CALLED) |
       (x[s].st = T_HOME & phase = GATE_PHASE_ROLL & MUTANT = M_HOME_CALLED) then
      assert "an exit IPI wakes a thread that has only reported" x[s].st != T_HOME;
      x[s].ipi := true;
    endif;
  endfor;
  exit_sent := true;
end;

startstate begin
  phase := GATE_PHASE_FREE;
  ending := false; exit_sent := false; guest_partition := false;
  p := SMT_T_HOST; p_naps := false;
  task_left := true; kick := false;
  for s: sib do
    x[s].st := SMT_T_HOST;
    x[s].ipi := false; x[s].told := false; x[s].task := NO_TASK;
  endfor;
end;

rule "take over, call" p = SMT_T_HOST ==>
  phase := GATE_PHASE_ROLL;
  p := SMT_T_REPORTED;
end;

ruleset s: sib do
  -- whether the run has a vcpu for it is decided here; what the task told before tells that it has
  rule "report" x[s].st = SMT_T_HOST & phase = GATE_PHASE_ROLL & !ending ==>
    x[s].st := SMT_T_REPORTED;
    if !kick then x[s].told := false; endif;
  end;
  rule "report, no vcpu" x[s].st = SMT_T_HOST & !x[s].told & phase = GATE_PHASE_ROLL & !ending ==>
    x[s].st := SMT_T_IDLE;
  end;

  rule "report, nobody can enter" x[s].st = SMT_T_HOST & !x[s].told & phase = GATE_PHASE_ROLL & !ending ==>
    x[s].st := T_HOME;
  end;

  rule "enter, or late" x[s].st = SMT_T_REPORTED & (phase = GATE_PHASE_OPEN | ending | MUTANT = M_NO_OPEN_TEST) ==>
    if ending & MUTANT != M_ENTRY_NO_EXIT_TEST then go_out(s); else enter(s); endif;
  end;

  rule "idle, woken" x[s].st = SMT_T_IDLE & x[s].ipi ==>
    ack(s);
    if ending & !(x[s].told & MUTANT = M_ENTRY_NO_EXIT_TEST) then go_out(s);
    elsif x[s].told then x[s].told := false; enter(s);
    endif;
  end;

  rule "guest: IPI" x[s].st = SMT_T_GUEST & x[s].ipi ==>
    if ending then gate_exit(s); else ack(s); endif;
  end;
  rule "guest: exit" x[s].st = SMT_T_GUEST ==> gate_exit(s); end;
  rule "guest: cede" x[s].st = SMT_T_GUEST ==>
    if x[s].told & MUTANT != M_NO_LOOK then x[s].told := false;
    elsif ending | (p_naps & forall o: sib do o = s | !in_guest(o) | x[o].st = SMT_T_CEDED endforall) then gate_exit(s);
    else x[s].st := SMT_T_CEDED;
    endif;
  end;
  -- cede.S napper_waking: all others nap, one of them has a reason to go on and has not woken yet; it may also be missed
  rule "guest: cede, another wakes" x[s].st = SMT_T_GUEST & !x[s].told & !ending &
	exists o: sib do o != s & x[o].st = SMT_T_CEDED & x[o].told endexists ==>
    x[s].st := SMT_T_CEDED;
  end;
  rule "ceded, woken" x[s].st = SMT_T_CEDED & x[s].ipi ==>
    if ending then gate_exit(s);
    else
      ack(s);
      if x[s].told then x[s].told := false; x[s].st := SMT_T_GUEST; endif;
    endif;
  end;

  rule "exit IPIs" x[s].st = T_SENDING ==> send_exit_ipis(); x[s].st := T_LEAVING; end;
  rule "saved" x[s].st = T_LEAVING ==> go_out(s); end;
  rule "leave" x[s].st = T_RETURN & (exit_sent | MUTANT = M_NO_EXIT_SENT) &
	(x[s].task < TASK_COUNTED | MUTANT = M_NO_SENDERS) ==>
    x[s].st := T_GONE;
    x[s].told := false;
  end;
endruleset;

-- the primary
rule "all reported: load, OPEN" p = SMT_T_REPORTED & (MUTANT = M_EARLY_START | forall s: sib do reported(s) endforall) ==>
  assert "the guest's partition while a sibling is the host's" forall s: sib do reported(s) endforall;
  guest_partition := true;
  phase := GATE_PHASE_OPEN;
  p := T_CALLING;
end;
rule "roll call failed" p = SMT_T_REPORTED & exists s: sib do !reported(s) endexists ==> p_gate_exit(); end;
-- one step here; that an IPI of call_joiners can be late is shown by run.pml, late-call
rule "call joiners" p = T_CALLING ==>
  if MUTANT != M_NO_CALL_JOINERS & !kick then
    for s: sib do
      if x[s].told & (x[s].st = SMT_T_IDLE | x[s].st = SMT_T_GUEST) then x[s].ipi := true; endif;
    endfor;
  endif;
  p := SMT_T_GUEST;
end;
rule "primary: cede" p = SMT_T_GUEST & !p_naps ==>
  if ending | forall o: sib do !in_guest(o) | x[o].st = SMT_T_CEDED endforall then p_gate_exit(); else p_naps := true; endif;
end;
rule "primary: cede, another wakes" p = SMT_T_GUEST & !p_naps & !ending &
	exists o: sib do x[o].st = SMT_T_CEDED & x[o].told endexists ==>
  p_naps := true;
end;
rule "primary: an exit, an interrupt" p = SMT_T_GUEST ==> p_gate_exit(); p_naps := false; end;
rule "primary: exit IPIs" p = T_SENDING ==> send_exit_ipis(); p := T_LEAVING; end;
rule "primary: saved" p = T_LEAVING ==>
  if phase = GATE_PHASE_ROLL then p := T_OVER; else p := SMT_T_SAVED; endif;
end;
rule "all saved: the host's partition" p = SMT_T_SAVED &
	(MUTANT = M_RESTORE_EARLY | forall s: sib do !in_guest(s) endforall) ==>
  guest_partition := false;
  p := T_OVER;
end;
rule "nobody present: give back" p = T_OVER & forall s: sib do !present(s) endforall ==>
  phase := GATE_PHASE_FREE;
  p := T_GONE;
end;

-- the task: a vcpu joins on sibling s, or the vcpu there is prodded
ruleset s: sib do
  rule "join" task_left & phase != GATE_PHASE_FREE & !ending & (x[s].st = SMT_T_HOST | x[s].st = SMT_T_IDLE) ==>
    task_left := false; kick := false;
    x[s].told := true;
    x[s].task := TASK_STORED;
  end;
  rule "kick" task_left & phase != GATE_PHASE_FREE & (x[s].st = SMT_T_HOST | x[s].st = SMT_T_REPORTED | in_guest(s)) ==>
    task_left := false; kick := true;
    x[s].told := true;
    x[s].task := TASK_STORED;
  end;
  rule "task: senders up" x[s].task = TASK_STORED ==> x[s].task := TASK_COUNTED; end;
  rule "task: looks at the gate" x[s].task = TASK_COUNTED ==>
    if phase = GATE_PHASE_OPEN & present(s) & !ending then
      x[s].task := TASK_SENDS;
    else
      x[s].task := NO_TASK;
    endif;
  end;
  rule "task: IPI, senders down" x[s].task = TASK_SENDS ==>
    assert "a task's IPI wakes a thread that naps for the host" x[s].st != T_GONE;
    if x[s].st = SMT_T_IDLE | x[s].st = SMT_T_GUEST | x[s].st = SMT_T_CEDED | x[s].st = SMT_T_REPORTED then x[s].ipi := true; endif;
    x[s].task := NO_TASK;
  end;
endruleset;

rule "rest" p = T_GONE & forall s: sib do x[s].task = NO_TASK endforall ==> end;

ruleset s: sib do
  invariant "I1, I2: who has guest context is in the guest's partition" in_guest(s) -> guest_partition;
  invariant "lost wake-up" x[s].st = SMT_T_CEDED & x[s].told & x[s].task = NO_TASK & !x[s].ipi -> ending;
  invariant "lost join"
    x[s].st = SMT_T_IDLE & x[s].told & x[s].task = NO_TASK & !x[s].ipi & phase = GATE_PHASE_OPEN & p != T_CALLING -> ending;
endruleset;
invariant "the host's partition when the core is free" phase = GATE_PHASE_FREE -> !guest_partition;
