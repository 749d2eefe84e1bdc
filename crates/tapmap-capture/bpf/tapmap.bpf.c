/*
 * What TapMap runs inside the kernel: it watches and changes nothing. Each program is loaded by itself, so a
 * kernel that refuses one still runs the others. `cargo xtask bpf` makes tapmap.bpf.o from this.
 *
 * SPDX-License-Identifier: MIT OR GPL-2.0-only
 */
#include "kernel.h"
#include "record.h"
#include "ring.h"
#include "owner.h"
#include "socket.h"
#include "tcp.h"
#include "udp.h"
#include "lists.h"
#include "names.h"

/* The helpers that are called here are for programs that say so. */
char LICENSE[] SECTION("license") = "Dual MIT/GPL";
