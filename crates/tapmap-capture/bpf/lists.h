/*
 * Lists, made while they are read: the internet sockets that processes hold, in every network, and the
 * processes.
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
SECTION("iter/task_file")
int held_sockets(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	if (!task || !file)
		return 0;
	struct socket *socket = bpf_sock_from_file(file);
	if (!socket || !socket->sk)
		return 0;
	struct sock *sk = socket->sk;
	if (!is_internet(sk) || (sk->sk_protocol != TCP && sk->sk_protocol != UDP))
		return 0;
	struct file_record held = { .descriptor = context->fd, .inode = file->f_inode->i_ino };
	struct record *record = &held.record;
	record->kind = FILE_HELD;
	record->cookie = bpf_get_socket_cookie(sk);
	put_ends(record, sk);
	struct owner holder;
	describe(&holder, task);
	put_owner(record, &holder);
	record->user = sk->sk_uid.val;
	if (sk->sk_protocol == TCP) {
		if (record->state != TCP_LISTEN)
			put_tcp_counters(record, sk);
		/* A socket that was there before the programs gets the owner that they would have seen. */
		struct owner *owner = bpf_sk_storage_get(&owners, sk, NULL, 0);
		if (!owner) {
			holder.inherited = record->state == TCP_LISTEN;
			bpf_sk_storage_get(&owners, sk, &holder, BPF_SK_STORAGE_GET_F_CREATE);
		}
	} else {
		struct datagrams *counted = bpf_sk_storage_get(&datagrams, sk, NULL, 0);
		if (counted)
			put_udp_counters(record, counted);
	}
	bpf_seq_write(context->meta->seq, &held, sizeof(held));
	return 0;
}

struct {
	NUMBER(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	NUMBER(max_entries, 1);
	TYPE(key, u32);
	TYPE(value, struct process_record);
} room SECTION(".maps");

SECTION("iter/task")
int processes(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	if (!task || task->pid != task->tgid)
		return 0;
	u32 first = 0;
	struct process_record *record = bpf_map_lookup_elem(&room, &first);
	if (!record)
		return 0;
	struct owner owner;
	describe(&owner, task);
	record->pid = owner.pid;
	record->parent = task->real_parent->tgid;
	record->user = owner.user;
	record->start = owner.start;
	record->cgroup = owner.cgroup;
	record->network = READ(READ(READ(task, nsproxy), net_ns), ns.inum);
	__builtin_memcpy(record->name, owner.name, sizeof(record->name));
	record->program[0] = 0;
	struct mm_struct *mm = task->mm;
	struct file *program = mm ? mm->exe_file : NULL;
	if (program)
		bpf_d_path(&program->f_path, record->program, sizeof(record->program));
	bpf_seq_write(context->meta->seq, record, sizeof(*record));
	return 0;
}
