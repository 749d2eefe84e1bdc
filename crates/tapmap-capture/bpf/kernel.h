/*
 * What the programs need of the kernel, and no more: a few fields, found at load time by their names
 * (CO-RE), the helpers they call by number (linux/bpf.h), and how maps are declared. No generated header.
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SECTION(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
#define NUMBER(name, value) int (*name)[value]
#define TYPE(name, value) typeof(value) *name
#define NULL ((void *)0)

/* Fields of the kernel's own structures; offsets are those of the running kernel. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
typedef struct { u32 val; } kuid_t;
struct ns_common { u32 inum; };
struct net { struct ns_common ns; };
typedef struct { struct net *net; } possible_net_t;
struct in6_addr { u8 in6_u[16]; };
struct sock_common {
	u32 skc_daddr, skc_rcv_saddr;
	u16 skc_dport, skc_num, skc_family;
	volatile u8 skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	u64 skc_flags;
};
struct sock { struct sock_common __sk_common; u16 sk_protocol; kuid_t sk_uid; };
struct inet_sock { u16 inet_sport; };
struct tcp_sock { u64 bytes_received, bytes_acked, bytes_sent, bytes_retrans; u32 srtt_us; };
struct pid_namespace { struct ns_common ns; };
struct upid { int nr; struct pid_namespace *ns; };
struct pid { u32 level; struct upid numbers[1]; };
struct kernfs_node { u64 id; };
struct cgroup { struct kernfs_node *kn; };
struct css_set { struct cgroup *dfl_cgrp; };
struct cred { kuid_t uid; };
struct nsproxy { struct net *net_ns; };
struct path { void *mnt; };
struct inode { unsigned long i_ino; };
struct file { struct inode *f_inode; struct path f_path; };
struct mm_struct { struct file *exe_file; };
struct task_struct {
	int pid, tgid;
	u64 start_boottime;
	char comm[16];
	struct task_struct *group_leader, *real_parent;
	struct pid *thread_pid;
	struct css_set *cgroups;
	struct cred *cred;
	struct nsproxy *nsproxy;
	struct mm_struct *mm;
};
struct socket { struct sock *sk; };
struct seq_file;
struct bpf_iter_meta { struct seq_file *seq; };
struct bpf_iter__task { struct bpf_iter_meta *meta; struct task_struct *task; };
struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
};
#pragma clang attribute pop

/* What the kernel shows to programs of control groups (linux/bpf.h, fixed for ever). */
struct bpf_sock {
	u32 bound_dev_if, family, type, protocol, mark, priority, src_ip4, src_ip6[4], src_port;
};
struct bpf_sock_addr {
	u32 user_family, user_ip4, user_ip6[4], user_port, family, type, protocol, msg_src_ip4, msg_src_ip6[4];
	struct bpf_sock *sk __attribute__((aligned(8)));
};
struct __sk_buff {
	u32 len, pkt_type, mark, queue_mapping, protocol, vlan[3], priority, ingress_ifindex, ifindex, unused[31];
	struct bpf_sock *sk __attribute__((aligned(8)));
};
_Static_assert(__builtin_offsetof(struct bpf_sock_addr, sk) == 64, "as in linux/bpf.h");
_Static_assert(__builtin_offsetof(struct __sk_buff, sk) == 168, "as in linux/bpf.h");

enum { BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PERCPU_ARRAY = 6, BPF_MAP_TYPE_LRU_HASH = 9,
       BPF_MAP_TYPE_SK_STORAGE = 24, BPF_MAP_TYPE_RINGBUF = 27 };
enum { BPF_F_NO_PREALLOC = 1, BPF_F_CLONE = 1 << 9 };
enum { BPF_SK_STORAGE_GET_F_CREATE = 1, BPF_RB_NO_WAKEUP = 1 };

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static long (*const bpf_skb_load_bytes)(const void *skb, u32 offset, void *to, u32 length) = (void *)26;
static u64 (*const bpf_get_current_task)(void) = (void *)35;
static u64 (*const bpf_get_socket_cookie)(void *socket) = (void *)46;
static struct bpf_sock *(*const bpf_sk_fullsock)(struct bpf_sock *sk) = (void *)95;
static void *(*const bpf_sk_storage_get)(void *map, void *sk, void *value, u64 flags) = (void *)107;
static long (*const bpf_probe_read_kernel)(void *to, u32 length, const void *from) = (void *)113;
static u64 (*const bpf_jiffies64)(void) = (void *)118;
static long (*const bpf_seq_write)(struct seq_file *seq, const void *from, u32 length) = (void *)127;
static void *(*const bpf_ringbuf_reserve)(void *ring, u64 size, u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *data, u64 flags) = (void *)132;
static void (*const bpf_ringbuf_discard)(void *data, u64 flags) = (void *)133;
static struct tcp_sock *(*const bpf_skc_to_tcp_sock)(void *sk) = (void *)137;
static long (*const bpf_d_path)(struct path *path, char *to, u32 size) = (void *)147;
static u64 (*const bpf_ktime_get_coarse_ns)(void) = (void *)160;
static struct socket *(*const bpf_sock_from_file)(struct file *file) = (void *)162;

/* Reads a field through a pointer that the verifier does not follow. */
#define READ_INTO(to, pointer, field) \
	bpf_probe_read_kernel(to, sizeof(*(to)), __builtin_preserve_access_index(&(pointer)->field))
#define READ(pointer, field) ({ \
	typeof(pointer) from_ = (pointer); \
	typeof(from_->field) value_; \
	READ_INTO(&value_, from_, field); \
	value_; })
