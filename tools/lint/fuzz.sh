#!/usr/bin/env bash
# Runs every fuzz target of a fuzz build, from its corpus folder when there is one: fuzz.sh BUILD LIBFUZZER_FLAG...
set -euo pipefail
build=$1
shift
shopt -s nullglob
ran=0
for target in "$build"/fuzz/*; do
  [ -x "$target" ] || continue
  name=$(basename "$target")
  work=$(mktemp -d)
  findings=$build/findings
  mkdir -p "$findings"
  seeds=()
  for d in $(git ls-files '*/corpus/*' | xargs -r -n1 dirname | sort -u); do
    case $d in *"/corpus/${name##*_}" | *"/corpus/${name#*_}" | *"/${name%%_*}"*/corpus) seeds+=("$d") ;; esac
  done
  echo "== $name"
  "$target" -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 -artifact_prefix="$findings/" "$@" "$work" "${seeds[@]}"
  rm -rf "$work"
  ran=$((ran + 1))
done
echo "$ran passed, 0 failed"
