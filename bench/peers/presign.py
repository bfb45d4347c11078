"""Signs as a user of python3-swiftclient would: temporary URLs, a call of many paths at a time, for a while.

Usage: presign.py PATHS SECONDS. Prints {"wall_us", "cpu_us"} a path, the median call's.
"""

import json
import statistics
import sys
import time

from swiftclient.utils import generate_temp_url

count, seconds = int(sys.argv[1]), float(sys.argv[2])
paths = [f"/v1/AUTH_example/stored-files/uploads/co_xyz/file_abc123{i:06}/context.pdf" for i in range(1, count + 1)]
walls, cpus, urls = [], [], []
end = time.perf_counter() + seconds
while len(walls) < 3 or time.perf_counter() < end:
    wall, used = time.perf_counter(), time.process_time()
    urls = [generate_temp_url(path, 300, "wJalrXUtnFEMI/K7MDENG+bPxRfiCY=EXAMPLEKEY", "GET") for path in paths]
    cpus.append((time.process_time() - used) * 1e6 / count)
    walls.append((time.perf_counter() - wall) * 1e6 / count)
print(json.dumps({"wall_us": statistics.median(walls), "cpu_us": statistics.median(cpus), "first": urls[0]}))
