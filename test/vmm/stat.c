// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stat.h"

static u64 now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ull + t.tv_nsec / 1000;
}

bool stat_read(struct vm *vm, struct stat_text *s)
{
	char path[64];
	int fd;
	ssize_t n, have = 0;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/smt", getpid(), vm->fd);
	fd = open(path, O_RDONLY);
	if (fd < 0) {
		check(false, "counters", "%s: %s", path, strerror(errno));
		return false;
	}
	s->before_us = now_us();
	while ((n = read(fd, s->text + have, sizeof(s->text) - 1 - have)) > 0)
		have += n;
	s->after_us = now_us();
	s->text[have] = 0;
	close(fd);
	return true;
}

static void each(const struct stat_text *s, const char *line, const char *key, u64 *sum, u64 *most)
{
	const char *at = s->text, *end, *p;
	size_t len = strlen(key);
	u64 v;

	*sum = *most = 0;
	for (; *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, '\n');
		if (strncmp(at, line, strlen(line)))
			continue;
		for (p = at; (p = memchr(p, ' ', end - p)); p++) {
			if (strncmp(p + 1, key, len) || p[1 + len] != ' ')
				continue;
			v = strtoull(p + 2 + len, NULL, 10);
			*sum += v;
			*most = v > *most ? v : *most;
		}
	}
}

u64 stat_sum(const struct stat_text *s, const char *line, const char *key)
{
	u64 sum, most;

	each(s, line, key, &sum, &most);
	return sum;
}

u64 stat_max(const struct stat_text *s, const char *line, const char *key)
{
	u64 sum, most;

	each(s, line, key, &sum, &most);
	return most;
}

static u64 accounted(const struct stat_text *s, unsigned int vcpu)
{
	static const char *const keys[] = { "run_us", "stolen_us", "idle_us", "host_us" };
	unsigned int k;
	char line[24];
	u64 sum = 0;

	snprintf(line, sizeof(line), "vcpu %u:", vcpu);
	for (k = 0; k < ARRAY_SIZE(keys); k++)
		sum += stat_sum(s, line, keys[k]);
	return sum;
}

bool stat_opened(const struct stat_text *s, unsigned int n)
{
	while (n && accounted(s, n - 1))
		n--;
	return !n;
}

bool stat_identity(const struct stat_text *a, const struct stat_text *b, unsigned int n, unsigned int stride, char *what,
		   unsigned int len)
{
	u64 lo = b->before_us - a->after_us, hi = b->after_us - a->before_us, sum, worst = 0;
	unsigned int i, bad = 0;

	for (i = 0; i < n; i++) {
		sum = accounted(b, i * stride) - accounted(a, i * stride);
		bad += sum + TICK_US < lo || sum > hi + TICK_US;
		worst = sum > worst ? sum : worst;
	}
	snprintf(what, len, "%u vcpus off, up to %llu us accounted for, %llu to %llu us passed", bad, worst, lo, hi);
	return !bad;
}

static FILE *param_open(const char *name, const char *mode)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/kvm_hv_smt/parameters/%s", name);
	return fopen(path, mode);
}

bool param_set(const char *name, u64 val)
{
	FILE *f = param_open(name, "w");
	bool ok = f && fprintf(f, "%llu\n", val) > 0;

	ok &= f && !fclose(f);
	if (!ok)
		check(false, "param", "%s is not to be set to %llu", name, val);
	return ok;
}

u64 param_get(const char *name, u64 def)
{
	FILE *f = param_open(name, "r");
	char buf[32];
	u64 val = def;

	if (!f)
		return def;
	if (fgets(buf, sizeof(buf), f))
		val = strtoull(buf, NULL, 10);
	fclose(f);
	return val;
}
