// SPDX-License-Identifier: GPL-2.0-only
/*
 * smtload - a compile-like load for every CPU of a guest, that checks itself
 *
 * usage: smtload SECONDS
 *
 * One worker thread is pinned to each online CPU and goes round the table
 * steps[]: fork and exec, map and unmap, pipe wake-ups between CPUs, timers,
 * migrations with every register checked, membarrier IPIs, contended atomics
 * and locks. Each step verifies its own result. A watchdog in the main thread
 * bounds the run.
 *
 * Prints "load ok workers=N loops=... late_us=..." and ends with 0, or
 * "load error: cpu N: STEP: what" and ends with 1. late_us is the worst
 * lateness of a timer; it is a measurement, not a check.
 *
 * A static program for ppc64 of either endianness, POWER7 (VSX) or later.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_CPUS	64
#define NS		1000000000LL
#define MARGIN_S	60		/* watchdog: grace after the deadline */
#define MAP_LEN		(1 << 20)
#define PING_STEPS	20
#define TB_READS	2000
#define SORT_LEN	2048

struct worker {
	pthread_t	thread, echo;
	int		cpu, index;
	int		to_echo[2], from_echo[2];
	uint64_t	rng;
	uint64_t	loops, adds, late_ns;
	const char	*volatile step;
	volatile int	done;
};

static struct worker workers[MAX_CPUS];
static int nr_workers, cpus[MAX_CPUS];
static int64_t deadline;
static uint64_t atomic_total, locked_total, last_tb;
static pthread_mutex_t total_lock = PTHREAD_MUTEX_INITIALIZER;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

static void __attribute__((noreturn, format(printf, 2, 3)))
error(const struct worker *w, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("load error: cpu %d: %s: %s\n", w->cpu, w->step, text);
	fflush(stdout);
	_exit(1);
}

static uint64_t rnd(struct worker *w)
{
	w->rng ^= w->rng << 13;
	w->rng ^= w->rng >> 7;
	w->rng ^= w->rng << 17;
	return w->rng;
}

static void pin(struct worker *w, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		error(w, "cannot go to cpu %d: %s", cpu, strerror(errno));
}

/* What the exec'd child computes and its parent checks: FNV-1a over a counter. */
static uint64_t digest(uint64_t seed)
{
	uint64_t h = 0xcbf29ce484222325ULL;
	int i;

	for (i = 0; i < 4096; i++)
		h = (h ^ (seed + i)) * 0x100000001b3ULL;
	return h;
}

static int child_main(const char *arg)
{
	uint64_t h = digest(strtoull(arg, NULL, 16));

	return write(1, &h, sizeof(h)) == sizeof(h) ? 0 : 1;
}

