//! `lab-runner doctor`: what this machine has, what each missing thing costs,
//! and how to get it.

mod building;
mod windows;

use std::fs;
use std::process::{Command, Stdio};

use anyhow::Result;
use nix::sched::{CloneFlags, unshare};
use serde_json::json;

use crate::report::{BAD, GOOD, VERSION, WARN, painted, say};

/// One thing that was looked at.
struct Look {
    name: &'static str,
    /// Labs can't run without it.
    needed: bool,
    found: std::result::Result<String, Lack>,
}

struct Lack {
    answer: String,
    costs: &'static str,
    remedy: String,
}

/// Looks at everything; exit code 2 if labs can't run.
pub(crate) fn doctor(as_json: bool, quiet: bool) -> Result<u8> {
    let looks = [
        kernel(),
        proc(),
        namespaces(),
        libpcap(),
        building::labs(),
        building::rust(),
        control(),
        clock(),
        cores(),
        cgroups(),
        tun(),
        netem(),
        windows::windows(),
    ];
    let unfit = looks.iter().any(|l| l.needed && l.found.is_err());
    match as_json {
        true => say(&format!("{}\n", as_object(&looks, unfit))),
        false => say(&as_text(&looks, unfit, quiet)),
    }
    Ok(if unfit { 2 } else { 0 })
}

fn as_object(looks: &[Look], unfit: bool) -> serde_json::Value {
    let looks: Vec<_> = looks
        .iter()
        .map(|look| match &look.found {
            Ok(found) => json!({
                "name": look.name, "needed": look.needed, "ok": true,
                "found": found,
            }),
            Err(lack) => json!({
                "name": look.name, "needed": look.needed, "ok": false,
                "found": lack.answer, "costs": lack.costs,
                "remedy": lack.remedy,
            }),
        })
        .collect();
    json!({"version": VERSION, "fit": !unfit, "looks": looks})
}

fn as_text(looks: &[Look], unfit: bool, quiet: bool) -> String {
    let mut text = String::new();
    for look in looks {
        match &look.found {
            Ok(_) if quiet => {}
            Ok(found) => {
                let ok = painted(GOOD, "ok   ");
                text += &format!("{ok}  {:18} {found}\n", look.name);
            }
            Err(_) if quiet && !look.needed => {}
            Err(lack) => {
                let (style, word) = match look.needed {
                    true => (BAD, "LACKS"),
                    false => (WARN, "lacks"),
                };
                text += &format!(
                    "{}  {:18} {}\n       {:18} costs: {}\n       {:18} \
                     remedy: {}\n",
                    painted(style, word),
                    look.name,
                    lack.answer,
                    "",
                    lack.costs,
                    "",
                    lack.remedy.replace('\n', &format!("\n{:34}", "")),
                );
            }
        }
    }
    let last = match unfit {
        true => "labs can't run here until what is LACKED is there",
        false => "labs can run here",
    };
    match quiet && !unfit {
        true => String::new(),
        false => format!("{text}\n{last}\n"),
    }
}

fn lack(
    answer: impl ToString,
    costs: &'static str,
    remedy: impl ToString,
) -> std::result::Result<String, Lack> {
    Err(Lack { answer: answer.to_string(), costs, remedy: remedy.to_string() })
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_string())
}

/// The series that the accepted traces come from.
const ACCEPTED: (u32, u32) = (6, 18);

/// Others on which every experiment was run (`./run kernels`).
const TRIED: [(u32, u32); 2] = [(6, 1), (6, 12)];

fn kernel() -> Look {
    let release = crate::kernel::release();
    let version = crate::kernel::version(&release);
    let found = match version {
        ACCEPTED => Ok(format!("Linux {release}")),
        _ if TRIED.contains(&version) => Ok(format!(
            "Linux {release}: a few labs are skipped here, a few traces differ"
        )),
        _ => lack(
            format!("Linux {release}"),
            "the labs have been run on Linux 6.1, 6.12 and 6.18 only: a claim \
             may fail here, and a trace may differ",
            "none needed; tell us what you saw",
        ),
    };
    Look { name: "kernel", needed: false, found }
}

fn proc() -> Look {
    let found = match fs::metadata("/proc/self/ns/net") {
        Ok(_) => Ok("mounted".into()),
        Err(error) => lack(
            format!("/proc/self/ns/net: {error}"),
            "nothing can run: namespaces are entered through /proc",
            "mount -t proc proc /proc",
        ),
    };
    Look { name: "/proc", needed: true, found }
}

/// What keeps labs from running here, if anything does.
pub(crate) fn unfit() -> Option<String> {
    let looks = [proc(), namespaces()];
    let lacks = looks.iter().filter_map(|look| look.found.as_ref().err());
    let words = lacks.map(|it| format!("{}\n{}", it.answer, it.remedy));
    words.reduce(|all, one| format!("{all}\n{one}"))
}

/// Tries it in a child, as a stage would: Ubuntu's AppArmor lets `unshare`
/// pass and refuses what comes after.
fn namespaces() -> Look {
    let root = nix::unistd::geteuid().is_root();
    let own = std::env::current_exe();
    let tried = own.and_then(|own| {
        let mut command = Command::new(own);
        command.arg(PROBE).stdin(Stdio::null()).output()
    });
    let remedy = namespace_remedy();
    let costs = "no experiment can run";
    let found = match tried {
        Ok(output) if output.status.success() => Ok(match root {
            true => "made as root".into(),
            false => "made without root, in a user namespace".into(),
        }),
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr);
            lack(words.trim(), costs, remedy)
        }
        Err(error) => lack(error, costs, remedy),
    };
    Look { name: "namespaces", needed: true, found }
}

