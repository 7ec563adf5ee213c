//! What is built on this machine, and whether it can be.

use std::process::{Command, Stdio};

use super::{Look, lack};
use crate::discover::Project;

/// Where the labs' programs come from.
pub(super) fn labs() -> Look {
    let project = Project::find();
    let built = project.as_ref().ok().map(Project::programs);
    let by_cargo = matches!(built, Some(None));
    let found = match (project, built.flatten()) {
        (Ok(_), Some(programs)) => {
            Ok(format!("{}, built elsewhere", programs.display()))
        }
        (Ok(project), None) => match version("cargo") {
            Some(_) => Ok(format!("cargo builds {}", project.root.display())),
            None => lack(
                format!("no cargo, for {}", project.root.display()),
                "no experiment can run: labs are built first",
                RUST,
            ),
        },
        (Err(error), _) => lack(
            format!("{error:#}"),
            "there is nothing to run from this folder",
            "run me in the project, or name it by LAB_ROOT",
        ),
    };
    Look { name: "labs", needed: by_cargo, found }
}

const RUST: &str = "https://rustup.rs, and a C linker (apt-get install gcc)";

/// What answers in Rust need, and nothing else of an installed project.
pub(super) fn rust() -> Look {
    let found = match (version("cargo"), version("cc")) {
        (Some(cargo), Some(_)) => Ok(cargo),
        (cargo, linker) => {
            let lacks = [(cargo, "cargo"), (linker, "cc")];
            let names = lacks.iter().filter(|(it, _)| it.is_none());
            let names: Vec<_> = names.map(|(_, name)| *name).collect();
            lack(
                format!("no {}", names.join(", no ")),
                "answers in Rust are not built, and labs can't be changed; \
                 labs that were built elsewhere, forms, answers in other \
                 languages and the book need none",
                RUST,
            )
        }
    };
    Look { name: "Rust", needed: false, found }
}

/// The first line of `NAME --version`; nothing, if it can't be started.
fn version(name: &str) -> Option<String> {
    let named = match name {
        "cargo" => std::env::var_os("CARGO"),
        _ => None,
    };
    let mut asked = Command::new(named.unwrap_or(name.into()));
    asked.arg("--version").stdin(Stdio::null()).stderr(Stdio::null());
    let said = asked.output().ok()?.stdout;
    let said = String::from_utf8_lossy(&said);
    Some(said.lines().next().unwrap_or(name).to_string())
}
