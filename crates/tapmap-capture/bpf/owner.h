/*
 * Who uses a socket. Kept with the socket itself, since most of what happens to a TCP connection happens
 * while some other process, or none, is running.
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
struct owner {
	u64 start, cgroup;
	u32 pid, user;
	u8 inherited; /* from the listener: whoever uses the connection first takes it over */
	u8 unused[7];
	char name[16];
};

struct {
	NUMBER(type, BPF_MAP_TYPE_SK_STORAGE);
	NUMBER(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	TYPE(key, int);
	TYPE(value, struct owner);
} owners SECTION(".maps");

/* The pid namespace of the recorder by inode number; 0 when it is the first one, which has all processes. */
const volatile u32 pid_namespace = 0;

/* The pid in the recorder's namespace; 0 when the process is not in it. */
INLINE u32 pid_of(struct task_struct *leader)
{
	if (!pid_namespace)
		return READ(leader, tgid);
	struct pid *pid = READ(leader, thread_pid);
	u32 level = READ(pid, level);
	void *number = __builtin_preserve_access_index(&pid->numbers[0]);
	for (u32 at = 0; at < 8; at++) {
		if (at > level)
			break;
		struct upid *upid = number + at * __builtin_preserve_type_info(*(struct upid *)0, 1);
		if (READ(READ(upid, ns), ns.inum) == pid_namespace)
			return READ(upid, nr);
	}
	return 0;
}

/* Called, not copied into each program: it is the largest part of each. */
static __attribute__((noinline)) void describe(struct owner *owner, struct task_struct *task)
{
	struct task_struct *leader = READ(task, group_leader);
	owner->pid = pid_of(leader);
	owner->user = READ(READ(leader, cred), uid.val);
	owner->start = READ(leader, start_boottime);
	owner->cgroup = READ(READ(READ(READ(leader, cgroups), dfl_cgrp), kn), id);
	READ_INTO(&owner->name, leader, comm);
	owner->inherited = 0;
}

INLINE void describe_current(struct owner *owner)
{
	describe(owner, (struct task_struct *)bpf_get_current_task());
}

INLINE void put_owner(struct record *record, const struct owner *owner)
{
	record->pid = owner->pid;
	record->user = owner->user;
	record->start = owner->start;
	record->cgroup = owner->cgroup;
	__builtin_memcpy(record->name, owner->name, sizeof(record->name));
}
