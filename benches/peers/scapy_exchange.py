"""One exchange seen by scapy's AsyncSniffer, in namespaces made with ip.

    FLOOR=PROGRAM scapy_exchange.py [RUNS]

Prints `pass N packets` or `wrong N packets` for each run.
"""
import ctypes
import os
import subprocess
import sys
from threading import Event

from scapy.all import TCP, AsyncSniffer, conf

FLOOR = os.environ["FLOOR"]
NAME = f"lab-bench-{os.getpid()}"
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def ip(words):
    subprocess.run(["ip", *words.split()], check=True)


def build():
    for end in "cs":
        ip(f"netns add {NAME}-{end}")
    ip(f"-n {NAME}-c link add eth0 type veth peer name eth0 netns {NAME}-s")
    for end, address in (("c", "192.0.2.1"), ("s", "192.0.2.2")):
        ip(f"-n {NAME}-{end} address add {address}/24 dev eth0")
        ip(f"-n {NAME}-{end} link set eth0 up")


def clean():
    for end in "cs":
        subprocess.run(["ip", "netns", "del", f"{NAME}-{end}"], check=False)


def enter(path):
    with open(path, "rb") as namespace:
        if LIBC.setns(namespace.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def exchange():
    live = Event()
    sniffer = AsyncSniffer(iface="eth0", started_callback=live.set, store=True)
    sniffer.start()
    live.wait()
    there = ["ip", "netns", "exec", f"{NAME}-s", FLOOR, "serve"]
    server = subprocess.Popen(there, stdout=subprocess.PIPE)
    subprocess.run([FLOOR, "ask"], stdin=server.stdout, check=True)
    server.wait()
    packets = [packet for packet in sniffer.stop() if TCP in packet]
    fins = [packet for packet in packets if packet[TCP].flags.F]
    return ("pass" if len(fins) == 2 else "wrong"), len(packets)


home = f"/proc/{os.getpid()}/ns/net"
kept = os.open(home, os.O_RDONLY)
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    try:
        build()
        enter(f"/run/netns/{NAME}-c")
        conf.ifaces.reload()
        word, count = exchange()
        print(word, count, "packets", flush=True)
    finally:
        enter(f"/proc/self/fd/{kept}")
        clean()
