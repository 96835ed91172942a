#!/usr/bin/env python3
"""House rules as code. Prints each offence with the rule behind it; exit status 1 when there is any.

Rules: include directions between folders; no raw threads, sleeps or clocks outside common/base and common/loop; heavy headers stay out of
headers; each extension folder has a test nearby; every folder with code has a README; formatting by clang-format.
"""
import os
import re
import shutil
import subprocess
import sys

ROOT = subprocess.check_output(["git", "rev-parse", "--show-toplevel"], text=True).strip()
os.chdir(ROOT)
FILES = [f for f in subprocess.check_output(["git", "ls-files", "--cached", "--others", "--exclude-standard"], text=True).splitlines() if os.path.exists(f)]
SOURCES = [f for f in FILES if f.endswith((".cc", ".h"))]

# What each folder may include; the longest matching prefix decides. "." is the folder itself, always allowed.
MAY_USE = {
    "common/base": [],
    "common/json": ["common/base"],
    "common/log": ["common/base"],
    "common/metrics": ["common/base"],
    "common/loop": ["common/base", "common/log"],
    "common/tls": ["common/base", "common/loop", "common/log", "common/http/message.h"],
    "common/http": ["common/base", "common/loop", "common/log", "common/tls"],
    "common/rpc": ["common/base", "common/loop", "common/log", "common/tls", "proto"],
    "common/api": ["common/base", "common/json"],
    "common/path": ["common/base"],
    "common/store": ["common/base", "common/loop", "common/log"],
    "common/schema": ["common/base", "common/json", "common/api"],
    "common/cel": ["common/base", "common/json", "common/api"],
    "common/rules": ["common/base", "common/json", "common/api", "common/schema", "common/cel"],
    "common/apply": ["common/base", "common/json", "common/api", "common/schema"],
    "common": ["common"],
    "front-proxy": ["common", "proto"],
    "cache-server": ["common", "proto"],
    "shard/storage": ["common", "shard/registry/definition.h"],
    "shard/registry": ["common", "shard/storage", "shard/admission/plugin.h"],
    "shard/resources": ["common", "shard/registry"],
    "shard/endpoints": ["common", "shard/registry", "shard/storage", "shard/authorization"],
    "shard": ["common", "shard", "proto"],
    "tools": ["common", "shard", "front-proxy", "cache-server", "proto", "tools"],
}
HEAVY = re.compile(r"#include\s+<(boost/|grpc|grpcpp/|rocksdb/|nghttp2/|openssl/|google/protobuf|simdjson|spdlog/|CLI/|re2/)")
INCLUDE = re.compile(r'^#include\s+"([^"]+)"', re.M)
RAW = re.compile(r"std::thread\b|std::jthread\b|sleep_for|absl::SleepFor|absl::Now\(\)|system_clock::now|steady_clock::now|\busleep\(|std::this_thread")
RAW_ALLOWED = ("common/base/", "common/loop/", "common/store/sequencer", "common/rpc/", "common/log/", "common/testing/")
MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")

offences = []


def say(where, rule):
    offences.append(f"{where}: {rule}")


def rule_for(path):
    best = max((p for p in MAY_USE if path == p or path.startswith(p + "/")), key=len, default=None)
    return best, MAY_USE.get(best, [])


for f in SOURCES:
    text = open(f, encoding="utf-8").read()
    test = f.endswith(("_test.cc", "_bench.cc", "_fuzz.cc")) or os.path.basename(f).startswith(("testing", "harness"))
    prefix, allowed = rule_for(f)
    if prefix and not test:
        for inc in INCLUDE.findall(text):
            if "/" not in inc or inc.startswith(("absl/", "google/")):
                continue
            own = inc.startswith(prefix + "/")
            if not own and not any(inc == a or inc.startswith(a + "/") for a in allowed):
                say(f, f'includes "{inc}", but {prefix} may use only {", ".join(allowed) or "nothing of ours"}')
    # Glue headers that only .cc files include say so in their first lines.
    glue = "for .cc files" in text[:1500].lower() or os.path.basename(f).startswith(("testing", "harness"))
    if f.endswith(".h") and not glue and HEAVY.search(text):
        say(f, f"a header includes {HEAVY.search(text).group(0)[10:]}...: keep it in the .cc")
    if not test and not f.startswith(RAW_ALLOWED) and not f.startswith("tools/"):
        for i, line in enumerate(text.splitlines(), 1):
            code = line.split("//")[0]
            if RAW.search(code):
                say(f"{f}:{i}", f"`{RAW.search(code).group(0)}`: time and threads come from Clock, Loop and BlockingPool")
    for i, line in enumerate(text.splitlines(), 1):
        if MARKS.search(line):
            say(f"{f}:{i}", "marks of unfinished work belong in issues")
        if len(line) > 200 and '"' not in line:
            say(f"{f}:{i}", "line is longer than 200 characters")

folders = {os.path.dirname(f) for f in SOURCES}
for d in sorted(folders):
    if os.path.exists(f"{d}/CMakeLists.txt") and not os.path.exists(f"{d}/README.md"):
        say(d, "a folder with a target needs a README.md")

for base in ("shard/admission", "shard/controllers", "shard/virtual"):
    for d in sorted({os.path.dirname(f) for f in SOURCES if f.startswith(base + "/") and f.count("/") >= 3}):
        if not any(x.startswith(d + "/") and x.endswith("_test.cc") for x in SOURCES):
            say(d, "an extension folder needs a test")

if shutil.which("clang-format-19") and "--no-format" not in sys.argv:
    bad = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *SOURCES], capture_output=True, text=True)
    seen = sorted({m.group(1) for m in re.finditer(r"^([^:\s]+):\d+:\d+: error", bad.stderr, re.M)})
    for f in seen:
        say(f, "not formatted: tools/dev fmt")

for o in offences:
    print(o)
print(f"lint: {len(offences)} offences in {len(SOURCES)} files")
sys.exit(1 if offences else 0)
