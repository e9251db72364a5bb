// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

struct options opt = { .slow = 1, .rounds = 100, .seed = 1 };

static struct counts {
	unsigned int pass, fail, skip;
} *counts;			/* shared by the parent and the cases */
static const char *program;
static char context[128];
static u64 case_end;

u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

unsigned int case_left(void)
{
	u64 reserve = opt.case_seconds * 1000 / 4, end, now = now_ms();

	end = case_end - (reserve < 15000 ? reserve : 15000);
	return now < end ? end - now : 0;
}

unsigned int rounds(unsigned int usual)
{
	unsigned int n = (u64)usual * opt.rounds / 100;

	return n ? n : 1;
}

/* splitmix64's finalizer, as in the guests */
u64 mix(u64 a, u64 b)
{
	u64 z = a * 0x9e3779b97f4a7c15 + b + 0x632be59bd9b4e019;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* One line, one write: lines of several processes do not mix. */
static void line(const char *word, const char *name, const char *fmt, va_list ap)
{
	char buf[1024];
	int n;

	n = snprintf(buf, sizeof(buf), "%s %s%s%s%s", word, context, name && *context ? "." : "", name ? name : "",
		     fmt && name ? ": " : fmt ? " " : "");
	if (fmt && n < (int)sizeof(buf))
		n += vsnprintf(buf + n, sizeof(buf) - n, fmt, ap);
	if (n > (int)sizeof(buf) - 2)
		n = sizeof(buf) - 2;
	buf[n++] = '\n';
	if (write(STDOUT_FILENO, buf, n) != n)
		_exit(2);
}

void check(bool ok, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (ok) {
		line("PASS", name, NULL, ap);
		__atomic_add_fetch(&counts->pass, 1, __ATOMIC_RELAXED);
	} else {
		line("FAIL", name, fmt, ap);
		__atomic_add_fetch(&counts->fail, 1, __ATOMIC_RELAXED);
	}
	va_end(ap);
}

void skip(const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("SKIP", name, fmt, ap);
	va_end(ap);
	__atomic_add_fetch(&counts->skip, 1, __ATOMIC_RELAXED);
}

bool known_in_tree(const char *name, const char *how)
{
	if (opt.in_tree)
		skip(name, "kvm-hv: %s", how);
	return opt.in_tree;
}

void note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("NOTE", NULL, fmt, ap);
	va_end(ap);
}

void fatal(const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("FAIL", name, fmt, ap);
	va_end(ap);
	__atomic_add_fetch(&counts->fail, 1, __ATOMIC_RELAXED);
	_exit(0);
}

