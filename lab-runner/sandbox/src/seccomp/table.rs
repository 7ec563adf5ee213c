//! The system calls that a program in the box may not make, for both
//! machines. Written out, so that each machine's table can be tested on either;
//! the column of the machine we are compiled for is held against libc below.

use libc::{ENOSYS, EPERM};

use super::Machine;

/// A call, its number on each machine, and what the program is told.
pub(super) struct Call {
    #[allow(dead_code, reason = "for the tests' messages")]
    pub(super) name: &'static str,
    x86_64: Option<u32>,
    aarch64: Option<u32>,
    pub(super) errno: i32,
    pub(super) only_weak: bool,
}

impl Call {
    pub(super) fn number(&self, machine: Machine) -> Option<u32> {
        match machine {
            Machine::X86_64 => self.x86_64,
            Machine::Aarch64 => self.aarch64,
        }
    }
}

/// The first number that nobody here has reviewed: it and all above do not
/// exist in the box. Programs fall back, as they do on an older kernel.
pub(super) const UNREVIEWED: u32 = 463;

macro_rules! table {
    ($($errno:ident $weak:literal {
        $($name:ident $constant:ident $x86_64:literal $aarch64:literal;)*
    })*) => {
        pub(super) const CALLS: &[Call] = &[$($(Call {
            name: stringify!($name),
            x86_64: Some($x86_64),
            aarch64: Some($aarch64),
            errno: $errno,
            only_weak: $weak,
        },)*)*];
        $($(const _: () = assert!(
            libc::$constant
                == if cfg!(target_arch = "x86_64") { $x86_64 }
                else { $aarch64 },
            stringify!($name),
        );)*)*
    };
}

table! {
    EPERM false {
        // Other processes.
        ptrace SYS_ptrace 101 117;
        process_vm_readv SYS_process_vm_readv 310 270;
        process_vm_writev SYS_process_vm_writev 311 271;
        process_madvise SYS_process_madvise 440 440;
        process_mrelease SYS_process_mrelease 448 448;
        kcmp SYS_kcmp 312 272;
        pidfd_getfd SYS_pidfd_getfd 438 438;
        move_pages SYS_move_pages 279 239;
        migrate_pages SYS_migrate_pages 256 238;
        mbind SYS_mbind 237 235;
        set_mempolicy SYS_set_mempolicy 238 237;
        set_mempolicy_home_node SYS_set_mempolicy_home_node 450 450;
        // Namespaces and mounts.
        setns SYS_setns 308 268;
        unshare SYS_unshare 272 97;
        mount SYS_mount 165 40;
        umount2 SYS_umount2 166 39;
        pivot_root SYS_pivot_root 155 41;
        chroot SYS_chroot 161 51;
        open_tree SYS_open_tree 428 428;
        move_mount SYS_move_mount 429 429;
        fsopen SYS_fsopen 430 430;
        fsconfig SYS_fsconfig 431 431;
        fsmount SYS_fsmount 432 432;
        fspick SYS_fspick 433 433;
        mount_setattr SYS_mount_setattr 442 442;
        name_to_handle_at SYS_name_to_handle_at 303 264;
        open_by_handle_at SYS_open_by_handle_at 304 265;
        sethostname SYS_sethostname 170 161;
        setdomainname SYS_setdomainname 171 162;
        // What the kernel does not put into namespaces.
        add_key SYS_add_key 248 217;
        request_key SYS_request_key 249 218;
        keyctl SYS_keyctl 250 219;
        bpf SYS_bpf 321 280;
        perf_event_open SYS_perf_event_open 298 241;
        userfaultfd SYS_userfaultfd 323 282;
        fanotify_init SYS_fanotify_init 300 262;
        seccomp SYS_seccomp 317 277;
        lookup_dcookie SYS_lookup_dcookie 212 18;
        quotactl SYS_quotactl 179 60;
        quotactl_fd SYS_quotactl_fd 443 443;
        personality SYS_personality 135 92;
        syslog SYS_syslog 103 116;
        vhangup SYS_vhangup 153 58;
        // The machine.
        init_module SYS_init_module 175 105;
        finit_module SYS_finit_module 313 273;
        delete_module SYS_delete_module 176 106;
        kexec_load SYS_kexec_load 246 104;
        kexec_file_load SYS_kexec_file_load 320 294;
        reboot SYS_reboot 169 142;
        swapon SYS_swapon 167 224;
        swapoff SYS_swapoff 168 225;
        acct SYS_acct 163 89;
        nfsservctl SYS_nfsservctl 180 42;
        settimeofday SYS_settimeofday 164 170;
        clock_settime SYS_clock_settime 227 112;
        clock_adjtime SYS_clock_adjtime 305 266;
        adjtimex SYS_adjtimex 159 171;
    }
    // A filter can't see clone3's flags: libraries fall back to clone.
    ENOSYS false {
        clone3 SYS_clone3 435 435;
        io_uring_setup SYS_io_uring_setup 425 425;
        io_uring_enter SYS_io_uring_enter 426 426;
        io_uring_register SYS_io_uring_register 427 427;
    }
    // Memory that no rlimit counts: only a cgroup can.
    ENOSYS true {
        memfd_create SYS_memfd_create 319 279;
        memfd_secret SYS_memfd_secret 447 447;
        shmget SYS_shmget 29 194;
    }
}

const fn everywhere(name: &'static str, number: u32) -> Call {
    Call {
        name,
        x86_64: Some(number),
        aarch64: Some(number),
        errno: ENOSYS,
        only_weak: false,
    }
}

const fn on_x86(name: &'static str, number: u32) -> Call {
    Call {
        name,
        x86_64: Some(number),
        aarch64: None,
        errno: EPERM,
        only_weak: false,
    }
}

/// Calls that libc does not name, or not on every machine.
pub(super) const MORE: &[Call] = &[
    everywhere("statmount", 457),
    everywhere("listmount", 458),
    everywhere("lsm_get_self_attr", 459),
    everywhere("lsm_set_self_attr", 460),
    everywhere("lsm_list_modules", 461),
    on_x86("modify_ldt", 154),
    on_x86("_sysctl", 156),
    on_x86("iopl", 172),
    on_x86("ioperm", 173),
    on_x86("uselib", 134),
];

/// The calls that are looked at more closely.
pub(super) struct Numbers {
    pub(super) clone: u32,
    pub(super) ioctl: u32,
    pub(super) prlimit64: u32,
    pub(super) socket: u32,
    pub(super) socketpair: u32,
}

pub(super) const fn numbers(machine: Machine) -> Numbers {
    match machine {
        Machine::X86_64 => Numbers {
            clone: 56,
            ioctl: 16,
            prlimit64: 302,
            socket: 41,
            socketpair: 53,
        },
        Machine::Aarch64 => Numbers {
            clone: 220,
            ioctl: 29,
            prlimit64: 261,
            socket: 198,
            socketpair: 199,
        },
    }
}

const _: () = {
    let own = numbers(Machine::OWN);
    assert!(own.clone as i64 == libc::SYS_clone);
    assert!(own.ioctl as i64 == libc::SYS_ioctl);
    assert!(own.prlimit64 as i64 == libc::SYS_prlimit64);
    assert!(own.socket as i64 == libc::SYS_socket);
    assert!(own.socketpair as i64 == libc::SYS_socketpair);
};
