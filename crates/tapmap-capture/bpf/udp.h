/*
 * Where UDP sockets send, and how much goes through each.
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
#define SECOND 1000000000ULL
/* How often it is told again that a socket goes on sending to a destination, in nanoseconds. */
#define DESTINATION_AGAIN (10 * SECOND)
/* How often it is told how much went through a socket, in the kernel's cheapest clock: half a second where it ticks
 * 1000 times a second, five seconds where it ticks 100 times. */
#define BYTES_AGAIN 512
enum { MSG_PEEK = 2, MSG_ERRQUEUE = 0x2000 };

struct datagrams {
	u64 sent, received;
	u64 told;             /* when the bytes were told, in ticks */
	u64 destination_told; /* when the first destination was told */
	u8 remote[16];        /* the first destination without a connection */
	u16 remote_port;
	u8 family;
	u8 connected;         /* it had a fixed peer when bytes went through it */
	u32 destinations;     /* others than the first count too, and may count twice */
};

struct {
	NUMBER(type, BPF_MAP_TYPE_SK_STORAGE);
	NUMBER(map_flags, BPF_F_NO_PREALLOC);
	TYPE(key, int);
	TYPE(value, struct datagrams);
} datagrams SECTION(".maps");

struct destination { u64 cookie; u8 remote[16]; u16 port; u16 family; u32 unused; };

struct {
	NUMBER(type, BPF_MAP_TYPE_LRU_HASH);
	NUMBER(max_entries, 16384);
	TYPE(key, struct destination);
	TYPE(value, u64);
} destinations SECTION(".maps");

INLINE int is_only_destination(const struct datagrams *counted)
{
	return !counted->connected && counted->destinations == 1;
}

INLINE void put_udp_counters(struct record *record, const struct datagrams *counted)
{
	record->sent = counted->sent;
	record->received = counted->received;
	record->flags |= COUNTED;
	if (is_only_destination(counted)) {
		record->flags |= ONE_DESTINATION;
		__builtin_memcpy(record->remote, counted->remote, 16);
		record->remote_port = counted->remote_port;
		record->family = counted->family;
	}
}

INLINE int is_same_address(const void *one, const void *other)
{
	const u64 *left = one, *right = other;
	return left[0] == right[0] && left[1] == right[1];
}

INLINE int is_first_destination(const struct datagrams *counted, const struct destination *to)
{
	return counted->destinations && counted->remote_port == to->port && is_same_address(counted->remote, to->remote);
}

/* Whether it is news that this socket sends there; and takes note of it. */
INLINE int is_news(struct bpf_sock_addr *context, struct datagrams *counted, struct destination *to)
{
	u64 now = bpf_ktime_get_coarse_ns();
	/* Most have only one, and need no look into the large table. */
	int first = counted && (!counted->destinations || is_first_destination(counted, to));
	if (first) {
		if (counted->destinations && now - counted->destination_told < DESTINATION_AGAIN)
			return 0;
		__builtin_memcpy(counted->remote, to->remote, 16);
		counted->remote_port = to->port;
		counted->family = to->family;
		if (!counted->destinations)
			counted->destinations = 1;
		counted->destination_told = now;
		return 1;
	}
	to->cookie = bpf_get_socket_cookie(context);
	u64 *told = bpf_map_lookup_elem(&destinations, to);
	if (told) {
		if (now - *told < DESTINATION_AGAIN)
			return 0;
		*told = now;
		return 1;
	}
	bpf_map_update_elem(&destinations, to, &now, 0);
	if (counted)
		counted->destinations++;
	return 1;
}

