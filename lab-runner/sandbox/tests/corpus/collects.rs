//! A program leaves a file -> we have its bytes, or the reason why not, and
//! never those of another file.

use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use lab_box::{BoxSpec, Collect, Collected, End, Layer, Outcome, Share};

const MIB: u64 = 1 << 20;

pub(crate) fn run(folder: &Path) -> Result<()> {
    what_is_built_comes_out()?;
    only_regular_files(folder)?;
    limits()?;
    whatever_the_end()?;
    mistakes()
}

/// A scratch of 4 MiB at /out, and these files are wanted.
fn shell(script: &str, wanted: &[&str]) -> BoxSpec {
    let mut spec = BoxSpec::new("/bin/sh");
    spec.args = vec!["-c".into(), script.into()];
    spec.limits.wall = Duration::from_secs(60);
    spec.files = vec![Share::scratch("/out", 4 * MIB)];
    let limit = MIB;
    let all = wanted.iter().map(|path| Collect { inside: path.into(), limit });
    spec.collect = all.collect();
    spec
}

fn bytes(collected: &Collected) -> Result<Vec<u8>> {
    match collected {
        Collected::Nothing(why) => bail!("nothing: {why}"),
        Collected::File(file) => {
            let mut bytes = Vec::new();
            file.as_ref().read_to_end(&mut bytes)?;
            Ok(bytes)
        }
    }
}

fn why(outcome: &Outcome) -> Vec<&str> {
    let all = outcome.collected.iter().map(|one| match one {
        Collected::File(_) => "a file",
        Collected::Nothing(why) => why,
    });
    all.collect()
}

fn what_is_built_comes_out() -> Result<()> {
    let script = "mkdir -p /out/deep/er && echo built > /out/deep/er/x && \
                  chmod 755 /out/deep/er/x && echo tmp > /tmp/y && : > /out/z";
    let wanted = ["/out/deep/er/x", "/tmp/y", "/out/z"];
    let outcome = lab_box::run(shell(script, &wanted))?;
    ensure!(outcome.end == End::Exited(0), "{outcome:?}");
    let [x, y, z] = &outcome.collected[..] else { bail!("{outcome:?}") };
    ensure!(bytes(x)? == b"built\n" && bytes(y)? == b"tmp\n");
    ensure!(bytes(z)?.is_empty());
    let Collected::File(file) = x else { bail!("{x:?}") };
    ensure!(file.as_ref().write(b"!").is_err(), "it can be changed");
    // The next box has a scratch of its own.
    let next = lab_box::run(shell("ls /out", &["/out/z"]))?;
    ensure!(next.stdout.is_empty(), "{next:?}");
    ensure!(why(&next) == ["No such file or directory"], "{next:?}");
    Ok(())
}

fn only_regular_files(folder: &Path) -> Result<()> {
    let key = folder.join("key/answer.txt");
    let script = format!(
        "cd /out; echo own > own; ln -s {key:?} key; ln -s /etc/passwd passwd; \
         ln -s own link; ln -s / root; ln -s . here; mkfifo fifo; mkdir dir; \
         ln -s /proc/self/fd/0 stdin"
    );
    let wanted = [
        "/out/key",
        "/out/passwd",
        "/out/link",
        "/out/root/etc/passwd",
        "/out/here/own",
        "/out/stdin",
        "/out/fifo",
        "/out/dir",
        "/out/own",
    ];
    let outcome = lab_box::run(shell(&script, &wanted))?;
    let link = "a symbolic link is not followed";
    let no_file = "it is no regular file";
    let mut expected = vec![link; 6];
    expected.extend([no_file, no_file, "a file"]);
    ensure!(why(&outcome) == expected, "{:#?}", why(&outcome));
    Ok(())
}

fn limits() -> Result<()> {
    let script = "cd /out; head -c 1048576 /dev/zero > a; \
                  head -c 1048577 /dev/zero > b; truncate -s 2G c; \
                  head -c 9000000 /dev/zero > d; wc -c < d";
    let mut spec = shell(script, &["/out/a", "/out/b", "/out/c"]);
    spec.limits.file_size = 4 << 30;
    let outcome = lab_box::run(spec)?;
    let [a, ..] = &outcome.collected[..] else { bail!("{outcome:?}") };
    ensure!(bytes(a)?.len() as u64 == MIB);
    let told = &why(&outcome)[1..];
    let wanted = [
        "1048577 bytes, and 1048576 may be",
        "2147483648 bytes, and 1048576 may be",
    ];
    ensure!(told == wanted, "{told:?}");
    // What was left of 4 MiB.
    let most = String::from_utf8_lossy(&outcome.stdout).trim().parse();
    ensure!(most.is_ok_and(|most: u64| most <= 2 * MIB), "{outcome:?}");
    Ok(())
}

/// A daemon that swaps the file without a pause is dead before we look.
fn whatever_the_end() -> Result<()> {
    let script = "cd /out; echo x > a; ln -s /etc/passwd b; \
                  (setsid sh -c 'while :; do mv a c; mv b a; mv a b; mv c a; \
                  done' > /dev/null 2>&1 &); kill -9 $$";
    let outcome = lab_box::run(shell(script, &["/out/a"]))?;
    ensure!(outcome.end == End::Signalled(9), "{outcome:?}");
    match &outcome.collected[..] {
        [Collected::Nothing(_)] => {}
        [file] => ensure!(bytes(file)? == b"x\n"),
        _ => bail!("{outcome:?}"),
    }
    let mut spec = shell("echo x > /out/a; sleep 1000", &["/out/a"]);
    spec.limits.wall = Duration::from_secs(1);
    let outcome = lab_box::run(spec)?;
    ensure!(outcome.end == End::WallLimit, "{outcome:?}");
    ensure!(bytes(&outcome.collected[0])? == b"x\n");

    let mut spec = shell("true", &["/tmp/none"]);
    spec.files.clear();
    spec.without = vec![Layer::Root];
    let outcome = lab_box::run(spec)?;
    ensure!(why(&outcome) == ["the box has none of its own"], "{outcome:?}");
    Ok(())
}

fn mistakes() -> Result<()> {
    for (path, words) in [
        ("/etc/passwd", "only files in"),
        ("/outer/x", "only files in"),
        ("out/x", "only files in"),
        ("/out", "plain path"),
        ("/out/../etc/passwd", "plain path"),
        ("/out/a/../b", "plain path"),
    ] {
        match lab_box::run(shell("true", &[path])) {
            Err(error) if format!("{error:#}").contains(words) => {}
            other => bail!("{path}: {other:?}"),
        }
    }
    let mut spec = shell("true", &[]);
    spec.files.push(Share::scratch("/out/in", MIB));
    match lab_box::run(spec) {
        Err(error) if format!("{error:#}").contains("of its own") => {}
        other => bail!("a scratch in a scratch: {other:?}"),
    }
    Ok(())
}
