/*
 * What a record says of a socket itself: its ends, its network, its bytes.
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
enum { AF_INET = 2, AF_INET6 = 10, TCP = 6, UDP = 17 };
enum { TCP_ESTABLISHED = 1, TCP_SYN_SENT, TCP_SYN_RECV, TCP_CLOSE = 7, TCP_LISTEN = 10 };
/* A bit of enum sock_flags, SOCK_DONE: the peer's FIN has come. */
enum { PEER_HAS_CLOSED = 1 << 1 };

INLINE u16 from_network(u16 number)
{
	return __builtin_bswap16(number);
}

INLINE int is_internet(struct sock *sk)
{
	u16 family = sk->__sk_common.skc_family;
	return family == AF_INET || family == AF_INET6;
}

INLINE void put_ends(struct record *record, struct sock *sk)
{
	record->family = sk->__sk_common.skc_family;
	if (record->family == AF_INET) {
		u32 local = sk->__sk_common.skc_rcv_saddr, remote = sk->__sk_common.skc_daddr;
		__builtin_memcpy(record->local, &local, 4);
		__builtin_memcpy(record->remote, &remote, 4);
	} else {
		READ_INTO(&record->local, sk, __sk_common.skc_v6_rcv_saddr);
		READ_INTO(&record->remote, sk, __sk_common.skc_v6_daddr);
	}
	/* The other number of the near port is gone when a socket closes. */
	record->local_port = from_network(READ((struct inet_sock *)sk, inet_sport));
	record->remote_port = from_network(sk->__sk_common.skc_dport);
	record->network = READ(sk->__sk_common.skc_net.net, ns.inum);
	record->protocol = sk->sk_protocol;
	record->state = sk->__sk_common.skc_state;
}

/* Sent is what is acknowledged, without the SYN and the FIN: at most what was handed out as payload. Of what
 * was received, the peer's FIN is taken off in user space. */
INLINE void put_tcp_counters(struct record *record, struct sock *sk)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	if (!tcp)
		return;
	u64 payload = tcp->bytes_sent - tcp->bytes_retrans;
	record->sent = tcp->bytes_acked < payload ? tcp->bytes_acked : payload;
	record->received = tcp->bytes_received;
	record->round_trip = tcp->srtt_us >> 3;
	record->flags |= COUNTED;
	if (sk->__sk_common.skc_flags & PEER_HAS_CLOSED)
		record->flags |= PEER_CLOSED;
}
