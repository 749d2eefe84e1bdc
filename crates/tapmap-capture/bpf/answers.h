/*
 * Answers to DNS questions, as packets that nobody here looks into, with the process that asked.
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
enum { PORT_OF_DNS = 53, IPV4 = 0x0800, IPV6 = 0x86dd, V6_HEADER = 40, LEAST = 20 };

INLINE int is_answer(struct __sk_buff *packet)
{
	u8 first = 0, protocol = 0;
	u32 header = V6_HEADER;
	u16 from = 0;
	u16 kind = from_network(packet->protocol);
	if (kind == IPV4) {
		bpf_skb_load_bytes(packet, 0, &first, 1);
		bpf_skb_load_bytes(packet, 9, &protocol, 1);
		header = (first & 15) * 4;
	} else {
		bpf_skb_load_bytes(packet, 6, &protocol, 1);
	}
	if (protocol != UDP || bpf_skb_load_bytes(packet, header, &from, 2))
		return 0;
	return from_network(from) == PORT_OF_DNS;
}

INLINE void put_asker(struct answer_head *head, struct __sk_buff *packet)
{
	__builtin_memset(head, 0, sizeof(*head));
	head->kind = ANSWER;
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
#define TELL_ANSWER(type, packet, wanted) ({ \
	struct type *answer = bpf_ringbuf_reserve(&answers, sizeof(struct type), 0); \
	if (!answer) { \
		count_lost(1); \
		return 1; \
	} \
	put_asker(&answer->head, packet); \
	u32 length = (wanted); \
	if (length > sizeof(answer->packet)) \
		length = sizeof(answer->packet); \
	length = (length - 1) & (sizeof(answer->packet) - 1); \
	asm volatile("" : "+r"(length)); \
	length += 1; \
	answer->head.length = length; \
	if (bpf_skb_load_bytes(packet, 0, answer->packet, length)) \
		bpf_ringbuf_discard(answer, 0); \
	else \
		bpf_ringbuf_submit(answer, BPF_RB_NO_WAKEUP); \
	})

SECTION("cgroup_skb/ingress")
int dns_answers(struct __sk_buff *packet)
{
	if (packet->len < LEAST || !is_answer(packet))
		return 1;
	if (packet->len <= SMALL_ANSWER)
		TELL_ANSWER(small_answer, packet, packet->len);
	else
		TELL_ANSWER(large_answer, packet, packet->len);
	return 1;
}
