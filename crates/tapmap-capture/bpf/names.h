/*
 * Packets that may hold names, which nobody here looks into, with the process of their socket: answers to DNS
 * questions as they come in, and the beginnings of TLS and QUIC connections as they leave this computer. What is
 * let through is the same as in src/os/linux/packets/filter.rs, which hears where these programs cannot.
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
enum { PORT_OF_DNS = 53, PORT_OF_HTTPS = 443, V6_HEADER = 40, LEAST = 20, FRAGMENT = 0x1fff };
/* The interface within this computer has the same number in every network (LOOPBACK_IFINDEX in net/flow.h). */
enum { LOOPBACK = 1 };
/* A TLS record of the handshake, and the ClientHello in it (RFC 8446); a segment that ends what was written. */
enum { HANDSHAKE = 22, FIRST_RECORD = 20, LAST_RECORD = 23, CLIENT_HELLO = 1, PUSH = 8 };
/* The longest packet on Ethernet: a longer one was not cut yet, so it holds a whole beginning. */
enum { USUAL = 1500 };

/* The number of the transport, and where its header begins; 0 for none, and for later fragments. */
INLINE u8 transport(struct __sk_buff *packet, u32 *header)
{
	u8 ip[10];
	if (packet->len < LEAST || bpf_skb_load_bytes(packet, 0, ip, sizeof(ip)))
		return 0;
	if (ip[0] >> 4 == 6) {
		*header = V6_HEADER;
		return ip[6];
	}
	if ((ip[6] << 8 | ip[7]) & FRAGMENT)
		return 0;
	*header = (ip[0] & 15) * 4;
	return ip[9];
}

INLINE void put_socket(struct packet_head *head, struct __sk_buff *packet)
{
	__builtin_memset(head, 0, sizeof(*head));
	head->kind = PACKET;
	head->cookie = bpf_get_socket_cookie(packet);
	struct bpf_sock *sk = packet->sk ? bpf_sk_fullsock(packet->sk) : NULL;
	struct owner *owner = sk ? bpf_sk_storage_get(&owners, sk, NULL, 0) : NULL;
	if (!owner)
		return;
	head->start = owner->start;
	head->cgroup = owner->cgroup;
	head->pid = owner->pid;
	head->user = owner->user;
	__builtin_memcpy(head->name, owner->name, sizeof(head->name));
}

/* `length` is made to be within 1 and `room` in a way that the verifier follows. */
#define TELL_PACKET(type, packet) ({ \
	struct type *told = bpf_ringbuf_reserve(&packets, sizeof(struct type), 0); \
	if (!told) { \
		count_lost(1); \
		return; \
	} \
	put_socket(&told->head, packet); \
	u32 length = packet->len; \
	if (length > sizeof(told->packet)) \
		length = sizeof(told->packet); \
	length = (length - 1) & (sizeof(told->packet) - 1); \
	asm volatile("" : "+r"(length)); \
	length += 1; \
	told->head.length = length; \
	if (bpf_skb_load_bytes(packet, 0, told->packet, length)) \
		bpf_ringbuf_discard(told, 0); \
	else \
		bpf_ringbuf_submit(told, BPF_RB_NO_WAKEUP); \
	})

INLINE void tell_packet(struct __sk_buff *packet)
{
	if (packet->len <= SMALL_PACKET)
		TELL_PACKET(small_packet, packet);
	else if (packet->len <= USUAL_PACKET)
		TELL_PACKET(usual_packet, packet);
	else
		TELL_PACKET(large_packet, packet);
}

SECTION("cgroup_skb/ingress")
int dns_answers(struct __sk_buff *packet)
{
	u32 header = 0;
	u16 from = 0;
	u8 number = transport(packet, &header);
	if (number != UDP && number != TCP)
		return 1;
	if (!bpf_skb_load_bytes(packet, header, &from, 2) && from_network(from) == PORT_OF_DNS)
		tell_packet(packet);
	return 1;
}

/* A ClientHello, or a segment that may be the second half of one: with keys for the time after quantum computers it
 * takes two where the network card does not cut them itself. */
INLINE int begins_tls(struct __sk_buff *packet, u32 header)
{
	u8 tcp[14], record[2], hello[2];
	if (bpf_skb_load_bytes(packet, header, tcp, sizeof(tcp)))
		return 0;
	u32 payload = header + (tcp[12] >> 4) * 4;
	if (bpf_skb_load_bytes(packet, payload, record, sizeof(record)))
		return 0;
	if (record[0] == HANDSHAKE && record[1] == 3)
		return !bpf_skb_load_bytes(packet, payload + 5, hello, sizeof(hello)) && hello[0] == CLIENT_HELLO && !hello[1];
	if (record[0] >= FIRST_RECORD && record[0] <= LAST_RECORD && record[1] == 3)
		return 0;
	return (tcp[13] & PUSH) && (tcp[2] << 8 | tcp[3]) == PORT_OF_HTTPS && packet->len <= USUAL;
}

/* An Initial packet of version 1 or 2 (RFC 9000 section 17.2.2, RFC 9369 section 3.2). */
INLINE int begins_quic(struct __sk_buff *packet, u32 header)
{
	u8 udp[13];
	if (bpf_skb_load_bytes(packet, header, udp, sizeof(udp)) || (udp[2] << 8 | udp[3]) != PORT_OF_HTTPS)
		return 0;
	u32 version = udp[9] << 24 | udp[10] << 16 | udp[11] << 8 | udp[12];
	u8 first = udp[8] & 0xf0;
	return (version == 1 && first == 0xc0) || (version == 0x6b3343cf && first == 0xd0);
}

SECTION("cgroup_skb/egress")
int server_names(struct __sk_buff *packet)
{
	if (packet->ifindex == LOOPBACK)
		return 1;
	u32 header = 0;
	u8 number = transport(packet, &header);
	if ((number == TCP && begins_tls(packet, header)) || (number == UDP && begins_quic(packet, header)))
		tell_packet(packet);
	return 1;
}