fn namespace_remedy() -> String {
    let on = |path: &str, bad: &str| read(path).is_some_and(|v| v == bad);
    if on("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1") {
        return "AppArmor restricts user namespaces here (Ubuntu 23.10 and \
                later). Either\n  sudo ./run ...\nor, until the next boot,\n  \
                sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0\nor \
                install the Debian package, whose profile allows it to \
                /opt/socket-lab/bin/lab-runner (classroom/release/apparmor)"
            .into();
    }
    if on("/proc/sys/kernel/unprivileged_userns_clone", "0") {
        return "sudo sysctl kernel.unprivileged_userns_clone=1, or sudo"
            .into();
    }
    if on("/proc/sys/user/max_user_namespaces", "0") {
        return "sudo sysctl user.max_user_namespaces=10000, or sudo".into();
    }
    "run it with sudo; in a container, give it --privileged, or a seccomp \
     profile that allows unshare, mount and setns"
        .into()
}

/// The argument under which doctor re-executes itself to try namespaces.
pub(crate) const PROBE: &str = "__probe";

/// Makes all the namespaces of a stage, and a network in one.
pub(crate) fn probe() -> Result<u8> {
    let (lifeline, _held) = nix::unistd::pipe()?;
    crate::stage::enter(lifeline, || {
        unshare(CloneFlags::CLONE_NEWNET)?;
        fs::write("/proc/sys/net/ipv4/tcp_congestion_control", "reno")?;
        crate::stage::try_stage()?;
        Ok(0)
    })
}

fn libpcap() -> Look {
    // It is linked in: had it not been there, this program would not run.
    // SAFETY: returns a static string.
    let version = unsafe { std::ffi::CStr::from_ptr(pcap_lib_version()) };
    let found = Ok(version.to_string_lossy().into_owned());
    Look { name: "libpcap", needed: true, found }
}

// SAFETY: declared in pcap/pcap.h; the pcap crate links it and doesn't pass it
// on.
unsafe extern "C" {
    fn pcap_lib_version() -> *const libc::c_char;
}

fn control() -> Look {
    let path = "/proc/sys/net/ipv4/tcp_allowed_congestion_control";
    let allowed = read(path).unwrap_or_default();
    let default =
        read("/proc/sys/net/ipv4/tcp_congestion_control").unwrap_or_default();
    let found = match allowed.split_whitespace().any(|name| name == "reno") {
        true => Ok(format!("reno is pinned in labs; this host uses {default}")),
        false => lack(
            format!("allowed: {allowed:?}"),
            "traces can't be pinned to reno",
            "sudo sysctl net.ipv4.tcp_allowed_congestion_control=\"reno cubic\"",
        ),
    };
    Look { name: "congestion control", needed: true, found }
}

fn clock() -> Look {
    let path =
        "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let source = read(path).unwrap_or("unknown".into());
    let good =
        ["tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"];
    let found = match good.contains(&source.as_str()) {
        true => Ok(source),
        false => lack(
            format!("clock source {source}"),
            "reading the clock is slow, so short gaps look longer",
            "boot with clocksource=tsc if the CPU allows it",
        ),
    };
    Look { name: "clock", needed: false, found }
}

fn cores() -> Look {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let found = match cores {
        2.. => Ok(format!("{cores}")),
        _ => lack(
            "1",
            "hosts take turns: slower, and the herd chapter needs two",
            "give the virtual machine a second core",
        ),
    };
    Look { name: "cores", needed: false, found }
}

fn cgroups() -> Look {
    let found = lab_box::cgroup_offer().or_else(|why| {
        lack(
            why,
            "grading limits the memory of each process, not of an answer as a \
             whole (weak mode; `grade --require-cgroup` refuses it)",
            "grade as root, or start it with `systemd-run --user --scope -p \
             Delegate=yes`",
        )
    });
    Look { name: "cgroups", needed: false, found }
}

fn tun() -> Look {
    let tried = fs::File::options().read(true).write(true).open("/dev/net/tun");
    let found = match tried {
        Ok(_) => Ok("/dev/net/tun can be opened".into()),
        Err(error) => lack(
            format!("/dev/net/tun: {error}"),
            "nothing today: our wire forwards between packet sockets",
            "sudo modprobe tun; sudo chmod 0666 /dev/net/tun",
        ),
    };
    Look { name: "tun", needed: false, found }
}

fn netem() -> Look {
    let release = read("/proc/sys/kernel/osrelease").unwrap_or_default();
    let loaded = fs::exists("/sys/module/sch_netem").unwrap_or(false);
    let module = ["", ".xz", ".zst", ".gz"].iter().any(|ending| {
        let base = format!("/lib/modules/{release}/kernel/net/sched");
        fs::exists(format!("{base}/sch_netem.ko{ending}")).unwrap_or(false)
    });
    let found = match loaded || module {
        true => Ok("there, and not needed".into()),
        false => lack(
            "not built for this kernel, or built in without a trace",
            "nothing: labs impair packets with their own wire",
            "none needed",
        ),
    };
    Look { name: "netem", needed: false, found }
}
