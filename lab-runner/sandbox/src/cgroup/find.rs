//! /proc/self -> where a box's cgroup may be made, best first.

use std::fs;
use std::path::{Path, PathBuf};

use crate::spec::Limits;

/// One core, in microseconds of each period.
const CORE: &str = "100000";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// Folders to make one cgroup in each of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) version: Version,
    pub(super) parents: Vec<PathBuf>,
    /// v1's tree of cores, where there is one.
    pub(super) cores: Option<PathBuf>,
}

impl Version {
    pub(super) fn name(self) -> &'static str {
        match self {
            Version::One => "v1",
            Version::Two => "v2",
        }
    }

    /// File, value, and whether a box without it is weak.
    pub(super) fn settings(
        self,
        limits: &Limits,
    ) -> Vec<(&'static str, String, bool)> {
        let memory = limits.memory.to_string();
        // pid 1 is one of them.
        let processes = limits.processes.saturating_add(1).to_string();
        match self {
            Version::One => vec![
                ("memory.limit_in_bytes", memory.clone(), true),
                ("memory.memsw.limit_in_bytes", memory, false),
                ("pids.max", processes, true),
                ("cpu.cfs_quota_us", CORE.into(), false),
            ],
            Version::Two => vec![
                ("memory.max", memory, true),
                ("memory.swap.max", "0".into(), false),
                ("memory.oom.group", "1".into(), false),
                ("pids.max", processes, true),
                ("cpu.max", format!("{CORE} {CORE}"), false),
            ],
        }
    }

    pub(super) fn events(self) -> &'static str {
        match self {
            Version::One => "memory.oom_control",
            Version::Two => "memory.events",
        }
    }

    pub(super) fn peak(self) -> &'static str {
        match self {
            Version::One => "memory.max_usage_in_bytes",
            Version::Two => "memory.peak",
        }
    }
}

/// `process` is /proc/self.
pub(super) fn places(process: &Path) -> Result<Vec<Place>, String> {
    let read = |name: &str| {
        let path = process.join(name);
        fs::read_to_string(&path).map_err(|error| format!("{path:?}: {error}"))
    };
    let mounts = mounts(&read("mountinfo")?);
    let own = read("cgroup")?;
    let mut places = Vec::new();
    if let Some(mount) = mounts.iter().find(|mount| mount.kind == "cgroup2") {
        let own = own.lines().find_map(|line| line.strip_prefix("0::/"));
        places.extend(second(&mount.point, own.unwrap_or_default()));
    }
    places.extend(first(&mounts));
    Ok(places)
}

/// From our own cgroup upwards: the first ones whose children are counted. Not
/// our own itself: v2 has processes in leaves only.
fn second(mount: &Path, own: &str) -> Vec<Place> {
    let deepest = mount.join(own);
    let ours = deepest.ancestors().take_while(|path| path.starts_with(mount));
    ours.filter(|path| {
        let given = fs::read_to_string(path.join("cgroup.subtree_control"));
        let given = given.unwrap_or_default();
        let has = |name| given.split_whitespace().any(|given| given == name);
        has("memory") && has("pids")
    })
    .map(|path| Place {
        version: Version::Two,
        parents: vec![path.into()],
        cores: None,
    })
    .collect()
}

/// Each controller has a tree of its own, which belongs to root.
fn first(mounts: &[Mount]) -> Option<Place> {
    let tree = |name: &str| {
        let of = |mount: &&Mount| {
            mount.kind == "cgroup"
                && mount.options.split(',').any(|option| option == name)
        };
        mounts.iter().find(of).map(|mount| mount.point.clone())
    };
    let mut parents = vec![tree("memory")?, tree("pids")?];
    parents.extend(tree("cpu"));
    parents.dedup();
    let cores = tree("cpuset").filter(|tree| !parents.contains(tree));
    Some(Place { version: Version::One, parents, cores })
}

struct Mount {
    point: PathBuf,
    kind: String,
    options: String,
}

/// proc_pid_mountinfo(5): point is the fifth word, kind and options follow a
/// dash.
fn mounts(text: &str) -> Vec<Mount> {
    let mount = |line: &str| {
        let (before, after) = line.split_once(" - ")?;
        let mut after = after.split(' ');
        Some(Mount {
            point: before.split(' ').nth(4)?.into(),
            kind: after.next()?.into(),
            options: after.nth(1)?.into(),
        })
    };
    text.lines().filter_map(mount).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(mountinfo: &str, cgroup: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let text = mountinfo.replace("ROOT", &folder.path().to_string_lossy());
        fs::write(folder.path().join("mountinfo"), text).expect("write");
        fs::write(folder.path().join("cgroup"), cgroup).expect("write");
        folder
    }

    fn controls(folder: &Path, path: &str, text: &str) {
        let folder = folder.join("cg").join(path);
        fs::create_dir_all(&folder).expect("make");
        fs::write(folder.join("cgroup.subtree_control"), text).expect("write");
    }

    const V2: &str =
        "30 23 0:26 / ROOT/cg rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";

    #[test]
    fn v2_is_the_nearest_that_counts_its_children() {
        let folder = machine(V2, "0::/user/app/run.scope\n");
        controls(folder.path(), "", "cpu memory pids\n");
        controls(folder.path(), "user", "memory pids\n");
        controls(folder.path(), "user/app", "memory pids\n");
        controls(folder.path(), "user/app/run.scope", "");
        let places = places(folder.path()).expect("places");
        let tops: Vec<_> = places
            .iter()
            .map(|place| place.parents[0].strip_prefix(folder.path()))
            .map(|path| path.expect("in it").display().to_string())
            .collect();
        assert_eq!(tops, ["cg/user/app", "cg/user", "cg"]);
        assert!(places.iter().all(|place| place.version == Version::Two));
    }

    #[test]
    fn v2_without_the_memory_controller_is_no_place() {
        let folder = machine(V2, "0::/\n");
        controls(folder.path(), "", "hugetlb\n");
        assert_eq!(places(folder.path()), Ok(vec![]));
    }

    #[test]
    fn v1_has_a_tree_for_each_controller() {
        let v1 = "31 23 0:27 / /c/cpu rw - cgroup cgroup rw,cpu,cpuacct\n\
                  32 23 0:28 / /c/mem rw - cgroup cgroup rw,memory\n\
                  33 23 0:29 / /c/pids rw - cgroup cgroup rw,pids\n";
        let folder = machine(v1, "4:memory:/x\n0::/\n");
        let parents = ["/c/mem", "/c/pids", "/c/cpu"].map(PathBuf::from).into();
        let place = Place { version: Version::One, parents, cores: None };
        assert_eq!(places(folder.path()), Ok(vec![place]));
    }

    #[test]
    fn nonsense_is_no_place() {
        let folder = machine("\n - \n1 2 - cgroup\n", "\n0\n");
        assert_eq!(places(folder.path()), Ok(vec![]));
    }
}
