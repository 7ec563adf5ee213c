//! `lab-book build`, `lab-book serve`; or, without a word, mdBook's
//! preprocessor. Exit code: 0 as asked, 2 if the book has a problem.

use std::io::{stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use lab_book::{Labs, Workshop, answer, build, serve, with_cargo, workspace};

#[derive(Parser)]
#[command(name = "lab-book", about = "Builds and serves the book")]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the book and checks its links
    Build {
        /// Where the book goes [default: target/book]
        #[arg(long)]
        dest: Option<PathBuf>,
    },
    /// Serves the book on this machine and builds it again when it changes
    Serve {
        /// Port on 127.0.0.1; 0 takes a free one
        #[arg(long, default_value_t = 3000)]
        port: u16,
    },
    /// Answers mdBook: whether a renderer gets its directives replaced
    Supports {
        /// `html` is the only one
        renderer: String,
    },
}

const WORKSHOP: Workshop = Workshop { describe: &with_cargo };

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(why) => {
            eprintln!("{why:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether all was well.
fn run(args: Args) -> Result<bool> {
    let root = workspace();
    let default = root.join("target/book");
    match args.command {
        Some(Command::Build { dest }) => {
            let built = build(&root, &dest.unwrap_or(default), WORKSHOP)?;
            println!("{}", built.dest.join("index.html").display());
            eprintln!("{} bytes without captures", built.bytes);
            built.problems.iter().for_each(|p| eprintln!("{p}"));
            Ok(built.problems.is_empty())
        }
        Some(Command::Serve { port }) => {
            let runtime = tokio::runtime::Runtime::new()?;
            runtime.block_on(serve(root, default, port, WORKSHOP))?;
            // A build under way may go on for long; its folder is temporary.
            runtime.shutdown_background();
            Ok(true)
        }
        Some(Command::Supports { renderer }) => Ok(renderer == "html"),
        None => {
            let labs = Labs::new(WORKSHOP, &root);
            answer(&labs, stdin().lock(), stdout().lock())?;
            Ok(true)
        }
    }
}
