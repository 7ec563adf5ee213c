//! Packages -> their programs, by one call of cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::ask::dying_with_us;

/// Packages -> their programs.
pub(super) fn build(root: &Path, packages: &[&str]) -> Result<Vec<PathBuf>> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--quiet", "--message-format=json"])
        .args(selection(root, packages))
        .arg("--manifest-path")
        .arg(root.join("Cargo.toml"))
        // The reader's folder may ask for another toolchain.
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let output = dying_with_us(&mut build).output().context(
        "start cargo: is Rust installed and on PATH? Labs that were built \
             elsewhere need none: LAB_PROGRAMS names their folder",
    )?;
    let messages = messages(&output.stdout);
    if !output.status.success() {
        let names = packages.join(", ");
        let errors = errors(&messages, &output.stderr);
        bail!("{names} does not compile:\n\n{errors}");
    }
    packages.iter().map(|package| program(package, &messages)).collect()
}

/// Their programs, with the features that lab-runner's own libraries were
/// compiled with: alone, labs would have fewer, and cargo would compile serde,
/// nix and lab-kit once more for them. lab-runner itself is not built.
fn selection<'a>(root: &Path, packages: &[&'a str]) -> Vec<&'a str> {
    let each = |before| packages.iter().flat_map(move |name| [before, *name]);
    let mut words: Vec<&str> = each("-p").collect();
    if root.join("lab-runner/Cargo.toml").is_file() {
        words.extend(["-p", "lab-runner"]);
        words.extend(each("--bin"));
    }
    words
}

/// What the compiler says is wrong; cargo's own words if it got no further.
fn errors(messages: &[serde_json::Value], stderr: &[u8]) -> String {
    let rendered = messages.iter().filter_map(|m| {
        let text = m["message"]["rendered"].as_str()?;
        (m["message"]["level"] == "error").then(|| text.to_string())
    });
    let errors: Vec<String> = rendered.collect();
    match errors.is_empty() {
        true => String::from_utf8_lossy(stderr).trim().to_string(),
        false => errors.join("\n"),
    }
}

/// The program that a package was built to.
fn program(package: &str, messages: &[serde_json::Value]) -> Result<PathBuf> {
    let mut all = messages.iter().rev();
    let program = all.find_map(|m| {
        let target = &m["target"];
        let ours = target["kind"][0] == "bin" && target["name"] == package;
        m["executable"].as_str().filter(|_| ours).map(PathBuf::from)
    });
    program.with_context(|| {
        format!("{package} builds no program: has it a src/main.rs?")
    })
}

fn messages(lines: &[u8]) -> Vec<serde_json::Value> {
    let lines = lines.split(|&b| b == b'\n');
    lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
}
