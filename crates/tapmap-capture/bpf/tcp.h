/*
 * Every TCP connection as it happens.
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
INLINE void put_tcp(struct record *record, struct sock *sk, const struct owner *owner)
{
	record->cookie = bpf_get_socket_cookie(sk);
	put_ends(record, sk);
	if (owner)
		put_owner(record, owner);
}

SECTION("tp_btf/inet_sock_set_state")
int tcp_state(u64 *context)
{
	struct sock *sk = (void *)context[0];
	int before = context[1], now = context[2];
	struct owner *owner;

	if (sk->sk_protocol != TCP || before == now)
		return 0;
	if (now == TCP_SYN_SENT || now == TCP_LISTEN) {
		/* Here the process that asks for it is running. */
		owner = bpf_sk_storage_get(&owners, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
		if (owner) {
			describe_current(owner);
			owner->inherited = now == TCP_LISTEN;
		}
		/* The near port is chosen later; it is told when the answer comes. */
		if (now == TCP_SYN_SENT)
			return 0;
	} else if (now == TCP_CLOSE || (now == TCP_ESTABLISHED && (before == TCP_SYN_SENT || before == TCP_SYN_RECV))) {
		owner = bpf_sk_storage_get(&owners, sk, NULL, 0);
	} else {
		return 0;
	}
	struct record *record = new_record(TCP_STATE);
	if (!record)
		return 0;
	put_tcp(record, sk, owner);
	if (now != TCP_LISTEN && before != TCP_LISTEN)
		put_tcp_counters(record, sk);
	record->state = now;
	record->state_before = before;
	tell(record);
	return 0;
}

/* A process sends or receives. Who accepts a connection, or is handed one, is known when it first uses it: told
 * again when that is another process than the one that listens. */
INLINE void tcp_used(struct sock *sk)
{
	struct owner *owner = bpf_sk_storage_get(&owners, sk, NULL, 0);
	if (!owner || !owner->inherited)
		return;
	u32 listening = owner->pid;
	describe_current(owner);
	if (owner->pid == listening)
		return;
	struct record *record = new_record(TCP_STATE);
	if (!record)
		return;
	put_tcp(record, sk, owner);
	put_tcp_counters(record, sk);
	record->state_before = record->state;
	tell(record);
}
