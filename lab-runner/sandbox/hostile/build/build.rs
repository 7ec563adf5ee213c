//! A build script that attacks, and asks for a bomb where it is told to.

#[path = "attack.rs"]
mod attack;

fn main() {
    println!("cargo:rerun-if-changed=/nowhere");
    match std::env::var("LAB_BOMB") {
        Ok(bomb) => println!("cargo:rustc-cfg={bomb}_bomb"),
        Err(_) => attack::all("script"),
    }
}
