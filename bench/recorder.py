#!/usr/bin/env python3
"""What the whole recorder costs: start, CPU and private memory, at 100 and at 20,000 sockets.

Usage: bench/recorder.py [PROGRAM]        (default: target/release/tapmap)

Sockets are connections within this computer (127.0.0.1), bounded in number and time. CPU is given
beside what `ss -tunapiH` costs when it is asked as often, in the same run, so that a machine's
speed cancels out. Linux; no privilege needed.
"""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "target/release/tapmap"
TICK = os.sysconf("SC_CLK_TCK")
SECONDS = 20


def both(pid):
    """The program's two processes: the server, and the recorder that it started."""
    pids = [pid]
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as stat:
                    parent = int(stat.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if parent == pid:
                pids.append(int(name))
    return pids


def cpu_seconds(pids):
    """User and kernel time of processes so far, all threads."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def private_megabytes(pid):
    """Memory that belongs to a process alone. Both run the same file, whose pages they share."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return sum(int(line.split()[1]) for line in rollup if line.startswith("Private_")) / 1024


def hold(connections):
    """Processes that hold so many connections within this computer, both ends."""
    holders = []
    for _ in range(10):
        ready, done = os.pipe()
        pid = os.fork()
        if pid == 0:
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            server = socket.create_server(("127.0.0.1", 0), backlog=4096)
            ends = []
            for _ in range(connections // 10):
                ends.append(socket.create_connection(server.getsockname()))
                ends.append(server.accept()[0])
            os.write(done, b".")
            signal.pause()
        os.close(done)
        holders.append(pid)
        if os.read(ready, 1) != b".":
            raise SystemExit("could not open the connections")
    return holders


def start(folder):
    """Starts the program; gives it, its address, and the milliseconds until it listened."""
    began = time.perf_counter()
    program = subprocess.Popen(
        [PROGRAM, "run", "--no-browser", "--data-dir", folder, "--port", "8123"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    port = 8123
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except ConnectionRefusedError:
            if time.perf_counter() - began > 10:
                raise SystemExit("the program did not listen within 10 s")
    return program, f"http://127.0.0.1:{port}", (time.perf_counter() - began) * 1000


def open_page(address):
    """What an open page does: a snapshot, then the stream with counters, read by a process of its own."""
    pid = os.fork()
    if pid == 0:
        urllib.request.urlopen(f"{address}/api/v1/snapshot").read()
        stream = urllib.request.urlopen(f"{address}/api/v1/stream?counters=true")
        while stream.readline():
            pass
        os._exit(0)
    return pid


def listing_cpu():
    """CPU seconds of one `ss -tunapiH`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["ss", "-tunapiH"], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(connections, cpu_limit, memory_limit):
    """One row: the recorder among so many connections, with a page open."""
    folder = tempfile.mkdtemp(prefix="tapmap-bench-")
    children = hold(connections)
    program, address, listening = start(folder)
    try:
        children.append(open_page(address))
        time.sleep(5)
        status = json.load(urllib.request.urlopen(f"{address}/api/v1/status"))
        pids = both(program.pid)
        before = cpu_seconds(pids)
        time.sleep(SECONDS)
        percent = (cpu_seconds(pids) - before) / SECONDS * 100
        parts = [private_megabytes(pid) for pid in pids]
        memory = sum(parts)
        baseline = listing_cpu() * 100
    finally:
        program.send_signal(signal.SIGINT)
        program.wait(10)
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        shutil.rmtree(folder)
    flows = status["counts"]["flows"]
    print(f"{flows:>7} flows  start to listening {listening:6.1f} ms (limit 100)   "
          f"CPU {percent:6.2f} % of a core{f' (limit {cpu_limit})' if cpu_limit else ''}, "
          f"{percent / baseline:5.2f} x one `ss -tunapiH` a second   "
          f"private memory {memory:5.1f} MB (limit {memory_limit}): "
          f"{' + '.join(f'{part:.1f}' for part in parts)} in {len(parts)} processes", flush=True)
    return listening <= 100 and memory <= memory_limit and (not cpu_limit or percent <= cpu_limit)


if __name__ == "__main__":
    rows = [measure(100, 0.5, 25), measure(10_000, None, 90)]
    sys.exit(0 if all(rows) else 1)
