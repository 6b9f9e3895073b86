#!/bin/sh
# Every fuzzer for some seconds (default 60), one after the other, from real messages. Needs cargo-fuzz.
# usage: fuzz/run.sh [SECONDS]
# On a stable toolchain: RUSTC_BOOTSTRAP=1 fuzz/run.sh
set -eu
cd "$(dirname "$0")/.."
cargo test --lib write_seeds -- --ignored
for target in $(cargo fuzz list); do
    cargo fuzz run "$target" -- -max_total_time="${1:-60}" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
done