static void step_exec(struct worker *w)
{
	uint64_t seed = rnd(w), got = 0;
	int fd[2], status;
	char arg[20];
	pid_t pid;

	snprintf(arg, sizeof(arg), "%llx", (unsigned long long)seed);
	if (pipe2(fd, O_CLOEXEC))
		error(w, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		error(w, "fork: %s", strerror(errno));
	if (!pid) {
		dup2(fd[1], 1);
		execl("/proc/self/exe", "smtload", "--child", arg, (char *)NULL);
		_exit(2);
	}
	close(fd[1]);
	if (read(fd[0], &got, sizeof(got)) != sizeof(got))
		error(w, "the child wrote nothing");
	close(fd[0]);
	if (waitpid(pid, &status, 0) != pid || status)
		error(w, "the child ended with status %#x", status);
	if (got != digest(seed))
		error(w, "the child's sum is %#llx, not %#llx", (unsigned long long)got,
		      (unsigned long long)digest(seed));
}

/* fork without exec: the child changes its copy, the parent's must stay. */
static void step_cow(struct worker *w)
{
	uint64_t seed = rnd(w);
	uint64_t *p = mmap(NULL, MAP_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i, n = MAP_LEN / sizeof(*p);
	int status;
	pid_t pid;

	if (p == MAP_FAILED)
		error(w, "mmap: %s", strerror(errno));
	for (i = 0; i < n; i += 64)
		p[i] = seed + i;
	pid = fork();
	if (pid < 0)
		error(w, "fork: %s", strerror(errno));
	if (!pid) {
		for (i = 0; i < n; i += 64) {
			if (p[i] != seed + i)
				_exit(1);
			p[i] = ~p[i];
		}
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		error(w, "the child saw wrong memory (status %#x)", status);
	for (i = 0; i < n; i += 64)
		if (p[i] != seed + i)
			error(w, "the child's write shows at %zu", i);
	munmap(p, MAP_LEN);
}

/* The mm is shared by all workers: each unmap and mprotect is a shootdown. */
static void step_mmap(struct worker *w)
{
	uint64_t seed = rnd(w);
	uint64_t *p = mmap(NULL, MAP_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i, n = MAP_LEN / sizeof(*p);

	if (p == MAP_FAILED)
		error(w, "mmap: %s", strerror(errno));
	for (i = 0; i < n; i += 512)
		if (p[i])
			error(w, "a new page is not zero");
	for (i = 0; i < n; i += 32)
		p[i] = seed ^ i;
	if (mprotect(p, MAP_LEN, PROT_READ))
		error(w, "mprotect: %s", strerror(errno));
	for (i = 0; i < n; i += 32)
		if (p[i] != (seed ^ i))
			error(w, "word %zu is %#llx", i, (unsigned long long)p[i]);
	munmap(p, MAP_LEN);
}

/* The time base must never be seen to go back, on whatever CPU it is read. */
static void check_tb(struct worker *w)
{
	uint64_t seen = __atomic_load_n(&last_tb, __ATOMIC_SEQ_CST);
	uint64_t tb = __builtin_ppc_get_timebase();

	if (tb < seen)
		error(w, "the time base went back by %llu", (unsigned long long)(seen - tb));
	while (seen < tb && !__atomic_compare_exchange_n(&last_tb, &seen, tb, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

/* Threads that read it at the same time show even a small difference. */
static void step_tb(struct worker *w)
{
	int i;

	for (i = 0; i < TB_READS; i++)
		check_tb(w);
}

/* The other end of step_ping, on the next CPU. */
static void *echo_main(void *arg)
{
	struct worker *w = arg;
	uint64_t v;

	pin(w, cpus[(w->index + 1) % nr_workers]);
	while (read(w->to_echo[0], &v, sizeof(v)) == sizeof(v)) {
		check_tb(w);
		v = ~v;
		if (write(w->from_echo[1], &v, sizeof(v)) != sizeof(v))
			break;
	}
	return NULL;
}

static void step_ping(struct worker *w)
{
	uint64_t v, back;
	int i;

	for (i = 0; i < PING_STEPS; i++) {
		v = rnd(w);
		check_tb(w);
		if (write(w->to_echo[1], &v, sizeof(v)) != sizeof(v) ||
		    read(w->from_echo[0], &back, sizeof(back)) != sizeof(back))
			error(w, "pipe: %s", strerror(errno));
		if (back != ~v)
			error(w, "the echo is wrong");
		check_tb(w);
	}
}

static void step_timer(struct worker *w)
{
	int64_t due = now_ns() + 1000000 + (int64_t)(rnd(w) % 2000000);
	struct timespec t = { .tv_sec = due / NS, .tv_nsec = due % NS };
	struct itimerspec its = { .it_value = { .tv_nsec = 500000 } };
	int64_t start, late;
	uint64_t ticks;
	int fd;

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
	late = now_ns() - due;
	if (late < 0)
		error(w, "woke %lld ns early", (long long)-late);
	if ((uint64_t)late > w->late_ns)
		w->late_ns = late;

	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	start = now_ns();
	if (fd < 0 || timerfd_settime(fd, 0, &its, NULL))
		error(w, "timerfd: %s", strerror(errno));
	if (read(fd, &ticks, sizeof(ticks)) != sizeof(ticks) || ticks != 1)
		error(w, "timerfd gave a wrong count");
	if (now_ns() - start < 500000)
		error(w, "timerfd fired early");
	close(fd);
}

struct regs {
	uint64_t	gpr[16];	/* r14..r29 */
	uint64_t	cr, ctr, pad[2];
	uint64_t	vsr[64][2];
} __attribute__((aligned(16)));

/*
 * Load r14-r29, CR, CTR and all of VS0-VS63 from @in, spin @spins times, call
 * sched_setaffinity(0, @len, @mask) and store them to @out. By the kernel's
 * syscall64-abi a system call by sc keeps all of them but CR0 and CTR; CTR is
 * therefore stored before it. Returns what the call returned.
 */
static long __attribute__((noinline))
hold_registers(const struct regs *in, struct regs *out, long spins, size_t len, const cpu_set_t *mask)
{
	register long r0 asm("r0") = SYS_sched_setaffinity;
	register long r3 asm("r3") = 0;
	register long r4 asm("r4") = len;
	register long r5 asm("r5") = (long)mask;
	register long r6 asm("r6") = spins;
	register const struct regs *r7 asm("r7") = in;
	register struct regs *r30 asm("r30") = out;

	asm volatile(
		"ld %%r9, 128(%%r7)\n mtcrf 0x7f, %%r9\n"
		"ld %%r9, 136(%%r7)\n mtctr %%r9\n"
		".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,"
		"32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63\n"
		"li %%r9, 160 + 16 * \\n\n lxvd2x \\n, %%r7, %%r9\n"
		".endr\n"
		".irp n,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29\n"
		"ld \\n, (\\n - 14) * 8(%%r7)\n"
		".endr\n"
		"1: addic. %%r6, %%r6, -1\n bgt 1b\n"
		"mfctr %%r9\n std %%r9, 136(%%r30)\n"
		"sc\n"
		"mfcr %%r9\n std %%r9, 128(%%r30)\n"
		".irp n,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29\n"
		"std \\n, (\\n - 14) * 8(%%r30)\n"
		".endr\n"
		".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,"
		"32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63\n"
		"li %%r9, 160 + 16 * \\n\n stxvd2x \\n, %%r30, %%r9\n"
		".endr\n"
		: "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r30)
		:
		: "memory", "ctr", "xer", "r8", "r9", "r10", "r11", "r12",
		  "r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25",
		  "r26", "r27", "r28", "r29",
		  "cr0", "cr1", "cr2", "cr3", "cr4", "cr5", "cr6", "cr7",
		  "fr0", "fr1", "fr2", "fr3", "fr4", "fr5", "fr6", "fr7", "fr8", "fr9", "fr10", "fr11",
		  "fr12", "fr13", "fr14", "fr15", "fr16", "fr17", "fr18", "fr19", "fr20", "fr21", "fr22",
		  "fr23", "fr24", "fr25", "fr26", "fr27", "fr28", "fr29", "fr30", "fr31",
		  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",
		  "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",
		  "v26", "v27", "v28", "v29", "v30", "v31");
	return r3;
}

static void step_migrate(struct worker *w)
{
	struct regs in, out;
	cpu_set_t set;
	int i, j, cpu;

	for (i = 0; i <= nr_workers; i++) {
		cpu = cpus[(w->index + i) % nr_workers];	/* ends at home */
		for (j = 0; j < (int)(sizeof(in) / 8); j++)
			((uint64_t *)&in)[j] = rnd(w);
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		check_tb(w);
		if (hold_registers(&in, &out, rnd(w) % 20000 + 1, sizeof(set), &set) < 0)
			error(w, "cannot go to cpu %d", cpu);
		check_tb(w);
		if (sched_getcpu() != cpu)
			error(w, "on cpu %d, not %d", sched_getcpu(), cpu);
		for (j = 0; j < 16; j++)
			if (in.gpr[j] != out.gpr[j])
				error(w, "r%d is %#llx, not %#llx", j + 14,
				      (unsigned long long)out.gpr[j], (unsigned long long)in.gpr[j]);
		if ((in.cr ^ out.cr) & 0x0fffffff)
			error(w, "CR is %#llx, not %#llx", (unsigned long long)out.cr, (unsigned long long)in.cr);
		if (in.ctr != out.ctr)
			error(w, "CTR differs");
		for (j = 0; j < 64; j++)
			if (memcmp(in.vsr[j], out.vsr[j], 16))
				error(w, "vs%d differs", j);
	}
}

static void step_membarrier(struct worker *w)
{
	int i;

	for (i = 0; i < 10; i++)
		if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0))
			error(w, "membarrier: %s", strerror(errno));
}

static void step_atomics(struct worker *w)
{
	int i;

	for (i = 0; i < 1000; i++)
		__atomic_fetch_add(&atomic_total, 1, __ATOMIC_RELAXED);
	for (i = 0; i < 50; i++) {
		pthread_mutex_lock(&total_lock);
		locked_total += 20;
		pthread_mutex_unlock(&total_lock);
	}
	w->adds += 1000;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void step_sort(struct worker *w)
{
	static __thread double v[SORT_LEN];
	double before = 0, after = 0;
	int i;

	for (i = 0; i < SORT_LEN; i++) {
		v[i] = (double)(rnd(w) >> 40);	/* sums stay exact */
		before += v[i];
	}
	qsort(v, SORT_LEN, sizeof(v[0]), by_value);
	for (i = 0; i < SORT_LEN; i++) {
		if (i && v[i] < v[i - 1])
			error(w, "not sorted");
		after += v[i];
	}
	if (before != after)
		error(w, "the sum changed");
}

static const struct {
	const char	*name;
	void		(*run)(struct worker *w);
} steps[] = {
	{ "exec",	step_exec },
	{ "sort",	step_sort },
	{ "mmap",	step_mmap },
	{ "ping",	step_ping },
	{ "timer",	step_timer },
	{ "timebase",	step_tb },
	{ "migrate",	step_migrate },
	{ "membarrier",	step_membarrier },
	{ "cow",	step_cow },
	{ "atomics",	step_atomics },
};

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	size_t i;

	w->step = "start";
	pin(w, w->cpu);
	do {
		for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			w->step = steps[i].name;
			steps[i].run(w);
		}
		w->loops++;
	} while (now_ns() < deadline);
	w->done = 1;
	return NULL;
}

static void start(struct worker *w, int index)
{
	w->index = index;
	w->cpu = cpus[index];
	w->rng = 0x9e3779b97f4a7c15ULL * (index + 1);
	w->step = "start";
	if (pipe2(w->to_echo, O_CLOEXEC) || pipe2(w->from_echo, O_CLOEXEC) ||
	    pthread_create(&w->echo, NULL, echo_main, w) || pthread_create(&w->thread, NULL, worker_main, w))
		error(w, "%s", strerror(errno));
}

/* Wait for all workers, or say which one is stuck and where. */
static void watch(void)
{
	int64_t limit = deadline + MARGIN_S * NS;
	int i = 0;

	while (i < nr_workers) {
		if (workers[i].done) {
			i++;
			continue;
		}
		if (now_ns() > limit)
			error(&workers[i], "still not finished %d s after the end", MARGIN_S);
		usleep(50000);
	}
}

int main(int argc, char **argv)
{
	uint64_t loops = 0, adds = 0, late = 0;
	cpu_set_t set;
	int i;

	if (argc == 3 && !strcmp(argv[1], "--child"))
		return child_main(argv[2]);
	if (argc != 2 || atoi(argv[1]) <= 0) {
		fprintf(stderr, "usage: smtload SECONDS\n");
		return 2;
	}
	if (sched_getaffinity(0, sizeof(set), &set)) {
		printf("load error: sched_getaffinity: %s\n", strerror(errno));
		return 1;
	}
	for (i = 0; i < CPU_SETSIZE && nr_workers < MAX_CPUS; i++)
		if (CPU_ISSET(i, &set))
			cpus[nr_workers++] = i;
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0)) {
		printf("load error: no membarrier: %s\n", strerror(errno));
		return 1;
	}
	deadline = now_ns() + atoi(argv[1]) * NS;
	for (i = 0; i < nr_workers; i++)
		start(&workers[i], i);
	watch();
	for (i = 0; i < nr_workers; i++) {
		loops += workers[i].loops;
		adds += workers[i].adds;
		if (workers[i].late_ns > late)
			late = workers[i].late_ns;
	}
	if (atomic_total != adds || locked_total != adds) {
		printf("load error: totals %llu and %llu, not %llu\n", (unsigned long long)atomic_total,
		       (unsigned long long)locked_total, (unsigned long long)adds);
		return 1;
	}
	printf("load ok workers=%d loops=%llu late_us=%llu\n", nr_workers, (unsigned long long)loops,
	       (unsigned long long)late / 1000);
	return 0;
}
