"""Asks three times, over one connection, each time in one segment. Run it by

./run exercise check no-stall --exec python3 labs/ch05-delayed-ack/exercises/no-stall/other/answer.py
"""

import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.create_connection((host, int(port))) as server:
    answers = server.makefile("rb")
    for _ in range(3):
        server.sendall(b"header, " + b"body")  # one write, so one segment
        answers.read(6)
