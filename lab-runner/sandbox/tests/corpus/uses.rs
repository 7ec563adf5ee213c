//! Honest use of the box, and mistakes in using it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use lab_box::{BoxSpec, Cgroup, End, Layer, Limits, Share, Source};
use nix::errno::Errno;
use nix::sys::wait::waitpid;

pub(crate) fn run(folder: &Path) -> Result<()> {
    what_goes_in_comes_out()?;
    ends_are_told_apart()?;
    limits_of_output()?;
    limits_of_any_size()?;
    shares(folder)?;
    mistakes(folder)?;
    stopping()?;
    many_at_once()?;
    cgroup_or_not()
}

fn shell(script: &str) -> BoxSpec {
    let mut spec = BoxSpec::new("/bin/sh");
    spec.args = vec!["-c".into(), script.into()];
    spec.limits.wall = Duration::from_secs(60);
    spec
}

fn share(source: Source, inside: &str, writable: bool) -> Share {
    Share { source, inside: inside.into(), writable }
}

fn what_goes_in_comes_out() -> Result<()> {
    let mut spec = shell(
        "cat; echo \"$0\" \"$NAME\" \"$HOME\"; pwd; echo to err >&2; id -u",
    );
    spec.stdin = b"\0\xffgiven\n".to_vec();
    spec.args.push(OsString::from_vec(b"\xfe".to_vec()));
    spec.env = vec![("NAME".into(), "value".into())];
    spec.folder = "/".into();
    let outcome = lab_box::run(spec)?;
    let wanted = b"\0\xffgiven\n\xfe value /tmp\n/\n1000\n";
    ensure!(outcome.stdout == wanted, "{outcome:?}");
    ensure!(outcome.stderr == b"to err\n", "{outcome:?}");
    ensure!(outcome.layers.len() == Layer::ALL.len(), "{outcome:?}");
    Ok(())
}

fn ends_are_told_apart() -> Result<()> {
    for (script, end) in [
        ("exit 0", End::Exited(0)),
        ("exit 255", End::Exited(255)),
        ("kill -15 $$", End::Signalled(15)),
        // We ignore this one, and the program must not inherit that.
        ("kill -13 $$", End::Signalled(13)),
    ] {
        let seen = lab_box::run(shell(script))?.end;
        ensure!(seen == end, "{script}: {seen:?}");
    }
    Ok(())
}

fn limits_of_any_size() -> Result<()> {
    let mut spec = shell("echo on");
    spec.limits = Limits {
        wall: Duration::MAX,
        cpu: Duration::MAX,
        memory: i64::MAX as u64,
        processes: 1 << 20,
        files: u64::MAX,
        output_bytes: usize::MAX,
        file_size: u64::MAX,
        tmpfs: 1 << 40,
    };
    spec.core = Some(u32::MAX);
    let outcome = lab_box::run(spec)?;
    ensure!(outcome.stdout == b"on\n", "{outcome:?}");
    Ok(())
}

fn limits_of_output() -> Result<()> {
    let mut spec = shell("echo 0123456789; echo 0123456789");
    spec.limits.output_bytes = 13;
    let outcome = lab_box::run(spec)?;
    ensure!(outcome.stdout == b"0123456789\n01", "{outcome:?}");
    ensure!(outcome.dropped == 9, "{outcome:?}");
    Ok(())
}

fn shares(folder: &Path) -> Result<()> {
    let open = File::open(folder.join("key"))?;
    let mut spec =
        shell("cat /a/answer.txt /deep/er/b; echo x > /a/y || echo x > /c/new");
    let one = Source::Path(folder.join("key/answer.txt"));
    let work = Source::Path(folder.join("work"));
    spec.files = vec![
        share(Source::Open(open.into()), "/a", false),
        share(one, "/deep/er/b", false),
        share(work, "/c", true),
    ];
    let outcome = lab_box::run(spec)?;
    ensure!(outcome.stdout == b"42\n42\n", "{outcome:?}");
    ensure!(fs::read(folder.join("work/new"))? == b"x\n", "not written");
    Ok(())
}

fn mistakes(folder: &Path) -> Result<()> {
    symlink(folder.join("key"), folder.join("work/link"))?;
    fs::write(folder.join("work/gone"), "")?;
    let gone = File::open(folder.join("work/gone"))?;
    fs::remove_file(folder.join("work/gone"))?;

    let key = || Source::Path(folder.join("key"));
    let path = |name: &str| Source::Path(folder.join(name));
    for (files, words) in [
        (vec![share(path("work/link"), "/x", false)], "symbolic link"),
        (vec![share(path("none"), "/x", false)], "No such file"),
        (vec![share(Source::Path("/dev/null".into()), "/x", false)], "no file"),
        (vec![share(key(), "/x/../y", false)], "has to be plain"),
        (vec![share(key(), "/", false)], "name one below"),
        (vec![share(key(), "/usr/x", false)], "make \"/usr/x\""),
        (
            vec![share(key(), "/x", true), share(key(), "/x/y", false)],
            "path of its own",
        ),
        (vec![share(Source::Open(gone.into()), "/x", false)], "(deleted)"),
    ] {
        let mut spec = shell("true");
        spec.files = files;
        refused(spec, words)?;
    }
    refused(BoxSpec::new("/no/such/program"), "ENOENT")?;
    let mut spec = shell("true");
    spec.folder = "/no/such/folder".into();
    refused(spec, "enter the folder")?;
    let mut spec = shell("true");
    spec.args.push(OsString::from_vec(vec![b'a', 0]));
    refused(spec, "zero byte")?;
    let mut spec = shell("true");
    spec.netns = Some(File::open("/dev/null")?.into());
    refused(spec, "join the network namespace")
}

fn refused(spec: BoxSpec, words: &str) -> Result<()> {
    let told = format!("{spec:?}");
    match lab_box::run(spec) {
        Err(error) if format!("{error:#}").contains(words) => Ok(()),
        other => bail!("wanted {words:?} for {told}, saw {other:?}"),
    }
}

fn stopping() -> Result<()> {
    let outcome = lab_box::start(shell("sleep 1000"))?.stop();
    // It may not even have started.
    ensure!(
        outcome.as_ref().map_or(true, |outcome| outcome.end == End::Stopped),
        "{outcome:?}"
    );
    drop(lab_box::start(shell("sleep 1000"))?);
    let children = waitpid(None, None);
    ensure!(children == Err(Errno::ECHILD), "{children:?}");
    Ok(())
}

fn many_at_once() -> Result<()> {
    std::thread::scope(|scope| {
        let boxes: Vec<_> = (0..16)
            .map(|number| {
                scope.spawn(move || {
                    lab_box::run(shell(&format!("exit {number}")))
                })
            })
            .collect();
        for (number, one) in boxes.into_iter().enumerate() {
            let Ok(outcome) = one.join() else { bail!("a thread's end") };
            let end = outcome?.end;
            ensure!(end == End::Exited(number as i32), "{end:?}");
        }
        Ok(())
    })
}

fn cgroup_or_not() -> Result<()> {
    let mut spec = shell("true");
    spec.cgroup = Cgroup::Required;
    match lab_box::cgroup_offer() {
        Ok(_) => ensure!(lab_box::run(spec)?.has(Layer::Cgroup), "no cgroup"),
        Err(_) => refused(spec, "a cgroup is required")?,
    }
    let mut spec = shell("true");
    spec.cgroup = Cgroup::None;
    let weak = lab_box::run(spec)?;
    ensure!(!weak.has(Layer::Cgroup), "{weak:?}");
    Ok(())
}
