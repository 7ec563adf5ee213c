"""Wrong: TCP_NODELAY ends the wait and doubles the segments. Run it by

./run exercise check no-stall --exec python3 labs/ch05-delayed-ack/exercises/no-stall/other/wrong.py
"""

import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.create_connection((host, int(port))) as server:
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    answers = server.makefile("rb")
    for _ in range(3):
        server.sendall(b"header, ")
        server.sendall(b"body")  # quick, but a segment of its own
        answers.read(6)