/* A process names an address, to connect to (which sends nothing) or to send to. */
INLINE int names_address(struct bpf_sock_addr *context, int family, u8 kind)
{
	struct bpf_sock *sk = context->sk;
	if (context->protocol != UDP || !sk)
		return 1;
	struct destination to = { .port = from_network(context->user_port), .family = family };
	u32 *remote = (void *)to.remote;
	if (family == AF_INET) {
		remote[0] = context->user_ip4;
	} else {
		remote[0] = context->user_ip6[0];
		remote[1] = context->user_ip6[1];
		remote[2] = context->user_ip6[2];
		remote[3] = context->user_ip6[3];
	}
	if (kind == UDP_DESTINATION) {
		struct datagrams *counted = bpf_sk_storage_get(&datagrams, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
		if (!is_news(context, counted, &to))
			return 1;
	}
	struct owner *owner = bpf_sk_storage_get(&owners, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	struct record *record = new_record(kind);
	if (!record)
		return 1;
	struct task_struct *task = (void *)bpf_get_current_task();
	struct owner current;
	describe(&current, task);
	if (owner)
		*owner = current;
	put_owner(record, &current);
	record->cookie = bpf_get_socket_cookie(context);
	/* The socket's own is out of reach here, and nearly always the same. */
	record->network = READ(READ(READ(task, nsproxy), net_ns), ns.inum);
	record->family = family;
	record->protocol = UDP;
	__builtin_memcpy(record->remote, to.remote, 16);
	record->remote_port = to.port;
	u32 *local = (void *)record->local;
	if (family == AF_INET) {
		local[0] = sk->src_ip4;
	} else {
		local[0] = sk->src_ip6[0];
		local[1] = sk->src_ip6[1];
		local[2] = sk->src_ip6[2];
		local[3] = sk->src_ip6[3];
	}
	record->local_port = sk->src_port;
	tell(record);
	return 1;
}

SECTION("cgroup/connect4") int udp_connect_v4(struct bpf_sock_addr *context)
{
	return names_address(context, AF_INET, UDP_OWNER);
}

SECTION("cgroup/connect6") int udp_connect_v6(struct bpf_sock_addr *context)
{
	return names_address(context, AF_INET6, UDP_OWNER);
}

SECTION("cgroup/sendmsg4") int udp_send_v4(struct bpf_sock_addr *context)
{
	return names_address(context, AF_INET, UDP_DESTINATION);
}

SECTION("cgroup/sendmsg6") int udp_send_v6(struct bpf_sock_addr *context)
{
	return names_address(context, AF_INET6, UDP_DESTINATION);
}

/* A process sent or received; `length` may be an error number. */
INLINE int transferred(struct sock *sk, int length, int sending)
{
	if (length <= 0 || !is_internet(sk))
		return 0;
	if (sk->sk_protocol == TCP)
		tcp_used(sk);
	if (sk->sk_protocol != UDP)
		return 0;
	struct datagrams *counted = bpf_sk_storage_get(&datagrams, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!counted)
		return 0;
	__sync_fetch_and_add(sending ? &counted->sent : &counted->received, length);
	counted->connected |= sk->__sk_common.skc_dport != 0;
	u64 now = bpf_jiffies64();
	if (counted->told && now - counted->told < BYTES_AGAIN)
		return 0;
	if (!counted->connected && counted->destinations != 1)
		return 0;
	counted->told = now;
	struct record *record = new_record(UDP_BYTES);
	if (!record)
		return 0;
	struct owner current;
	describe_current(&current);
	put_owner(record, &current);
	record->cookie = bpf_get_socket_cookie(sk);
	put_ends(record, sk);
	put_udp_counters(record, counted);
	tell(record);
	return 0;
}

SECTION("tp_btf/sock_send_length") int udp_sent(u64 *context)
{
	return transferred((void *)context[0], context[1], 1);
}

SECTION("tp_btf/sock_recv_length") int udp_received(u64 *context)
{
	if (context[2] & (MSG_PEEK | MSG_ERRQUEUE))
		return 0;
	return transferred((void *)context[0], context[1], 0);
}

/* The last word on a socket's bytes. */
SECTION("cgroup/sock_release") int udp_release(struct bpf_sock *sk)
{
	if (sk->protocol != UDP)
		return 1;
	struct datagrams *counted = bpf_sk_storage_get(&datagrams, sk, NULL, 0);
	if (!counted || !(counted->connected || is_only_destination(counted)))
		return 1;
	struct record *record = new_record(UDP_END);
	if (!record)
		return 1;
	record->cookie = bpf_get_socket_cookie(sk);
	record->protocol = UDP;
	put_udp_counters(record, counted);
	tell(record);
	return 1;
}