static void note_file(const char *fmt, int pid, int tid, const char *what)
{
	char path[96], buf[2048], *l, *save;
	int fd, n;

	snprintf(path, sizeof(path), fmt, pid, tid, what);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : (int)read(fd, buf, sizeof(buf) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return;
	buf[n] = 0;
	for (l = strtok_r(buf, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		note("task %d %s: %s", tid, what, l);
}

void note_task(int pid, int tid)
{
	note_file("/proc/%d/task/%d/%s", pid, tid, "stat");
	note_file("/proc/%d/task/%d/%s", pid, tid, "wchan");
	note_file("/proc/%d/task/%d/%s", pid, tid, "stack");
}

static void note_process(int pid)
{
	char path[64];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			note_task(pid, atoi(e->d_name));
	if (d)
		closedir(d);
}

int wait_child(int pid, int *status, unsigned int ms)
{
	u64 end = now_ms() + ms;

	for (;;) {
		int r = waitpid(pid, status, WNOHANG);

		if (r == pid)
			return 0;
		if (r < 0 && errno != EINTR) {
			*status = 0;
			return 0;
		}
		if (now_ms() >= end)
			return -1;
		sleep_ms(5);
	}
}

static void set_context(const struct test_case *c)
{
	int n = snprintf(context, sizeof(context), "%s.%s", program, c->name);

	if (c->flags & CASE_ENDIAN)
		n += snprintf(context + n, sizeof(context) - n, ".%s", opt.be ? "be" : "le");
	if (c->flags & CASE_THREADS)
		snprintf(context + n, sizeof(context) - n, ".n%u", opt.threads);
}

/* Every case in a child; true unless it could not be killed. */
static bool run_case(const struct test_case *c)
{
	struct counts before = *counts;
	unsigned int ms = c->seconds * opt.slow * 1000;
	u64 t0 = now_ms();
	int pid, status;

	set_context(c);
	opt.case_seconds = c->seconds * opt.slow;
	case_end = t0 + ms;
	pid = fork();
	if (pid < 0)
		fatal("fork", "%s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		c->fn();
		_exit(0);
	}
	if (wait_child(pid, &status, ms)) {
		note("%u s are over, what its tasks do:", ms / 1000);
		note_process(pid);
		kill(pid, SIGKILL);
		if (wait_child(pid, &status, 30000)) {
			note_process(pid);
			check(false, "kill", "pid %d is still there 30 s after SIGKILL", pid);
			return false;
		}
		check(false, "time", "not ready in %u s", ms / 1000);
	} else if (WIFSIGNALED(status)) {
		check(false, "crash", "signal %d", WTERMSIG(status));
	} else if (WEXITSTATUS(status)) {
		check(false, "crash", "exit status %d", WEXITSTATUS(status));
	} else if (before.pass == counts->pass && before.fail == counts->fail && before.skip == counts->skip) {
		check(false, "empty", "nothing was checked");
	}
	if (now_ms() - t0 > ms / 2)
		note("took %llu of %u s", (now_ms() - t0) / 1000, ms / 1000);
	return true;
}

static bool chosen(const char *name, char **names, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return true;
	return n == 0;
}

static int usage(const struct test_case *cases, unsigned int n)
{
	unsigned int i;

	fprintf(stderr, "usage: %s [-e le|be|both] [-n vcpus,...] [-s threads per vcore] [-r rounds%%] [-x slower] [-S seed]"
		" [case...]\ncases:", program);
	for (i = 0; i < n; i++)
		fprintf(stderr, " %s", cases[i].name);
	fprintf(stderr, "\n");
	return 2;
}

static bool file_has(const char *path, const char *text)
{
	char buf[2048];
	int fd = open(path, O_RDONLY);
	int n = fd < 0 ? -1 : (int)read(fd, buf, sizeof(buf));
	bool has = n > 0 && memmem(buf, n, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return has;
}

static bool run_variants(const struct test_case *c, bool le, bool be, const unsigned int *nt, unsigned int n_nt)
{
	unsigned int i, e;

	for (e = 0; e < 2; e++) {
		if (c->flags & CASE_ENDIAN ? (e ? !be : !le) : e)
			continue;
		opt.be = e;
		for (i = 0; i < (c->flags & CASE_THREADS ? n_nt : 1); i++) {
			opt.threads = c->flags & CASE_THREADS ? nt[i] : 1;
			if ((c->flags & CASE_PAIRS) && (opt.threads & 1))
				continue;
			if (!run_case(c))
				return false;
		}
	}
	return true;
}

int test_main(int argc, char **argv, const struct test_case *cases, unsigned int n)
{
	unsigned int nt[8] = { 1 }, n_nt = 1, i;
	bool le = true, be = false, alive = true;
	char *p;
	int o;

	program = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		return 2;
	opt.emulated = file_has("/proc/device-tree/compatible", "qemu");
	opt.exact = file_has("/proc/cmdline", " rig.icount");
	opt.in_tree = !access("/sys/module/kvm_hv", F_OK);
	while ((o = getopt(argc, argv, "e:n:s:r:x:S:")) >= 0)
		switch (o) {
		case 'e':
			le = strcmp(optarg, "be");
			be = strcmp(optarg, "le");
			break;
		case 'n':
			for (n_nt = 0, p = optarg; *p && n_nt < ARRAY_SIZE(nt); p += *p == ',')
				nt[n_nt++] = strtoul(p, &p, 0);
			break;
		case 's': opt.stride = strtoul(optarg, NULL, 0); break;
		case 'r': opt.rounds = strtoul(optarg, NULL, 0); break;
		case 'x': opt.slow = strtoul(optarg, NULL, 0); break;
		case 'S': opt.seed = strtoull(optarg, NULL, 0); break;
		default: return usage(cases, n);
		}
	if (!opt.slow || !n_nt || !nt[0])
		return usage(cases, n);
	for (i = optind; i < (unsigned int)argc; i++) {
		unsigned int j;

		for (j = 0; j < n && strcmp(cases[j].name, argv[i]); j++)
			;
		if (j == n)
			return usage(cases, n);
	}
	for (i = 0; i < n && alive; i++)
		if (chosen(cases[i].name, argv + optind, argc - optind))
			alive = run_variants(&cases[i], le, be, nt, n_nt);
	printf("SUMMARY %s: %u pass, %u fail, %u skip\n", program, counts->pass, counts->fail, counts->skip);
	fflush(stdout);
	return !alive ? 3 : counts->fail ? 1 : 0;
}
