//! Layers switched off -> the attacks that then have an effect, held against
//! `ablation.txt`. As an ordinary user: what is let loose is let loose in a
//! user namespace.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use lab_box::{Cgroup, End, Layer};

use crate::arena::Arena;
use crate::boxed::spec;
use crate::case::{Clause, read_all};

const WANTED: &str = include_str!("ablation.txt");

/// More than one at once: what stands behind what.
const TOGETHER: [&[Layer]; 10] = [
    &[Layer::Hidden, Layer::Landlock],
    &[Layer::Pid, Layer::Landlock],
    &[Layer::User, Layer::Pid, Layer::Landlock, Layer::Seccomp],
    &[Layer::Pid, Layer::Seccomp],
    &[Layer::Network, Layer::Landlock],
    &[Layer::Seccomp, Layer::Capabilities],
    &[Layer::Seccomp, Layer::Capabilities, Layer::Ucounts],
    &[
        Layer::Seccomp,
        Layer::Capabilities,
        Layer::NoNewPrivileges,
        Layer::Landlock,
        Layer::Ucounts,
    ],
    &[Layer::Seccomp, Layer::Hidden],
    &[Layer::User, Layer::Seccomp, Layer::Capabilities],
];

pub(crate) fn run(folder: &Path) -> Result<()> {
    let names: Vec<String> = read_all(&folder.join("src"))?
        .into_iter()
        .filter(|case| !case.alone)
        .filter(|case| {
            case.weak.as_ref().unwrap_or(&case.expect).iter().any(|clause| {
                matches!(
                    clause,
                    Clause::Refused | Clause::AtMost(..) | Clause::Signal(_)
                )
            })
        })
        .map(|case| case.name)
        .collect();
    let mut text = row(folder, &[], &names)?;
    if text.lines().count() != 1 {
        bail!("these have an effect in the whole box:\n{text}");
    }
    for layer in Layer::ALL {
        // This user has none.
        if layer != Layer::Cgroup {
            text += &row(folder, &[layer], &names)?;
        }
    }
    for layers in TOGETHER {
        text += &row(folder, layers, &names)?;
    }
    let text = format!("{}\n{text}", series()?);
    if text == WANTED {
        return Ok(());
    }
    println!("{text}");
    if text.lines().next() != WANTED.lines().next() {
        println!("not compared: accepted on another kernel or machine");
        return Ok(());
    }
    bail!(
        "the matrix of layers and attacks differs from \
         tests/corpus/ablation.txt: a layer holds more or less than before. If \
         that is right, make the file say what is above"
    )
}

/// What else decides: a newer kernel has more to attack, and more layers.
fn series() -> Result<String> {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let series: Vec<_> = release.split('.').take(2).collect();
    let machine = std::env::consts::ARCH;
    Ok(format!("Linux {} on {machine}", series.join(".")))
}

fn row(folder: &Path, without: &[Layer], names: &[String]) -> Result<String> {
    let arena = Arena::new(folder)?;
    let seen = folder.to_string_lossy();
    let mut args = vec!["each", &seen];
    args.extend(names.iter().map(String::as_str));
    let mut spec = spec(&arena, &args)?;
    spec.without = without.to_vec();
    if without.contains(&Layer::Root) {
        spec.program = folder.join("hostile");
    }
    spec.cgroup = Cgroup::None;
    let outcome = lab_box::run(spec)
        .with_context(|| format!("run without {without:?}"))?;
    arena.clear();
    let said = String::from_utf8_lossy(&outcome.stdout).into_owned();
    let hits: Vec<_> =
        said.lines().filter_map(|line| line.strip_suffix(" HIT")).collect();
    let tried = said.lines().filter(|line| !line.ends_with('?')).count();
    if outcome.end != End::Exited(0) || tried != names.len() {
        bail!(
            "without {without:?}: {:?}\n{said}{}",
            outcome.end,
            String::from_utf8_lossy(&outcome.stderr)
        );
    }
    let mut text = format!("without {}\n", name(without));
    for hit in hits {
        writeln!(text, "    {hit}")?;
    }
    Ok(text)
}

fn name(layers: &[Layer]) -> String {
    match layers {
        [] => "nothing".into(),
        layers => layers
            .iter()
            .map(|layer| format!("{layer:?}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
