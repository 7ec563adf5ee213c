//! An answer whose compiler needs more than there is.
#![allow(long_running_const_eval)]

#[cfg(not(any(memory_bomb, time_bomb)))]
macros::expand!();

#[cfg(memory_bomb)]
const MEMORY: [u8; 12] = {
    const fn quarter<const NUMBER: u8>() -> &'static [u8; 1 << 27] {
        const { &[NUMBER + 1; 1 << 27] }
    }
    [
        quarter::<0>()[9], quarter::<1>()[9], quarter::<2>()[9],
        quarter::<3>()[9], quarter::<4>()[9], quarter::<5>()[9],
        quarter::<6>()[9], quarter::<7>()[9], quarter::<8>()[9],
        quarter::<9>()[9], quarter::<10>()[9], quarter::<11>()[9],
    ]
};

#[cfg(time_bomb)]
const _: () = {
    let mut number = 0u64;
    while number < u64::MAX {
        number += 1;
    }
};

fn main() {
    #[cfg(memory_bomb)]
    println!("{}", MEMORY[3] + MEMORY[11]);
    println!("built");
}
