//! Both machines' programs, run by an interpreter of our own.

use super::*;

const BOTH: [Machine; 2] = [Machine::X86_64, Machine::Aarch64];

/// What the kernel would do with a call.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Allowed,
    Refused(i32),
    Killed,
}

fn ask(machine: Machine, weak: bool, number: u32, arguments: &[u64]) -> Fate {
    run(&build(machine, weak), machine.audit(), number, arguments)
}

fn run(
    program: &[sock_filter],
    arch: u32,
    number: u32,
    arguments: &[u64],
) -> Fate {
    let word = |offset: u32| match offset {
        NUMBER => number,
        ARCH => arch,
        _ => {
            let index = (offset as usize - 16) / 8;
            assert_eq!(offset as usize, 16 + 8 * index, "a low half");
            arguments.get(index).copied().unwrap_or(0) as u32
        }
    };
    let (mut at, mut value) = (0, 0);
    loop {
        let step = program[at];
        at += 1;
        let taken = match step.code {
            LOAD => {
                value = word(step.k);
                continue;
            }
            AND => {
                value &= step.k;
                continue;
            }
            RETURN => return fate(step.k),
            EQUAL => value == step.k,
            AT_LEAST => value >= step.k,
            ANY_BIT => value & step.k != 0,
            code => panic!("unknown instruction {code:#x}"),
        };
        at += usize::from(if taken { step.jt } else { step.jf });
    }
}

fn fate(k: u32) -> Fate {
    match k {
        libc::SECCOMP_RET_ALLOW => Fate::Allowed,
        libc::SECCOMP_RET_KILL_PROCESS => Fate::Killed,
        _ => Fate::Refused((k & 0xffff) as i32),
    }
}

#[test]
fn every_call_of_the_table_is_refused_on_both_machines() {
    for machine in BOTH {
        for call in CALLS.iter().chain(MORE) {
            let Some(number) = call.number(machine) else { continue };
            let name = call.name;
            let refused = Fate::Refused(call.errno);
            assert_eq!(ask(machine, true, number, &[]), refused, "{name}");
            let strong = ask(machine, false, number, &[]);
            match call.only_weak {
                true => assert_eq!(strong, Fate::Allowed, "{name}"),
                false => assert_eq!(strong, refused, "{name}"),
            }
        }
    }
}

#[test]
fn no_number_is_named_twice() {
    for machine in BOTH {
        let mut seen = std::collections::HashMap::new();
        for call in CALLS.iter().chain(MORE) {
            if let Some(number) = call.number(machine) {
                let before = seen.insert(number, call.name);
                assert_eq!(before, None, "{} is {number}", call.name);
            }
        }
        let calls = numbers(machine);
        for number in [
            calls.clone,
            calls.ioctl,
            calls.prlimit64,
            calls.socket,
            calls.socketpair,
        ] {
            assert!(!seen.contains_key(&number), "{number}");
        }
    }
}

#[test]
fn ordinary_calls_pass() {
    // read, write, openat, execve, futex, exit_group
    let calls = [[0, 1, 257, 59, 202, 231], [63, 64, 56, 221, 98, 94]];
    for (machine, calls) in BOTH.into_iter().zip(calls) {
        for number in calls {
            assert_eq!(ask(machine, true, number, &[]), Fate::Allowed);
        }
    }
}

#[test]
fn another_machine_kills_and_unreviewed_numbers_are_missing() {
    const I386: u32 = 0x4000_0003;
    const ARM: u32 = 0x4000_0028;
    for machine in BOTH {
        let program = build(machine, false);
        for arch in [I386, ARM] {
            assert_eq!(run(&program, arch, 1, &[]), Fate::Killed);
        }
        let missing = Fate::Refused(ENOSYS);
        for number in [UNREVIEWED, 500, X32 | 39, u32::MAX] {
            assert_eq!(ask(machine, false, number, &[]), missing);
        }
        let last = ask(machine, false, UNREVIEWED - 1, &[]);
        assert_eq!(last, Fate::Allowed);
    }
}

#[test]
fn sockets_are_tcp_udp_unix_and_two_netlinks() {
    let nonblocking = 0o4000;
    for machine in BOTH {
        let socket = |family: i32, kind: i32, protocol: i32| {
            let arguments = [family as u64, kind as u64, protocol as u64];
            ask(machine, false, numbers(machine).socket, &arguments)
        };
        for family in [AF_INET, AF_INET6] {
            for kind in [1, 2, 1 | nonblocking] {
                assert_eq!(socket(family, kind, 0), Fate::Allowed);
            }
            assert_eq!(socket(family, 1, IPPROTO_TCP), Fate::Allowed);
            assert_eq!(socket(family, 2, IPPROTO_UDP), Fate::Allowed);
            for raw in [3, 3 | nonblocking, 10, 5, 4] {
                let refused = Fate::Refused(EPERM);
                assert_eq!(socket(family, raw, 0), refused, "{raw}");
            }
            for protocol in [1, 58, 115, 132, 136, 255, 262] {
                let refused = Fate::Refused(EPROTONOSUPPORT);
                assert_eq!(socket(family, 2, protocol), refused);
            }
        }
        assert_eq!(socket(AF_UNIX, 1, 0), Fate::Allowed);
        for protocol in 0..30 {
            let fate = socket(AF_NETLINK, 3, protocol);
            let allowed = NETLINK.contains(&protocol);
            assert_eq!(fate == Fate::Allowed, allowed, "{protocol}");
        }
        for family in (0..64).chain([-1]) {
            if ![AF_UNIX, AF_INET, AF_INET6, AF_NETLINK].contains(&family) {
                let refused = Fate::Refused(EAFNOSUPPORT);
                assert_eq!(socket(family, 1, 0), refused, "{family}");
            }
        }
        let pair = numbers(machine).socketpair;
        let unix = AF_UNIX as u64;
        assert_eq!(ask(machine, false, pair, &[unix]), Fate::Allowed);
        assert_ne!(ask(machine, false, pair, &[30]), Fate::Allowed);
    }
}

#[test]
fn clone_ioctl_and_prlimit_are_looked_into() {
    for machine in BOTH {
        let calls = numbers(machine);
        let threads = 0x003D_0F00;
        for (number, argument, allowed) in [
            (calls.clone, [threads, 0], true),
            (calls.clone, [17, 0], true),
            (calls.clone, [0x1000_0000, 0], false),
            (calls.clone, [0x4000_0011, 0], false),
            (calls.ioctl, [0, 0x5413], true),
            (calls.ioctl, [0, 0x5412], false),
            (calls.ioctl, [0, 0xFFFF_FFFF_0000_5412], false),
            (calls.prlimit64, [0, 7], true),
            (calls.prlimit64, [1, 7], false),
        ] {
            let fate = ask(machine, false, number, &argument);
            assert_eq!(fate == Fate::Allowed, allowed, "{argument:x?}");
        }
    }
}
