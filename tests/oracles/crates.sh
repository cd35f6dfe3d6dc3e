#!/bin/sh
# The Rust semver crate's precedence for each pair on standard input. Fetches that crate.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
mkdir "$directory/src"
cat > "$directory/Cargo.toml" <<'TOML'
[package]
name = "oracle"
version = "0.1.0"
edition = "2021"
[dependencies]
semver = "1"
TOML
cat > "$directory/src/main.rs" <<'RUST'
use std::cmp::Ordering::*;
use std::io::BufRead;

fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (left, right) = line.split_once('\t').unwrap();
        match (semver::Version::parse(left), semver::Version::parse(right)) {
            (Ok(a), Ok(b)) => println!(
                "{}",
                match a.cmp_precedence(&b) {
                    Less => "<",
                    Equal => "=",
                    Greater => ">",
                }
            ),
            _ => println!("invalid"),
        }
    }
}
RUST
(cd "$directory" && cargo build --quiet --release) >&2
"$directory/target/release/oracle"
