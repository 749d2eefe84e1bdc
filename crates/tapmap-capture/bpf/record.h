/*
 * What the programs tell, in the layout that crates/tapmap-capture/src/parse/kernel.rs reads: this machine's byte
 * order, ports as numbers, addresses in network order (IPv4 in the first four bytes).
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
enum kind { TCP_STATE = 1, UDP_OWNER, UDP_DESTINATION, UDP_BYTES, UDP_END, FILE_HELD, PACKET };

/* Bits of record.flags. */
enum { PEER_CLOSED = 1, ONE_DESTINATION = 2, COUNTED = 4 };

struct record {
	u64 cookie;
	u64 start;      /* of the process, nanoseconds since boot */
	u64 cgroup;
	u64 sent, received;
	u32 pid, user, network, round_trip; /* microseconds */
	u8 local[16], remote[16];
	u16 local_port, remote_port;
	u8 kind, family, protocol, state, state_before, flags;
	u16 unused;
	u32 when; /* milliseconds of the monotonic clock, the lower 32 bits */
	char name[16];
};

struct file_record { struct record record; u64 inode; u32 descriptor, unused; };

struct process_record { u64 start, cgroup; u32 pid, parent, user, network; char name[16]; char program[256]; };

#define LARGEST_PACKET 4096
#define USUAL_PACKET 2048
#define SMALL_PACKET 512
struct packet_head { u64 cookie, start, cgroup; u32 pid, user; char name[16]; u32 kind, length; };
struct small_packet { struct packet_head head; u8 packet[SMALL_PACKET]; };
struct usual_packet { struct packet_head head; u8 packet[USUAL_PACKET]; };
struct large_packet { struct packet_head head; u8 packet[LARGEST_PACKET]; };

_Static_assert(sizeof(struct record) == 120, "as in parse/kernel.rs");
_Static_assert(sizeof(struct file_record) == 136, "as in parse/kernel.rs");
_Static_assert(sizeof(struct process_record) == 304, "as in parse/kernel.rs");
_Static_assert(sizeof(struct packet_head) == 56, "as in parse/kernel.rs");
