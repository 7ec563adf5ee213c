"""One exchange between two hosts of mininet, captured with tcpdump.

    FLOOR=PROGRAM mininet_exchange.py [RUNS]

Prints `pass N packets` or `wrong N packets` for each run.

mininet raises sysctls of the whole machine (rmem_max, tcp_rmem, ...) and leaves them so, which
changes the windows in everybody's traces: here it may not.
"""
import os
import signal
import subprocess
import sys
import tempfile

import mininet.net
from mininet.net import Mininet
from mininet.topo import Topo

mininet.net.fixLimits = lambda: None

FLOOR = os.environ["FLOOR"]


class Pair(Topo):
    def build(self):
        self.addLink(
            self.addHost("c", ip="192.0.2.1/24"),
            self.addHost("s", ip="192.0.2.2/24"),
        )


def exchange(net, frames):
    client, server = net["c"], net["s"]
    tcpdump = ["tcpdump", "-i", "c-eth0", "--immediate-mode", "-U", "-Z", "root", "-w", frames]
    capture = client.popen(tcpdump, stderr=subprocess.PIPE)
    while b"listening on" not in capture.stderr.readline():
        if capture.poll() is not None:
            raise OSError("tcpdump ended")
    serves = server.popen([FLOOR, "serve"], stdout=subprocess.PIPE, stderr=None)
    asks = client.popen([FLOOR, "ask"], stdin=serves.stdout)
    asks.wait()
    serves.wait()
    capture.send_signal(signal.SIGINT)
    capture.wait()
    read = ["tcpdump", "-Z", "root", "-nr", frames, "tcp"]
    said = subprocess.run(read, capture_output=True, check=False, text=True)
    if said.returncode:
        raise OSError(said.stderr)
    text = said.stdout
    fins = sum("Flags [F" in line for line in text.splitlines())
    return ("pass" if fins == 2 else "wrong"), len(text.splitlines())


for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    with tempfile.NamedTemporaryFile() as frames:
        net = Mininet(topo=Pair(), controller=None, waitConnected=False)
        net.start()
        try:
            word, count = exchange(net, frames.name)
            print(word, count, "packets", flush=True)
        finally:
            net.stop()
