/*
 * The way to user space: two rings, so that a flood of packets cannot push out connections. Nobody is woken:
 * the recorder reads ten times a second, and a wake-up would cost ten times what the record does.
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
struct {
	NUMBER(type, BPF_MAP_TYPE_RINGBUF);
	NUMBER(max_entries, 8 << 20); /* as the recorder says when it loads them */
} events SECTION(".maps");

struct {
	NUMBER(type, BPF_MAP_TYPE_RINGBUF);
	NUMBER(max_entries, 1 << 20);
} packets SECTION(".maps");

/* How many records found no room: of events, and of packets. */
struct {
	NUMBER(type, BPF_MAP_TYPE_ARRAY);
	NUMBER(max_entries, 2);
	TYPE(key, u32);
	TYPE(value, u64);
} lost SECTION(".maps");

INLINE void count_lost(u32 ring)
{
	u64 *count = bpf_map_lookup_elem(&lost, &ring);
	if (count)
		__sync_fetch_and_add(count, 1);
}

INLINE struct record *new_record(u8 kind)
{
	struct record *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		count_lost(0);
		return NULL;
	}
	__builtin_memset(record, 0, sizeof(*record));
	record->kind = kind;
	record->when = bpf_ktime_get_ns() / 1000000;
	return record;
}

INLINE void tell(struct record *record)
{
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}
